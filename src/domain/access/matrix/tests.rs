use std::collections::BTreeSet;

use super::*;
use crate::domain::access::matrix::action::Person;
use crate::domain::access::matrix::actor::NotEffective;
use crate::domain::place::tree::Node;
use crate::domain::place::tree::Rank;

fn id(number: u8) -> Id {
    Id([number; 16])
}

const REGION: u8 = 1;
const NORTH: u8 = 2;
const SOUTH: u8 = 3;
/// In the north.
const GHI: u8 = 4;
/// In the south.
const MNO: u8 = 5;
/// Of another region.
const FAR_REGION: u8 = 6;
const FAR: u8 = 7;
/// A site of GHI.
const WARD: u8 = 8;

fn places() -> Tree {
    let node = |number, rank, parent: Option<u8>| Node {
        id: id(number),
        rank,
        parent: parent.map(id),
        active: true,
    };
    Tree::build([
        node(REGION, Rank::Region, None),
        node(NORTH, Rank::Division, Some(REGION)),
        node(SOUTH, Rank::Division, Some(REGION)),
        node(GHI, Rank::Organization, Some(NORTH)),
        node(MNO, Rank::Organization, Some(SOUTH)),
        node(FAR_REGION, Rank::Region, None),
        node(FAR, Rank::Organization, Some(FAR_REGION)),
        node(WARD, Rank::Site, Some(GHI)),
    ])
}

fn actor(grants: &[(AdminRole, Option<u8>)]) -> Actor {
    let grants = grants
        .iter()
        .map(|(kind, scope)| AdminGrant { role: *kind, scope: scope.map(id) })
        .collect();
    Actor { account: id(100), grants, in_group: false, full_modules: BTreeSet::new() }
}

/// Somebody of GHI with roles at these places.
fn person(locations: &[u8]) -> Person {
    Person {
        account: Some(id(50)),
        organizations: vec![id(GHI)],
        locations: locations.iter().copied().map(id).collect(),
        last_global: false,
    }
}

fn at(places: &Tree, location: Option<u8>) -> At<'_> {
    At { places, location: location.map(id), channel: Channel::Push, settings: Settings::default() }
}

fn ask(who: &Actor, location: Option<u8>, action: Action, whom: &Person) -> Decision {
    let places = places();
    may(who, action, Subject::Person(whom), &at(&places, location))
}

fn ask_place(who: &Actor, location: Option<u8>, action: Action, place: u8) -> Decision {
    let places = places();
    may(who, action, Subject::Place(id(place)), &at(&places, location))
}

/// The cells as the source prints them: R@R, R@D, D/PH.
#[test]
fn ad1_the_27_cells() {
    let joe = person(&[GHI, MNO]);
    let edit = |location, to| Action::EditLocation { location: id(location), to: id(to) };
    let role = |location| Action::EditRole { location: id(location) };
    let delete = |location| Action::DeleteLocation { location: id(location) };
    let default = |to| Action::ChangeDefault { to: id(to) };
    let on = |action| (Some(&joe), action, 0);
    let place = |place| (None, Action::ViewUsers, place);
    type Ask<'a> = (Option<&'a Person>, Action, u8);
    let table: [(Ask<'_>, [bool; 3]); 15] = [
        (place(REGION), [true, false, false]),
        (place(NORTH), [true, true, true]),
        (on(Action::ViewOtherLocations), [true, true, true]),
        (on(Action::AddLocation { location: id(WARD) }), [true, false, false]),
        (on(role(GHI)), [true, true, true]),
        (on(edit(GHI, WARD)), [true, true, false]),
        (on(role(MNO)), [true, false, false]),
        (on(edit(MNO, SOUTH)), [true, false, false]),
        (on(edit(GHI, SOUTH)), [true, false, false]),
        (on(default(NORTH)), [true, true, true]),
        (on(default(GHI)), [true, false, false]),
        (on(default(MNO)), [true, false, false]),
        (on(delete(GHI)), [true, true, false]),
        (on(delete(MNO)), [true, false, false]),
        (place(SOUTH), [true, false, false]),
    ];
    let regional = actor(&[(AdminRole::Regional, Some(REGION))]);
    let division = actor(&[(AdminRole::Division, Some(NORTH))]);
    let health = actor(&[(AdminRole::PublicHealth, Some(NORTH))]);
    for ((whom, action, place), [at_region, at_division, own]) in table {
        for (who, location, expected) in [
            (&regional, REGION, at_region),
            (&regional, NORTH, at_division),
            (&division, NORTH, own),
            (&health, NORTH, own),
        ] {
            let found = match whom {
                Some(whom) => ask(who, Some(location), action, whom),
                None => ask_place(who, Some(location), action, place),
            };
            let told = found.sentence();
            assert_eq!(found.is_yes(), expected, "{action:?} from {location}: {told}");
        }
    }
}

/// The table itself, cell for cell, against another writing of it.
#[test]
fn ad1_the_cells_as_written() {
    let written = "Yes No No|Yes Yes Yes|Yes Yes* Yes*|Yes No No|Yes Yes Yes(role)|Yes No No|\
                   Yes Yes** Yes**|Yes Yes No|Yes No No";
    let columns = [Column::RegionalAtRegion, Column::RegionalAtDivision, Column::Division];
    let mut cells = 0;
    for (row, line) in Row::MATRIX.into_iter().zip(written.split('|')) {
        for (column, word) in columns.into_iter().zip(line.split(' ')) {
            let expected = match word {
                "Yes" => Cell::Yes,
                "Yes*" => Cell::YesWarned,
                "Yes**" => Cell::YesToCurrent,
                "Yes(role)" => Cell::YesRole,
                _ if row == Row::DeleteHere => Cell::Setting,
                _ => Cell::No,
            };
            assert_eq!(row.cell(column), expected, "{row}, {column}");
            cells += 1;
        }
    }
    assert_eq!(cells, 27);
}

#[test]
fn ad1_table_2_3_for_the_other_rights() {
    use AdminRole::{
        Auditor, Division, Global, HealthCentre, HelpDesk, IdentityAccountManager, Operator,
        PrimaryContact, Regional,
    };
    let kinds = [
        (Global, None),
        (Regional, Some(REGION)),
        (Division, Some(NORTH)),
        (HealthCentre, Some(GHI)),
        (IdentityAccountManager, Some(GHI)),
        (PrimaryContact, Some(GHI)),
        (HelpDesk, Some(GHI)),
        (Auditor, None),
        (Operator, None),
    ];
    let table = [
        (Action::ViewUser, "yyyyyyyy-"),
        (Action::EditAccount, "yyyyyr---"),
        (Action::Lock, "yyyyy----"),
        (Action::Unlock, "yyyyy-y--"),
        (Action::Close, "yy-yyr---"),
        (Action::Reopen, "yy-yyr---"),
        (Action::ResetPassword, "yyyyy-y--"),
        (Action::EditGrants, "yyyy-r---"),
        (Action::EditAccessGroups, "y--y-----"),
        (Action::GrantAdmin(Global), "y--------"),
        (Action::RevokeAdmin(HealthCentre), "y--------"),
        (Action::Export, "yyyy-y-y-"),
        (Action::Attest, "yyyy-y---"),
        (Action::ViewReviews, "yyyy-y-y-"),
        (Action::EditDuties, "yy-y-y--y"),
        (Action::ViewDuties, "yy-y-y-yy"),
        (Action::EditNotices, "yy-y-yy-y"),
        (Action::Configure, "y-------y"),
        (Action::ViewConfiguration, "y------yy"),
        (Action::Approve { requested_by: id(9) }, "y--------"),
        (Action::ViewAudit, "yyyy-y-yy"),
    ];
    let full = BTreeSet::from([Module::Administrator, Module::IdentityManagement]);
    let jane = person(&[GHI]);
    let tree = places();
    for (action, line) in table {
        for ((kind, scope), letter) in kinds.into_iter().zip(line.chars()) {
            let who = Actor { full_modules: full.clone(), ..actor(&[(kind, scope)]) };
            let subject = about(action, &jane);
            let found = may(&who, action, subject, &at(&tree, None)).verdict;
            let letters = match found {
                Verdict::Yes => 'y',
                Verdict::Request => 'r',
                _ => '-',
            };
            assert_eq!(letters, letter, "{action:?} by {kind}: {found:?}");
        }
    }
}

/// What an action of table 2.3 is about.
fn about(action: Action, jane: &Person) -> Subject<'_> {
    match action {
        Action::Configure | Action::ViewConfiguration => Subject::Network,
        Action::EditAccessGroups
        | Action::Export
        | Action::Attest
        | Action::ViewReviews
        | Action::EditDuties
        | Action::ViewDuties
        | Action::EditNotices
        | Action::ViewAudit => Subject::Place(id(GHI)),
        _ => Subject::Person(jane),
    }
}

#[test]
fn ad2_visible_are_those_with_an_assignment_in_the_current_location() {
    let tree = places();
    let many: Vec<Person> = [
        person(&[GHI]),
        person(&[WARD]),
        person(&[MNO]),
        person(&[NORTH, FAR]),
        person(&[FAR]),
        person(&[]),
        Person { organizations: vec![id(FAR)], ..person(&[]) },
    ]
    .into();
    let table = [
        (AdminRole::Regional, Some(REGION), Some(REGION), "yyyy-y-"),
        (AdminRole::Regional, Some(REGION), Some(NORTH), "yy-y-y-"),
        (AdminRole::Division, Some(NORTH), None, "yy-y-y-"),
        (AdminRole::PublicHealth, Some(NORTH), Some(WARD), "-y-----"),
        (AdminRole::Division, Some(NORTH), Some(SOUTH), "-------"),
        (AdminRole::Regional, None, Some(REGION), "-------"),
        (AdminRole::PrimaryContact, Some(GHI), None, "yyyyyy-"),
        (AdminRole::PrimaryContact, Some(FAR), None, "------y"),
        (AdminRole::Global, None, None, "yyyyyyy"),
        (AdminRole::Auditor, Some(GHI), None, "yyyyyy-"),
        (AdminRole::Operator, None, None, "-------"),
        (AdminRole::HealthCentre, Some(GHI), None, "-------"),
    ];
    for (kind, scope, location, line) in table {
        let who = actor(&[(kind, scope)]);
        let at = at(&tree, location);
        let reach = reach(&who, &at);
        for (whom, letter) in many.iter().zip(line.chars()) {
            let found = may(&who, Action::ViewUser, Subject::Person(whom), &at);
            let told = found.sentence();
            assert_eq!(found.is_yes(), letter == 'y', "{kind} from {location:?}: {told}");
            assert_eq!(reach.covers(whom, &tree), letter == 'y', "{kind}: list and door agree");
        }
    }
}

#[test]
fn ad2_other_locations_end_where_the_region_ends() {
    let regional = actor(&[(AdminRole::Regional, Some(REGION))]);
    let joe = person(&[GHI, FAR]);
    for action in [
        Action::EditRole { location: id(FAR) },
        Action::DeleteLocation { location: id(FAR) },
        Action::AddLocation { location: id(FAR) },
        Action::ChangeDefault { to: id(FAR) },
        Action::EditLocation { location: id(GHI), to: id(FAR) },
        Action::EditRole { location: id(99) },
    ] {
        let found = ask(&regional, Some(REGION), action, &joe);
        assert_eq!(found.verdict, Verdict::No(Why::OutOfReach), "{action:?}");
    }
}

#[test]
fn ad3_several_locations_want_a_confirmation() {
    let tree = places();
    let regional = actor(&[(AdminRole::Regional, Some(REGION))]);
    let role = Action::EditRole { location: id(GHI) };
    let by = |channel, action, whom: &Person| {
        let at = At { channel, ..at(&tree, Some(REGION)) };
        may(&regional, action, Subject::Person(whom), &at)
    };
    let (one, two) = (person(&[GHI]), person(&[GHI, MNO]));
    let asked = by(Channel::Interactive, role, &two);
    assert_eq!(asked.verdict, Verdict::Confirm(vec![id(MNO)]));
    assert!(asked.sentence().contains("AD3"));
    assert!(by(Channel::Confirmed, role, &two).is_yes());
    assert!(by(Channel::Push, role, &two).is_yes());
    assert!(by(Channel::Interactive, role, &one).is_yes());
    assert!(by(Channel::Interactive, Action::ViewUser, &two).is_yes());
    let lock = by(Channel::Interactive, Action::Lock, &two);
    assert_eq!(lock.verdict, Verdict::Confirm(vec![id(GHI), id(MNO)]));
    let division = actor(&[(AdminRole::Division, Some(NORTH))]);
    let at = At { channel: Channel::Interactive, ..at(&tree, None) };
    let close = may(&division, Action::Close, Subject::Person(&two), &at);
    assert_eq!(close.verdict, Verdict::No(Why::Cell), "a no needs no confirmation");
}

#[test]
fn ad4_global_is_of_every_centre_and_needs_a_group() {
    let global = actor(&[(AdminRole::Global, None)]);
    for centre in [GHI, MNO, FAR] {
        assert_eq!(global.administers_centre(id(centre)), Err(NotEffective::NoGroup));
        let grouped = Actor { in_group: true, ..global.clone() };
        assert_eq!(grouped.administers_centre(id(centre)), Ok(()));
    }
    assert!(ask_place(&global, None, Action::EditAccessGroups, GHI).is_yes(), "the first group");
}

#[test]
fn ad5_a_centres_administrator_needs_the_administrator_module_in_full() {
    let bare = actor(&[(AdminRole::HealthCentre, Some(GHI))]);
    let why = NotEffective::NoAdministratorModule;
    assert_eq!(bare.administers_centre(id(GHI)), Err(why));
    let found = ask(&bare, None, Action::EditAccount, &person(&[GHI]));
    assert_eq!(found.verdict, Verdict::No(Why::NotEffective(why)));
    let modules = BTreeSet::from([Module::Administrator]);
    let full = Actor { full_modules: modules, ..bare };
    assert_eq!(full.administers_centre(id(GHI)), Ok(()));
    assert_eq!(full.administers_centre(id(MNO)), Err(NotEffective::OtherCentre));
    assert!(ask(&full, None, Action::EditAccount, &person(&[GHI])).is_yes());
    let groups = ask_place(&full, None, Action::EditAccessGroups, GHI);
    assert_eq!(groups.verdict, Verdict::No(Why::NoIdentityManagement));
    let both = BTreeSet::from([Module::Administrator, Module::IdentityManagement]);
    let both = Actor { full_modules: both, ..full };
    assert!(ask_place(&both, None, Action::EditAccessGroups, GHI).is_yes());
    let other = ask_place(&both, None, Action::EditAccessGroups, MNO);
    assert_eq!(other.verdict, Verdict::No(Why::OutOfReach));
}

#[test]
fn ad6_nobody_gives_rights_to_themselves_or_approves_their_own_request() {
    let global = actor(&[(AdminRole::Global, None)]);
    let me = Person { account: Some(global.account), ..person(&[GHI]) };
    for kind in AdminRole::ALL {
        let found = ask(&global, None, Action::GrantAdmin(kind), &me);
        assert_eq!(found.verdict, Verdict::No(Why::Oneself), "{kind}");
        assert!(ask(&global, None, Action::GrantAdmin(kind), &person(&[GHI])).is_yes());
    }
    let own = Action::Approve { requested_by: global.account };
    assert_eq!(ask(&global, None, own, &person(&[GHI])).verdict, Verdict::No(Why::Oneself));
    let other = Action::Approve { requested_by: id(9) };
    assert_eq!(ask(&global, None, other, &me).verdict, Verdict::No(Why::Oneself));
    assert!(ask(&global, None, other, &person(&[GHI])).is_yes());
}

#[test]
fn ad7_the_last_global_administrator_stays() {
    let global = actor(&[(AdminRole::Global, None)]);
    let last = Person { last_global: true, ..person(&[GHI]) };
    for action in [Action::Lock, Action::Close, Action::RevokeAdmin(AdminRole::Global)] {
        assert_eq!(ask(&global, None, action, &last).verdict, Verdict::No(Why::LastGlobal));
        assert!(ask(&global, None, action, &person(&[GHI])).is_yes());
    }
    assert!(ask(&global, None, Action::RevokeAdmin(AdminRole::Auditor), &last).is_yes());
    assert!(ask(&global, None, Action::EditAccount, &last).is_yes());
}

#[test]
fn ad8_an_identity_account_manager_alone_changes_no_group() {
    let manager = (AdminRole::IdentityAccountManager, Some(GHI));
    let modules = BTreeSet::from([Module::Administrator, Module::IdentityManagement]);
    let alone = Actor { full_modules: modules.clone(), ..actor(&[manager]) };
    let found = ask_place(&alone, None, Action::EditAccessGroups, GHI);
    assert_eq!(
        (found.verdict, found.column),
        (Verdict::No(Why::Cell), Some(Column::IdentityAccountManager))
    );
    let centre = (AdminRole::HealthCentre, Some(GHI));
    let both = Actor { full_modules: modules, ..actor(&[manager, centre]) };
    assert!(ask_place(&both, None, Action::EditAccessGroups, GHI).is_yes());
}

#[test]
fn ad9_the_default_moves_to_the_current_location_only() {
    let joe = person(&[GHI, WARD]);
    let modules = BTreeSet::from([Module::Administrator]);
    for (kind, scope) in [
        (AdminRole::Regional, REGION),
        (AdminRole::Division, NORTH),
        (AdminRole::PublicHealth, NORTH),
        (AdminRole::HealthCentre, GHI),
    ] {
        let who = Actor { full_modules: modules.clone(), ..actor(&[(kind, Some(scope))]) };
        let to = |place| Action::ChangeDefault { to: id(place) };
        assert!(ask(&who, Some(GHI), to(GHI), &joe).is_yes(), "{kind}");
        let ward = ask(&who, Some(GHI), to(WARD), &joe);
        assert_eq!(ward.verdict, Verdict::No(Why::DefaultElsewhere), "{kind}");
        assert!(ward.switch_to.contains(&id(WARD)), "{kind}: the switch is offered");
    }
}

#[test]
fn b14_a_refusal_says_where_to_switch() {
    // Rights at GHI and at MNO, standing at GHI: Marsh County in the source.
    let two = actor(&[(AdminRole::Division, Some(GHI)), (AdminRole::Division, Some(MNO))]);
    let whom = person(&[MNO]);
    let role = Action::EditRole { location: id(MNO) };
    let found = ask(&two, Some(GHI), role, &whom);
    assert!(matches!(found.verdict, Verdict::No(_)));
    assert_eq!(found.switch_to, [id(MNO)]);
    assert!(found.sentence().contains("Switch your current location"));
    assert!(ask(&two, Some(MNO), role, &whom).is_yes());
    let nowhere = ask(&two, None, role, &whom);
    assert_eq!((nowhere.verdict, nowhere.switch_to), (Verdict::No(Why::NotHere), vec![id(MNO)]));
    let never = ask(&two, Some(GHI), Action::AddLocation { location: id(MNO) }, &whom);
    assert_eq!((never.verdict, never.switch_to), (Verdict::No(Why::Cell), vec![]));
}

#[test]
fn b17_other_locations_come_with_a_warning() {
    let division = actor(&[(AdminRole::Division, Some(NORTH))]);
    let told = |whom: &Person| ask(&division, None, Action::ViewOtherLocations, whom).warnings;
    assert_eq!(told(&person(&[GHI])), []);
    assert_eq!(told(&person(&[GHI, MNO])), [Warning::SeveralLocations]);
    assert_eq!(told(&person(&[])), [Warning::NoRoleHere]);
    let regional = actor(&[(AdminRole::Regional, Some(REGION))]);
    let plain = ask(&regional, None, Action::ViewOtherLocations, &person(&[GHI, MNO]));
    assert_eq!(plain.warnings, []);
}

#[test]
fn ad1_settings_widen_two_cells() {
    let tree = places();
    let (jane, joe) = (person(&[GHI]), person(&[GHI, MNO]));
    let on = Settings { division_admin_may_delete_location: true, primary_contact_may_lock: true };
    let by = |who: &Actor, action, whom: &Person, settings| {
        may(who, action, Subject::Person(whom), &At { settings, ..at(&tree, None) }).verdict
    };
    let division = actor(&[(AdminRole::Division, Some(NORTH))]);
    let delete = |place| Action::DeleteLocation { location: id(place) };
    assert_eq!(by(&division, delete(GHI), &joe, Settings::default()), Verdict::No(Why::Cell));
    assert_eq!(by(&division, delete(GHI), &joe, on), Verdict::Yes);
    assert_eq!(by(&division, delete(MNO), &joe, on), Verdict::No(Why::Cell));
    let contact = actor(&[(AdminRole::PrimaryContact, Some(GHI))]);
    let off = by(&contact, Action::Lock, &jane, Settings::default());
    assert_eq!(off, Verdict::No(Why::SettingOff));
    assert_eq!(by(&contact, Action::Lock, &jane, on), Verdict::Yes);
}

#[test]
fn ad1_rights_add_up_and_a_refusal_names_its_cell() {
    let both = actor(&[(AdminRole::HelpDesk, Some(GHI)), (AdminRole::PrimaryContact, Some(GHI))]);
    let jane = person(&[GHI]);
    assert!(ask(&both, None, Action::Unlock, &jane).is_yes());
    assert_eq!(ask(&both, None, Action::EditAccount, &jane).verdict, Verdict::Request);
    let nobody = ask(&actor(&[]), None, Action::ViewUser, &jane);
    assert_eq!((nobody.verdict, nobody.column), (Verdict::No(Why::NoAdministrator), None));
    let division = actor(&[(AdminRole::Division, Some(NORTH))]);
    let add = ask(&division, None, Action::AddLocation { location: id(WARD) }, &jane);
    assert_eq!(
        add.sentence(),
        "\"Add a location (and role) to a user's account\" for Division Admin / Public Health \
         Admin, current location their Division: the table of administrators says No (AD1)."
    );
}
