//! What is stored of a record is held against what the events tell of it (AUD-03).

use std::path::Path;

use redb::ReadableTable;
use wardgate::domain::record::Kind;
use wardgate::store::Health;
use wardgate::store::Store;
use wardgate::store::change::Change;
use wardgate::store::change::Draft;
use wardgate::store::change::Event;
use wardgate::store::change::Write;
use wardgate::store::redb::RedbStore;
use wardgate::store::redb::tables;

use super::bench::*;

type Table<'t> = redb::Table<'t, &'static [u8], &'static [u8]>;

/// Bytes of a stored row before the body: its head, the body's length and checksum.
const BODY: usize = 38 + 4 + 4;

async fn about(bench: &Bench, (kind, n): (Kind, u64), writes: Vec<Write>) {
    let change = Change { subject: Some((kind, id(n))), ..change(writes) };
    done(bench.store.commit(change).await.unwrap());
}

fn aged(n: u64, name: &str, age: u64) -> Draft {
    let body = format!("{{\"userName\":\"{name}\",\"title\":\"Nurse\",\"age\":{age}}}");
    Draft { body: body.into_bytes(), ..person(n, name) }
}

/// Two people, one changed three times; a group that a member leaves by being erased; someone
/// who is no more.
async fn furnish(bench: &Bench) {
    for n in 1..=3 {
        about(bench, (Kind::USER, n), vec![Write::Create(aged(n, &format!("p{n}"), 40))]).await;
    }
    for age in 41..=43 {
        about(bench, (Kind::USER, 1), vec![Write::Update(aged(1, "p1", age))]).await;
    }
    about(bench, (Kind::GROUP, 9), vec![Write::Create(group(9)), link(9, 3), link(9, 1)]).await;
    about(bench, (Kind::USER, 3), vec![Write::Erase(id(3))]).await;
    // Someone tried something and was refused: an event that names a record and changes nothing.
    about(bench, (Kind::USER, 1), vec![]).await;
    // What follows for others is told of by the event of whom it follows from.
    let follows = vec![Write::Update(aged(2, "p2", 50)), Write::Create(aged(4, "p4", 30))];
    about(bench, (Kind::GROUP, 9), follows).await;
    about(bench, (Kind::GROUP, 9), vec![Write::Update(aged(4, "p4", 31))]).await;
}

/// What the check says after the file was changed behind the store's back.
fn checked(definition: tables::Definition, damage: impl FnOnce(&mut Table<'_>)) -> Health {
    let bench = Bench::on_disk();
    block(furnish(&bench));
    let path = bench.path();
    let Bench { store, clock, directory } = bench;
    drop(store);
    {
        let database = redb::Database::open(&path).unwrap();
        let transaction = database.begin_write().unwrap();
        damage(&mut transaction.open_table(definition).unwrap());
        transaction.commit().unwrap();
    }
    let store = open(&path, &clock);
    let health = block(store.check(None)).unwrap();
    drop((store, directory));
    health
}

/// One record differs, and it is told which, of whom and how, without what it holds.
fn differs(health: &Health, n: u64, said: &str) {
    assert_eq!(health.differing, 1, "{:?}", health.findings);
    let sentence = format!("record {} of organization 1: {said}", id(n));
    assert!(health.findings.contains(&sentence), "{sentence}: {:?}", health.findings);
    let last = health.findings.last().unwrap();
    assert_eq!(last, "in all, 1 records differ from what the events tell");
    assert!(!health.findings.iter().any(|finding| finding.contains("Nurse")));
}

fn row(table: &Table<'_>, key: &[u8]) -> Vec<u8> {
    table.get(key).unwrap().unwrap().value().to_vec()
}

#[test]
fn aud03_what_the_events_tell_is_what_is_stored() {
    trial(async |bench| {
        furnish(bench).await;
        assert_eq!(bench.store.check(None).await.unwrap().differing, 0);
    });
}

#[test]
fn aud03_an_altered_body_is_found_wherever_it_is_altered() {
    let length = aged(1, "p1", 43).body.len();
    for at in (0..length).step_by(7) {
        let health = checked(tables::RECORDS, |table| {
            let mut bytes = row(table, &id(1).0);
            bytes[BODY + at] ^= 1;
            table.insert(id(1).0.as_slice(), bytes.as_slice()).unwrap();
        });
        differs(&health, 1, "its body is not the one that its events tell of");
    }
}

#[test]
fn aud03_an_altered_body_that_was_written_beside_another_is_found() {
    for (n, age) in [(2, b"\"age\":50"), (4, b"\"age\":31")] {
        let health = checked(tables::RECORDS, |table| {
            let mut bytes = row(table, &id(n).0);
            let place = bytes.windows(8).position(|part| part == age).unwrap();
            bytes[place + 6] = b'9';
            table.insert(id(n).0.as_slice(), bytes.as_slice()).unwrap();
        });
        differs(&health, n, "its body is not the one that its events tell of");
    }
}

#[test]
fn aud03_what_was_written_beside_is_told_with_its_hashes() {
    trial(async |bench| {
        furnish(bench).await;
        let events = bench.store.events(1, 1, 100).await.unwrap();
        let [.., made, changed] = events.as_slice() else { panic!("{events:?}") };
        let told = |event: &Event| event.beside.iter().map(|one| one.id).collect::<Vec<_>>();
        assert_eq!(told(made), [id(2), id(4)]);
        assert_eq!(told(changed), [id(4)]);
        assert_eq!(made.beside[1].before, [0; 32]);
        assert_eq!(made.beside[1].after, changed.beside[0].before);
        assert!(events[..events.len() - 2].iter().all(|event| event.beside.is_empty()));
    });
}

#[test]
fn f05_a_checksum_that_does_not_fit_is_found() {
    let health = checked(tables::RECORDS, |table| {
        let mut bytes = row(table, &id(1).0);
        bytes[BODY - 1] ^= 1;
        table.insert(id(1).0.as_slice(), bytes.as_slice()).unwrap();
    });
    let said = format!("record {}: its body and its checksum do not fit", id(1));
    assert_eq!(health.findings, [said]);
}

#[test]
fn aud03_a_body_put_back_to_a_former_one_is_found() {
    let health = checked(tables::RECORDS, |table| {
        let mut bytes = row(table, &id(1).0);
        let place = bytes.windows(8).position(|part| part == b"\"age\":43").unwrap();
        bytes[place + 7] = b'1';
        table.insert(id(1).0.as_slice(), bytes.as_slice()).unwrap();
    });
    differs(&health, 1, "its body is not the one that its events tell of");
}

#[test]
fn aud03_an_altered_former_body_is_found() {
    let health = checked(tables::HISTORY, |table| {
        let (key, mut bytes) = {
            let (key, row) = table.first().unwrap().unwrap();
            (key.value().to_vec(), row.value().to_vec())
        };
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        table.insert(key.as_slice(), bytes.as_slice()).unwrap();
    });
    differs(&health, 1, "a former body is not the one that its events tell of");
}

#[test]
fn aud03_an_altered_version_is_found() {
    let health = checked(tables::RECORDS, |table| {
        let mut bytes = row(table, &id(1).0);
        bytes[20] += 1;
        table.insert(id(1).0.as_slice(), bytes.as_slice()).unwrap();
    });
    differs(&health, 1, "its versions do not follow each other");
}

#[test]
fn aud03_a_missing_version_of_the_past_is_found() {
    let health = checked(tables::HISTORY, |table| {
        let keys: Vec<Vec<u8>> =
            table.iter().unwrap().map(|row| row.unwrap().0.value().to_vec()).collect();
        table.remove(keys[1].as_slice()).unwrap();
    });
    assert_eq!(health.differing, 1, "{:?}", health.findings);
}

#[test]
fn aud03_a_record_that_is_gone_is_found() {
    for n in [1, 2, 9] {
        let health = checked(tables::RECORDS, |table| {
            table.remove(id(n).0.as_slice()).unwrap();
        });
        assert_eq!(health.differing, 1, "{:?}", health.findings);
        differs(&health, n, "it is missing, though no event removed it");
    }
}

#[test]
fn aud03_a_record_that_no_event_made_is_found() {
    let health = checked(tables::RECORDS, |table| {
        let bytes = row(table, &id(2).0);
        table.insert(id(77).0.as_slice(), bytes.as_slice()).unwrap();
    });
    differs(&health, 77, "no event tells of its making");
}

#[test]
fn aud03_a_record_that_was_removed_and_is_there_is_found() {
    let health = checked(tables::RECORDS, |table| {
        let bytes = row(table, &id(2).0);
        table.insert(id(3).0.as_slice(), bytes.as_slice()).unwrap();
    });
    assert_eq!(health.differing, 1, "{:?}", health.findings);
}

#[test]
fn aud03_all_that_differ_are_counted() {
    let health = checked(tables::RECORDS, |table| {
        for n in [1, 2, 9] {
            let mut bytes = row(table, &id(n).0);
            bytes[BODY + 2] ^= 1;
            table.insert(id(n).0.as_slice(), bytes.as_slice()).unwrap();
        }
    });
    assert_eq!(health.differing, 3);
}

/// A body and the event that tells of it, both altered: the chain tells.
#[test]
fn aud01_a_check_reads_the_chains_too() {
    let health = checked(tables::EVENTS, |table| {
        let (key, mut bytes) = {
            let (key, row) = table.last().unwrap().unwrap();
            (key.value().to_vec(), row.value().to_vec())
        };
        bytes[40] ^= 1;
        table.insert(key.as_slice(), bytes.as_slice()).unwrap();
    });
    let altered = |finding: &String| finding.contains("the event was altered");
    assert!(health.findings.iter().any(altered), "{:?}", health.findings);
}

#[test]
fn f05_a_page_whose_checksum_is_wrong_is_found_and_nothing_is_changed() {
    let bench = Bench::on_disk();
    block(furnish(&bench));
    let path = bench.path();
    // As a process that was killed leaves it.
    let killed = path.with_extension("killed");
    std::fs::copy(&path, &killed).unwrap();
    assert_eq!(examined(&killed), None);
    let Bench { store, directory, .. } = bench;
    drop(store);
    assert_eq!(examined(&path), None);
    let whole = std::fs::read(&path).unwrap();
    let places = whole.windows(5).enumerate().filter(|(_, part)| *part == b"Nurse");
    let mut found = 0;
    for (place, _) in places.collect::<Vec<_>>() {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        found += usize::from(examined(&path).is_some());
        assert!(std::fs::read(&path).unwrap() == bytes, "a look changes nothing");
    }
    // Pages that are free keep what was in them, and nobody misses it.
    assert!(found > 0);
    drop(directory);
}

fn examined(path: &Path) -> Option<String> {
    RedbStore::examine(path).unwrap()
}
