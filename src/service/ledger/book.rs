//! The rules of an organization, ready for use, and what their words mean.
//!
//! Kept in memory until a place or a rule of an organization that they speak of changes
//! ([`Store::shape`]). The count is asked before the store is read, so that what is kept is
//! never older than its count says. Which rules a group meets is kept by the group's name: a
//! push costs a look for each group of the person, not a match with every rule.
//!
//! [`Store::shape`]: crate::store::Store::shape

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::admin::Scope;
use crate::domain::access::grant::Places;
use crate::domain::access::ledger::PushedGroup;
use crate::domain::access::ledger::Rules;
use crate::domain::access::pattern::Captures;
use crate::domain::access::rule::Rule;
use crate::domain::place::organization;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::service::Error;
use crate::service::Ports;
use crate::service::ledger::places;
use crate::service::ledger::progress::Progress;
use crate::service::ledger::read;
use crate::service::wire::render;
use crate::store::select::Condition;

/// The most groups whose rules are remembered.
const MOST_MET: usize = 100_000;

/// A rule as its record keeps it: the body is the rule, and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// The rule.
    #[serde(flatten)]
    pub rule: Rule,
    /// When it was last carried out for everyone it is about; not yet if absent.
    #[serde(default)]
    pub applied: Option<Moment>,
    /// It is on its way out: it grants nothing, and its record goes when nobody holds anything
    /// from it.
    #[serde(default)]
    pub ending: bool,
}

/// The rules of one organization at one time.
#[derive(Debug)]
pub struct Book {
    /// Compiled.
    pub rules: Rules,
    organization: u32,
    stamp: Vec<(u32, u64)>,
    named: BTreeSet<u32>,
    places: Arc<OnceCell<Arc<Places>>>,
    met: Mutex<HashMap<Id, Met>>,
}

/// What a group of this name meets.
#[derive(Clone, Debug)]
struct Met {
    name: String,
    rules: Vec<(Id, Captures)>,
}

/// The books that are kept, by number of the organization.
#[derive(Debug, Default)]
pub struct Kept {
    books: Mutex<HashMap<u32, Arc<Book>>>,
    running: Mutex<HashMap<Id, Arc<Progress>>>,
}

/// The rules of `organization` as they are now.
pub async fn book(ports: &Ports, organization: u32) -> Result<Arc<Book>, Error> {
    if let Some(book) = ports.books.of(organization).filter(|book| book.is_current(ports)) {
        return Ok(book);
    }
    let book = Arc::new(Book::load(ports, organization).await?);
    ports.books.put(organization, book.clone());
    Ok(book)
}

impl Kept {
    /// The work on a rule that is under way.
    pub fn running(&self, rule: Id) -> Option<Arc<Progress>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).get(&rule).cloned()
    }

    /// Begins the work on a rule; nothing while another is at it.
    pub fn begin(&self, rule: Id) -> Option<Arc<Progress>> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.contains_key(&rule) {
            return None;
        }
        Some(running.entry(rule).or_default().clone())
    }

    /// The work on a rule has ended.
    pub fn end(&self, rule: Id) {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&rule);
    }

    fn of(&self, organization: u32) -> Option<Arc<Book>> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner).get(&organization).cloned()
    }

    fn put(&self, organization: u32, book: Arc<Book>) {
        self.books.lock().unwrap_or_else(PoisonError::into_inner).insert(organization, book);
    }
}

/// Every rule of `organization`, those on their way out included, with its version.
pub async fn saved(ports: &Ports, organization: u32) -> Result<Vec<(Saved, u64)>, Error> {
    let scope = Scope::of_connection(Partition { organization, connection: 0 });
    let records = read::records(ports, scope, vec![Kind::RULE], Condition::Everything).await?;
    let read = |record: &crate::domain::record::Record| {
        let saved = serde_json::from_slice(&record.body).map_err(|_| render::damaged(record))?;
        Ok((saved, record.head.version))
    };
    records.iter().map(read).collect()
}

impl Book {
    async fn load(ports: &Ports, organization: u32) -> Result<Self, Error> {
        let stamp = |number: u32| (number, ports.store.shape(number));
        let first = stamp(organization);
        let saved = saved(ports, organization).await?.into_iter();
        let rules = saved.filter(|(saved, _)| !saved.ending).map(|(saved, _)| saved.rule);
        let mut book = Self::of(organization, rules.collect());
        book.stamp = book.named.iter().copied().chain([0]).map(stamp).chain([first]).collect();
        Ok(book)
    }

    fn of(organization: u32, rules: Vec<Rule>) -> Self {
        Self {
            named: rules.iter().flat_map(named).collect(),
            rules: Rules::compile(rules),
            organization,
            stamp: Vec::new(),
            places: Arc::default(),
            met: Mutex::default(),
        }
    }

    /// Number of the organization.
    pub fn organization(&self) -> u32 {
        self.organization
    }

    /// The same with `put` in the place of the rule of its id, or without `gone`: for previews.
    pub fn with(&self, put: Option<&Rule>, gone: Option<Id>) -> Self {
        let out = |id: Id| gone == Some(id) || put.is_some_and(|put| put.id == id);
        let rules = self.rules.all().filter(|rule| !out(rule.id)).cloned();
        Self::of(self.organization, rules.chain(put.cloned()).collect())
    }

    /// What the words of the rules mean, but for people and access groups.
    pub async fn places(&self, ports: &Ports) -> Result<Arc<Places>, Error> {
        let build =
            || async { places::build(ports, self.organization, &self.named).await.map(Arc::new) };
        self.places.get_or_try_init(build).await.cloned()
    }

    /// The rules that a group meets, by id, with what its name gave to their captures.
    pub fn meeting(&self, group: &PushedGroup) -> Vec<(Id, Captures)> {
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = met.get(&group.id).filter(|known| known.name == group.name) {
            return known.rules.clone();
        }
        let rules = self.rules.meeting(group);
        if met.len() >= MOST_MET {
            met.clear();
        }
        let entry = Met { name: group.name.clone(), rules: rules.clone() };
        met.insert(group.id, entry);
        rules
    }

    fn is_current(&self, ports: &Ports) -> bool {
        self.stamp.iter().all(|(number, count)| ports.store.shape(*number) == *count)
    }
}

/// The organizations that a rule speaks of beside its own.
fn named(rule: &Rule) -> Vec<u32> {
    let mut found = rule.reach.clone();
    for grant in &rule.grants {
        for phrase in grant.words() {
            let text = phrase.to_string();
            let codes = text.match_indices(|c: char| c.eq_ignore_ascii_case(&'o'));
            let codes = codes.filter_map(|(at, _)| text.get(at..at.checked_add(7)?));
            found.extend(codes.filter_map(organization::number));
        }
    }
    found
}
