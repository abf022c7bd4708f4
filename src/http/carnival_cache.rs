//! The carnival's document, made once per version and compressed once.

use std::hash::{DefaultHasher, Hasher};
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::http::header::EntityTag;
use actix_web::web::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::carnival_view::carnival_view;
use super::error::{ApiError, RequestError};
use crate::actions::current_carnival::CurrentCarnival;

/// The document of the version that was asked for last.
#[derive(Default)]
pub struct CarnivalCache(Mutex<Option<Arc<RenderedCarnival>>>);

/// The document of one version.
pub struct RenderedCarnival {
    version: u64,
    /// Names the version, whichever form is sent.
    pub tag: EntityTag,
    /// The JSON.
    pub plain: Bytes,
    /// The same, compressed.
    pub gzip: Bytes,
}

impl CarnivalCache {
    /// The document of the version that counts.
    ///
    /// # Errors
    /// None that is known of; writing JSON can fail in principle.
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
    // Weak, because one tag stands for the plain and the compressed form. It is of the content, so
    // that all instances say the same, and a new program that says more is not taken for the old one.
    let mut content = DefaultHasher::new();
    content.write(&plain);
    let tag = EntityTag::new_weak(format!("{}-{:016x}", current.version, content.finish()));
    Ok(RenderedCarnival { version: current.version, tag, plain: plain.into(), gzip: gzip.finish()?.into() })
}
