//! Members of groups: links, never lists inside a document.
//!
//! An administrator may put a record of one connection into a group of another. The link says
//! that its member is foreign, and the connection that owns the group never meets it: not in the
//! group, not in a filter, not by emptying or replacing the members (TEN-01, GRP-05). In a group
//! that belongs to no connection every member is foreign, and a connection to which it is
//! published meets its own people there. So who is foreign is looked up, and nobody else. Rejected:
//! looking up each member's owner on the way, which costs a read for every member of every group.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Map;
use serde_json::Value;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::group::DEEPEST_NESTING;
use crate::domain::record::Head;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::domain::record::Record;
use crate::domain::record::Relation;
use crate::service::Error;
use crate::service::Work;
use crate::service::access::visible;
use crate::service::wire::model::Held;
use crate::service::wire::reference;
use crate::store;
use crate::store::End;
use crate::store::Link;
use crate::store::LinkQuery;

/// A group that a user is in.
#[derive(Clone, Debug)]
pub struct Holder {
    /// The group.
    pub record: Record,
    /// Whether the user is a member itself, not only through another group.
    pub direct: bool,
}

/// Bit of a note: the member is a group.
pub const IS_GROUP: u8 = 1;
/// Bit of a note: the member is not of the group's own partition.
const IS_FOREIGN: u8 = 2;

/// The note on a link to `member` in a record of `home`; `None` when it can be no member.
pub fn note(held: &Held, member: &Head, home: Partition) -> Option<u8> {
    let kind = match member.kind {
        Kind::GROUP => IS_GROUP,
        _ => 0,
    };
    if !held.kinds.contains(&member.kind) {
        return None;
    }
    Some(if member.partition == home { kind } else { kind | IS_FOREIGN })
}

/// The note on a link to a person of `member` in a record of `home`.
pub fn note_of(member: Partition, home: Partition) -> u8 {
    if member == home { 0 } else { IS_FOREIGN }
}

/// Whether the caller, who may see the holder, may see this member of it whoever it is.
fn is_seen(work: Work<'_>, link: &Link) -> bool {
    link.note & IS_FOREIGN == 0 || work.caller.connection().is_none()
}

/// Whether the caller, who may see the holder, may see this member of it. A room system, and an
/// access group, belong to no connection, so that the note cannot tell whose a member is: that
/// costs a connection one look at each.
async fn sees(work: Work<'_>, link: &Link, at: Option<Moment>) -> Result<bool, Error> {
    if is_seen(work, link) {
        return Ok(true);
    }
    let target = work.ports.store.get(link.to, at).await?;
    Ok(target.is_some_and(|record| visible::covers(work.caller, &record)))
}

/// All members of a record that the caller may see, as of `at`.
pub async fn all(
    work: Work<'_>,
    held: &Held,
    holder: Id,
    at: Option<Moment>,
) -> Result<Vec<Link>, Error> {
    let seen = links(work, held.relation, End::From(holder), at).await?;
    if seen.iter().all(|link| is_seen(work, link)) {
        return Ok(seen);
    }
    let mut kept = Vec::with_capacity(seen.len());
    for link in seen {
        if sees(work, &link, at).await? {
            kept.push(link);
        }
    }
    Ok(kept)
}

/// Those of `named` that are members of a group, and one member if it has any, as far as the
/// caller may see them.
pub async fn some(
    work: Work<'_>,
    (held, group): (&Held, Id),
    named: &[Id],
    at: Option<Moment>,
) -> Result<Vec<Link>, Error> {
    let mut found = Vec::new();
    let mut after = None;
    while let Some(link) = next(work, held, (group, after), at).await? {
        after = Some(link.to);
        if sees(work, &link, at).await? {
            found.push(link);
            break;
        }
    }
    for id in named {
        let Some(link) = to(work, held, (group, *id), at).await? else { continue };
        if sees(work, &link, at).await? {
            found.push(link);
        }
    }
    Ok(found)
}

/// Whether `id` is a member of a group that the caller may not see.
pub async fn is_unseen(work: Work<'_>, held: &Held, group: Id, id: Id) -> Result<bool, Error> {
    if work.caller.connection().is_none() {
        return Ok(false);
    }
    match to(work, held, (group, id), None).await? {
        Some(link) => Ok(!sees(work, &link, None).await?),
        None => Ok(false),
    }
}

/// The link from a group to one member, whoever may see it.
pub async fn to(
    work: Work<'_>,
    held: &Held,
    (group, id): (Id, Id),
    at: Option<Moment>,
) -> Result<Option<Link>, Error> {
    // The link that follows the identifier right before it is the one to the member.
    let before = u128::from_be_bytes(id.0).saturating_sub(1);
    let next = next(work, held, (group, Some(Id(before.to_be_bytes()))), at).await?;
    Ok(next.filter(|link| link.to == id))
}

async fn next(
    work: Work<'_>,
    held: &Held,
    (group, after): (Id, Option<Id>),
    at: Option<Moment>,
) -> Result<Option<Link>, Error> {
    let end = End::From(group);
    let query = LinkQuery { relation: held.relation, end, after, limit: 1, at };
    Ok(work.ports.store.links(query).await?.pop())
}

/// The `members` of a record as finished JSON, as far as the caller may see it.
pub async fn json(
    work: Work<'_>,
    held: &Held,
    group: Id,
    at: Option<Moment>,
) -> Result<Vec<u8>, Error> {
    if held.relation != Relation::MEMBER {
        return named(work, held, group, at).await;
    }
    let links = all(work, held, group, at).await?;
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

/// The same where each is shown with its name, which costs a look at each: room systems.
async fn named(
    work: Work<'_>,
    held: &Held,
    holder: Id,
    at: Option<Moment>,
) -> Result<Vec<u8>, Error> {
    let mut all = Vec::new();
    for link in links(work, held.relation, End::From(holder), at).await? {
        if let Some(shown) = reference::shown(work, link.to, at).await? {
            let mut value = Map::from_iter([("value".into(), link.to.to_string().into())]);
            value.extend(shown);
            all.push(value);
        }
    }
    serde_json::to_vec(&all).map_err(Error::internal)
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
            up.extend(links(work, Relation::MEMBER, End::To(id), at).await?);
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

/// A group and the groups inside it that the caller may see, at any depth: whoever is a member of
/// one of them is in it.
pub async fn closure(work: Work<'_>, group: Id) -> Result<Vec<Id>, Error> {
    let mut found = BTreeSet::from([group]);
    let mut level = vec![group];
    for _ in 0..DEEPEST_NESTING {
        let mut next = Vec::new();
        for id in level {
            for link in links(work, Relation::MEMBER, End::From(id), None).await? {
                let open = link.note & IS_GROUP != 0 && sees(work, &link, None).await?;
                next.extend(Some(link.to).filter(|id| open && found.insert(*id)));
            }
        }
        if next.is_empty() {
            break;
        }
        level = next;
    }
    Ok(found.into_iter().collect())
}

async fn links(
    work: Work<'_>,
    relation: Relation,
    end: End,
    at: Option<Moment>,
) -> Result<Vec<Link>, Error> {
    Ok(store::every_link(work.ports.store.as_ref(), (relation, end), at).await?)
}

fn words(link: &Link) -> (&'static str, &'static str) {
    match link.note & IS_GROUP != 0 {
        true => ("Group", "/Groups/"),
        false => ("User", "/Users/"),
    }
}
