//! Whether the stamps of a route fit on its postcard.

use super::entry::{Entry, Place};
use super::look::Look;
use super::table::Table;
use super::{points, routes};
use crate::rules::look::CardPlace;

/// How many points are named that have no place.
const NAMED: usize = 10;

/// Complains of stamps that lie upon each other, and of routes whose points have a place in part.
pub(super) fn fit(root: &Table<'_>, routes: &[routes::Draft], points: &[points::Draft]) {
    for route in routes {
        let Ok(id) = &route.id else { continue };
        let own: Vec<&points::Draft> = points.iter().filter(|point| point.is_of(id)).collect();
        all_or_none_has_a_place(root, route, &own);
        none_covers_another(root, &own);
    }
}

fn all_or_none_has_a_place(root: &Table<'_>, route: &routes::Draft, points: &[&points::Draft]) {
    let without: Vec<_> = points.iter().filter(|point| matches!(point.place, Ok(None))).collect();
    if without.is_empty() || without.len() == points.len() {
        return;
    }
    let named: Vec<Entry> = without.iter().take(NAMED).map(|point| point.entry.clone()).collect();
    let more = without.len() - named.len();
    root.tell_at(&route.place, Look::PlacesMissing { points: named, more });
}

/// Each stamp is told of once, with the nearest of those before it.
fn none_covers_another(root: &Table<'_>, points: &[&points::Draft]) {
    // So that decimals that no computer writes exactly may lie exactly as far apart as they must.
    const HAIR_MM: f64 = 1e-6;
    let mut before: Vec<(CardPlace, &Place)> = Vec::new();
    for point in points {
        let Ok(Some((here, place))) = &point.place else { continue };
        let distances = before.iter().map(|(there, other)| (here.distance_mm(*there), *other));
        let nearest = distances.min_by(|(one, _), (other, _)| one.total_cmp(other));
        if let Some((apart_mm, other)) = nearest.filter(|(mm, _)| *mm < CardPlace::APART_MM - HAIR_MM) {
            root.tell_at(place, Look::PlacesTooNear { other: other.clone(), apart_mm });
        }
        before.push((*here, place));
    }
}
