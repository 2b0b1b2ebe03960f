//! The `groups` of a person: worked out when they are read, and kept until they may be others.
//!
//! Who is in which group, and what groups are called, changes far less often than people are
//! read, and every answer about a person shows it. What was worked out is kept with the store's
//! count of such changes in the organization ([`Store::ties`]); one change later it is worked out
//! anew. The count is asked before the links are read, so that what is kept is never older than
//! its count says.
//!
//! Kept is only what a connection without hidden attributes sees of its own people, now. Whole
//! answers are kept beside, in `shelf`; every change of a person ends those, but not this.
//!
//! [`Store::ties`]: crate::store::Store::ties

use std::borrow::Cow;
use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::base::clock::Moment;
use crate::base::hex::hex;
use crate::base::id::Id;
use crate::domain::record::Kind;
use crate::domain::record::Record;
use crate::scim::schema::Attribute;
use crate::service::Error;
use crate::service::Work;
use crate::service::wire::members;
use crate::service::wire::members::Holder;
use crate::service::wire::person;
use crate::service::wire::render::damaged;

/// Memory for what is kept, in bytes.
const MEMORY: u64 = 32 << 20;
/// About so many people fit.
const PEOPLE: usize = 100_000;
/// What keeping one person's groups costs beside their JSON.
const OVERHEAD: usize = 128;

/// A person's groups as they are shown.
#[derive(Debug)]
pub struct Groups {
    /// Finished JSON: a list that is not empty.
    pub json: Vec<u8>,
    /// A short hash of it, for the entity tag.
    pub hash: String,
}

/// What was worked out for people, by their identifier.
pub struct Kept(Cache<Id, Entry, Weight>);

#[derive(Clone)]
struct Entry {
    ties: u64,
    /// What was published to the connection then: its groups are shown too.
    published: Option<Arc<Vec<Id>>>,
    groups: Option<Arc<Groups>>,
    /// In how many access groups the person is, seen or not.
    access: usize,
}

#[derive(Clone)]
struct Weight;

impl Weighter<Id, Entry> for Weight {
    fn weight(&self, _: &Id, entry: &Entry) -> u64 {
        let json = entry.groups.as_ref().map_or(0, |groups| groups.json.len());
        u64::try_from(json.saturating_add(OVERHEAD)).unwrap_or(u64::MAX)
    }
}

impl Default for Kept {
    fn default() -> Self {
        Self(Cache::with_weighter(PEOPLE, MEMORY, Weight))
    }
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Kept")
    }
}

/// The groups of `record`, as of `at`; `None` when it is no person or in none.
pub async fn of(
    work: Work<'_>,
    record: &Record,
    at: Option<Moment>,
) -> Result<Option<Arc<Groups>>, Error> {
    if record.head.kind != Kind::USER {
        return Ok(None);
    }
    // Neither shown nor part of the tag where they are hidden: a tag would tell of changes, and
    // let names be guessed.
    let model = work.models().of_kind(record.head.kind).ok_or_else(Error::not_found)?;
    let Some(seen) = model.rt.core.attribute("groups") else { return Ok(None) };
    let cut = Some(seen).filter(|_| !model.sees_whole("groups"));
    // What is seldom done has a box: the commonest read does not carry the room for it about.
    if at.is_some() || cut.is_some() || work.caller.connection().is_none() {
        return Ok(Box::pin(found(work, record, at, cut)).await?.map(Arc::new));
    }
    let (id, kept) = (record.head.id, &work.ports.groups.0);
    let ties = work.ports.store.ties(record.head.partition.organization);
    let published = work.caller.published();
    let holds = |entry: &Entry| entry.ties == ties && entry.published.as_ref() == published;
    if let Some(entry) = kept.get(&id).filter(holds) {
        return Ok(entry.groups);
    }
    let (groups, access) = Box::pin(async {
        let groups = found(work, record, None, None).await?.map(Arc::new);
        Ok::<_, Error>((groups, person::access_groups(work, id, None).await?))
    })
    .await?;
    kept.insert(id, Entry { ties, published: published.cloned(), groups: groups.clone(), access });
    Ok(groups)
}

/// In how many access groups the person `record` is now, whoever asks: mostly known since its
/// groups were worked out.
pub async fn access(work: Work<'_>, record: &Record) -> Result<usize, Error> {
    let ties = work.ports.store.ties(record.head.partition.organization);
    match work.ports.groups.0.get(&record.head.id).filter(|entry| entry.ties == ties) {
        Some(entry) => Ok(entry.access),
        None => Box::pin(person::access_groups(work, record.head.id, None)).await,
    }
}

/// Works the groups out; with `seen`, only the parts that it has.
async fn found(
    work: Work<'_>,
    record: &Record,
    at: Option<Moment>,
    seen: Option<&Attribute>,
) -> Result<Option<Groups>, Error> {
    let holders = members::groups_of(work, record.head.id, at).await?;
    if holders.is_empty() {
        return Ok(None);
    }
    let mut json = Vec::with_capacity(holders.len() * (180 + work.ports.base_url.len()));
    for holder in &holders {
        json.push(if json.is_empty() { b'[' } else { b',' });
        write_group(&mut json, work, holder)?;
    }
    json.push(b']');
    if let Some(seen) = seen {
        json = cut(&json, seen)?;
    }
    let hash = hex(Sha256::digest(&json).get(..6).unwrap_or_default());
    Ok(Some(Groups { json, hash }))
}

/// The groups without the parts that are not seen.
fn cut(groups: &[u8], seen: &Attribute) -> Result<Vec<u8>, Error> {
    let mut groups: Vec<Map<String, Value>> =
        serde_json::from_slice(groups).map_err(Error::internal)?;
    for group in &mut groups {
        group.retain(|name, _| seen.sub(name).is_some());
    }
    serde_json::to_vec(&groups).map_err(Error::internal)
}

/// Writes one of a person's groups by hand: it is on the path of every read of a person.
fn write_group(out: &mut Vec<u8>, work: Work<'_>, holder: &Holder) -> Result<(), Error> {
    let (mut buffer, name) = ([0; 36], Named::of(&holder.record)?);
    let id = holder.record.head.id.text(&mut buffer);
    let mut put = |text: &str| out.extend_from_slice(text.as_bytes());
    put("{\"value\":\"");
    put(id);
    put("\",\"$ref\":\"");
    put(&work.ports.base_url);
    put("/Groups/");
    put(id);
    put("\",\"display\":");
    serde_json::to_writer(&mut *out, &*name.display_name).map_err(Error::internal)?;
    out.extend_from_slice(b",\"type\":\"");
    out.extend_from_slice(if holder.direct { b"direct\"}" } else { b"indirect\"}" });
    Ok(())
}

/// The one attribute of a group that its members show.
#[derive(Deserialize)]
struct Named<'a> {
    #[serde(rename = "displayName", default, borrow)]
    display_name: Cow<'a, str>,
}

impl<'a> Named<'a> {
    fn of(record: &'a Record) -> Result<Self, Error> {
        serde_json::from_slice(&record.body).map_err(|_| damaged(record))
    }
}
