//! Walking pages while others write.

use std::collections::BTreeMap;
use std::sync::Arc;

use wardgate::base::id::Id;
use wardgate::store::Store;
use wardgate::store::change::Entry;
use wardgate::store::change::Unique;
use wardgate::store::change::Write;
use wardgate::store::redb::RedbStore;
use wardgate::store::select::Order;
use wardgate::store::select::Select;
use wardgate::store::select::Start;

use super::bench::*;

const UNTOUCHED: u64 = 10_000;

/// Even numbers stay; odd ones come and go.
fn one(n: u64) -> Write {
    let mut draft = person(n, &format!("p{:06}", (n * 7_919) % 1_000_003));
    let city = format!("c{}", n % 7);
    if !n.is_multiple_of(5) {
        draft.entries.push(Entry { field: CITY, value: city.into(), unique: Unique::No });
    }
    Write::Create(draft)
}

async fn walk(bench: &Bench, order: Order) -> BTreeMap<Id, u32> {
    let mut seen = BTreeMap::new();
    let mut start = Start::Skip(0);
    loop {
        let question = Select { order: order.clone(), start, total: false, ..everyone() };
        let page = bench.store.select(Select { limit: 250, ..question }).await.unwrap();
        for record in &page.records {
            *seen.entry(record.head.id).or_default() += 1;
        }
        let Some(position) = page.next else { return seen };
        // The last one of the page may be gone when the next page begins.
        let last = page.records.last().unwrap().head.id;
        let number = u64::from_be_bytes(last.0[8..].try_into().unwrap());
        if !number.is_multiple_of(2) {
            bench.done(vec![Write::Erase(last)]).await;
        }
        start = Start::After(position);
    }
}

async fn come_and_go(store: Arc<RedbStore>, turn: u64) {
    for n in 0..60 {
        let new = (n * 311 + turn) * 2 + 1;
        let old = n * 40 + 1;
        let _ = store.commit(change(vec![one(new)])).await.unwrap();
        let _ = store.commit(change(vec![Write::Erase(id(old))])).await.unwrap();
    }
}

#[test]
fn pag04_untouched_records_are_seen_exactly_once_while_others_change() {
    trial(async |bench| {
        for some in (0..UNTOUCHED).collect::<Vec<_>>().chunks(2_500) {
            bench.done(some.iter().map(|n| one(n * 2)).collect()).await;
        }
        bench.done((0..500).map(|n| one(n * 40 + 1)).collect()).await;
        let orders = [
            Order::Id,
            Order::Field { field: NAME, descending: false },
            Order::Field { field: NAME, descending: true },
            Order::Field { field: CITY, descending: false },
            Order::Field { field: CITY, descending: true },
        ];
        for (turn, order) in (0_u64..).zip(orders) {
            let busy = tokio::spawn(come_and_go(bench.store.clone(), turn));
            let seen = walk(bench, order).await;
            busy.await.unwrap();
            for n in 0..UNTOUCHED {
                assert_eq!(seen.get(&id(n * 2)), Some(&1), "record {n}");
            }
            assert!(seen.values().all(|times| *times == 1));
        }
    });
}
