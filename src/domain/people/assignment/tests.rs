use super::*;
use crate::base::entropy::Entropy;
use crate::base::entropy::SeededEntropy;
use crate::domain::place::tree::Node;

/// Sites and organizations offer `normal` and `admin`, regions and divisions only `lead`.
struct Offered;

impl Offers for Offered {
    fn offers(&self, rank: Rank, role: &str) -> bool {
        match rank {
            Rank::Region | Rank::Division => role == "lead",
            Rank::Organization | Rank::Site => ["normal", "admin"].contains(&role),
            Rank::RoomSystem => true,
        }
    }
}

fn id(number: u8) -> Id {
    Id([number; 16])
}

/// Region 1 { organization 2 { sites 3, 4, 5 and the closed 6 { room 7 } } }.
fn places() -> Tree {
    let node = |number, rank, parent: Option<u8>, active| Node {
        id: id(number),
        rank,
        parent: parent.map(id),
        active,
    };
    Tree::build([
        node(1, Rank::Region, None, true),
        node(2, Rank::Organization, Some(1), true),
        node(3, Rank::Site, Some(2), true),
        node(4, Rank::Site, Some(2), true),
        node(5, Rank::Site, Some(2), true),
        node(6, Rank::Site, Some(2), false),
        node(7, Rank::RoomSystem, Some(3), true),
    ])
}

fn row(location: u8, role: &str, default: bool, since: i64) -> Assignment {
    Assignment { location: id(location), role: role.to_owned(), default, since: Moment(since) }
}

fn want(location: u8, role: &str, default: bool) -> Wanted {
    Wanted { location: id(location), role: role.to_owned(), default }
}

/// At 3 since 10, at 4 since 20 (default), at 5 since 30.
fn three() -> Assignments {
    let rows =
        vec![row(5, "admin", false, 30), row(4, "normal", true, 20), row(3, "normal", false, 10)];
    Assignments::of(rows).unwrap()
}

fn only() -> Assignments {
    Assignments::of(vec![row(3, "normal", true, 10)]).unwrap()
}

fn with_rules<T>(test: impl FnOnce(&Rules<'_>) -> T) -> T {
    test(&Rules { places: &places(), roles: &Offered })
}

const NOW: Moment = Moment(100);

#[test]
fn as2_one_role_at_a_place() {
    let twice = vec![row(3, "normal", true, 1), row(3, "admin", false, 2)];
    assert_eq!(Assignments::of(twice), Err(Refusal::SecondRole));
    with_rules(|rules| {
        assert_eq!(three().add(&want(3, "admin", false), rules, NOW), Err(Refusal::SecondRole));
        let moved = three().relocate(id(3), (id(4), "normal"), rules, NOW);
        assert_eq!(moved, Err(Refusal::SecondRole));
        let both = [want(3, "normal", true), want(3, "admin", false)];
        let found = only().replace(&both, By::Connection, rules, NOW);
        assert_eq!(found, Err(Refusal::SecondRole));
    });
}

#[test]
fn as3_one_default_or_nothing_at_all() {
    let none = vec![row(3, "normal", false, 1)];
    assert_eq!(Assignments::of(none), Err(Refusal::Defaults));
    let two = vec![row(3, "normal", true, 1), row(4, "normal", true, 2)];
    assert_eq!(Assignments::of(two), Err(Refusal::Defaults));
    assert_eq!(Assignments::of(vec![]), Ok(Assignments::default()));
    with_rules(|rules| {
        let first = Assignments::default().add(&want(4, "normal", false), rules, NOW).unwrap();
        assert_eq!(first.after.the_default().unwrap().location, id(4));
        let moved = Remark::DefaultMoved { from: None, to: id(4) };
        assert_eq!(first.remarks, [Remark::Added(id(4)), moved]);
        let second = first.after.add(&want(3, "normal", true), rules, NOW).unwrap();
        assert_eq!(second.after.the_default().unwrap().location, id(3));
        let two = [want(3, "normal", true), want(4, "normal", true)];
        assert_eq!(only().replace(&two, By::Connection, rules, NOW), Err(Refusal::Defaults));
    });
    let chosen = three().set_default(id(5)).unwrap();
    assert_eq!(chosen.remarks, [Remark::DefaultMoved { from: Some(id(4)), to: id(5) }]);
    assert_eq!(three().set_default(id(4)).unwrap().remarks, []);
    assert_eq!(three().set_default(id(6)), Err(Refusal::NotThere));
}

#[test]
fn as4_an_administrator_does_not_remove_the_only_place() {
    assert_eq!(only().remove(id(3), By::Administrator), Err(Refusal::Only));
    with_rules(|rules| {
        let nothing = only().replace(&[], By::Administrator, rules, NOW);
        assert_eq!(nothing, Err(Refusal::Only));
        let moved = only().relocate(id(3), (id(4), "admin"), rules, NOW).unwrap();
        assert_eq!(moved.after.the_default(), Some(&row(4, "admin", true, 100)));
        assert_eq!(moved.after.all().len(), 1);
    });
}

#[test]
fn as5_an_administrator_does_not_remove_the_default() {
    assert_eq!(three().remove(id(4), By::Administrator), Err(Refusal::Default));
    let gone = three().remove(id(3), By::Administrator).unwrap();
    assert_eq!(gone.remarks, [Remark::Removed(id(3))]);
    let chosen = three().set_default(id(3)).unwrap().after;
    assert!(chosen.remove(id(4), By::Administrator).is_ok());
    with_rules(|rules| {
        let kept = [want(3, "normal", false), want(5, "admin", false)];
        let found = three().replace(&kept, By::Administrator, rules, NOW);
        assert_eq!(found, Err(Refusal::Default));
        let chosen = [want(3, "normal", true), want(5, "admin", false)];
        assert!(three().replace(&chosen, By::Administrator, rules, NOW).is_ok());
    });
}

#[test]
fn as6_a_role_is_one_that_the_place_offers() {
    with_rules(|rules| {
        let add = |place, role| only().add(&want(place, role, false), rules, NOW).map(|_| ());
        assert_eq!(add(1, "lead"), Ok(()));
        assert_eq!(add(1, "normal"), Err(Refusal::Role));
        assert_eq!(add(4, "lead"), Err(Refusal::Role));
        assert_eq!(add(7, "normal"), Err(Refusal::RoomSystem));
        assert_eq!(add(9, "normal"), Err(Refusal::Place(tree::Refusal::Unknown)));
        let edited = only().edit_role(id(3), "lead", rules);
        assert_eq!(edited, Err(Refusal::Role));
        let edited = only().edit_role(id(3), "admin", rules).unwrap();
        assert_eq!(edited.remarks, [Remark::RoleChanged(id(3))]);
        assert_eq!(only().edit_role(id(3), "normal", rules).unwrap().remarks, []);
    });
}

#[test]
fn tr3_a_closed_place_keeps_its_people_and_takes_no_more() {
    with_rules(|rules| {
        let closed = Refusal::Place(tree::Refusal::SwitchedOff);
        assert_eq!(only().add(&want(6, "normal", false), rules, NOW), Err(closed));
        let there = Assignments::of(vec![row(6, "normal", true, 1)]).unwrap();
        assert_eq!(there.edit_role(id(6), "admin", rules), Err(closed));
        let same = [want(6, "normal", true), want(3, "normal", false)];
        assert!(there.replace(&same, By::Connection, rules, NOW).is_ok(), "what stays is not new");
        assert!(there.set_default(id(6)).is_ok());
    });
}

#[test]
fn as7_a_connection_moves_the_default_to_the_oldest_that_remains() {
    let gone = three().remove(id(4), By::Connection).unwrap();
    let moved = Remark::DefaultMoved { from: Some(id(4)), to: id(3) };
    assert_eq!(gone.remarks, [Remark::Removed(id(4)), moved]);
    let next = gone.after.remove(id(3), By::Connection).unwrap();
    assert_eq!(next.after.the_default().unwrap().location, id(5));
    let last = next.after.remove(id(5), By::Connection).unwrap();
    assert_eq!(last.remarks, [Remark::Removed(id(5)), Remark::NoneLeft]);
    assert!(last.pending());
    assert_eq!(last.after.remove(id(5), By::Connection), Err(Refusal::NotThere));
}

#[test]
fn as7_a_replacement_moves_the_default_once_and_to_what_stays() {
    with_rules(|rules| {
        let kept = [want(5, "admin", false), want(2, "normal", false)];
        let found = three().replace(&kept, By::Connection, rules, NOW).unwrap();
        assert_eq!(
            found.remarks,
            [
                Remark::Added(id(2)),
                Remark::Removed(id(3)),
                Remark::Removed(id(4)),
                Remark::DefaultMoved { from: Some(id(4)), to: id(5) },
            ]
        );
        let none = three().replace(&[], By::Connection, rules, NOW).unwrap();
        assert!(none.pending() && none.remarks.contains(&Remark::NoneLeft));
        let same = [want(4, "normal", false), want(5, "admin", false), want(3, "normal", false)];
        let found = three().replace(&same, By::Connection, rules, NOW).unwrap();
        assert_eq!((found.after, found.remarks), (three(), vec![]), "the default stays");
    });
}

/// Any order of operations by anybody keeps AS2 and AS3, and an administrator's keep AS4.
#[test]
fn as3_holds_after_any_operations() {
    let chance = SeededEntropy::new(3);
    let mut drawn = [0; 6];
    let places = places();
    let rules = Rules { places: &places, roles: &Offered };
    let mut set = Assignments::default();
    let mut emptied = 0;
    for turn in 0..5_000 {
        chance.fill(&mut drawn).unwrap();
        let location = drawn[1] % 8;
        let role = ["normal", "admin", "lead"][usize::from(drawn[2] % 3)];
        let by = if drawn[3] % 2 == 0 { By::Administrator } else { By::Connection };
        let now = Moment(turn);
        let wanted: Vec<Wanted> = (1..6)
            .filter(|bit| drawn[4] >> bit & 1 == 1)
            .map(|place| want(place, role, drawn[5] % 6 == place))
            .collect();
        let changed = match drawn[0] % 6 {
            0 | 1 => set.add(&want(location, role, drawn[4] % 2 == 0), &rules, now),
            2 => set.edit_role(id(location), role, &rules),
            3 => set.relocate(id(location), (id(drawn[4] % 8), role), &rules, now),
            4 => set.remove(id(location), by),
            _ => set.replace(&wanted, by, &rules, now),
        };
        let Ok(changed) = changed else { continue };
        let rows = changed.after.all().to_vec();
        assert_eq!(Assignments::of(rows), Ok(changed.after.clone()));
        if changed.pending() && !set.all().is_empty() {
            assert_eq!(by, By::Connection);
            assert_eq!(changed.remarks.last(), Some(&Remark::NoneLeft));
            emptied += 1;
        }
        let moved = |remark: &&Remark| matches!(remark, Remark::DefaultMoved { .. });
        let told = changed.remarks.iter().any(|remark| moved(&remark));
        let default = |set: &Assignments| set.the_default().map(|one| one.location);
        let differs = default(&set) != default(&changed.after) && !changed.pending();
        assert!(!differs || told, "a default moved in silence");
        set = changed.after;
    }
    assert!(emptied > 5, "the walk reaches the edge: {emptied}");
}
