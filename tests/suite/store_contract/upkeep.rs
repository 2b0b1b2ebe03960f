//! Opening, copying, checking.

use std::sync::Arc;

use redb::ReadableTable;
use wardgate::domain::record::Kind;
use wardgate::domain::record::Partition;
use wardgate::store::End;
use wardgate::store::Fault;
use wardgate::store::LinkQuery;
use wardgate::store::Store;
use wardgate::store::change::Entry;
use wardgate::store::change::Unique;
use wardgate::store::change::Write;
use wardgate::store::redb::Options;
use wardgate::store::redb::RedbStore;
use wardgate::store::redb::tables;

use super::bench::*;

async fn furnish(bench: &Bench) {
    let mut make: Vec<Write> = (1..=20)
        .map(|n| {
            let mut draft = person(n, &format!("p{n}"));
            draft.entries.push(Entry { field: CITY, value: b"x".to_vec(), unique: Unique::No });
            Write::Create(draft)
        })
        .collect();
    make.push(Write::Create(group(30)));
    bench.done(make).await;
    bench.done((1..=10).map(|n| link(30, n)).collect()).await;
    bench.done(vec![Write::Erase(id(3)), Write::Update(person(4, "renamed"))]).await;
}

#[test]
fn reopening_keeps_everything() {
    let bench = Bench::on_disk();
    let before = block(async {
        furnish(&bench).await;
        bench.store.close().await.unwrap();
        bench.store.events(1, 1, 10).await.unwrap()
    });
    let bench = bench.reopened();
    block(async {
        assert_eq!(bench.store.events(1, 1, 10).await.unwrap(), before);
        assert!(bench.store.ready());
        let late = bench.done(vec![Write::Create(person(40, "new"))]).await;
        assert_eq!(late.seq, 4);
        assert!(late.at > before[2].at);
        bench.assert_sound().await;
    });
}

#[test]
fn a_file_that_is_open_is_not_opened_twice() {
    let bench = Bench::on_disk();
    let options = Options { cache_bytes: 1 << 20, clock: bench.clock.clone() };
    let error = RedbStore::open(&bench.path(), options).unwrap_err().to_string();
    assert!(error.contains("open in another process"), "{error}");
}

#[test]
fn a_file_of_another_layout_is_refused() {
    let bench = Bench::on_disk();
    let path = bench.path();
    let Bench { store, clock, directory } = bench;
    drop(store);
    let options = || Options { cache_bytes: 1 << 20, clock: clock.clone() };
    alter(&path, tables::META, |table| {
        table.insert(b"format".as_slice(), [0_u8, 0, 0, 99].as_slice()).unwrap();
    });
    let error = RedbStore::open(&path, options()).unwrap_err().to_string();
    assert!(error.contains("does not know"), "{error}");
    alter(&path, tables::META, |table| {
        table.remove(b"format".as_slice()).unwrap();
    });
    let error = RedbStore::open(&path, options()).unwrap_err().to_string();
    assert!(error.contains("no complete store"), "{error}");
    let stray = directory.path().join("stray.redb");
    std::fs::write(&stray, "plainly something else").unwrap();
    assert!(RedbStore::open(&stray, options()).is_err());
    // A store cut to nothing is not a new one (AUD-02), and stays as it was found.
    let cut = path.with_extension("cut");
    std::fs::File::create(&cut).unwrap();
    let error = RedbStore::open(&cut, options()).unwrap_err().to_string();
    assert!(error.contains("restore a backup"), "{error}");
    assert_eq!(std::fs::metadata(&cut).unwrap().len(), 0);
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::on_disk();
    let target = bench.directory.path().join("copy.redb");
    block(bench.store.backup(target.clone())).unwrap();
    for path in [bench.path(), target] {
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_copy_opens_and_is_equal() {
    trial(async |bench| {
        furnish(bench).await;
        let target = bench.directory.path().join("copy.redb");
        let size = bench.store.backup(target.clone()).await.unwrap();
        assert_eq!(size, std::fs::metadata(&target).unwrap().len());
        let again = bench.store.backup(target.clone()).await;
        assert!(matches!(again, Err(Fault::Refused(said)) if said.contains("exists already")));

        let copy = Bench { store: Arc::new(open(&target, &bench.clock)), ..Bench::in_memory() };
        copy.assert_sound().await;
        let health = copy.store.check(None).await.unwrap();
        assert_eq!(health, bench.store.check(None).await.unwrap());
        assert_eq!((health.records, health.links), (20, 9));
        for n in 0..=30 {
            let both = [copy.store.get(id(n), None).await, bench.store.get(id(n), None).await];
            let [one, other] = both.map(|read| read.unwrap());
            assert_eq!(one, other);
        }
        let past = bench.store.events(1, 1, 10).await.unwrap();
        assert_eq!(copy.store.events(1, 1, 10).await.unwrap(), past);
        let query = |at| LinkQuery {
            relation: MEMBER,
            end: End::From(id(30)),
            after: None,
            limit: 100,
            at,
        };
        let before = copy.store.links(query(Some(past[1].at))).await.unwrap();
        assert_eq!(before.len(), 10);
        // The copy is a store of its own.
        copy.done(vec![Write::Create(person(50, "later"))]).await;
        assert_eq!(bench.store.get(id(50), None).await.unwrap(), None);
    });
}

#[test]
fn a_copy_is_made_while_serving() {
    trial(async |bench| {
        furnish(bench).await;
        let store = bench.store.clone();
        let busy = tokio::spawn(async move {
            for n in 100..200 {
                let make = vec![Write::Create(person(n, &format!("p{n}")))];
                done(store.commit(change(make)).await.unwrap());
            }
        });
        let target = bench.directory.path().join("copy.redb");
        bench.store.backup(target.clone()).await.unwrap();
        busy.await.unwrap();
        let copy = Bench { store: Arc::new(open(&target, &bench.clock)), ..Bench::in_memory() };
        copy.assert_sound().await;
        let copied = copy.store.count(HERE, Kind::USER).await.unwrap();
        assert!((19..=119).contains(&copied), "{copied}");
    });
}

fn alter(
    path: &std::path::Path,
    definition: tables::Definition,
    damage: impl FnOnce(&mut redb::Table<'_, &'static [u8], &'static [u8]>),
) {
    let database = redb::Database::open(path).unwrap();
    let transaction = database.begin_write().unwrap();
    damage(&mut transaction.open_table(definition).unwrap());
    transaction.commit().unwrap();
}

#[test]
fn checking_finds_planted_damage() {
    let places = [
        (tables::RECORDS, "without reason"),
        (tables::OWNED, "not listed"),
        (tables::UNIQUE, "unique values"),
        (tables::INDEX, "of the index"),
        (tables::COUNTS, "is missing"),
        (tables::LINKS, "backwards only"),
        (tables::LINKS_BACK, "cannot be read backwards"),
        (tables::EVENTS, "events"),
        (tables::HEADS, "count 0 events"),
    ];
    for (definition, said) in places {
        let bench = Bench::on_disk();
        block(furnish(&bench));
        let path = bench.path();
        let Bench { store, clock, directory } = bench;
        drop(store);
        alter(&path, definition, |table| {
            let first = table.first().unwrap().unwrap().0.value().to_vec();
            table.remove(first.as_slice()).unwrap();
        });
        let store = open(&path, &clock);
        let findings = block(store.check(None)).unwrap().findings;
        let told = findings.iter().any(|finding| finding.contains(said));
        assert!(told, "{said}: {findings:?}");
        drop((store, directory));
    }
}

#[test]
fn checking_finds_rows_too_many() {
    let bench = Bench::on_disk();
    block(furnish(&bench));
    let path = bench.path();
    let Bench { store, clock, directory } = bench;
    drop(store);
    for definition in [tables::OWNED, tables::INDEX, tables::LINKS_BACK] {
        alter(&path, definition, |table| {
            let mut key = table.first().unwrap().unwrap().0.value().to_vec();
            let end = key.len() - 1;
            key[end] = 77;
            table.insert(key.as_slice(), [].as_slice()).unwrap();
        });
    }
    let store = open(&path, &clock);
    let findings = block(store.check(None)).unwrap().findings;
    assert_eq!(findings.len(), 3, "{findings:?}");
    drop((store, directory));
}

#[test]
fn counts_are_kept_by_partition_and_kind() {
    trial(async |bench| {
        furnish(bench).await;
        let count = async |partition, kind| bench.store.count(partition, kind).await.unwrap();
        assert_eq!(count(HERE, Kind::USER).await, 19);
        assert_eq!(count(HERE, Kind::GROUP).await, 1);
        assert_eq!(count(Partition::NETWORK, Kind::USER).await, 0);
    });
}
