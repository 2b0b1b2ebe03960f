//! What a setting may be: both ends of every number, and what must hold between two of them.

use crate::config::file::File;
use crate::config::file::Limits;
use crate::service::Settings;

/// A setting that may not be what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// `section.key`.
    pub key: &'static str,
    /// What is wrong, without a full stop.
    pub said: String,
}

/// The hard ends of the settings (security rules, table of limits): no file can lift them.
pub const HARD: Hard = Hard {
    page: 1_000,
    resource: 1 << 20,
    body: 4 << 20,
    bulk: 1 << 20,
    bulk_operations: 1_000,
};

/// See [`HARD`].
#[derive(Clone, Copy, Debug)]
pub struct Hard {
    /// Resources on a page.
    pub page: u64,
    /// Bytes of a resource.
    pub resource: u64,
    /// Bytes of a request body.
    pub body: u64,
    /// Bytes of a bulk request.
    pub bulk: u64,
    /// Operations of a bulk request.
    pub bulk_operations: u64,
}

/// Checks every setting that could be out of bounds; the first that is, is named.
pub fn check(file: &File) -> Result<(), Wrong> {
    let limits = &file.limits;
    let millis = |span: std::time::Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    between("limits.sockets", limits.sockets, 1, 100_000)?;
    between("limits.requests_per_second", limits.requests_per_second, 1, 1_000_000)?;
    between("limits.burst", limits.burst, 1, 1_000_000)?;
    between("limits.page_maximum", limits.page_maximum, 1, HARD.page)?;
    between("limits.page_default", limits.page_default, 1, u64::from(limits.page_maximum))?;
    between("limits.search_rows", limits.search_rows, 1, 100_000_000)?;
    between("limits.bulk_operations", limits.bulk_operations, 1, HARD.bulk_operations)?;
    span("limits.search_time", millis(limits.search_time.0), 1, 60_000)?;
    span("limits.cursor_life", millis(limits.cursor_life.0), 1_000, 7 * 86_400_000)?;
    span("server.drain", millis(file.server.drain.0), 0, 600_000)?;
    size("limits.resource", limits.resource.0, 1 << 10, HARD.resource)?;
    size("limits.body", limits.body.0, 1 << 10, HARD.body)?;
    size("limits.bulk", limits.bulk.0, 1 << 10, HARD.bulk)?;
    size("store.cache", file.store.cache.0, 1 << 20, 1 << 40)?;
    base_url(&file.server.base_url)?;
    let (certificate, key) = (&file.server.certificate, &file.server.key);
    if certificate.is_empty() != key.is_empty() {
        let (key, other) = match certificate.is_empty() {
            true => ("server.key", "server.certificate"),
            false => ("server.certificate", "server.key"),
        };
        return Err(Wrong { key, said: format!("{other} must be set with it") });
    }
    Ok(())
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
    }
}

fn between(key: &'static str, value: u32, least: u64, most: u64) -> Result<(), Wrong> {
    bounds(key, u64::from(value), (least, most), |number| number.to_string())
}

fn size(key: &'static str, value: u64, least: u64, most: u64) -> Result<(), Wrong> {
    bounds(key, value, (least, most), |bytes| super::quantity::Size(bytes).to_string())
}

fn span(key: &'static str, value: u64, least: u64, most: u64) -> Result<(), Wrong> {
    let words = |millis| {
        super::quantity::Span(std::time::Duration::from_millis(millis)).to_string()
    };
    bounds(key, value, (least, most), words)
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
    use crate::config::quantity::Size;

    fn wrong(change: impl FnOnce(&mut File)) -> Option<&'static str> {
        let mut file = File::default();
        change(&mut file);
        check(&file).err().map(|wrong| wrong.key)
    }

    #[test]
    fn both_sides_of_the_hard_limits() {
        assert_eq!(wrong(|_| ()), None);
        assert_eq!(wrong(|file| file.limits.page_maximum = 1_001), Some("limits.page_maximum"));
        assert_eq!(wrong(|file| file.limits.body = Size((4 << 20) + 1)), Some("limits.body"));
        assert_eq!(wrong(|file| file.limits.page_maximum = 99), Some("limits.page_default"));
        assert_eq!(wrong(|file| file.server.key = "k".into()), Some("server.key"));
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
