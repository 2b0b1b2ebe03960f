//! From a record to a finished answer.
//!
//! The body of a record is finished JSON, so the usual answer is a splice: body, then what is
//! worked out (`groups`, `members`), then `meta`. Only a projection, a reference, or an attribute
//! that is not returned by default makes us read the body; where those live in an extension, only
//! the bodies that hold it are read.

use std::borrow::Cow;

use serde_json::Map;
use serde_json::Value;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::record::Head;
use crate::domain::record::Kind;
use crate::domain::record::Record;
use crate::scim::project::Projection;
use crate::service::Error;
use crate::service::Work;
use crate::service::wire::acting;
use crate::service::wire::directory;
use crate::service::wire::groups;
use crate::service::wire::groups::Groups;
use crate::service::wire::members;
use crate::service::wire::model::Model;
use crate::service::wire::person;
use crate::service::wire::plain;
use crate::service::wire::reference;

/// A resource as it is sent.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// Finished JSON.
    pub body: Vec<u8>,
    /// The entity tag, weak: projections of one version share it.
    pub etag: String,
    /// Until when the body is true while neither the record nor who is linked to whom in its
    /// organization changes: so long it may be kept (`shelf`). `None` for what depends on anything
    /// else, such as another person's record, or a place of another organization.
    pub lasts: Option<Moment>,
}

/// The attributes that are worked out when a record is read.
const SPLICED: [&str; 2] = ["groups", "members"];

/// Renders `record` as `view` asks, as of `at`.
pub async fn render(
    work: Work<'_>,
    model: &Model,
    record: &Record,
    view: &Projection,
    at: Option<Moment>,
) -> Result<Rendered, Error> {
    let groups = groups::of(work, record, at).await?;
    let now = at.unwrap_or_else(|| work.ports.clock.now());
    let etag = tag(record, groups.as_deref(), now)?;
    let held = model.held.as_ref();
    let members = match held.filter(|held| view.wants(&model.rt, &held.name)) {
        Some(held) => Some(Cow::Owned(members::json(work, held, record.head.id, at).await?)),
        None => None,
    };
    let mut lasts = (members.is_none() && model.is_usual()).then_some(Moment::MAX);
    let members = (held.map_or("members", |held| held.name.as_str()), members);
    let groups = groups.as_deref().filter(|_| view.wants(&model.rt, "groups"));
    let groups = groups.map(|groups| Cow::Borrowed(groups.json.as_slice()));
    let spliceable = view.is_default() || view.excludes_only(&SPLICED);
    let plain = match spliceable && model.is_usual() && at.is_none() && model.kind == Kind::USER {
        true => plain::opened(work, record, now).await?,
        false => None,
    };
    let body = if let Some((open, until)) = plain {
        lasts = lasts.map(|_| until);
        splice(work, model, (&record.head, &open), [("groups", groups), members], &etag)
    } else if spliceable && !model.needs_look(&record.head) {
        let open = record.body.strip_suffix(b"}").ok_or_else(|| damaged(record))?;
        splice(work, model, (&record.head, open), [("groups", groups), members], &etag)
    } else {
        let mut document = document(record)?;
        let at_home = reference::fill(work, model, &record.head, &mut document, at).await?;
        lasts = lasts.filter(|_| at_home);
        if let (Some(mine), Kind::USER) = (person::extension(&document), model.kind) {
            lasts = lasts.map(|_| person::same_until(mine, now));
        }
        if model.kind == Kind::USER {
            let asked = (model.rt.as_ref(), view);
            let any = acting::complete(work, &record.head, asked, at, &mut document).await?;
            lasts = lasts.filter(|_| !any);
        }
        if model.kind == Kind::GROUP {
            directory::complete(work, &record.head, (&model.rt, view), at, &mut document).await?;
        }
        for (name, json) in [("groups", groups), members] {
            if let Some(json) = json {
                document.insert(name.into(), parse(&json)?);
            }
        }
        document.insert("meta".into(), parse(&meta(work, model, &record.head, &etag))?);
        let mut document = model.visible(document);
        view.apply(&model.rt, &mut document);
        serde_json::to_vec(&document).map_err(Error::internal)?
    };
    Ok(Rendered { body, etag, lasts })
}

/// The canonical document of a record: with `id`, without `meta`, `groups`, `members`.
pub fn document(record: &Record) -> Result<Map<String, Value>, Error> {
    serde_json::from_slice(&record.body).map_err(|_| damaged(record))
}

/// The stored body cannot be read. Says nothing of what it holds, not even to the log.
pub fn damaged(record: &Record) -> Error {
    let said = "A stored record is damaged, so that this answer cannot be given whole. Whoever \
                runs this server must run `wardgate check`.";
    Error { said: said.into(), ..Error::broken(Damaged(record.head.id)) }
}

/// For the log: which record it is.
#[derive(Debug, thiserror::Error)]
#[error("the stored body of record {0} cannot be read; run `wardgate check`")]
struct Damaged(Id);

/// Where a resource is.
pub fn location(work: Work<'_>, model: &Model, id: Id) -> String {
    let mut text = String::with_capacity(work.ports.base_url.len() + 64);
    text.push_str(&work.ports.base_url);
    text.push_str(&model.rt.endpoint);
    text.push('/');
    text.push_str(id.text(&mut [0; 36]));
    text
}

/// The entity tag of a record whose version is all there is to it.
pub fn plain_etag(head: &Head) -> String {
    etag(head, None)
}

/// The opaque part of a record's entity tag.
pub async fn tag_of(work: Work<'_>, record: &Record) -> Result<String, Error> {
    let groups = groups::of(work, record, None).await?;
    let etag = tag(record, groups.as_deref(), work.ports.clock.now())?;
    Ok(etag.trim_start_matches("W/").trim_matches('"').to_owned())
}

/// The `groups` of a person, as they are shown; `None` when there are none.
pub async fn groups(
    work: Work<'_>,
    record: &Record,
    at: Option<Moment>,
) -> Result<Option<Value>, Error> {
    groups::of(work, record, at).await?.map(|groups| parse(&groups.json)).transpose()
}

/// A user's groups change without the user's record: their hash is part of the tag, so that a
/// cached answer never outlives a membership.
fn etag(head: &Head, groups: Option<&Groups>) -> String {
    match groups {
        Some(groups) => format!("W/\"{}-{}\"", head.version, groups.hash),
        None => format!("W/\"{}\"", head.version),
    }
}

/// The tag of a record at `now`: a person becomes dormant without a change, and a cached answer
/// must not outlive that either.
fn tag(record: &Record, groups: Option<&Groups>, now: Moment) -> Result<String, Error> {
    let mut tag = etag(&record.head, groups);
    if record.head.kind == Kind::USER && is_dormant(record, now)? {
        tag.insert_str(tag.len().saturating_sub(1), ".d");
    }
    Ok(tag)
}

fn is_dormant(record: &Record, now: Moment) -> Result<bool, Error> {
    match plain::life(&record.body) {
        Some(facts) => Ok(person::is_dormant(&facts, now)),
        None => {
            let document = document(record)?;
            let facts = person::extension(&document).map(|mine| person::facts(mine, true));
            Ok(facts.is_some_and(|facts| person::is_dormant(&facts, now)))
        }
    }
}

fn splice(
    work: Work<'_>,
    model: &Model,
    (head, open): (&Head, &[u8]),
    extra: [(&str, Option<Cow<'_, [u8]>>); 2],
    etag: &str,
) -> Vec<u8> {
    let spliced: usize =
        extra.iter().filter_map(|(_, json)| json.as_ref().map(|json| json.len())).sum();
    let mut out = Vec::with_capacity(open.len() + spliced + 384);
    out.extend_from_slice(open);
    for (name, json) in extra {
        if let Some(json) = json {
            out.extend_from_slice(b",\"");
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b"\":");
            out.extend_from_slice(&json);
        }
    }
    out.extend_from_slice(b",\"meta\":");
    write_meta(&mut out, work, model, head, etag);
    out.push(b'}');
    out
}

fn meta(work: Work<'_>, model: &Model, head: &Head, etag: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(320);
    write_meta(&mut out, work, model, head, etag);
    out
}

/// Writes `meta` by hand: it is on the path of every read. Names of resource types and the base
/// URL hold no character that JSON escapes (checked when they are loaded); a tag's quotes do.
fn write_meta(out: &mut Vec<u8>, work: Work<'_>, model: &Model, head: &Head, etag: &str) {
    let mut put = |text: &str| out.extend_from_slice(text.as_bytes());
    let created = head.created.to_string();
    put("{\"resourceType\":\"");
    put(&model.rt.name);
    put("\",\"created\":\"");
    put(&created);
    put("\",\"lastModified\":\"");
    match head.modified == head.created {
        true => put(&created),
        false => put(&head.modified.to_string()),
    }
    put("\",\"location\":\"");
    put(&work.ports.base_url);
    put(&model.rt.endpoint);
    put("/");
    put(head.id.text(&mut [0; 36]));
    put("\",\"version\":\"");
    for (number, piece) in etag.split('"').enumerate() {
        put(if number == 0 { "" } else { "\\\"" });
        put(piece);
    }
    put("\"}");
}

fn parse(json: &[u8]) -> Result<Value, Error> {
    serde_json::from_slice(json).map_err(Error::internal)
}
