//! What is stored of links is held against what the events tell of them (AUD-03).
//!
//! Damage is done to both directions of a link alike, so that nothing but the journal tells.

use redb::ReadableTable;
use wardgate::domain::record::Kind;
use wardgate::store::Store;
use wardgate::store::change::Change;
use wardgate::store::change::Write;
use wardgate::store::redb::tables;

use super::bench::*;

type Table<'t> = redb::Table<'t, &'static [u8], &'static [u8]>;

/// The links of the present, the links of the past; each in both directions.
const PRESENT: [tables::Definition; 2] = [tables::LINKS, tables::LINKS_BACK];
const PAST: [tables::Definition; 2] = [tables::LINKS_PAST, tables::LINKS_PAST_BACK];

async fn about(bench: &Bench, n: u64, writes: Vec<Write>) {
    let change = Change { subject: Some((Kind::GROUP, id(n))), ..change(writes) };
    done(bench.store.commit(change).await.unwrap());
}

/// Group 8 has 1 and 2, and had 3; group 9 had 1 and has 4.
async fn furnish(bench: &Bench) {
    let people = (1..=5).map(|n| Write::Create(person(n, &format!("p{n}"))));
    bench.done(people.collect()).await;
    about(bench, 8, vec![Write::Create(group(8)), link(8, 1), link(8, 2), link(8, 3)]).await;
    about(bench, 9, vec![Write::Create(group(9)), link(9, 1)]).await;
    about(bench, 8, vec![unlink(8, 3)]).await;
    about(bench, 9, vec![unlink(9, 1), link(9, 4)]).await;
}

fn key(from: u64, to: u64) -> Vec<u8> {
    [MEMBER.0.to_be_bytes().as_slice(), &id(from).0, &id(to).0].concat()
}

/// The key of a link, in the direction in which the ends of another stand; groups are 8 and 9.
fn along(ends: [u64; 2], from: u64, to: u64) -> Vec<u8> {
    if ends[0] >= 8 { key(from, to) } else { key(to, from) }
}

/// What the check says after the file was changed behind the store's back.
fn checked(damage: impl FnOnce(&redb::WriteTransaction)) -> Vec<String> {
    let bench = Bench::on_disk();
    block(furnish(&bench));
    let path = bench.path();
    let Bench { store, clock, directory } = bench;
    drop(store);
    let database = redb::Database::open(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    damage(&transaction);
    transaction.commit().unwrap();
    drop(database);
    let store = open(&path, &clock);
    let findings = block(store.check(None)).unwrap().findings;
    drop((store, directory));
    findings
}

/// Changes the row of a link in both directions: the row, and what it is to be.
fn both(
    transaction: &redb::WriteTransaction,
    definitions: [tables::Definition; 2],
    (from, to): (u64, u64),
    change: impl Fn(&mut Table<'_>, &[u8], &[u8], [u64; 2]),
) {
    for (definition, ends) in definitions.into_iter().zip([[from, to], [to, from]]) {
        let mut table = transaction.open_table(definition).unwrap();
        let start = key(ends[0], ends[1]);
        let found = table.range(start.as_slice()..).unwrap().next().unwrap().unwrap();
        let (key, row) = (found.0.value().to_vec(), found.1.value().to_vec());
        drop(found);
        assert!(key.starts_with(&start));
        change(&mut table, &key, &row, ends);
    }
}

fn told(findings: &[String], said: &str) {
    let last = findings.last().expect("something is found");
    assert!(last.ends_with("have other links than events tell"), "{findings:?}");
    assert!(findings.iter().any(|finding| finding.contains(said)), "{said}: {findings:?}");
    assert!(!findings.iter().any(|finding| finding.contains("backwards")), "{findings:?}");
}

#[test]
fn aud03_links_that_are_as_the_events_tell_are_sound() {
    trial(async |bench| furnish(bench).await);
    assert_eq!(checked(|_| ()), Vec::<String>::new());
}

#[test]
fn aud03_a_link_that_was_removed_by_no_event_is_found() {
    for (tables, ends, said) in [
        (PRESENT, (8, 2), "added 3 links and removed 0, and 2 and 0 are stored"),
        (PRESENT, (9, 4), "added 1 links and removed 1, and 0 and 1 are stored"),
        (PAST, (8, 3), "added 0 links and removed 1, and 0 and 0 are stored"),
        (PAST, (9, 1), "added 1 links and removed 0, and 0 and 0 are stored"),
    ] {
        let findings = checked(|transaction| {
            both(transaction, tables, ends, |table, key, _, _| {
                table.remove(key).unwrap();
            });
        });
        told(&findings, said);
        told(&findings, &format!("about record {}", id(ends.0)));
    }
}

#[test]
fn aud03_a_link_that_was_added_by_no_event_is_found() {
    // As old as another one, and of a moment of its own.
    for (age, said) in [(0, "4 and 0 are stored"), (7, "no event tells when the link from")] {
        let findings = checked(|transaction| {
            both(transaction, PRESENT, (8, 1), |table, _, row, ends| {
                let mut row = row.to_vec();
                row[7] = row[7].wrapping_add(age);
                let new = along(ends, 8, 5);
                table.insert(new.as_slice(), row.as_slice()).unwrap();
            });
        });
        told(&findings, said);
    }
}

#[test]
fn aud03_a_link_that_leads_to_another_or_was_altered_is_found() {
    let findings = checked(|transaction| {
        both(transaction, PRESENT, (8, 2), |table, old, row, ends| {
            table.remove(old).unwrap();
            let new = along(ends, 8, 5);
            table.insert(new.as_slice(), row).unwrap();
        });
    });
    told(&findings, "the links that it added and removed are not those that are stored");
    // Another holder, another note.
    let findings = checked(|transaction| {
        both(transaction, PRESENT, (8, 2), |table, old, row, ends| {
            table.remove(old).unwrap();
            let new = along(ends, 9, 2);
            table.insert(new.as_slice(), row).unwrap();
        });
    });
    told(&findings, "are not those that are stored");
    let findings = checked(|transaction| {
        both(transaction, PRESENT, (8, 2), |table, key, row, _| {
            let mut row = row.to_vec();
            row[8] ^= 1;
            table.insert(key, row.as_slice()).unwrap();
        });
    });
    told(&findings, "are not those that are stored");
}

#[test]
fn aud03_a_former_link_that_was_put_back_is_found() {
    let findings = checked(|transaction| {
        both(transaction, PRESENT, (8, 1), |table, _, row, ends| {
            let back = along(ends, 8, 3);
            table.insert(back.as_slice(), row).unwrap();
        });
        both(transaction, PAST, (8, 3), |table, key, _, _| {
            table.remove(key).unwrap();
        });
    });
    told(&findings, "added 0 links and removed 1, and 0 and 0 are stored");
}

#[test]
fn aud03_one_direction_of_a_former_link_is_found() {
    for (definition, said) in [
        (tables::LINKS_PAST_BACK, "the former link"),
        (tables::LINKS_PAST, "can be read backwards only"),
    ] {
        let findings = checked(|transaction| {
            let mut table = transaction.open_table(definition).unwrap();
            let first = table.first().unwrap().unwrap().0.value().to_vec();
            table.remove(first.as_slice()).unwrap();
        });
        assert!(findings.iter().any(|finding| finding.contains(said)), "{findings:?}");
    }
}
