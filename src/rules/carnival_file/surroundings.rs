//! What gifts refer to.

use super::ids::Ids;
use super::{points, routes};
use crate::rules::carnival::Days;
use crate::rules::ids::{BoothId, RouteId};

/// What was read before the gifts.
pub(super) struct Surroundings<'d> {
    pub(super) frame: Option<Days>,
    pub(super) routes: &'d [routes::Draft],
    pub(super) points: &'d [points::Draft],
    /// Whether those are all points.
    pub(super) points_known: bool,
    pub(super) route_ids: &'d Ids<RouteId>,
    pub(super) booth_ids: Ids<BoothId>,
}
