//! Where pictures are made, and what is kept of them within a bound: artwork as pixels, and finished pictures.

use std::sync::Arc;

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
use resvg::tiny_skia::Pixmap;

use super::artwork::ArtworkSource;
use super::raster::RasterError;
use super::svg::SvgError;

/// Why a picture was not made.
#[derive(Debug, thiserror::Error)]
pub enum DrawError {
    /// It could not be drawn.
    #[error(transparent)]
    Svg(#[from] SvgError),
    /// It could not be written.
    #[error(transparent)]
    Raster(#[from] RasterError),
}

/// What a picture is known by.
pub type ImageKey = [u8; 32];

/// A picture as bytes.
pub type ImageBytes = Arc<Vec<u8>>;

/// Where pictures are made. Everything here takes milliseconds of the thread that asks.
pub struct Renderer {
    pub(super) artwork: ArtworkSource,
    pub(super) layers: Cache<Layer, Arc<Pixmap>, ByteWeighter>,
    images: Cache<ImageKey, ImageBytes, ByteWeighter>,
}

/// Pixels that many pictures begin with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Layer {
    /// Artwork, title and panel of a route, by the hash of all that decides how they look.
    Base(ImageKey),
    /// A place of a card, by the same.
    Slot(ImageKey),
}

#[derive(Clone, Debug)]
pub(super) struct ByteWeighter;

impl Weighter<Layer, Arc<Pixmap>> for ByteWeighter {
    fn weight(&self, _: &Layer, pixels: &Arc<Pixmap>) -> u64 {
        pixels.data().len() as u64
    }
}

impl Weighter<ImageKey, ImageBytes> for ByteWeighter {
    fn weight(&self, _: &ImageKey, bytes: &ImageBytes) -> u64 {
        bytes.len() as u64
    }
}

impl Renderer {
    /// A studio that keeps at most so many bytes, two thirds of them as pixels.
    #[must_use]
    pub fn new(artwork: ArtworkSource, max_bytes: u64) -> Renderer {
        let images = max_bytes / 3;
        Renderer { artwork, layers: bounded_cache(max_bytes - images), images: bounded_cache(images) }
    }

    /// Where the artwork lies.
    #[must_use]
    pub fn artwork(&self) -> &ArtworkSource {
        &self.artwork
    }

    /// A picture that was finished before.
    #[must_use]
    pub fn cached(&self, key: &ImageKey) -> Option<ImageBytes> {
        self.images.get(key)
    }

    /// A picture that was finished before, or is made now; who asks for the same meanwhile waits for it.
    ///
    /// # Errors
    /// When it could not be made; then the next one tries again.
    pub fn get_or_render<E>(
        &self,
        key: ImageKey,
        render: impl FnOnce() -> Result<Vec<u8>, E>,
    ) -> Result<ImageBytes, E> {
        self.images.get_or_insert_with(&key, || render().map(Arc::new))
    }
}

/// One shard: a picture that is larger than a part of the bound would else never be kept.
fn bounded_cache<K: Eq + std::hash::Hash, V: Clone>(max_bytes: u64) -> Cache<K, V, ByteWeighter>
where
    ByteWeighter: Weighter<K, V>,
{
    // Pictures have some hundred kilobytes; the number is only where the table begins.
    let options = OptionsBuilder::new().shards(1).estimated_items_capacity(64).weight_capacity(max_bytes).build();
    match options {
        Ok(options) => {
            Cache::with_options(options, ByteWeighter, DefaultHashBuilder::default(), DefaultLifecycle::default())
        }
        Err(_) => Cache::with_weighter(64, max_bytes, ByteWeighter),
    }
}
