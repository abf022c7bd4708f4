//! Days with a mark of their own.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rules::design::{DayMark, MarkSymbol};

/// What is printed beside each stamp of a day.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct DayMarkView {
    /// The day.
    #[schema(example = "2023-04-13")]
    day: String,
    /// What the day is called.
    #[schema(example = "开幕日")]
    name: String,
    /// What is printed.
    #[schema(example = "opening")]
    mark: MarkView,
}

/// The mark of a day.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum MarkView {
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
pub(super) fn day_mark(day_mark: &DayMark) -> DayMarkView {
    DayMarkView {
        day: day_mark.day.to_string(),
        name: day_mark.name.clone(),
        mark: match day_mark.mark {
            MarkSymbol::Opening => MarkView::Opening,
            MarkSymbol::Umbrella => MarkView::Umbrella,
            MarkSymbol::Star => MarkView::Star,
            MarkSymbol::Flag => MarkView::Flag,
            MarkSymbol::Custom(_) => MarkView::Drawn,
        },
    }
}
