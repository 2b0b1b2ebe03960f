//! Which attributes of a resource are shown (RFC 7644 §3.9; RFC 7643 §7 `returned`).

use serde_json::Map;
use serde_json::Value;

use crate::scim::error::Error;
use crate::scim::error::ScimType;
use crate::scim::path::AttributePath;
use crate::scim::schema::Attribute;
use crate::scim::schema::ResourceType;
use crate::scim::schema::Returned;
use crate::scim::schema::Schema;

/// What a request asks to see. The default is everything that is shown by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Projection {
    choice: Choice,
    written: Vec<Name>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Choice {
    #[default]
    Usual,
    Only(Vec<Name>),
    Except(Vec<Name>),
}

/// A name as it was asked for: a whole schema, or a path.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Name {
    text: String,
    path: AttributePath,
}

/// How much of an attribute the names reach.
enum Reach<'a> {
    Nothing,
    Parts(Vec<&'a str>),
    Whole,
}

impl Projection {
    /// Reads the two parameters, each a list of names; a name may itself be a comma list. Names
    /// that no path can be are ignored, as unknown ones are (PRJ-19). Both at once: 400
    /// `invalidValue` (PRJ-17).
    pub fn new<T: AsRef<str>>(attributes: &[T], excluded: &[T]) -> Result<Self, Error> {
        let is_given = |names: &[T]| names.iter().any(|name| !name.as_ref().trim().is_empty());
        let choice = match (is_given(attributes), is_given(excluded)) {
            (false, false) => Choice::Usual,
            (true, false) => Choice::Only(names(attributes)),
            (false, true) => Choice::Except(names(excluded)),
            (true, true) => {
                let said = "`attributes` and `excludedAttributes` exclude each other. Send one.";
                return Err(Error::new(ScimType::InvalidValue, said));
            }
        };
        Ok(Self { choice, written: Vec::new() })
    }

    /// Names what the request writes: unless it chose what to see, its answer shows that too where
    /// it would have to be asked for otherwise (RFC 7643 §7, `request`; ATT-14).
    pub fn note_written<T: AsRef<str>>(&mut self, written: &[T]) {
        self.written = names(written);
    }

    /// Whether nothing special was asked for.
    pub fn is_default(&self) -> bool {
        self.choice == Choice::Usual
    }

    /// Whether all that was asked for is to leave out some of `names`, whole core attributes.
    /// False for the default, which leaves nothing out.
    pub fn excludes_only(&self, names: &[&str]) -> bool {
        let is_one = |name: &Name| {
            let plain = name.path.urn.is_none() && name.path.sub.is_none();
            plain && names.iter().any(|one| one.eq_ignore_ascii_case(&name.path.name))
        };
        matches!(&self.choice, Choice::Except(all) if all.iter().all(is_one))
    }

    /// Whether the core attribute `name` of `rt`, or a part of it, would be shown: else there is
    /// no need to load it.
    pub fn wants(&self, rt: &ResourceType, name: &str) -> bool {
        let found = rt.core.attribute(name).or_else(|| rt.common(name));
        found.is_some_and(|attribute| match self.shown(rt, None, attribute) {
            Shown::Nothing => false,
            Shown::Only(parts) => !parts.is_empty(),
            Shown::Except(_) => true,
        })
    }

    /// The same for an attribute of the extension `urn`.
    pub fn wants_inside(&self, rt: &ResourceType, urn: &str, name: &str) -> bool {
        let found = rt.extension(urn).and_then(|extension| extension.schema.attribute(name));
        found.is_some_and(|attribute| match self.shown(rt, Some(urn), attribute) {
            Shown::Nothing => false,
            Shown::Only(parts) => !parts.is_empty(),
            Shown::Except(_) => true,
        })
    }

    /// Takes out of `document`, a whole resource of `rt`, what is not to be shown.
    pub fn apply(&self, rt: &ResourceType, document: &mut Map<String, Value>) {
        let old = std::mem::take(document);
        for (key, value) in old {
            let top = rt.core.attribute(&key).or_else(|| rt.common(&key));
            let kept = match (top, rt.extension(&key), value) {
                (Some(attribute), _, value) => self.cut(rt, None, attribute, value),
                (None, Some(extension), Value::Object(inside)) => {
                    self.inside(rt, &extension.schema, inside)
                }
                _ => None,
            };
            if let Some(kept) = kept {
                document.insert(key, kept);
            }
        }
    }

    /// What of an extension is shown; `None` when nothing is left.
    fn inside(
        &self,
        rt: &ResourceType,
        schema: &Schema,
        inside: Map<String, Value>,
    ) -> Option<Value> {
        let cut = |(key, value): (String, Value)| {
            let attribute = schema.attribute(&key)?;
            Some((key, self.cut(rt, Some(&schema.id), attribute, value)?))
        };
        let inside: Map<String, Value> = inside.into_iter().filter_map(cut).collect();
        (!inside.is_empty()).then_some(Value::Object(inside))
    }

    fn cut(
        &self,
        rt: &ResourceType,
        container: Option<&str>,
        attribute: &Attribute,
        value: Value,
    ) -> Option<Value> {
        let shown = self.shown(rt, container, attribute);
        if matches!(shown, Shown::Nothing) {
            return None;
        }
        match value {
            Value::Array(list) => {
                let was_empty = list.is_empty();
                let list: Vec<Value> =
                    list.into_iter().filter_map(|one| parts(attribute, &shown, one)).collect();
                if list.is_empty() && !was_empty { None } else { Some(Value::Array(list)) }
            }
            one => parts(attribute, &shown, one),
        }
    }

    /// What of `attribute` is shown.
    fn shown(
        &self,
        rt: &ResourceType,
        container: Option<&str>,
        attribute: &Attribute,
    ) -> Shown<'_> {
        let usual = match attribute.returned {
            Returned::Never => return Shown::Nothing,
            Returned::Always => return Shown::Except(Vec::new()),
            Returned::Default => true,
            Returned::Request => false,
        };
        match &self.choice {
            Choice::Usual if usual => Shown::Except(Vec::new()),
            Choice::Usual => match reach(&self.written, rt, container, attribute) {
                Reach::Nothing => Shown::Nothing,
                Reach::Whole => Shown::Except(Vec::new()),
                Reach::Parts(parts) => Shown::Only(parts),
            },
            Choice::Only(names) => match reach(names, rt, container, attribute) {
                Reach::Whole => Shown::Except(Vec::new()),
                Reach::Parts(parts) => Shown::Only(parts),
                Reach::Nothing if has_always(attribute) => Shown::Only(Vec::new()),
                Reach::Nothing => Shown::Nothing,
            },
            Choice::Except(_) if !usual => Shown::Nothing,
            Choice::Except(names) => match reach(names, rt, container, attribute) {
                Reach::Whole => Shown::Nothing,
                Reach::Parts(parts) => Shown::Except(parts),
                Reach::Nothing => Shown::Except(Vec::new()),
            },
        }
    }
}

/// What of one attribute is shown.
enum Shown<'a> {
    Nothing,
    /// These parts, and those that are always shown.
    Only(Vec<&'a str>),
    /// All usual parts but these.
    Except(Vec<&'a str>),
}

/// One value without the parts that are not shown; `None` when none is left.
fn parts(attribute: &Attribute, shown: &Shown<'_>, value: Value) -> Option<Value> {
    let Value::Object(object) = value else { return Some(value) };
    let is_named = |names: &[&str], key: &str| names.iter().any(|n| n.eq_ignore_ascii_case(key));
    let is_shown = |key: &str| {
        let returned = attribute.sub(key).map_or(Returned::Default, |sub| sub.returned);
        match (returned, shown) {
            (Returned::Never, _) | (_, Shown::Nothing) => false,
            (Returned::Always, _) => true,
            (_, Shown::Only(names)) => is_named(names, key),
            (returned, Shown::Except(names)) => {
                returned == Returned::Default && !is_named(names, key)
            }
        }
    };
    let kept: Map<String, Value> = object.into_iter().filter(|(key, _)| is_shown(key)).collect();
    if kept.is_empty() { None } else { Some(Value::Object(kept)) }
}

/// A part that is always shown brings its attribute along, be it named or not.
fn has_always(attribute: &Attribute) -> bool {
    attribute.sub_attributes.iter().any(|sub| sub.returned == Returned::Always)
}

fn names<T: AsRef<str>>(given: &[T]) -> Vec<Name> {
    let each = given.iter().flat_map(|list| list.as_ref().split(','));
    each.filter_map(|text| {
        let text = text.trim();
        let path = AttributePath::parse(text)?;
        Some(Name { text: text.to_owned(), path })
    })
    .collect()
}

/// How much of `attribute` `names` reach.
fn reach<'n>(
    names: &'n [Name],
    rt: &ResourceType,
    container: Option<&str>,
    attribute: &Attribute,
) -> Reach<'n> {
    let home = container.unwrap_or(&rt.core.id);
    let is_common = container.is_none() && rt.core.attribute(&attribute.name).is_none();
    let mut parts = Vec::new();
    for name in names {
        if name.text.eq_ignore_ascii_case(home) && !is_common {
            return Reach::Whole;
        }
        let is_here = match &name.path.urn {
            Some(urn) => urn.eq_ignore_ascii_case(home),
            None => container.is_none(),
        };
        if !is_here || !name.path.name.eq_ignore_ascii_case(&attribute.name) {
            continue;
        }
        match &name.path.sub {
            None => return Reach::Whole,
            Some(sub) if attribute.sub(sub).is_some() => parts.push(sub.as_str()),
            Some(_) => {}
        }
    }
    if parts.is_empty() { Reach::Nothing } else { Reach::Parts(parts) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::schema::Catalogue;
    use serde_json::json;

    const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

    fn person() -> Value {
        json!({
            "schemas": [USER, ENTERPRISE],
            "id": "1",
            "externalId": "x",
            "userName": "mara",
            "name": {"familyName": "Lind", "givenName": "Mara"},
            "nickName": "Ma",
            "password": "never",
            "emails": [{"value": "m@example.org", "type": "work"}, {"type": "home"}],
            "meta": {"resourceType": "User"},
            ENTERPRISE: {"department": "Icu", "manager": {"value": "7", "displayName": "Jo"}},
        })
    }

    fn keys(attributes: &[&str], excluded: &[&str]) -> Value {
        let rt = Catalogue::built_in().unwrap().by_name("User").unwrap().clone();
        let mut document = person().as_object().unwrap().clone();
        Projection::new(attributes, excluded).unwrap().apply(&rt, &mut document);
        let always: Map<String, Value> =
            document.iter().filter(|(key, _)| *key == "id" || *key == "schemas").map(own).collect();
        assert_eq!(always.len(), 2, "id and schemas stay");
        document.into_iter().filter(|(key, _)| !always.contains_key(key)).collect()
    }

    fn own((key, value): (&String, &Value)) -> (String, Value) {
        (key.clone(), value.clone())
    }

    #[test]
    fn rfc_prj02_prj03_prj04_prj10_only_what_is_named_in_any_case() {
        assert_eq!(keys(&["USERNAME"], &[]), json!({"userName": "mara"}));
        let both = json!({"userName": "mara", "nickName": "Ma"});
        assert_eq!(keys(&["userName, nickName"], &[]), both);
        assert_eq!(keys(&["userName", "nickName"], &[]), both);
    }

    #[test]
    fn rfc_prj05_prj06_prj07_parts_can_be_named() {
        assert_eq!(keys(&["name.givenName"], &[]), json!({"name": {"givenName": "Mara"}}));
        let whole = json!({"name": {"familyName": "Lind", "givenName": "Mara"}});
        assert_eq!(keys(&["name"], &[]), whole);
        assert_eq!(keys(&["name.givenName,name"], &[]), whole);
        let values = json!({"emails": [{"value": "m@example.org"}]});
        assert_eq!(keys(&["emails.value"], &[]), values);
    }

    #[test]
    fn rfc_prj08_prj09_names_may_carry_their_urn() {
        assert_eq!(keys(&[&format!("{USER}:userName")], &[]), json!({"userName": "mara"}));
        let department = json!({ENTERPRISE: {"department": "Icu"}});
        let name = format!("{}:DEPARTMENT", ENTERPRISE.to_uppercase());
        assert_eq!(keys(&[&name], &[]), department);
        assert_eq!(keys(&["department"], &[]), json!({}));
        let manager = json!({ENTERPRISE: {"manager": {"value": "7"}}});
        assert_eq!(keys(&[&format!("{ENTERPRISE}:manager.value")], &[]), manager);
        let whole = json!({ENTERPRISE: person()[ENTERPRISE]});
        assert_eq!(keys(&[ENTERPRISE], &[]), whole);
        assert!(keys(&[], &[ENTERPRISE]).get(ENTERPRISE).is_none());
    }

    #[test]
    fn rfc_prj11_prj12_prj13_excluded_is_taken_from_the_default() {
        let left = keys(&[], &["nickName,id,name.familyName,schemas"]);
        assert!(left.get("nickName").is_none() && left.get("userName").is_some());
        assert_eq!(left["name"], json!({"givenName": "Mara"}));
        assert!(keys(&[], &["name.familyName", "name.givenName"]).get("name").is_none());
    }

    #[test]
    fn rfc_prj14_never_is_never() {
        for (only, without) in [(vec![], vec![]), (vec!["password"], vec![]), (vec![], vec!["x"])] {
            assert!(keys(&only, &without).get("password").is_none());
        }
    }

    #[test]
    fn rfc_prj17_prj19_both_are_refused_and_unknown_is_ignored() {
        let both = Projection::new(&["userName"], &["nickName"]).unwrap_err();
        assert_eq!(both.kind, ScimType::InvalidValue);
        assert!(Projection::new(&[""], &[" "]).unwrap().is_default());
        let odd = keys(&["userName", "noSuch", "emails[type eq \"work\"]", "a..b"], &[]);
        assert_eq!(odd, json!({"userName": "mara"}));
        assert_eq!(keys(&["noSuch"], &[]), json!({}));
        assert_eq!(keys(&["name.noSuch"], &[]), json!({}));
    }

    #[test]
    fn rfc_prj20_what_is_not_shown_need_not_be_loaded() {
        let catalogue = Catalogue::built_in().unwrap();
        let group = catalogue.by_name("Group").unwrap();
        let without = Projection::new(&[], &["Members"]).unwrap();
        assert!(!without.wants(group, "members") && without.excludes_only(&["members"]));
        assert!(!without.excludes_only(&["groups"]) && !without.is_default());
        assert!(Projection::default().wants(group, "members"));
        assert!(!Projection::default().excludes_only(&["members"]));
        assert!(!Projection::new(&["id"], &[]).unwrap().wants(group, "members"));
        assert!(Projection::new(&["members.value"], &[]).unwrap().wants(group, "members"));
        assert!(Projection::new(&[], &["members.type"]).unwrap().wants(group, "members"));
        assert!(!Projection::new(&[], &["members.type"]).unwrap().excludes_only(&["members"]));
    }

    #[test]
    fn rfc_prj21_requested_attributes_show_only_when_named() {
        let schema = r#"{"id":"urn:example:Thing","attributes":[
            {"name":"plain"},{"name":"asked","returned":"request"},
            {"name":"fixed","returned":"always"},
            {"name":"box","type":"complex","subAttributes":[
                {"name":"a"},{"name":"b","returned":"request"}]}]}"#;
        let kind = r#"{"name":"Thing","endpoint":"/Things","schema":"urn:example:Thing"}"#;
        let catalogue = Catalogue::read(&[("s", schema)], &[("t", kind)]).unwrap();
        let rt = catalogue.by_name("Thing").unwrap();
        let whole = json!({"plain": 1, "asked": 2, "fixed": 3, "box": {"a": 4, "b": 5}});
        let shown = |only: &[&str], without: &[&str]| {
            let mut document = whole.as_object().unwrap().clone();
            Projection::new(only, without).unwrap().apply(rt, &mut document);
            Value::Object(document)
        };
        assert_eq!(shown(&[], &[]), json!({"plain": 1, "fixed": 3, "box": {"a": 4}}));
        assert_eq!(shown(&["asked"], &[]), json!({"asked": 2, "fixed": 3}));
        assert_eq!(shown(&["box"], &[]), json!({"fixed": 3, "box": {"a": 4}}));
        assert_eq!(shown(&["box.b"], &[]), json!({"fixed": 3, "box": {"b": 5}}));
        assert_eq!(shown(&[], &["box", "fixed"]), json!({"plain": 1, "fixed": 3}));
        let mut after_a_write = Projection::default();
        after_a_write.note_written(&["ASKED", "no name"]);
        let mut document = whole.as_object().unwrap().clone();
        after_a_write.apply(rt, &mut document);
        assert_eq!(document.get("asked"), Some(&json!(2)));
    }
}
