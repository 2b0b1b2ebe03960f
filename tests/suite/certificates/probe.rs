//! What a host really shows.

use super::*;

use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use wardgate::service::certificates::Before;

/// A server on loopback that shows an expired certificate for another name: its port.
async fn server() -> u16 {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["elsewhere.example".into()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, "elsewhere.example");
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    let chain = vec![params.self_signed(&key).unwrap().der().clone()];
    let key = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ended = acceptor.accept(stream).await;
        }
    });
    port
}

#[tokio::test]
async fn ce2_a_probe_reads_the_certificate_whether_it_is_good_or_not() {
    let stage = Stage::new().await;
    let at = format!("localhost:{}", server().await);
    let look = (at.as_str(), Before::Nothing);
    let shown = certificates::probe(&stage.ports, look, true, None).await.unwrap();
    assert_eq!((&shown["state"], &shown["kept"]), (&"expired".into(), &false.into()));
    assert_eq!(shown["names"], serde_json::json!(["elsewhere.example"]));
    let cause = tenancy::operator(&stage.ports).unwrap();
    let details = Details { owner: Some("owner@northvale.example".into()), ..Details::default() };
    let keep = Some((cause, "ORG0001".to_owned(), details));
    let kept = certificates::probe(&stage.ports, look, true, keep).await.unwrap();
    assert_eq!(kept["source"], format!("probe {at}"));
    assert_eq!(stage.pass().await, 1);
    assert!(stage.letters()[0].subject.contains("has expired"));
}

#[tokio::test]
async fn ssr01_a_probe_looks_at_no_inside_address_unless_it_is_told_to() {
    let stage = Stage::new().await;
    let port = server().await;
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"] {
        let at = format!("{host}:{port}");
        let refused = certificates::probe(&stage.ports, (&at, Before::Nothing), false, None).await;
        let said = refused.unwrap_err().said;
        assert!(said.contains("inside a private network"), "{host}: {said}");
    }
    for bad in ["", "localhost", "localhost:x", "file:///etc/passwd", ":443", "a b:443"] {
        let refused = certificates::probe(&stage.ports, (bad, Before::Nothing), true, None).await;
        assert!(refused.unwrap_err().said.starts_with("Name a host"), "{bad}");
    }
}

#[tokio::test]
async fn ssr03_closed_and_foreign_ports_are_told_alike() {
    let stage = Stage::new().await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed_port = closed.local_addr().unwrap().port();
    drop(closed);
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let plain_port = plain.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = plain.accept().await {
            use tokio::io::AsyncWriteExt as _;
            let _gone = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        }
    });
    let mut told = Vec::new();
    for port in [closed_port, plain_port] {
        for before in [Before::Nothing, Before::Smtp] {
            let at = format!("127.0.0.1:{port}");
            let refused = certificates::probe(&stage.ports, (&at, before), true, None).await;
            told.push(refused.unwrap_err().said);
        }
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
}
