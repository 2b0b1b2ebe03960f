//! What each fuzz target does with its bytes, and what must be true afterwards.
//!
//! The targets below `fuzz_targets` run one of these under libFuzzer; the test suite runs all of
//! them over the seeds and over mutations of the seeds (`tests/suite/properties/fuzz_bodies.rs`),
//! so that a machine without cargo-fuzz looks too. A find is a panic, a failed assertion here, or
//! an input that takes seconds.

mod documents;
mod headers;
mod words;

/// A target: takes any bytes, panics on a find.
pub type Body = fn(&[u8]);

/// Every target by name; the folder of its seeds has the same name.
pub const ALL: [(&str, Body); 7] = [
    ("filter", words::filter),
    ("patch_path", words::patch_path),
    ("patch_apply", documents::patch_apply),
    ("resource_json", documents::resource_json),
    ("bulk", documents::bulk),
    ("cursor", headers::cursor),
    ("etag_header", headers::etag_header),
];

/// Runs the target `name`.
pub fn run(name: &str, data: &[u8]) {
    let (_, body) = ALL.iter().find(|(known, _)| *known == name).expect("a target of this name");
    body(data);
}

/// Resource types and documents to try things on, made once.
pub mod stage {
    use std::sync::LazyLock;

    use serde_json::Map;
    use serde_json::Value;
    use serde_json::json;
    use wardgate::scim::quirks::Tolerance;
    use wardgate::scim::resource;
    use wardgate::scim::resource::Purpose;
    use wardgate::scim::schema::Catalogue;
    use wardgate::scim::schema::ResourceType;

    pub static CATALOGUE: LazyLock<Catalogue> =
        LazyLock::new(|| Catalogue::built_in().expect("the built-in schemas"));

    /// Canonical documents with the name of their type: a full user, a bare user, a group.
    pub static DOCUMENTS: LazyLock<Vec<(&'static str, Map<String, Value>)>> = LazyLock::new(|| {
        let given =
            [("User", full_user()), ("User", json!({"userName": "bare"})), ("Group", group())];
        given.into_iter().map(|(name, body)| (name, canonical(name, body))).collect()
    });

    /// The resource type `name`.
    pub fn resource_type(name: &str) -> &'static ResourceType {
        CATALOGUE.by_name(name).expect("a built-in type")
    }

    fn canonical(name: &str, body: Value) -> Map<String, Value> {
        let mut tolerance = Tolerance::lenient();
        resource::accept(resource_type(name), body, Purpose::Create, &mut tolerance)
            .expect("a good document")
    }

    fn full_user() -> Value {
        json!({
            "userName": "Åsa.Lind@northvale.example",
            "externalId": "E-17",
            "active": true,
            "displayName": "Åsa Lind",
            "title": "Nurse",
            "name": {"givenName": "Åsa", "familyName": "Lind", "formatted": "Åsa Lind"},
            "emails": [
                {"value": "asa@northvale.example", "type": "work", "primary": true},
                {"value": "asa@home.example", "type": "home"}
            ],
            "phoneNumbers": [{"value": "555 0100", "type": "work"}],
            "roles": [{"value": "nurse"}, {"value": "lead", "display": "Lead"}],
            "addresses": [{"type": "work", "locality": "Northvale"}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
                "department": "Cardiology",
                "employeeNumber": "4711",
                "manager": {"value": "0191c2a0-0000-7000-8000-000000000001"}
            }
        })
    }

    fn group() -> Value {
        json!({"displayName": "Ward 7", "externalId": "G-1"})
    }
}
