//! Trying: every row under a veil, through the very use cases.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::sync::Arc;

use crate::base::id::Id;
use crate::service::Caller;
use crate::service::Error;
use crate::service::Ports;
use crate::service::Turn;
use crate::service::Work;
use crate::service::import;
use crate::service::import::Deed;
use crate::service::import::Errand;
use crate::service::import::Finder;
use crate::service::import::Heap;
use crate::service::import::Place;
use crate::service::import::Refusal;
use crate::service::import::Row;
use crate::service::import::Sort;
use crate::service::import::Stop;
use crate::service::operate::import::Fate;
use crate::service::operate::import::Plan;
use crate::service::operate::import::Tried;
use crate::service::operate::import::carry::carry_out;
use crate::service::operate::import::difference;

/// After how many rows the progress is told.
const STEP: usize = 64;

/// Rows by what they are about.
type Rows = BTreeMap<Sort, Vec<Row>>;

/// Tries all heaps; those that stand by themselves come out as errands. A file with a refusal is
/// left out and the rest tried again, until what remains stands without it.
pub(super) async fn run(
    ports: &Ports,
    heaps: Vec<Heap>,
    organization: Option<u32>,
    turn: &Turn<'_>,
) -> Result<Plan, Error> {
    let files: Vec<Arc<str>> = heaps.iter().map(|heap| heap.file.clone()).collect();
    let mut refusals = Vec::new();
    let mut rows = Rows::new();
    for heap in heaps {
        refusals.extend(heap.refusals);
        for row in heap.rows {
            rows.entry(row.sort).or_default().push(row);
        }
    }
    let formless: BTreeSet<String> = refusals.iter().map(|one| one.file.clone()).collect();
    let mut refused: BTreeSet<String> = BTreeSet::new();
    loop {
        // The first time with the files whose form is at fault, so that all is said at once.
        let trial = Rehearsal::new(ports, organization)?.all(&rows, &refused, turn).await?;
        let (before, losers) = (refused.len(), trial.losers());
        refused.extend(formless.iter().cloned());
        refused.extend(trial.refusals.iter().map(|one| one.file.clone()));
        refusals.extend(trial.refusals);
        if refused.len() == before {
            refusals.sort_by_key(|one| (one.file.clone(), one.row));
            let refused = files.iter().filter(|file| refused.contains(file.as_ref())).cloned();
            let refused = refused.collect();
            return Ok(Plan { tried: trial.tried, refusals, refused, files, losers });
        }
    }
}

/// One trial.
struct Rehearsal {
    ports: Ports,
    organization: Option<u32>,
    seen: HashMap<String, Place>,
    tried: Vec<Tried>,
    refusals: Vec<Refusal>,
}

impl Rehearsal {
    fn new(ports: &Ports, organization: Option<u32>) -> Result<Self, Error> {
        let ports = ports.veiled()?;
        let (seen, tried, refusals) = (HashMap::new(), Vec::new(), Vec::new());
        Ok(Self { ports, organization, seen, tried, refusals })
    }

    async fn all(
        mut self,
        rows: &Rows,
        without: &BTreeSet<String>,
        turn: &Turn<'_>,
    ) -> Result<Self, Error> {
        for (sort, rows) in rows {
            let mut caller = Caller::operator(&self.ports)?;
            let doing = format!("checking {}", sort.word());
            let stays = |(_, row): &(usize, &Row)| !without.contains(row.at.file.as_ref());
            for (at, row) in rows.iter().enumerate().filter(stays) {
                breathe(turn, (&doing, at, rows.len())).await;
                // An organization that was just made is the caller's too.
                caller = match *sort == Sort::Organizations {
                    true => Caller::operator(&self.ports)?,
                    false => caller,
                };
                self.row(&caller, row).await?;
            }
        }
        Ok(self)
    }

    /// From whom something would be taken, by organization. Who is new has lost nothing.
    fn losers(&self) -> BTreeMap<u32, BTreeSet<Id>> {
        let made = |errand: &&Errand| errand.deed == Deed::Create;
        let errands = self.tried.iter().flat_map(|tried| &tried.errands);
        let new: BTreeSet<Id> = errands.filter(made).map(|errand| errand.id).collect();
        let mut losers = self.ports.windows.everybody();
        losers.values_mut().for_each(|people| people.retain(|id| !new.contains(id)));
        losers.retain(|_, people| !people.is_empty());
        losers
    }

    async fn row(&mut self, caller: &Caller, row: &Row) -> Result<(), Error> {
        if let Some(first) = self.seen.insert(row.key(self.organization), row.at.clone()) {
            let said = format!("{first} is about the same; keep one of the two");
            self.refusals.push(row.at.refuse(None, said));
            return Ok(());
        }
        let work = Work { ports: &self.ports, caller };
        let finder = Finder { work, organization: self.organization };
        match attempt(&finder, row).await {
            Ok(tried) => self.tried.push(tried),
            Err(Stop::Fault(error)) => return Err(error),
            Err(Stop::Row(column, said)) => {
                let column = column.or_else(|| named(&said, row.sort));
                self.refusals.push(row.at.refuse(column, said.trim_end_matches('.')));
            }
        }
        Ok(())
    }
}

/// Tries one row: what it asks for, and what that changes.
async fn attempt(finder: &Finder<'_>, row: &Row) -> Result<Tried, Stop> {
    let mut tried = Tried {
        sort: row.sort,
        place: row.at.clone(),
        fate: Fate::Unchanged,
        attributes: Vec::new(),
        errands: Vec::new(),
    };
    for errand in import::errands(finder, row).await? {
        let store = &finder.work.ports.store;
        let before = store.get(errand.id, None).await?;
        Box::pin(carry_out(finder.work, errand.clone())).await?;
        let after = store.get(errand.id, None).await?;
        if before.as_ref().map(|one| one.head.version) == after.as_ref().map(|one| one.head.version)
        {
            continue;
        }
        tried.attributes.extend(difference::names(before.as_ref(), after.as_ref()));
        tried.fate = match (errand.deed, tried.fate) {
            (Deed::Remove, _) => Fate::Close,
            // Who becomes a scheduler is new, though the room system is not.
            (Deed::Create, _) => Fate::Create,
            (Deed::Modify, _) if row.sort == Sort::Schedulers => Fate::Create,
            (Deed::Modify | Deed::Recall, Fate::Unchanged) => Fate::Update,
            (Deed::Modify | Deed::Recall, known) => known,
        };
        tried.errands.push(errand);
    }
    Ok(tried)
}

/// The column that a sentence of the use cases names, in the words of the row.
fn named(said: &str, sort: Sort) -> Option<&'static str> {
    let (_, rest) = said.split_once('`')?;
    let (name, _) = rest.split_once('`')?;
    let name = name.rsplit(':').next().unwrap_or(name);
    let (first, sub) = name.split_once('.').unwrap_or((name, ""));
    let column = match (first, sub) {
        ("emails", _) => "email",
        ("name", "") => "familyName",
        ("name", sub) => sub,
        ("schedulers", _) => "userName",
        (first, _) => first,
    };
    sort.columns().iter().map(|known| known.name).find(|known| *known == column)
}

/// Says now and then how far it has come, and lets others work.
async fn breathe(turn: &Turn<'_>, (doing, at, all): (&str, usize, usize)) {
    if at % STEP == 0 {
        turn.at(doing, at, all);
        tokio::task::yield_now().await;
    }
}
