//! Completes what the derived schemas lack: the form of nonces, and optional flattened parts. For `#[serde(flatten)] Option<T>` the derive generates "all of these,
//! and (T or null)", which no value without the part satisfies. Here it becomes T's fields, none of them required.

use std::collections::BTreeMap;

use utoipa::openapi::{Object, Ref, RefOr, Schema};

type Schemas = BTreeMap<String, RefOr<Schema>>;

/// Corrects every optional flattened part.
pub(super) fn fix_optional_parts(schemas: &mut Schemas) {
    let all_schemas = schemas.clone();
    for schema in schemas.values_mut() {
        let RefOr::T(Schema::AllOf(all)) = schema else { continue };
        for item in &mut all.items {
            if let Some(part) = optional_part(item).and_then(|part| fields(&all_schemas, part)) {
                *item = RefOr::T(Schema::Object(part));
            }
        }
    }
}

/// The part, if the item is an optional one.
fn optional_part(item: &RefOr<Schema>) -> Option<&Ref> {
    let RefOr::T(Schema::OneOf(one)) = item else { return None };
    match one.items.as_slice() {
        [RefOr::Ref(part), RefOr::T(_)] | [RefOr::T(_), RefOr::Ref(part)] => Some(part),
        _ => None,
    }
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

fn fields(schemas: &Schemas, part: &Ref) -> Option<Object> {
    let name = part.ref_location.rsplit('/').next()?;
    let RefOr::T(Schema::Object(object)) = schemas.get(name)? else { return None };
    let mut object = object.clone();
    object.required.clear();
    object.description = Some(format!("{} All of these fields or none.", part.description).trim().to_owned());
    Some(object)
}
