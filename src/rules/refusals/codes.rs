//! Refusals of codes, and of photos of codes.

use serde::Serialize;
use strum::{IntoStaticStr, VariantNames};

use super::kind::RefusalKind;
use super::sample_values::point;

/// The code does not count, or not here.
#[derive(Clone, Debug, PartialEq, Serialize, IntoStaticStr, VariantNames)]
#[serde(untagged)]
#[strum(serialize_all = "snake_case")]
pub enum CodeRefusal {
    /// Not a code of this carnival.
    CodeUnknown,
    /// A code of this carnival, but of a kind that is not accepted here.
    CodeOfAnotherKind,
    /// The code of a replaced poster.
    CodeReplaced {
        /// The point's name.
        point: String,
    },
    /// The code on the tablet has changed since.
    DisplayCodeTooOld,
    /// The point accepts only the tablet's code.
    DisplayCodeNeeded {
        /// The point's name.
        point: String,
    },
    /// The point accepts only the poster's code.
    PrintedCodeNeeded {
        /// The point's name.
        point: String,
    },
    /// A resident's personal code has expired; it is valid for five minutes.
    OwnCodeTooOld,
    /// The printed code of the point has reached the last generation.
    CodesUsedUp {
        /// The point's name.
        point: String,
    },
    /// The photo contains no code of this carnival.
    NoCodeFound,
    /// The photo is not an image or is broken.
    PhotoUnreadable,
    /// The photo has too many pixels.
    PhotoTooLarge {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Maximum number of pixels.
        most: u64,
    },
}

impl CodeRefusal {
    pub(super) fn kind(&self) -> RefusalKind {
        match self {
            Self::CodeUnknown => RefusalKind::Unknown,
            Self::CodeOfAnotherKind | Self::NoCodeFound | Self::PhotoUnreadable | Self::PhotoTooLarge { .. } => {
                RefusalKind::Unsuitable
            }
            Self::CodeReplaced { .. } | Self::DisplayCodeTooOld | Self::OwnCodeTooOld => RefusalKind::Outdated,
            Self::DisplayCodeNeeded { .. } | Self::PrintedCodeNeeded { .. } => RefusalKind::NotPermitted,
            Self::CodesUsedUp { .. } => RefusalKind::Conflict,
        }
    }

    pub(super) fn samples() -> Vec<Self> {
        vec![
            Self::CodeUnknown,
            Self::CodeOfAnotherKind,
            Self::CodeReplaced { point: point() },
            Self::DisplayCodeTooOld,
            Self::DisplayCodeNeeded { point: point() },
            Self::PrintedCodeNeeded { point: point() },
            Self::OwnCodeTooOld,
            Self::CodesUsedUp { point: point() },
            Self::NoCodeFound,
            Self::PhotoUnreadable,
            Self::PhotoTooLarge { width: 8000, height: 6000, most: 20_000_000 },
        ]
    }
}
