//! Members of groups: links, never lists inside a document.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Value;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::group::DEEPEST_NESTING;
use crate::domain::record::Kind;
use crate::domain::record::Record;
use crate::domain::record::Relation;
use crate::service::Error;
use crate::service::Work;
use crate::service::access::visible;
use crate::store::End;
use crate::store::Link;
use crate::store::LinkQuery;

/// How many links are read at first: few enough for the store to answer at once, and more than
/// nearly every person has.
const FIRST: usize = 200;
/// How many are read at a time when there are more.
const PAGE: usize = 10_000;

/// A group that a user is in.
#[derive(Clone, Debug)]
pub struct Holder {
    /// The group.
    pub record: Record,
    /// Whether the user is a member itself, not only through another group.
    pub direct: bool,
}

/// The note on a link: what the member is.
pub fn note(kind: Kind) -> Option<u8> {
    match kind {
        Kind::USER => Some(0),
        Kind::GROUP => Some(1),
        _ => None,
    }
}

/// All members of a group, as of `at`.
pub async fn all(work: Work<'_>, group: Id, at: Option<Moment>) -> Result<Vec<Link>, Error> {
    links(work, End::From(group), at).await
}

/// Those of `named` that are members of a group, and one member if it has any.
pub async fn some(
    work: Work<'_>,
    group: Id,
    named: &[Id],
    at: Option<Moment>,
) -> Result<Vec<Link>, Error> {
    let mut found = one(work, group, None, at).await?;
    for id in named {
        // The link that follows the identifier right before it is the one to the member.
        let before = u128::from_be_bytes(id.0).saturating_sub(1);
        let next = one(work, group, Some(Id(before.to_be_bytes())), at).await?;
        found.extend(next.into_iter().filter(|link| link.to == *id));
    }
    Ok(found)
}

async fn one(
    work: Work<'_>,
    group: Id,
    after: Option<Id>,
    at: Option<Moment>,
) -> Result<Vec<Link>, Error> {
    let end = End::From(group);
    let query = LinkQuery { relation: Relation::MEMBER, end, after, limit: 1, at };
    Ok(work.ports.store.links(query).await?)
}

/// The `members` attribute of a group as finished JSON.
pub async fn json(work: Work<'_>, group: Id, at: Option<Moment>) -> Result<Vec<u8>, Error> {
    let links = all(work, group, at).await?;
    let base = work.ports.base_url.as_bytes();
    let mut out = Vec::with_capacity(2 + links.len() * (130 + base.len()));
    out.push(b'[');
    for link in &links {
        if out.len() > 1 {
            out.push(b',');
        }
        let (kind, endpoint) = words(link);
        out.extend_from_slice(b"{\"value\":\"");
        link.to.write(&mut out);
        out.extend_from_slice(b"\",\"$ref\":\"");
        out.extend_from_slice(base);
        out.extend_from_slice(endpoint.as_bytes());
        link.to.write(&mut out);
        out.extend_from_slice(b"\",\"type\":\"");
        out.extend_from_slice(kind.as_bytes());
        out.extend_from_slice(b"\"}");
    }
    out.push(b']');
    Ok(out)
}

/// One member as a filter sees it.
pub fn value(work: Work<'_>, link: &Link) -> Value {
    let (kind, endpoint) = words(link);
    let reference = format!("{}{endpoint}{}", work.ports.base_url, link.to);
    serde_json::json!({"value": link.to.to_string(), "$ref": reference, "type": kind})
}

/// The groups a record is in, itself or through other groups, that the caller may see.
pub async fn groups_of(
    work: Work<'_>,
    member: Id,
    at: Option<Moment>,
) -> Result<Vec<Holder>, Error> {
    let mut found: BTreeMap<Id, Holder> = BTreeMap::new();
    let mut level = vec![member];
    for depth in 0..DEEPEST_NESTING {
        let mut up = Vec::new();
        for id in level {
            up.extend(links(work, End::To(id), at).await?);
        }
        let mut next = Vec::new();
        for link in up {
            if found.contains_key(&link.from) {
                continue;
            }
            let Some(record) = work.ports.store.get(link.from, at).await? else { continue };
            if visible::covers(work.caller, &record) {
                found.insert(link.from, Holder { record, direct: depth == 0 });
                next.push(link.from);
            }
        }
        if next.is_empty() {
            break;
        }
        level = next;
    }
    Ok(found.into_values().collect())
}

/// A group and the groups inside it, at any depth: whoever is a member of one of them is in it.
pub async fn closure(work: Work<'_>, group: Id) -> Result<Vec<Id>, Error> {
    let mut found = BTreeSet::from([group]);
    let mut level = vec![group];
    for _ in 0..DEEPEST_NESTING {
        let mut next = Vec::new();
        for id in level {
            let groups = links(work, End::From(id), None).await?.into_iter();
            let groups = groups.filter(|link| Some(link.note) == note(Kind::GROUP));
            next.extend(groups.map(|link| link.to).filter(|id| found.insert(*id)));
        }
        if next.is_empty() {
            break;
        }
        level = next;
    }
    Ok(found.into_iter().collect())
}

async fn links(work: Work<'_>, end: End, at: Option<Moment>) -> Result<Vec<Link>, Error> {
    let mut all: Vec<Link> = Vec::new();
    loop {
        let after = all.last().map(|link| match end {
            End::From(_) => link.to,
            End::To(_) => link.from,
        });
        let limit = if after.is_none() { FIRST } else { PAGE };
        let query = LinkQuery { relation: Relation::MEMBER, end, after, limit, at };
        let mut page = work.ports.store.links(query).await?;
        let last = page.len() < limit;
        all.append(&mut page);
        if last {
            return Ok(all);
        }
    }
}

fn words(link: &Link) -> (&'static str, &'static str) {
    match Some(link.note) == note(Kind::GROUP) {
        true => ("Group", "/Groups/"),
        false => ("User", "/Users/"),
    }
}
