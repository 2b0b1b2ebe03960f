//! Where a person works: the assignments of a document, held against AS1 to AS7.
//!
//! The places are read with what they lie in, the rules are those of
//! [`assignment`](crate::domain::people::assignment). Assignments are kept oldest first, so that
//! their order says which takes over a default that is lost (AS7).

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::role::sample;
use crate::domain::people::assignment::Assignment;
use crate::domain::people::assignment::Assignments;
use crate::domain::people::assignment::By;
use crate::domain::people::assignment::Changed;
use crate::domain::people::assignment::Refusal;
use crate::domain::people::assignment::Remark;
use crate::domain::people::assignment::Rules;
use crate::domain::people::assignment::Wanted;
use crate::domain::place::tree::Node;
use crate::domain::place::tree::Rank;
use crate::domain::place::tree::Tree;
use crate::domain::record::Kind;
use crate::service::Error;
use crate::service::Work;
use crate::service::people::is_given;
use crate::service::people::list;
use crate::service::people::put;
use crate::service::people::refusal;
use crate::service::people::text;
use crate::service::wire::reference;
use crate::service::wire::render;

const NAME: &str = "assignments";

/// Later than the place of any assignment in the list of a person.
const NEW: Moment = Moment(i64::MAX);

/// Brings the assignments of an extension, which is written over `was`, into form. Answers what
/// the event should say of it.
pub(super) async fn settle(
    work: Work<'_>,
    was: &Map<String, Value>,
    mine: &mut Map<String, Value>,
) -> Result<&'static str, Error> {
    let (had, said) = (list(was, NAME), list(mine, NAME));
    if had == said {
        return Ok("");
    }
    let wanted = wanted(had, said)?;
    let places = places(work, had, &wanted).await?;
    let by = match work.caller.connection() {
        Some(_) => By::Connection,
        None => By::Administrator,
    };
    let roles = sample::roles();
    let rules = Rules { places: &places, roles: &roles };
    let changed = present(had).replace(&wanted, by, &rules, NEW).map_err(refused)?;
    let after = changed.after.all().iter().map(|one| element(one, had, &places)).collect();
    put(mine, NAME, after);
    Ok(remark(&changed, by))
}

/// The assignments as they are. A list that breaks the rules counts as none: all of it is checked.
fn present(had: &[Value]) -> Assignments {
    let rows = (0_i64..).zip(had).filter_map(|(place, one)| {
        Some(Assignment {
            location: location(one)?,
            role: text(one, "role")?.to_owned(),
            default: is_default(one),
            since: Moment(place),
        })
    });
    Assignments::of(rows.collect()).unwrap_or_default()
}

/// What is asked for, with what others than the writer give.
fn wanted(had: &[Value], said: &[Value]) -> Result<Vec<Wanted>, Error> {
    let roles = sample::roles();
    let before = |location: Id| had.iter().find(|one| self::location(one) == Some(location));
    let mut wanted: Vec<Wanted> = Vec::new();
    for one in said {
        let location =
            location(one).ok_or_else(|| refusal("`assignments.value` names no place."))?;
        let word = text(one, "role");
        let kept = before(location).and_then(|one| text(one, "role"));
        let given = before(location).is_some_and(is_given);
        let role = match word.map(|word| (word, roles.parse(word))) {
            Some((_, Some(role))) => role.word.value(),
            // A code that the catalogue has lost may stay; what is given need not be repeated.
            Some((word, None)) if kept == Some(word) => word,
            None if given => kept.unwrap_or_default(),
            _ => {
                let said = "`assignments.role` must be a role of the catalogue that the place \
                            offers (AS6).";
                return Err(refusal(said));
            }
        };
        if given && kept != Some(role) {
            let said = "`assignments` gives a second role at a place where a rule or another \
                        channel gives one (AS2). Change it there.";
            return Err(refusal(said));
        }
        wanted.push(Wanted { location, role: role.to_owned(), default: is_default(one) });
    }
    for one in had.iter().filter(|one| is_given(one)) {
        let Some(location) = location(one) else { continue };
        if wanted.iter().all(|other| other.location != location) {
            let role = text(one, "role").unwrap_or_default().to_owned();
            wanted.push(Wanted { location, role, default: false });
        }
    }
    one_default(had, &mut wanted);
    Ok(wanted)
}

/// Of several defaults the one that is new wins, as a new `primary` does.
fn one_default(had: &[Value], wanted: &mut [Wanted]) {
    let old = had.iter().find(|one| is_default(one)).and_then(location);
    let defaults = wanted.iter().filter(|one| one.default);
    let new: Vec<Id> = defaults.map(|one| one.location).filter(|at| Some(*at) != old).collect();
    if let [new] = new.as_slice() {
        for one in wanted.iter_mut() {
            one.default = one.location == *new;
        }
    }
}

/// The tree of the places that are new or get another role, with all above them.
async fn places(work: Work<'_>, had: &[Value], wanted: &[Wanted]) -> Result<Tree, Error> {
    let same = |one: &&Wanted| {
        let is_it = |old: &Value| {
            location(old) == Some(one.location) && text(old, "role") == Some(one.role.as_str())
        };
        !had.iter().any(is_it)
    };
    let mut nodes: Vec<Node> = Vec::new();
    for one in wanted.iter().filter(same) {
        let mut next = Some(one.location);
        while let Some(id) = next.filter(|id| nodes.iter().all(|node| node.id != *id)) {
            let Some(node) = node(work, id).await? else { break };
            next = node.parent;
            nodes.push(node);
        }
    }
    Ok(Tree::build(nodes))
}

async fn node(work: Work<'_>, id: Id) -> Result<Option<Node>, Error> {
    let Some(record) = work.ports.store.get(id, None).await? else { return Ok(None) };
    let document = render::document(&record)?;
    let word = document.get("kind").and_then(Value::as_str).unwrap_or_default();
    let (rank, above) = match record.head.kind {
        Kind::SITE => (Rank::Site, "organization"),
        Kind::ROOM_SYSTEM => (Rank::RoomSystem, "site"),
        _ => {
            let rank = Rank::ALL.into_iter().find(|rank| rank.word() == word);
            (rank.unwrap_or(Rank::Organization), "parent")
        }
    };
    let active = document.get("active") != Some(&Value::Bool(false));
    Ok(Some(Node { id, rank, parent: reference::single(&document, above), active }))
}

fn element(one: &Assignment, had: &[Value], places: &Tree) -> Value {
    let before = had.iter().find(|old| location(old) == Some(one.location));
    let known = places.node(one.location).map(|node| json!(node.rank.word()));
    let kind = known.or_else(|| before?.get("kind").cloned());
    let mut element = Map::new();
    element.insert("value".into(), json!(one.location.to_string()));
    element.extend(kind.map(|kind| ("kind".to_owned(), kind)));
    element.insert("role".into(), json!(one.role));
    element.insert("default".into(), json!(one.default));
    let source = before.filter(|before| is_given(before)).and_then(|before| before.get("source"));
    element.extend(source.map(|source| ("source".to_owned(), source.clone())));
    Value::Object(element)
}

fn refused(why: Refusal) -> Error {
    refusal(format!("`{NAME}`: {why}"))
}

/// What the event says when a default was lost with its place (AS7).
fn remark(changed: &Changed, by: By) -> &'static str {
    let gone = |id: &Id| changed.remarks.contains(&Remark::Removed(*id));
    let lost =
        |one: &Remark| matches!(one, Remark::DefaultMoved { from: Some(from), .. } if gone(from));
    match by {
        By::Connection if changed.remarks.contains(&Remark::NoneLeft) => {
            "the only assignment was taken away; access is pending (AS7)"
        }
        By::Connection if changed.remarks.iter().any(lost) => {
            "the default location was taken away; the oldest that is left is the default (AS7)"
        }
        _ => "",
    }
}

fn location(element: &Value) -> Option<Id> {
    text(element, "value").and_then(Id::parse)
}

fn is_default(element: &Value) -> bool {
    element.get("default") == Some(&Value::Bool(true))
}
