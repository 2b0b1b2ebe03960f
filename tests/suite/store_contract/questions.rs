//! Questions, against the naive evaluator, with random records, conditions, orders and pages.

use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use wardgate::base::id::Id;
use wardgate::domain::access::admin::Scope;
use wardgate::domain::record::Field;
use wardgate::domain::record::Kind;
use wardgate::domain::record::Partition;
use wardgate::domain::record::Record;
use wardgate::domain::record::Relation;
use wardgate::store::Fault;
use wardgate::store::Store;
use wardgate::store::change::Draft;
use wardgate::store::change::Entry;
use wardgate::store::change::Unique;
use wardgate::store::change::Write;
use wardgate::store::select::Budget;
use wardgate::store::select::Condition;
use wardgate::store::select::Order;
use wardgate::store::select::Select;
use wardgate::store::select::Start;
use wardgate::store::select::reference;

use super::bench::*;

const TAG: Field = Field(102);
const COUNT: u64 = 30;
const PARTITIONS: [Partition; 4] = [
    Partition { organization: 1, connection: 1 },
    Partition { organization: 1, connection: 2 },
    Partition { organization: 2, connection: 3 },
    Partition { organization: 2, connection: 0 },
];

/// Short values that collide, values with zeros, values longer than an index row keeps.
fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => prop::collection::vec(prop::sample::select(vec![0_u8, 1, b'a', b'b', 255]), 0..3),
        1 => (126_usize..131, 0_u8..2).prop_map(|(n, tail)| {
            let mut value = vec![b'a'; n];
            value.push(tail);
            value
        }),
    ]
}

#[derive(Clone, Debug)]
struct Sketch {
    group: bool,
    partition: usize,
    city: Option<Vec<u8>>,
    tags: Vec<Vec<u8>>,
    name: Option<Vec<u8>>,
    mark: u8,
}

fn sketch() -> impl Strategy<Value = Sketch> {
    let some = || prop::option::weighted(0.7, value());
    let tags = prop::collection::vec(value(), 0..3);
    (prop::bool::weighted(0.3), 0..4_usize, some(), tags, some(), any::<u8>()).prop_map(
        |(group, partition, city, tags, name, mark)| Sketch {
            group,
            partition,
            city,
            tags,
            name,
            mark,
        },
    )
}

/// The draft of a sketch; unique values get a tail that sets them apart.
fn draft(n: u64, sketch: &Sketch) -> Draft {
    let entry = |field, value: &Vec<u8>| Entry { field, value: value.clone(), unique: Unique::No };
    let mut entries: Vec<Entry> = sketch.tags.iter().map(|tag| entry(TAG, tag)).collect();
    entries.extend(sketch.city.iter().map(|city| entry(CITY, city)));
    entries.extend(sketch.name.iter().map(|name| {
        let value = [name.as_slice(), &[u8::try_from(n).unwrap()]].concat();
        let unique = if sketch.group { Unique::Partition } else { Unique::Organization };
        Entry { field: NAME, value, unique }
    }));
    Draft {
        id: id(n),
        kind: if sketch.group { Kind::GROUP } else { Kind::USER },
        partition: PARTITIONS[sketch.partition],
        flags: 0,
        entries,
        body: vec![sketch.mark],
    }
}

fn field() -> impl Strategy<Value = Field> {
    prop::sample::select(vec![NAME, CITY, TAG])
}

fn leaf() -> impl Strategy<Value = Condition> {
    let bound = || {
        (0..3_u8, value()).prop_map(|(kind, value)| match kind {
            0 => Bound::Unbounded,
            1 => Bound::Included(value),
            _ => Bound::Excluded(value),
        })
    };
    let whom = || (0..COUNT).prop_map(id);
    prop_oneof![
        1 => Just(Condition::Everything),
        1 => Just(Condition::Nothing),
        4 => (field(), value()).prop_map(|(f, v)| Condition::Is(f, v)),
        1 => (value(), 0..30_u8).prop_map(|(v, n)| Condition::Is(NAME, [v, vec![n]].concat())),
        4 => (field(), value()).prop_map(|(f, v)| Condition::Prefix(f, v)),
        4 => (field(), bound(), bound()).prop_map(|(f, l, h)| Condition::Range(f, l, h)),
        2 => prop::collection::vec(whom(), 0..6).prop_map(Condition::Ids),
        2 => whom().prop_map(|to| Condition::HoldsLink(MEMBER, to)),
        2 => whom().prop_map(|from| Condition::LinkedFrom(MEMBER, from)),
    ]
}

fn condition() -> impl Strategy<Value = Condition> {
    leaf().prop_recursive(2, 9, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Condition::All),
            prop::collection::vec(inner, 0..4).prop_map(Condition::Any),
        ]
    })
}

fn order() -> impl Strategy<Value = Order> {
    let sorted = prop::sample::select(vec![NAME, CITY, Field::CREATED, Field::MODIFIED]);
    prop_oneof![
        Just(Order::Id),
        (sorted, any::<bool>()).prop_map(|(field, descending)| Order::Field { field, descending }),
        any::<bool>().prop_map(|descending| Order::Key { key: Arc::new(by_mark), descending }),
    ]
}

fn by_mark(record: &Record) -> Option<Vec<u8>> {
    record.body.first().filter(|mark| **mark > 60).map(|mark| vec![mark % 5])
}

fn question() -> impl Strategy<Value = Select> {
    let scope = prop::sample::subsequence(PARTITIONS.to_vec(), 1..=4);
    let kinds = prop::sample::select(vec![
        vec![Kind::USER],
        vec![Kind::GROUP],
        vec![Kind::USER, Kind::GROUP],
        vec![Kind::GROUP, Kind::USER],
    ]);
    let rest = (any::<bool>(), 0..40_u64, 0..12_usize, any::<bool>());
    (scope, kinds, condition(), order(), rest).prop_map(
        |(scope, kinds, condition, order, (tested, skip, limit, total))| Select {
            scope: Scope::of_administrator(scope),
            kinds,
            condition,
            test: tested
                .then(|| Arc::new(|record: &Record| !record.body[0].is_multiple_of(3)) as _),
            order,
            start: Start::Skip(skip / 8),
            limit,
            total,
            ..everyone()
        },
    )
}

type World = (Vec<(Record, Vec<Entry>)>, Vec<(Relation, Id, Id)>);

async fn furnish(bench: &Bench, sketches: &[Sketch], links: &[(u64, u64)]) -> World {
    let drafts: Vec<Draft> = (0..).zip(sketches).map(|(n, sketch)| draft(n, sketch)).collect();
    // Two batches, so that moments differ.
    for some in drafts.chunks(drafts.len().div_ceil(2).max(1)) {
        bench.done(some.iter().cloned().map(Write::Create).collect()).await;
    }
    let there = |n: &u64| usize::try_from(*n).unwrap() < drafts.len();
    let kept: Vec<_> = links.iter().filter(|(a, b)| there(a) && there(b)).copied().collect();
    if !kept.is_empty() {
        bench.done(kept.iter().map(|(a, b)| link(*a, *b)).collect()).await;
    }
    let mut records = Vec::new();
    for draft in drafts {
        let record = bench.store.get(draft.id, None).await.unwrap().unwrap();
        records.push((record, draft.entries));
    }
    let links = kept.iter().map(|(a, b)| (MEMBER, id(*a), id(*b))).collect();
    (records, links)
}

async fn compare(bench: &Bench, (records, links): &World, question: &Select) {
    let page = bench.store.select(question.clone()).await.unwrap();
    let read: Vec<Id> = page.records.iter().map(|record| record.head.id).collect();
    assert_eq!(read, reference(records, links, question), "{:?}", question.condition);
    let whole = Select { start: Start::Skip(0), limit: usize::MAX, ..question.clone() };
    let all = reference(records, links, &whole);
    let total = question.total.then_some(all.len() as u64);
    assert_eq!(page.total, total, "{:?} {}", question.condition, page.plan);

    let mut walked = Vec::new();
    let mut start = Start::Skip(0);
    let limit = question.limit.max(1);
    loop {
        let next = Select { start, limit, ..question.clone() };
        let page = bench.store.select(next).await.unwrap();
        assert_eq!(page.total, total);
        walked.extend(page.records.iter().map(|record| record.head.id));
        let Some(position) = page.next else { break };
        assert_eq!(page.records.len(), limit);
        start = Start::After(position);
    }
    assert_eq!(walked, all, "{:?} in pages, {}", question.condition, page.plan);
}

fn settings(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

fn world() -> impl Strategy<Value = (Vec<Sketch>, Vec<(u64, u64)>)> {
    let links = prop::collection::vec((0..COUNT, 0..COUNT), 0..20);
    (prop::collection::vec(sketch(), 1..30), links)
}

proptest! {
    #![proptest_config(settings(64))]

    #[test]
    fn pages_are_what_the_reference_says_in_memory(
        (sketches, links) in world(),
        questions in prop::collection::vec(question(), 30),
    ) {
        let bench = Bench::in_memory();
        block(async {
            let world = furnish(&bench, &sketches, &links).await;
            for question in &questions {
                compare(&bench, &world, question).await;
            }
            bench.assert_sound().await;
        });
    }
}

proptest! {
    #![proptest_config(settings(8))]

    #[test]
    fn pages_are_what_the_reference_says_on_disk(
        (sketches, links) in world(),
        questions in prop::collection::vec(question(), 30),
    ) {
        let bench = Bench::on_disk();
        block(async {
            let world = furnish(&bench, &sketches, &links).await;
            for question in &questions {
                compare(&bench, &world, question).await;
            }
            bench.assert_sound().await;
        });
    }
}

async fn crowd(bench: &Bench, size: u64) {
    let make = |n: u64| {
        let mut draft = person(n, &format!("p{:05}", (n * 7_919) % size));
        let city = if n.is_multiple_of(2) { "even" } else { "odd" };
        draft.entries.push(Entry { field: CITY, value: city.into(), unique: Unique::No });
        Write::Create(draft)
    };
    bench.done((0..size).map(make).collect()).await;
}

/// The bodies of those in the even city, page by page.
async fn walked_by_name(bench: &Bench, descending: bool) -> Vec<Vec<u8>> {
    let mut walked = Vec::new();
    let mut start = Start::Skip(0);
    loop {
        let question = Select {
            condition: Condition::Is(CITY, b"even".to_vec()),
            order: Order::Field { field: NAME, descending },
            start,
            limit: 500,
            ..everyone()
        };
        let page = bench.store.select(question).await.unwrap();
        assert_eq!((page.total, page.plan), (Some(2_001), "index"));
        walked.extend(page.records.iter().map(|record| record.body.clone()));
        let Some(position) = page.next else { return walked };
        start = Start::After(position);
    }
}

#[test]
fn many_candidates_are_walked_in_the_order_of_a_field() {
    trial(async |bench| {
        crowd(bench, 4_001).await;
        for descending in [false, true] {
            let walked = walked_by_name(bench, descending).await;
            assert_eq!(walked.len(), 2_001);
            let sorted = |pair: &[Vec<u8>]| (pair[0] < pair[1]) != descending;
            assert!(walked.windows(2).all(sorted));
        }
    });
}

#[test]
fn plans_are_told() {
    trial(async |bench| {
        crowd(bench, 50).await;
        let plan = async |condition, test| {
            let question = Select { condition, test, ..everyone() };
            bench.store.select(question).await.unwrap().plan
        };
        assert_eq!(plan(Condition::Is(NAME, b"p00001".to_vec()), None).await, "unique");
        assert_eq!(plan(Condition::Prefix(CITY, b"e".to_vec()), None).await, "index");
        assert_eq!(plan(Condition::LinkedFrom(MEMBER, id(1)), None).await, "links");
        assert_eq!(plan(Condition::Everything, None).await, "walk");
        let test: wardgate::store::select::Test = Arc::new(|_| true);
        assert_eq!(plan(Condition::Everything, Some(test)).await, "scan");
    });
}

#[test]
fn flt08_a_search_ends_with_its_budget() {
    trial(async |bench| {
        crowd(bench, 300).await;
        let test: wardgate::store::select::Test = Arc::new(|_| false);
        let budget = |rows, time| Budget { rows, time };
        let slow = bench.clock.clone();
        let slows: wardgate::store::select::Test = Arc::new(move |_| {
            slow.advance(Duration::from_millis(10));
            false
        });
        let ask = async |test, budget| {
            bench.store.select(Select { test: Some(test), budget, ..everyone() }).await
        };
        let long = Duration::from_secs(9);
        assert!(ask(test.clone(), budget(300, long)).await.is_ok());
        assert!(matches!(ask(test, budget(299, long)).await, Err(Fault::Budget)));
        let late = ask(slows, budget(300, Duration::from_secs(1))).await;
        assert!(matches!(late, Err(Fault::Budget)));
    });
}

/// A scope over all of one partition and some records of another: groups that are published.
#[test]
fn le8_a_scope_can_name_records_beside_those_of_its_own() {
    trial(async |bench| {
        let whole = Partition { connection: 0, ..HERE };
        let group = |n: u64, partition| Draft {
            kind: Kind::GROUP,
            partition,
            entries: vec![Entry {
                field: CITY,
                value: format!("c{n}").into_bytes(),
                unique: if n.is_multiple_of(2) { Unique::No } else { Unique::Partition },
            }],
            ..person(n, "n")
        };
        let home = |n: u64| if n.is_multiple_of(3) { HERE } else { whole };
        bench.done((1..=9).map(|n| Write::Create(group(n, home(n)))).collect()).await;
        let scope = Scope::of_connection(HERE).published(&[id(2), id(5), id(99)]);
        let all = Select { scope, kinds: vec![Kind::GROUP], ..everyone() };
        let by_city = |descending| Order::Field { field: CITY, descending };
        let range = Condition::Range(CITY, Bound::Unbounded, Bound::Unbounded);
        let is = |city: &[u8]| Condition::Is(CITY, city.to_vec());
        // By identifier the partitions of a kind are one walk.
        for (question, expected) in [
            (all.clone(), vec![2, 3, 5, 6, 9]),
            (Select { start: Start::Skip(3), ..all.clone() }, vec![6, 9]),
            (Select { limit: 2, ..all.clone() }, vec![2, 3]),
            (Select { order: by_city(true), ..all.clone() }, vec![9, 6, 5, 3, 2]),
            (Select { condition: range, ..all.clone() }, vec![2, 3, 5, 6, 9]),
            (Select { condition: is(b"c5"), ..all.clone() }, vec![5]),
            (Select { condition: is(b"c2"), ..all.clone() }, vec![2]),
            (Select { condition: is(b"c4"), ..all.clone() }, vec![]),
            (Select { condition: is(b"c7"), ..all.clone() }, vec![]),
        ] {
            let page = bench.store.select(question.clone()).await.unwrap();
            let found: Vec<_> = page.records.iter().map(|record| record.head.id).collect();
            let expected: Vec<_> = expected.into_iter().map(id).collect();
            assert_eq!(found, expected, "{:?} {:?}", question.condition, question.order);
        }
        assert_eq!(bench.store.select(all).await.unwrap().total, Some(5));
        let none = Select { kinds: vec![Kind::GROUP], ..everyone() };
        assert_eq!(bench.store.select(none).await.unwrap().total, Some(3));
    });
}

/// Of a kind whose partition holds more than the caller may see, only what its scope names.
#[test]
fn a_scope_can_name_the_records_of_a_kind() {
    trial(async |bench| {
        let node = |n: u64| Draft {
            kind: Kind::ORGANIZATION,
            partition: Partition::NETWORK,
            entries: vec![Entry {
                field: CITY,
                value: format!("c{n}").into_bytes(),
                unique: if n.is_multiple_of(2) { Unique::No } else { Unique::Organization },
            }],
            ..person(n, "n")
        };
        bench.done((1..=9).map(|n| Write::Create(node(n))).collect()).await;
        bench.done(vec![Write::Create(person(20, "ada"))]).await;
        let scope = Scope::of_connection(HERE).and(&[id(2), id(7), id(5), id(99)]);
        let kinds = vec![Kind::ORGANIZATION, Kind::USER];
        let all = Select { scope, kinds, ..everyone() };
        let by_city = |descending| Order::Field { field: CITY, descending };
        let range = Condition::Range(CITY, Bound::Unbounded, Bound::Unbounded);
        for (question, expected) in [
            (all.clone(), vec![2, 5, 7, 20]),
            (Select { start: Start::Skip(2), ..all.clone() }, vec![7, 20]),
            (Select { limit: 2, ..all.clone() }, vec![2, 5]),
            (
                Select { order: by_city(true), kinds: vec![Kind::ORGANIZATION], ..all.clone() },
                vec![7, 5, 2],
            ),
            (Select { condition: range, ..all.clone() }, vec![2, 5, 7]),
            (Select { condition: Condition::Ids(vec![id(1), id(2)]), ..all.clone() }, vec![2]),
            (Select { condition: Condition::Is(CITY, b"c4".to_vec()), ..all.clone() }, vec![]),
        ] {
            let page = bench.store.select(question.clone()).await.unwrap();
            let found: Vec<_> = page.records.iter().map(|record| record.head.id).collect();
            let expected: Vec<_> = expected.into_iter().map(id).collect();
            assert_eq!(found, expected, "{:?} {:?}", question.condition, question.order);
        }
        assert_eq!(bench.store.select(all).await.unwrap().total, Some(4));
        let none = Select { kinds: vec![Kind::ORGANIZATION], ..everyone() };
        assert_eq!(bench.store.select(none).await.unwrap().total, Some(0));
    });
}
