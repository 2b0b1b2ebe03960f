//! What we are and can do: configuration, schemas, resource types (RFC 7644 §4).
//!
//! Who may not read the resources of a type is not told of it: neither the type is listed nor a
//! schema that only such types have (ATT-08). Schemas that no type has describe discovery itself,
//! and are everyone's.
//!
//! The documents never change while we run, so they are written once, and each list once for
//! every set of types that somebody sees; there are no more of those than sets of permissions.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;

use bytes::Bytes;
use hyper::StatusCode;
use serde_json::Value;
use serde_json::json;

use crate::http::limits;
use crate::http::problem::Problem;
use crate::http::query;
use crate::http::reply::Reply;
use crate::http::route::Target;
use crate::http::scim::Knock;
use crate::scim::list;
use crate::scim::schema::Catalogue;
use crate::scim::schema::ResourceType;
use crate::service::Error;
use crate::service::Settings;
use crate::service::access::visible;

/// The finished documents.
#[derive(Debug)]
pub struct Discovery {
    configuration: Bytes,
    all: Vec<Arc<ResourceType>>,
    schemas: Shelf,
    types: Shelf,
}

/// Documents by name, and the lists of them by which resource types are seen.
#[derive(Debug)]
struct Shelf {
    entries: Vec<Entry>,
    lists: RwLock<HashMap<Vec<bool>, Bytes>>,
}

/// A document.
#[derive(Debug)]
struct Entry {
    name: String,
    document: Bytes,
    /// The places of the resource types that it tells of; none for what tells of all.
    of: Vec<usize>,
}

impl Discovery {
    /// Writes the documents; locations start with `base_url`.
    pub fn new(catalogue: &Catalogue, base_url: &str, settings: &Settings) -> Self {
        let entry = |name: &str, document: &Value, of: Vec<usize>| {
            let mut document = document.clone();
            absolute(&mut document, base_url);
            Entry { name: name.to_owned(), document: document.to_string().into(), of }
        };
        let users = |urn: &str| {
            let types = catalogue.types.iter().enumerate();
            types.filter(|(_, rt)| has(rt, urn)).map(|(place, _)| place).collect()
        };
        let schemas = catalogue.schemas.iter();
        let schemas = schemas.map(|it| entry(&it.id, &it.document, users(&it.id)));
        let types = catalogue.types.iter().enumerate();
        let types = types.map(|(place, it)| entry(&it.name, &it.document, vec![place]));
        Self {
            configuration: configuration(base_url, settings).to_string().into(),
            schemas: Shelf::new(schemas.collect()),
            types: Shelf::new(types.collect()),
            all: catalogue.types.clone(),
        }
    }

    /// `/ServiceProviderConfig`, which anyone may read.
    pub fn configuration(&self, query: Option<&str>) -> Result<Reply, Problem> {
        found(Some(self.configuration.clone()), query)
    }

    /// `/Schemas`, `/ResourceTypes`, and one of either, as far as the caller is told of them.
    pub fn answer(&self, knock: &Knock<'_>) -> Result<Reply, Problem> {
        let name = knock.matched.name.as_deref().unwrap_or_default();
        let sees = |rt: &Arc<ResourceType>| visible::sees(&knock.caller, rt);
        let seen: Vec<bool> = self.all.iter().map(sees).collect();
        let document = match knock.matched.route.target {
            Target::Schemas => Some(self.schemas.list(&seen)),
            Target::ResourceTypes => Some(self.types.list(&seen)),
            Target::Schema => self.schemas.one(name, &seen),
            Target::ResourceType => self.types.one(name, &seen),
            _ => None,
        };
        found(document, knock.head.uri.query())
    }
}

impl Shelf {
    fn new(entries: Vec<Entry>) -> Self {
        Self { entries, lists: RwLock::default() }
    }

    fn one(&self, name: &str, seen: &[bool]) -> Option<Bytes> {
        let mut entries = self.entries.iter().filter(|entry| entry.shown(seen));
        entries.find(|entry| entry.name == name).map(|entry| entry.document.clone())
    }

    fn list(&self, seen: &[bool]) -> Bytes {
        let kept = self.lists.read().unwrap_or_else(PoisonError::into_inner).get(seen).cloned();
        kept.unwrap_or_else(|| {
            let list = self.written(seen);
            let mut lists = self.lists.write().unwrap_or_else(PoisonError::into_inner);
            lists.entry(seen.to_vec()).or_insert(list).clone()
        })
    }

    fn written(&self, seen: &[bool]) -> Bytes {
        let shown = self.entries.iter().filter(|entry| entry.shown(seen));
        let documents: Vec<Vec<u8>> = shown.map(|entry| entry.document.to_vec()).collect();
        let page = list::Page {
            total: u64::try_from(documents.len()).ok(),
            start_index: Some(1),
            next_cursor: None,
            total_only: false,
        };
        list::response(&page, &documents).into()
    }
}

impl Entry {
    fn shown(&self, seen: &[bool]) -> bool {
        let sees = |place: &usize| seen.get(*place).is_some_and(|seen| *seen);
        self.of.is_empty() || self.of.iter().any(sees)
    }
}

/// Whether resources of a type have this schema.
fn has(rt: &ResourceType, urn: &str) -> bool {
    rt.core.id == urn || rt.extensions.iter().any(|extension| extension.schema.id == urn)
}

/// A filter is refused rather than passed over in silence; everything else in the query is
/// passed over (DSC-16, DSC-17).
fn found(document: Option<Bytes>, query: Option<&str>) -> Result<Reply, Problem> {
    let pairs = query.and_then(query::pairs).unwrap_or_default();
    if pairs.iter().any(|(name, _)| name.eq_ignore_ascii_case("filter")) {
        let said = "Discovery endpoints take no filter. Read the whole list.";
        return Err(Problem::new(StatusCode::FORBIDDEN, said));
    }
    match document {
        Some(document) => Ok(Reply::new(StatusCode::OK, document)),
        None => Err(Error::not_found().into()),
    }
}

/// Puts the base in front of `meta.location`.
fn absolute(document: &mut Value, base_url: &str) {
    if let Some(Value::String(location)) = document.pointer_mut("/meta/location")
        && location.starts_with('/')
    {
        location.insert_str(0, base_url);
    }
}

/// RFC 7643 §5, with the pagination of RFC 9865 §4.
fn configuration(base_url: &str, settings: &Settings) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": true},
        "bulk": {
            "supported": true,
            "maxOperations": limits::MOST_OPERATIONS,
            "maxPayloadSize": limits::LARGEST_BULK,
        },
        "filter": {"supported": true, "maxResults": settings.max_page},
        "changePassword": {"supported": false},
        "sort": {"supported": true},
        "etag": {"supported": true},
        "pagination": {
            "cursor": true,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": settings.default_page,
            "maxPageSize": settings.max_page,
            "cursorTimeout": settings.cursor_life.as_secs(),
        },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "A token of a connection, in the Authorization header (RFC 6750).",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{base_url}/ServiceProviderConfig"),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::schema::Schema;

    fn discovery() -> Discovery {
        let schema = Schema {
            id: "urn:example:core".into(),
            name: "Core".into(),
            attributes: Vec::new(),
            document: json!({"id": "urn:example:core", "meta": {"location": "/Schemas/x"}}),
        };
        let catalogue = Catalogue { schemas: vec![Arc::new(schema)], types: Vec::new() };
        Discovery::new(&catalogue, "https://example.org/scim/v2", &Settings::default())
    }

    fn json(document: Option<Bytes>) -> Value {
        serde_json::from_slice(&document.unwrap()).unwrap()
    }

    #[test]
    fn rfc_dsc12_a_schema_stands_alone_and_locations_are_whole() {
        let discovery = discovery();
        let one = json(discovery.schemas.one("urn:example:core", &[]));
        assert_eq!(one["meta"]["location"], "https://example.org/scim/v2/Schemas/x");
        assert!(discovery.schemas.one("urn:example:none", &[]).is_none());
        assert_eq!(found(None, None).unwrap_err().status, 404);
    }

    #[test]
    fn rfc_dsc16_paging_is_passed_over_and_rfc_dsc17_a_filter_refused() {
        let discovery = discovery();
        let list = found(Some(discovery.schemas.list(&[])), Some("startIndex=2&count=1"));
        assert_eq!(json(Some(list.unwrap().body))["totalResults"], 1);
        for query in ["filter=id+pr", "filter=", "a=b&Filter=x"] {
            let list = Some(discovery.schemas.list(&[]));
            assert_eq!(found(list, Some(query)).unwrap_err().status, 403);
            assert_eq!(discovery.configuration(Some(query)).unwrap_err().status, 403);
        }
    }

    #[test]
    fn rfc_dsc03_bulk_limits_are_those_that_hold() {
        let configuration = json(Some(discovery().configuration));
        assert_eq!(configuration["bulk"]["maxOperations"], limits::MOST_OPERATIONS);
        assert_eq!(configuration["bulk"]["maxPayloadSize"], limits::LARGEST_BULK);
    }
}
