//! What we are and can do: configuration, schemas, resource types (RFC 7644 §4).
//!
//! The documents never change while we run, so they are written once.

use bytes::Bytes;
use hyper::StatusCode;
use serde_json::Value;
use serde_json::json;

use crate::http::limits;
use crate::http::problem::Problem;
use crate::http::query;
use crate::http::reply::Reply;
use crate::scim::schema::Catalogue;
use crate::service::Error;
use crate::service::Settings;

/// The finished documents.
#[derive(Debug)]
pub struct Discovery {
    configuration: Bytes,
    schemas: Shelf,
    types: Shelf,
}

/// A list and its entries by name.
#[derive(Debug)]
struct Shelf {
    list: Bytes,
    entries: Vec<(String, Bytes)>,
}

impl Discovery {
    /// Writes the documents; locations start with `base_url`.
    pub fn new(catalogue: &Catalogue, base_url: &str, settings: &Settings) -> Self {
        let schemas = catalogue.schemas.iter().map(|it| (it.id.clone(), it.document.clone()));
        let types = catalogue.types.iter().map(|it| (it.name.clone(), it.document.clone()));
        Self {
            configuration: configuration(base_url, settings).to_string().into(),
            schemas: Shelf::new(schemas, base_url),
            types: Shelf::new(types, base_url),
        }
    }

    /// `/ServiceProviderConfig`
    pub fn configuration(&self, query: Option<&str>) -> Result<Reply, Problem> {
        found(Some(&self.configuration), query)
    }

    /// `/Schemas`
    pub fn schemas(&self, query: Option<&str>) -> Result<Reply, Problem> {
        found(Some(&self.schemas.list), query)
    }

    /// `/Schemas/{urn}`
    pub fn schema(&self, urn: &str, query: Option<&str>) -> Result<Reply, Problem> {
        found(self.schemas.entry(urn), query)
    }

    /// `/ResourceTypes`
    pub fn types(&self, query: Option<&str>) -> Result<Reply, Problem> {
        found(Some(&self.types.list), query)
    }

    /// `/ResourceTypes/{name}`
    pub fn resource_type(&self, name: &str, query: Option<&str>) -> Result<Reply, Problem> {
        found(self.types.entry(name), query)
    }
}

impl Shelf {
    fn new(documents: impl Iterator<Item = (String, Value)>, base_url: &str) -> Self {
        let mut entries = Vec::new();
        let mut all = Vec::new();
        for (name, mut document) in documents {
            absolute(&mut document, base_url);
            entries.push((name, document.to_string().into()));
            all.push(document);
        }
        let list = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": all.len(),
            "startIndex": 1,
            "itemsPerPage": all.len(),
            "Resources": all,
        });
        Self { list: list.to_string().into(), entries }
    }

    fn entry(&self, name: &str) -> Option<&Bytes> {
        self.entries.iter().find(|(known, _)| known == name).map(|(_, document)| document)
    }
}

/// A filter is refused rather than passed over in silence; everything else in the query is
/// passed over (DSC-16, DSC-17).
fn found(document: Option<&Bytes>, query: Option<&str>) -> Result<Reply, Problem> {
    let pairs = query.and_then(query::pairs).unwrap_or_default();
    if pairs.iter().any(|(name, _)| name.eq_ignore_ascii_case("filter")) {
        let said = "Discovery endpoints take no filter. Read the whole list.";
        return Err(Problem::new(StatusCode::FORBIDDEN, said));
    }
    match document {
        Some(document) => Ok(Reply::new(StatusCode::OK, document.clone())),
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
    use std::sync::Arc;

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

    fn body(reply: Result<Reply, Problem>) -> Value {
        serde_json::from_slice(&reply.unwrap().body).unwrap()
    }

    #[test]
    fn rfc_dsc12_a_schema_stands_alone_and_locations_are_whole() {
        let discovery = discovery();
        let one = body(discovery.schema("urn:example:core", None));
        assert_eq!(one["meta"]["location"], "https://example.org/scim/v2/Schemas/x");
        assert_eq!(discovery.schema("urn:example:none", None).unwrap_err().status, 404);
    }

    #[test]
    fn rfc_dsc16_paging_is_passed_over_and_rfc_dsc17_a_filter_refused() {
        let discovery = discovery();
        let list = body(discovery.schemas(Some("startIndex=2&count=1")));
        assert_eq!(list["totalResults"], 1);
        for filtered in [
            discovery.schemas(Some("filter=id+pr")),
            discovery.configuration(Some("filter=")),
            discovery.types(Some("a=b&Filter=x")),
        ] {
            assert_eq!(filtered.unwrap_err().status, 403);
        }
    }

    #[test]
    fn rfc_dsc03_bulk_limits_are_those_that_hold() {
        let configuration = body(discovery().configuration(None));
        assert_eq!(configuration["bulk"]["maxOperations"], limits::MOST_OPERATIONS);
        assert_eq!(configuration["bulk"]["maxPayloadSize"], limits::LARGEST_BULK);
    }
}
