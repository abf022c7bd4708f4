//! Days whose stamps carry an extra mark.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rules::carnival::design::{DayMark, MarkSymbol};

/// The mark printed next to each stamp of a day.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct DayMarkView {
    /// The day.
    #[schema(example = "2023-04-13")]
    day: String,
    /// The day's name.
    #[schema(example = "开幕日")]
    name: String,
    /// The printed mark.
    #[schema(example = "opening")]
    mark: MarkView,
}

/// The mark of a day.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum MarkView {
    /// The opening.
    Opening,
    /// A rainy day.
    Umbrella,
    /// A star.
    Star,
    /// A flag.
    Flag,
    /// A drawing from the carnival's artwork.
    Drawn,
}

/// The JSON representation of a day mark.
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
