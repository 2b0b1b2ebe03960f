//! Clients that hang up before they are answered.

use super::*;

use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;

use crate::base::id::Id;
use crate::service::Action;
use crate::service::Door;
use crate::service::operate;

const PERSON: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// What an event tells: what was tried, whether it was done, of which resource.
#[derive(Debug)]
struct Told {
    action: Action,
    done: bool,
    subject: Option<Id>,
}

/// How a client leaves.
#[derive(Clone, Copy, Debug)]
enum Exit {
    /// It says goodbye and closes.
    Farewell,
    /// It is gone.
    Silence,
}

impl House {
    /// Founds an organization; the house's token is that of its connection from now on.
    async fn founded(mut self) -> Self {
        let made = operate::found(&self.ports, 1, "Northvale").await.unwrap();
        self.token = Token::parse(made["token"].as_str().unwrap()).unwrap();
        self
    }

    /// Sends a request in one piece, and leaves. The events of requests, once there are as many.
    ///
    /// The socket is let go after that: closed with something unread in it, it would take back
    /// what was sent.
    async fn drop_in(
        &self,
        (exit, count): (Exit, usize),
        (method, path): (&str, &str),
        body: &str,
    ) -> Vec<Told> {
        let mut stream = self.connect("http/1.1").await;
        let (bearer, length) = (self.bearer(), body.len());
        let text = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {bearer}\r\n\
             Content-Type: application/scim+json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(text.as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        match exit {
            Exit::Farewell => stream.shutdown().await.unwrap(),
            Exit::Silence => stream.get_mut().0.shutdown().await.unwrap(),
        }
        self.told(count).await
    }

    /// The events of requests, once there are as many.
    async fn told(&self, count: usize) -> Vec<Told> {
        let mut found = Vec::new();
        let wait = async {
            while found.len() < count {
                found = self.ports.store.events(1, 1, 10_000).await.unwrap();
                found.retain(|event| event.cause.door == Door::Scim);
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(20), wait).await;
        assert!(waited.is_ok(), "{} events of {count}", found.len());
        let told = found.into_iter().map(|event| Told {
            action: event.action,
            done: format!("{:?}", event.outcome) == "Done",
            subject: event.subject.map(|(_, id)| id),
        });
        told.collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f18_a_change_that_came_whole_is_made_whoever_hangs_up() {
    let house = house().await.founded().await;
    for (turn, exit) in [Exit::Farewell, Exit::Silence].repeat(8).into_iter().enumerate() {
        let name = format!("ines.quarrie.{turn}@northvale.example");
        let title = |title: &str| {
            let pad = " ".repeat(40_000 * (turn % 3));
            format!(r#"{{"schemas":["{PERSON}"],"userName":"{name}","title":"{title}"{pad}}}"#)
        };
        let done = 4 * turn;
        let post = ("POST", "/scim/v2/Users");
        let events = house.drop_in((exit, done + 1), post, &title("Nurse")).await;
        let id = events[done].subject.unwrap();
        let path = format!("/scim/v2/Users/{id}");
        house.drop_in((exit, done + 2), ("PUT", &path), &title("Midwife")).await;
        let patch =
            format!(r#"{{"schemas":["{PATCH}"],"Operations":[{{"op":"remove","path":"title"}}]}}"#);
        house.drop_in((exit, done + 3), ("PATCH", &path), &patch).await;
        let events = house.drop_in((exit, done + 4), ("DELETE", &path), "").await;
        let actions: Vec<Action> = events[done..].iter().map(|event| event.action).collect();
        let due = [Action::Create, Action::Replace, Action::Modify, Action::Delete];
        assert_eq!(actions, due, "{exit:?}");
        assert!(events[done..].iter().all(|event| event.done));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f18_half_a_change_is_never_made() {
    let house = house().await.founded().await;
    let body = format!(r#"{{"schemas":["{PERSON}"],"userName":"ines@northvale.example"}}"#);
    let bearer = house.bearer();
    let begin = format!(
        "POST /scim/v2/Users HTTP/1.1\r\nHost: localhost\r\nAuthorization: {bearer}\r\n\
         Content-Type: application/scim+json\r\n"
    );
    // What came is an object, but the client said that more would come.
    let size = body.len();
    for half in [
        format!("{begin}Content-Length: {}\r\n\r\n{body}", size + 1),
        format!("{begin}Transfer-Encoding: chunked\r\n\r\n{size:x}\r\n{body}\r\n"),
        format!("{begin}Content-Length: {size}\r\n\r\n{}", &body[1..]),
    ] {
        let mut stream = house.connect("http/1.1").await;
        stream.write_all(half.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut heard = Vec::new();
        let _ = stream.read_to_end(&mut heard).await;
        assert!(!heard.starts_with(b"HTTP/1.1 2"), "{half}");
    }
    let post = ("POST", "/scim/v2/Users");
    let mut events = house.drop_in((Exit::Farewell, 4), post, &body).await;
    events.retain(|event| event.done);
    assert_eq!(events.len(), 1);
}
