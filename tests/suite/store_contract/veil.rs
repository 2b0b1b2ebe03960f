//! A store under a veil answers as the store would, and is not touched.

use std::sync::Arc;

use proptest::prelude::*;
use wardgate::domain::access::admin::Scope;
use wardgate::domain::record::Kind;
use wardgate::domain::record::Partition;
use wardgate::store::End;
use wardgate::store::Link;
use wardgate::store::LinkQuery;
use wardgate::store::Store;
use wardgate::store::change::Change;
use wardgate::store::change::Draft;
use wardgate::store::change::Entry;
use wardgate::store::change::Guard;
use wardgate::store::change::Key;
use wardgate::store::change::Unique;
use wardgate::store::change::Verdict;
use wardgate::store::change::Write;
use wardgate::store::select::Condition;
use wardgate::store::select::Select;
use wardgate::store::select::Start;
use wardgate::store::veil::Veil;

use super::bench::*;

/// People and groups of a trial; groups have the odd numbers.
const COUNT: u64 = 8;
const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// What a trial does, by numbers.
#[derive(Clone, Debug)]
enum Step {
    Create(u64, usize, usize),
    Update(u64, usize, usize),
    Erase(u64),
    Link(u64, u64),
    Unlink(u64, u64),
    Clear(u64),
    Swap(u64, u64),
}

fn step() -> impl Strategy<Value = Step> {
    let one = || 0..COUNT;
    let word = || 0..NAMES.len();
    prop_oneof![
        4 => (one(), word(), word()).prop_map(|(n, name, city)| Step::Create(n, name, city)),
        2 => (one(), word(), word()).prop_map(|(n, name, city)| Step::Update(n, name, city)),
        1 => one().prop_map(Step::Erase),
        4 => (one(), one()).prop_map(|(from, to)| Step::Link(from, to)),
        2 => (one(), one()).prop_map(|(from, to)| Step::Unlink(from, to)),
        1 => one().prop_map(Step::Clear),
        1 => (one(), one()).prop_map(|(one, other)| Step::Swap(one, other)),
    ]
}

fn draft(n: u64, name: usize, city: usize) -> Draft {
    let entry = |field, value: &str, unique| Entry { field, value: value.into(), unique };
    Draft {
        kind: if n % 2 == 1 { Kind::GROUP } else { Kind::USER },
        entries: vec![
            entry(NAME, NAMES[name], Unique::Organization),
            entry(CITY, NAMES[city], Unique::No),
        ],
        body: format!("{name} {city}").into_bytes(),
        ..person(n, NAMES[name])
    }
}

fn made(step: &Step) -> Change {
    let exists = |n: u64| Guard::Exists { id: id(n), organization: 1 };
    match *step {
        Step::Create(n, name, city) => change(vec![Write::Create(draft(n, name, city))]),
        Step::Update(n, name, city) => change(vec![Write::Update(draft(n, name, city))]),
        Step::Erase(n) => Change { guards: vec![exists(n)], ..change(vec![Write::Erase(id(n))]) },
        Step::Link(from, to) => {
            Change { guards: vec![exists(from), exists(to)], ..change(vec![link(from, to)]) }
        }
        Step::Unlink(from, to) => change(vec![unlink(from, to)]),
        Step::Clear(from) => change(vec![Write::UnlinkAll { relation: MEMBER, from: id(from) }]),
        // Two that exchange their names in one change, or one that is written twice.
        Step::Swap(one, other) => {
            change(vec![Write::Update(draft(one, 0, 1)), Write::Update(draft(other, 1, 0))])
        }
    }
}

/// Everything that a store answers, without what only time decides.
async fn all(store: &dyn Store) -> Vec<String> {
    let mut said = Vec::new();
    for n in 0..COUNT {
        let record = store.get(id(n), None).await.unwrap();
        said.push(format!("{:?}", record.map(|one| (one.head.kind, one.head.partition, one.body))));
        for end in [End::From(id(n)), End::To(id(n))] {
            for limit in [2, 100] {
                let query = LinkQuery { relation: MEMBER, end, after: None, limit, at: None };
                said.push(pairs(store.links(query).await.unwrap()));
                let query = LinkQuery { after: Some(id(3)), ..query };
                said.push(pairs(store.links(query).await.unwrap()));
            }
        }
        for to in 0..COUNT {
            said.push(store.linked(MEMBER, id(n), id(to)).await.unwrap().to_string());
        }
    }
    for name in NAMES {
        for kind in [Kind::USER, Kind::GROUP] {
            let within = Partition { connection: 0, ..HERE };
            let key = Key { within, kind, field: NAME, value: name.into() };
            said.push(format!("{:?}", store.find(key).await.unwrap()));
        }
    }
    for kind in [Kind::USER, Kind::GROUP] {
        said.push(store.count(HERE, kind).await.unwrap().to_string());
    }
    for condition in conditions() {
        let kinds = vec![Kind::GROUP, Kind::USER];
        let question = Select { condition, kinds, scope: Scope::of_connection(HERE), ..everyone() };
        said.extend(pages(store, question).await);
    }
    said
}

fn pairs(links: Vec<Link>) -> String {
    let pair = |link: &Link| format!("{:?} {:?} {}", link.from, link.to, link.note);
    links.iter().map(pair).collect::<Vec<_>>().join("; ")
}

fn conditions() -> Vec<Condition> {
    let is = |field, value: &str| Condition::Is(field, value.into());
    let linked = |n| Condition::LinkedFrom(MEMBER, id(n));
    vec![
        Condition::Everything,
        Condition::Nothing,
        is(CITY, "a"),
        is(NAME, "b"),
        Condition::All(vec![is(CITY, "a"), is(NAME, "b")]),
        Condition::Any(vec![is(CITY, "a"), linked(1)]),
        linked(3),
        Condition::HoldsLink(MEMBER, id(2)),
        Condition::All(vec![linked(1), is(CITY, "c")]),
        Condition::Ids(vec![id(1), id(2), id(9)]),
    ]
}

/// Every page of a question, three records at a time, and the page after the first two.
async fn pages(store: &dyn Store, question: Select) -> Vec<String> {
    let skipped = Select { start: Start::Skip(2), limit: 3, ..question.clone() };
    let page = store.select(skipped).await.unwrap();
    let mut said =
        vec![format!("{:?}", page.records.iter().map(|one| one.head.id).collect::<Vec<_>>())];
    let mut next = Select { limit: 3, ..question };
    loop {
        let page = store.select(next.clone()).await.unwrap();
        let ids: Vec<_> = page.records.iter().map(|one| one.head.id).collect();
        said.push(format!("{ids:?} of {:?}", page.total));
        match page.next {
            Some(position) => next.start = Start::After(position),
            None => return said,
        }
    }
}

/// A verdict without what time decides.
fn word(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Done(_) => "done".to_owned(),
        other => format!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn le4_a_veil_answers_as_the_store_would_and_touches_nothing(
        before in prop::collection::vec(step(), 0..30),
        after in prop::collection::vec(step(), 1..30),
    ) {
        block(async {
            let (plain, beneath) = (Bench::in_memory(), Bench::in_memory());
            for step in &before {
                plain.store.commit(made(step)).await.unwrap();
                beneath.store.commit(made(step)).await.unwrap();
            }
            let untouched = all(beneath.store.as_ref()).await;
            let clock: Arc<dyn wardgate::base::clock::Clock> = beneath.clock.clone();
            let veil = Veil::over(beneath.store.clone(), clock);
            for step in &after {
                let said = plain.store.commit(made(step)).await.unwrap();
                let veiled = veil.commit(made(step)).await.unwrap();
                assert_eq!(word(&said), word(&veiled), "{step:?}");
            }
            assert_eq!(all(plain.store.as_ref()).await, all(&veil).await);
            assert_eq!(all(beneath.store.as_ref()).await, untouched);
        });
    }
}
