//! Completes what the derived schemas lack: the form of nonces, and optional flattened parts. For `#[serde(flatten)] Option<T>` the derive generates "all of these,
//! and (T or null)", which no value without the part satisfies. Here it becomes T's fields, none of them required.

use std::collections::BTreeMap;

use utoipa::openapi::{Object, RefOr, Schema};

type Schemas = BTreeMap<String, RefOr<Schema>>;

/// Corrects every optional flattened part.
pub(super) fn fix_optional_parts(schemas: &mut Schemas) {
    let all_schemas = schemas.clone();
    for schema in schemas.values_mut() {
        let RefOr::T(Schema::AllOf(all)) = schema else { continue };
        for item in &mut all.items {
            if let Some(part) = optional_part(item).and_then(|(name, about)| fields(&all_schemas, &name, &about)) {
                *item = RefOr::T(Schema::Object(part));
            }
        }
    }
}

/// Name and description of the part, if the item is an optional one.
fn optional_part(item: &RefOr<Schema>) -> Option<(String, String)> {
    let RefOr::T(Schema::OneOf(one)) = item else { return None };
    let [first, second] = one.items.as_slice() else { return None };
    one.items.iter().find_map(|item| match item {
        RefOr::Ref(part) if matches!((first, second), (RefOr::Ref(_), RefOr::T(_)) | (RefOr::T(_), RefOr::Ref(_))) => {
            let name = part.ref_location.rsplit('/').next()?;
            Some((name.to_owned(), part.description.clone()))
        }
        _ => None,
    })
}

/// Every property `nonce` of a request is a `Nonce`.
pub(super) fn add_nonce_pattern(schemas: &mut Schemas) {
    for schema in schemas.values_mut() {
        if let RefOr::T(Schema::Object(object)) = schema
            && let Some(RefOr::T(Schema::Object(nonce))) = object.properties.get_mut("nonce")
        {
            nonce.pattern = Some("^[A-Za-z0-9_-]{8,64}$".to_owned());
        }
    }
}

fn fields(schemas: &Schemas, name: &str, about: &str) -> Option<Object> {
    let RefOr::T(Schema::Object(part)) = schemas.get(name)? else { return None };
    let mut part = part.clone();
    part.required.clear();
    part.description = Some(format!("{about} All of these fields or none.").trim().to_owned());
    Some(part)
}
