//! The requests that are measured.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use hyper::Method;
use serde_json::Value;
use serde_json::json;

use crate::load::Site;
use crate::measure::Ask;
use crate::measure::SOCKETS;
use crate::measure::Work;
use crate::people;

/// A kind of request.
pub struct Kind {
    /// What it is called in the table.
    pub name: &'static str,
    /// The status of a good answer.
    pub status: u16,
    /// The least that bare processor time divided by ours should be.
    pub target: Option<f64>,
    /// Makes its requests for a site.
    pub work: fn(&Site) -> Work,
}

/// All of them, in the order in which they are measured: what writes comes last.
pub const KINDS: &[Kind] = &[
    Kind { name: "GET by id", status: 200, target: Some(0.70), work: by_id },
    Kind { name: "lookup userName, hit", status: 200, target: Some(0.60), work: hit },
    Kind { name: "lookup userName, miss", status: 200, target: Some(0.60), work: miss },
    Kind { name: "lookup externalId", status: 200, target: Some(0.60), work: external },
    Kind { name: "page of 100, first", status: 200, target: None, work: first_page },
    Kind { name: "page of 100, at 90 %", status: 200, target: None, work: deep_page },
    Kind { name: "PATCH one attribute", status: 200, target: None, work: patch },
    Kind { name: "create", status: 201, target: None, work: create },
    Kind { name: "member +/-, group of 10", status: 204, target: None, work: few_members },
    Kind { name: "member +/-, large group", status: 204, target: None, work: many_members },
];

/// A number that nobody can guess but everybody can repeat (splitmix64).
fn scatter(turn: &AtomicU64) -> u64 {
    let state = turn.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

fn get(path: String) -> Ask {
    Ask { method: Method::GET, path, body: Bytes::new() }
}

fn reading(site: &Site, path: impl Fn(u64) -> String + Send + Sync + 'static) -> Work {
    let (turn, users) = (AtomicU64::new(1), site.ids.len() as u64);
    Arc::new(move |_| get(path(scatter(&turn) % users)))
}

fn by_id(site: &Site) -> Work {
    let ids = site.ids.clone();
    reading(site, move |number| {
        let id = usize::try_from(number).ok().and_then(|number| ids.get(number));
        id.map(|id| format!("/scim/v2/Users/{id}")).unwrap_or_default()
    })
}

fn search(attribute: &str, value: &str) -> String {
    let value = value.replace('@', "%40");
    format!("/scim/v2/Users?filter={attribute}%20eq%20%22{value}%22")
}

fn hit(site: &Site) -> Work {
    reading(site, |number| search("userName", &people::user_name("bench", number)))
}

fn miss(site: &Site) -> Work {
    reading(site, |number| search("userName", &people::user_name("nobody", number)))
}

fn external(site: &Site) -> Work {
    reading(site, |number| search("externalId", &people::external_id("bench", number)))
}

fn first_page(site: &Site) -> Work {
    reading(site, |_| "/scim/v2/Users?startIndex=1&count=100".to_owned())
}

fn deep_page(site: &Site) -> Work {
    let deep = site.ids.len() / 10 * 9;
    reading(site, move |number| {
        let start = deep as u64 + number % 500;
        format!("/scim/v2/Users?startIndex={start}&count=100")
    })
}

fn patch_body(operation: Value) -> Bytes {
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
    Bytes::from(json!({"schemas": schemas, "Operations": [operation]}).to_string())
}

fn patch(site: &Site) -> Work {
    let by_id = by_id(site);
    let turn = AtomicU64::new(0);
    Arc::new(move |socket| {
        let value = format!("Consultant {:07}", turn.fetch_add(1, Ordering::Relaxed));
        let body = patch_body(json!({"op": "replace", "path": "title", "value": value}));
        Ask { method: Method::PATCH, body, ..by_id(socket) }
    })
}

/// Makes people whom nobody has made before.
pub fn create(_: &Site) -> Work {
    // The probe has made one person of a family already; every work takes a family of its own.
    static FAMILY: AtomicU64 = AtomicU64::new(0);
    let family = format!("fresh{}", FAMILY.fetch_add(1, Ordering::Relaxed));
    let turn = AtomicU64::new(0);
    Arc::new(move |_| {
        let person = people::person(&family, turn.fetch_add(1, Ordering::Relaxed));
        let body = Bytes::from(person.to_string());
        Ask { method: Method::POST, path: "/scim/v2/Users".to_owned(), body }
    })
}

fn few_members(site: &Site) -> Work {
    members(site, &site.small_group)
}

fn many_members(site: &Site) -> Work {
    members(site, &site.large_group)
}

/// Every socket puts its own person into the group and takes them out again, so that the group
/// stays as large as it is.
fn members(site: &Site, group: &str) -> Work {
    let path = format!("/scim/v2/Groups/{group}");
    let last = site.ids.iter().rev().take(SOCKETS);
    let people: Vec<(String, AtomicU64)> =
        last.map(|id| (id.to_string(), AtomicU64::new(0))).collect();
    Arc::new(move |socket| {
        let Some((id, turn)) = people.get(socket) else { return get(path.clone()) };
        let operation = match turn.fetch_add(1, Ordering::Relaxed) % 2 {
            0 => json!({"op": "add", "path": "members", "value": [{"value": id}]}),
            _ => json!({"op": "remove", "path": format!("members[value eq \"{id}\"]")}),
        };
        Ask { method: Method::PATCH, path: path.clone(), body: patch_body(operation) }
    })
}
