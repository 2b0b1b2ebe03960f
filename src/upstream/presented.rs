//! The certificates that a host shows over TLS, trusted or not: they are read, not believed.

use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::DigitallySignedStruct;
use rustls::SignatureScheme;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::client::danger::ServerCertVerified;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::UnixTime;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::upstream::address;

/// How long a look may take, name resolution and all (TLS-03).
pub const PATIENCE: Duration = Duration::from_secs(5);
/// The most bytes a mail server may say before TLS.
const MOST_GREETING: usize = 16_384;

/// Why there is nothing to show. One text for whatever the other side did (SSR-03).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Hidden {
    /// It is no `HOST:PORT`.
    #[error("Name a host and a port, such as www.example.org:443.")]
    Address,
    /// The name leads to an address that is not public.
    #[error(
        "The name leads to an address inside a private network or this machine. Set \
         reminders.private_probes, or say --allow-private, if you mean it."
    )]
    Inside,
    /// No certificate came.
    #[error("No certificate was shown within 5 seconds.")]
    Silent,
}

/// What is spoken before TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Before {
    /// Nothing.
    #[default]
    Nothing,
    /// SMTP up to STARTTLS (RFC 3207).
    Smtp,
}

/// The chain that `HOST:PORT` shows, as DER, in its order. `private` lets inside addresses pass.
pub async fn chain(at: &str, before: Before, private: bool) -> Result<Vec<Vec<u8>>, Hidden> {
    let (host, port) = at.rsplit_once(':').ok_or(Hidden::Address)?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port: u16 = port.parse().map_err(|_| Hidden::Address)?;
    let name = ServerName::try_from(host.to_owned()).map_err(|_| Hidden::Address)?;
    let look = look((host, port), name, before, private);
    tokio::time::timeout(PATIENCE, look).await.map_err(|_| Hidden::Silent)?
}

async fn look(
    (host, port): (&str, u16),
    name: ServerName<'static>,
    before: Before,
    private: bool,
) -> Result<Vec<Vec<u8>>, Hidden> {
    let found = tokio::net::lookup_host((host, port)).await.map_err(|_| Hidden::Silent)?;
    let found: Vec<_> = found.collect();
    if !private && !found.iter().all(|one| address::public(one.ip())) {
        return Err(Hidden::Inside);
    }
    let mut stream = TcpStream::connect(found.as_slice()).await.map_err(|_| Hidden::Silent)?;
    if before == Before::Smtp {
        start_tls(&mut stream).await.ok_or(Hidden::Silent)?;
    }
    let reader = Arc::new(Reader { provider: Arc::new(aws_lc_rs::default_provider()) });
    let config = ClientConfig::builder_with_provider(Arc::clone(&reader.provider))
        .with_safe_default_protocol_versions()
        .map_err(|_| Hidden::Silent)?
        .dangerous()
        .with_custom_certificate_verifier(reader)
        .with_no_client_auth();
    let tls = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    let tls = tls.map_err(|_| Hidden::Silent)?;
    let (_, session) = tls.get_ref();
    let chain = session.peer_certificates().unwrap_or_default();
    match chain {
        [] => Err(Hidden::Silent),
        chain => Ok(chain.iter().map(|one| one.to_vec()).collect()),
    }
}

/// Speaks SMTP until the server is ready for TLS.
async fn start_tls(stream: &mut TcpStream) -> Option<()> {
    said(stream, "220").await?;
    stream.write_all(b"EHLO wardgate.invalid\r\n").await.ok()?;
    said(stream, "250").await?;
    stream.write_all(b"STARTTLS\r\n").await.ok()?;
    said(stream, "220").await
}

/// Reads one answer, byte by byte so that nothing of what follows is taken.
async fn said(stream: &mut TcpStream, code: &str) -> Option<()> {
    let (mut line, mut all) = (Vec::new(), 0_usize);
    loop {
        let byte = stream.read_u8().await.ok()?;
        all = all.saturating_add(1);
        if all > MOST_GREETING {
            return None;
        }
        line.push(byte);
        if byte != b'\n' {
            continue;
        }
        if !line.starts_with(code.as_bytes()) {
            return None;
        }
        if line.get(3) != Some(&b'-') {
            return Some(());
        }
        line.clear();
    }
}

/// Takes every certificate: nothing is sent to whoever shows it, and nothing is believed of it.
#[derive(Debug)]
struct Reader {
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Reader {
    fn verify_server_cert(
        &self,
        _leaf: &CertificateDer<'_>,
        _chain: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
