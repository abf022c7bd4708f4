//! Holds answers against the document: a status, a problem or a field that the document does not name is found by whatever test meets it.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::{Map, Value};

/// The document as the program makes it.
pub(crate) static OPENAPI: LazyLock<Value> =
    LazyLock::new(|| serde_json::to_value(carnival::http::routes::document()).unwrap());

/// Follows a `$ref` within the document.
pub(crate) fn resolve(value: &Value) -> &Value {
    let Some(target) = value["$ref"].as_str() else { return value };
    let found = target.strip_prefix('#').and_then(|pointer| OPENAPI.pointer(pointer));
    resolve(found.unwrap_or_else(|| panic!("{target} leads nowhere")))
}

/// The operation that answers `method` on `path`, if the document has one.
pub(crate) fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let path = path.split('?').next().unwrap();
    let asked: Vec<&str> = path.split('/').collect();
    let fits = |template: &str| {
        let parts: Vec<&str> = template.split('/').collect();
        parts.len() == asked.len()
            && parts.iter().zip(&asked).all(|(part, asked)| part.starts_with('{') || part == asked)
    };
    let paths = OPENAPI["paths"].as_object().unwrap();
    // A path without a variable is meant before one with.
    let (_, item) = paths.get_key_value(path).or_else(|| paths.iter().find(|(template, _)| fits(template)))?;
    item.get(method.to_lowercase())
}

/// Fails unless the document says that this operation can answer so.
pub(crate) fn assert_documented(method: &str, path: &str, status: u16, media: &str, body: &Value) {
    let Some(operation) = operation(method, path) else { return };
    let what = format!("{method} {path} answered {status} {body}");
    let problem = body["code"].as_str().filter(|_| media == "application/problem+json");
    let own = operation["responses"].get(status.to_string());
    let response = resolve(own.unwrap_or(&operation["responses"]["default"]));
    if let Some(code) = problem {
        let examples = &response["content"][media]["examples"];
        assert!(
            examples.get(code).is_some(),
            "{what}, which src/http/openapi/problem_codes.rs does not name for this route"
        );
    } else {
        assert!(own.is_some(), "{what}, a status that the document does not name");
    }
    let Some(content) = response.get("content") else {
        assert!(body == "", "{what}, and the document says that there is no body");
        return;
    };
    let Some(content) = content.get(media) else { panic!("{what} as {media}; the document knows {content}") };
    if !media.ends_with("json") {
        return;
    }
    let mut known = BTreeSet::new();
    if let Err(why) = check_schema(&content["schema"], body, "", &mut known) {
        panic!("{what}, which is not as the document says: {why}");
    }
    if let Some(unknown) = undocumented_field(body, "", &known) {
        panic!("{what}, and the document knows no {unknown}");
    }
}

/// Whether a value is as a schema says; `known` collects the fields that were described.
pub(crate) fn check_schema(
    schema: &Value,
    value: &Value,
    at: &str,
    known: &mut BTreeSet<String>,
) -> Result<(), String> {
    let schema = resolve(schema).as_object().unwrap();
    if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
        for part in parts {
            check_schema(part, value, at, known)?;
        }
    }
    if let Some(parts) = schema.get("oneOf").and_then(Value::as_array) {
        one_of(parts, value, at, known)?;
    }
    if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
        && !allowed.contains(value)
    {
        return Err(format!("{at} is none of {allowed:?}"));
    }
    of_type(schema, value, at)?;
    if let (Some(items), Some(values)) = (schema.get("items"), value.as_array()) {
        for (index, value) in values.iter().enumerate() {
            check_schema(items, value, &format!("{at}/{index}"), known)?;
        }
    }
    match value.as_object() {
        Some(object) => fields(schema, object, at, known),
        None => Ok(()),
    }
}

fn one_of(parts: &[Value], value: &Value, at: &str, known: &mut BTreeSet<String>) -> Result<(), String> {
    let mut reasons = Vec::new();
    for part in parts {
        let mut within = BTreeSet::new();
        match check_schema(part, value, at, &mut within) {
            Ok(()) => {
                known.extend(within);
                return Ok(());
            }
            Err(why) => reasons.push(why),
        }
    }
    Err(reasons.join("; or "))
}

fn of_type(schema: &Map<String, Value>, value: &Value, at: &str) -> Result<(), String> {
    let types: Vec<&str> = match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => return Ok(()),
    };
    let is = |one: &str| match one {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        _ => value.is_null(),
    };
    if types.iter().any(|one| is(one)) { Ok(()) } else { Err(format!("{at} is {value}, not {types:?}")) }
}

fn fields(
    schema: &Map<String, Value>,
    object: &Map<String, Value>,
    at: &str,
    known: &mut BTreeSet<String>,
) -> Result<(), String> {
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    if let Some(missing) = required.filter_map(Value::as_str).find(|name| !object.contains_key(*name)) {
        return Err(format!("{at}/{missing} is missing"));
    }
    if schema.contains_key("additionalProperties") {
        known.extend(object.keys().map(|name| format!("{at}/{name}")));
        known.insert(format!("{at}/*"));
    }
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        if let Some(value) = object.get(name) {
            known.insert(format!("{at}/{name}"));
            check_schema(property, value, &format!("{at}/{name}"), known)?;
        }
    }
    Ok(())
}

/// A field of an answer that no schema describes; below free fields nothing is asked.
pub(crate) fn undocumented_field(value: &Value, at: &str, known: &BTreeSet<String>) -> Option<String> {
    match value {
        Value::Object(_) if known.contains(&format!("{at}/*")) => None,
        Value::Object(object) => object.iter().find_map(|(name, value)| {
            let path = format!("{at}/{name}");
            if known.contains(&path) { undocumented_field(value, &path, known) } else { Some(path) }
        }),
        Value::Array(values) => values
            .iter()
            .enumerate()
            .find_map(|(index, value)| undocumented_field(value, &format!("{at}/{index}"), known)),
        _ => None,
    }
}
