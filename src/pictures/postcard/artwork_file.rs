//! References to the artwork that a postcard shows.

use crate::pictures::artwork::ArtworkSource;
use crate::rules::carnival::design::ArtworkPath;

/// An artwork file in its current version.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ArtworkFile {
    pub path: ArtworkPath,
    version: (u128, u64),
}

/// Artwork inside a stamp slot.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum InlayArtwork {
    /// A bundled day mark, by its keyword.
    Bundled(&'static str),
    /// A file of the carnival.
    File(ArtworkFile),
}

impl ArtworkFile {
    /// The file in its current version, from its metadata; the content is not read.
    pub(super) fn of(path: &ArtworkPath, source: &ArtworkSource) -> ArtworkFile {
        ArtworkFile { path: path.clone(), version: source.file_version(path) }
    }
}
