//! Reads the body of a PATCH.

use serde_json::Map;
use serde_json::Value;

use crate::scim::error::Error;
use crate::scim::error::ScimType;
use crate::scim::patch::Act;
use crate::scim::patch::MOST_OPERATIONS;
use crate::scim::patch::Operation;
use crate::scim::patch::PATCH_OP;
use crate::scim::patch::target::Path;
use crate::scim::quirks::Quirk;
use crate::scim::quirks::Tolerance;

/// The operations of `body`, in order (PAT-01 to PAT-03, PAT-10, PAT-28).
///
/// Refuses with `invalidSyntax` what is no PATCH, with `invalidPath` or `invalidFilter` what is no
/// path, with `invalidValue` a missing value and with `noTarget` a removal of nothing named.
pub fn read(body: Value, tolerance: &mut Tolerance) -> Result<Vec<Operation>, Error> {
    let Value::Object(mut body) = body else {
        return Err(syntax("the body of a PATCH is an object with `schemas` and `Operations`"));
    };
    check_schemas(take(&mut body, "schemas")?.as_ref(), tolerance)?;
    let Some(Value::Array(operations)) = take(&mut body, "Operations")? else {
        return Err(syntax("a PATCH needs `Operations`, an array"));
    };
    if operations.is_empty() {
        return Err(syntax("`Operations` needs at least one operation"));
    }
    if operations.len() > MOST_OPERATIONS {
        return Err(syntax(&format!("a PATCH has at most {MOST_OPERATIONS} operations")));
    }
    let numbered = operations.into_iter().enumerate();
    numbered.map(|(at, operation)| one(at + 1, operation, tolerance)).collect()
}

/// `error` with the number of the operation in front.
pub(super) fn numbered(number: usize, error: Error) -> Error {
    Error::new(error.kind, format!("operation {number}: {}", error.detail))
}

fn check_schemas(schemas: Option<&Value>, tolerance: &mut Tolerance) -> Result<(), Error> {
    let named = schemas.and_then(Value::as_array).is_some_and(|schemas| {
        let mut schemas = schemas.iter().filter_map(Value::as_str);
        schemas.any(|schema| schema.eq_ignore_ascii_case(PATCH_OP))
    });
    if named {
        return Ok(());
    }
    tolerance.forgive(Quirk::SchemasList, "a PATCH without its schema", || {
        syntax("`schemas` of a PATCH holds the PatchOp URN of RFC 7644 §3.5.2")
    })
}

fn one(number: usize, operation: Value, tolerance: &mut Tolerance) -> Result<Operation, Error> {
    let operation = operation_of(operation, tolerance);
    let (act, path) = operation.map_err(|error| numbered(number, error))?;
    Ok(Operation { number, act, path })
}

fn operation_of(operation: Value, tolerance: &mut Tolerance) -> Result<(Act, Option<Path>), Error> {
    let Value::Object(mut operation) = operation else {
        return Err(syntax("an operation is an object with `op`"));
    };
    let Some(Value::String(op)) = take(&mut operation, "op")? else {
        return Err(syntax("`op` is missing; it is add, remove or replace"));
    };
    let path = match take(&mut operation, "path")? {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(Path::parse(&text, tolerance)?),
        Some(_) => return Err(Error::new(ScimType::InvalidPath, "`path` is a text")),
    };
    let value = take(&mut operation, "value")?;
    if !operation.is_empty() {
        return Err(syntax("an operation holds `op`, `path` and `value` and nothing else"));
    }
    let act = act_of(&op, value, tolerance)?;
    if path.is_none() && matches!(act, Act::Remove(_)) {
        return Err(Error::new(ScimType::NoTarget, "`remove` needs a `path`"));
    }
    Ok((act, path))
}

fn act_of(op: &str, value: Option<Value>, tolerance: &mut Tolerance) -> Result<Act, Error> {
    let lower = op.to_ascii_lowercase();
    let missing = || Error::new(ScimType::InvalidValue, "`add` and `replace` need a `value`");
    let act = match lower.as_str() {
        "add" => Act::Add(value.ok_or_else(missing)?),
        "replace" => Act::Replace(value.ok_or_else(missing)?),
        "remove" => Act::Remove(value),
        _ => return Err(syntax("`op` is add, remove or replace")),
    };
    if op != lower {
        let refusal = || syntax("write `op` in small letters: add, remove or replace");
        tolerance.forgive(Quirk::OpLetterCase, "op with capitals", refusal)?;
    }
    Ok(act)
}

/// Takes the member `name`, in any letter case; twice is refused.
fn take(object: &mut Map<String, Value>, name: &str) -> Result<Option<Value>, Error> {
    let mut keys = object.keys().filter(|key| key.eq_ignore_ascii_case(name));
    let Some(key) = keys.next().cloned() else { return Ok(None) };
    if keys.next().is_some() {
        return Err(syntax(&format!("`{name}` stands here twice")));
    }
    Ok(object.shift_remove(&key))
}

fn syntax(what: &str) -> Error {
    Error::new(ScimType::InvalidSyntax, what)
}
