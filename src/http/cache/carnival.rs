//! The JSON of `GET /v1/carnival`, rendered and compressed once per version and day.

use std::hash::{DefaultHasher, Hasher};
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::http::header::EntityTag;
use actix_web::web::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::actions::carnival::current_carnival::CurrentCarnival;
use crate::http::api::public::carnival_view::carnival_view;
use crate::http::errors::{ApiError, RequestError};
use crate::rules::carnival::Carnival;

/// Holds the JSON of the version that was requested last.
#[derive(Default)]
pub struct CarnivalCache(Mutex<Option<Arc<RenderedCarnival>>>);

/// The JSON of one version on one day.
pub struct RenderedCarnival {
    version: u64,
    /// Replaced when a closure takes something off; then the JSON is rendered again.
    carnival: Arc<Carnival>,
    today: Date,
    /// One tag for both encodings.
    pub tag: EntityTag,
    /// Uncompressed JSON.
    pub plain: Bytes,
    /// The same JSON, compressed with gzip.
    pub gzip: Bytes,
}

impl CarnivalCache {
    /// Returns the cached JSON of this version and day, or renders it.
    ///
    /// # Errors
    /// `RequestError::Internal` if serialisation or compression fails, which is not expected.
    pub fn get_or_render(&self, current: &CurrentCarnival, now: Timestamp) -> Result<Arc<RenderedCarnival>, ApiError> {
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let today = current.carnival.local(now).date();
        let is_current = |rendered: &&Arc<RenderedCarnival>| {
            rendered.version == current.version
                && rendered.today == today
                && Arc::ptr_eq(&rendered.carnival, &current.carnival)
        };
        if let Some(rendered) = cached.as_ref().filter(is_current) {
            return Ok(Arc::clone(rendered));
        }
        let rendered = Arc::new(render(current, today).map_err(|_| ApiError::Request(RequestError::Internal))?);
        *cached = Some(Arc::clone(&rendered));
        Ok(rendered)
    }
}

fn render(current: &CurrentCarnival, today: Date) -> std::io::Result<RenderedCarnival> {
    let plain = serde_json::to_vec(&carnival_view(current, today))?;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&plain)?;
    // Weak, because one tag covers the plain and the compressed form. The hash of the content makes all instances agree,
    // and changes the tag when a new release renders the same version differently.
    let mut content = DefaultHasher::new();
    content.write(&plain);
    let tag = EntityTag::new_weak(format!("{}-{:016x}", current.version, content.finish()));
    let (version, carnival) = (current.version, Arc::clone(&current.carnival));
    Ok(RenderedCarnival { version, carnival, today, tag, plain: plain.into(), gzip: gzip.finish()?.into() })
}
