//! A client as identity providers have one: TLS, HTTP/1.1, one socket kept alive.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::BodyExt;
use http_body_util::Full;
use hyper::Method;
use hyper::Request;
use hyper::client::conn::http1::SendRequest;
use hyper::header::AUTHORIZATION;
use hyper::header::CONTENT_TYPE;
use hyper::header::HOST;
use hyper::header::HeaderValue;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Where a server listens, whom we trust, and what we show.
#[derive(Clone)]
pub struct Door {
    address: SocketAddr,
    connector: TlsConnector,
    /// The credential that is shown.
    pub authorization: HeaderValue,
}

/// An answer.
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// Its body.
    pub body: Bytes,
}

/// One open socket.
pub struct Client {
    sender: SendRequest<Full<Bytes>>,
    host: HeaderValue,
    authorization: HeaderValue,
}

impl Door {
    /// A server at `address` whose certificate is signed by the CA in the file `ca`.
    pub fn new(address: SocketAddr, ca: &Path, token: &str) -> io::Result<Self> {
        let mut roots = RootCertStore::empty();
        let certificate = CertificateDer::from_pem_file(ca).map_err(io::Error::other)?;
        roots.add(certificate).map_err(io::Error::other)?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?;
        let mut config = config.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            address,
            connector: TlsConnector::from(Arc::new(config)),
            authorization: header(&format!("Bearer {token}"))?,
        })
    }

    /// Opens a socket.
    pub async fn open(&self) -> io::Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let name = ServerName::from(self.address.ip());
        self.connector.connect(name, stream).await
    }
}

impl Client {
    /// Opens a socket for requests, one after the other.
    pub async fn connect(door: &Door) -> io::Result<Self> {
        let stream = door.open().await?;
        let (sender, conversation) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(other)?;
        // How the conversation ends is seen by whoever waits for an answer.
        tokio::spawn(async move { drop(conversation.await) });
        let host = header(&door.address.to_string())?;
        Ok(Self { sender, host, authorization: door.authorization.clone() })
    }

    /// Sends a request and reads the answer whole.
    pub async fn send(&mut self, method: Method, path: &str, body: Bytes) -> io::Result<Reply> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().map_err(io::Error::other)?;
        let fields = request.headers_mut();
        fields.insert(HOST, self.host.clone());
        fields.insert(AUTHORIZATION, self.authorization.clone());
        fields.insert(CONTENT_TYPE, HeaderValue::from_static("application/scim+json"));
        self.sender.ready().await.map_err(other)?;
        let answer = self.sender.send_request(request).await.map_err(other)?;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.map_err(other)?.to_bytes();
        Ok(Reply { status, body })
    }
}

fn header(text: &str) -> io::Result<HeaderValue> {
    HeaderValue::from_str(text).map_err(io::Error::other)
}

fn other(error: hyper::Error) -> io::Error {
    io::Error::other(error)
}
