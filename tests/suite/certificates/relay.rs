//! A real conversation with a mail relay on loopback: STARTTLS, one letter, one receiver; and
//! what a relay that cannot be trusted gets.

use super::*;

use tokio::io::AsyncBufReadExt;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::AsyncWriteExt;
use tokio::io::BufStream;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use wardgate::post::smtp::Relay;
use wardgate::post::smtp::Security;
use wardgate::post::smtp::Smtp;

/// What a relay is like.
#[derive(Clone, Copy)]
struct Manner {
    starttls: bool,
    /// What it says to the receiver's address.
    receiver: &'static str,
}

const GOOD: Manner = Manner { starttls: true, receiver: "250 ok" };

/// What it heard: commands of all sessions, and whole letters.
type Heard = Arc<Mutex<(Vec<String>, Vec<String>)>>;

/// A relay named `localhost`: its port, the PEM of its authority, what it hears.
async fn relay(manner: Manner, name: &str) -> (u16, String, Heard) {
    let key = KeyPair::generate().unwrap();
    let made = CertificateParams::new(vec![name.into()]).unwrap().self_signed(&key).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Heard::default();
    let ears = heard.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut plain = BufStream::new(stream);
            let _gone = plain.write_all(b"220 relay\r\n").await;
            if !converse(&mut plain, manner, manner.starttls, &ears).await {
                continue;
            }
            let Ok(secure) = acceptor.accept(plain.into_inner()).await else { continue };
            converse(&mut BufStream::new(secure), manner, false, &ears).await;
        }
    });
    (port, made.pem(), heard)
}

/// Speaks SMTP; true when the other side wants TLS now.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufStream<S>,
    manner: Manner,
    offers: bool,
    heard: &Heard,
) -> bool {
    let mut line = String::new();
    loop {
        let _gone = stream.flush().await;
        line.clear();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return false;
        }
        let command = line.trim_end().to_owned();
        heard.lock().unwrap().0.push(command.clone());
        let word = command.split([' ', ':']).next().unwrap_or_default().to_uppercase();
        let answer = match word.as_str() {
            "EHLO" if offers => "250-relay\r\n250 STARTTLS",
            "EHLO" => "250 relay",
            "STARTTLS" => {
                let _gone = stream.write_all(b"220 go\r\n").await;
                let _gone = stream.flush().await;
                return true;
            }
            "RCPT" => manner.receiver,
            "DATA" => {
                let _gone = stream.write_all(b"354 go\r\n").await;
                let _gone = stream.flush().await;
                let Some(letter) = dictated(stream).await else { return false };
                heard.lock().unwrap().1.push(letter);
                "250 taken"
            }
            "QUIT" => "221 bye",
            _ => "250 ok",
        };
        let _gone = stream.write_all(format!("{answer}\r\n").as_bytes()).await;
    }
}

/// A letter up to its dot; `None` when the line goes dead before.
async fn dictated<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufStream<S>) -> Option<String> {
    let (mut letter, mut line) = (String::new(), String::new());
    while line != ".\r\n" {
        letter.push_str(&line);
        line.clear();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return None;
        }
    }
    Some(letter)
}

fn post(port: u16, authority: &str) -> Smtp {
    let relay = Relay {
        host: "localhost".into(),
        port,
        security: Security::StartTls,
        authorities: Some(authority.as_bytes().to_vec()),
        credentials: None,
        greeting: "network.example".into(),
        from: "gate@network.example".into(),
    };
    Smtp::new(relay).unwrap()
}

async fn stage(post: Smtp) -> Stage {
    let mut reminding = Reminding::new(Policy::default(), Arc::new(post));
    reminding.domain = "network.example".into();
    Stage::with(reminding, Arc::new(Mailbox::default())).await
}

#[tokio::test]
async fn eml01_one_letter_to_one_receiver_whatever_its_words_are() {
    let (port, authority, heard) = relay(GOOD, "localhost").await;
    let stage = stage(post(port, &authority)).await;
    let details = Details {
        owner: Some("owner@northvale.example".into()),
        process: Some("Renew it\n.\nMAIL FROM:<x@y.example>\nRCPT TO:<z@y.example>".into()),
        ..Details::default()
    };
    let pem = stage.certificate("feed.northvale.example", 398, 80);
    stage.try_add(&pem, details).await.unwrap();
    assert_eq!(stage.pass().await, 1);
    let (commands, letters) = heard.lock().unwrap().clone();
    let said = |word: &str| commands.iter().filter(|line| line.starts_with(word)).count();
    assert_eq!((said("STARTTLS"), said("MAIL FROM"), said("RCPT TO")), (1, 1, 1), "{commands:?}");
    assert_eq!(letters.len(), 1);
    let tls = commands.iter().position(|line| line == "STARTTLS").unwrap();
    assert!(commands[..tls].iter().all(|line| line.starts_with("EHLO")), "{commands:?}");
    for wanted in [
        "To: owner@northvale.example",
        "From: gate@network.example",
        "@network.example>",
        "text/plain",
        "text/html",
        "text/calendar",
        "reminder.ics",
    ] {
        assert!(letters[0].contains(wanted), "{wanted}\n{}", letters[0]);
    }
    assert_eq!(stage.pass().await, 0);
}

#[tokio::test]
async fn eml02_a_relay_without_tls_or_with_a_wrong_certificate_gets_nothing() {
    let plain = Manner { starttls: false, ..GOOD };
    let (port, authority, heard) = relay(plain, "localhost").await;
    let (wrong_port, wrong_authority, wrong) = relay(GOOD, "elsewhere.example").await;
    let (other_port, _, other) = relay(GOOD, "localhost").await;
    for (port, authority, heard) in [
        (port, &authority, heard),
        (wrong_port, &wrong_authority, wrong),
        (other_port, &authority, other),
    ] {
        let stage = stage(post(port, authority)).await;
        let id = stage.add("feed.northvale.example", 80).await;
        assert_eq!(stage.pass().await, 0);
        assert_eq!(stage.show(&id).await["letters"][0]["progress"], "failed");
        let (commands, letters) = heard.lock().unwrap().clone();
        assert!(letters.is_empty());
        assert!(!commands.iter().any(|line| line.starts_with("MAIL")), "{commands:?}");
    }
}

#[tokio::test]
async fn f16_a_relay_that_is_down_or_refuses_is_told_and_tried_again() {
    for receiver in ["450 greylisted", "550 nobody here"] {
        let (port, authority, heard) = relay(Manner { receiver, ..GOOD }, "localhost").await;
        let stage = stage(post(port, &authority)).await;
        let id = stage.add("feed.northvale.example", 80).await;
        assert_eq!(stage.pass().await, 0);
        let shown = stage.show(&id).await;
        let failure = shown["letters"][0]["failure"].as_str().unwrap();
        assert!(failure.starts_with("the mail relay: "), "{failure}");
        stage.clocks.pass(60_000_000);
        assert_eq!(stage.pass().await, 0);
        assert_eq!(stage.show(&id).await["letters"][0]["attempts"], 2);
        assert!(heard.lock().unwrap().1.is_empty());
    }
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = closed.local_addr().unwrap().port();
    drop(closed);
    let (_, authority, _) = relay(GOOD, "localhost").await;
    let stage = stage(post(port, &authority)).await;
    let id = stage.add("feed.northvale.example", 80).await;
    assert_eq!(stage.pass().await, 0);
    assert_eq!(stage.show(&id).await["letters"][0]["progress"], "failed");
    assert!(certificates::test_mail(&stage.ports, "a@b.example").await.is_err());
}

#[tokio::test]
async fn f16_letters_of_a_test_system_lie_in_a_directory() {
    let place = tempfile::tempdir().unwrap();
    let inner = place.path().join("letters");
    let post = wardgate::post::directory::Directory::new(inner.clone(), "gate@n.example".into());
    let reminding = Reminding::new(Policy::default(), Arc::new(post));
    let stage = Stage::with(reminding, Arc::new(Mailbox::default())).await;
    stage.add("feed.northvale.example", 80).await;
    assert_eq!(stage.pass().await, 1);
    let files: Vec<_> = std::fs::read_dir(&inner).unwrap().map(|one| one.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    let letter = std::fs::read_to_string(&files[0]).unwrap();
    assert!(letter.contains("To: owner@northvale.example"), "{letter}");
}
