//! Access to entries in a TOML document, for each syntax in which they can be written.

use jiff::civil::Date;
use toml_edit::{Datetime, DocumentMut, Item, TableLike, Value};

/// The entry with this id: in `[[points]]` tables or in `points = [{ … }]`.
pub(super) fn entry<'f>(file: &'f mut DocumentMut, kind: &str, id: &str) -> Option<&'f mut dyn TableLike> {
    match file.get_mut(kind)? {
        Item::ArrayOfTables(tables) => {
            let found = tables.iter_mut().find(|table| named(table.get("id"), id))?;
            Some(found)
        }
        Item::Value(Value::Array(values)) => {
            let mut tables = values.iter_mut().filter_map(Value::as_inline_table_mut);
            let found =
                tables.find(|table| table.get("id").and_then(Value::as_str).is_some_and(|own| own.trim() == id))?;
            Some(found)
        }
        _ => None,
    }
}

fn named(item: Option<&Item>, id: &str) -> bool {
    item.and_then(Item::as_str) == Some(id)
}

/// Sets a key or removes it. Whitespace and comments around an existing value are preserved.
pub(super) fn set(table: Option<&mut dyn TableLike>, key: &str, value: Option<Value>) {
    let Some(table) = table else { return };
    let Some(mut value) = value else {
        table.remove(key);
        return;
    };
    if let Some(existing) = table.get_mut(key).and_then(Item::as_value_mut) {
        *value.decor_mut() = existing.decor().clone();
        *existing = value;
    } else {
        table.insert(key, Item::Value(value));
    }
}

/// A day as a TOML date.
pub(super) fn day(day: Date) -> Value {
    let text = day.to_string();
    text.parse::<Datetime>().map_or_else(|_| Value::from(text), Value::from)
}

/// Whether an exception is for this day, written as a date or as a string.
pub(super) fn is_for_day(exception: &Value, day: Date) -> bool {
    let written = exception.as_inline_table().and_then(|table| table.get("day"));
    match written {
        Some(Value::Datetime(written)) => written.value().to_string() == day.to_string(),
        Some(Value::String(written)) => *written.value() == day.to_string(),
        _ => false,
    }
}
