//! Decodes replies of Redis. An unexpected reply means that the store is broken.

use std::collections::BTreeMap;
use std::str::FromStr;

use ::redis::Value;

use crate::store::{Result, StoreError};

fn unexpected(expected: &str) -> StoreError {
    StoreError::Broken(format!("Redis did not answer with {expected}"))
}

/// A text that may be absent.
pub(super) fn optional_text(value: Value) -> Result<Option<String>> {
    match value {
        Value::Nil => Ok(None),
        Value::BulkString(bytes) => String::from_utf8(bytes).map(Some).map_err(|_| unexpected("UTF-8")),
        Value::SimpleString(text) => Ok(Some(text)),
        Value::Int(number) => Ok(Some(number.to_string())),
        _ => Err(unexpected("a text")),
    }
}

/// A text.
pub(super) fn text(value: Value) -> Result<String> {
    optional_text(value)?.ok_or_else(|| unexpected("a text"))
}

/// A text, borrowed.
pub(super) fn str(value: &Value) -> Result<&str> {
    match value {
        Value::BulkString(bytes) => std::str::from_utf8(bytes).map_err(|_| unexpected("UTF-8")),
        _ => Err(unexpected("a text")),
    }
}

/// A text that may be absent, borrowed.
pub(super) fn optional_str(value: &Value) -> Result<Option<&str>> {
    match value {
        Value::Nil => Ok(None),
        value => str(value).map(Some),
    }
}

/// A list.
pub(super) fn list(value: Value) -> Result<Vec<Value>> {
    match value {
        Value::Array(values) | Value::Set(values) => Ok(values),
        _ => Err(unexpected("a list")),
    }
}

/// A list with exactly `N` elements.
pub(super) fn array<const N: usize>(value: Value) -> Result<[Value; N]> {
    list(value)?.try_into().map_err(|_| unexpected("the expected number of values"))
}

/// A list of texts.
pub(super) fn texts(value: Value) -> Result<Vec<String>> {
    list(value)?.into_iter().map(text).collect()
}

/// A list of texts, each parsed, in ascending order.
pub(super) fn sorted<T: FromStr + Ord>(what: &str, value: Value) -> Result<Vec<T>> {
    let mut parsed = list(value)?.iter().map(|text| parse(what, str(text)?)).collect::<Result<Vec<T>>>()?;
    parsed.sort_unstable();
    Ok(parsed)
}

/// A hash, its fields parsed and its values read.
pub(super) fn map<K: Ord + FromStr, V>(
    what: &str,
    value: Value,
    read: impl Fn(&str) -> Result<V>,
) -> Result<BTreeMap<K, V>> {
    let pair = |(field, text): (String, String)| Ok((parse(what, &field)?, read(&text)?));
    pairs(value)?.into_iter().map(pair).collect()
}

/// The fields of a hash with their values.
pub(super) fn pairs(value: Value) -> Result<Vec<(String, String)>> {
    let mut texts = texts(value)?.into_iter();
    let mut pairs = Vec::with_capacity(texts.len() / 2);
    while let Some(field) = texts.next() {
        pairs.push((field, texts.next().ok_or_else(|| unexpected("pairs"))?));
    }
    Ok(pairs)
}

/// A number, as an integer or as text.
pub(super) fn number<T: FromStr + TryFrom<i64>>(value: &Value) -> Result<T> {
    let number = match value {
        Value::Int(number) => T::try_from(*number).ok(),
        other => str(other)?.parse().ok(),
    };
    number.ok_or_else(|| unexpected("a number"))
}

/// Parses a text; `what` names it in the error.
pub(super) fn parse<T: FromStr>(what: &str, text: &str) -> Result<T> {
    text.parse().map_err(|_| StoreError::Broken(format!("{what} cannot be read: {text:?}")))
}
