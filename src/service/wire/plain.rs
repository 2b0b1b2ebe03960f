//! People of whom the network knows no more than that they are there.
//!
//! Most people of most identity providers are: their extension holds the facts of the account and
//! the home organization, and nothing else. It stands at the end of the body, and those at its
//! end ([`person::lay_out`]), so that what is worked out of them is put in there without reading
//! the rest. A body that ends in any other way is read whole: what is found here is the same,
//! byte for byte.
//!
//! A text inside a body holds no bare quotes, so that the keys which are looked for are keys; the
//! three braces at the end say at which depth.

use std::sync::Arc;
use std::sync::LazyLock;

use quick_cache::sync::Cache;
use serde_json::Value;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::people::status;
use crate::domain::people::status::Facts;
use crate::domain::people::status::USUAL_DORMANT_AFTER_MONTHS;
use crate::domain::record::Record;
use crate::scim::filter::operand;
use crate::service::Error;
use crate::service::Work;
use crate::service::wire::groups;
use crate::service::wire::person;
use crate::service::wire::reference;

/// What is shown of the organizations that people are at home in, with the store's count of the
/// changes since which it may be something else.
#[derive(Debug)]
pub struct Homes(Cache<Id, (u64, Arc<[u8]>)>);

/// How many organizations are remembered.
const HOMES: usize = 1_024;

impl Default for Homes {
    fn default() -> Self {
        Self(Cache::new(HOMES))
    }
}

/// The end of a plain body, taken apart.
struct Plain<'b> {
    /// All before the end of the home organization's object.
    open: &'b [u8],
    home: Id,
    facts: Facts,
}

/// How an answer about a plain person begins: all but the last brace. With it the last instant at
/// which it is true. `None` for everybody else. For callers who see the usual attributes, now.
pub async fn opened(
    work: Work<'_>,
    record: &Record,
    now: Moment,
) -> Result<Option<(Vec<u8>, Moment)>, Error> {
    let Some(Plain { open, home, facts }) = Plain::of(&record.body) else { return Ok(None) };
    let organization = record.head.partition.organization;
    let snapshot = work.ports.registry.snapshot();
    if snapshot.organizations.get(&home) != Some(&organization) {
        return Ok(None);
    }
    let Some(shown) = shown(work, home, organization).await? else { return Ok(None) };
    let status = status::status(&facts, now, USUAL_DORMANT_AFTER_MONTHS);
    let mut out = Vec::with_capacity(record.body.len() + shown.len() + 1_024);
    out.extend_from_slice(open);
    out.extend_from_slice(&shown);
    out.extend_from_slice(b"},\"status\":\"");
    out.extend_from_slice(status.word().as_bytes());
    out.extend_from_slice(b"\",");
    out.extend_from_slice(match groups::access(work, record).await? {
        0 => &PENDING,
        _ => &GRANTED,
    });
    out.push(b'}');
    Ok(Some((out, person::until(&facts, now))))
}

/// The moments of a plain person's account.
pub fn life(body: &[u8]) -> Option<Facts> {
    Plain::of(body).map(|plain| plain.facts)
}

impl<'b> Plain<'b> {
    fn of(body: &'b [u8]) -> Option<Self> {
        let open = body.strip_suffix(b"}}}")?;
        let (rest, home) = text(open, b"\"homeOrganization\":{\"value\":\"")?;
        let (rest, activated) = text(rest.strip_suffix(b",")?, b"\"activatedAt\":\"")?;
        let before = rest.strip_suffix(b",").and_then(|rest| text(rest, b"\"lastAccess\":\""));
        let (rest, seen) = before.map_or((rest, None), |(rest, seen)| (rest, Some(seen)));
        let key = rest.strip_suffix(b"\":{")?.strip_suffix(person::EXTENSION.as_bytes())?;
        key.ends_with(b"\"").then_some(())?;
        let facts = Facts {
            last_access_at: seen.map(|seen| operand::moment(seen).ok_or(())).transpose().ok()?,
            activated_at: Some(operand::moment(activated)?),
            ..Facts::default()
        };
        Some(Self { open, home: Id::parse(home)?, facts })
    }
}

/// The text that `bytes` end with, behind `key`, and what stands before both.
fn text<'b>(bytes: &'b [u8], key: &[u8]) -> Option<(&'b [u8], &'b str)> {
    let inside = bytes.strip_suffix(b"\"")?;
    let quote = inside.iter().rposition(|byte| *byte == b'"')?;
    let (before, text) = inside.split_at_checked(quote.checked_add(1)?)?;
    Some((before.strip_suffix(key)?, std::str::from_utf8(text).ok()?))
}

/// `$ref` and `display` of a home organization, as they follow its `value`.
async fn shown(work: Work<'_>, home: Id, organization: u32) -> Result<Option<Arc<[u8]>>, Error> {
    if work.caller.connection().is_some() && !work.caller.organizations().contains(&home) {
        return Ok(None);
    }
    let (kept, ties) = (&work.ports.homes.0, work.ports.store.ties(organization));
    if let Some((_, shown)) = kept.get(&home).filter(|(then, _)| *then == ties) {
        return Ok(Some(shown));
    }
    let Some(parts) = reference::shown(work, home, None).await? else { return Ok(None) };
    let mut shown = serde_json::to_vec(&parts).map_err(Error::internal)?;
    shown.pop();
    if let Some(first) = shown.first_mut() {
        *first = b',';
    }
    let shown: Arc<[u8]> = shown.into();
    kept.insert(home, (ties, Arc::clone(&shown)));
    Ok(Some(shown))
}

/// What is said of the access of somebody who holds nothing, and of somebody who is in an access
/// group.
static PENDING: LazyLock<Vec<u8>> = LazyLock::new(|| access(0));
static GRANTED: LazyLock<Vec<u8>> = LazyLock::new(|| access(1));

fn access(groups: usize) -> Vec<u8> {
    let home = (person::HOME.to_owned(), Value::Null);
    let mut mine = serde_json::Map::from_iter([home]);
    person::derive_access(&mut mine, groups);
    mine.shift_remove(person::HOME);
    let json = serde_json::to_vec(&mine).unwrap_or_default();
    let inside = json.strip_prefix(b"{").and_then(|json| json.strip_suffix(b"}"));
    inside.unwrap_or_default().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(end: &str) -> Vec<u8> {
        let urn = person::EXTENSION;
        format!("{{\"id\":\"x\",\"userName\":\"a\",\"{urn}\":{{{end}}}}}").into_bytes()
    }

    #[test]
    fn us2_a_plain_body_is_known_by_its_end_alone() {
        let home = format!("\"homeOrganization\":{{\"value\":\"{}\"}}", Id([7; 16]));
        let at = "\"activatedAt\":\"2026-01-31T12:00:00Z\"";
        let seen = "\"lastAccess\":\"2026-02-28T12:00:00Z\"";
        let plain = body(&format!("{at},{home}"));
        let found = Plain::of(&plain).unwrap();
        assert_eq!((found.home, found.facts.last_access_at), (Id([7; 16]), None));
        let plain = body(&format!("{seen},{at},{home}"));
        let facts = Plain::of(&plain).unwrap().facts;
        assert_eq!(facts.last_access_at, operand::moment("2026-02-28T12:00:00Z"));
        for other in [
            format!("\"profession\":\"Nurse\",{at},{home}"),
            format!("{home},{at}"),
            format!("{at},{home},\"credential\":\"OTN\""),
            home.clone(),
            at.to_owned(),
            String::new(),
        ] {
            assert!(Plain::of(&body(&other)).is_none(), "{other}");
        }
        assert!(Plain::of(b"{}").is_none() && Plain::of(b"").is_none());
    }
}
