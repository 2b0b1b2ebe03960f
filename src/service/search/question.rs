//! From a filter to a question of the store: the index's part, and the test for the rest.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;

use crate::base::clock::Moment;
use crate::domain::record::Head;
use crate::domain::record::Kind;
use crate::domain::record::Record;
use crate::scim::error::ScimType;
use crate::scim::filter;
use crate::scim::filter::Filter;
use crate::scim::filter::eval::Matcher;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::Work;
use crate::service::access::visible;
use crate::service::search::linked;
use crate::service::search::linked::Needed;
use crate::service::wire::access_group;
use crate::service::wire::acting;
use crate::service::wire::condition;
use crate::service::wire::condition::Closures;
use crate::service::wire::condition::Translated;
use crate::service::wire::condition::Translator;
use crate::service::wire::members;
use crate::service::wire::model::Model;
use crate::service::wire::person;
use crate::service::wire::reference;
use crate::service::wire::unseen;
use crate::store::select::Condition;
use crate::store::select::Test;

/// A filter over one or several resource types, ready to be asked.
pub(super) struct Question {
    /// What the index answers.
    pub condition: Condition,
    /// What it does not; `None` when it answers all.
    pub test: Option<Test>,
    /// The filter needs members or groups that no index answers: see `linked`.
    pub needs_links: bool,
    /// Of which members of a group the filter asks.
    pub members: Needed,
    /// Evaluates complete documents.
    pub judges: Arc<Judges>,
}

/// What the store keeps of a record outside of its document, as far as the filter needs it.
#[derive(Default)]
pub(super) struct Links<'a> {
    /// Members, or groups, under their name.
    pub held: Option<(&'a str, Value)>,
    /// In how many access groups a person is.
    pub access: Option<usize>,
}

/// One evaluator for each resource type.
pub(super) struct Judges {
    base: String,
    by_kind: HashMap<Kind, (Arc<Model>, Option<Matcher>)>,
    names_meta: bool,
    /// The filter names something that is worked out of a document.
    derives: bool,
    /// And something that depends on access groups.
    counts_groups: bool,
    /// Asked by a connection: what of access groups is not shown to one is not found by one.
    outside: bool,
    /// The instant that what is worked out is worked out for.
    now: Moment,
}

/// Prepares `filter` over `models`, as of `at`.
pub(super) async fn prepare(
    work: Work<'_>,
    models: &[Arc<Model>],
    filter: Option<&Filter>,
    at: Option<Moment>,
) -> Result<Question, Error> {
    let judges = Arc::new(Judges::of(work, models, filter, at));
    let members = filter.map_or(Needed::All, linked::needed);
    let Some(filter) = filter else {
        // As-of questions always carry a test that says it all; without a filter that is "yes".
        let test: Option<Test> = at.map(|_| Arc::new(|_: &Record| true) as Test);
        return Ok(Question {
            condition: Condition::Everything,
            test,
            needs_links: false,
            members,
            judges,
        });
    };
    let people = models.iter().any(|model| model.kind == Kind::USER);
    if people && names(filter, &acting::ASKED) {
        return Err(Error::new(ErrorKind::Scim(ScimType::InvalidFilter), ASKED_ONLY));
    }
    let closures = closures(work, filter).await?;
    // The index would tell a connection to whom else a group is published.
    let hidden = work.caller.connection().is_some() && names(filter, &["publishedTo"]);
    let mut translated = match at {
        Some(_) => Translated::SCAN,
        None if hidden => Translated::SCAN,
        None => translate(models, filter, &closures),
    };
    let personal = models.iter().any(|model| unseen::is_named(work, model, filter));
    translated.exact &= !personal || translated == Translated::NEVER;
    let relational = personal || names(filter, &condition::RELATIONS);
    let tester = judges.clone();
    let test: Test = Arc::new(move |record| tester.judge(record));
    Ok(Question {
        condition: translated.condition,
        test: (!translated.exact).then_some(test),
        needs_links: !translated.exact && relational,
        members,
        judges,
    })
}

const ASKED_ONLY: &str = "The filter names an attribute that is shown on request only. Ask for \
                          room systems by `schedulers`, or for delegations.";

/// The models that the words of the filter do not rule out; all when it rules out every one.
pub(super) fn narrowed(models: Vec<Arc<Model>>, filter: Option<&Filter>) -> Vec<Arc<Model>> {
    let closures = Closures::default();
    let possible = |model: &&Arc<Model>| {
        filter.is_none_or(|it| !Translator { model, closures: &closures }.rules_out(it))
    };
    let left: Vec<_> = models.iter().filter(possible).cloned().collect();
    if left.is_empty() { models } else { left }
}

fn translate(models: &[Arc<Model>], filter: &Filter, closures: &Closures) -> Translated {
    let each = models.iter().map(|model| Translator { model, closures }.translate(filter));
    let mut parts: Vec<Translated> = each.collect();
    if parts.len() == 1 {
        return parts.pop().unwrap_or(Translated::SCAN);
    }
    // Over several types a condition of one may let another's records through: always test.
    if parts.iter().any(|part| part.condition == Condition::Everything) {
        return Translated::SCAN;
    }
    let parts = parts.into_iter().map(|part| part.condition).collect();
    Translated { condition: Condition::Any(parts), exact: false }
}

/// For each group that the filter names in `groups`: the group and every group inside it; and
/// the members that it names. What the caller may not see has no entry, as if it did not exist
/// (GRP-05).
async fn closures(work: Work<'_>, filter: &Filter) -> Result<Closures, Error> {
    let (mut groups, mut members) = (Vec::new(), Vec::new());
    condition::named(filter, "groups", &mut groups);
    condition::named(filter, "members", &mut members);
    condition::named(filter, "schedulers", &mut members);
    let mut closures = Closures::default();
    for id in members {
        let member = work.ports.store.get(id, None).await?;
        if member.is_some_and(|record| visible::covers(work.caller, &record)) {
            closures.members.insert(id);
        }
    }
    for id in groups {
        let Some(record) = work.ports.store.get(id, None).await? else { continue };
        if record.head.kind == Kind::GROUP && visible::covers(work.caller, &record) {
            closures.groups.insert(id, members::closure(work, id).await?);
        }
    }
    Ok(closures)
}

/// What is worked out from a document and an instant: of no use to a filter that names none of it.
const DERIVED: [&str; 4] = ["status", "defaultLocation", "accessState", "pendingReasons"];
/// What of it depends on access groups.
const OF_GROUPS: [&str; 2] = ["accessState", "pendingReasons"];

/// Whether the filter names one of these attributes.
pub(super) fn names(filter: &Filter, attributes: &[&str]) -> bool {
    filter::attributes(filter)
        .any(|path| attributes.iter().any(|attribute| path.name.eq_ignore_ascii_case(attribute)))
}

impl Judges {
    fn of(
        work: Work<'_>,
        models: &[Arc<Model>],
        filter: Option<&Filter>,
        at: Option<Moment>,
    ) -> Self {
        let judge = |model: &Arc<Model>| {
            let matcher = filter.map(|filter| Matcher::new(&model.rt, filter));
            (model.kind, (model.clone(), matcher))
        };
        Self {
            base: work.ports.base_url.clone(),
            by_kind: models.iter().map(judge).collect(),
            names_meta: filter.is_some_and(|filter| names(filter, &["meta"])),
            derives: filter.is_some_and(|filter| names(filter, &DERIVED)),
            counts_groups: filter.is_some_and(|filter| names(filter, &OF_GROUPS)),
            outside: work.caller.connection().is_some(),
            now: at.unwrap_or_else(|| work.ports.clock.now()),
        }
    }

    /// Whether it must be known in how many access groups a person is.
    pub(super) fn counts_groups(&self) -> bool {
        self.counts_groups
    }

    /// Whether a record fulfils a filter that asks for nothing that is kept outside of it. One
    /// whose body cannot be read does, so that the answer fails rather than lacks it.
    fn judge(&self, record: &Record) -> bool {
        let Some((model, Some(matcher))) = self.by_kind.get(&record.head.kind) else {
            return self.by_kind.contains_key(&record.head.kind);
        };
        let document = self.document(model, record, None);
        document.is_none_or(|document| matcher.matches(&document))
    }

    /// The same, with its links, and without what the caller does not see of it, as of `at`.
    pub(super) async fn judge_whole(
        &self,
        work: Work<'_>,
        record: &Record,
        links: Links<'_>,
        at: Option<Moment>,
    ) -> Result<bool, Error> {
        let Some((model, Some(matcher))) = self.by_kind.get(&record.head.kind) else {
            return Ok(self.by_kind.contains_key(&record.head.kind));
        };
        let Some(mut document) = self.document(model, record, links.access) else {
            return Ok(true);
        };
        unseen::take(work, model, &mut document, at).await?;
        if let Some((name, values)) = links.held {
            document.insert(name.into(), values);
        }
        Ok(matcher.matches(&document))
    }

    /// A record as filters see it, a person with so many access groups; `None` when its body
    /// cannot be read.
    fn document(
        &self,
        model: &Model,
        record: &Record,
        access: Option<usize>,
    ) -> Option<Map<String, Value>> {
        let mut document: Map<String, Value> = serde_json::from_slice(&record.body).ok()?;
        match record.head.kind {
            Kind::USER if self.derives => person::derive(&mut document, self.now, access),
            kind if self.derives => reference::derive(kind, &mut document, self.now),
            _ => {}
        }
        if self.outside && record.head.kind == Kind::GROUP {
            access_group::hide(&mut document);
        }
        let mut document = model.visible(document);
        if self.names_meta {
            document.insert("meta".into(), self.meta(model, &record.head));
        }
        Some(document)
    }

    fn meta(&self, model: &Model, head: &Head) -> Value {
        serde_json::json!({
            "resourceType": model.rt.name,
            "created": head.created.to_string(),
            "lastModified": head.modified.to_string(),
            "location": format!("{}{}/{}", self.base, model.rt.endpoint, head.id),
            "version": format!("W/\"{}\"", head.version),
        })
    }
}
