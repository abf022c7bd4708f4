//! What the gifts refer to.

use super::registry::IdRegistry;
use super::{points, routes};
use crate::rules::carnival::DateRange;
use crate::rules::ids::{BoothId, RouteId};

/// The entries that were parsed before the gifts.
pub(super) struct GiftContext<'d> {
    pub(super) carnival_days: Option<DateRange>,
    pub(super) routes: &'d [routes::Draft],
    pub(super) points: &'d [points::Draft],
    /// Whether `points` contains every point of the file.
    pub(super) all_points_parsed: bool,
    pub(super) route_ids: &'d IdRegistry<RouteId>,
    pub(super) booth_ids: IdRegistry<BoothId>,
}
