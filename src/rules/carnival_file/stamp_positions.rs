//! Checks that the stamps of a route fit on its postcard.

use super::mistake::{Entry, MistakeKind, SourcePosition};
use super::table::Table;
use super::{points, routes};
use crate::rules::carnival::design::CardPosition;

/// Maximum number of points listed in a message.
const MAX_NAMED_POINTS: usize = 10;

/// Reports overlapping stamps, and routes where only some points have a position.
pub(super) fn report_misplaced_stamps(root: &Table<'_>, routes: &[routes::Draft], points: &[points::Draft]) {
    for route in routes {
        let Ok(id) = &route.id else { continue };
        let own: Vec<&points::Draft> = points.iter().filter(|point| point.belongs_to(id)).collect();
        report_missing_positions(root, route, &own);
        report_overlaps(root, &own);
    }
}

fn report_missing_positions(root: &Table<'_>, route: &routes::Draft, points: &[&points::Draft]) {
    let without: Vec<_> = points.iter().filter(|point| matches!(point.card_position, Ok(None))).collect();
    if without.is_empty() || without.len() == points.len() {
        return;
    }
    let named: Vec<Entry> = without.iter().take(MAX_NAMED_POINTS).map(|point| point.entry.clone()).collect();
    let more = without.len() - named.len();
    root.report_at(&route.position, MistakeKind::PlacesMissing { points: named, more });
}

/// Reports each stamp at most once, together with the nearest earlier one.
fn report_overlaps(root: &Table<'_>, points: &[&points::Draft]) {
    // Tolerance for rounding errors, so that stamps at exactly the minimum distance are accepted.
    const HAIR_MM: f64 = 1e-6;
    let mut before: Vec<(CardPosition, &SourcePosition)> = Vec::new();
    for point in points {
        let Ok(Some((here, position))) = &point.card_position else { continue };
        let distances = before.iter().map(|(there, other)| (here.distance_mm(*there), *other));
        let nearest = distances.min_by(|(one, _), (other, _)| one.total_cmp(other));
        if let Some((apart_mm, other)) = nearest.filter(|(mm, _)| *mm < CardPosition::MIN_DISTANCE_MM - HAIR_MM) {
            root.report_at(position, MistakeKind::PlacesTooNear { other: other.clone(), apart_mm });
        }
        before.push((*here, position));
    }
}
