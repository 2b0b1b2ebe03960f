//! Creating, changing, erasing, linking; guards and verdicts; what changes nothing.

use wardgate::base::clock::Moment;
use wardgate::domain::record::Field;
use wardgate::domain::record::Kind;
use wardgate::store::End;
use wardgate::store::Fault;
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

use super::bench::*;

fn key(name: &str) -> Key {
    let within = wardgate::domain::record::Partition { connection: 0, ..HERE };
    Key { within, kind: Kind::USER, field: NAME, value: name.into() }
}

#[test]
fn a_record_is_made_changed_and_removed() {
    trial(async |bench| {
        let made = bench.done(vec![Write::Create(person(1, "ada"))]).await;
        assert_eq!((made.changed, made.seq, made.heads[0].version), (true, 1, 1));
        let read = bench.store.get(id(1), None).await.unwrap().unwrap();
        assert_eq!(read.head, made.heads[0]);
        assert_eq!(read.body, person(1, "ada").body);
        assert_eq!((read.head.created, read.head.modified), (made.at, made.at));
        assert_eq!(bench.store.find(key("ada")).await.unwrap(), Some(id(1)));
        assert_eq!(bench.store.count(HERE, Kind::USER).await.unwrap(), 1);

        bench.tick();
        let moved = bench.done(vec![Write::Update(person(1, "ada.l"))]).await;
        assert_eq!(moved.heads[0].version, 2);
        assert_eq!((moved.heads[0].created, moved.heads[0].modified), (made.at, moved.at));
        assert_eq!(bench.store.find(key("ada")).await.unwrap(), None);
        assert_eq!(bench.store.find(key("ada.l")).await.unwrap(), Some(id(1)));

        let gone = bench.done(vec![Write::Erase(id(1))]).await;
        assert!(gone.changed && gone.heads.is_empty());
        assert_eq!(bench.store.get(id(1), None).await.unwrap(), None);
        assert_eq!(bench.store.find(key("ada.l")).await.unwrap(), None);
        assert_eq!(bench.store.count(HERE, Kind::USER).await.unwrap(), 0);
    });
}

#[test]
fn us8_a_record_that_is_made_again_goes_on_where_it_ended() {
    trial(async |bench| {
        let never = bench.commit(vec![Write::Revive(person(1, "ada"))]).await;
        assert_eq!(never, Verdict::Missing(id(1)));
        let made = bench.done(vec![Write::Create(person(1, "ada"))]).await;
        bench.done(vec![Write::Update(person(1, "ada.l"))]).await;
        let there = bench.commit(vec![Write::Revive(person(1, "ada"))]).await;
        assert_eq!(there, Verdict::Stale(id(1)));
        bench.tick();
        bench.done(vec![Write::Erase(id(1))]).await;
        bench.tick();
        let back = bench.done(vec![Write::Revive(person(1, "ada.l"))]).await;
        assert_eq!((back.heads[0].version, back.heads[0].created), (3, made.at));
        assert_eq!(back.heads[0].modified, back.at);
        assert_eq!(bench.store.find(key("ada.l")).await.unwrap(), Some(id(1)));
        bench.done(vec![Write::Erase(id(1))]).await;
        let elsewhere = Draft { kind: Kind::GROUP, ..person(1, "ada") };
        let moved = bench.commit(vec![Write::Revive(elsewhere)]).await;
        assert_eq!(moved, Verdict::Missing(id(1)));
        let anew = bench.done(vec![Write::Revive(person(1, "ada"))]).await;
        assert_eq!(anew.heads[0].version, 4);
    });
}

#[test]
fn a_failed_guard_is_an_answer_and_leaves_nothing() {
    trial(async |bench| {
        bench.done(vec![Write::Create(person(1, "ada"))]).await;
        let make = || vec![Write::Create(person(2, "bo")), Write::Update(person(1, "x"))];
        let version = |n, v| Guard::Version(id(n), v);
        assert_eq!(bench.guarded(version(1, 2), make()).await, Verdict::Stale(id(1)));
        assert_eq!(bench.guarded(version(9, 1), make()).await, Verdict::Missing(id(9)));
        let exists = |n, organization| Guard::Exists { id: id(n), organization };
        assert_eq!(bench.guarded(exists(9, 1), make()).await, Verdict::Missing(id(9)));
        assert_eq!(bench.guarded(exists(1, 2), make()).await, Verdict::Missing(id(1)));
        let again = vec![Write::Create(person(2, "bo")), Write::Create(person(1, "x"))];
        assert_eq!(bench.commit(again).await, Verdict::Stale(id(1)));
        let missing = vec![Write::Create(person(2, "bo")), Write::Erase(id(7))];
        assert_eq!(bench.commit(missing).await, Verdict::Missing(id(7)));
        let stray = Draft { kind: Kind::GROUP, ..person(1, "x") };
        assert_eq!(bench.commit(vec![Write::Update(stray)]).await, Verdict::Missing(id(1)));

        assert_eq!(bench.store.get(id(2), None).await.unwrap(), None);
        assert_eq!(bench.store.events(1, 1, 10).await.unwrap().len(), 1);
        assert!(matches!(bench.guarded(version(1, 1), make()).await, Verdict::Done(_)));
    });
}

#[test]
fn a_value_that_is_taken_is_an_answer() {
    trial(async |bench| {
        bench.done(vec![Write::Create(person(1, "ada"))]).await;
        let taken = bench.commit(vec![Write::Create(person(2, "ada"))]).await;
        assert_eq!(taken, Verdict::Taken(NAME));
        let twins = vec![Write::Create(person(2, "bo")), Write::Create(person(3, "bo"))];
        assert_eq!(bench.commit(twins).await, Verdict::Taken(NAME));
        bench.done(vec![Write::Create(person(2, "bo"))]).await;
        // Two people change names with each other in one change.
        let swap = vec![Write::Update(person(1, "bo")), Write::Update(person(2, "ada"))];
        bench.done(swap).await;
        assert_eq!(bench.store.find(key("bo")).await.unwrap(), Some(id(1)));
        assert_eq!(bench.store.find(key("ada")).await.unwrap(), Some(id(2)));
        // A name that its holder leaves behind is free at once.
        let heir = vec![Write::Erase(id(2)), Write::Create(person(4, "ada"))];
        bench.done(heir).await;
        assert_eq!(bench.store.find(key("ada")).await.unwrap(), Some(id(4)));
    });
}

#[test]
fn uniqueness_reaches_as_far_as_its_entry_says() {
    trial(async |bench| {
        let other = wardgate::domain::record::Partition { connection: 2, ..HERE };
        let elsewhere = Draft { partition: other, ..person(2, "ada") };
        bench.done(vec![Write::Create(person(1, "ada"))]).await;
        assert_eq!(
            bench.commit(vec![Write::Create(elsewhere.clone())]).await,
            Verdict::Taken(NAME)
        );
        let tag = |n, partition| {
            let unique = Unique::Partition;
            let entry = Entry { field: CITY, value: b"x-1".to_vec(), unique };
            Draft { entries: vec![entry], partition, ..person(n, "n") }
        };
        bench.done(vec![Write::Create(tag(3, HERE)), Write::Create(tag(4, other))]).await;
        assert_eq!(bench.commit(vec![Write::Create(tag(5, HERE))]).await, Verdict::Taken(CITY));
        let far = wardgate::domain::record::Partition { organization: 2, connection: 3 };
        bench.done(vec![Write::Create(Draft { partition: far, ..person(6, "ada") })]).await;
    });
}

#[test]
fn a_value_of_the_network_occurs_once_in_it_and_is_found_at_home() {
    trial(async |bench| {
        let tag = |n, partition, value: &[u8]| {
            let entry = Entry { field: CITY, value: value.to_vec(), unique: Unique::Network };
            Draft { entries: vec![entry], partition, ..person(n, "n") }
        };
        let far = wardgate::domain::record::Partition { organization: 2, connection: 3 };
        bench.done(vec![Write::Create(tag(1, HERE, b"x-1"))]).await;
        let twin = vec![Write::Create(tag(2, far, b"x-1"))];
        assert_eq!(bench.commit(twin).await, Verdict::Taken(CITY));
        bench.done(vec![Write::Create(tag(2, far, b"x-2"))]).await;
        let within = wardgate::domain::record::Partition::NETWORK;
        let key = Key { within, kind: Kind::USER, field: CITY, value: b"x-1".to_vec() };
        assert_eq!(bench.store.find(key.clone()).await.unwrap(), Some(id(1)));
        let asked =
            |value: &[u8]| Select { condition: Condition::Is(CITY, value.to_vec()), ..everyone() };
        assert_eq!(bench.store.select(asked(b"x-1")).await.unwrap().records.len(), 1);
        assert_eq!(
            bench.store.select(asked(b"x-2")).await.unwrap().records.len(),
            0,
            "it is not of the scope"
        );
        bench.done(vec![Write::Erase(id(1))]).await;
        assert_eq!(bench.store.find(key).await.unwrap(), None);
        bench.done(vec![Write::Update(tag(2, far, b"x-1"))]).await;
        bench.assert_sound().await;
    });
}

#[test]
fn idn11_of_sixty_four_equal_creates_one_wins() {
    trial(async |bench| {
        let mut tries = Vec::new();
        for n in 0..64 {
            let store = bench.store.clone();
            let make = change(vec![Write::Create(person(n, "same"))]);
            tries.push(tokio::spawn(async move { store.commit(make).await.unwrap() }));
        }
        let mut won = 0;
        for answer in tries {
            match answer.await.unwrap() {
                Verdict::Done(_) => won += 1,
                other => assert_eq!(other, Verdict::Taken(NAME)),
            }
        }
        assert_eq!(won, 1);
        assert_eq!(bench.store.count(HERE, Kind::USER).await.unwrap(), 1);
    });
}

#[test]
fn con01_of_two_changes_on_one_version_one_wins() {
    trial(async |bench| {
        bench.done(vec![Write::Create(person(1, "ada"))]).await;
        let mut tries = Vec::new();
        for n in 0..32 {
            let store = bench.store.clone();
            let body = format!("{{\"n\":{n}}}").into_bytes();
            let write = Write::Update(Draft { body, ..person(1, "ada") });
            let guards = vec![Guard::Version(id(1), 1)];
            let change = Change { guards, ..change(vec![write]) };
            tries.push(tokio::spawn(async move { store.commit(change).await.unwrap() }));
        }
        let mut won = 0;
        for answer in tries {
            match answer.await.unwrap() {
                Verdict::Done(_) => won += 1,
                other => assert_eq!(other, Verdict::Stale(id(1))),
            }
        }
        assert_eq!(won, 1);
        assert_eq!(bench.store.get(id(1), None).await.unwrap().unwrap().head.version, 2);
    });
}

#[test]
fn what_changes_nothing_leaves_no_trace() {
    trial(async |bench| {
        let make = vec![Write::Create(person(1, "ada")), Write::Create(group(9)), link(9, 1)];
        let made = bench.done(make).await;
        assert_eq!(made.heads.iter().map(|head| head.version).collect::<Vec<_>>(), [1, 1]);
        bench.tick();
        let same = vec![Write::Update(person(1, "ada")), link(9, 1), unlink(9, 2)];
        let idle = bench.done(same).await;
        assert!(!idle.changed);
        assert_eq!(idle.seq, 0);
        assert_eq!(idle.heads, [made.heads[0], made.heads[1]]);
        let undone = bench.done(vec![unlink(9, 1), link(9, 1)]).await;
        assert!(!undone.changed);
        let both = vec![Write::Update(person(1, "ada")), Write::Update(person(1, "ada"))];
        assert!(!bench.done(both).await.changed);
        assert_eq!(bench.store.events(1, 1, 10).await.unwrap().len(), 1);
        let early = bench.store.get(id(1), Some(Moment(made.at.0 - 1))).await.unwrap();
        assert_eq!(early, None);
    });
}

#[test]
fn links_are_rows_and_give_their_holder_a_version() {
    trial(async |bench| {
        let people = (1..=3).map(|n| Write::Create(person(n, &format!("p{n}"))));
        let groups = [9, 8].map(|n| Write::Create(group(n)));
        bench.done(people.chain(groups).collect()).await;
        let tied = bench.done(vec![link(9, 1), link(9, 2), link(9, 3), link(8, 1)]).await;
        assert_eq!(
            tied.heads.iter().map(|h| (h.id, h.version)).collect::<Vec<_>>(),
            [(id(9), 2), (id(8), 2)]
        );
        assert_eq!(tied.heads[0].modified, tied.at);
        let query = |end, after, limit| LinkQuery { relation: MEMBER, end, after, limit, at: None };
        let members = bench.store.links(query(End::From(id(9)), None, 2)).await.unwrap();
        assert_eq!(members.iter().map(|l| l.to).collect::<Vec<_>>(), [id(1), id(2)]);
        assert_eq!((members[0].note, members[0].since), (7, tied.at));
        let rest = bench.store.links(query(End::From(id(9)), Some(id(2)), 1_000)).await.unwrap();
        assert_eq!(rest.iter().map(|l| l.to).collect::<Vec<_>>(), [id(3)]);
        let groups = bench.store.links(query(End::To(id(1)), None, 10)).await.unwrap();
        assert_eq!(groups.iter().map(|l| l.from).collect::<Vec<_>>(), [id(8), id(9)]);
        assert!(bench.store.linked(MEMBER, id(9), id(1)).await.unwrap());

        let gone = bench.done(vec![Write::Erase(id(1))]).await;
        assert!(!bench.store.linked(MEMBER, id(9), id(1)).await.unwrap());
        for holder in [8, 9] {
            let head = bench.store.get(id(holder), None).await.unwrap().unwrap().head;
            assert_eq!((head.version, head.modified), (3, gone.at));
        }
        let all = Write::UnlinkAll { relation: MEMBER, from: id(9) };
        assert_eq!(bench.done(vec![all]).await.heads[0].version, 4);
        assert_eq!(bench.commit(vec![link(9, 1)]).await, Verdict::Missing(id(1)));
        assert_eq!(bench.commit(vec![link(7, 2)]).await, Verdict::Missing(id(7)));
    });
}

#[test]
fn one_change_is_one_version_however_many_writes() {
    trial(async |bench| {
        bench.done(vec![Write::Create(group(9)), Write::Create(person(1, "ada"))]).await;
        let renamed = Draft { body: b"{\"displayName\":\"East\"}".to_vec(), ..group(9) };
        let done = bench.done(vec![Write::Update(renamed), link(9, 1)]).await;
        assert_eq!(done.heads.iter().map(|h| h.version).collect::<Vec<_>>(), [2]);
    });
}

#[test]
fn circles_and_long_chains_are_refused() {
    trial(async |bench| {
        bench.done((1..=6).map(|n| Write::Create(group(n))).collect()).await;
        let nest = async |group: u64, member: u64, depth: u8| {
            let (from, to) = (id(member), id(group));
            let guard = Guard::NoPath { relation: MEMBER, from, to, note: 7, depth };
            bench.guarded(guard, vec![link(group, member)]).await
        };
        assert_eq!(nest(1, 1, 9).await, Verdict::Cyclic);
        assert!(matches!(nest(1, 2, 3).await, Verdict::Done(_)));
        assert!(matches!(nest(3, 4, 3).await, Verdict::Done(_)));
        assert_eq!(nest(2, 1, 9).await, Verdict::Cyclic);
        // 1 -> 2 -> 3 -> 4 is three links.
        assert_eq!(nest(2, 3, 2).await, Verdict::Cyclic);
        assert!(matches!(nest(2, 3, 3).await, Verdict::Done(_)));
        assert_eq!(nest(4, 1, 9).await, Verdict::Cyclic);
        assert_eq!(nest(4, 5, 3).await, Verdict::Cyclic);
        assert_eq!(nest(6, 1, 3).await, Verdict::Cyclic);
        assert!(matches!(nest(6, 1, 4).await, Verdict::Done(_)));
        // Links with another note, as to people, lengthen no chain.
        let note = Write::Link { relation: MEMBER, from: id(5), to: id(7), note: 1 };
        bench.done(vec![Write::Create(person(7, "ada")), note]).await;
        bench.done(vec![Write::Create(group(8))]).await;
        assert!(matches!(nest(8, 5, 1).await, Verdict::Done(_)));
        // A second way to the same member is no circle.
        assert!(matches!(nest(6, 3, 4).await, Verdict::Done(_)));
    });
}

#[test]
fn a_circle_inside_one_change_is_refused() {
    trial(async |bench| {
        bench.done((1..=2).map(|n| Write::Create(group(n))).collect()).await;
        let guard = |from, to| {
            let (from, to) = (id(from), id(to));
            Guard::NoPath { relation: MEMBER, from, to, note: 7, depth: 9 }
        };
        let guards = vec![guard(2, 1), guard(1, 2)];
        let change = Change { guards, ..change(vec![link(1, 2), link(2, 1)]) };
        assert_eq!(bench.store.commit(change).await.unwrap(), Verdict::Cyclic);
    });
}

#[test]
fn moments_of_commits_only_grow() {
    trial(async |bench| {
        let first = bench.done(vec![Write::Create(person(1, "a"))]).await;
        let second = bench.done(vec![Write::Create(person(2, "b"))]).await;
        assert_eq!(second.at, first.at.next());
        bench.clock.set(Moment(first.at.0 - 60_000_000));
        let third = bench.done(vec![Write::Create(person(3, "c"))]).await;
        assert_eq!(third.at, second.at.next());
        let flags: Vec<bool> =
            bench.store.events(1, 1, 9).await.unwrap().iter().map(|e| e.clock_back).collect();
        assert_eq!(flags, [false, false, true]);
    });
}

#[test]
fn changes_that_come_together_are_all_kept() {
    trial(async |bench| {
        let mut tries = Vec::new();
        for n in 0..400 {
            let store = bench.store.clone();
            let make = change(vec![Write::Create(person(n, &format!("p{n}")))]);
            tries.push(tokio::spawn(async move { store.commit(make).await.unwrap() }));
        }
        let mut seqs = Vec::new();
        for answer in tries {
            seqs.push(done(answer.await.unwrap()).seq);
        }
        seqs.sort_unstable();
        assert_eq!(seqs, (1..=400).collect::<Vec<_>>());
        assert_eq!(bench.store.count(HERE, Kind::USER).await.unwrap(), 400);
    });
}

#[test]
fn a_closed_store_takes_nothing_and_still_reads() {
    trial(async |bench| {
        bench.done(vec![Write::Create(person(1, "ada"))]).await;
        let store = bench.store.clone();
        let last = tokio::spawn(async move {
            store.commit(change(vec![Write::Create(person(2, "bo"))])).await
        });
        let _ = last.await;
        assert!(bench.store.ready());
        bench.store.close().await.unwrap();
        bench.store.close().await.unwrap();
        assert!(!bench.store.ready());
        let late = bench.store.commit(change(vec![Write::Create(person(3, "cy"))])).await;
        assert!(matches!(late, Err(Fault::Busy)));
        assert!(bench.store.get(id(2), None).await.unwrap().is_some());
    });
}

#[test]
fn a_changed_value_moves_its_index_row_only() {
    trial(async |bench| {
        let long = |tail: &str| format!("{}{tail}", "x".repeat(140)).into_bytes();
        let city = |values: &[Vec<u8>]| {
            let entry =
                |value: &Vec<u8>| Entry { field: CITY, value: value.clone(), unique: Unique::No };
            Draft { entries: values.iter().map(entry).collect(), ..person(1, "a") }
        };
        // Both values share all that an index row keeps of them.
        bench.done(vec![Write::Create(city(&[long("a"), long("b")]))]).await;
        bench.done(vec![Write::Update(city(&[long("b")]))]).await;
        let ask = |value| Select { condition: Condition::Is(CITY, value), ..everyone() };
        assert_eq!(bench.store.select(ask(long("a"))).await.unwrap().total, Some(0));
        assert_eq!(bench.store.select(ask(long("b"))).await.unwrap().total, Some(1));
        let made = Condition::Range(
            Field::CREATED,
            std::ops::Bound::Unbounded,
            std::ops::Bound::Unbounded,
        );
        let all = bench.store.select(Select { condition: made, ..everyone() }).await.unwrap();
        assert_eq!((all.total, all.plan), (Some(1), "index"));
    });
}
