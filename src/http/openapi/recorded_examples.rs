//! Examples of requests and responses, recorded by a test from a server with the sample carnival. The committed document
//! carries them; the test fails when they are outdated.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use utoipa::openapi::example::{Example, ExampleBuilder};
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Content, RefOr};

use super::committed;

/// Keyed by route (`POST /v1/check-ins`), then by `request` or status, then by name.
pub type RecordedExamples = BTreeMap<String, BTreeMap<String, BTreeMap<String, Value>>>;

/// The examples of the committed document. None if it is invalid; the test of the document detects that.
pub(super) fn of_committed_document() -> RecordedExamples {
    let document: Value =
        committed::unpack().ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
    let mut recorded = RecordedExamples::new();
    for (path, item) in fields(&document["paths"]) {
        for (method, operation) in fields(item) {
            let responses = fields(&operation["responses"]).map(|(status, response)| (status.as_str(), response));
            for (part, body) in responses.chain([("request", &operation["requestBody"])]) {
                let examples = fields(&body["content"]).flat_map(|(_, content)| fields(&content["examples"]));
                // The examples of problems are references, without a value of their own.
                for (name, value) in examples.filter_map(|(name, example)| Some((name, example.get("value")?))) {
                    let of_route = recorded.entry(format!("{} {path}", method.to_uppercase())).or_default();
                    of_route.entry(part.to_owned()).or_default().insert(name.clone(), value.clone());
                }
            }
        }
    }
    recorded
}

fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

/// Adds the examples of an operation.
pub(super) fn add(recorded: &RecordedExamples, method: &str, path: &str, operation: &mut Operation) {
    let Some(of_route) = recorded.get(&format!("{method} {path}")) else { return };
    for (part, examples) in of_route {
        let content = if part == "request" {
            match &mut operation.request_body {
                Some(RefOr::T(body)) => body.content.values_mut().next(),
                _ => None,
            }
        } else {
            match operation.responses.responses.get_mut(part) {
                Some(RefOr::T(response)) => response.content.values_mut().next(),
                _ => None,
            }
        };
        if let Some(RefOr::T(content)) = content {
            add_to(content, examples);
        }
    }
}

fn add_to(content: &mut Content, examples: &BTreeMap<String, Value>) {
    let example = |value: &Value| -> Example { ExampleBuilder::new().value(Some(value.clone())).build() };
    content.examples.extend(examples.iter().map(|(name, value)| (name.clone(), example(value).into())));
}
