//! What a setting may be: both ends of every number, and what must hold between two of them.

use std::time::Duration;

use crate::config::file::Carrier;
use crate::config::file::File;
use crate::config::file::Limits;
use crate::config::file::Mail;
use crate::config::file::Reminders;
use crate::config::quantity::Size;
use crate::config::quantity::Span;
use crate::http;
use crate::post;
use crate::service::Settings;

/// A setting that may not be what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// `section.key`.
    pub key: &'static str,
    /// What is wrong, without a full stop.
    pub said: String,
}

/// The most resources on a page that a settings file may allow (decisions: page size).
pub const LARGEST_PAGE: u64 = 1_000;

/// Checks every setting that could be out of bounds; the first that is, is named.
pub fn check(file: &File) -> Result<(), Wrong> {
    counts(&file.limits)?;
    times(&file.limits)?;
    span("server.drain", file.server.drain, 0, 600_000)?;
    size("store.cache", file.store.cache.0, 1 << 20, 1 << 40)?;
    base_url(&file.server.base_url)?;
    mail(&file.mail)?;
    reminders(&file.reminders)?;
    pair(&file.server.certificate, &file.server.key)
}

fn mail(mail: &Mail) -> Result<(), Wrong> {
    let address = |key, text: &str, needed| match text {
        "" if needed => wrong(key, "a mail address is needed to send letters"),
        "" => Ok(()),
        text if post::usable(text) => Ok(()),
        _ => wrong(key, "it must be a plain mail address, such as \"gate@example.org\""),
    };
    address("mail.from", &mail.from, mail.post != Carrier::Off)?;
    address("mail.help_desk", &mail.help_desk, false)?;
    if mail.post == Carrier::Smtp && mail.host.is_empty() {
        return wrong("mail.host", "the name of the mail relay is needed to send letters");
    }
    if mail.port == 0 {
        return wrong("mail.port", "it must be between 1 and 65535");
    }
    if mail.user.is_empty() != mail.password_file.is_empty() {
        return wrong("mail.user", "user and password_file are set together or not at all");
    }
    Ok(())
}

fn reminders(reminders: &Reminders) -> Result<(), Wrong> {
    let sound = |days: &[u32]| days.len() <= 10 && days.iter().all(|day| (1..=3_650).contains(day));
    if !sound(&reminders.days) || reminders.days.is_empty() {
        return wrong("reminders.days", "1 to 10 numbers between 1 and 3650 are expected");
    }
    if !sound(&reminders.after) {
        return wrong("reminders.after", "up to 10 numbers between 1 and 3650 are expected");
    }
    between("reminders.proportional_below", reminders.proportional_below, 0, 3_650)
}

fn wrong(key: &'static str, said: &str) -> Result<(), Wrong> {
    Err(Wrong { key, said: said.to_owned() })
}

fn counts(limits: &Limits) -> Result<(), Wrong> {
    between("limits.requests_per_second", limits.requests_per_second, 1, 1_000_000)?;
    burst(limits.burst)?;
    between("limits.failures_per_minute", limits.failures_per_minute, 1, 1_000_000)?;
    between("limits.failure_burst", limits.failure_burst, 1, 1_000_000)?;
    between("limits.sockets", limits.sockets, 1, 100_000)?;
    between("limits.in_work", limits.in_work, 1, 100_000)?;
    between("limits.page_maximum", limits.page_maximum, 1, LARGEST_PAGE)?;
    between("limits.page_default", limits.page_default, 1, u64::from(limits.page_maximum))?;
    between("limits.search_rows", limits.search_rows, 1, 100_000_000)
}

fn times(limits: &Limits) -> Result<(), Wrong> {
    span("limits.search_time", limits.search_time, 1, 60_000)?;
    span("limits.cursor_life", limits.cursor_life, 1_000, 7 * 86_400_000)?;
    span("limits.read_time", limits.read_time, 100, 60_000)?;
    span("limits.write_time", limits.write_time, 100, 60_000)?;
    span("limits.bulk_time", limits.bulk_time, 100, 600_000)?;
    span("limits.handshake_time", limits.handshake_time, 100, 60_000)?;
    span("limits.header_time", limits.header_time, 100, 60_000)?;
    span("limits.idle_time", limits.idle_time, 100, 3_600_000)?;
    span("limits.stall_time", limits.stall_time, 100, 600_000)
}

/// Every operation of a bulk request counts, so one of the size that we announce must fit into
/// the burst: in a smaller one it would be refused for ever (BLK-01).
fn burst(burst: u32) -> Result<(), Wrong> {
    let least = u64::try_from(http::limits::MOST_OPERATIONS).unwrap_or(u64::MAX);
    between("limits.burst", burst, least, 1_000_000).map_err(|wrong| Wrong {
        said: format!("{}; a bulk request of {least} operations takes as many", wrong.said),
        ..wrong
    })
}

/// A certificate without its key, or a key without its certificate, opens nothing.
fn pair(certificate: &str, key: &str) -> Result<(), Wrong> {
    let (set, other) = match (certificate.is_empty(), key.is_empty()) {
        (true, false) => ("server.key", "server.certificate"),
        (false, true) => ("server.certificate", "server.key"),
        _ => return Ok(()),
    };
    Err(Wrong { key: set, said: format!("{other} must be set with it") })
}

/// What the use cases are told.
pub fn for_service(limits: &Limits) -> Settings {
    let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    Settings {
        default_page: count(limits.page_default),
        max_page: count(limits.page_maximum),
        search_rows: u64::from(limits.search_rows),
        search_time: limits.search_time.0,
        cursor_life: limits.cursor_life.0,
        ..Settings::default()
    }
}

/// What the doors are told.
pub fn for_doors(file: &File) -> http::limits::Limits {
    let limits = &file.limits;
    let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    http::limits::Limits {
        requests_per_second: limits.requests_per_second,
        request_burst: limits.burst,
        failures_per_minute: limits.failures_per_minute,
        failure_burst: limits.failure_burst,
        in_work: count(limits.in_work),
        sockets: count(limits.sockets),
        read_budget: limits.read_time.0,
        write_budget: limits.write_time.0,
        bulk_budget: limits.bulk_time.0,
        handshake: limits.handshake_time.0,
        header_read: limits.header_time.0,
        idle: limits.idle_time.0,
        write_stall: limits.stall_time.0,
        drain: file.server.drain.0,
        ..http::limits::Limits::default()
    }
}

fn between(key: &'static str, value: u32, least: u64, most: u64) -> Result<(), Wrong> {
    bounds(key, u64::from(value), (least, most), |number| number.to_string())
}

fn size(key: &'static str, value: u64, least: u64, most: u64) -> Result<(), Wrong> {
    bounds(key, value, (least, most), |bytes| Size(bytes).to_string())
}

fn span(key: &'static str, value: Span, least: u64, most: u64) -> Result<(), Wrong> {
    let millis = u64::try_from(value.0.as_millis()).unwrap_or(u64::MAX);
    bounds(key, millis, (least, most), |millis| Span(Duration::from_millis(millis)).to_string())
}

fn bounds(
    key: &'static str,
    value: u64,
    (least, most): (u64, u64),
    words: impl Fn(u64) -> String,
) -> Result<(), Wrong> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(Wrong { key, said: format!("expected {} to {}", words(least), words(most)) })
}

fn base_url(url: &str) -> Result<(), Wrong> {
    let rest = url.strip_prefix("https://").and_then(|rest| rest.strip_suffix("/scim/v2"));
    let host = |host: &str| {
        !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b))
    };
    if url.is_empty() || rest.is_some_and(host) {
        return Ok(());
    }
    let said = "expected https://HOST[:PORT]/scim/v2, or nothing".to_owned();
    Err(Wrong { key: "server.base_url", said })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(change: impl FnOnce(&mut File)) -> Option<&'static str> {
        let mut file = File::default();
        change(&mut file);
        check(&file).err().map(|wrong| wrong.key)
    }

    #[test]
    fn both_sides_of_the_hard_limits() {
        assert_eq!(wrong(|_| ()), None);
        assert_eq!(wrong(|file| file.limits.page_maximum = 1_001), Some("limits.page_maximum"));
        assert_eq!(wrong(|file| file.limits.page_maximum = 1_000), None);
        assert_eq!(wrong(|file| file.store.cache = Size((1 << 20) - 1)), Some("store.cache"));
        assert_eq!(
            wrong(|file| file.limits.read_time = Span(Duration::MAX)),
            Some("limits.read_time")
        );
        assert_eq!(wrong(|file| file.limits.page_maximum = 99), Some("limits.page_default"));
        assert_eq!(wrong(|file| file.server.key = "k".into()), Some("server.key"));
    }

    #[test]
    fn blk01_the_largest_bulk_fits_into_every_burst() {
        assert_eq!(wrong(|file| file.limits.burst = 999), Some("limits.burst"));
        assert_eq!(wrong(|file| file.limits.burst = 1_000), None);
        let said = burst(999).unwrap_err().said;
        assert_eq!(
            said,
            "expected 1000 to 1000000; a bulk request of 1000 operations takes as many"
        );
    }

    #[test]
    fn the_defaults_are_the_floors_own() {
        let file = File::default();
        assert_eq!(for_doors(&file), http::limits::Limits::default());
        let (ours, theirs) = (for_service(&file.limits), Settings::default());
        assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
    }

    #[test]
    fn a_base_url_is_https_and_ends_in_scim_v2() {
        for url in ["https://scim.example.org/scim/v2", "https://[::1]:8443/scim/v2", ""] {
            assert_eq!(base_url(url), Ok(()), "{url}");
        }
        for url in ["http://h/scim/v2", "https://h", "https://h/scim/v2/", "https:///scim/v2"] {
            assert!(base_url(url).is_err(), "{url}");
        }
    }
}
