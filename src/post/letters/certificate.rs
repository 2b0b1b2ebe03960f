//! The letter about a certificate that ends, or has ended.

use crate::post::letters::Language;
use crate::post::letters::escaped;

/// What the letter tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Days until the end, rounded down; negative when it has ended.
    pub days: i64,
    /// Whether the letter comes later than it should.
    pub late: bool,
    /// Whether it goes to the help desk because nobody owns the certificate.
    pub ownerless: bool,
    /// The last day, `YYYY-MM-DD HH:MM UTC`.
    pub ends: String,
    /// The organization, by code and name.
    pub organization: String,
    /// Whose the certificate is.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// Its number.
    pub serial: String,
    /// SHA-256 of it.
    pub fingerprint: String,
    /// What it is used for.
    pub usage: String,
    /// Where it is used and who is affected; may be empty.
    pub place: String,
    /// How this organization renews it; may be empty.
    pub process: String,
}

/// Subject, text and HTML of the letter.
pub fn write(notice: &Notice, language: Language) -> (String, String, String) {
    let (english, french) = (english(notice), french(notice));
    match language {
        Language::English => english.finish(),
        Language::French => french.finish(),
        Language::Both => {
            let ((subject, text, html), (_, below, under)) = (english.finish(), french.finish());
            (subject, format!("{text}\n---\n\n{below}"), format!("{html}<hr>\n{under}"))
        }
    }
}

/// A letter in one language, before it is laid out.
struct Draft {
    language: &'static str,
    subject: String,
    opening: Vec<String>,
    facts: Vec<(&'static str, String)>,
    closing: Vec<String>,
}

impl Draft {
    fn finish(self) -> (String, String, String) {
        let facts: Vec<_> = self.facts.iter().filter(|(_, value)| !value.is_empty()).collect();
        let mut text = String::new();
        let mut html = format!("<div lang=\"{}\">\n", self.language);
        for line in &self.opening {
            text.push_str(&format!("{line}\n\n"));
            html.push_str(&format!("<p>{}</p>\n", escaped(line)));
        }
        html.push_str("<table>\n");
        for (name, value) in facts {
            text.push_str(&format!("{name}: {value}\n"));
            let (name, value) = (escaped(name), escaped(value).replace('\n', "<br>"));
            html.push_str(&format!("<tr><th align=\"left\">{name}</th><td>{value}</td></tr>\n"));
        }
        html.push_str("</table>\n");
        for line in &self.closing {
            text.push_str(&format!("\n{line}\n"));
            html.push_str(&format!("<p>{}</p>\n", escaped(line)));
        }
        html.push_str("</div>\n");
        (self.subject, text, html)
    }
}

fn english(notice: &Notice) -> Draft {
    let plural = |count: i64| if count == 1 { "day" } else { "days" };
    let when = match notice.days {
        days if days < 0 => "has expired".to_owned(),
        0 => "expires within 24 hours".to_owned(),
        days => format!("expires in {days} {}", plural(days)),
    };
    let mut opening = vec![format!("A certificate of {} {when}.", notice.organization)];
    if notice.late {
        let said = "This notice comes later than planned: the certificate was registered late, or \
                    notices could not be sent before.";
        opening.push(said.to_owned());
    }
    if notice.ownerless {
        let said = "No Application Owner is known for it. Please name one, and see that it is \
                    renewed.";
        opening.push(said.to_owned());
    }
    let process = match notice.process.as_str() {
        "" => "No renewal process is on record. Please add one to the register.",
        written => written,
    };
    Draft {
        language: "en",
        subject: format!("Certificate {when}: {}", notice.subject),
        opening,
        facts: vec![
            ("Certificate", notice.subject.clone()),
            ("Ends", notice.ends.clone()),
            ("Used for", usage_english(&notice.usage).to_owned()),
            ("Where, and who is affected", notice.place.clone()),
            ("How it is renewed", process.to_owned()),
            ("Issued by", notice.issuer.clone()),
            ("Serial number", notice.serial.clone()),
            ("SHA-256", notice.fingerprint.clone()),
        ],
        closing: vec![
            "Once the new certificate is in the register, notices about this one stop.".to_owned(),
        ],
    }
}

fn french(notice: &Notice) -> Draft {
    let plural = |count: i64| if count == 1 { "jour" } else { "jours" };
    let when = match notice.days {
        days if days < 0 => "est expiré".to_owned(),
        0 => "expire dans les 24 heures".to_owned(),
        days => format!("expire dans {days} {}", plural(days)),
    };
    let mut opening = vec![format!("Un certificat de {} {when}.", notice.organization)];
    if notice.late {
        let said = "Cet avis arrive plus tard que prévu : le certificat a été inscrit \
                    tardivement, ou les avis n'ont pas pu être envoyés plus tôt.";
        opening.push(said.to_owned());
    }
    if notice.ownerless {
        let said = "Aucun responsable d'application n'est connu pour ce certificat. Veuillez en \
                    désigner un et veiller au renouvellement.";
        opening.push(said.to_owned());
    }
    let process = match notice.process.as_str() {
        "" => "Aucun processus de renouvellement n'est consigné. Veuillez l'ajouter au registre.",
        written => written,
    };
    Draft {
        language: "fr",
        subject: format!("Le certificat {when} : {}", notice.subject),
        opening,
        facts: vec![
            ("Certificat", notice.subject.clone()),
            ("Fin", notice.ends.clone()),
            ("Usage", usage_french(&notice.usage).to_owned()),
            ("Où, et qui est touché", notice.place.clone()),
            ("Renouvellement", process.to_owned()),
            ("Émis par", notice.issuer.clone()),
            ("Numéro de série", notice.serial.clone()),
            ("SHA-256", notice.fingerprint.clone()),
        ],
        closing: vec![
            "Dès que le nouveau certificat est inscrit au registre, les avis sur celui-ci cessent."
                .to_owned(),
        ],
    }
}

fn usage_english(word: &str) -> &str {
    match word {
        "gateway-tls" => "TLS of a gateway",
        "client" => "client certificate",
        "saml-signing" => "signing of SAML messages",
        "saml-encryption" => "encryption of SAML messages",
        "data-feed" => "data feed",
        _ => "other",
    }
}

fn usage_french(word: &str) -> &str {
    match word {
        "gateway-tls" => "TLS d'une passerelle",
        "client" => "certificat client",
        "saml-signing" => "signature de messages SAML",
        "saml-encryption" => "chiffrement de messages SAML",
        "data-feed" => "flux de données",
        _ => "autre",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(days: i64) -> Notice {
        Notice {
            days,
            late: false,
            ownerless: false,
            ends: "2026-12-24 00:00 UTC".into(),
            organization: "ORG0001 Northvale Health".into(),
            subject: "CN=feed.northvale.example".into(),
            issuer: "CN=Example CA".into(),
            serial: "0a".into(),
            fingerprint: "00ff".into(),
            usage: "data-feed".into(),
            place: "Laboratory feed; every ward".into(),
            process: "Ask the feed team\nthen roll over on a Sunday".into(),
        }
    }

    #[test]
    fn ce2_a_letter_says_which_where_who_and_how_in_both_languages() {
        let (subject, text, html) = write(&notice(30), Language::Both);
        assert_eq!(subject, "Certificate expires in 30 days: CN=feed.northvale.example");
        for wanted in [
            "A certificate of ORG0001 Northvale Health expires in 30 days.",
            "Un certificat de ORG0001 Northvale Health expire dans 30 jours.",
            "Used for: data feed",
            "Usage: flux de données",
            "Laboratory feed; every ward",
            "Ask the feed team",
            "2026-12-24 00:00 UTC",
        ] {
            assert!(text.contains(wanted), "{wanted}\n{text}");
        }
        assert!(html.contains("lang=\"en\"") && html.contains("lang=\"fr\""));
        let subject = |days, language| write(&notice(days), language).0;
        assert!(subject(-1, Language::English).starts_with("Certificate has expired: "));
        assert!(subject(0, Language::French).starts_with("Le certificat expire dans les 24"));
        assert!(subject(1, Language::English).contains("in 1 day:"));
    }

    #[test]
    fn ce3_ce6_late_and_ownerless_letters_say_so() {
        let told = Notice { late: true, ownerless: true, ..notice(30) };
        let (_, text, _) = write(&told, Language::Both);
        assert!(text.contains("later than planned") && text.contains("plus tard que prévu"));
        assert!(text.contains("No Application Owner") && text.contains("Aucun responsable"));
    }

    #[test]
    fn eml02_html_shows_markup_and_obeys_none() {
        let bad = "<img src=x onerror=\"alert('1')\">&";
        let bent =
            Notice { place: bad.into(), subject: bad.into(), process: bad.into(), ..notice(1) };
        let (_, text, html) = write(&bent, Language::Both);
        assert!(!html.contains("<img") && html.contains("&lt;img"));
        assert!(text.contains(bad));
    }
}
