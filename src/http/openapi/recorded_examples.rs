//! Examples of requests and responses, recorded by a test from a server with the sample carnival. The test fails when they
//! are outdated.

use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::openapi::example::{Example, ExampleBuilder};
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Content, RefOr};

/// Keyed by route (`POST /v1/check-ins`), then by `request` or status, then by name.
pub(super) type RecordedExamples = BTreeMap<String, BTreeMap<String, BTreeMap<String, Value>>>;

/// Loads the recorded examples. Empty if the file is invalid; the test of the document detects that.
pub(super) fn load() -> RecordedExamples {
    serde_json::from_str(include_str!("examples.json")).unwrap_or_default()
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
