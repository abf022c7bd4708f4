//! Where pictures are made, and what is kept of them within a bound: artwork as pixels, and finished pictures.

use std::sync::Arc;

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
use resvg::tiny_skia::Pixmap;

use super::artwork::Source;
use super::raster::RasterError;
use super::sheet::SheetError;

/// Why a picture was not made.
#[derive(Debug, thiserror::Error)]
pub enum DrawError {
    /// It could not be drawn.
    #[error(transparent)]
    Sheet(#[from] SheetError),
    /// It could not be written.
    #[error(transparent)]
    Raster(#[from] RasterError),
}

/// What a picture is known by.
pub type Key = [u8; 32];

/// A picture as bytes.
pub type Bytes = Arc<Vec<u8>>;

/// Where pictures are made. Everything here takes milliseconds of the thread that asks.
pub struct Studio {
    pub(super) artwork: Source,
    pub(super) layers: Cache<Layer, Arc<Pixmap>, ByBytes>,
    finished: Cache<Key, Bytes, ByBytes>,
}

/// Pixels that many pictures begin with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Layer {
    /// Artwork, title and panel of a route, by the hash of all that decides how they look.
    Face(Key),
    /// A place of a card, by the same.
    Place(Key),
}

#[derive(Clone, Debug)]
pub(super) struct ByBytes;

impl Weighter<Layer, Arc<Pixmap>> for ByBytes {
    fn weight(&self, _: &Layer, pixels: &Arc<Pixmap>) -> u64 {
        pixels.data().len() as u64
    }
}

impl Weighter<Key, Bytes> for ByBytes {
    fn weight(&self, _: &Key, bytes: &Bytes) -> u64 {
        bytes.len() as u64
    }
}

impl Studio {
    /// A studio that keeps at most so many bytes, two thirds of them as pixels.
    #[must_use]
    pub fn new(artwork: Source, most_bytes: u64) -> Studio {
        let finished = most_bytes / 3;
        Studio { artwork, layers: bounded(most_bytes - finished), finished: bounded(finished) }
    }

    /// Where the artwork lies.
    #[must_use]
    pub fn artwork(&self) -> &Source {
        &self.artwork
    }

    /// A picture that was finished before.
    #[must_use]
    pub fn finished(&self, key: &Key) -> Option<Bytes> {
        self.finished.get(key)
    }

    /// A picture that was finished before, or is made now; who asks for the same meanwhile waits for it.
    ///
    /// # Errors
    /// When it could not be made; then the next one tries again.
    pub fn finish<E>(&self, key: Key, make: impl FnOnce() -> Result<Vec<u8>, E>) -> Result<Bytes, E> {
        self.finished.get_or_insert_with(&key, || make().map(Arc::new))
    }
}

/// One shard: a picture that is larger than a part of the bound would else never be kept.
fn bounded<K: Eq + std::hash::Hash, V: Clone>(most_bytes: u64) -> Cache<K, V, ByBytes>
where
    ByBytes: Weighter<K, V>,
{
    // Pictures have some hundred kilobytes; the number is only where the table begins.
    let options = OptionsBuilder::new().shards(1).estimated_items_capacity(64).weight_capacity(most_bytes).build();
    match options {
        Ok(options) => {
            Cache::with_options(options, ByBytes, DefaultHashBuilder::default(), DefaultLifecycle::default())
        }
        Err(_) => Cache::with_weighter(64, most_bytes, ByBytes),
    }
}
