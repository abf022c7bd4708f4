//! The JSON of `GET /v1/carnival`, rendered and compressed once per version.

use std::hash::{DefaultHasher, Hasher};
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::http::header::EntityTag;
use actix_web::web::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::actions::carnival::current_carnival::CurrentCarnival;
use crate::http::api::public::carnival_view::carnival_view;
use crate::http::errors::{ApiError, RequestError};

/// Holds the JSON of the version that was requested last.
#[derive(Default)]
pub struct CarnivalCache(Mutex<Option<Arc<RenderedCarnival>>>);

/// The JSON of one version.
pub struct RenderedCarnival {
    version: u64,
    /// One tag for both encodings.
    pub tag: EntityTag,
    /// Uncompressed JSON.
    pub plain: Bytes,
    /// The same JSON, compressed with gzip.
    pub gzip: Bytes,
}

impl CarnivalCache {
    /// Returns the cached JSON of this version or renders it.
    ///
    /// # Errors
    /// `RequestError::Internal` if serialisation or compression fails, which is not expected.
    pub fn get_or_render(&self, current: &CurrentCarnival) -> Result<Arc<RenderedCarnival>, ApiError> {
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rendered) = cached.as_ref().filter(|rendered| rendered.version == current.version) {
            return Ok(Arc::clone(rendered));
        }
        let rendered = Arc::new(render(current).map_err(|_| ApiError::Request(RequestError::Internal))?);
        *cached = Some(Arc::clone(&rendered));
        Ok(rendered)
    }
}

fn render(current: &CurrentCarnival) -> std::io::Result<RenderedCarnival> {
    let plain = serde_json::to_vec(&carnival_view(current))?;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&plain)?;
    // Weak, because one tag covers the plain and the compressed form. The hash of the content makes all instances agree,
    // and changes the tag when a new release renders the same version differently.
    let mut content = DefaultHasher::new();
    content.write(&plain);
    let tag = EntityTag::new_weak(format!("{}-{:016x}", current.version, content.finish()));
    Ok(RenderedCarnival { version: current.version, tag, plain: plain.into(), gzip: gzip.finish()?.into() })
}
