//! Days with a mark of their own.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rules::look::{DayMark, Mark};

/// What is printed beside each stamp of a day.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct DayMarkDocument {
    /// The day.
    #[schema(example = "2023-04-13")]
    day: String,
    /// What the day is called.
    #[schema(example = "开幕日")]
    name: String,
    /// What is printed.
    #[schema(example = "opening")]
    mark: MarkDocument,
}

/// The mark of a day.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum MarkDocument {
    /// Of the opening.
    Opening,
    /// Of a day of rain.
    Umbrella,
    /// A star.
    Star,
    /// A flag.
    Flag,
    /// A drawing of the carnival's own.
    Drawn,
}

/// The day as it is sent.
pub(super) fn day_mark(day_mark: &DayMark) -> DayMarkDocument {
    DayMarkDocument {
        day: day_mark.day.to_string(),
        name: day_mark.name.clone(),
        mark: match day_mark.mark {
            Mark::Opening => MarkDocument::Opening,
            Mark::Umbrella => MarkDocument::Umbrella,
            Mark::Star => MarkDocument::Star,
            Mark::Flag => MarkDocument::Flag,
            Mark::Drawn(_) => MarkDocument::Drawn,
        },
    }
}
