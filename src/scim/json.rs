//! The one reader of JSON from outside, with limits (PRS-01, PRS-02).

use std::collections::HashSet;
use std::fmt;

use serde::de::DeserializeSeed;
use serde::de::Error as _;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde_json::Map;
use serde_json::Number;
use serde_json::Value;

use crate::scim::error::Error;
use crate::scim::error::ScimType;

/// The deepest nesting of arrays and objects that is read.
pub const DEEPEST: usize = 32;

/// Up to this many members an object is searched for a key one by one.
const FEW: usize = 16;

/// Reads one JSON value and nothing after it.
///
/// Refuses, as `invalidSyntax` with line and column and without the text: broken JSON, a byte
/// order mark, text that is not UTF-8, lone surrogates, numbers out of range, nesting beyond
/// [`DEEPEST`], and an object whose keys repeat, also when only their letter case differs. The
/// reader descends no deeper than the limit, so no input can exhaust the stack.
pub fn read(bytes: &[u8]) -> Result<Value, Error> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = Layer { left: DEEPEST }
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value));
    read.map_err(|error| refusal(&error))
}

fn refusal(error: &serde_json::Error) -> Error {
    let (line, column) = (error.line(), error.column());
    let said = error.to_string();
    // Only the two texts of this file are passed on; the library's own may quote the input.
    let why = [TOO_DEEP, TWICE].into_iter().find(|ours| said.starts_with(ours));
    let why = why.unwrap_or("The body is not one well-formed JSON value in UTF-8");
    Error::new(ScimType::InvalidSyntax, format!("{why} (line {line}, column {column})."))
}

const TOO_DEEP: &str = "The body nests arrays or objects deeper than 32 levels";
const TWICE: &str = "An object in the body has the same key twice, letter case aside";

/// One level of nesting; `left` levels may still open.
#[derive(Clone, Copy)]
struct Layer {
    left: usize,
}

impl Layer {
    fn inner<E: serde::de::Error>(self) -> Result<Self, E> {
        let left = self.left.checked_sub(1).ok_or_else(|| E::custom(TOO_DEEP))?;
        Ok(Self { left })
    }
}

impl<'de> DeserializeSeed<'de> for Layer {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Layer {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Value, E> {
        let number = Number::from_f64(number).ok_or_else(|| E::custom("number out of range"))?;
        Ok(Value::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut read = Vec::new();
        while let Some(value) = list.next_element_seed(inner)? {
            read.push(value);
        }
        Ok(Value::Array(read))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut read = Map::new();
        let mut keys = Keys::default();
        while let Some(key) = object.next_key::<String>()? {
            if !keys.admit(&read, &key) {
                return Err(A::Error::custom(TWICE));
            }
            let value = object.next_value_seed(inner)?;
            read.insert(key, value);
        }
        Ok(Value::Object(read))
    }
}

/// The keys of an object, letter case aside. Small objects need no set.
#[derive(Default)]
struct Keys {
    many: HashSet<String>,
}

impl Keys {
    fn admit(&mut self, read: &Map<String, Value>, key: &str) -> bool {
        if read.len() < FEW {
            return !read.keys().any(|other| other.eq_ignore_ascii_case(key));
        }
        if self.many.is_empty() {
            self.many = read.keys().map(|other| other.to_ascii_lowercase()).collect();
        }
        self.many.insert(key.to_ascii_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refused(bytes: &[u8]) -> String {
        let error = read(bytes).unwrap_err();
        assert_eq!(error.kind, ScimType::InvalidSyntax);
        error.detail
    }

    #[test]
    fn prs01_keys_may_not_repeat_at_any_depth_nor_in_another_case() {
        for text in [
            r#"{"active":true,"active":false}"#,
            r#"{"roles":[],"x":1,"roles":[]}"#,
            r#"{"Active":true,"active":true}"#,
            r#"{"a":[{"b":{"c":1,"C":2}}]}"#,
        ] {
            assert!(refused(text.as_bytes()).starts_with(TWICE), "{text}");
        }
        let many: Vec<String> = (0..40).map(|n| format!(r#""k{n}":{n}"#)).collect();
        let fine = format!("{{{}}}", many.join(","));
        assert!(read(fine.as_bytes()).is_ok());
        let twice = format!("{{{},\"K39\":1}}", many.join(","));
        assert!(refused(twice.as_bytes()).starts_with(TWICE));
    }

    #[test]
    fn prs02_depth_ends_at_the_limit() {
        let nest = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read(nest(DEEPEST).as_bytes()).is_ok());
        for depth in [DEEPEST + 1, 1_000, 1_000_000] {
            assert!(refused(nest(depth).as_bytes()).starts_with(TOO_DEEP));
            assert!(refused("[".repeat(depth).as_bytes()).starts_with(TOO_DEEP));
        }
        assert!(TOO_DEEP.contains(&DEEPEST.to_string()));
    }

    #[test]
    fn prs02_odd_texts_and_numbers_are_refused() {
        let digits = "9".repeat(1_000_000);
        for bytes in [
            &b""[..],
            b"  ",
            b"{}{}",
            b"{} x",
            b"{",
            b"{\"a\":1,}",
            b"{'a':1}",
            b"1e999999",
            b"NaN",
            b"-",
            b"01",
            digits.as_bytes(),
            b"\"\xff\"",
            b"{\"\xc3\x28\":1}",
            b"\"\\ud800\"",
            b"\"\\udc00\\ud800\"",
            b"\"a\nb\"",
            b"\xef\xbb\xbf{}",
            b"\xff\xfe{\0}\0",
            b"\0{\0}",
        ] {
            refused(bytes);
        }
    }

    #[test]
    fn prs02_the_refusal_names_the_place_and_not_the_input() {
        let said = refused(b"{\"userName\":\n  secret-canary}");
        assert!(said.contains("line 2") && !said.contains("canary"), "{said}");
    }

    #[test]
    fn what_is_read_keeps_its_order_and_values() {
        let text = r#"{"z":1,"a":[true,null,-2,1.5,"\u00e9\ud83d\ude00"],"m":{}}"#;
        let read = read(text.as_bytes()).unwrap();
        assert_eq!(read, json!({"z": 1, "a": [true, null, -2, 1.5, "é😀"], "m": {}}));
        let keys: Vec<&String> = read.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["z", "a", "m"]);
    }
}
