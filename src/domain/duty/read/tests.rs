//! Certificates made in memory, keys that must not pass, and garbage.

use super::pem as pem_of;
use super::*;

use proptest::prelude::*;
use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::DnType;
use rcgen::IsCa;
use rcgen::Issuer;
use rcgen::KeyPair;

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(vec![name.into()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    params.not_after = rcgen::date_time_ymd(2027, 1, 1);
    params
}

/// A leaf and the authority that signed it: PEM and DER of both.
fn chain() -> ([String; 2], [Vec<u8>; 2]) {
    let (own, key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let mut top = params("Example CA");
    top.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let signed = top.self_signed(&key).unwrap();
    let leaf = params("feed.northvale.example").signed_by(&own, &Issuer::new(top, key)).unwrap();
    ([leaf.pem(), signed.pem()], [leaf.der().to_vec(), signed.der().to_vec()])
}

fn wrap(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x83][..], &length[1..], content].concat()
}

fn pkcs7(certificates: &[Vec<u8>]) -> Vec<u8> {
    let data = wrap(SEQUENCE, &wrap(OBJECT, &[0x2a]));
    let parts = [
        wrap(INTEGER, &[1]),
        wrap(0x31, &[]),
        data,
        wrap(CONTEXT, &certificates.concat()),
        wrap(0x31, &[]),
    ];
    let inside = wrap(CONTEXT, &wrap(SEQUENCE, &parts.concat()));
    wrap(SEQUENCE, &[wrap(OBJECT, SIGNED_DATA), inside].concat())
}

#[test]
fn ce2_every_form_tells_the_same_of_a_certificate() {
    let (pem, der) = chain();
    let read = bundle(pem[0].as_bytes()).unwrap().leaf;
    assert_eq!(read.not_after, "2027-01-01T00:00:00Z".parse().unwrap());
    assert_eq!(read.names, ["feed.northvale.example"]);
    assert!(read.subject.contains("feed.northvale.example"));
    assert!(read.issuer.contains("Example CA"));
    assert_eq!(bundle(&der[0]).unwrap().leaf, read);
    let turned = format!("{}{}", pem[1], pem[0]);
    for whole in [bundle(turned.as_bytes()).unwrap(), bundle(&pkcs7(&der)).unwrap()] {
        assert_eq!(whole.leaf, read);
        assert_eq!(whole.chain.len(), 1);
    }
    assert_eq!(pem_of(&der[..1]).replace('\r', ""), pem[0].replace('\r', ""));
}

#[test]
fn ce2_a_private_key_is_refused_in_every_form() {
    let ([pem, _], _) = chain();
    let key = KeyPair::generate().unwrap();
    let with_key = format!("{pem}{}", key.serialize_pem());
    assert_eq!(bundle(with_key.as_bytes()), Err(Unreadable::PrivateKey));
    assert_eq!(bundle(&key.serialize_der()), Err(Unreadable::PrivateKey));
    let damaged = format!("{pem}-----BEGIN RSA {} KEY-----\nzzzz", "PRIVATE");
    assert_eq!(bundle(damaged.as_bytes()), Err(Unreadable::PrivateKey));
    let sealed = wrap(SEQUENCE, &[wrap(SEQUENCE, &[]), wrap(OCTETS, &[1, 2])].concat());
    assert_eq!(bundle(&sealed), Err(Unreadable::PrivateKey));
    let pkcs12 = wrap(SEQUENCE, &[wrap(INTEGER, &[3]), wrap(SEQUENCE, &[])].concat());
    assert_eq!(bundle(&pkcs12), Err(Unreadable::Pkcs12));
    assert!(!Unreadable::PrivateKey.to_string().contains("zzzz"));
}

#[test]
fn ce2_more_than_one_certificate_is_refused() {
    let ([one, _], _) = chain();
    let ([two, _], _) = chain();
    assert_eq!(bundle(format!("{one}{two}").as_bytes()), Err(Unreadable::SeveralLeaves));
    assert!(bundle(format!("{one}{one}").as_bytes()).is_ok());
}

#[test]
fn tls03_limits_hold_on_both_sides() {
    let ([pem, _], [der, _]) = chain();
    assert_eq!(certificates(pem.repeat(MOST_CERTIFICATES).as_bytes()).map(|all| all.len()), Ok(32));
    assert_eq!(certificates(pem.repeat(33).as_bytes()), Err(Unreadable::TooMany));
    assert_eq!(bundle(&vec![b' '; MOST_BYTES]), Err(Unreadable::Nothing));
    assert_eq!(bundle(&vec![b' '; MOST_BYTES + 1]), Err(Unreadable::TooLarge));
    assert_eq!(bundle(b""), Err(Unreadable::Nothing));
    assert_eq!(bundle(&[der.as_slice(), b"x"].concat()), Err(Unreadable::Damaged(1)));
    let many: Vec<String> = (0..1_000).map(|at| format!("h{at}.example")).collect();
    let key = KeyPair::generate().unwrap();
    let wide = CertificateParams::new(many).unwrap().self_signed(&key).unwrap();
    assert_eq!(facts(wide.der()).unwrap().names.len(), MOST_NAMES);
}

proptest! {
    #[test]
    fn tls03_garbage_is_an_answer_and_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _any = bundle(&bytes);
        let _any = facts(&bytes);
        let _any = bundle(&[b"-----BEGIN CERTIFICATE-----\n", bytes.as_slice()].concat());
        let _any = bundle(&pkcs7(&[bytes]));
    }

    #[test]
    fn tls03_a_bent_certificate_is_an_answer_and_no_panic(at in 0_usize..2_000, byte in any::<u8>(), cut in 0_usize..2_000) {
        let (_, [mut der, _]) = chain();
        let at = at % der.len();
        der[at] = byte;
        let _any = bundle(&der);
        der.truncate(cut);
        let _any = bundle(&der);
    }
}
