//! Bodies that nobody asked for: RFC 9110 §9.3.1 gives one of a GET no meaning, and lets us
//! answer as if it were not there. It must never be read as the next request.

use super::*;

use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;

const NEXT: &str = "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
const HIDDEN: &str = "GET /scim/v2/Nothing HTTP/1.1\r\nHost: localhost\r\n\r\n";

impl House {
    /// The statuses that come for `text`, until the socket ends.
    async fn heard(&self, pieces: &[&[u8]]) -> Vec<String> {
        let mut stream = self.connect("http/1.1").await;
        for piece in pieces {
            // A socket that is closed early takes no more.
            let _ = stream.write_all(piece).await;
            let _ = stream.flush().await;
        }
        let mut heard = Vec::new();
        let _ = stream.read_to_end(&mut heard).await;
        let heard = String::from_utf8(heard).unwrap();
        let answers = heard.split("HTTP/1.1 ").skip(1);
        answers.filter_map(|answer| answer.get(..3)).map(str::to_owned).collect()
    }
}

#[tokio::test]
async fn htp01_a_body_that_nobody_takes_is_never_the_next_request() {
    let house = house().await;
    let bearer = house.bearer();
    let begin = |method: &str, path: &str| {
        format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {bearer}\r\n")
    };
    for (method, path, status) in [
        ("GET", "/scim/v2/Users", "200"),
        ("HEAD", "/scim/v2/Users", "200"),
        ("GET", "/scim/v2/ServiceProviderConfig", "200"),
        ("GET", "/healthz", "200"),
        ("DELETE", "/scim/v2/Users/none", "404"),
        ("POST", "/scim/v2/Me", "501"),
    ] {
        let begin = begin(method, path);
        let size = HIDDEN.len();
        let counted = format!("{begin}Content-Length: {size}\r\n\r\n{HIDDEN}");
        let chunked =
            format!("{begin}Transfer-Encoding: chunked\r\n\r\n{size:x}\r\n{HIDDEN}\r\n0\r\n\r\n");
        for whole in [counted, chunked] {
            // At once, and with the body behind the answer.
            let (head, body) = whole.split_at(whole.find("\r\n\r\n").unwrap() + 4);
            let one = [whole.as_bytes(), NEXT.as_bytes()];
            let two = [head.as_bytes(), body.as_bytes(), NEXT.as_bytes()];
            let mut heard = house.heard(&one).await;
            assert_eq!(heard.remove(0), status, "{method} {path}");
            // Either it was taken off the socket, or the socket was closed.
            assert!(heard.is_empty() || heard == ["200"], "{method} {path}: {heard:?}");
            let mut heard = house.heard(&two).await;
            assert_eq!(heard.remove(0), status, "{method} {path}");
            assert!(heard.is_empty() || heard == ["200"], "{method} {path}: {heard:?}");
        }
    }
}

#[tokio::test]
async fn htp01_a_body_of_a_get_changes_nothing_of_the_answer() {
    let house = house().await;
    let bearer = house.bearer();
    let mut answers = Vec::new();
    for body in ["", "{\"count\":0}", "no JSON at all"] {
        let text = format!(
            "GET /scim/v2/Users HTTP/1.1\r\nHost: localhost\r\nAuthorization: {bearer}\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        let mut stream = house.connect("http/1.1").await;
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut heard = Vec::new();
        let _ = stream.read_to_end(&mut heard).await;
        let heard = String::from_utf8(heard).unwrap();
        assert!(heard.starts_with("HTTP/1.1 200"), "{heard}");
        answers.push(heard.split_once("\r\n\r\n").unwrap().1.to_owned());
    }
    assert!(!answers[0].is_empty() && answers.iter().all(|answer| *answer == answers[0]));
}

#[tokio::test]
async fn htp01_a_huge_body_of_a_get_is_not_read_to_its_end() {
    let house = house().await;
    let bearer = house.bearer();
    let head = format!(
        "GET /scim/v2/Users HTTP/1.1\r\nHost: localhost\r\nAuthorization: {bearer}\r\n\
         Content-Length: 1000000000000\r\n\r\n"
    );
    // The socket ends though the body does not: otherwise nothing would be heard here.
    let heard = house.heard(&[head.as_bytes(), &[b'a'; 1_000]]).await;
    assert_eq!(heard, ["200"]);
}
