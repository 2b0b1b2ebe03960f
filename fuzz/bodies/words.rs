//! Small languages: filters and the paths of operations.

use serde_json::json;
use wardgate::scim::filter;
use wardgate::scim::filter::Filter;
use wardgate::scim::filter::LONGEST;
use wardgate::scim::filter::eval;
use wardgate::scim::filter::parse;
use wardgate::scim::patch;
use wardgate::scim::patch::target::Path;
use wardgate::scim::quirks::Tolerance;

use super::stage;

/// A printed filter may be longer than the text it came from.
const PRINTED: usize = 16 * LONGEST;

/// Any text as a filter: what is read prints to what reads the same, means the same, and is the
/// opposite of its negation.
pub fn filter(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut tolerance = Tolerance::lenient();
    let lenient = parse::parse(text, LONGEST, &mut tolerance);
    let strict = parse::parse(text, LONGEST, &mut Tolerance::strict());
    let Ok(read) = lenient else {
        assert!(strict.is_err(), "strict reads what lenient refuses");
        return;
    };
    // A forgiven alias reads as another name than it says.
    if tolerance.take_seen().is_empty() {
        assert_eq!(strict.as_ref(), Ok(&read), "strict reads something else");
    }
    let printed = read.to_string();
    let again = parse::parse(&printed, PRINTED, &mut Tolerance::strict());
    assert_eq!(again.as_ref(), Ok(&read), "printed as {printed}");
    assert!(filter::attributes(&read).count() <= filter::MOST_CLAUSES);
    meaning(read);
}

fn meaning(read: Filter) {
    let not = Filter::Not(Box::new(read.clone()));
    for (name, document) in stage::DOCUMENTS.iter() {
        let rt = stage::resource_type(name);
        let fits = eval::check(rt, &read, &mut Tolerance::lenient()).is_ok();
        if eval::check(rt, &read, &mut Tolerance::strict()).is_ok() {
            assert!(fits, "strict accepts what lenient refuses");
        }
        let answer = eval::matches(rt, &read, document);
        if fits {
            assert_ne!(
                answer,
                eval::matches(rt, &not, document),
                "a filter and its negation agree"
            );
        }
    }
}

/// Any text as a path, then in each operation on each document.
pub fn patch_path(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut tolerance = Tolerance::lenient();
    let lenient = Path::parse(text, &mut tolerance);
    let strict = Path::parse(text, &mut Tolerance::strict());
    if lenient.is_err() {
        assert!(strict.is_err(), "strict reads what lenient refuses");
    } else if tolerance.take_seen().is_empty() {
        assert_eq!(strict, lenient, "strict reads something else");
    }
    if lenient.is_err() {
        return;
    }
    let values =
        [json!("x"), json!(true), json!([{"value": "x", "type": "work"}]), json!({"value": "x"})];
    for value in values {
        for op in ["add", "replace", "remove"] {
            let body = json!({
                "schemas": [patch::PATCH_OP],
                "Operations": [{"op": op, "path": text, "value": value}],
            });
            super::documents::patch_each(&body);
        }
    }
}
