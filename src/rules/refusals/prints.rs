//! Refusals of greetings and posters.

use serde::Serialize;
use strum::{IntoStaticStr, VariantNames};

use super::kind::RefusalKind;
use super::sample_values::point;

/// The text or the poster cannot be printed.
#[derive(Clone, Debug, PartialEq, Serialize, IntoStaticStr, VariantNames)]
#[serde(untagged)]
#[strum(serialize_all = "snake_case")]
pub enum PrintRefusal {
    /// The greeting has too many characters.
    GreetingTooLong {
        /// Its length.
        length: usize,
        /// The maximum length.
        most: usize,
    },
    /// The greeting has too many lines.
    GreetingLines {
        /// Its number of lines.
        lines: usize,
        /// The maximum number of lines.
        most: usize,
    },
    /// The greeting contains an emoji.
    GreetingEmoji {
        /// The emoji.
        found: String,
    },
    /// A character without a glyph, or an invisible one.
    CannotBePrinted {
        /// The character.
        found: char,
    },
    /// The point accepts only the tablet's code and has no poster.
    NoPoster {
        /// The point's name.
        point: String,
    },
}

impl PrintRefusal {
    pub(super) fn kind(&self) -> RefusalKind {
        match self {
            Self::GreetingTooLong { .. }
            | Self::GreetingLines { .. }
            | Self::GreetingEmoji { .. }
            | Self::CannotBePrinted { .. } => RefusalKind::Unsuitable,
            Self::NoPoster { .. } => RefusalKind::Unknown,
        }
    }

    pub(super) fn samples() -> Vec<Self> {
        vec![
            Self::GreetingTooLong { length: 74, most: 60 },
            Self::GreetingLines { lines: 6, most: 4 },
            Self::GreetingEmoji { found: "😀".to_owned() },
            Self::CannotBePrinted { found: '𰻝' },
            Self::NoPoster { point: point() },
        ]
    }
}
