use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::*;
use crate::scim::error::ScimType;
use crate::scim::quirks::Quirk;
use crate::scim::quirks::Tolerance;
use crate::scim::schema::Catalogue;
use crate::scim::schema::ResourceType;
use proptest::prelude::*;
use std::sync::Arc;
use std::sync::LazyLock;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn rt(name: &str) -> Arc<ResourceType> {
    // Read once: random bodies ask for it thousands of times.
    static BUILT_IN: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::built_in().unwrap());
    BUILT_IN.by_name(name).unwrap().clone()
}

/// A custom type with one attribute of each kind, and a required extension.
fn custom() -> Arc<ResourceType> {
    let schema = r#"{"id": "urn:example:Thing", "attributes": [
        {"name": "whole", "type": "integer"}, {"name": "part", "type": "decimal"},
        {"name": "when", "type": "dateTime"}, {"name": "fixed", "mutability": "immutable"},
        {"name": "ours", "mutability": "readOnly"}, {"name": "tags", "multiValued": true},
        {"name": "box", "type": "complex", "subAttributes": [
            {"name": "lock", "mutability": "immutable"}, {"name": "open", "type": "boolean"},
            {"name": "must", "required": true}]}]}"#;
    let more = r#"{"id": "urn:example:More", "attributes": [{"name": "depth", "required": true}]}"#;
    let kind = r#"{"name": "Thing", "endpoint": "/Things", "schema": "urn:example:Thing",
        "schemaExtensions": [{"schema": "urn:example:More", "required": true}]}"#;
    let catalogue = Catalogue::read(&[("a", schema), ("b", more)], &[("t", kind)]).unwrap();
    catalogue.by_name("Thing").unwrap().clone()
}

fn thing(mut more: Value) -> Value {
    more["schemas"] = json!(["urn:example:Thing", "urn:example:More"]);
    more["urn:example:More"] = json!({"depth": "deep"});
    more
}

fn create(name: &str, body: Value) -> Result<(Value, Vec<Quirk>), ScimType> {
    run(&rt(name), body, Purpose::Create)
}

fn run(
    rt: &ResourceType,
    body: Value,
    purpose: Purpose<'_>,
) -> Result<(Value, Vec<Quirk>), ScimType> {
    let mut tolerance = Tolerance::lenient();
    let document = accept(rt, body, purpose, &mut tolerance).map_err(|error| error.kind)?;
    let seen = tolerance.take_seen().into_iter().map(|oddity| oddity.quirk).collect();
    Ok((Value::Object(document), seen))
}

/// A user that has a name, and what else is given.
fn user(mut more: Value) -> Value {
    more["schemas"] = json!([USER, ENTERPRISE]);
    more["userName"] = json!("mara");
    more
}

fn created(more: Value) -> Value {
    create("User", user(more)).unwrap().0
}

fn refused(more: Value) -> ScimType {
    create("User", user(more)).unwrap_err()
}

fn strictly(body: Value) -> Result<Map<String, Value>, ScimType> {
    let mut tolerance = Tolerance::strict();
    accept(&rt("User"), body, Purpose::Create, &mut tolerance).map_err(|error| error.kind)
}

fn replaced(current: &Value, body: Value, merge: bool) -> Result<Value, ScimType> {
    let current = current.as_object().unwrap();
    run(&rt("User"), body, Purpose::Replace { current, merge }).map(|(document, _)| document)
}

#[test]
fn rfc_res30_res31_names_and_order_become_those_of_the_schema() {
    let body = json!({
        "urn:ietf:params:scim:schemas:EXTENSION:enterprise:2.0:user": {"DEPARTMENT": "Icu"},
        "Emails": [{"TYPE": "work", "Value": "m@example.org"}],
        "DISPLAYNAME": "Mara", "USERNAME": "mara", "externalid": "x1",
        "schemas": [ENTERPRISE, USER]
    });
    let (document, seen) = create("User", body).unwrap();
    let keys: Vec<&String> = document.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["schemas", "externalId", "userName", "displayName", "emails", ENTERPRISE]);
    assert_eq!(document["emails"][0].to_string(), r#"{"value":"m@example.org","type":"work"}"#);
    assert_eq!(document["schemas"], json!([USER, ENTERPRISE]));
    assert_eq!(seen, []);
}

#[test]
fn rfc_res28_nulls_and_empty_arrays_are_nothing() {
    let nothing = json!({
        "nickName": null, "emails": [], "roles": [null], "name": {"givenName": null}, "name2": null,
        "department": null, "manager": null, "addresses": null, "active": null,
        ENTERPRISE: {"costCenter": null, "manager": {}}
    });
    assert_eq!(created(nothing), json!({"schemas": [USER], "userName": "mara"}));
}

#[test]
fn rfc_att05_res11_res18_what_is_not_the_clients_is_ignored() {
    let body = user(json!({
        "id": "mine", "meta": {"created": "1999-01-01T00:00:00Z"}, "groups": [{"value": "g"}],
        "isAdmin": true, "__proto__": {"a": 1}, "tenantId": 3, "urn:example:x": {"y": 1},
    }));
    let (document, seen) = create("User", body).unwrap();
    assert_eq!(document, json!({"schemas": [USER], "userName": "mara"}));
    assert_eq!(seen, [Quirk::UnknownAttribute; 4]);
}

#[test]
fn att02_a_strict_connection_may_not_send_unknown_attributes() {
    assert!(strictly(user(json!({"id": "x", "groups": [], "meta": {}}))).is_ok());
    for bad in [
        json!({"isAdmin": true}),
        json!({"name": {"nick": "x"}}),
        json!({ENTERPRISE: {"x": 1}}),
        json!({"department": "Icu"}),
        json!({"department": null}),
    ] {
        assert_eq!(strictly(user(bad)).unwrap_err(), ScimType::InvalidSyntax);
    }
    for bad in
        [json!({"active": "true"}), json!({"nickName": 5}), json!({"emails": {"value": "x"}})]
    {
        assert_eq!(strictly(user(bad)).unwrap_err(), ScimType::InvalidValue);
    }
    assert_eq!(strictly(json!({"userName": "x"})).unwrap_err(), ScimType::InvalidSyntax);
    let foreign = json!({"schemas": [USER, "urn:example:x"], "userName": "x"});
    assert_eq!(strictly(foreign).unwrap_err(), ScimType::InvalidValue);
    let unlisted = json!({"schemas": [USER], "userName": "x", ENTERPRISE: {"division": "d"}});
    assert_eq!(strictly(unlisted).unwrap_err(), ScimType::InvalidValue);
}

#[test]
fn rfc_res02_res03_res04_schemas_say_what_is_there() {
    for schemas in [
        json!(null),
        json!([]),
        json!("urn:x"),
        json!(["urn:scim:schemas:core:1.0"]),
        json!([USER, "urn:example:x"]),
    ] {
        let body = json!({"schemas": schemas, "userName": "mara", ENTERPRISE: {"division": "d"}});
        let (document, seen) = create("User", body).unwrap();
        assert_eq!(document["schemas"], json!([USER, ENTERPRISE]));
        assert!(seen.contains(&Quirk::SchemasList));
    }
    let twice = json!({"schemas": [USER, USER], "userName": "mara"});
    let (document, seen) = create("User", twice).unwrap();
    assert_eq!((&document["schemas"], seen.len()), (&json!([USER]), 0));
    let adscim = json!({"schemas": [GROUP,
        "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
        "displayName": "Icu"});
    assert_eq!(create("Group", adscim).unwrap().0["schemas"], json!([GROUP]));
}

#[test]
fn rfc_att01_usr01_required_attributes_must_be_there() {
    for name in [json!(null), json!(""), json!([]), json!({}), json!([1, 2]), json!({"a": 1})] {
        let body = json!({"schemas": [USER], "userName": name});
        assert_eq!(create("User", body).unwrap_err(), ScimType::InvalidValue);
    }
    assert_eq!(create("Group", json!({"displayName": ""})).unwrap_err(), ScimType::InvalidValue);
    let said = accept(&rt("User"), json!({}), Purpose::Create, &mut Tolerance::lenient());
    assert!(said.unwrap_err().detail.contains("`userName`"));
    for body in [json!([]), json!("x"), json!(null)] {
        assert_eq!(create("User", body).unwrap_err(), ScimType::InvalidSyntax);
    }
}

#[test]
fn rfc_dsc44_a_required_extension_must_be_there() {
    let go = |body| run(&custom(), body, Purpose::Create).map(|(document, _)| document);
    assert!(go(thing(json!({"whole": 1}))).is_ok());
    assert_eq!(go(json!({"whole": 1})).unwrap_err(), ScimType::InvalidValue);
    let hollow = json!({"urn:example:More": {"depth": null}});
    assert_eq!(go(hollow).unwrap_err(), ScimType::InvalidValue);
    let half = thing(json!({"box": {"open": true}}));
    assert_eq!(go(half).unwrap_err(), ScimType::InvalidValue);
}

#[test]
fn att04_a_boolean_is_true_or_false_and_nothing_else() {
    for (given, flag) in [
        (json!(true), true),
        (json!("True"), true),
        (json!("TRUE"), true),
        (json!("False"), false),
        (json!("false"), false),
        (json!(["false"]), false),
    ] {
        assert_eq!(created(json!({"active": given}))["active"], flag);
    }
    for bad in [
        json!(0),
        json!(1),
        json!("no"),
        json!("0"),
        json!(""),
        json!([]),
        json!({}),
        json!(" true"),
        json!([true, false]),
    ] {
        assert_eq!(refused(json!({"active": bad})), ScimType::InvalidValue);
    }
    let role = created(json!({"roles": [{"value": "a", "primary": "True"}]}));
    assert_eq!(role["roles"][0]["primary"], true);
}

#[test]
fn rfc_att18_to_att25_values_fit_their_type() {
    let body = user(json!({"externalId": 4471, "addresses": [{"postalCode": 12345}]}));
    let (document, seen) = create("User", body).unwrap();
    assert_eq!(document["externalId"], "4471");
    assert_eq!(document["addresses"][0]["postalCode"], "12345");
    assert_eq!(seen, [Quirk::CoercedValue; 2]);
    for bad in [
        json!({"nickName": {"a": 1}}),
        json!({"nickName": true}),
        json!({"nickName": ["a", "b"]}),
        json!({"nickName": 1e22}),
        json!({"name": "Mara"}),
        json!({"emails": "x"}),
        json!({"emails": ["x"]}),
        json!({"emails": [[{"value": "x"}]]}),
        json!({"x509Certificates": [{"value": "!!not base64!!"}]}),
        json!({"profileUrl": "a <b> c"}),
        json!({ENTERPRISE: "text"}),
        json!({ENTERPRISE: [{"division": "d"}]}),
    ] {
        assert_eq!(refused(bad.clone()), ScimType::InvalidValue, "{bad}");
    }
    let go = |more| run(&custom(), thing(more), Purpose::Create).map(|(document, _)| document);
    let fine = json!({"whole": -3, "part": 1.5, "when": "2020-01-02T03:04:05Z", "tags": ["a"]});
    assert_eq!(go(fine.clone()).unwrap()["part"], fine["part"]);
    for bad in [
        json!({"whole": 1.5}),
        json!({"whole": 1.0}),
        json!({"whole": "1"}),
        json!({"whole": u64::MAX}),
        json!({"part": "x"}),
        json!({"when": "2020-01-01"}),
        json!({"when": 5}),
        json!({"tags": [{"value": "a"}]}),
    ] {
        assert_eq!(go(bad.clone()).unwrap_err(), ScimType::InvalidValue, "{bad}");
    }
}

#[test]
fn a_refusal_names_the_attribute_and_never_the_value() {
    for (body, name) in [
        (json!({"active": "canary"}), "`active`"),
        (json!({"emails": [{"value": {"canary": 1}}]}), "`emails.value`"),
        (json!({"emails": [{"value": "can\u{202e}ary"}]}), "`emails.value`"),
        (json!({"profileUrl": "canary <"}), "`profileUrl`"),
    ] {
        let said = accept(&rt("User"), user(body), Purpose::Create, &mut Tolerance::lenient());
        let said = said.unwrap_err().detail;
        assert!(said.contains(name) && !said.contains("canary"), "{said}");
    }
}

#[test]
fn known_shapes_of_other_clients_are_read() {
    for (given, wanted, quirk) in [
        (
            json!({"emails": {"value": "m@example.org"}}),
            json!({"emails": [{"value": "m@example.org"}]}),
            Quirk::SingleForMany,
        ),
        (json!({"title": [{"value": "x"}]}), json!({"title": "x"}), Quirk::ManyForSingle),
        (json!({"title": ["x"]}), json!({"title": "x"}), Quirk::ManyForSingle),
        (
            json!({ENTERPRISE: {"manager": "7"}}),
            json!({ENTERPRISE: {"manager": {"value": "7"}}}),
            Quirk::TextForComplex,
        ),
        (
            json!({ENTERPRISE: {"manager": [{"$ref": null, "value": "7"}]}}),
            json!({ENTERPRISE: {"manager": {"value": "7"}}}),
            Quirk::ManyForSingle,
        ),
        (json!({ENTERPRISE: {"manager": ""}}), json!({}), Quirk::EmptyForNull),
        (json!({ENTERPRISE: {"manager": {"value": ""}}}), json!({}), Quirk::EmptyForNull),
        (
            json!({"department": "Icu", "manager": {"value": "7", "displayName": "forged"}}),
            json!({ENTERPRISE: {"department": "Icu", "manager": {"value": "7"}}}),
            Quirk::BareExtensionName,
        ),
        (json!({USER: {"nickName": "Ma"}}), json!({"nickName": "Ma"}), Quirk::QualifiedKey),
        (
            json!({"roles": [{"value": "{\"id\":1}"}]}),
            json!({"roles": [{"value": "{\"id\":1}"}]}),
            Quirk::JsonInText,
        ),
    ] {
        let (mut document, seen) = create("User", user(given.clone())).unwrap();
        let object = document.as_object_mut().unwrap();
        object.retain(|key, _| key != "schemas" && key != "userName");
        assert_eq!(document, wanted, "{given}");
        assert!(seen.contains(&quirk), "{given} {seen:?}");
    }
    let both = created(json!({"department": "bare", ENTERPRISE: {"department": "full"}}));
    assert_eq!(both[ENTERPRISE]["department"], "full");
}

#[test]
fn rfc_usr04_a_password_is_dropped_and_noted() {
    let (document, seen) = create("User", user(json!({"Password": "canary"}))).unwrap();
    assert!(!document.to_string().contains("canary"));
    assert_eq!(seen, [Quirk::PasswordDropped]);
    assert!(strictly(user(json!({"password": "canary"}))).is_ok());
}

#[test]
fn idn08_control_direction_and_zero_width_characters() {
    for bad in ["a\0", "a\u{202e}b", "a\u{200b}b", "\u{1b}[1m", "\u{feff}a"] {
        for body in [
            json!({"displayName": bad}),
            json!({"name": {"familyName": bad}}),
            json!({"emails": [{"value": bad}]}),
            json!({"externalId": bad}),
            json!({ENTERPRISE: {"division": bad}}),
        ] {
            assert_eq!(refused(body), ScimType::InvalidValue, "{bad:?}");
        }
        let body = json!({"userName": bad});
        assert_eq!(create("User", body).unwrap_err(), ScimType::InvalidValue, "{bad:?}");
    }
    for line in ["a\tb", "a\r\nb"] {
        assert_eq!(created(json!({"displayName": line}))["displayName"], line);
        assert_eq!(refused(json!({"emails": [{"value": line}]})), ScimType::InvalidValue);
        let body = json!({"userName": line});
        assert_eq!(create("User", body).unwrap_err(), ScimType::InvalidValue);
    }
}

#[test]
fn att09_limits_hold_on_both_sides() {
    let emails = |count: usize| -> Value {
        (0..count).map(|turn| json!({"value": format!("m{turn}@example.org")})).collect()
    };
    assert!(created(json!({"emails": emails(MOST_VALUES)})).is_object());
    assert_eq!(refused(json!({"emails": emails(MOST_VALUES + 1)})), ScimType::InvalidValue);
    let text = "x".repeat(LONGEST_TEXT);
    assert!(created(json!({"nickName": text})).is_object());
    assert_eq!(refused(json!({"nickName": format!("{text}x")})), ScimType::InvalidValue);
    let long = json!({"userName": "x".repeat(1_025)});
    assert_eq!(create("User", long).unwrap_err(), ScimType::InvalidValue);
    let members: Vec<Value> = (0..2_000).map(|turn| json!({"value": turn.to_string()})).collect();
    let (group, _) = create("Group", json!({"displayName": "g", "members": members})).unwrap();
    assert_eq!(group["members"].as_array().unwrap().len(), 2_000);
}

#[test]
fn rfc_att27_att29_att30_one_primary_and_no_pair_twice() {
    let two = json!({"emails": [
        {"value": "a@x.example", "primary": true}, {"value": "b@x.example", "primary": true}]});
    assert_eq!(refused(two), ScimType::InvalidValue);
    let same = created(json!({"emails": [
        {"value": "a@x.example", "type": "work"},
        {"value": "a@x.example", "type": "WORK", "primary": true, "display": "A"},
        {"value": "a@x.example", "type": "home"}]}));
    assert_eq!(
        same["emails"],
        json!([{"value": "a@x.example", "type": "work", "primary": true, "display": "A"},
            {"value": "a@x.example", "type": "home"}])
    );
}

#[test]
fn rfc_grp02_members_stay_in_the_map_in_one_form() {
    let body = json!({"schemas": [GROUP], "displayName": "Icu", "members": [
        {"value": "1", "$ref": null, "displayName": null},
        {"value": "2", "type": "group", "display": "Nurses"},
        {"$ref": "../Groups/3"}, {"$ref": "https://gw.example/scim/v2/Users/4", "displayName": "x"},
        {"value": "1", "type": "User"}, "5", null]});
    let (group, _) = create("Group", body).unwrap();
    assert_eq!(
        group["members"],
        json!([{"value": "1", "type": "User"},
            {"value": "2", "type": "Group"},
            {"value": "3", "type": "Group"}, {"value": "4", "type": "User"},
            {"value": "5", "type": "User"}])
    );
    for nobody in [json!([]), json!(null)] {
        let (group, _) = create("Group", json!({"displayName": "g", "members": nobody})).unwrap();
        assert_eq!(group["members"], json!([]));
    }
    let (group, _) = create("Group", json!({"displayName": "g"})).unwrap();
    assert!(group.get("members").is_none());
    for bad in [json!([{}]), json!([{"type": "User"}]), json!([1]), json!([{"value": ""}])] {
        let body = json!({"displayName": "g", "members": bad});
        assert_eq!(create("Group", body).unwrap_err(), ScimType::InvalidValue);
    }
}

fn present() -> Value {
    created(json!({"externalId": "x", "active": false, "nickName": "Ma",
        "emails": [{"value": "m@example.org"}],
        ENTERPRISE: {"department": "Icu", "division": "North"}}))
}

#[test]
fn rfc_put_replaces_but_keeps_active_and_extensions_that_are_not_mentioned() {
    let bare = replaced(&present(), json!({"userName": "mara2"}), false).unwrap();
    assert_eq!(
        bare,
        json!({"schemas": [USER, ENTERPRISE], "userName": "mara2", "active": false,
            ENTERPRISE: {"department": "Icu", "division": "North"}})
    );
    let null = json!({"userName": "m", "active": null, ENTERPRISE: null});
    let null = replaced(&present(), null, false).unwrap();
    assert_eq!(null, json!({"schemas": [USER], "userName": "m", "active": false}));
    let part = json!({"userName": "m", "active": true, ENTERPRISE: {"department": "Er"}});
    let part = replaced(&present(), part, false).unwrap();
    assert_eq!((&part["active"], &part[ENTERPRISE]), (&json!(true), &json!({"department": "Er"})));
    let stray = json!({"userName": "m", "department": "Er"});
    let stray = replaced(&present(), stray, false).unwrap();
    assert_eq!(stray[ENTERPRISE], json!({"department": "Er", "division": "North"}));
    let nameless = replaced(&present(), json!({"active": true}), false);
    assert_eq!(nameless.unwrap_err(), ScimType::InvalidValue);
}

#[test]
fn a_merging_put_keeps_what_is_not_mentioned_and_null_clears() {
    assert_eq!(replaced(&present(), json!({}), true).unwrap(), present());
    let body = json!({"nickName": null, "emails": [], ENTERPRISE: {"department": "Er"}});
    let merged = replaced(&present(), body, true).unwrap();
    assert_eq!(
        merged,
        json!({"schemas": [USER, ENTERPRISE], "externalId": "x", "userName": "mara",
            "active": false, ENTERPRISE: {"department": "Er", "division": "North"}})
    );
}

#[test]
fn rfc_att08_an_immutable_value_stays() {
    let custom = custom();
    let body = thing(json!({"fixed": "A", "ours": "no", "box": {"lock": "l", "must": "m"}}));
    let (mut current, _) = run(&custom, body, Purpose::Create).unwrap();
    assert!(current.get("ours").is_none());
    current["ours"] = json!("set by us");
    let current = current.as_object().unwrap();
    let go = |more| {
        let purpose = Purpose::Replace { current, merge: false };
        run(&custom, thing(more), purpose).map(|(document, _)| document)
    };
    let same = go(json!({"fixed": "A", "box": {"lock": "l", "must": "n"}})).unwrap();
    assert_eq!((&same["ours"], &same["box"]["must"]), (&json!("set by us"), &json!("n")));
    assert_eq!(go(json!({})).unwrap()["fixed"], "A");
    for bad in [
        json!({"fixed": "B"}),
        json!({"fixed": null}),
        json!({"box": {"lock": "k", "must": "m"}}),
        json!({"box": {"must": "m"}}),
    ] {
        assert_eq!(go(bad.clone()).unwrap_err(), ScimType::Mutability, "{bad}");
    }
    let mut without = current.clone();
    without.remove("fixed");
    let purpose = Purpose::Replace { current: &without, merge: false };
    let (first, _) = run(&custom, thing(json!({"fixed": "B"})), purpose).unwrap();
    assert_eq!(first["fixed"], "B");
}

#[test]
fn finish_ends_an_edit() {
    let rt = rt("User");
    let mut document = present().as_object().unwrap().clone();
    document.insert("nickName".into(), json!(null));
    document.insert("emails".into(), json!([{"value": null}]));
    document.insert(ENTERPRISE.into(), json!({"manager": {}}));
    document.insert("name".into(), json!({"givenName": "Mara", "familyName": "Lind"}));
    document.insert("meta".into(), json!({"version": "1"}));
    finish(&rt, &mut document).unwrap();
    assert_eq!(
        Value::Object(document).to_string(),
        json!({"schemas": [USER], "externalId": "x", "userName": "mara",
            "name": {"familyName": "Lind", "givenName": "Mara"}, "active": false})
        .to_string()
    );
    for bad in [json!(null), json!("a\tb"), json!("")] {
        let mut document = present().as_object().unwrap().clone();
        document.insert("userName".into(), bad);
        assert_eq!(finish(&rt, &mut document).unwrap_err().kind, ScimType::InvalidValue);
    }
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        prop_oneof!["[a-z]{0,3}", "true|False|work|Work", "\\PC{0,3}"].prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let keys = prop_oneof![
            "value|type|primary|display|Value|givenName|familyName|manager|department|profession|x"
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(keys, inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn body() -> impl Strategy<Value = Value> {
    let keys = prop_oneof![
        "name|nickName|active|emails|roles|addresses|title|manager|department|password|groups|id",
        Just(ENTERPRISE.to_owned()),
        "members|displayName|externalId|x509Certificates|profileUrl|schemas",
    ];
    proptest::collection::btree_map(keys, json_value(), 0..6).prop_map(|map| {
        let mut body: Map<String, Value> = map.into_iter().collect();
        body.insert("userName".into(), "mara".into());
        Value::Object(body)
    })
}

proptest! {
    #[test]
    fn accepting_what_was_accepted_changes_nothing(body in body()) {
        for name in ["User", "Group"] {
            if let Ok((once, _)) = create(name, body.clone()) {
                let (twice, seen) = create(name, once.clone()).unwrap();
                prop_assert_eq!(once.to_string(), twice.to_string());
                prop_assert!(seen.iter().all(|quirk| *quirk == Quirk::JsonInText), "{:?}", seen);
                let current = once.as_object().unwrap();
                for merge in [false, true] {
                    let purpose = Purpose::Replace { current, merge };
                    let (again, _) = run(&rt(name), once.clone(), purpose).unwrap();
                    prop_assert_eq!(&once, &again);
                }
            }
        }
    }
}
