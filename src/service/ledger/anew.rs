//! People worked out anew.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashSet;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::admin::Scope;
use crate::domain::access::grant::Grant;
use crate::domain::access::grant::Held;
use crate::domain::access::ledger::Finding;
use crate::domain::access::ledger::Plan;
use crate::domain::access::ledger::PushedGroup;
use crate::domain::access::rule::Rule;
use crate::domain::record::Kind;
use crate::service::Error;
use crate::service::Ports;
use crate::service::Work;
use crate::service::ledger::Settled;
use crate::service::ledger::book::Book;
use crate::service::ledger::crowd::Overlay;
use crate::service::ledger::effect;
use crate::service::ledger::evaluate;
use crate::service::ledger::evaluate::Evaluation;
use crate::service::ledger::line;
use crate::service::ledger::line::Line;
use crate::service::ledger::person::Person;
use crate::service::ledger::read;
use crate::store::select::Condition;
use crate::store::select::value;

/// What people held and will hold, and what did not come about.
#[derive(Debug, Default)]
pub struct Outlook {
    /// Who was asked about.
    pub people: usize,
    /// Whoever was worked out, those who depend on them included.
    pub subjects: BTreeSet<Id>,
    /// As the ledger has it.
    pub before: Vec<Held>,
    /// As it will have it.
    pub after: Vec<Held>,
    /// What rules did not bring about, and why.
    pub findings: BTreeSet<Finding>,
}

impl Outlook {
    /// The people who lose something, for the brake.
    pub fn losers(&self) -> BTreeSet<Id> {
        let gone = |from: &[Held], to: &[Held]| -> Vec<Held> {
            let known: HashSet<(Id, &Grant)> =
                to.iter().map(|held| (held.subject, &held.grant)).collect();
            let new = |held: &&Held| !known.contains(&(held.subject, &held.grant));
            from.iter().filter(new).cloned().collect()
        };
        let plan = Plan {
            add: gone(&self.after, &self.before),
            end: gone(&self.before, &self.after),
            ..Plan::default()
        };
        plan.losers()
    }
}

/// What `book` means for `people`, with a change laid over the store: what is to be written.
pub(super) async fn decide(
    work: Work<'_>,
    book: &Book,
    overlay: &Overlay,
    people: BTreeSet<Id>,
) -> Result<Settled, Error> {
    let mut settled = Settled::default();
    let Some(mut people) = worked_out(work.ports, book, overlay, people).await? else {
        return Ok(settled);
    };
    let places = book.places(work.ports).await?;
    for person in people.0.values_mut() {
        effect::carry(work.ports, person, &places, &mut settled).await?;
        effect::document(work.ports, person, &mut settled)?;
    }
    Ok(settled)
}

/// What `book` means for `people` as they are now: what is to be written.
pub async fn again(work: Work<'_>, book: &Book, people: BTreeSet<Id>) -> Result<Settled, Error> {
    decide(work, book, &Overlay::default(), people).await
}

/// The same, only shown; as of `at`, their groups and documents are those of then.
pub async fn outlook(
    ports: &Ports,
    book: &Book,
    people: BTreeSet<Id>,
    at: Option<Moment>,
) -> Result<Outlook, Error> {
    let Some((people, findings)) = worked_out(ports, book, &Overlay::past(at), people).await?
    else {
        return Ok(Outlook::default());
    };
    let mut outlook = Outlook { findings, ..Outlook::default() };
    outlook.people = people.len();
    for person in people.into_values() {
        outlook.subjects.insert(person.id);
        outlook.before.extend(person.lines.iter().map(|line| line.held.clone()));
        outlook.after.extend(person.after);
    }
    Ok(outlook)
}

/// The people in the groups that a rule of `book` meets, as of `at`.
pub async fn people_of(
    ports: &Ports,
    book: &Book,
    rule: &Rule,
    at: Option<Moment>,
) -> Result<BTreeSet<Id>, Error> {
    let overlay = Overlay::past(at);
    let mut people = BTreeSet::new();
    for PushedGroup { id, .. } in evaluate::groups_of(ports, book, rule).await? {
        people.extend(overlay.people(ports, id).await?);
    }
    Ok(people)
}

/// Those who hold something by a rule, whatever became of its groups.
pub async fn holders(ports: &Ports, organization: u32, rule: Id) -> Result<BTreeSet<Id>, Error> {
    let condition = Condition::Is(line::rule_field(), value::text(&rule.to_string()));
    let scope = Scope::of_administrator(evaluate::partitions(ports, organization));
    let records = read::records(ports, scope, vec![Kind::GRANT], condition).await?;
    records.iter().map(|record| Line::read(record).map(|line| line.held.subject)).collect()
}

type WorkedOut = (BTreeMap<Id, Person>, BTreeSet<Finding>);

async fn worked_out(
    ports: &Ports,
    book: &Book,
    overlay: &Overlay,
    wanted: BTreeSet<Id>,
) -> Result<Option<WorkedOut>, Error> {
    let mut people = BTreeMap::new();
    for id in wanted {
        if let Some(person) = Person::load(ports, id, overlay).await? {
            people.insert(id, person);
        }
    }
    if people.is_empty() {
        return Ok(None);
    }
    let at = overlay.at.unwrap_or_else(|| ports.clock.now());
    let organization = book.organization();
    let evaluation = Evaluation { ports, book, overlay, at, organization };
    let findings = evaluation.run(&mut people).await?;
    Ok(Some((people, findings)))
}
