//! The grammar and the evaluation of filters, row by row of RFC 7644 §3.4.2.2.

mod numbers;
mod random;

use std::sync::Arc;
use std::sync::LazyLock;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::*;
use crate::scim::error::Error;
use crate::scim::error::ScimType;
use crate::scim::filter::eval::Matcher;
use crate::scim::filter::eval::check;
use crate::scim::filter::eval::check_any;
use crate::scim::quirks::Quirk;
use crate::scim::quirks::Tolerance;
use crate::scim::schema::Catalogue;
use crate::scim::schema::ResourceType;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

const HOLD: &str = r##"
userName eq "bjensen"
USERNAME EQ "BJENSEN"
externalId eq "Case"
userName ne "a"
userType ne "x"
nickName co "MID"
nickName sw "amidst"
nickName ew "st"
title pr
name pr
emails pr
active pr
x509Certificates pr
displayName ge "SAY \"hi\" (a) [b] and c"
displayName gt "Alpha"
meta.created ge "2026-01-31T09:30:00Z"
meta.created eq "2026-01-31T10:30:00+01:00"
meta.created lt "2026-01-31T01:30:01-08:00"
active eq false
active eq "False"
active ne true
profileUrl co "Example.org/B"
userType eq null
nickName ne null
displayName eq "say \"hi\" (a) [b] and c"
displayName eq "\u0073ay \u0022hi\" (a) [b] and c"
title pr and nickName pr
userName eq "a" or userName eq "bjensen"
not (userName eq "a") and title pr
title pr or title pr and userName eq "x"
NOT(userName eq "a") AND ((title pr))
emails.value eq "b@home.example"
emails.type eq "work" and emails.value eq "b@home.example"
emails[type eq "work" and value eq "b@work.example"]
emails[(type eq "work" or type eq "home") and not (value ew "work.example")]
emails[type eq "work"].value eq "b@work.example"
emails[type eq "home"].display ne "x"
emails[type eq "x"] or ims[type eq "y"] or title eq "nurse"
emails co "NONE.example"
emails[not (type pr)]
emails[type ne "work" and type ne "home"]
emails.value ne "b@work.example"
name.familyName co "o'malley"
name[givenName eq "ines"]
id eq "u-1"
meta.resourceType eq "User"
manager eq "u-9"
department eq "Theatre 3"
x509Certificates.value eq "TWFu"
userName eq bjensen
email.value eq "b@work.example"
USER:TITLE eq "nurse"
USER:name.familyName sw "O'"
ENTERPRISE:department eq "theatre 3"
ENTERPRISE:manager.value eq "u-9"
schemas eq "ENTERPRISE"
ENTERPRISE pr
"##;

const NOT_HOLD: &str = r##"
userName eq "bjense"
externalId eq "case"
nickName co "x"
nickName sw "mid"
userType pr
ims pr
displayName gt "say \"hi\" (a) [b] and c"
meta.created gt "2026-01-31T09:30:00Z"
active eq true
active ne false
profileUrl co "example.org"
nickName eq null
userType ne null
not (title pr) and userName sw "b"
(title pr or title pr) and userName eq "x"
emails[type eq "work" and value eq "b@home.example"]
emails.type ne "work" and title eq "x"
emails[type eq "work"].value ne "b@work.example"
userName eq "' OR 1=1 --"
userName co "b.e"
userName co "%"
userName co "*"
userName sw "_"
manager eq "U-9"
x509Certificates.value eq "twfu"
schemas eq "x"
"##;

const BAD: &str = r##"
userName regex "a"
userName eq
userName eq bob
(userName eq "a"
userName eq "a")
emails[type eq "work"
userName eq "a" and
userName eq "a" "b"
userName eq "a
1name eq "a"
.userName eq "a"
userName pr "a"
true
not userName pr
a[b[c eq "x"]]
emails[]
emails[type pr]x
emails [type pr]
and userName eq "a"
userName eq and
userName eq (
emails[emails.type eq "x"]
noSuch pr
name.noSuch eq "x"
emails[noSuch pr]
userName[value eq "x"]
active gt true
active ge true
active lt true
active le true
active co "t"
x509Certificates.value gt "a"
active eq "maybe"
active eq 1
active eq "True"
userName eq 7
userName eq true
name eq "x"
userName gt null
password pr
password sw "a"
meta.created gt "yesterday"
meta.created gt "2026-01-31T09:30:00+99:00"
meta.created eq 5
meta.created co "2026"
active eq 1e400
email.value eq "x"
manager eq "u-9"
title eq "\ud800"
"##;

fn resource_type(name: &str) -> Arc<ResourceType> {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::built_in().unwrap());
    CATALOGUE.by_name(name).unwrap().clone()
}

fn read(text: &str) -> Result<Filter, Error> {
    parse::parse(text, LONGEST, &mut Tolerance::strict())
}

fn document() -> Map<String, Value> {
    let document = json!({
        "schemas": [USER, ENTERPRISE],
        "id": "u-1", "externalId": "Case", "userName": "Bjensen", "nickName": "amidst",
        "displayName": "say \"hi\" (a) [b] and c", "title": "Nurse", "active": false,
        "profileUrl": "https://Example.org/B",
        "name": {"familyName": "O'Malley", "givenName": "Ines"},
        "emails": [
            {"value": "b@work.example", "type": "work", "primary": true},
            {"value": "b@home.example", "type": "home"},
            {"value": "b@none.example"}
        ],
        "x509Certificates": [{"value": "TWFu"}],
        "meta": {"resourceType": "User", "created": "2026-01-31T09:30:00.000000Z"},
        ENTERPRISE: {"department": "Theatre 3", "manager": {"value": "u-9"}}
    });
    document.as_object().unwrap().clone()
}

/// The lines of a table, with the names of schemas written out.
fn rows(table: &'static str) -> impl Iterator<Item = String> {
    let lines = table.lines().filter(|line| !line.is_empty());
    lines.map(|line| line.replace("ENTERPRISE", ENTERPRISE).replace("USER:", &format!("{USER}:")))
}

fn holds(text: &str) -> bool {
    let rt = resource_type("User");
    let mut tolerance = Tolerance::lenient();
    let filter =
        parse::parse(text, LONGEST, &mut tolerance).unwrap_or_else(|e| panic!("{text}: {e}"));
    check(&rt, &filter, &mut tolerance).unwrap_or_else(|e| panic!("{text}: {e}"));
    Matcher::new(&rt, &filter).matches(&document())
}

fn refused(text: &str) -> Option<Error> {
    let mut tolerance = Tolerance::strict();
    let filter = match parse::parse(text, LONGEST, &mut tolerance) {
        Ok(filter) => filter,
        Err(error) => return Some(error),
    };
    check(&resource_type("User"), &filter, &mut tolerance).err()
}

#[test]
fn rfc_flt01_to_flt75_filters_hold() {
    for text in rows(HOLD) {
        assert!(holds(&text), "{text}");
        let upper = text.replace("urn:ietf:params:scim", "URN:IETF:PARAMS:SCIM");
        assert!(text.contains("schemas eq") || holds(&upper), "{upper}");
    }
}

#[test]
fn rfc_flt01_to_flt75_filters_do_not_hold() {
    for text in rows(NOT_HOLD) {
        assert!(!holds(&text), "{text}");
    }
}

#[test]
fn rfc_flt53_to_flt62_bad_filters_are_refused() {
    let long = format!("title eq \"{}\"", "x".repeat(LONGEST - 10));
    let clauses = vec!["title pr"; MOST_CLAUSES + 1].join(" or ");
    let odd = [String::new(), "   ".to_owned(), long, clauses];
    for text in rows(BAD).chain(odd) {
        let error = refused(&text).unwrap_or_else(|| panic!("accepted: {text}"));
        assert_eq!(error.kind, ScimType::InvalidFilter, "{text}");
        assert!(error.detail.starts_with("filter, "), "{}", error.detail);
    }
    let most = vec!["title pr"; MOST_CLAUSES].join(" or ");
    assert!(refused(&most).is_none());
    let longest = format!("title eq \"{}\"", "x".repeat(LONGEST - 11));
    assert!(refused(&longest).is_none());
}

#[test]
fn rfc_flt71_names_are_compared_in_their_canonical_form() {
    let rt = resource_type("User");
    let stored = json!({"userName": "Zoë.Ångström"}).as_object().unwrap().clone();
    for text in ["zoe\u{308}.a\u{30a}ngstro\u{308}m", "ZOË.ÅNGSTRÖM"] {
        let filter = read(&format!("userName eq \"{text}\"")).unwrap();
        assert!(Matcher::new(&rt, &filter).matches(&stored), "{text}");
    }
}

#[test]
fn rfc_root03_a_type_without_the_attribute_has_it_unassigned() {
    let (user, group) = (resource_type("User"), resource_type("Group"));
    let types = [&*user, &*group];
    let stored = json!({"displayName": "Labs"}).as_object().unwrap().clone();
    let cases = [
        (r#"userName eq "x" or displayName eq "labs""#, true),
        ("userName pr", false),
        (r#"userName eq "x""#, false),
        (r#"emails[type eq "x"]"#, false),
        ("userName eq null", true),
        (r#"userName ne "x""#, true),
    ];
    for (text, expected) in cases {
        let filter = read(text).unwrap();
        check_any(&types, &filter, &mut Tolerance::strict()).unwrap();
        assert_eq!(Matcher::new(&group, &filter).matches(&stored), expected, "{text}");
    }
    for text in
        ["noSuch pr", "emails[noSuch pr]", "displayName pr and not (x pr)", "active gt true"]
    {
        let filter = read(text).unwrap();
        let error = check_any(&types, &filter, &mut Tolerance::strict()).unwrap_err();
        assert_eq!(error.kind, ScimType::InvalidFilter, "{text}");
    }
}

#[test]
fn flt05_a_filter_that_does_not_fit_matches_nothing() {
    let rt = resource_type("User");
    let filter = read("not (active gt true)").unwrap();
    assert!(!Matcher::new(&rt, &filter).matches(&document()));
}

#[test]
fn rfc_flt29_bare_words_are_forgiven_once_named() {
    let mut tolerance = Tolerance::lenient();
    let rt = resource_type("User");
    let filter = parse::parse("externalId eq 4471", LONGEST, &mut tolerance).unwrap();
    check(&rt, &filter, &mut tolerance).unwrap();
    let filter = parse::parse("externalId eq k4471", LONGEST, &mut tolerance).unwrap();
    check(&rt, &filter, &mut tolerance).unwrap();
    let seen: Vec<Quirk> = tolerance.take_seen().into_iter().map(|seen| seen.quirk).collect();
    assert_eq!(seen, [Quirk::UnquotedLiteral, Quirk::UnquotedLiteral]);
    for text in ["userName eq a and title pr", "userName eq a b", "(userName eq a)"] {
        assert!(parse::parse(text, LONGEST, &mut tolerance).is_err(), "{text}");
    }
}

#[test]
fn attributes_are_named_in_order() {
    let filter = read(r#"not (a pr) or (b.c eq "x" and members[value eq "y"]) or d pr"#).unwrap();
    let names: Vec<String> = attributes(&filter).map(ToString::to_string).collect();
    assert_eq!(names, ["a", "b.c", "members", "d"]);
}

#[test]
fn flt01_depth_is_refused_before_it_costs_stack() {
    let small = std::thread::Builder::new().stack_size(256 * 1024);
    let test = || {
        let deep = |open: &str, count: usize, close: &str| {
            format!("{}title pr{}", open.repeat(count), close.repeat(count))
        };
        let longest = usize::MAX;
        for count in [21, 40, 1_000, 100_000] {
            for (open, close) in [("(", ")"), ("not(", ")"), ("a[", "]"), ("(not (", "))")] {
                let text = deep(open, count, close);
                let error = parse::parse(&text, longest, &mut Tolerance::lenient()).unwrap_err();
                assert_eq!(error.kind, ScimType::InvalidFilter);
            }
            let open = "(".repeat(count);
            assert!(parse::parse(&open, longest, &mut Tolerance::lenient()).is_err());
        }
        for open in ["(", "not ("] {
            let text = deep(open, DEEPEST, ")");
            let filter = parse::parse(&text, longest, &mut Tolerance::lenient()).unwrap();
            check(&resource_type("User"), &filter, &mut Tolerance::strict()).unwrap();
            assert!(Matcher::new(&resource_type("User"), &filter).matches(&document()));
        }
        let wide = vec!["title pr"; 10_000].join(" or ");
        assert!(parse::parse(&wide, longest, &mut Tolerance::lenient()).is_err());
        // The deepest tree, thrown away by an error at its last word.
        let broken = format!("{} and", deep("not (title pr and ", DEEPEST, ")"));
        assert!(parse::parse(&broken, longest, &mut Tolerance::lenient()).is_err());
    };
    small.spawn(test).unwrap().join().unwrap();
}

#[test]
fn rfc_flt69_groups_are_found_by_their_members() {
    let rt = resource_type("Group");
    let members = json!([{"value": "u-1", "type": "User"}, {"value": "g-2", "type": "Group"}]);
    let stored = json!({"displayName": "Labs", "members": members}).as_object().unwrap().clone();
    let yes = [
        r#"members.value eq "u-1""#,
        r#"members eq "g-2""#,
        r#"members[value eq "g-2" and type eq "group"]"#,
        r#"displayName eq "LABS" and members pr"#,
    ];
    let no = [r#"members[value eq "u-1" and type eq "Group"]"#, r#"members.value eq "u-3""#];
    for (texts, expected) in [(&yes[..], true), (&no[..], false)] {
        for text in texts {
            let filter = read(text).unwrap();
            check(&rt, &filter, &mut Tolerance::strict()).unwrap();
            assert_eq!(Matcher::new(&rt, &filter).matches(&stored), expected, "{text}");
        }
    }
}
