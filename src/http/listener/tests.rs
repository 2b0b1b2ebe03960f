//! Real sockets, real handshakes: what a client sees of the doors.

mod bodies;
mod leaving;

use super::*;

use bytes::Bytes;
use http_body_util::BodyExt;
use http_body_util::Full;

use std::os::unix::fs::PermissionsExt;

use hyper::StatusCode;
use hyper::header::AUTHORIZATION;
use hyper::header::HeaderName;
use rcgen::CertificateParams;
use rcgen::KeyPair;
use rustls::ClientConfig;
use rustls::RootCertStore;
use rustls::pki_types::ServerName;

use crate::base::clock::SystemClock;
use crate::base::entropy::OsEntropy;
use crate::base::secret::Token;
use crate::http::limits::Limits;
use crate::http::tls::Certificates;
use crate::scim::schema::Catalogue;
use crate::service::Identity;
use crate::service::Ports;
use crate::service::Settings;
use crate::service::access::Credential;
use crate::service::access::Snapshot;
use crate::store::redb::RedbStore;

struct House {
    address: SocketAddr,
    ports: Arc<Ports>,
    anchors: RootCertStore,
    token: Token,
    stop: watch::Sender<bool>,
    served: JoinHandle<()>,
}

async fn house() -> House {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let (ports, token) = ports(&clock);
    let ports = Arc::new(ports);
    let room = tempfile::tempdir().unwrap();
    let (chain, key) = (room.path().join("chain.pem"), room.path().join("key.pem"));
    let pair = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["localhost".into()]).unwrap();
    params.not_before = rcgen::date_time_ymd(1971, 1, 1);
    let certificate = params.self_signed(&pair).unwrap();
    std::fs::write(&chain, certificate.pem()).unwrap();
    std::fs::write(&key, pair.serialize_pem()).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    let mut anchors = RootCertStore::empty();
    anchors.add(certificate.der().clone()).unwrap();
    let tls = Certificates::load(chain, key, clock.now()).unwrap().server().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let gateway = Gateway::new(Arc::clone(&ports), Limits::default());
    let (stop, stopped) = watch::channel(false);
    let served = tokio::spawn(serve(listener, gateway, tls, clock, stopped));
    House { address, ports, anchors, token, stop, served }
}

fn ports(clock: &Arc<dyn Clock>) -> (Ports, Token) {
    let ports = Ports::new(
        Arc::new(RedbStore::in_memory(Arc::clone(clock)).unwrap()),
        (Arc::clone(clock), Arc::new(OsEntropy)),
        Arc::new(Catalogue::built_in().unwrap()),
        &[7; 32],
        "https://localhost/scim/v2".into(),
        Settings::default(),
    )
    .unwrap();
    let token = Token::mint(&OsEntropy).unwrap();
    let credential = Credential {
        token: crate::base::id::Id([9; 16]),
        expires: crate::base::clock::Moment::MAX,
        identity: Identity::Administrator(Arc::default()),
    };
    let mut snapshot = Snapshot::default();
    snapshot.credentials.insert(token.fingerprint().0, credential);
    ports.registry.replace(snapshot);
    (ports, token)
}

impl House {
    async fn connect(&self, protocol: &str) -> tokio_rustls::client::TlsStream<TcpStream> {
        self.connect_by(protocol, rustls::DEFAULT_VERSIONS).await
    }

    async fn connect_by(
        &self,
        protocol: &str,
        versions: &[&'static rustls::SupportedProtocolVersion],
    ) -> tokio_rustls::client::TlsStream<TcpStream> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(self.anchors.clone())
            .with_no_client_auth();
        config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
        let stream = TcpStream::connect(self.address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
    }

    /// Sends one request over HTTP/1.1.
    async fn ask(&self, request: hyper::http::request::Builder) -> Response<Bytes> {
        let io = TokioIo::new(self.connect("http/1.1").await);
        let (mut sender, conversation) = hyper::client::conn::http1::handshake(io).await.unwrap();
        let driver = tokio::spawn(conversation);
        let request = request.header("host", "localhost").body(Full::<Bytes>::default()).unwrap();
        let response = whole(sender.send_request(request).await.unwrap()).await;
        drop(sender);
        driver.await.unwrap().unwrap();
        response
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token.expose())
    }
}

async fn whole(response: Response<Incoming>) -> Response<Bytes> {
    let (head, body) = response.into_parts();
    Response::from_parts(head, body.collect().await.unwrap().to_bytes())
}

fn get(path: &str) -> hyper::http::request::Builder {
    Request::get(path)
}

#[tokio::test]
async fn aut01_health_is_open_and_the_rest_is_not() {
    let house = house().await;
    for path in ["/healthz", "/readyz", "/scim/v2/ServiceProviderConfig"] {
        assert_eq!(house.ask(get(path)).await.status(), StatusCode::OK, "{path}");
    }
    for path in ["/scim/v2/Users", "/scim/v2/Nothing", "/", "/scim/v9/Users", "/scim/v2/Me"] {
        let response = house.ask(get(path)).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{path}");
        assert!(response.headers().contains_key("www-authenticate"));
        assert_eq!(response.headers()["content-type"], "application/scim+json");
    }
}

#[tokio::test]
async fn rfc_err10_a_known_caller_learns_what_is_there() {
    let house = house().await;
    for (method, path, status) in [
        ("GET", "/scim/v2/Users/none", 404),
        ("GET", "/scim/v2/Nothing", 404),
        ("GET", "/scim/v9/Users", 400),
        ("GET", "/scim/v2/Me", 501),
        ("PATCH", "/scim/v2/Users", 405),
        ("TRACE", "/scim/v2/Users", 405),
        ("OPTIONS", "/scim/v2/Users", 204),
        ("HEAD", "/scim/v2/Schemas", 200),
        ("GET", "/scim/v2//Users?", 200),
        ("GET", "/scim/v2/Users/?filter=userName+eq+%22a%22&", 200),
        ("GET", "/scim/v2/Users?access_token=x", 401),
        ("POST", "/scim/v2/Users", 400),
        ("POST", "/scim/v2/Bulk", 400),
        ("PUT", "/scim/v2/Users/none", 404),
    ] {
        let request = Request::builder().method(method).uri(path);
        let response = house.ask(request.header(AUTHORIZATION, house.bearer())).await;
        assert_eq!(response.status().as_u16(), status, "{method} {path}");
        let id = HeaderName::from_static("x-request-id");
        assert!(response.headers().contains_key(id));
        if status == 405 {
            assert!(response.headers().contains_key("allow"));
        }
    }
}

#[tokio::test]
async fn htp05_heads_have_limits_on_both_sides() {
    let house = house().await;
    let path = |length: usize| format!("/scim/v2/{}", "a".repeat(length - 9));
    assert_eq!(house.ask(get(&path(8_192))).await.status().as_u16(), 401);
    assert_eq!(house.ask(get(&path(8_193))).await.status().as_u16(), 414);
    let filled = |bytes: usize| get("/healthz").header("x-filler", "a".repeat(bytes));
    assert_eq!(house.ask(filled(32_000)).await.status().as_u16(), 200);
    assert_eq!(house.ask(filled(33_792)).await.status().as_u16(), 431);
    let many = |count: usize| (0..count).fold(get("/healthz"), |it, _| it.header("x-one", "1"));
    assert_eq!(house.ask(many(99)).await.status().as_u16(), 200);
    assert_eq!(house.ask(many(100)).await.status().as_u16(), 431);
}

#[tokio::test]
async fn f18_both_protocols_are_spoken_and_the_stop_is_orderly() {
    let house = house().await;
    let io = TokioIo::new(house.connect("h2").await);
    let executor = TokioExecutor::new();
    let (mut sender, conversation) =
        hyper::client::conn::http2::handshake(executor, io).await.unwrap();
    let driver = tokio::spawn(conversation);
    let head = Request::head("https://localhost/scim/v2/Schemas");
    let head = head.header(AUTHORIZATION, house.bearer()).body(Full::<Bytes>::default()).unwrap();
    let response = whole(sender.send_request(head).await.unwrap()).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.body().is_empty());
    assert!(response.headers()["content-length"] != "0");
    house.stop.send_replace(true);
    house.served.await.unwrap();
    driver.await.unwrap().unwrap();
    assert!(TcpStream::connect(house.address).await.is_err());
}

#[tokio::test]
async fn tls01_plain_http_gets_no_answer() {
    use tokio::io::AsyncReadExt;
    use tokio::io::AsyncWriteExt;
    let house = house().await;
    let mut plain = TcpStream::connect(house.address).await.unwrap();
    plain.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut heard = Vec::new();
    let _ = plain.read_to_end(&mut heard).await;
    assert!(!heard.starts_with(b"HTTP"));
}

#[tokio::test]
async fn idp01_both_versions_of_tls_are_spoken_on_one_port() {
    let house = house().await;
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let stream = house.connect_by("http/1.1", &[version]).await;
        assert_eq!(stream.get_ref().1.protocol_version(), Some(version.version));
        let (mut sender, conversation) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        let driver = tokio::spawn(conversation);
        let request = get("/healthz").header("host", "localhost");
        let request = request.body(Full::<Bytes>::default()).unwrap();
        assert_eq!(
            whole(sender.send_request(request).await.unwrap()).await.status(),
            StatusCode::OK
        );
        drop(sender);
        driver.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn htp01_what_can_be_read_in_two_ways_is_400_and_the_end() {
    use tokio::io::AsyncReadExt;
    use tokio::io::AsyncWriteExt;
    let house = house().await;
    let next = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let kind = "Content-Type: application/scim+json";
    let begun = format!("POST /scim/v2/Users HTTP/1.1\r\nHost: localhost\r\n{kind}\r\n");
    let bearer = format!("Authorization: {}\r\n", house.bearer());
    let chunked = "Transfer-Encoding: chunked\r\n";
    for bad in [
        next.replace("\r\n", "\n"),
        next.replace("Host: localhost\r\n", ""),
        next.replace("Host", "Host: localhost\r\nHost"),
        format!("{begun}Content-Length: 5\r\n{chunked}\r\n0\r\n\r\n"),
        format!("{begun}{chunked}Content-Length: 5\r\n\r\n0\r\n\r\n"),
        format!("{begun}Content-Length: 0\r\nContent-Length: 0\r\n\r\n"),
        format!("{begun}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
        format!("{begun}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        format!("{begun}{chunked}\r\n0\r\n\r\n").replace("HTTP/1.1", "HTTP/1.0"),
        format!("{begun}X-Fold: a\r\n b\r\n\r\n"),
        format!("{begun}Content-Length : 5\r\n\r\n12345"),
        format!("{begun}{bearer}{chunked}\r\n5\nhello\r\n0\r\n\r\n"),
        format!("{begun}{bearer}{chunked}\r\n5\r\nhello\r\n0\r\nX: 1\n\r\n"),
    ] {
        let mut stream = house.connect("http/1.1").await;
        stream.write_all(format!("{next}{bad}{next}").as_bytes()).await.unwrap();
        let mut heard = Vec::new();
        // A socket that is closed without a farewell is closed as well.
        let _ = stream.read_to_end(&mut heard).await;
        let heard = String::from_utf8(heard).unwrap();
        let statuses: Vec<&str> =
            heard.split("HTTP/1.1 ").skip(1).filter_map(|answer| answer.get(..3)).collect();
        assert_eq!(statuses, ["200", "400"], "{bad:?}");
    }
}
