//! Guards against an OpenAPI document that is outdated or incomplete.

mod recorded_examples;

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::PathBuf;

use carnival::rules::refusals::Refusal;
use flate2::read::GzDecoder;
use reqwest::Method;
use serde_json::Value;

use crate::openapi_checker::{OPENAPI, check_schema, resolve, undocumented_field};
use crate::test_app::{Answer, TestApp};

fn file(path: &str) -> String {
    fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Method, path and operation of every route.
fn operations() -> Vec<(String, &'static str, &'static Value)> {
    let paths = OPENAPI["paths"].as_object().unwrap();
    let of = |(path, item): (&'static String, &'static Value)| {
        let operations = item.as_object().unwrap().iter();
        operations.map(|(method, operation)| (method.to_uppercase(), path.as_str(), operation)).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of).collect()
}

#[test]
fn the_committed_document_is_current() {
    let committed = file("openapi.json");
    let current = carnival::http::routes::openapi_json(None);
    assert!(committed == current, "openapi.json is not current: {}", recorded_examples::HOW);
}

#[test]
fn every_route_of_the_table_is_in_the_document() {
    // Each handler has its method and path in an attribute; the route table lists handlers by name.
    let mut folders = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/http")];
    let mut declared = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        let (inner, files): (Vec<_>, Vec<_>) =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).partition(|path| path.is_dir());
        folders.extend(inner);
        let sources = files.iter().filter(|path| path.extension().is_some_and(|ending| ending == "rs"));
        for line in
            sources.flat_map(|path| fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect::<Vec<_>>())
        {
            for method in ["get", "post", "put", "delete"] {
                if let Some(rest) = line.strip_prefix(&format!("#[{method}(\"")) {
                    declared.insert(format!("{} {}", method.to_uppercase(), rest.trim_end_matches("\")]")));
                }
            }
        }
    }
    // Only the private socket serves these, and a test of the command line asks each of them at the address.
    declared.retain(|route| !route.contains(" /v1/operator/"));
    let known: BTreeSet<String> = operations().iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    assert_eq!(declared, known);
    assert!(known.len() > 20, "{known:?}");
}

#[test]
fn every_operation_lists_its_roles_and_responses() {
    let mut ids = BTreeSet::new();
    for (method, path, operation) in operations() {
        let what = format!("{method} {path}");
        assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{what}: duplicate operationId");
        assert!(operation["summary"].as_str().is_some_and(|text| text.len() > 5), "{what} has no summary");
        let needs = match path {
            "/v1/scans" => vec!["resident", "volunteer", "organiser", "viewer", "reporter"],
            "/v1/sessions/staff/own" => vec!["volunteer", "organiser", "viewer", "reporter", "display"],
            "/v1/booth/summary" => vec!["volunteer", "organiser", "viewer", "reporter"],
            "/v1/booth/points/{point}/code" => vec!["volunteer", "organiser", "display"],
            "/v1/organiser/summary" | "/v1/organiser/ledger.csv" => vec!["organiser", "viewer"],
            _ if path.starts_with("/v1/me") || path == "/v1/check-ins" => vec!["resident"],
            _ if path.starts_with("/v1/booth") => vec!["volunteer", "organiser"],
            _ if path.starts_with("/v1/organiser") => vec!["organiser"],
            _ => Vec::new(),
        };
        let named: Vec<&String> =
            operation["security"].as_array().unwrap().iter().flat_map(|one| one.as_object().unwrap().keys()).collect();
        assert_eq!(named, needs, "{what}");
        let responses = operation["responses"].as_object().unwrap();
        // A repeated invitation returns its session, which may have ended.
        let may_be_ended = !needs.is_empty() || path == "/v1/sessions/staff";
        assert_eq!(responses.contains_key("401"), may_be_ended, "{what}");
        let limited = !needs.is_empty() || path.starts_with("/v1/sessions") || path.starts_with("/q/");
        assert_eq!(responses.contains_key("429"), limited, "{what}");
        assert!(responses.keys().any(|status| status.starts_with('2')), "{what} has no success response");
        for parameter in operation["parameters"].as_array().unwrap() {
            assert!(resolve(parameter)["description"].is_string(), "{what}: {parameter}");
        }
        let placeholders = path.matches('{').count();
        let in_path = operation["parameters"].as_array().unwrap().iter().filter(|one| one["in"] == "path").count();
        assert_eq!(placeholders, in_path, "{what}");
    }
}

#[test]
fn every_body_has_a_schema_and_a_complete_valid_example() {
    for (method, path, operation) in operations() {
        let mut contents = vec![("request".to_owned(), &operation["requestBody"]["content"])];
        let responses = operation["responses"].as_object().unwrap();
        for (status, response) in responses.iter().filter(|(status, _)| status.starts_with('2') && *status != "204") {
            contents.push((status.clone(), &response["content"]));
            assert!(response["content"].is_object(), "{method} {path} {status} has no content");
        }
        for (part, content) in contents.iter().filter(|(_, content)| content.get("application/json").is_some()) {
            let content = &content["application/json"];
            let what = format!("{method} {path}, {part}");
            let examples = content["examples"].as_object().unwrap_or_else(|| panic!("{what} has no example"));
            for (name, example) in examples {
                let mut known = BTreeSet::new();
                let value = &resolve(example)["value"];
                check_schema(&content["schema"], value, "", &mut known)
                    .unwrap_or_else(|why| panic!("{what}, {name}: {why}"));
                assert_eq!(undocumented_field(value, "", &known), None, "{what}, {name}");
            }
        }
    }
}

#[test]
fn every_error_code_has_an_example_that_a_route_references() {
    let literals = |text: &str| -> BTreeSet<String> {
        let quoted = text.split('"').skip(1).step_by(2).map(str::to_owned);
        quoted.filter(|word| word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') && word.len() > 3).collect()
    };
    let mut codes: BTreeSet<String> = Refusal::codes().into_iter().map(str::to_owned).collect();
    assert!(codes.len() > 40, "{codes:?}");
    let errors = file("src/http/errors.rs");
    let failures: String =
        errors.lines().filter(|line| line.contains("(StatusCode::") && line.contains(", \"")).collect();
    codes.extend(literals(&failures));
    assert!(codes.contains("store_unavailable") && codes.contains("bad_request"), "{codes:?}");
    let text = OPENAPI.to_string();
    for code in &codes {
        let example = &OPENAPI["components"]["examples"][code.as_str()]["value"];
        assert_eq!(example["code"].as_str(), Some(code.as_str()), "no example of it");
        let reference = format!("\"#/components/examples/{code}\"");
        assert!(text.contains(&reference), "no route lists {code}; a handler declares it in `x-problems`");
    }
    let examples = OPENAPI["components"]["examples"].as_object().unwrap();
    assert_eq!(examples.keys().cloned().collect::<BTreeSet<_>>(), codes);
}

#[test]
fn every_reference_resolves_and_every_field_is_described() {
    fn check_references(value: &Value, at: &str) {
        match value {
            Value::Object(object) => {
                if object.get("$ref").is_some_and(Value::is_string) {
                    resolve(value);
                }
                for (name, part) in object {
                    check_references(part, &format!("{at}/{name}"));
                }
            }
            Value::Array(parts) => parts.iter().for_each(|part| check_references(part, at)),
            _ => {}
        }
    }
    fn check_descriptions(schema: &Value, at: &str) {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let parts = property["oneOf"].as_array().into_iter().flatten();
            let own = property["description"].is_string();
            let of_a_part = parts.chain([property]).any(|part| part["description"].is_string());
            // A bare reference takes the description of its target.
            let lead = property.get("$ref").is_some() && resolve(property)["description"].is_string();
            assert!(own || of_a_part || lead, "{at}.{name} has no description");
        }
        for part in ["allOf", "oneOf"].iter().filter_map(|of| schema[of].as_array()).flatten() {
            check_descriptions(part, at);
        }
    }
    check_references(&OPENAPI, "");
    for (name, schema) in OPENAPI["components"]["schemas"].as_object().unwrap() {
        assert!(schema["description"].is_string(), "{name} has no description");
        check_descriptions(schema, name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_serves_the_same_document_packed_or_not() {
    let app = TestApp::start().await;
    let ask = || app.anonymous().request(Method::GET, "/v1/openapi.json");
    let plain = ask().send().await.unwrap();
    let tag = plain.headers()["etag"].clone();
    assert_eq!(plain.headers().get("content-encoding"), None);
    let plain = Answer::of(plain).await;
    assert_eq!((plain.status, plain.media_type()), (200, "application/json"));
    assert_eq!(plain.body, *OPENAPI);

    let packed = ask().header("accept-encoding", "br, gzip").send().await.unwrap();
    assert_eq!(packed.status(), 200);
    let named = ["content-encoding", "content-type", "vary"].map(|name| packed.headers()[name].to_str().unwrap());
    assert_eq!(named, ["gzip", "application/json", "Accept-Encoding"]);
    assert_eq!(packed.headers()["etag"], tag);
    let packed = packed.bytes().await.unwrap();
    assert!(packed.len() < 120_000, "{} bytes", packed.len());
    let mut text = String::new();
    GzDecoder::new(&*packed).read_to_string(&mut text).unwrap();
    assert_eq!(text, file("openapi.json"));

    for (known, status) in [(tag.to_str().unwrap(), 304), ("W/\"0\"", 200)] {
        assert_eq!(ask().header("if-none-match", known).send().await.unwrap().status(), status, "{known}");
    }
}
