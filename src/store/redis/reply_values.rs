//! Decodes replies of Redis. An unexpected reply means that the store is broken.

use std::collections::BTreeMap;
use std::str::FromStr;

use ::redis::{FromRedisValue, Value, from_redis_value};
use jiff::Timestamp;

use crate::store::{Result, StoreError};

/// A reply of the expected type.
pub(super) fn decode<T: FromRedisValue>(value: Value) -> Result<T> {
    // Without the library's reason, which quotes the reply.
    let unexpected = || StoreError::Broken(format!("Redis did not answer with {}", std::any::type_name::<T>()));
    from_redis_value(value).map_err(|_| unexpected())
}

/// Texts, each parsed, in ascending order.
pub(super) fn sorted<T: FromStr + Ord>(what: &str, texts: Vec<String>) -> Result<Vec<T>> {
    let mut parsed = texts.into_iter().map(|text| parse(what, &text)).collect::<Result<Vec<T>>>()?;
    parsed.sort_unstable();
    Ok(parsed)
}

/// The fields of a hash, parsed, with their values.
pub(super) fn map<K: Ord + FromStr, N, V>(
    what: &str,
    fields: Vec<(String, N)>,
    value: impl Fn(N) -> Result<V>,
) -> Result<BTreeMap<K, V>> {
    fields.into_iter().map(|(field, number)| Ok((parse(what, &field)?, value(number)?))).collect()
}

/// A moment in milliseconds since 1970.
pub(super) fn moment(ms: i64) -> Result<Timestamp> {
    Timestamp::from_millisecond(ms).map_err(|error| StoreError::Broken(error.to_string()))
}

/// Parses a text; `what` names it in the error.
pub(super) fn parse<T: FromStr>(what: &str, text: &str) -> Result<T> {
    text.parse().map_err(|_| StoreError::Broken(format!("{what} cannot be read: {text:?}")))
}
