//! TR1, DE1, DE2, and the words of closed lists.

use jiff::tz::TimeZone;
use jiff::tz::TimeZoneDatabase;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::base::clock::Moment;
use crate::domain::access::admin::Scope;
use crate::domain::access::level::Module;
use crate::domain::place::organization as place;
use crate::domain::place::organization::OrganizationKind;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::scim::error::ScimType;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::Work;
use crate::service::places::refusal;
use crate::service::wire::model::Model;
use crate::service::wire::organization;
use crate::service::wire::reference;
use crate::service::wire::render;
use crate::store::select::Condition;
use crate::store::select::Select;
use crate::store::select::value;

/// Words of a closed list, in any letter case, are kept as the list spells them.
pub(super) fn words(model: &Model, document: &mut Map<String, Value>) -> Result<(), Error> {
    for attribute in &model.rt.core.attributes {
        let known = &attribute.canonical_values;
        if known.is_empty() || attribute.derived {
            continue;
        }
        let given = match document.get_mut(&attribute.name) {
            Some(Value::Array(many)) => many.iter_mut().collect(),
            one => one.into_iter().collect::<Vec<_>>(),
        };
        for one in given {
            let text = one.as_str().unwrap_or_default();
            let word = known.iter().find(|word| word.eq_ignore_ascii_case(text));
            let said = || format!("`{}` must be one of: {}.", attribute.name, known.join(", "));
            *one = json!(word.ok_or_else(|| refusal(said()))?);
        }
    }
    Ok(())
}

/// An organization has a number, regions and divisions have none, and what is above is of a lower
/// rank (TR1), so that no circle can close. Answers the chain of its events.
pub(super) async fn organization(
    work: Work<'_>,
    document: &mut Map<String, Value>,
) -> Result<Option<u32>, Error> {
    document.entry("kind").or_insert_with(|| json!("organization"));
    zone(document)?;
    modules(document)?;
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    let kind = text("kind").and_then(OrganizationKind::of);
    let kind = kind.ok_or_else(|| refusal("`kind` must be one of the known ones."))?;
    let number = match (kind, text("orgNumber")) {
        (OrganizationKind::Organization, Some(code)) => Some(place::number(code)),
        (OrganizationKind::Organization, None) => Some(None),
        (_, Some(_)) => return Err(refusal("`orgNumber` is for organizations only.")),
        (_, None) => None,
    };
    let said = "`orgNumber` of an organization must be ORG and four digits, from ORG0001 on.";
    let number = number.map(|number| number.ok_or_else(|| refusal(said))).transpose()?;
    if let Some(number) = number {
        document.insert("orgNumber".into(), json!(place::code(number)));
    }
    let Some(parent) = reference::single(document, "parent") else { return Ok(number) };
    let parent = work.ports.store.get(parent, None).await?.ok_or_else(Error::not_found)?;
    let parent = organization::read(&render::document(&parent)?);
    if parent.is_none_or(|parent| parent.kind >= kind) {
        return Err(refusal("`parent` must be a region or a division of a higher rank (TR1)."));
    }
    Ok(number)
}

/// A time zone is one of the IANA list, spelled as that spells it.
fn zone(document: &mut Map<String, Value>) -> Result<(), Error> {
    let Some(given) = document.get_mut("timezone") else { return Ok(()) };
    let found = given.as_str().and_then(|name| TimeZoneDatabase::bundled().get(name).ok());
    let name = found.as_ref().and_then(TimeZone::iana_name);
    let said = "`timezone` must be a name of the IANA list, such as America/Toronto.";
    *given = json!(name.ok_or_else(|| refusal(said))?);
    Ok(())
}

/// Modules are kept by their codes (AG5).
fn modules(document: &mut Map<String, Value>) -> Result<(), Error> {
    let Some(given) = document.get_mut("availableModules") else { return Ok(()) };
    let mut kept: Vec<Value> = Vec::new();
    for one in given.as_array().into_iter().flatten() {
        let module = one.as_str().and_then(Module::parse);
        let module = module.filter(|module| Module::STORABLE.contains(module));
        let Some(module) = module else {
            let known = Module::STORABLE.map(Module::value).join(", ");
            let said = "`availableModules` must be codes or texts of modules (AG5)";
            return Err(refusal(format!("{said}: {known}.")));
        };
        if !kept.contains(&json!(module.value())) {
            kept.push(json!(module.value()));
        }
    }
    *given = Value::Array(kept);
    Ok(())
}

/// Nobody acts for oneself (DE1); of those that hold at a time each occurs once (DE2).
pub(super) async fn delegation(
    work: Work<'_>,
    (model, home): (&Model, Partition),
    document: &Map<String, Value>,
) -> Result<(), Error> {
    let (from, to) = reference::period(document);
    if from.zip(to).is_some_and(|(from, to)| from >= to) {
        return Err(refusal("`validTo` must be later than `validFrom`."));
    }
    let ends = ["delegator", "delegate"].map(|name| document.get(name));
    if ends[0] == ends[1] {
        return Err(refusal("`delegate` must be someone else than `delegator` (DE1)."));
    }
    let ours = (from.unwrap_or_else(|| work.ports.clock.now()), to);
    for other in between(work, (model, home), document).await? {
        let (from, to) = reference::period(&other);
        let same = |name: &str| other.get(name) == document.get(name);
        let theirs = (from.unwrap_or(Moment::MIN), to);
        if !same("id") && same("service") && meet(ours, theirs) {
            let said = "This delegation exists already for a time that overlaps (DE2).";
            return Err(Error::new(ErrorKind::Scim(ScimType::Uniqueness), said));
        }
    }
    Ok(())
}

/// Whether two periods share an instant. The end belongs to neither.
fn meet(one: (Moment, Option<Moment>), other: (Moment, Option<Moment>)) -> bool {
    let before = |end: Option<Moment>, start: Moment| end.is_some_and(|end| end <= start);
    !before(one.1, other.0) && !before(other.1, one.0)
}

/// All delegations between the same two people.
async fn between(
    work: Work<'_>,
    (model, home): (&Model, Partition),
    document: &Map<String, Value>,
) -> Result<Vec<Map<String, Value>>, Error> {
    let mut conditions = Vec::new();
    for name in ["delegator", "delegate"] {
        let id = reference::single(document, name).ok_or_else(Error::not_found)?;
        let field = model.field(None, name, Some("value")).ok_or_else(Error::not_found)?;
        conditions.push(Condition::Is(field.field, value::text(&id.to_string())));
    }
    let select = question(Scope::of_connection(home), vec![Kind::DELEGATION], conditions);
    let page = work.ports.store.select(Select { limit: 1_000, ..select }).await?;
    page.records.iter().map(render::document).collect()
}

/// A question for one record at most.
pub(super) fn question(scope: Scope, kinds: Vec<Kind>, conditions: Vec<Condition>) -> Select {
    let condition = match conditions.is_empty() {
        true => Condition::Everything,
        false => Condition::All(conditions),
    };
    Select { limit: 1, ..Select::of(scope, kinds, condition) }
}
