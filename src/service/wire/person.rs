//! A person's extension: what is stored of it, and what is worked out from it and an instant.
//!
//! `status`, `accessState` with its reasons and `defaultLocation` are never stored (US2): they
//! are functions of the document, the instant that is asked for and, for access, the groups.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::role::vocabulary;
use crate::domain::people::account;
use crate::domain::people::account::AccessState;
use crate::domain::people::account::Standing;
use crate::domain::people::status;
use crate::domain::people::status::Facts;
use crate::domain::people::status::USUAL_DORMANT_AFTER_MONTHS;
use crate::domain::record::Kind;
use crate::domain::record::Relation;
use crate::scim::filter::operand;
use crate::scim::hiding::Part;
use crate::service::Error;
use crate::service::Work;
use crate::service::wire::render;
use crate::store::End;
use crate::store::LinkQuery;

/// The extension that the network keeps about groups.
const GROUP: &str = "urn:ietf:params:scim:schemas:extension:wardgate:2.0:Group";
/// How many groups of one person are looked at for access.
const MOST_GROUPS: usize = 10_000;

/// The extension that the network keeps about people.
pub const EXTENSION: &str = "urn:ietf:params:scim:schemas:extension:wardgate:2.0:User";

/// The organization that the person belongs to.
pub const HOME: &str = "homeOrganization";
/// When the account could first be used.
pub const ACTIVATED: &str = "activatedAt";
/// The last sign-in.
pub const LAST_ACCESS: &str = "lastAccess";
/// When the account was last opened again.
pub const REINSTATED: &str = "reinstatedAt";
/// Since when and why signing in is switched off.
pub const DEACTIVATION: &str = "deactivation";

/// What a person administers, as a part of the type.
pub fn admin_roles() -> Part {
    let container = Some(EXTENSION.to_owned());
    Part::Attribute { container, name: "adminRoles".to_owned(), sub: None }
}

/// What a document says in the extension.
pub fn extension(document: &Map<String, Value>) -> Option<&Map<String, Value>> {
    document.get(EXTENSION)?.as_object()
}

/// Puts the extension last, and in it what every reader needs: see [`EXTENSION`].
pub fn lay_out(document: &mut Map<String, Value>) {
    let Some(mut mine) = document.shift_remove(EXTENSION) else { return };
    if let Some(mine) = mine.as_object_mut() {
        for name in [LAST_ACCESS, ACTIVATED, HOME] {
            if let Some(value) = mine.shift_remove(name) {
                mine.insert(name.into(), value);
            }
        }
    }
    document.insert(EXTENSION.into(), mine);
}

/// Puts what is worked out into the extension: as of `now`, with so many access groups. Where
/// nobody has counted them, access is not spoken of.
pub fn derive(document: &mut Map<String, Value>, now: Moment, groups: Option<usize>) {
    let active = document.get("active") != Some(&Value::Bool(false));
    let Some(mine) = document.get_mut(EXTENSION).and_then(Value::as_object_mut) else { return };
    if let Some(place) = default_location(mine) {
        mine.insert("defaultLocation".into(), place);
    }
    let status = status::status(&facts(mine, active), now, USUAL_DORMANT_AFTER_MONTHS);
    mine.insert("status".into(), json!(status.word()));
    if let Some(groups) = groups {
        derive_access(mine, groups);
    }
}

/// Puts in whether the account gives access, to somebody in so many access groups.
pub fn derive_access(mine: &mut Map<String, Value>, groups: usize) {
    let access = account::access_state(&standing(mine, groups));
    mine.insert("accessState".into(), json!(access.word()));
    if let AccessState::Pending(reasons) = access {
        let said: Vec<String> = reasons.iter().map(ToString::to_string).collect();
        mine.insert("pendingReasons".into(), json!(said));
    }
}

/// The moments of an account's life that the extension holds.
pub fn facts(mine: &Map<String, Value>, active: bool) -> Facts {
    let moment = |holder: &Map<String, Value>, name: &str| {
        holder.get(name).and_then(Value::as_str).and_then(operand::moment)
    };
    let off = mine.get(DEACTIVATION).and_then(Value::as_object);
    let off = off.and_then(|off| moment(off, "at")).unwrap_or(Moment::MIN);
    Facts {
        closed_at: None,
        login_disabled_at: (!active).then_some(off),
        last_access_at: moment(mine, LAST_ACCESS),
        activated_at: moment(mine, ACTIVATED),
        reinstated_at: moment(mine, REINSTATED),
    }
}

/// Whether the account is dormant at `now`: what its entity tag must tell apart, since no change
/// makes it so.
pub fn is_dormant(facts: &Facts, now: Moment) -> bool {
    use status::Status::{Dormant, DormantDisabled};
    let status = status::status(facts, now, USUAL_DORMANT_AFTER_MONTHS);
    matches!(status, Dormant | DormantDisabled)
}

/// Until when what is worked out of an account's life stays the same as at `now`.
pub fn same_until(mine: &Map<String, Value>, now: Moment) -> Moment {
    until(&facts(mine, true), now)
}

/// The same of facts.
pub fn until(facts: &Facts, now: Moment) -> Moment {
    let last = facts.awake_until(USUAL_DORMANT_AFTER_MONTHS);
    last.filter(|last| now <= *last).unwrap_or(Moment::MAX)
}

/// In how many access groups a person is, whoever asks.
pub async fn access_groups(work: Work<'_>, id: Id, at: Option<Moment>) -> Result<usize, Error> {
    let end = End::To(id);
    let query = LinkQuery { relation: Relation::MEMBER, end, after: None, limit: MOST_GROUPS, at };
    let mut count = 0;
    for link in work.ports.store.links(query).await? {
        let Some(group) = work.ports.store.get(link.from, at).await? else { continue };
        // A group without our extension is none; the flag of its record says so.
        let model = work.ports.models.of_kind(Kind::GROUP);
        let extended = model.is_some_and(|model| model.needs_look(&group.head));
        if group.head.kind == Kind::GROUP && extended {
            let document = render::document(&group)?;
            let kind = document.get(GROUP).and_then(|group| group.get("kind"));
            count += usize::from(kind.is_some_and(|kind| kind == "access"));
        }
    }
    Ok(count)
}

fn standing(mine: &Map<String, Value>, access_groups: usize) -> Standing {
    let many = |name: &str| mine.get(name).and_then(Value::as_array).map_or(0, Vec::len);
    let roles = mine.get("applicationRoles").and_then(Value::as_array);
    let atc = roles.is_some_and(|roles| roles.iter().any(|one| one == vocabulary::ATC_USER));
    Standing {
        account: true,
        home_organization: mine.contains_key(HOME),
        uses_locations: false,
        assignments: many("assignments"),
        needs_group: atc,
        access_groups,
        other_grants: many("services"),
    }
}

fn default_location(mine: &Map<String, Value>) -> Option<Value> {
    let all = mine.get("assignments")?.as_array()?;
    let one = all.iter().find(|one| one.get("default") == Some(&Value::Bool(true)))?;
    let mut place = Map::new();
    for name in ["value", "display"] {
        place.extend(one.get(name).map(|part| (name.to_owned(), part.clone())));
    }
    Some(Value::Object(place))
}
