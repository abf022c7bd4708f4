//! Renders pictures and caches them within a memory limit: layers as pixels, and encoded pictures.

use std::sync::Arc;

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
use resvg::tiny_skia::Pixmap;

use super::artwork::ArtworkSource;
use super::qr::QrError;
use super::raster::RasterError;
use super::svg_document::SvgError;

/// Why a picture or a page to print cannot be rendered.
#[derive(Debug, thiserror::Error)]
pub enum DrawError {
    /// The QR code failed.
    #[error(transparent)]
    Code(#[from] QrError),
    /// Drawing or writing the PDF failed.
    #[error(transparent)]
    Svg(#[from] SvgError),
    /// Encoding the pixels failed.
    #[error(transparent)]
    Raster(#[from] RasterError),
    /// The text read back from a poster's page is not the text of the point's code.
    #[error("the code on the poster of point {0} cannot be read back from its page")]
    CodeUnreadable(String),
}

/// Cache key of a picture: a hash of everything that determines its pixels.
pub type ImageKey = [u8; 32];

/// An encoded picture.
pub type ImageBytes = Arc<[u8]>;

/// Renders pictures. Every call takes milliseconds of CPU time on the calling thread.
pub struct Renderer {
    pub(super) artwork: ArtworkSource,
    pub(super) layers: Cache<Layer, Arc<Pixmap>, ByteWeighter>,
    images: Cache<ImageKey, ImageBytes, ByteWeighter>,
}

/// Cached pixels that many pictures share.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Layer {
    /// Artwork, title and panel of a route's postcards, by a hash of everything that determines how they look.
    Base(ImageKey),
    /// A stamp slot of a postcard, by such a hash.
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
    /// A renderer whose caches take at most `max_bytes`: two thirds for layers, one third for encoded pictures.
    #[must_use]
    pub fn new(artwork: ArtworkSource, max_bytes: u64) -> Renderer {
        let images = max_bytes / 3;
        Renderer { artwork, layers: bounded_cache(max_bytes - images), images: bounded_cache(images) }
    }

    /// Where artwork files are read from.
    #[must_use]
    pub fn artwork(&self) -> &ArtworkSource {
        &self.artwork
    }

    /// The cached picture, if there is one.
    #[must_use]
    pub fn cached(&self, key: &ImageKey) -> Option<ImageBytes> {
        self.images.get(key)
    }

    /// Returns the cached picture or renders it; concurrent callers of the same key wait for one rendering.
    ///
    /// # Errors
    /// Returns the error of the rendering; the next caller tries again.
    pub fn get_or_render<E>(
        &self,
        key: ImageKey,
        render: impl FnOnce() -> Result<Vec<u8>, E>,
    ) -> Result<ImageBytes, E> {
        self.images.get_or_insert_with(&key, || render().map(Arc::from))
    }
}

/// One shard: with several, a picture larger than one shard's part of the limit would never be cached.
fn bounded_cache<K: Eq + std::hash::Hash, V: Clone>(max_bytes: u64) -> Cache<K, V, ByteWeighter>
where
    ByteWeighter: Weighter<K, V>,
{
    // A picture has some hundred kilobytes. The estimate only sets the initial size of the table.
    let options = OptionsBuilder::new().shards(1).estimated_items_capacity(64).weight_capacity(max_bytes).build();
    match options {
        Ok(options) => {
            Cache::with_options(options, ByteWeighter, DefaultHashBuilder::default(), DefaultLifecycle::default())
        }
        Err(_) => Cache::with_weighter(64, max_bytes, ByteWeighter),
    }
}
