//! Pivot columns: one per person who is marked somewhere, each under a name of its own.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use unicode_normalization::UnicodeNormalization;

use crate::base::id::Id;
use crate::domain::people::status::Status;
use crate::domain::report::person::Person;

/// A relation names a person who was not handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "The report names a person whose record is missing, so its counts would be wrong (EX3). Run \
     \"wardgate check\"."
)]
pub struct MissingPerson;

/// The people of the columns, in their order.
#[derive(Clone, Debug)]
pub struct Columns {
    /// Where each person's column is; a closed one has none (Q8).
    places: HashMap<Id, Option<usize>>,
    headers: Vec<String>,
}

impl Columns {
    /// One column for each of `people` who is not closed, each person named once or more. No
    /// header equals one of `fixed`, the headers that stand before them.
    pub fn of<'a>(people: impl IntoIterator<Item = &'a Person>, fixed: &[&str]) -> Self {
        let mut places = HashMap::new();
        let mut open = Vec::new();
        for person in people {
            if places.insert(person.id, None).is_none() && person.status != Status::Deactivated {
                open.push(person);
            }
        }
        open.sort_by_cached_key(|person| person.key());
        for (place, person) in open.iter().enumerate() {
            places.insert(person.id, Some(place));
        }
        Self { places, headers: headers(&open, fixed) }
    }

    /// One column for each person whom `marked` names; an error if one of them is not among
    /// `people`.
    pub(super) fn marked(
        marked: &HashSet<Id>,
        people: &[Person],
        fixed: &[&str],
    ) -> Result<Self, MissingPerson> {
        let columns = Self::of(people.iter().filter(|person| marked.contains(&person.id)), fixed);
        if columns.places.len() == marked.len() { Ok(columns) } else { Err(MissingPerson) }
    }

    /// How many columns there are.
    pub fn count(&self) -> usize {
        self.headers.len()
    }

    /// All headers: `fixed` and then the people.
    pub fn headers(&self, fixed: &[&'static str]) -> Vec<Cow<'static, str>> {
        let people = self.headers.iter().cloned().map(Cow::Owned);
        fixed.iter().copied().map(Cow::Borrowed).chain(people).collect()
    }

    /// The columns of `people`, ascending, each once; without the closed.
    pub fn marks(&self, people: impl IntoIterator<Item = Id>) -> Result<Vec<usize>, MissingPerson> {
        let places =
            people.into_iter().map(|id| self.places.get(&id).copied().ok_or(MissingPerson));
        let places: Vec<Option<usize>> = places.collect::<Result<_, _>>()?;
        let mut marks: Vec<usize> = places.into_iter().flatten().collect();
        marks.sort_unstable();
        marks.dedup();
        Ok(marks)
    }
}

/// The names of the columns. Those who share one get their username behind it (Q7); whoever is
/// the same even then, as two people of two organizations may be, is numbered.
fn headers(people: &[&Person], fixed: &[&str]) -> Vec<String> {
    let names: Vec<String> = people.iter().map(|person| person.display()).collect();
    let mut sharing: HashMap<String, usize> = HashMap::new();
    for name in names.iter().map(String::as_str).chain(fixed.iter().copied()) {
        *sharing.entry(seen(name)).or_default() += 1;
    }
    let shared = |name: &str| sharing.get(&seen(name)).is_some_and(|count| *count > 1);
    let named = people.iter().zip(names).map(|(person, name)| {
        if shared(&name) { format!("{name} ({})", person.username) } else { name }
    });
    let mut taken: HashMap<String, usize> = fixed.iter().map(|name| (seen(name), 1)).collect();
    named.map(|name| own(name, &mut taken)).collect()
}

/// `name` if it is free, else with the next number that is.
fn own(name: String, taken: &mut HashMap<String, usize>) -> String {
    let plain = seen(&name);
    let mut number = taken.get(&plain).copied().unwrap_or(0);
    let mut unique = name.clone();
    while number > 0 && taken.contains_key(&seen(&unique)) {
        number += 1;
        unique = format!("{name} ({number})");
    }
    taken.insert(seen(&unique), 1);
    taken.insert(plain, number.max(1));
    unique
}

/// What people see of a name: two spellings of one accent look the same.
fn seen(name: &str) -> String {
    name.nfc().collect()
}
