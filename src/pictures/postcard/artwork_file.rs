//! What is drawn on a card besides texts and rings.

use super::super::artwork::ArtworkSource;
use crate::rules::design::ArtworkPath;

/// A file of artwork as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ArtworkFile {
    pub path: ArtworkPath,
    version: (u128, u64),
}

/// What is drawn.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum InlayArtwork {
    /// One of the program's own marks, by its word.
    Bundled(&'static str),
    /// A file of the carnival's.
    File(ArtworkFile),
}

impl ArtworkFile {
    /// The file as it is now; it is looked at, not read.
    pub(super) fn of(path: &ArtworkPath, source: &ArtworkSource) -> ArtworkFile {
        ArtworkFile { path: path.clone(), version: source.file_version(path) }
    }
}
