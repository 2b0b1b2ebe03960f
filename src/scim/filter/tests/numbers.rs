//! Numbers in filters: every spelling, compared by value.

use serde_json::json;

use super::*;
use crate::scim::schema::Attribute;
use crate::scim::schema::Type;

/// A complex attribute with numbers in it: the built-in schemas have none.
fn sizes() -> Attribute {
    let mut holder = resource_type("User").core.attribute("emails").unwrap().clone();
    let plain = holder.sub("display").unwrap().clone();
    let part = |name: &str, kind| Attribute { name: name.to_owned(), kind, ..plain.clone() };
    holder.sub_attributes = vec![part("size", Type::Integer), part("weight", Type::Decimal)];
    holder
}

#[test]
fn rfc_flt74_numbers_are_compared_by_value() {
    let sizes = sizes();
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
            let matcher = Matcher::of_values(&sizes, &filter, &mut Tolerance::strict()).unwrap();
            assert_eq!(matcher.matches(&document), expected, "{text}");
        }
    }
    for text in ["size co 1", r#"size eq "x""#, "weight sw 2", "size eq true"] {
        let filter = read(text).unwrap();
        assert!(Matcher::of_values(&sizes, &filter, &mut Tolerance::lenient()).is_err());
    }
}
