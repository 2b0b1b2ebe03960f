//! The reports as bytes, and their rules over invented people.

use std::collections::BTreeSet;
use std::collections::HashMap;

use crate::base::id::Id;
use crate::domain::access::role::vocabulary::Credential;
use crate::domain::people::status::Deactivation;
use crate::domain::people::status::Status;
use crate::domain::report::deactivated;
use crate::domain::report::delegates;
use crate::domain::report::delegates::{Delegation, Service};
use crate::domain::report::person::Person;
use crate::domain::report::pivot::MissingPerson;
use crate::domain::report::scheduling;
use crate::domain::report::scheduling::Room;
use crate::domain::report::table::{MARK, Row, Table};
use crate::domain::report::users;
use crate::sheet::write::{Summary, Writer};

const HERE: Id = Id([0xAA; 16]);
const ELSEWHERE: Id = Id([0xBB; 16]);
const SCHEDULING: &str = "Ncompass/Scheduling Access";

/// The ten of the source, A to Z.
const TEN: [(&str, &str, &str); 10] = [
    ("Anu", "Alpha", "aa@hospital.org"),
    ("Bemo", "Beta", "bb@hospital.org"),
    ("Dieter", "Delta", "dd@hospital.org"),
    ("Ekaterina", "Epsilon", "ee@hospital.org"),
    ("Gerbux", "Gamma", "gg@hospital.org"),
    ("Ignacious", "Iota", "ii@hospital.org"),
    ("Kyoko", "Kappa", "kk@hospital.org"),
    ("Li-Mei", "Lambda", "ll@hospital.org"),
    ("Mbuto", "Mu", "mm@hospital.org"),
    ("Ollie", "Omega", "oo@hospital.org"),
];

fn id(number: usize) -> Id {
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&u64::try_from(number).unwrap().to_be_bytes());
    Id(bytes)
}

fn person(number: usize, first: &str, last: &str, username: &str) -> Person {
    Person {
        id: id(number),
        first: first.to_owned(),
        last: last.to_owned(),
        username: username.to_owned(),
        email: username.to_owned(),
        profession: String::new(),
        services: Vec::new(),
        credential: Some(Credential::Otn),
        status: Status::Active,
        home: Some(HERE),
        affiliations: Vec::new(),
    }
}

/// The ten, out of order; `dress` gives each what its picture shows.
fn ten(dress: impl Fn(&str, &mut Person)) -> Vec<Person> {
    let mut people: Vec<Person> = TEN
        .iter()
        .enumerate()
        .map(|(number, (first, last, username))| {
            let mut person = person(number, first, last, username);
            dress(first, &mut person);
            person
        })
        .collect();
    people.reverse();
    people.swap(2, 7);
    people
}

/// The picture of the users report.
fn active_picture() -> Vec<Person> {
    ten(|first, person| {
        let profession = match first {
            "Anu" => "Nurse Practitioner",
            "Ekaterina" | "Li-Mei" => "Allied Health Professional",
            "Gerbux" => "Senior Software Developer",
            "Ignacious" => "Intermediate Java Web Developer",
            "Kyoko" => "Nurse",
            "Mbuto" => "Enterprise Architect",
            _ => "Physician",
        };
        let services: &[&str] = match first {
            "Ignacious" | "Mbuto" => &[],
            "Gerbux" => &["eConsult", "Directory"],
            "Li-Mei" => &[SCHEDULING, "eVisit/Videoconference"],
            _ => &[SCHEDULING],
        };
        profession.clone_into(&mut person.profession);
        person.services = services.iter().map(|label| (*label).to_owned()).collect();
        if ["Bemo", "Gerbux"].contains(&first) {
            person.status = Status::Dormant;
        }
    })
}

/// The picture of the deactivated report. The closed still carry a service that they lost.
fn deactivated_picture() -> Vec<Person> {
    ten(|first, person| {
        let profession = match first {
            "Dieter" | "Mbuto" => "Other",
            "Ekaterina" | "Li-Mei" => "Physician",
            "Ollie" => "Allied Health",
            _ => "Nurse",
        };
        profession.clone_into(&mut person.profession);
        if ["Bemo", "Gerbux", "Kyoko"].contains(&first) {
            person.credential = Some(Credential::OneId);
        }
        person.status = match first {
            "Bemo" | "Dieter" | "Li-Mei" => Status::Deactivated,
            "Kyoko" => Status::DormantDisabled,
            _ => Status::ActiveDisabled,
        };
        if person.status == Status::Deactivated {
            person.services.push(SCHEDULING.to_owned());
        }
    })
}

fn by_first(first: &str) -> Id {
    id(TEN.iter().position(|(known, _, _)| *known == first).unwrap())
}

/// The delegates of the source, who are at home elsewhere.
fn outsiders() -> Vec<Person> {
    ["One", "Two", "Three"]
        .iter()
        .enumerate()
        .map(|(number, last)| {
            let username = format!("{}@clinic.example", last.to_lowercase());
            let outsider = person(100 + number, "Delegate", last, &username);
            Person { home: Some(ELSEWHERE), ..outsider }
        })
        .collect()
}

fn delegations() -> Vec<Delegation> {
    let (one, two, three) = (id(100), id(101), id(102));
    let dieter = by_first("Dieter");
    [
        ("Kyoko", three, Service::Pcvc),
        ("Kyoko", two, Service::Pcvc),
        ("Gerbux", two, Service::Pcvc),
        ("Gerbux", one, Service::Pcvc),
        ("Gerbux", three, Service::Pcvc),
        ("Mbuto", one, Service::Pcvc),
        ("Dieter", one, Service::Pcvc),
        ("Ollie", one, Service::Econsult),
        ("Ollie", dieter, Service::Econsult),
        ("Bemo", dieter, Service::Econsult),
    ]
    .map(|(first, delegate, service)| Delegation { delegator: by_first(first), delegate, service })
    .to_vec()
}

fn rooms() -> Vec<Room> {
    let schedulers: [&[&str]; 9] = [
        &[],
        &["Dieter", "Anu"],
        &[],
        &["Ekaterina", "Anu", "Bemo"],
        &["Dieter", "Ekaterina"],
        &[],
        &["Anu"],
        &["Ekaterina", "Anu"],
        &["Anu"],
    ];
    let mut rooms: Vec<Room> = schedulers
        .iter()
        .enumerate()
        .map(|(number, schedulers)| Room {
            id: id(200 + number),
            organization: HERE,
            site: "ABC Hospital".to_owned(),
            system: format!("TOR_ABC_5555_ABCC_{:03}", number + 1),
            active: true,
            schedulers: schedulers.iter().map(|first| by_first(first)).collect(),
        })
        .collect();
    rooms.reverse();
    rooms
}

/// Through the sheet, as the service does it.
fn bytes(table: Table<impl Iterator<Item = Row>>, mark: bool) -> (Vec<u8>, Summary) {
    let mut sheet = Writer::start(Vec::new(), mark, &table.headers).unwrap();
    for row in table.rows {
        sheet.pivot_row(&row.lead, &row.marks, MARK).unwrap();
    }
    sheet.finish().unwrap()
}

fn cells(table: Table<impl Iterator<Item = Row>>) -> Vec<Vec<String>> {
    let headers = table.headers.iter().map(|header| header.to_string()).collect();
    let rows = table.rows.map(|row| row.cells().map(str::to_owned).collect());
    std::iter::once(headers).chain(rows).collect()
}

fn golden(table: Table<impl Iterator<Item = Row>>, wanted: &[u8]) {
    let text = String::from_utf8(bytes(table, false).0).unwrap();
    assert_eq!(text, std::str::from_utf8(wanted).unwrap());
}

#[test]
fn ex1_users_report_byte_for_byte() {
    let wanted = include_bytes!("../../../tests/golden/users.csv");
    golden(users::table(HERE, active_picture()), wanted);
    let marked = bytes(users::table(HERE, active_picture()), true).0;
    assert_eq!(marked, [b"\xEF\xBB\xBF", &wanted[..]].concat());
}

#[test]
fn ex1_delegates_reports_byte_for_byte() {
    let people = [active_picture(), outsiders()].concat();
    let table = |service| delegates::table(HERE, &people, &delegations(), service).unwrap();
    golden(table(Service::Pcvc), include_bytes!("../../../tests/golden/delegates-pcvc.csv"));
    golden(
        table(Service::Econsult),
        include_bytes!("../../../tests/golden/delegates-econsult.csv"),
    );
}

#[test]
fn ex1_scheduling_report_byte_for_byte() {
    let wanted = include_bytes!("../../../tests/golden/scheduling.csv");
    golden(scheduling::table(HERE, rooms(), &active_picture()).unwrap(), wanted);
}

#[test]
fn ex1_deactivated_report_byte_for_byte() {
    let wanted = include_bytes!("../../../tests/golden/deactivated.csv");
    golden(deactivated::table(HERE, deactivated_picture()), wanted);
}

#[test]
fn ex1_rows_read_one_by_one_are_the_rows_of_the_table() {
    let mut people = active_picture();
    people.sort_by_cached_key(Person::key);
    let single: Vec<Row> =
        people.iter().cloned().filter_map(|person| users::row(HERE, person)).collect();
    assert_eq!(single, users::table(HERE, people.clone()).rows.collect::<Vec<_>>());

    let mut listed = rooms();
    listed.sort_by_cached_key(Room::key);
    let marked: BTreeSet<Id> = listed.iter().flat_map(|room| room.schedulers.clone()).collect();
    let columns = scheduling::columns(people.iter().filter(|person| marked.contains(&person.id)));
    let single: Vec<Row> =
        listed.iter().map(|room| scheduling::row(room.clone(), &columns).unwrap()).collect();
    let table = scheduling::table(HERE, listed, &people).unwrap();
    assert_eq!(columns.headers(&scheduling::HEADERS), table.headers);
    assert_eq!(single, table.rows.collect::<Vec<_>>());
}

#[test]
fn ex1_words_of_status_and_deactivation() {
    let words = Status::ALL.map(|status| {
        let user = status.in_users_report().then(|| status.word());
        (user, status.deactivation().map(Deactivation::word))
    });
    assert_eq!(
        words,
        [
            (Some("Active"), None),
            (Some("Active (disabled)"), Some("temporary")),
            (Some("Dormant"), None),
            (Some("Dormant (disabled)"), Some("temporary")),
            (None, Some("permanent")),
        ]
    );
}

#[test]
fn ex1_services_go_a_to_z_and_each_once() {
    let mut one = person(1, "A", "B", "c");
    let labels = [SCHEDULING, "eVisit/Videoconference", "Directory", "eConsult", "Directory"];
    one.services = labels.map(str::to_owned).to_vec();
    let wanted = "Directory;eConsult;eVisit/Videoconference;Ncompass/Scheduling Access";
    assert_eq!(one.service_cell(), wanted);
    one.credential = None;
    one.profession.clear();
    let row = users::row(HERE, one.clone()).unwrap();
    assert_eq!(row.cells().collect::<Vec<_>>(), ["A", "B", "c", "", wanted, "", "Active"]);
    // Q9: whoever is disabled keeps services, whoever is closed has none.
    one.status = Status::ActiveDisabled;
    assert_eq!(deactivated::row(HERE, one.clone()).unwrap().cells().nth(4), Some(wanted));
    one.status = Status::Deactivated;
    assert_eq!(deactivated::row(HERE, one).unwrap().cells().nth(4), Some(""));
}

/// A small generator, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(sides).unwrap()).unwrap()
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}

const NAMES: [&str; 16] = [
    "Ann",
    "ann",
    "Zoë",
    "Zoe\u{308}",
    "=cmd|' /C calc'!A0",
    "+1 416",
    " -x",
    "@SUM(1)",
    "\tTab",
    "\r\nBreak",
    "Quo\"te",
    "semi;colon",
    "com,ma",
    "\u{FF1D}1",
    "حرف",
    "",
];

fn crowd(dice: &mut Dice, size: usize) -> Vec<Person> {
    let homes = [Some(HERE), Some(HERE), Some(ELSEWHERE), None];
    (0..size)
        .map(|number| {
            let (first, last) = (dice.pick(&NAMES), dice.pick(&NAMES));
            let mut one = person(number, first, last, &format!("u{number}@hospital.org"));
            one.status = Status::ALL[dice.roll(5)];
            one.home = homes[dice.roll(homes.len())];
            if dice.roll(4) == 0 {
                one.affiliations.push(HERE);
            }
            dice.pick(&NAMES).clone_into(&mut one.profession);
            one
        })
        .collect()
}

fn webs(dice: &mut Dice, people: usize, size: usize) -> Vec<Delegation> {
    let services = [Service::Pcvc, Service::Econsult];
    (0..size)
        .map(|_| Delegation {
            delegator: id(dice.roll(people)),
            delegate: id(dice.roll(people)),
            service: services[dice.roll(2)],
        })
        .collect()
}

fn doors(dice: &mut Dice, people: usize, size: usize) -> Vec<Room> {
    (0..size)
        .map(|number| Room {
            id: id(1_000 + number),
            organization: if dice.roll(5) == 0 { ELSEWHERE } else { HERE },
            site: dice.pick(&NAMES).to_owned(),
            system: format!("ROOM_{number}"),
            active: dice.roll(6) != 0,
            schedulers: (0..dice.roll(8)).map(|_| id(dice.roll(people))).collect(),
        })
        .collect()
}

#[test]
fn ex2_the_two_user_lists_cover_all_and_share_the_temporary() {
    for seed in 0..200 {
        let people = crowd(&mut Dice(seed), 40);
        let names = |rows: Vec<Vec<String>>| -> BTreeSet<String> {
            rows.into_iter().skip(1).map(|row| row[2].clone()).collect()
        };
        let listed = names(cells(users::table(HERE, people.clone())));
        let gone = names(cells(deactivated::table(HERE, people.clone())));
        let of = |fits: &dyn Fn(&Person) -> bool| -> BTreeSet<String> {
            let own = people.iter().filter(|person| person.belongs(HERE) && fits(person));
            own.map(|person| person.email.clone()).collect()
        };
        let both: BTreeSet<String> = listed.union(&gone).cloned().collect();
        assert_eq!(both, of(&|_| true), "seed {seed}");
        let shared: BTreeSet<String> = listed.intersection(&gone).cloned().collect();
        let disabled = [Status::ActiveDisabled, Status::DormantDisabled];
        assert_eq!(shared, of(&|person| disabled.contains(&person.status)), "seed {seed}");
    }
}

/// Rows as (number, names of the marked columns), with the checks every pivot must pass.
fn pivot(table: &[Vec<String>], fixed: usize) -> Vec<Vec<String>> {
    let headers = &table[0];
    let distinct: BTreeSet<&String> = headers.iter().collect();
    assert_eq!(distinct.len(), headers.len(), "{headers:?}");
    let mut used = BTreeSet::new();
    let rows = table[1..].iter().map(|row| {
        assert_eq!(row.len(), headers.len());
        assert!(row[fixed..].iter().all(|cell| cell.is_empty() || cell == MARK));
        let marked = (fixed..row.len()).filter(|at| row[*at] == MARK);
        let marked: Vec<String> = marked.map(|at| headers[at].clone()).collect();
        used.extend(marked.iter().cloned());
        assert_eq!(row[fixed - 1], marked.len().to_string());
        marked
    });
    let rows: Vec<Vec<String>> = rows.collect();
    assert_eq!(used.len(), headers.len() - fixed, "a column without a mark: {headers:?}");
    rows
}

fn open(people: &[Person], id: Id) -> bool {
    people.iter().any(|one| one.id == id && one.status != Status::Deactivated)
}

#[test]
fn ex3_the_number_of_delegates_is_the_marks_of_the_row() {
    for seed in 0..150 {
        let dice = &mut Dice(seed);
        let people = crowd(dice, 30);
        let delegations = webs(dice, 30, 60);
        for service in [Service::Pcvc, Service::Econsult] {
            let table = cells(delegates::table(HERE, &people, &delegations, service).unwrap());
            let marked: usize = pivot(&table, 4).iter().map(Vec::len).sum();
            let rows = people.iter().filter(|one| one.belongs(HERE) && open(&people, one.id));
            let rows: BTreeSet<Id> = rows.map(|one| one.id).collect();
            assert_eq!(table.len() - 1, rows.len());
            let live = delegations.iter().filter(|one| {
                let shown = rows.contains(&one.delegator) && open(&people, one.delegate);
                one.service == service && shown
            });
            let live: BTreeSet<(Id, Id)> = live.map(|one| (one.delegator, one.delegate)).collect();
            assert_eq!(marked, live.len(), "seed {seed}");
        }
    }
}

#[test]
fn de7_relations_of_one_service_never_show_in_the_report_of_the_other() {
    for seed in 0..50 {
        let dice = &mut Dice(seed);
        let people = crowd(dice, 30);
        let both = webs(dice, 30, 60);
        for service in [Service::Pcvc, Service::Econsult] {
            let of = |facts: &[Delegation]| {
                cells(delegates::table(HERE, &people, facts, service).unwrap())
            };
            let own: Vec<Delegation> =
                both.iter().copied().filter(|one| one.service == service).collect();
            assert_eq!(of(&both), of(&own), "seed {seed}");
        }
    }
}

#[test]
fn ro2_the_number_of_schedulers_is_the_marks_of_the_row() {
    for seed in 0..150 {
        let dice = &mut Dice(seed);
        let people = crowd(dice, 30);
        let rooms = doors(dice, 30, 20);
        let table = cells(scheduling::table(HERE, rooms.clone(), &people).unwrap());
        let marks: Vec<usize> = pivot(&table, 3).iter().map(Vec::len).collect();
        let systems = table[1..].iter().map(|row| row[1].clone());
        let counted: HashMap<String, usize> = systems.zip(marks).collect();
        let listed = rooms.iter().filter(|room| room.active && room.organization == HERE);
        let wanted = listed.map(|room| {
            let schedulers = room.schedulers.iter().copied().filter(|id| open(&people, *id));
            (room.system.clone(), schedulers.collect::<BTreeSet<Id>>().len())
        });
        assert_eq!(counted, wanted.collect::<HashMap<_, _>>(), "seed {seed}");
    }
}

#[test]
fn ex4_nothing_yields_the_header_row_only() {
    let wanted = |headers: &[&str]| format!("\"{}\"\r\n", headers.join("\",\""));
    let text = |(bytes, summary): (Vec<u8>, Summary)| {
        assert_eq!(summary.rows, 0);
        String::from_utf8(bytes).unwrap()
    };
    // People of another organization are nothing here.
    let others = outsiders();
    let foreign = [Delegation { delegator: id(100), delegate: id(101), service: Service::Pcvc }];
    let off = rooms().into_iter().map(|room| Room { active: false, ..room }).collect();
    assert_eq!(text(bytes(users::table(HERE, others.clone()), false)), wanted(&users::HEADERS));
    assert_eq!(
        text(bytes(deactivated::table(HERE, others.clone()), false)),
        wanted(&deactivated::HEADERS)
    );
    let table = delegates::table(HERE, &others, &foreign, Service::Pcvc).unwrap();
    assert_eq!(text(bytes(table, false)), wanted(&delegates::HEADERS));
    for rooms in [Vec::new(), off] {
        let table = scheduling::table(HERE, rooms, &[]).unwrap();
        assert_eq!(text(bytes(table, false)), wanted(&scheduling::HEADERS));
    }
}

#[test]
fn ex5_only_the_same_names_get_their_username() {
    let schedulers = [
        person(1, "Ann", "Lee", "ann.lee@hospital.org"),
        person(2, "Ann", "Lee", "al@clinic.example"),
        person(3, "ann", "Lee", "small@clinic.example"),
        person(4, "Zoë", "Lee", "z1"),
        person(5, "Zoe\u{308}", "Lee", "z2"),
        // The same person in two organizations, and one who is named like a username.
        person(6, "Bo", "Om", "bo"),
        person(7, "Bo", "Om", "bo"),
        person(8, "Bo", "Om (bo)", "other"),
        // Named like a header, by one name, and by none.
        person(9, "Site", "Name", "site"),
        person(10, "", "Mono", "mono"),
        person(11, "", "", "nameless"),
    ];
    let room =
        Room { schedulers: schedulers.iter().map(|one| one.id).collect(), ..rooms().remove(0) };
    let table = scheduling::table(HERE, vec![room], &schedulers).unwrap();
    let wanted = [
        "nameless",
        "Ann Lee (al@clinic.example)",
        "Ann Lee (ann.lee@hospital.org)",
        "ann Lee",
        "Zoë Lee (z1)",
        "Zoe\u{308} Lee (z2)",
        "Mono",
        "Site Name (site)",
        "Bo Om (bo)",
        "Bo Om (bo) (2)",
        "Bo Om (bo) (3)",
    ];
    assert_eq!(table.headers[3..], wanted);
}

#[test]
fn ex5_thousands_of_one_name_are_told_apart() {
    let people: Vec<Person> =
        (0..5_000).map(|number| person(number, "Ann", "Lee", "ann")).collect();
    let room = Room { schedulers: people.iter().map(|one| one.id).collect(), ..rooms().remove(0) };
    let table = scheduling::table(HERE, vec![room], &people).unwrap();
    assert_eq!(table.headers.iter().collect::<BTreeSet<_>>().len(), 5_003);
    assert_eq!(table.headers[3], "Ann Lee (ann)");
    assert_eq!(table.headers[5_002], "Ann Lee (ann) (5000)");
}

#[test]
fn ex6_formulas_are_neutralised_and_counted_in_headers_too() {
    let mut evil = person(1, "=1+1", "x", "e@hospital.org");
    evil.profession = "+1 416 555 0100".to_owned();
    let (text, summary) = bytes(users::table(HERE, vec![evil.clone()]), false);
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("\r\n\"'=1+1\",\"x\",\"e@hospital.org\",\"'+1 416 555 0100\","));
    assert_eq!(summary.neutralised, 2);
    let room = Room { schedulers: vec![evil.id], ..rooms().remove(0) };
    let (text, summary) = bytes(scheduling::table(HERE, vec![room], &[evil]).unwrap(), false);
    assert!(
        String::from_utf8(text)
            .unwrap()
            .starts_with("\"Site Name\",\"System Name\",\"# of schedulers\",\"'=1+1 x\"\r\n")
    );
    assert_eq!(summary.neutralised, 1);
}

/// What another reader makes of the bytes.
fn parsed(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn ex7_every_report_parses_back_to_its_cells() {
    let guarded = |cells: Vec<Vec<String>>| -> Vec<Vec<String>> {
        let guard = |cell: String| {
            let dangerous = crate::sheet::write::is_dangerous(&cell);
            if dangerous { format!("'{cell}") } else { cell }
        };
        cells.into_iter().map(|row| row.into_iter().map(guard).collect()).collect()
    };
    for seed in 0..100 {
        let dice = &mut Dice(seed);
        let (people, webs, rooms) = (crowd(dice, 25), webs(dice, 25, 40), doors(dice, 25, 15));
        let table = || users::table(HERE, people.clone());
        assert_eq!(parsed(&bytes(table(), false).0), guarded(cells(table())), "seed {seed}");
        let table = || deactivated::table(HERE, people.clone());
        assert_eq!(parsed(&bytes(table(), false).0), guarded(cells(table())), "seed {seed}");
        let table = || delegates::table(HERE, &people, &webs, Service::Pcvc).unwrap();
        assert_eq!(parsed(&bytes(table(), false).0), guarded(cells(table())), "seed {seed}");
        let table = || scheduling::table(HERE, rooms.clone(), &people).unwrap();
        let (bytes, summary) = bytes(table(), true);
        assert_eq!(parsed(&bytes), guarded(cells(table())), "seed {seed}");
        let rows = u64::try_from(cells(table()).len() - 1).unwrap();
        assert_eq!((summary.rows, summary.bytes), (rows, u64::try_from(bytes.len()).unwrap()));
    }
}

#[test]
fn ex1_the_order_of_the_facts_changes_nothing() {
    for seed in 0..50 {
        let dice = &mut Dice(seed);
        let (mut people, mut webs, mut rooms) =
            (crowd(dice, 25), webs(dice, 25, 40), doors(dice, 25, 15));
        let all = |people: &[Person], webs: &[Delegation], rooms: &[Room]| {
            [
                bytes(users::table(HERE, people.to_vec()), false).0,
                bytes(deactivated::table(HERE, people.to_vec()), false).0,
                bytes(delegates::table(HERE, people, webs, Service::Pcvc).unwrap(), false).0,
                bytes(scheduling::table(HERE, rooms.to_vec(), people).unwrap(), false).0,
            ]
        };
        let before = all(&people, &webs, &rooms);
        people.rotate_left(dice.roll(25));
        people.reverse();
        webs.reverse();
        rooms.rotate_left(dice.roll(15));
        for room in &mut rooms {
            room.schedulers.reverse();
        }
        assert_eq!(all(&people, &webs, &rooms), before, "seed {seed}");
    }
}

#[test]
fn a_missing_person_is_an_error_and_not_a_gap() {
    let people = active_picture();
    let table = delegates::table(HERE, &people, &delegations(), Service::Pcvc);
    assert_eq!(table.err(), Some(MissingPerson));
    let some = &people[..5];
    assert_eq!(scheduling::table(HERE, rooms(), some).err(), Some(MissingPerson));
    let columns = scheduling::columns(some);
    let missing = Room { schedulers: vec![id(999)], ..rooms().remove(0) };
    assert_eq!(scheduling::row(missing, &columns).err(), Some(MissingPerson));
}

#[test]
fn a_pivot_keeps_its_marks_and_not_its_empty_cells() {
    let people: Vec<Person> =
        (0..5_000).map(|number| person(number, "Ann", &number.to_string(), "a")).collect();
    let rooms: Vec<Room> = (0..2_000)
        .map(|number| Room {
            id: id(number),
            organization: HERE,
            site: "Site".to_owned(),
            system: number.to_string(),
            active: true,
            schedulers: vec![id(number), id(number + 3_000)],
        })
        .collect();
    let table = scheduling::table(HERE, rooms, &people).unwrap();
    assert_eq!(table.headers.len(), 3 + 4_000);
    let rows: Vec<Row> = table.rows.collect();
    assert_eq!(rows.len(), 2_000);
    let kept: usize = rows.iter().map(|row| row.lead.len() + row.marks.len()).sum();
    assert_eq!(kept, 2_000 * (3 + 2));
    assert!(rows.iter().all(|row| row.columns == 4_000));
}
