//! Member edits: lists, filters, all and none (PAT-56 to PAT-63).

use serde_json::Value;
use serde_json::json;

use super::*;

fn member(id: &str) -> Value {
    json!({"value": id, "type": "User"})
}

fn edits(operations: Value) -> Vec<RelationChange> {
    let group = json!({"displayName": "Labs"});
    let patched = patched_with("Group", &group, operations, &mut Tolerance::lenient()).unwrap();
    assert!(!patched.document.contains_key("members"));
    patched.edits.into_iter().map(|edit| edit.change).collect()
}

#[test]
fn rfc_pat56_to_pat63_members_become_edits() {
    let add = |ids: &[&str]| RelationChange::Add(ids.iter().map(|id| member(id)).collect());
    assert_eq!(
        edits(one(
            "add",
            "members",
            json!([{"$ref": null, "value": "u-1"}, {"value": "u-2", "display": null}])
        )),
        [add(&["u-1", "u-2"])]
    );
    assert_eq!(edits(one("add", "Members", json!({"value": "u-1"}))), [add(&["u-1"])]);
    assert_eq!(
        edits(one("add", "members", json!({"members": [{"value": "u-1"}]}))),
        [add(&["u-1"])]
    );
    assert_eq!(
        edits(json!([{"op": "add", "value": {"members": [{"value": "u-1"}]}}])),
        [add(&["u-1"])]
    );
    assert_eq!(edits(one("add", "members", json!([]))), []);
    assert_eq!(
        edits(json!([{"op": "remove", "path": "members[value eq \"u-1\"]"}])),
        [RelationChange::Remove(vec!["u-1".into()])]
    );
    assert_eq!(
        edits(json!([{"op": "remove", "path": "members[value eq \"u-1\" or value eq \"u-2\"]"}])),
        [RelationChange::Remove(vec!["u-1".into(), "u-2".into()])]
    );
    assert_eq!(edits(json!([{"op": "remove", "path": "members"}])), [RelationChange::Clear]);
    assert_eq!(
        edits(one("replace", "members", json!([{"value": "u-3"}]))),
        [RelationChange::Replace(vec![member("u-3")])]
    );
    assert_eq!(edits(one("replace", "members", json!([]))), [RelationChange::Replace(vec![])]);
    let several = json!([
        {"op": "remove", "path": "members"}, {"op": "add", "path": "members", "value": [{"value": "u-1"}]},
        {"op": "add", "path": "members", "value": [{"value": "u-2"}]}, {"op": "replace", "path": "displayName", "value": "X"},
        {"op": "remove", "path": "members[type eq \"Group\"]"}
    ]);
    let [clear, added, filtered] = <[RelationChange; 3]>::try_from(edits(several)).unwrap();
    assert_eq!((clear, added), (RelationChange::Clear, add(&["u-1", "u-2"])));
    assert!(matches!(filtered, RelationChange::RemoveWhere(_)));
}

#[test]
fn idp67_members_are_removed_by_list_or_all_but_never_by_accident() {
    let ids =
        |ids: &[&str]| RelationChange::Remove(ids.iter().map(|id| (*id).to_owned()).collect());
    assert_eq!(
        edits(one("Remove", "members", json!([{"value": "u-1"}, {"$ref": null, "Value": "u-2"}]))),
        [ids(&["u-1", "u-2"])]
    );
    assert_eq!(
        edits(one("remove", "members", json!({"members": [{"value": "u-1"}]}))),
        [ids(&["u-1"])]
    );
    assert_eq!(edits(one("remove", "members", json!(["u-1"]))), [ids(&["u-1"])]);
    assert_eq!(edits(one("remove", "members", json!([]))), []);
    for value in [json!(null), json!([null]), json!([{}]), json!({}), json!(7)] {
        let group = json!({"displayName": "Labs"});
        let error = patched_with(
            "Group",
            &group,
            one("remove", "members", value),
            &mut Tolerance::lenient(),
        )
        .unwrap_err();
        assert_eq!(error.kind, ScimType::InvalidValue);
    }
}

#[test]
fn rfc_grp04_parts_of_members_do_not_change() {
    let group = json!({"displayName": "Labs"});
    let cases = [
        one("replace", "members[value eq \"a\"].value", json!("b")),
        one("add", "members[value eq \"a\"]", json!({"value": "b"})),
        one("replace", "members.value", json!("b")),
        json!([{"op": "remove", "path": "members[value eq \"a\"].display"}]),
        json!([{"op": "remove", "path": "displayName"}]),
    ];
    for operations in cases {
        let error = patched_with("Group", &group, operations.clone(), &mut Tolerance::lenient())
            .unwrap_err();
        assert_eq!(error.kind, ScimType::Mutability, "{operations}");
    }
    let unfit = json!([{"op": "remove", "path": "members[noSuch eq \"a\"]"}]);
    let error = patched_with("Group", &group, unfit, &mut Tolerance::lenient()).unwrap_err();
    assert_eq!(error.kind, ScimType::InvalidFilter);
}
