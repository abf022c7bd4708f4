//! What is drawn on a card besides texts and rings.

use super::super::artwork::Source;
use crate::rules::design::ArtworkPath;

/// A file of artwork as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Picture {
    pub path: ArtworkPath,
    state: (u128, u64),
}

/// What is drawn.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Drawing {
    /// One of the program's own marks, by its word.
    Ours(&'static str),
    /// A file of the carnival's.
    File(Picture),
}

impl Picture {
    /// The file as it is now; it is looked at, not read.
    pub(super) fn of(path: &ArtworkPath, source: &Source) -> Picture {
        Picture { path: path.clone(), state: source.state(path) }
    }
}
