//! A development CA and a server certificate, so that the first start needs nothing prepared.
//!
//! ECDSA P-256 throughout: every client of today accepts it and keys are made at once. For
//! production put a certificate of your own CA into the settings (`server.certificate`).

use std::net::IpAddr;

use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::DnType;
use rcgen::ExtendedKeyUsagePurpose;
use rcgen::IsCa;
use rcgen::Issuer;
use rcgen::KeyPair;
use rcgen::KeyUsagePurpose;

use crate::app::Failure;
use crate::app::folder;
use crate::app::folder::Folder;
use crate::base::clock::Moment;

/// The CA lives ten years, the server certificate 397 days: the longest that clients accept.
const CA_DAYS: i64 = 3_650;
const SERVER_DAYS: i64 = 397;
const DAY: i64 = 86_400_000_000;

/// Makes the CA if there is none, and the server certificate for `localhost`, the loopback
/// addresses and `names` if there is none.
pub fn certificates(folder: &Folder, names: &[String], now: Moment) -> Result<(), Failure> {
    if !folder.ca().exists() {
        let (params, key) = (ca(now)?, KeyPair::generate().map_err(fault)?);
        let certificate = params.self_signed(&key).map_err(fault)?;
        folder::write_private(&folder.ca_key(), key.serialize_pem().as_bytes())?;
        folder::write_public(&folder.ca(), certificate.pem().as_bytes())?;
    }
    if !folder.server().exists() {
        let issuer = issuer(folder, now)?;
        let key = KeyPair::generate().map_err(fault)?;
        let certificate = server(names, now)?.signed_by(&key, &issuer).map_err(fault)?;
        folder::write_private(&folder.server_key(), key.serialize_pem().as_bytes())?;
        folder::write_public(&folder.server(), certificate.pem().as_bytes())?;
    }
    Ok(())
}

fn ca(now: Moment) -> Result<CertificateParams, Failure> {
    let mut params = lasting(CertificateParams::default(), now, CA_DAYS)?;
    params.distinguished_name.push(DnType::CommonName, "Wardgate development CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

fn server(names: &[String], now: Moment) -> Result<CertificateParams, Failure> {
    let mut all = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    for name in names {
        if !all.contains(name) {
            all.push(name.clone());
        }
    }
    let params = CertificateParams::new(all).map_err(fault)?;
    let mut params = lasting(params, now, SERVER_DAYS)?;
    params.distinguished_name.push(DnType::CommonName, "Wardgate");
    params.is_ca = IsCa::ExplicitNoCa;
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(params)
}

/// The CA as a signer. Its name and key are all that a signature shows of it, so the
/// certificate itself need not be read back.
fn issuer(folder: &Folder, now: Moment) -> Result<Issuer<'static, KeyPair>, Failure> {
    let path = folder.ca_key();
    let text = std::fs::read_to_string(&path).map_err(|error| folder::at(&path, &error))?;
    Ok(Issuer::new(ca(now)?, KeyPair::from_pem(&text).map_err(fault)?))
}

/// Valid from yesterday, so that a client whose clock is late accepts it too.
fn lasting(
    mut params: CertificateParams,
    now: Moment,
    days: i64,
) -> Result<CertificateParams, Failure> {
    params.distinguished_name = rcgen::DistinguishedName::new();
    let date = |days: i64| {
        let moment = now.0.saturating_add(days.saturating_mul(DAY));
        let stamp = jiff::Timestamp::from_microsecond(moment).ok()?;
        let civil = stamp.to_zoned(jiff::tz::TimeZone::UTC);
        let month = u8::try_from(civil.month()).ok()?;
        Some(rcgen::date_time_ymd(i32::from(civil.year()), month, u8::try_from(civil.day()).ok()?))
    };
    let ends = date(-1).zip(date(days));
    let unusable = "The clock of this machine shows a time that no certificate can carry.";
    (params.not_before, params.not_after) =
        ends.ok_or_else(|| Failure::Refused(unusable.to_owned()))?;
    Ok(params)
}

/// The name in a certificate for the host of an address or a URL; none for "any address".
pub fn name_of_host(host: &str) -> Option<String> {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    match host.parse::<IpAddr>() {
        Ok(address) if address.is_unspecified() => None,
        _ => Some(host.to_owned()).filter(|host| !host.is_empty()),
    }
}

fn fault(error: rcgen::Error) -> Failure {
    Failure::Refused(format!("The development certificates cannot be made: {error}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_made_once_and_then_reused() {
        let directory = tempfile::tempdir().unwrap();
        let folder = Folder::at(directory.path());
        let now = Moment(1_764_028_800_000_000);
        certificates(&folder, &["gate.example.org".into()], now).unwrap();
        let first = std::fs::read(folder.server()).unwrap();
        certificates(&folder, &[], now).unwrap();
        assert_eq!(std::fs::read(folder.server()).unwrap(), first);
        folder::guard_private(&folder.server_key()).unwrap();
        folder::guard_private(&folder.ca_key()).unwrap();
    }

    #[test]
    fn any_address_is_no_name() {
        assert_eq!(name_of_host("0.0.0.0"), None);
        assert_eq!(name_of_host("[::1]"), Some("::1".into()));
        assert_eq!(name_of_host("gate.example.org"), Some("gate.example.org".into()));
    }
}
