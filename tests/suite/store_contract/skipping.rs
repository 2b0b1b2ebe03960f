//! Pages far into the order of identifiers, against plain counting, while records come and go
//! anywhere in it.

use std::collections::BTreeSet;

use proptest::prelude::*;
use wardgate::domain::access::admin::Scope;
use wardgate::domain::record::Kind;
use wardgate::domain::record::Partition;
use wardgate::store::Store;
use wardgate::store::change::Draft;
use wardgate::store::change::Write;
use wardgate::store::select::Select;
use wardgate::store::select::Start;

use super::bench::*;

/// Identifiers that are given out at first: every third number.
const FIRST: u64 = 5_000;
/// Numbers from which later ones are taken.
const SPACE: u64 = FIRST * 3 + 2_000;

#[derive(Clone, Debug)]
enum Step {
    /// So many neighbours come, where they are not there yet.
    Make(u64, u64),
    /// So many neighbours go, where they are there.
    Erase(u64, u64),
    /// A page behind so many records.
    Look(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let many = prop_oneof![3 => 1_u64..4, 1 => 1_u64..1_500];
    prop_oneof![
        2 => (0..SPACE, many.clone()).prop_map(|(n, many)| Step::Make(n, many)),
        2 => (0..SPACE, many).prop_map(|(n, many)| Step::Erase(n, many)),
        4 => (0..FIRST + 1_000).prop_map(Step::Look),
    ]
}

fn plain(n: u64) -> Draft {
    Draft { entries: vec![], ..person(n, "") }
}

async fn look(bench: &Bench, there: &BTreeSet<u64>, skip: u64) {
    let kinds = vec![Kind::GROUP, Kind::USER];
    let start = Start::Skip(skip);
    let page = bench.store.select(Select { kinds, start, limit: 3, ..everyone() }).await.unwrap();
    let mut rest = there.iter().skip(usize::try_from(skip).unwrap());
    let wanted: Vec<_> = rest.by_ref().take(3).map(|n| id(*n)).collect();
    let found: Vec<_> = page.records.iter().map(|record| record.head.id).collect();
    assert_eq!(found, wanted, "behind {skip} of {}", there.len());
    assert_eq!(page.next.is_some(), rest.next().is_some());
    assert_eq!(page.total, Some(there.len() as u64));
}

async fn walk(bench: &Bench, steps: &[Step]) {
    let mut there: BTreeSet<u64> = (0..FIRST).map(|n| n * 3).collect();
    bench.done(there.iter().map(|n| Write::Create(plain(*n))).collect()).await;
    look(bench, &there, FIRST - 1).await;
    for step in steps {
        let writes: Vec<Write> = match *step {
            Step::Make(n, many) => {
                let new = (n..n + many).filter(|n| there.insert(*n));
                new.map(|n| Write::Create(plain(n))).collect()
            }
            Step::Erase(n, many) => {
                let old = (n..n + many).filter(|n| there.remove(n));
                old.map(|n| Write::Erase(id(n))).collect()
            }
            Step::Look(skip) => {
                look(bench, &there, skip).await;
                continue;
            }
        };
        if !writes.is_empty() {
            bench.done(writes).await;
        }
    }
    for skip in (0..FIRST + 2_000).step_by(509) {
        look(bench, &there, skip).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_page_behind_many_is_where_plain_counting_says(
        steps in prop::collection::vec(step(), 1..24),
    ) {
        let bench = Bench::in_memory();
        block(async {
            walk(&bench, &steps).await;
            bench.assert_sound().await;
        });
    }
}

#[test]
fn a_block_that_is_emptied_or_grows_large_stays_right() {
    let all = SPACE;
    let steps = [
        Step::Erase(1_024 * 3, 1_024 * 3),
        Step::Look(1_500),
        Step::Make(0, all),
        Step::Look(FIRST),
        Step::Erase(0, all - 10),
        Step::Look(5),
        Step::Make(1, 4_000),
        Step::Look(3_000),
    ];
    let bench = Bench::in_memory();
    block(walk(&bench, &steps));
}

#[test]
fn pages_behind_many_are_right_while_others_write() {
    trial(async |bench| {
        bench.done((0..FIRST).map(|n| Write::Create(plain(n * 2 + 2))).collect()).await;
        let store = bench.store.clone();
        let busy = tokio::spawn(async move {
            for n in 0..200 {
                let late = Write::Create(plain(30_001 + n));
                store.commit(change(vec![late])).await.unwrap();
                let exchange = vec![Write::Create(plain(n * 20 + 3)), Write::Erase(id(n * 20 + 2))];
                store.commit(change(exchange)).await.unwrap();
            }
        });
        // Every exchange leaves as many records up to the next one as there were.
        while !busy.is_finished() {
            for skip in [1_023, 2_047, 3_333, 4_500] {
                let start = Start::Skip(skip);
                let ask = Select { start, limit: 1, total: false, ..everyone() };
                let page = bench.store.select(ask).await.unwrap();
                let (even, odd) = (skip * 2 + 2, skip * 2 + 3);
                let found = page.records[0].head.id;
                assert!(found == id(even) || found == id(odd), "{found} behind {skip}");
            }
        }
        busy.await.unwrap();
    });
}

#[test]
fn places_are_counted_apart() {
    trial(async |bench| {
        let elsewhere = Partition { organization: 1, connection: 2 };
        let there = |n| Draft { partition: elsewhere, ..plain(n) };
        bench.done((0..3_000).map(|n| Write::Create(plain(n * 2))).collect()).await;
        bench.done((0..3_000).map(|n| Write::Create(there(n * 2 + 1))).collect()).await;
        for (partition, first) in [(HERE, 0), (elsewhere, 1)] {
            let scope = Scope::of_connection(partition);
            for skip in [2_500, 2_500, 1_024] {
                let ask = Select { scope: scope.clone(), start: Start::Skip(skip), ..everyone() };
                let page = bench.store.select(Select { limit: 1, ..ask }).await.unwrap();
                assert_eq!(page.records[0].head.id, id(skip * 2 + first));
            }
        }
        let scope = Scope::of_administrator(vec![HERE, elsewhere]);
        let ask = Select { scope, start: Start::Skip(4_321), limit: 1, ..everyone() };
        let page = bench.store.select(ask).await.unwrap();
        assert_eq!(page.records[0].head.id, id(4_321));
    });
}
