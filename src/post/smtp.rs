//! Letters over SMTP to a relay, by TLS or not at all (EML-02).

use std::time::Duration;

use lettre::AsyncSmtpTransport;
use lettre::AsyncTransport;
use lettre::Tokio1Executor;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::Certificate;
use lettre::transport::smtp::client::CertificateStore;
use lettre::transport::smtp::client::Tls;
use lettre::transport::smtp::client::TlsParameters;
use lettre::transport::smtp::extension::ClientId;

use crate::post::Carried;
use crate::post::Letter;
use crate::post::Post;
use crate::post::Undelivered;
use crate::post::message;

/// How long one letter may take, handshake and all.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long the relay may keep us waiting for one answer.
const ANSWER: Duration = Duration::from_secs(20);
/// The longest answer of a relay that is kept, in characters.
const LONGEST_ANSWER: usize = 300;

/// How the line to the relay is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Plain first, TLS by command before anything is said; without it, nothing is.
    StartTls,
    /// TLS from the first byte.
    Tls,
}

/// Where the relay is, and how it knows us.
pub struct Relay {
    /// Its name, which its certificate must bear.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the line is secured.
    pub security: Security,
    /// Authorities of its certificate, PEM; `None` takes those of the system.
    pub authorities: Option<Vec<u8>>,
    /// User and password.
    pub credentials: Option<(String, String)>,
    /// The name we greet it with.
    pub greeting: String,
    /// The address letters come from.
    pub from: String,
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Relay").field("host", &self.host).field("port", &self.port).finish()
    }
}

/// The post that hands letters to a relay.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: String,
}

impl Smtp {
    /// Makes ready for `relay`; nothing is said to it yet. The error is for an operator.
    pub fn new(relay: Relay) -> Result<Self, String> {
        let mut tls = TlsParameters::builder(relay.host.clone());
        if let Some(pem) = &relay.authorities {
            tls = tls.certificate_store(CertificateStore::None);
            tls = tls.add_root_certificate(Certificate::from_pem(pem).map_err(|error| {
                format!("the authorities of the mail relay cannot be read: {error}")
            })?);
        }
        let tls = tls.build().map_err(|error| format!("no TLS for the mail relay: {error}"))?;
        let mut builder =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(relay.host.as_str())
                .port(relay.port)
                .timeout(Some(ANSWER))
                .hello_name(ClientId::Domain(relay.greeting))
                .tls(match relay.security {
                    Security::StartTls => Tls::Required(tls),
                    Security::Tls => Tls::Wrapper(tls),
                });
        if let Some((user, password)) = relay.credentials {
            builder = builder.credentials(Credentials::new(user, password));
        }
        Ok(Self { transport: builder.build(), from: relay.from })
    }

    async fn carry(&self, letter: &Letter) -> Result<(), Undelivered> {
        let mail = message::of(letter, &self.from)?;
        let sent = tokio::time::timeout(PATIENCE, self.transport.send(mail)).await;
        let sent = sent.map_err(|_| Undelivered::Later("the mail relay is too slow".to_owned()))?;
        sent.map(|_answer| ()).map_err(|error| {
            let mut said = error.to_string();
            if let Some(cause) = std::error::Error::source(&error) {
                said = format!("{said}: {cause}");
            }
            let calm = said.chars().filter(|letter| !letter.is_control()).take(LONGEST_ANSWER);
            let said = format!("the mail relay: {}", calm.collect::<String>());
            if error.is_permanent() { Undelivered::Refused(said) } else { Undelivered::Later(said) }
        })
    }
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Smtp").field("from", &self.from).finish_non_exhaustive()
    }
}

impl Post for Smtp {
    fn send<'a>(&'a self, letter: &'a Letter) -> Carried<'a> {
        Box::pin(self.carry(letter))
    }
}
