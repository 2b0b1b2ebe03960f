//! Random filters: read back from print, and judged as a naive evaluator judges.

use proptest::prelude::*;
use serde_json::Value;
use serde_json::json;

use super::resource_type;
use crate::scim::compare;
use crate::scim::filter::Filter;
use crate::scim::filter::LONGEST;
use crate::scim::filter::Literal;
use crate::scim::filter::Op;
use crate::scim::filter::eval::Matcher;
use crate::scim::filter::eval::check;
use crate::scim::filter::parse;
use crate::scim::path::AttributePath;
use crate::scim::quirks::Tolerance;

fn path(name: &str) -> AttributePath {
    AttributePath::parse(name).unwrap()
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
        if exact { text } else { compare::fold(&text).into_owned() }
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
