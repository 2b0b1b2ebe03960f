//! Queries and their answers (RFC 7644 §3.4.2, §3.4.3; RFC 9865).

use std::io::Write as _;

use serde_json::Value;

use crate::base::clock::Moment;
use crate::scim::error::Error;
use crate::scim::error::ScimType;
use crate::scim::filter;
use crate::scim::filter::Filter;
use crate::scim::path::AttributePath;
use crate::scim::project::Projection;
use crate::scim::quirks::Quirk;
use crate::scim::quirks::Tolerance;

/// The URN of a query in a body.
pub const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
/// The URN of a list.
pub const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// What a query asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListQuery {
    /// Which resources.
    pub filter: Option<Filter>,
    /// By which attribute they are sorted; not yet looked up.
    pub sort_by: Option<AttributePath>,
    /// Whether the order is reversed.
    pub descending: bool,
    /// Where the page begins.
    pub start: Start,
    /// Resources on the page; 0 asks for the total only, `None` leaves it to us. Not yet capped.
    pub count: Option<u64>,
    /// Which attributes are shown.
    pub projection: Projection,
    /// As of when; `None` is now.
    pub at: Option<Moment>,
}

/// Where a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// At this match; the first is 1.
    Index(u64),
    /// Where this cursor says; empty at the beginning.
    Cursor(String),
}

impl Default for Start {
    fn default() -> Self {
        Self::Index(1)
    }
}

impl ListQuery {
    /// Reads a query string, without its question mark. Names are exact, unknown ones ignored;
    /// `+` and `%20` are spaces. Refuses broken escapes, a parameter that is given twice, and
    /// values out of form, as `invalidValue`; the filter as `invalidFilter`, `sortBy` as
    /// `invalidPath`.
    pub fn from_query(raw_query: &str, tolerance: &mut Tolerance) -> Result<Self, Error> {
        Asked::from_query(raw_query)?.read(filter::LONGEST, tolerance)
    }

    /// Reads the body of a `.search` request. What it leaves out or calls null is as left out of
    /// a query string.
    pub fn from_body(body: Value, tolerance: &mut Tolerance) -> Result<Self, Error> {
        let Value::Object(body) = body else {
            let said = "The body must be a JSON object: a SearchRequest.";
            return Err(Error::new(ScimType::InvalidSyntax, said));
        };
        let mut asked = Asked::default();
        let mut is_named = false;
        for (key, value) in body {
            if key.eq_ignore_ascii_case("schemas") {
                is_named = value.as_array().is_some_and(|urns| urns.iter().any(is_search_request));
                continue;
            }
            let known = NAMES.into_iter().find(|name| name.eq_ignore_ascii_case(&key));
            let Some(slot) = known.and_then(|name| asked.slot(name)) else { continue };
            match (slot, value) {
                (_, Value::Null) => {}
                (Slot::One(one), value) => *one = Some(value),
                (Slot::Names(names), value) => *names = listed(value)?,
            }
        }
        if !is_named {
            let said = "`schemas` must name the SearchRequest message.";
            let refusal = || Error::new(ScimType::InvalidSyntax, said);
            tolerance.forgive(Quirk::SchemasList, "schemas: no SearchRequest", refusal)?;
        }
        asked.read(filter::LONGEST_IN_BODY, tolerance)
    }
}

/// What a request about one resource may ask beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemQuery {
    /// Which attributes are shown.
    pub projection: Projection,
    /// As of when; `None` is now.
    pub at: Option<Moment>,
}

impl ItemQuery {
    /// Reads a query string, without its question mark, as [`ListQuery::from_query`] does;
    /// parameters of lists are ignored.
    pub fn from_query(raw_query: &str) -> Result<Self, Error> {
        if raw_query.is_empty() {
            return Ok(Self::default());
        }
        let asked = Asked::from_query(raw_query)?;
        Ok(Self {
            projection: Projection::new(&asked.attributes, &asked.excluded)?,
            at: moment(text("asOf", ScimType::InvalidValue, asked.as_of)?)?,
        })
    }
}

/// The parameters of a query; the rest of a query string is not ours.
const NAMES: [&str; 9] = [
    "filter",
    "sortBy",
    "sortOrder",
    "startIndex",
    "count",
    "cursor",
    "asOf",
    "attributes",
    "excludedAttributes",
];

/// The parameters as they came.
#[derive(Default)]
struct Asked {
    filter: Option<Value>,
    sort_by: Option<Value>,
    sort_order: Option<Value>,
    start_index: Option<Value>,
    count: Option<Value>,
    cursor: Option<Value>,
    as_of: Option<Value>,
    attributes: Vec<String>,
    excluded: Vec<String>,
}

enum Slot<'a> {
    One(&'a mut Option<Value>),
    Names(&'a mut Vec<String>),
}

impl Asked {
    fn from_query(raw_query: &str) -> Result<Self, Error> {
        let mut asked = Asked::default();
        for pair in raw_query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decoded(name)?;
            let Some(slot) = asked.slot(&name) else { continue };
            let value = decoded(value)?;
            match slot {
                Slot::Names(names) => names.push(value),
                Slot::One(one) if one.is_none() => *one = Some(Value::String(value)),
                Slot::One(_) => return Err(twice(&name)),
            }
        }
        Ok(asked)
    }

    fn slot(&mut self, name: &str) -> Option<Slot<'_>> {
        Some(match name {
            "filter" => Slot::One(&mut self.filter),
            "sortBy" => Slot::One(&mut self.sort_by),
            "sortOrder" => Slot::One(&mut self.sort_order),
            "startIndex" => Slot::One(&mut self.start_index),
            "count" => Slot::One(&mut self.count),
            "cursor" => Slot::One(&mut self.cursor),
            "asOf" => Slot::One(&mut self.as_of),
            "attributes" => Slot::Names(&mut self.attributes),
            "excludedAttributes" => Slot::Names(&mut self.excluded),
            _ => return None,
        })
    }

    fn read(self, longest: usize, tolerance: &mut Tolerance) -> Result<ListQuery, Error> {
        let filter = match text("filter", ScimType::InvalidFilter, self.filter)? {
            None => None,
            Some(text) => Some(filter::parse::parse(&text, longest, tolerance)?),
        };
        let sort_by = match text("sortBy", ScimType::InvalidPath, self.sort_by)? {
            None => None,
            Some(text) => Some(AttributePath::parse(&text).ok_or_else(|| {
                Error::new(ScimType::InvalidPath, "`sortBy` must be the path of an attribute.")
            })?),
        };
        Ok(ListQuery {
            filter,
            sort_by,
            descending: descending(text("sortOrder", ScimType::InvalidValue, self.sort_order)?)?,
            start: start(self.start_index, text("cursor", ScimType::InvalidCursor, self.cursor)?)?,
            count: self.count.map(|value| whole("count", &value)).transpose()?,
            projection: Projection::new(&self.attributes, &self.excluded)?,
            at: moment(text("asOf", ScimType::InvalidValue, self.as_of)?)?,
        })
    }
}

fn text(name: &str, kind: ScimType, value: Option<Value>) -> Result<Option<String>, Error> {
    match value {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Error::new(kind, format!("`{name}` must be a text."))),
    }
}

fn descending(order: Option<String>) -> Result<bool, Error> {
    match order.as_deref() {
        None => Ok(false),
        Some(word) if word.eq_ignore_ascii_case("ascending") => Ok(false),
        Some(word) if word.eq_ignore_ascii_case("descending") => Ok(true),
        Some(_) => Err(invalid("`sortOrder` must be ascending or descending.")),
    }
}

fn start(index: Option<Value>, cursor: Option<String>) -> Result<Start, Error> {
    match (index, cursor) {
        (Some(_), Some(_)) => Err(invalid("`startIndex` and `cursor` exclude each other.")),
        (None, Some(cursor)) => Ok(Start::Cursor(cursor)),
        (Some(index), None) => Ok(Start::Index(whole("startIndex", &index)?.max(1))),
        (None, None) => Ok(Start::default()),
    }
}

/// A whole number; below zero counts as zero, beyond 2^64 as the largest (PAG-03..05, PAG-13).
fn whole(name: &str, value: &Value) -> Result<u64, Error> {
    let refusal = || invalid(format!("`{name}` must be a whole number."));
    let text = match value {
        Value::String(text) => text.as_str(),
        Value::Number(number) if number.is_i64() || number.is_u64() => {
            return Ok(number.as_u64().unwrap_or(0));
        }
        _ => return Err(refusal()),
    };
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(refusal());
    }
    Ok(if digits.len() < text.len() { 0 } else { digits.parse().unwrap_or(u64::MAX) })
}

fn moment(text: Option<String>) -> Result<Option<Moment>, Error> {
    let Some(text) = text else { return Ok(None) };
    // A plus sign that was not escaped arrives as a space.
    let moment = text.replace(' ', "+").parse();
    moment.map(Some).map_err(|_| {
        invalid("`asOf` must be a date and time with an offset, as 2026-01-31T08:30:00Z.")
    })
}

fn is_search_request(urn: &Value) -> bool {
    urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(SEARCH_REQUEST))
}

fn listed(value: Value) -> Result<Vec<String>, Error> {
    let one = |value| match value {
        Value::String(name) => Ok(name),
        _ => Err(invalid("Lists of attributes must be arrays of names.")),
    };
    match value {
        Value::Array(list) => list.into_iter().map(one).collect(),
        single => Ok(vec![one(single)?]),
    }
}

fn twice(name: &str) -> Error {
    let kind = if name == "filter" { ScimType::InvalidFilter } else { ScimType::InvalidValue };
    Error::new(kind, "A parameter of the query is given twice.")
}

fn invalid(detail: impl Into<String>) -> Error {
    Error::new(ScimType::InvalidValue, detail)
}

/// Undoes the form encoding of a query string.
fn decoded(text: &str) -> Result<String, Error> {
    let broken = || invalid("The query has a broken escape, or text that is not UTF-8.");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || rest.next().and_then(|byte| char::from(byte).to_digit(16));
                let (high, low) = (digit().ok_or_else(broken)?, digit().ok_or_else(broken)?);
                u8::try_from(high * 16 + low).map_err(|_| broken())?
            }
            plain => plain,
        });
    }
    String::from_utf8(bytes).map_err(|_| broken())
}

/// A page of results.
#[derive(Clone, Copy, Debug, Default)]
pub struct Page<'a> {
    /// All matches, on whatever page; `None` when they were not counted (CUR-18).
    pub total: Option<u64>,
    /// Which match is the first of the page; `None` on a page that was reached by cursor.
    pub start_index: Option<u64>,
    /// Leads to the next page, if there is one.
    pub next_cursor: Option<&'a str>,
    /// Whether only the total was asked for (`count=0`).
    pub total_only: bool,
}

/// Builds a ListResponse around resources that are finished JSON.
pub fn response<T: AsRef<[u8]>>(page: &Page<'_>, resources: &[T]) -> Vec<u8> {
    let size: usize = resources.iter().map(|one| one.as_ref().len().saturating_add(1)).sum();
    let mut bytes = Vec::with_capacity(size.saturating_add(512));
    // Writing into memory does not fail.
    let _ = write!(bytes, r#"{{"schemas":["{LIST_RESPONSE}"]"#);
    if let Some(total) = page.total {
        let _ = write!(bytes, r#","totalResults":{total}"#);
    }
    if let Some(index) = page.start_index {
        let _ = write!(bytes, r#","startIndex":{index}"#);
    }
    let _ = write!(bytes, r#","itemsPerPage":{}"#, resources.len());
    if let Some(cursor) = page.next_cursor {
        let _ = write!(bytes, r#","nextCursor":{}"#, Value::from(cursor));
    }
    if !page.total_only {
        bytes.extend_from_slice(br#","Resources":["#);
        for (turn, resource) in resources.iter().enumerate() {
            if turn > 0 {
                bytes.push(b',');
            }
            bytes.extend_from_slice(resource.as_ref());
        }
        bytes.push(b']');
    }
    bytes.push(b'}');
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn query(text: &str) -> Result<ListQuery, Error> {
        ListQuery::from_query(text, &mut Tolerance::lenient())
    }

    fn body(value: Value) -> Result<ListQuery, Error> {
        ListQuery::from_body(value, &mut Tolerance::lenient())
    }

    fn kind(result: Result<ListQuery, Error>) -> ScimType {
        result.unwrap_err().kind
    }

    #[test]
    fn rfc_pag05_pag06_start_index_is_at_least_one() {
        assert_eq!(query("").unwrap(), ListQuery::default());
        for (text, index) in [
            ("startIndex=0", 1),
            ("startIndex=-5", 1),
            ("startIndex=-9223372036854775809", 1),
            ("startIndex=7", 7),
            ("startIndex=9223372036854775808", 1 << 63),
            ("startIndex=18446744073709551616", u64::MAX),
        ] {
            assert_eq!(query(text).unwrap().start, Start::Index(index), "{text}");
        }
        assert_eq!(body(json!({"startIndex": -3})).unwrap().start, Start::Index(1));
    }

    #[test]
    fn rfc_pag03_pag04_count_ends_at_zero() {
        for (text, count) in [
            ("count=0", Some(0)),
            ("count=-1", Some(0)),
            ("count=1000000000", Some(1_000_000_000)),
            ("x=1", None),
        ] {
            assert_eq!(query(text).unwrap().count, count, "{text}");
        }
        assert_eq!(body(json!({"count": -1})).unwrap().count, Some(0));
        assert_eq!(body(json!({"count": null})).unwrap().count, None);
    }

    #[test]
    fn pag01_what_is_no_whole_number_is_refused() {
        for value in
            ["", "abc", "1e3", "+1", "%2B1", "1.0", "1 ", "-", "--1", "0x1", "1_0", "%D9%A1"]
        {
            for name in ["count", "startIndex"] {
                let text = format!("{name}={value}");
                assert_eq!(kind(query(&text)), ScimType::InvalidValue, "{text}");
            }
        }
        for value in [json!(1.5), json!(1e3), json!("x"), json!(true), json!([1])] {
            assert_eq!(kind(body(json!({"count": value}))), ScimType::InvalidValue);
        }
    }

    #[test]
    fn rfc_cur02_an_empty_cursor_starts_and_excludes_an_index() {
        for text in ["cursor", "cursor=", "count=1&cursor"] {
            assert_eq!(query(text).unwrap().start, Start::Cursor(String::new()), "{text}");
        }
        assert_eq!(query("cursor=aB-_").unwrap().start, Start::Cursor("aB-_".into()));
        assert_eq!(body(json!({"cursor": ""})).unwrap().start, Start::Cursor(String::new()));
        assert_eq!(kind(query("cursor=&startIndex=1")), ScimType::InvalidValue);
    }

    #[test]
    fn a_query_string_is_form_decoded() {
        let spaces = query("filter=userName+eq+%22a%2Bb%20c%22").unwrap();
        let encoded = query("filter=userName%20eq%20%22a%2Bb+c%22&&unknown=%zz&").unwrap();
        assert!(spaces.filter.is_some());
        assert_eq!(spaces, encoded);
        for broken in ["filter=%", "filter=%2", "filter=%zz", "filter=%ff", "sortBy=%+1"] {
            assert_eq!(kind(query(broken)), ScimType::InvalidValue, "{broken}");
        }
        assert_eq!(query("Count=5").unwrap().count, None);
    }

    #[test]
    fn flt05_a_filter_that_is_empty_or_given_twice_is_refused() {
        for text in ["filter", "filter=", "filter=userName+eq+%22a%22&filter=userName+eq+%22a%22"] {
            assert_eq!(kind(query(text)), ScimType::InvalidFilter, "{text}");
        }
        assert_eq!(kind(query("count=1&count=2")), ScimType::InvalidValue);
    }

    #[test]
    fn sorting_needs_a_path_and_a_known_order() {
        let sorted = query("sortBy=name.familyName&sortOrder=descending").unwrap();
        assert_eq!(sorted.sort_by, AttributePath::parse("name.familyName"));
        assert!(sorted.descending);
        assert!(!query("sortBy=userName&sortOrder=ascending").unwrap().descending);
        assert_eq!(kind(query("sortBy=")), ScimType::InvalidPath);
        assert_eq!(kind(query("sortOrder=up")), ScimType::InvalidValue);
    }

    #[test]
    fn as_of_is_an_instant() {
        let moment = "2026-01-31T08:30:00+01:00".parse().ok();
        assert_eq!(query("asOf=2026-01-31T08:30:00%2B01:00").unwrap().at, moment);
        assert_eq!(query("asOf=2026-01-31T08:30:00+01:00").unwrap().at, moment);
        assert_eq!(query("asOf=2026-01-31T07:30:00Z").unwrap().at, moment);
        for bad in ["asOf=", "asOf=2026-01-31", "asOf=yesterday"] {
            assert_eq!(kind(query(bad)), ScimType::InvalidValue, "{bad}");
        }
    }

    #[test]
    fn rfc_prj16_one_resource_is_asked_for_in_the_same_words() {
        let asked = ItemQuery::from_query("attributes=userName&filter=&count=x&").unwrap();
        assert_eq!(asked.projection, Projection::new(&["userName"], &[]).unwrap());
        assert_eq!(ItemQuery::from_query("").unwrap(), ItemQuery::default());
        assert!(ItemQuery::from_query("asOf=2026-01-31T07:30:00Z").unwrap().at.is_some());
        for bad in ["attributes=a&excludedAttributes=b", "asOf=1", "attributes=%"] {
            assert_eq!(ItemQuery::from_query(bad).unwrap_err().kind, ScimType::InvalidValue);
        }
    }

    #[test]
    fn rfc_sch02_to_sch07_a_body_asks_as_a_query_does() {
        let asked = json!({
            "schemas": [SEARCH_REQUEST], "filter": "userName eq \"a\"", "sortBy": "userName",
            "sortOrder": "descending", "startIndex": 3, "count": 1,
            "attributes": ["userName", "name"], "excludedAttributes": null
        });
        let text = "filter=userName+eq+%22a%22&sortBy=userName&sortOrder=descending\
                    &startIndex=3&count=1&attributes=userName,name";
        let mut strict = Tolerance::strict();
        assert_eq!(ListQuery::from_body(asked, &mut strict), query(text));
        let bare = ListQuery::from_body(json!({}), &mut strict).unwrap_err();
        assert_eq!(bare.kind, ScimType::InvalidSyntax);
        let mut lenient = Tolerance::lenient();
        assert!(ListQuery::from_body(json!({}), &mut lenient).is_ok());
        assert_eq!(lenient.take_seen()[0].quirk, Quirk::SchemasList);
        assert_eq!(kind(body(json!([]))), ScimType::InvalidSyntax);
        assert_eq!(kind(body(json!({"filter": 5}))), ScimType::InvalidFilter);
        assert_eq!(kind(body(json!({"filter": ""}))), ScimType::InvalidFilter);
        assert_eq!(kind(body(json!({"attributes": [1]}))), ScimType::InvalidValue);
    }

    #[test]
    fn rfc_pag01_a_page_says_where_it_is() {
        let page = Page { total: Some(3), start_index: Some(2), ..Page::default() };
        let bytes = response(&page, &[br#"{"id":"a"}"#, br#"{"id":"b"}"#]);
        let read: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(
            read,
            json!({"schemas": [LIST_RESPONSE], "totalResults": 3, "startIndex": 2,
                "itemsPerPage": 2, "Resources": [{"id": "a"}, {"id": "b"}]})
        );
    }

    #[test]
    fn rfc_pag11_an_empty_page_has_an_empty_array_and_count_zero_has_none() {
        let nothing: [&[u8]; 0] = [];
        let page = Page { total: Some(0), start_index: Some(1), ..Page::default() };
        let read: Value = serde_json::from_slice(&response(&page, &nothing)).unwrap();
        assert_eq!(read["Resources"], json!([]));
        let page = Page { total: Some(9), total_only: true, next_cursor: Some("x\"y"), ..page };
        let read: Value = serde_json::from_slice(&response(&page, &nothing)).unwrap();
        assert!(read.get("Resources").is_none());
        assert_eq!((&read["totalResults"], &read["nextCursor"]), (&json!(9), &json!("x\"y")));
    }
}
