//! The past, against a plain map that remembers every state.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use proptest::prelude::*;
use wardgate::base::clock::Moment;
use wardgate::base::id::Id;
use wardgate::domain::record::Kind;
use wardgate::store::End;
use wardgate::store::LinkQuery;
use wardgate::store::Store;
use wardgate::store::change::Draft;
use wardgate::store::change::Verdict;
use wardgate::store::change::Write;
use wardgate::store::select::Select;

use super::bench::*;

const PEOPLE: u64 = 3;
const ALL: u64 = 5;

#[derive(Clone, Debug)]
enum Step {
    Create(u64),
    Update(u64, u8),
    Erase(u64),
    Link(u64, u64),
    Unlink(u64, u64),
    UnlinkAll(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let whom = || 0..ALL;
    let group = || PEOPLE..ALL;
    prop_oneof![
        3 => whom().prop_map(Step::Create),
        8 => (whom(), any::<u8>()).prop_map(|(n, m)| Step::Update(n, m)),
        1 => whom().prop_map(Step::Erase),
        4 => (group(), whom()).prop_map(|(a, b)| Step::Link(a, b)),
        2 => (group(), whom()).prop_map(|(a, b)| Step::Unlink(a, b)),
        1 => group().prop_map(Step::UnlinkAll),
    ]
}

fn draft(n: u64, mark: u8) -> Draft {
    let (kind, entries) = if n < PEOPLE {
        (Kind::USER, person(n, &format!("p{n}")).entries)
    } else {
        (Kind::GROUP, vec![])
    };
    let body = format!("{{\"before\":\"{0}\",\"mark\":{mark},\"behind\":\"{0}\"}}", "-".repeat(40));
    Draft { id: id(n), kind, partition: HERE, flags: mark % 3, entries, body: body.into_bytes() }
}

fn write(step: &Step) -> Write {
    match *step {
        Step::Create(n) => Write::Create(draft(n, 0)),
        Step::Update(n, mark) => Write::Update(draft(n, mark)),
        Step::Erase(n) => Write::Erase(id(n)),
        Step::Link(from, to) => link(from, to),
        Step::Unlink(from, to) => unlink(from, to),
        Step::UnlinkAll(from) => Write::UnlinkAll { relation: MEMBER, from: id(from) },
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
struct State {
    records: BTreeMap<u64, (u64, u8)>,
    links: BTreeSet<(u64, u64)>,
}

impl State {
    /// The state after the steps; `None` when they must be refused.
    fn after(&self, steps: &[Step]) -> Option<Self> {
        let mut next = self.clone();
        for step in steps {
            next.take(self, step)?;
        }
        for (n, record) in &mut next.records {
            let held = |links: &BTreeSet<(u64, u64)>| {
                links.range((*n, 0)..=(*n, ALL)).copied().collect::<Vec<_>>()
            };
            let tied = held(&self.links) != held(&next.links);
            let was = self.records.get(n);
            record.0 = match was {
                None => 1,
                Some((version, mark)) if *mark != record.1 || tied => version + 1,
                Some((version, _)) => *version,
            };
        }
        Some(next)
    }

    fn take(&mut self, before: &Self, step: &Step) -> Option<()> {
        let has = |state: &Self, n: &u64| state.records.contains_key(n).then_some(());
        match step {
            Step::Create(n) => {
                if before.records.contains_key(n) || self.records.contains_key(n) {
                    return None;
                }
                self.records.insert(*n, (1, 0));
            }
            Step::Update(n, mark) => self.records.get_mut(n)?.1 = *mark,
            Step::Erase(n) => {
                self.records.remove(n)?;
                self.links.retain(|(from, to)| from != n && to != n);
            }
            Step::Link(from, to) => {
                has(self, from)?;
                has(self, to)?;
                self.links.insert((*from, *to));
            }
            Step::Unlink(from, to) => {
                has(self, from)?;
                self.links.remove(&(*from, *to));
            }
            Step::UnlinkAll(from) => {
                has(self, from)?;
                self.links.retain(|(holder, _)| holder != from);
            }
        }
        Some(())
    }
}

async fn compare(bench: &Bench, at: Option<Moment>, state: &State) {
    for n in 0..ALL {
        let read = bench.store.get(id(n), at).await.unwrap();
        let expected = state.records.get(&n).map(|(version, mark)| (*version, draft(n, *mark)));
        let read = read.map(|r| (r.head.version, r.body, r.head.flags));
        assert_eq!(read, expected.map(|(v, d)| (v, d.body, d.flags)), "record {n} at {at:?}");
        for end in [End::From(id(n)), End::To(id(n))] {
            let query = LinkQuery { relation: MEMBER, end, after: None, limit: 100, at };
            let links = bench.store.links(query).await.unwrap();
            let read: Vec<(Id, Id)> = links.iter().map(|l| (l.from, l.to)).collect();
            let here = |(from, to): &&(u64, u64)| match end {
                End::From(_) => *from == n,
                End::To(_) => *to == n,
            };
            let expected = state.links.iter().filter(here).map(|(a, b)| (id(*a), id(*b)));
            assert_eq!(read, expected.collect::<Vec<_>>(), "links of {n} at {at:?}");
        }
    }
    let kinds = vec![Kind::USER, Kind::GROUP];
    let page = bench.store.select(Select { kinds, at, ..everyone() }).await.unwrap();
    let read: Vec<Id> = page.records.iter().map(|r| r.head.id).collect();
    assert_eq!(read, state.records.keys().map(|n| id(*n)).collect::<Vec<_>>());
    assert_eq!(page.total, Some(read.len() as u64));
}

async fn replay(bench: &Bench, history: &[Vec<Step>]) {
    let mut states = vec![(Moment::MIN, State::default())];
    for steps in history {
        let now = &states.last().unwrap().1;
        let verdict = bench.commit(steps.iter().map(write).collect()).await;
        match now.after(steps) {
            None => assert!(!matches!(verdict, Verdict::Done(_)), "{steps:?} gave {verdict:?}"),
            Some(next) => {
                let done = done(verdict);
                assert_eq!(done.changed, next != *now, "{steps:?}");
                if done.changed {
                    states.push((done.at, next));
                }
            }
        }
        bench.clock.advance(std::time::Duration::from_micros(3));
    }
    compare(bench, None, &states.last().unwrap().1).await;
    for (turn, (at, state)) in states.iter().enumerate() {
        compare(bench, Some(*at), state).await;
        if let Some((next, _)) = states.get(turn + 1) {
            compare(bench, Some(Moment(next.0 - 1)), state).await;
        }
    }
    bench.assert_sound().await;
}

fn settings(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(settings(48))]

    #[test]
    fn the_past_reads_back_in_memory(
        history in prop::collection::vec(prop::collection::vec(step(), 1..4), 1..70)
    ) {
        block(replay(&Bench::in_memory(), &history));
    }
}

proptest! {
    #![proptest_config(settings(6))]

    #[test]
    fn the_past_reads_back_on_disk(
        history in prop::collection::vec(prop::collection::vec(step(), 1..4), 1..70)
    ) {
        block(replay(&Bench::on_disk(), &history));
    }
}

#[test]
fn forty_versions_read_back_across_whole_copies() {
    trial(async |bench| {
        let mut moments = vec![bench.done(vec![Write::Create(draft(1, 0))]).await.at];
        for mark in 1..40 {
            moments.push(bench.done(vec![Write::Update(draft(1, mark))]).await.at);
        }
        for (mark, at) in (0_u8..).zip(&moments) {
            let read = bench.store.get(id(1), Some(*at)).await.unwrap().unwrap();
            assert_eq!(read.head.version, u64::from(mark) + 1);
            assert_eq!(read.body, draft(1, mark).body);
            assert_eq!(read.head.modified, *at);
        }
    });
}

#[test]
fn an_erased_record_keeps_its_past_and_may_be_made_anew() {
    trial(async |bench| {
        let made = bench.done(vec![Write::Create(draft(1, 0))]).await.at;
        bench.tick();
        let gone = bench.done(vec![Write::Erase(id(1))]).await.at;
        bench.tick();
        let again = bench.done(vec![Write::Create(draft(1, 0))]).await.at;
        let at = async |at| bench.store.get(id(1), Some(at)).await.unwrap().map(|r| r.head.created);
        assert_eq!(at(Moment(made.0 - 1)).await, None);
        assert_eq!(at(made).await, Some(made));
        assert_eq!(at(Moment(gone.0 - 1)).await, Some(made));
        assert_eq!(at(gone).await, None);
        assert_eq!(at(Moment(again.0 - 1)).await, None);
        assert_eq!(at(again).await, Some(again));
    });
}
