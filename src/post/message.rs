//! Makes the mail of a letter: headers that hold nothing foreign, text, HTML, calendar entry.

use std::time::Duration;
use std::time::SystemTime;

use lettre::Address;
use lettre::Message;
use lettre::message::Mailbox;
use lettre::message::MultiPart;
use lettre::message::SinglePart;
use lettre::message::header::ContentType;

use crate::post::Letter;
use crate::post::MOST_RECEIVERS;
use crate::post::Undelivered;
use crate::post::usable;

/// The longest subject, in characters; the rest is dropped.
const LONGEST_SUBJECT: usize = 200;

/// The mail of a letter, from `from`.
pub fn of(letter: &Letter, from: &str) -> Result<Message, Undelivered> {
    let id = letter.message_id.as_str();
    if !usable(id) || id.contains(['<', '>']) {
        return Err(Undelivered::Address("the Message-ID"));
    }
    let written = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(letter.written));
    let mut builder = Message::builder()
        .message_id(Some(format!("<{id}>")))
        .date(written.unwrap_or(SystemTime::UNIX_EPOCH))
        .from(mailbox(from, "the sender's address")?)
        .subject(header(&letter.subject));
    if letter.to.is_empty() || letter.to.len() > MOST_RECEIVERS {
        return Err(Undelivered::Address("the list of receivers"));
    }
    for address in &letter.to {
        builder = builder.to(mailbox(address, "a receiver's address")?);
    }
    let both = MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone());
    let parts = match &letter.calendar {
        None => both,
        Some(entry) => {
            let kind = ContentType::parse("text/calendar; charset=utf-8; method=PUBLISH")
                .map_err(|_| Undelivered::Address("the calendar entry"))?;
            let entry = SinglePart::builder()
                .header(kind)
                .header(lettre::message::header::ContentDisposition::attachment("reminder.ics"))
                .body(entry.clone());
            MultiPart::mixed().multipart(both).singlepart(entry)
        }
    };
    builder.multipart(parts).map_err(|_| Undelivered::Address("the letter"))
}

fn mailbox(address: &str, what: &'static str) -> Result<Mailbox, Undelivered> {
    if !usable(address) {
        return Err(Undelivered::Address(what));
    }
    let address: Address = address.parse().map_err(|_| Undelivered::Address(what))?;
    Ok(Mailbox::new(None, address))
}

/// A header's text on one line (EML-01).
fn header(text: &str) -> String {
    let calm = |letter: char| if letter.is_control() { ' ' } else { letter };
    text.chars().map(calm).take(LONGEST_SUBJECT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> Letter {
        Letter {
            message_id: "01@wardgate.example".into(),
            to: vec!["owner@northvale.example".into()],
            subject: "A certificate ends".into(),
            text: "Text\n.\nMAIL FROM:<x@y>\n".into(),
            html: "<p>Text</p>".into(),
            calendar: Some("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".into()),
            written: 1_790_000_000,
        }
    }

    fn head(letter: &Letter) -> String {
        let mail = String::from_utf8(of(letter, "gate@network.example").unwrap().formatted());
        mail.unwrap().split("\r\n\r\n").next().unwrap().to_owned()
    }

    #[test]
    fn eml01_a_header_holds_one_line_whatever_is_in_it() {
        let plain = head(&letter());
        for bad in ["a\r\nBcc: x@y", "a\nBcc: x@y", "a\rBcc: x@y", "a\0b", "é\r\nBcc: x@y"] {
            let bent = head(&Letter { subject: bad.into(), ..letter() });
            assert_eq!(bent.lines().count(), plain.lines().count(), "{bad:?}\n{bent}");
            assert!(!bent.lines().any(|line| line.to_lowercase().starts_with("bcc")), "{bent}");
        }
        assert!(plain.contains("Message-ID: <01@wardgate.example>"), "{plain}");
    }

    #[test]
    fn eml01_a_bad_address_gets_no_mail() {
        for bad in ["a@b\r\nRCPT TO:<x@y>", "a@b>\r\n", "", "x"] {
            let to = Letter { to: vec![bad.into()], ..letter() };
            assert!(of(&to, "gate@network.example").is_err(), "{bad:?}");
            let id = Letter { message_id: bad.into(), ..letter() };
            assert!(of(&id, "gate@network.example").is_err(), "{bad:?}");
            assert!(of(&letter(), bad).is_err(), "{bad:?}");
        }
        assert!(of(&Letter { to: Vec::new(), ..letter() }, "gate@network.example").is_err());
        let full = |count| Letter { to: vec!["a@b.example".into(); count], ..letter() };
        assert!(of(&full(MOST_RECEIVERS), "gate@network.example").is_ok());
        assert!(of(&full(MOST_RECEIVERS + 1), "gate@network.example").is_err());
    }
}
