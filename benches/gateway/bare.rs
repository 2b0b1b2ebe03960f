//! What is measured against: hyper on tokio-rustls, answering bytes that lie ready.
//!
//! Runs in a process of its own with the TLS settings and the threads of the gateway. The first
//! part of the path says how many bytes are wanted: `/1520/scim/v2/Users/...`.

use std::convert::Infallible;
use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::BodyExt;
use http_body_util::Full;
use hyper::Request;
use hyper::Response;
use hyper::StatusCode;
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::header::HeaderValue;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

/// The largest answer.
const LARGEST: usize = 4 << 20;

/// Serves bytes that lie ready.
pub fn ready(data: &Path) -> io::Result<()> {
    let all = Bytes::from(vec![b'x'; LARGEST]);
    serve(data, move |request| {
        let size = request.uri().path().split('/').nth(1).and_then(|size| size.parse().ok());
        (StatusCode::OK, all.slice(..size.unwrap_or(0).min(LARGEST)))
    })
}

/// Serves what `answer` says until it is killed, with the certificate in `data`; says
/// `ready https://HOST:PORT` like the gateway.
pub fn serve<A>(data: &Path, answer: A) -> io::Result<()>
where
    A: Fn(&Request<Incoming>) -> (StatusCode, Bytes) + Send + Sync + 'static,
{
    let tls = tls(&data.join("server.pem"), &data.join("server.key.pem"))?;
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    let answer = Arc::new(answer);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        println!("ready https://{}", listener.local_addr()?);
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(converse(acceptor.clone(), stream, answer.clone()));
        }
    })
}

async fn converse<A>(acceptor: TlsAcceptor, stream: TcpStream, answer: Arc<A>)
where
    A: Fn(&Request<Incoming>) -> (StatusCode, Bytes),
{
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let service = service_fn(|request| respond(&*answer, request));
    let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // A client that is gone is no news.
    let _ = served.await;
}

async fn respond<A>(
    answer: &A,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible>
where
    A: Fn(&Request<Incoming>) -> (StatusCode, Bytes),
{
    let (status, bytes) = answer(&request);
    // A body that breaks off ends the conversation by itself.
    let _ = request.into_body().collect().await;
    let mut response = Response::new(Full::new(bytes));
    *response.status_mut() = status;
    let media = HeaderValue::from_static("application/scim+json");
    response.headers_mut().insert(CONTENT_TYPE, media);
    Ok(response)
}

fn tls(chain: &Path, key: &Path) -> io::Result<ServerConfig> {
    let chain: Vec<_> = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect)
        .map_err(io::Error::other)?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(io::Error::other)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(io::Error::other)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
