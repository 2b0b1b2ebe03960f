//! TLS 1.2 and 1.3, and a certificate that can be exchanged while we serve.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::SystemTime;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs;
use rustls::server::ClientHello;
use rustls::server::ResolvesServerCert;
use rustls::sign::CertifiedKey;

use crate::base::clock::Moment;
use crate::http::certificate;
use crate::http::certificate::Unfit;

/// The pair that is shown to clients, and the files it came from.
#[derive(Debug)]
pub struct Certificates {
    chain: PathBuf,
    key: PathBuf,
    provider: Arc<CryptoProvider>,
    shown: ArcSwap<CertifiedKey>,
    seen: Mutex<Stamp>,
}

/// What is looked at to tell whether a file was changed: time, size and mode of both.
type Stamp = [Option<(SystemTime, u64, u32)>; 2];

/// How a look at the files ended.
#[derive(Debug)]
pub enum Look {
    /// They are as they were.
    Same,
    /// The new pair is shown from now on; the old connections live on.
    Exchanged,
    /// The new pair is no good; the old one is kept (F22).
    Refused(Unfit),
}

impl Certificates {
    /// Reads the pair that is shown first.
    pub fn load(chain: PathBuf, key: PathBuf, now: Moment) -> Result<Arc<Self>, Unfit> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let seen = stamp(&chain, &key);
        let pair = certificate::read(&chain, &key, &provider, now)?;
        Ok(Arc::new(Self {
            chain,
            key,
            provider,
            shown: ArcSwap::from_pointee(pair.certified),
            seen: Mutex::new(seen),
        }))
    }

    /// Looks whether the files were changed, and shows the new pair if it is good. A duty, once
    /// a second; files that are only half written are looked at again when they change again.
    pub fn run_once(&self, now: Moment) -> Look {
        let present = stamp(&self.chain, &self.key);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == present {
            return Look::Same;
        }
        *seen = present;
        match certificate::read(&self.chain, &self.key, &self.provider, now) {
            Ok(pair) => {
                self.shown.store(Arc::new(pair.certified));
                tracing::info!(ends = %pair.ends, "a new certificate is shown");
                Look::Exchanged
            }
            Err(unfit) => {
                tracing::warn!(cause = %unfit, "the new certificate is refused; the old is kept");
                Look::Refused(unfit)
            }
        }
    }

    /// The chain that is shown, as DER, our own certificate first.
    pub fn chain(&self) -> Vec<Vec<u8>> {
        self.shown.load().cert.iter().map(|one| one.to_vec()).collect()
    }

    /// The settings for a listener that shows this pair.
    pub fn server(self: &Arc<Self>) -> Result<Arc<ServerConfig>, Unfit> {
        let versions = &[&rustls::version::TLS13, &rustls::version::TLS12];
        let mut config = ServerConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(versions)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::<Self>::clone(self));
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.shown.load_full())
    }
}

fn stamp(chain: &PathBuf, key: &PathBuf) -> Stamp {
    [chain, key].map(|path| {
        let about = std::fs::metadata(path).ok()?;
        Some((about.modified().ok()?, about.len(), about.permissions().mode()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::CertificateParams;
    use rcgen::KeyPair;

    fn pair(names: usize) -> (String, String) {
        lasting(names, 2030)
    }

    fn lasting(names: usize, until: i32) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let names: Vec<_> = (0..names).map(|turn| format!("n{turn}.example.org")).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_before = rcgen::date_time_ymd(2025, 1, 1);
        params.not_after = rcgen::date_time_ymd(until, 1, 1);
        (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
    }

    fn allow(path: &PathBuf, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn tls04_key01_a_key_that_others_may_read_is_refused_also_while_serving() {
        let now: Moment = "2026-01-01T00:00:00Z".parse().unwrap();
        let room = tempfile::tempdir().unwrap();
        let (chain, key) = (room.path().join("chain.pem"), room.path().join("key.pem"));
        let write = |(certificates, secret): (String, String)| {
            std::fs::write(&chain, certificates).unwrap();
            std::fs::write(&key, secret).unwrap();
        };
        write(pair(1));
        allow(&key, 0o644);
        let refused = Certificates::load(chain.clone(), key.clone(), now).unwrap_err();
        assert!(refused.to_string().contains("600"));
        allow(&key, 0o640);
        let shown = Certificates::load(chain.clone(), key.clone(), now).unwrap();
        let first = shown.shown.load_full();
        write(pair(3));
        for mode in [0o644, 0o660, 0o601] {
            allow(&key, mode);
            assert!(matches!(shown.run_once(now), Look::Refused(Unfit::Loose)), "{mode:o}");
            assert!(Arc::ptr_eq(&first, &shown.shown.load_full()));
        }
        // The mode alone is set right, and the pair that waited is shown.
        allow(&key, 0o600);
        assert!(matches!(shown.run_once(now), Look::Exchanged));
        assert_ne!(first.cert, shown.shown.load_full().cert);
    }

    #[test]
    fn tls04_a_good_pair_is_exchanged_and_a_bad_one_refused() {
        let now: Moment = "2026-01-01T00:00:00Z".parse().unwrap();
        let room = tempfile::tempdir().unwrap();
        let (chain, key) = (room.path().join("chain.pem"), room.path().join("key.pem"));
        let write = |(certificates, secret): (String, String)| {
            std::fs::write(&chain, certificates).unwrap();
            std::fs::write(&key, secret).unwrap();
            allow(&key, 0o600);
        };
        write(pair(1));
        let shown = Certificates::load(chain.clone(), key.clone(), now).unwrap();
        let first = shown.shown.load_full();
        assert!(matches!(shown.run_once(now), Look::Same));
        std::fs::write(&chain, pair(3).0).unwrap();
        assert!(matches!(shown.run_once(now), Look::Refused(_)));
        assert!(matches!(shown.run_once(now), Look::Same));
        assert!(Arc::ptr_eq(&first, &shown.shown.load_full()));
        write(pair(5));
        assert!(matches!(shown.run_once(now), Look::Exchanged));
        assert_ne!(first.cert, shown.shown.load_full().cert);
        assert!(shown.server().is_ok());
    }

    #[test]
    fn tls04_an_expired_pair_and_a_missing_file_leave_the_old_pair_in_place() {
        let now: Moment = "2026-01-01T00:00:00Z".parse().unwrap();
        let room = tempfile::tempdir().unwrap();
        let (chain, key) = (room.path().join("chain.pem"), room.path().join("key.pem"));
        let write = |(certificates, secret): (String, String)| {
            std::fs::write(&chain, certificates).unwrap();
            std::fs::write(&key, secret).unwrap();
            allow(&key, 0o600);
        };
        write(lasting(1, 2025));
        assert!(Certificates::load(chain.clone(), key.clone(), now).is_err());
        write(pair(1));
        let shown = Certificates::load(chain.clone(), key.clone(), now).unwrap();
        let first = shown.shown.load_full();
        write(lasting(4, 2026));
        assert!(matches!(shown.run_once(now), Look::Refused(Unfit::Expired(_))));
        std::fs::remove_file(&key).unwrap();
        assert!(matches!(shown.run_once(now), Look::Refused(Unfit::File("key", _))));
        std::fs::write(&chain, "half of a").unwrap();
        assert!(matches!(shown.run_once(now), Look::Refused(_)));
        assert!(Arc::ptr_eq(&first, &shown.shown.load_full()));
        // A hundred exchanges in a row: each new pair is shown at once.
        for turn in 0..100 {
            write(pair(2 + turn % 7));
            assert!(matches!(shown.run_once(now), Look::Exchanged), "{turn}");
        }
        assert_ne!(first.cert, shown.shown.load_full().cert);
    }
}
