//! Events and their chains.

use redb::ReadableDatabase;
use redb::ReadableTable;
use sha2::Digest;
use wardgate::domain::record::Kind;
use wardgate::store::Store;
use wardgate::store::change::Change;
use wardgate::store::change::Outcome;
use wardgate::store::change::Verdict;
use wardgate::store::change::Write;
use wardgate::store::redb::tables;

use super::bench::*;

fn about(n: u64, writes: Vec<Write>) -> Change {
    Change { subject: Some((Kind::USER, id(n))), ..change(writes) }
}

#[test]
fn aud03_a_change_and_its_event_are_one_commit() {
    trial(async |bench| {
        let body = person(1, "ada").body;
        let make = about(1, vec![Write::Create(person(1, "ada"))]);
        let made = done(bench.store.commit(make).await.unwrap());
        let events = bench.store.events(1, 1, 10).await.unwrap();
        let [event] = events.as_slice() else { panic!("one event, not {}", events.len()) };
        assert_eq!((event.seq, event.at, event.chain), (made.seq, made.at, 1));
        assert_eq!(event.before, [0; 32]);
        assert_eq!(event.after, <[u8; 32]>::from(sha2::Sha256::digest(&body)));
        assert_eq!(event.cause, change(vec![]).cause);
        assert_eq!(event.previous, [0; 32]);

        // A refused change leaves neither; a change that was tried leaves only its event.
        let refused = about(2, vec![Write::Create(person(2, "ada"))]);
        assert_eq!(bench.store.commit(refused).await.unwrap(), Verdict::Taken(NAME));
        let tried = Change { outcome: Outcome::Denied("scope".into()), ..about(1, vec![]) };
        let tried = done(bench.store.commit(tried).await.unwrap());
        assert_eq!((tried.seq, tried.changed), (2, true));
        let erase = about(1, vec![Write::Erase(id(1))]);
        bench.store.commit(erase).await.unwrap();
        let events = bench.store.events(1, 2, 10).await.unwrap();
        assert_eq!(events.iter().map(|e| e.seq).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(events[0].before, events[0].after);
        assert_eq!((events[1].before, events[1].after), (event.after, [0; 32]));
        assert_eq!(events[1].previous, events[0].hash);
    });
}

#[test]
fn aud03_every_committed_change_has_its_event_after_reopening() {
    let bench = Bench::on_disk();
    block(async {
        for n in 0..20 {
            bench.done(vec![Write::Create(person(n, &format!("p{n}")))]).await;
        }
    });
    let bench = bench.reopened();
    block(async {
        assert_eq!(bench.store.events(1, 1, 100).await.unwrap().len(), 20);
        assert_eq!(bench.store.count(HERE, Kind::USER).await.unwrap(), 20);
        bench.assert_sound().await;
    });
}

#[test]
fn events_count_links_and_keep_to_their_chain() {
    trial(async |bench| {
        bench.done(vec![Write::Create(group(9)), Write::Create(person(1, "a"))]).await;
        bench.done(vec![link(9, 1)]).await;
        let other = Change { chain: 0, ..change(vec![Write::Erase(id(1))]) };
        assert_eq!(done(bench.store.commit(other).await.unwrap()).seq, 1);
        let ours = bench.store.events(1, 1, 10).await.unwrap();
        assert_eq!(
            ours.iter().map(|e| (e.linked, e.unlinked)).collect::<Vec<_>>(),
            [(0, 0), (1, 0)]
        );
        let theirs = bench.store.events(0, 1, 10).await.unwrap();
        assert_eq!(theirs.iter().map(|e| (e.linked, e.unlinked)).collect::<Vec<_>>(), [(0, 1)]);
        let audit = bench.store.verify().await.unwrap();
        assert_eq!((audit.chains, audit.events), (2, 3));
    });
}

fn key(chain: u32, seq: u64) -> Vec<u8> {
    [chain.to_be_bytes().as_slice(), &seq.to_be_bytes()].concat()
}

/// Ten events, then the file is changed behind the store's back. Answers what verifying finds.
fn tampered(damage: impl FnOnce(&mut redb::Table<'_, &'static [u8], &'static [u8]>)) -> Vec<u64> {
    let bench = Bench::on_disk();
    block(async {
        for n in 0..10 {
            bench.done(vec![Write::Create(person(n, &format!("p{n}")))]).await;
        }
    });
    let path = bench.path();
    let Bench { store, clock, directory } = bench;
    drop(store);
    {
        let database = redb::Database::open(&path).unwrap();
        let transaction = database.begin_write().unwrap();
        damage(&mut transaction.open_table(tables::EVENTS).unwrap());
        transaction.commit().unwrap();
        drop(database.begin_read().unwrap());
    }
    let store = open(&path, &clock);
    let audit = block(store.verify()).unwrap();
    drop((store, directory));
    assert!(audit.broken.iter().all(|(chain, _, _)| *chain == 1));
    audit.broken.iter().map(|(_, seq, _)| *seq).collect()
}

fn row(table: &redb::Table<'_, &'static [u8], &'static [u8]>, seq: u64) -> Vec<u8> {
    table.get(key(1, seq).as_slice()).unwrap().unwrap().value().to_vec()
}

#[test]
fn aud01_an_untouched_chain_is_whole() {
    assert_eq!(tampered(|_| {}), Vec::<u64>::new());
}

#[test]
fn aud01_an_altered_byte_is_found_wherever_it_is() {
    let length = std::cell::Cell::new(1);
    let mut at = 0;
    while at < length.get() {
        let broken = tampered(|table| {
            let mut bytes = row(table, 4);
            length.set(bytes.len());
            bytes[at] ^= 1;
            table.insert(key(1, 4).as_slice(), bytes.as_slice()).unwrap();
        });
        assert_eq!(broken, [4], "byte {at}");
        at += 13;
    }
}

#[test]
fn aud01_a_missing_event_is_found() {
    for seq in [1, 5, 10] {
        let broken = tampered(|table| {
            table.remove(key(1, seq).as_slice()).unwrap();
        });
        assert_eq!(broken, [seq]);
    }
}

#[test]
fn aud01_exchanged_events_are_found() {
    let broken = tampered(|table| {
        let (one, other) = (row(table, 3), row(table, 6));
        table.insert(key(1, 3).as_slice(), other.as_slice()).unwrap();
        table.insert(key(1, 6).as_slice(), one.as_slice()).unwrap();
    });
    assert_eq!(broken, [3]);
}

#[test]
fn aud01_an_added_event_is_found() {
    let broken = tampered(|table| {
        let copy = row(table, 10);
        table.insert(key(1, 11).as_slice(), copy.as_slice()).unwrap();
    });
    assert_eq!(broken, [11]);
}
