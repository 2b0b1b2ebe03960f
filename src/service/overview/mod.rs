//! What administrators look at: organizations, people, events; nothing is changed here.
//!
//! Answers are JSON in the words of the administrators' API: lists say `totalResults`,
//! `startIndex`, `itemsPerPage` as SCIM does, and hold their `items`.

mod events;
mod organizations;
mod people;

pub use events::events;
pub use organizations::organization;
pub use organizations::organizations;
pub use people::Inactive;
pub use people::Question;
pub use people::SortBy;
pub use people::people;

use serde_json::Value;
use serde_json::json;

use crate::service::Error;
use crate::service::Kind;

/// The largest page of a list.
pub const LARGEST_PAGE: u64 = 1_000;
/// The page of who does not say.
pub const USUAL_PAGE: u64 = 100;

fn page(total: u64, start: u64, items: Vec<Value>) -> Value {
    json!({
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": items.len(),
        "items": items,
    })
}

/// No such organization, or not one of the caller's: the same answer for both (TEN-01).
fn no_organization() -> Error {
    Error::new(Kind::NotFound, "No such organization. Name it by ORG#### or by its id.")
}
