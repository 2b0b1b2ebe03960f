//! The register as CSV and as a calendar.

use crate::base::clock::Moment;
use crate::domain::duty::certificate::Certificate;
use crate::domain::duty::certificate::State;
use crate::post::calendar;
use crate::post::calendar::Entry;
use crate::service::Error;
use crate::service::Ports;
use crate::service::certificates::record;
use crate::service::certificates::register;
use crate::service::certificates::view;
use crate::sheet::write::Writer;

const HEADER: [&str; 13] = [
    "Organization",
    "Use",
    "Subject",
    "Issuer",
    "Serial number",
    "Begins",
    "Ends",
    "Days left",
    "State",
    "Owner",
    "Others",
    "Place",
    "Renewal process",
];

/// The register of an organization, or of all, as CSV (CSV-01): certificates, nearest end first.
pub async fn csv(ports: &Ports, organization: Option<&str>) -> Result<Vec<u8>, Error> {
    let number = organization.map(|named| register::numbered(ports, named)).transpose()?;
    let now = ports.clock.now();
    let mut sheet = Writer::start(Vec::new(), false, HEADER).map_err(Error::internal)?;
    for (one, _) in record::certificates(ports, number).await? {
        let cells = [
            view::code(one.organization),
            one.usage.word().to_owned(),
            one.facts.subject.clone(),
            one.facts.issuer.clone(),
            one.facts.serial.clone(),
            one.facts.not_before.to_string(),
            one.facts.not_after.to_string(),
            one.days_left(now).to_string(),
            one.state(now).word().to_owned(),
            one.owner.clone(),
            one.extra.join(" "),
            one.place.clone(),
            one.process.clone(),
        ];
        sheet.row(cells).map_err(Error::internal)?;
    }
    let (bytes, _) = sheet.finish().map_err(Error::internal)?;
    Ok(bytes)
}

/// The ends of an organization's certificates, or of all, as a calendar (RFC 5545).
pub async fn calendar(ports: &Ports, organization: Option<&str>) -> Result<String, Error> {
    let number = organization.map(|named| register::numbered(ports, named)).transpose()?;
    let now = ports.clock.now();
    let all = record::certificates(ports, number).await?;
    let live = all.iter().filter(|(one, _)| one.state(now) != State::Replaced);
    Ok(calendar::feed(&live.map(|(one, _)| entry(one, now)).collect::<Vec<_>>()))
}

/// The end of a certificate as a day in a calendar.
pub(super) fn entry(one: &Certificate, now: Moment) -> Entry {
    Entry {
        uid: format!("{}@wardgate", one.id),
        stamp: stamp(now),
        at: stamp(one.facts.not_after),
        summary: format!("Certificate ends / Fin du certificat : {}", one.facts.subject),
        description: format!("{} {}", view::code(one.organization), one.usage.word()),
    }
}

/// `YYYYMMDDTHHMMSSZ`
fn stamp(moment: Moment) -> String {
    let text = moment.to_string();
    let plain = text.chars().filter(|letter| letter.is_ascii_digit() || *letter == 'T');
    format!("{}Z", plain.take(15).collect::<String>())
}
