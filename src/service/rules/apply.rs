//! Carrying rules out for the people that they are about.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::grant::Held;
use crate::domain::access::grant::Source;
use crate::domain::access::rule::Rule;
use crate::domain::record::Kind as RecordKind;
use crate::domain::record::Partition;
use crate::service::Caller;
use crate::service::Error;
use crate::service::Kind;
use crate::service::Ports;
use crate::service::Work;
use crate::service::ledger;
use crate::service::ledger::Book;
use crate::service::ledger::Progress;
use crate::service::ledger::Saved;
use crate::service::ledger::anew;
use crate::service::ledger::anew::Outlook;
use crate::store::change::Action;
use crate::store::change::Door;
use crate::store::change::Draft;
use crate::store::change::Guard;
use crate::store::change::Verdict;
use crate::store::change::Write;

/// How many people are worked out at a time.
const CHUNK: usize = 250;

/// A change of the rules.
#[derive(Clone, Debug)]
pub(super) enum Edit {
    /// This one, new or over the version.
    Put(Box<Rule>, Option<u64>),
    /// This one no more.
    Take(Box<Rule>, u64),
}

impl Edit {
    /// The rule that it is about.
    pub(super) fn rule(&self) -> &Rule {
        match self {
            Self::Put(rule, _) | Self::Take(rule, _) => rule,
        }
    }

    fn over(&self, book: &Book) -> Book {
        match self {
            Self::Put(rule, _) => book.with(Some(rule), None),
            Self::Take(rule, _) => book.with(None, Some(rule.id)),
        }
    }
}

/// How far the work on a rule has come: people worked out, of how many.
pub fn progress(ports: &Ports, rule: Id) -> Option<(u64, u64)> {
    let progress = ports.books.running(rule)?;
    Some((progress.done.load(Ordering::Relaxed), progress.total.load(Ordering::Relaxed)))
}

/// Stops the work on a rule while nothing is written yet. Whether there was any.
pub fn cancel(ports: &Ports, rule: Id) -> bool {
    let running = ports.books.running(rule);
    running.is_some_and(|progress| progress.cancel())
}

/// Works everyone out, saves the edit, and carries it out.
pub(super) async fn apply(work: Work<'_>, edit: Edit) -> Result<(), Error> {
    let id = edit.rule().id;
    let progress = work.ports.books.begin(id).ok_or_else(|| {
        Error::new(Kind::Conflict, "This rule is being carried out. Try again when that is done.")
    })?;
    let done = carry_out(work, &edit, &progress).await;
    work.ports.books.end(id);
    done
}

async fn carry_out(work: Work<'_>, edit: &Edit, progress: &Progress) -> Result<(), Error> {
    let book = ledger::book(work.ports, edit.rule().organization).await?;
    let people = concerned(work.ports, &book, edit, None).await?;
    progress.total.store(count(people.len()), Ordering::Relaxed);
    let outlook = look(work.ports, &edit.over(&book), &people, None, progress).await?;
    within(edit, &outlook)?;
    let losers = outlook.losers();
    let ticket = ledger::brake::weigh_people(work, edit.rule().organization, losers).await?;
    if !progress.commit() {
        ledger::brake::give_back(work.ports, ticket);
        return Err(Error::new(Kind::Conflict, "The work was cancelled, and nothing was changed."));
    }
    let nobody = people.is_empty();
    if let Err(error) = save(work, edit, nobody).await {
        ledger::brake::give_back(work.ports, ticket);
        return Err(error);
    }
    if nobody {
        return Ok(());
    }
    progress.done.store(0, Ordering::Relaxed);
    ledger::everyone(work, edit.rule(), people, progress).await?;
    finish(work, edit.rule()).await
}

/// What an edit would do, without doing it.
pub(super) async fn outlook(
    work: Work<'_>,
    edit: &Edit,
    at: Option<Moment>,
) -> Result<Outlook, Error> {
    let book = ledger::book(work.ports, edit.rule().organization).await?;
    let people = concerned(work.ports, &book, edit, at).await?;
    look(work.ports, &edit.over(&book), &people, at, &Progress::default()).await
}

/// Everyone whom the rule is about, was about, or who holds something by it.
async fn concerned(
    ports: &Ports,
    book: &Book,
    edit: &Edit,
    at: Option<Moment>,
) -> Result<BTreeSet<Id>, Error> {
    let id = edit.rule().id;
    let mut people = ledger::holders(ports, book.organization(), id).await?;
    let after = edit.over(book);
    for book in [book, &after] {
        if let Some(rule) = book.rules.find(id) {
            people.extend(anew::people_of(ports, book, rule, at).await?);
        }
    }
    Ok(people)
}

async fn look(
    ports: &Ports,
    book: &Book,
    people: &BTreeSet<Id>,
    at: Option<Moment>,
    progress: &Progress,
) -> Result<Outlook, Error> {
    let mut whole = Outlook::default();
    let mut seen = BTreeSet::new();
    let all: Vec<Id> = people.iter().copied().collect();
    for chunk in all.chunks(CHUNK) {
        if progress.is_cancelled() {
            return Err(Error::new(
                Kind::Conflict,
                "The work was cancelled, and nothing was changed.",
            ));
        }
        let part = anew::outlook(ports, book, chunk.iter().copied().collect(), at).await?;
        // Those who depend on others of a chunk come with it, and may have a turn of their own.
        let new: BTreeSet<Id> = part.subjects.difference(&seen).copied().collect();
        let fresh = |held: &Held| new.contains(&held.subject);
        whole.before.extend(part.before.into_iter().filter(fresh));
        whole.after.extend(part.after.into_iter().filter(fresh));
        whole.findings.extend(part.findings);
        seen.extend(new);
        progress.done.fetch_add(count(chunk.len()), Ordering::Relaxed);
        tokio::task::yield_now().await;
    }
    whole.people = people.len();
    whole.subjects = seen;
    Ok(whole)
}

/// `maxAffected` holds for everybody together.
fn within(edit: &Edit, outlook: &Outlook) -> Result<(), Error> {
    let rule = edit.rule();
    let Some(most) = rule.max_affected else { return Ok(()) };
    let of = |held: &&Held| {
        let by =
            |source: &Source| matches!(source, Source::Rule { rule: by, .. } if *by == rule.id);
        held.sources.iter().any(by)
    };
    let people: BTreeSet<Id> = outlook.after.iter().filter(of).map(|held| held.subject).collect();
    if u32::try_from(people.len()).is_ok_and(|count| count <= most) {
        return Ok(());
    }
    let said = format!(
        "The rule would be about {} people, and `options.maxAffected` is {most}. Nothing was changed.",
        people.len()
    );
    Err(Error::new(Kind::Conflict, said))
}

/// Writes the rule, or that it is on its way out; when it is about nobody, that is all.
async fn save(work: Work<'_>, edit: &Edit, nobody: bool) -> Result<(), Error> {
    let applied = nobody.then(|| work.ports.clock.now());
    let (saved, version) = match edit {
        Edit::Put(rule, version) => {
            (Saved { rule: Rule::clone(rule), applied, ending: false }, *version)
        }
        Edit::Take(rule, version) if nobody => {
            let writes = vec![Write::Erase(rule.id)];
            let guards = vec![Guard::Version(rule.id, *version)];
            return commit(work, rule, (Action::Delete, guards, writes)).await;
        }
        Edit::Take(rule, version) => {
            (Saved { rule: Rule::clone(rule), applied: None, ending: true }, Some(*version))
        }
    };
    write(work, &saved, version).await
}

async fn write(work: Work<'_>, saved: &Saved, version: Option<u64>) -> Result<(), Error> {
    let rule = &saved.rule;
    let draft = Draft {
        id: rule.id,
        kind: RecordKind::RULE,
        partition: Partition { organization: rule.organization, connection: 0 },
        flags: 0,
        entries: Vec::new(),
        body: serde_json::to_vec(saved).map_err(Error::internal)?,
    };
    let change = match version {
        None => (Action::Create, Vec::new(), vec![Write::Create(draft)]),
        Some(version) => {
            let guards = vec![Guard::Version(rule.id, version)];
            (Action::Modify, guards, vec![Write::Update(draft)])
        }
    };
    commit(work, rule, change).await
}

async fn commit(
    work: Work<'_>,
    rule: &Rule,
    change: (Action, Vec<Guard>, Vec<Write>),
) -> Result<(), Error> {
    match work.ports.store.commit(ledger::of_rule(work, rule, change)).await? {
        Verdict::Done(_) => Ok(()),
        _ => Err(Error::new(Kind::Conflict, "The rule was changed meanwhile. Read it again.")),
    }
}

/// Notes that everything is done, or takes the record of a rule away that nobody holds anything by.
async fn finish(work: Work<'_>, rule: &Rule) -> Result<(), Error> {
    let Some(record) = work.ports.store.get(rule.id, None).await? else { return Ok(()) };
    let mut saved: Saved = serde_json::from_slice(&record.body).map_err(Error::internal)?;
    let guards = vec![Guard::Version(rule.id, record.head.version)];
    if saved.ending {
        return commit(work, rule, (Action::Delete, guards, vec![Write::Erase(rule.id)])).await;
    }
    saved.applied = Some(work.ports.clock.now());
    write(work, &saved, Some(record.head.version)).await
}

/// Does what is due: rules whose work was cut short, and those that began or ended by their date.
pub async fn upkeep(ports: &Ports) -> Result<(), Error> {
    let caller = Caller { door: Door::Job, ..Caller::operator(ports)? };
    let work = Work { ports, caller: &caller };
    let now = work.ports.clock.now();
    let organizations = work.ports.registry.snapshot();
    for number in organizations.organizations.values() {
        for (saved, _) in ledger::saved(work.ports, *number).await? {
            if !is_due(&saved, now) {
                continue;
            }
            let Some(progress) = work.ports.books.begin(saved.rule.id) else { continue };
            let done = again(work, &saved, &progress).await;
            work.ports.books.end(saved.rule.id);
            done?;
        }
    }
    Ok(())
}

fn is_due(saved: &Saved, now: Moment) -> bool {
    let Some(applied) = saved.applied else { return true };
    let passed = |at: Option<Moment>| at.is_some_and(|at| applied < at && at <= now);
    passed(saved.rule.valid_from) || passed(saved.rule.valid_to)
}

async fn again(work: Work<'_>, saved: &Saved, progress: &Arc<Progress>) -> Result<(), Error> {
    let rule = &saved.rule;
    let book = ledger::book(work.ports, rule.organization).await?;
    let edit = match saved.ending {
        true => Edit::Take(Box::new(rule.clone()), 0),
        false => Edit::Put(Box::new(rule.clone()), None),
    };
    let mut people = concerned(work.ports, &book, &edit, None).await?;
    people.extend(anew::people_of(work.ports, &book.with(Some(rule), None), rule, None).await?);
    ledger::everyone(work, rule, people, progress).await?;
    finish(work, rule).await
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
