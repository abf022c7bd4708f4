//! The committed `openapi.json`, compressed by `build.rs`: what the server sends, and where it finds which methods a
//! path has, so that a start makes nothing.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::LazyLock;

use actix_web::http::header::EntityTag;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use flate2::read::GzDecoder;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::http::compressed_json;
use crate::http::errors::ApiError;

static COMPRESSED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json.gz"));

/// The document unpacked, once a client without gzip asks for it. All answers share it.
static PLAIN: LazyLock<io::Result<Bytes>> = LazyLock::new(|| unpack().map(Bytes::from));

/// The bytes at the end of a gzip file: the checksum and the length of its content.
const TRAILER_BYTES: usize = 8;

/// The document, unpacked.
pub(super) fn unpack() -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    GzDecoder::new(COMPRESSED).read_to_end(&mut text)?;
    Ok(text)
}

/// `GET /v1/openapi.json`.
pub(super) async fn get_document(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let trailer = COMPRESSED.last_chunk::<TRAILER_BYTES>().copied().unwrap_or_default();
    let tag = EntityTag::new_weak(format!("{:016x}", u64::from_be_bytes(trailer)));
    let plain = || PLAIN.as_ref().cloned().map_err(|error| error.kind().into());
    compressed_json::respond(&request, &tag, &Bytes::from_static(COMPRESSED), plain)
}

/// The part of the document that lists the methods of each path.
#[derive(Default, Deserialize)]
struct Paths {
    paths: BTreeMap<String, Methods>,
}

#[derive(Deserialize)]
struct Methods {
    get: Option<IgnoredAny>,
    post: Option<IgnoredAny>,
    put: Option<IgnoredAny>,
    delete: Option<IgnoredAny>,
}

/// Read when the first request with another method arrives.
static PATHS: LazyLock<Paths> =
    LazyLock::new(|| serde_json::from_slice(&unpack().unwrap_or_default()).unwrap_or_default());

/// The methods of a path of the document, in the form of the `Allow` header.
pub(in crate::http) fn allowed_methods(path: &str) -> Option<String> {
    let Methods { get, post, put, delete } = PATHS.paths.get(path)?;
    let known = [("GET, HEAD", get), ("POST", post), ("PUT", put), ("DELETE", delete)];
    let known = known.iter().filter(|(_, operation)| operation.is_some()).map(|(methods, _)| *methods);
    Some(known.collect::<Vec<_>>().join(", "))
}
