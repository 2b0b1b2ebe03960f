use std::sync::Arc;
use std::sync::LazyLock;

use proptest::prelude::*;
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

fn resource_type(name: &str) -> Arc<ResourceType> {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::built_in().unwrap());
    CATALOGUE.by_name(name).unwrap().clone()
}

fn read(text: &str) -> Result<Filter, Error> {
    parse::parse(text, LONGEST, &mut Tolerance::strict())
}

fn path(name: &str) -> AttributePath {
    AttributePath::parse(name).unwrap()
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
    let urn_title = format!("{}:TITLE eq \"nurse\"", USER.to_uppercase());
    let urn_name = format!("{USER}:name.familyName sw \"O'\"");
    let urn_department = format!("{ENTERPRISE}:department eq \"theatre 3\"");
    let urn_manager = format!("{ENTERPRISE}:manager.value eq \"u-9\"");
    let schemas = format!("schemas eq \"{ENTERPRISE}\"");
    let whole = format!("{ENTERPRISE} pr");
    let cases = [
        r#"userName eq "bjensen""#,
        r#"USERNAME EQ "BJENSEN""#,
        r#"externalId eq "Case""#,
        r#"userName ne "a""#,
        r#"userType ne "x""#,
        r#"nickName co "MID""#,
        r#"nickName sw "amidst""#,
        r#"nickName ew "st""#,
        "title pr",
        "name pr",
        "emails pr",
        "active pr",
        "x509Certificates pr",
        r#"displayName ge "SAY \"hi\" (a) [b] and c""#,
        r#"displayName gt "Alpha""#,
        r#"meta.created ge "2026-01-31T09:30:00Z""#,
        r#"meta.created eq "2026-01-31T10:30:00+01:00""#,
        r#"meta.created lt "2026-01-31T01:30:01-08:00""#,
        "active eq false",
        r#"active eq "False""#,
        "active ne true",
        r#"profileUrl co "Example.org/B""#,
        "userType eq null",
        "nickName ne null",
        r#"displayName eq "say \"hi\" (a) [b] and c""#,
        r#"displayName eq "\u0073ay \u0022hi\" (a) [b] and c""#,
        r#"title pr and nickName pr"#,
        r#"userName eq "a" or userName eq "bjensen""#,
        r#"not (userName eq "a") and title pr"#,
        r#"title pr or title pr and userName eq "x""#,
        r#"NOT(userName eq "a") AND ((title pr))"#,
        r#"emails.value eq "b@home.example""#,
        r#"emails.type eq "work" and emails.value eq "b@home.example""#,
        r#"emails[type eq "work" and value eq "b@work.example"]"#,
        r#"emails[(type eq "work" or type eq "home") and not (value ew "work.example")]"#,
        r#"emails[type eq "work"].value eq "b@work.example""#,
        r#"emails[type eq "home"].display ne "x""#,
        r#"emails[type eq "x"] or ims[type eq "y"] or title eq "nurse""#,
        r#"emails co "NONE.example""#,
        r#"emails[not (type pr)]"#,
        r#"emails[type ne "work" and type ne "home"]"#,
        r#"emails.value ne "b@work.example""#,
        r#"name.familyName co "o'malley""#,
        r#"name[givenName eq "ines"]"#,
        r#"id eq "u-1""#,
        r#"meta.resourceType eq "User""#,
        r#"manager eq "u-9""#,
        r#"department eq "Theatre 3""#,
        r#"x509Certificates.value eq "TWFu""#,
        r#"userName eq bjensen"#,
        r#"email.value eq "b@work.example""#,
        &urn_title,
        &urn_name,
        &urn_department,
        &urn_manager,
        &schemas,
        &whole,
    ];
    for text in cases {
        assert!(holds(text), "{text}");
    }
}

#[test]
fn rfc_flt01_to_flt75_filters_do_not_hold() {
    let cases = [
        r#"userName eq "bjense""#,
        r#"externalId eq "case""#,
        r#"nickName co "x""#,
        r#"nickName sw "mid""#,
        r#"userType pr"#,
        r#"ims pr"#,
        r#"displayName gt "say \"hi\" (a) [b] and c""#,
        r#"meta.created gt "2026-01-31T09:30:00Z""#,
        "active eq true",
        "active ne false",
        r#"profileUrl co "example.org""#,
        "nickName eq null",
        "userType ne null",
        r#"not (title pr) and userName sw "b""#,
        r#"(title pr or title pr) and userName eq "x""#,
        r#"emails[type eq "work" and value eq "b@home.example"]"#,
        r#"emails.type ne "work" and title eq "x""#,
        r#"emails[type eq "work"].value ne "b@work.example""#,
        r#"userName eq "' OR 1=1 --""#,
        r#"userName co "b.e""#,
        r#"userName co "%""#,
        r#"userName co "*""#,
        r#"userName sw "_""#,
        r#"manager eq "U-9""#,
        r#"x509Certificates.value eq "twfu""#,
        r#"schemas eq "x""#,
    ];
    for text in cases {
        assert!(!holds(text), "{text}");
    }
}

#[test]
fn rfc_flt53_to_flt62_bad_filters_are_refused() {
    let long = format!("title eq \"{}\"", "x".repeat(LONGEST));
    let clauses = vec!["title pr"; MOST_CLAUSES + 1].join(" or ");
    let cases = [
        r#"userName regex "a""#,
        "userName eq",
        "userName eq bob",
        r#"(userName eq "a""#,
        r#"userName eq "a")"#,
        r#"emails[type eq "work""#,
        "",
        "   ",
        r#"userName eq "a" and"#,
        r#"userName eq "a" "b""#,
        r#"userName eq "a"#,
        r#"1name eq "a""#,
        r#".userName eq "a""#,
        r#"userName pr "a""#,
        "true",
        "not userName pr",
        r#"a[b[c eq "x"]]"#,
        "emails[]",
        "emails[type pr]x",
        "emails [type pr]",
        r#"and userName eq "a""#,
        "userName eq and",
        "userName eq (",
        r#"emails[emails.type eq "x"]"#,
        "noSuch pr",
        r#"name.noSuch eq "x""#,
        r#"emails[noSuch pr]"#,
        r#"userName[value eq "x"]"#,
        "active gt true",
        "active ge true",
        "active lt true",
        "active le true",
        r#"active co "t""#,
        r#"x509Certificates.value gt "a""#,
        r#"active eq "maybe""#,
        "active eq 1",
        r#"active eq "True""#,
        "userName eq 7",
        "userName eq true",
        r#"name eq "x""#,
        "userName gt null",
        "password pr",
        r#"password sw "a""#,
        r#"meta.created gt "yesterday""#,
        r#"meta.created gt "2026-01-31T09:30:00+99:00""#,
        "meta.created eq 5",
        r#"meta.created co "2026""#,
        "active eq 1e400",
        r#"email.value eq "x""#,
        r#"manager eq "u-9""#,
        r#"title eq "\ud800""#,
        &long,
        &clauses,
    ];
    for text in cases {
        let error = refused(text).unwrap_or_else(|| panic!("accepted: {text}"));
        assert_eq!(error.kind, ScimType::InvalidFilter, "{text}");
        assert!(error.detail.starts_with("filter, "), "{}", error.detail);
    }
    let most = vec!["title pr"; MOST_CLAUSES].join(" or ");
    assert!(refused(&most).is_none());
    let longest = format!("title eq \"{}\"", "x".repeat(LONGEST - 11));
    assert!(refused(&longest).is_none());
}

#[test]
fn rfc_flt74_numbers_are_compared_by_value() {
    let schema = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": "urn:example:Thing", "name": "Thing", "description": "A thing.",
        "meta": {"resourceType": "Schema", "location": "/Schemas/urn:example:Thing"},
        "attributes": [
            {"name": "size", "type": "integer", "multiValued": false, "description": "Size.",
             "required": false, "mutability": "readWrite", "returned": "default"},
            {"name": "weight", "type": "decimal", "multiValued": false, "description": "Weight.",
             "required": false, "mutability": "readWrite", "returned": "default"}
        ]
    });
    let schema: schema_file::File = schema_file::attributes(&schema);
    let document = json!({"size": 10, "weight": 2.5}).as_object().unwrap().clone();
    let yes = [
        "size eq 10",
        "size eq 1e1",
        "size gt 9",
        "size ge 10",
        "size lt 1e30",
        "size ne -5",
        "weight gt 2",
        "weight lt 2.75",
        "weight eq 25e-1",
        "size lt 1234567890123456789012345678901234567890",
    ];
    let no = ["size gt 10", "size eq 10.5", "size lt 9", "weight ge 3", "weight eq 2"];
    for (texts, expected) in [(&yes[..], true), (&no[..], false)] {
        for text in texts {
            let filter = read(text).unwrap();
            let matcher =
                Matcher::of_values(&schema.holder, &filter, &mut Tolerance::strict()).unwrap();
            assert_eq!(matcher.matches(&document), expected, "{text}");
        }
    }
    for text in ["size co 1", r#"size eq "x""#, "weight sw 2", "size eq true"] {
        let filter = read(text).unwrap();
        assert!(Matcher::of_values(&schema.holder, &filter, &mut Tolerance::lenient()).is_err());
    }
}

/// A complex attribute with numbers in it: the built-in schemas have none.
mod schema_file {
    use serde_json::Value;

    use crate::scim::schema::Attribute;
    use crate::scim::schema::Catalogue;
    use crate::scim::schema::Type;

    pub struct File {
        pub holder: Attribute,
    }

    pub fn attributes(schema: &Value) -> File {
        let user = Catalogue::built_in().unwrap().by_name("User").unwrap().clone();
        let mut holder = user.core.attribute("emails").unwrap().clone();
        let plain = holder.sub("display").unwrap().clone();
        let listed = schema["attributes"].as_array().unwrap();
        holder.sub_attributes = listed
            .iter()
            .map(|listed| Attribute {
                name: listed["name"].as_str().unwrap().to_owned(),
                kind: if listed["type"] == "integer" { Type::Integer } else { Type::Decimal },
                ..plain.clone()
            })
            .collect();
        File { holder }
    }
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

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Boolean),
        any::<i32>().prop_map(|number| Literal::Number(number.into())),
        "(?s).{0,6}".prop_map(Literal::Text),
        "[abAB]{0,2}".prop_map(Literal::Text),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    let all = [Op::Eq, Op::Ne, Op::Co, Op::Sw, Op::Ew, Op::Gt, Op::Ge, Op::Lt, Op::Le];
    proptest::sample::select(all.to_vec())
}

fn tree(names: &'static [&'static str], bracket: bool) -> BoxedStrategy<Filter> {
    let name = || proptest::sample::select(names).prop_map(path);
    let leaf = prop_oneof![
        name().prop_map(Filter::Present),
        (name(), op(), literal()).prop_map(|(path, op, value)| Filter::Compare { path, op, value }),
    ];
    leaf.prop_recursive(3, 12, 3, move |inner| {
        let values = if bracket { tree(&["value", "type"], false) } else { inner.clone() };
        prop_oneof![
            proptest::collection::vec(inner.clone(), 2..4).prop_map(Filter::And),
            proptest::collection::vec(inner.clone(), 2..4).prop_map(Filter::Or),
            inner.clone().prop_map(|inner| Filter::Not(Box::new(inner))),
            values.prop_map(move |inner| if bracket {
                Filter::Values { path: path("emails"), inner: Box::new(inner) }
            } else {
                inner
            }),
        ]
    })
    .boxed()
}

const NAMES: &[&str] = &["title", "externalId", "emails.value", "emails.type", "active"];

/// What a filter means, straight from the text of RFC 7644 and our notes on its gaps; `None`
/// where it must be refused. Only for the attributes of `NAMES`.
fn naive(filter: &Filter, scope: &Value) -> Option<bool> {
    match filter {
        Filter::And(parts) => parts.iter().try_fold(true, |all, p| Some(naive(p, scope)? && all)),
        Filter::Or(parts) => parts.iter().try_fold(false, |any, p| Some(naive(p, scope)? || any)),
        Filter::Not(inner) => Some(!naive(inner, scope)?),
        Filter::Values { inner, .. } => {
            naive(inner, &json!({}))?;
            let elements = scope["emails"].as_array().cloned().unwrap_or_default();
            Some(elements.iter().any(|element| naive(inner, element) == Some(true)))
        }
        Filter::Present(path) => Some(naive_values(path, scope).iter().any(|v| *v != "")),
        Filter::Compare { path, op, value } => {
            let values = naive_values(path, scope);
            let equality = matches!(op, Op::Eq | Op::Ne);
            if *value == Literal::Null {
                let present = values.iter().any(|value| *value != "");
                return equality.then_some((*op == Op::Ne) == present);
            }
            let boolean = path.name == "active";
            let literal = match value {
                Literal::Text(text) if !boolean => json!(text),
                Literal::Boolean(value) if boolean && equality => json!(value),
                _ => return None,
            };
            let unassigned = values.is_empty() && *op == Op::Ne;
            let exact = path.name == "externalId";
            Some(
                unassigned || values.iter().any(|value| naive_compare(*op, value, &literal, exact)),
            )
        }
    }
}

fn naive_values(path: &AttributePath, scope: &Value) -> Vec<Value> {
    let all: Vec<Value> = match (&scope[&path.name], &path.sub) {
        (Value::Array(list), Some(sub)) => {
            list.iter().map(|element| element[sub].clone()).collect()
        }
        (value, _) => vec![value.clone()],
    };
    all.into_iter().filter(|value| !value.is_null()).collect()
}

fn naive_compare(op: Op, value: &Value, literal: &Value, exact: bool) -> bool {
    let text = |value: &Value| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if exact { text } else { crate::scim::compare::fold(&text).into_owned() }
    };
    let (value, literal) = (text(value), text(literal));
    match op {
        Op::Eq => value == literal,
        Op::Ne => value != literal,
        Op::Co => value.contains(&literal),
        Op::Sw => value.starts_with(&literal),
        Op::Ew => value.ends_with(&literal),
        Op::Gt => value > literal,
        Op::Ge => value >= literal,
        Op::Lt => value < literal,
        Op::Le => value <= literal,
    }
}

fn some_document() -> impl Strategy<Value = Value> {
    let text = || proptest::option::of("[abAB]{0,2}");
    let email = (text(), text()).prop_map(|(value, kind)| json!({"value": value, "type": kind}));
    let emails = proptest::collection::vec(email, 0..3);
    (text(), text(), proptest::option::of(any::<bool>()), emails).prop_map(|(title, id, on, emails)| {
        json!({"title": title, "externalId": id, "active": on, "emails": emails})
    })
}

proptest! {
    #[test]
    fn a_printed_filter_reads_back(filter in tree(NAMES, true)) {
        let text = filter.to_string();
        prop_assert_eq!(parse::parse(&text, usize::MAX, &mut Tolerance::strict()), Ok(filter), "{}", text);
    }

    #[test]
    fn flt06_the_naive_evaluator_agrees(filter in tree(NAMES, true), document in some_document()) {
        let rt = resource_type("User");
        let fits = check(&rt, &filter, &mut Tolerance::strict()).is_ok();
        let expected = naive(&filter, &document);
        prop_assert_eq!(fits, expected.is_some(), "{}", filter);
        if let Some(expected) = expected {
            let document = document.as_object().unwrap();
            prop_assert_eq!(Matcher::new(&rt, &filter).matches(document), expected, "{}", filter);
        }
    }

    #[test]
    fn flt03_no_text_panics(text in "(?s).{0,60}") {
        let mut tolerance = Tolerance::lenient();
        if let Ok(filter) = parse::parse(&text, LONGEST, &mut tolerance) {
            let _ = check(&resource_type("User"), &filter, &mut tolerance);
        }
    }

    #[test]
    fn flt03_no_row_of_words_panics(words in proptest::collection::vec(proptest::sample::select(vec![
        "userName", "emails", "[", "]", "(", ")", "not", "and", "or", "eq", "pr", "\"a\"", "1e9", ".value",
        "null", "\"\\", "é", "emails[", "].value", "co", " "]), 0..14), blank in any::<bool>()) {
        let text = words.join(if blank { " " } else { "" });
        let mut tolerance = Tolerance::lenient();
        if let Ok(filter) = parse::parse(&text, LONGEST, &mut tolerance) {
            let _ = check(&resource_type("User"), &filter, &mut tolerance);
            prop_assert_eq!(parse::parse(&filter.to_string(), LONGEST, &mut tolerance), Ok(filter));
        }
    }
}
