//! The design of a carnival's entries, with defaults for what the file leaves out.

use std::collections::HashSet;

use jiff::civil::Date;

use super::{Carnival, Route};
use crate::rules::design::{ArtworkPath, CardPattern, Colour, DayMark, MarkSymbol};

impl Carnival {
    /// The ink of a route: declared in the file, or chosen by the route's index in the file.
    #[must_use]
    pub fn colour(&self, route: &Route) -> Colour {
        route.colour.unwrap_or_else(|| Colour::default_for_route(self.index_in_file(route)))
    }

    /// The pattern of a route: declared in the file, or chosen by the route's index in the file.
    #[must_use]
    pub fn pattern(&self, route: &Route) -> CardPattern {
        route.pattern.unwrap_or_else(|| CardPattern::default_for_route(self.index_in_file(route)))
    }

    fn index_in_file(&self, route: &Route) -> usize {
        self.routes.iter().position(|one| one.id == route.id).unwrap_or_default()
    }

    /// The mark of this day, if it has one.
    #[must_use]
    pub fn day_mark(&self, day: Date) -> Option<&DayMark> {
        self.day_marks.iter().find(|mark| mark.day == day)
    }

    /// Every artwork file that the carnival refers to, each once: routes first, then points, then days.
    #[must_use]
    pub fn artwork(&self) -> Vec<&ArtworkPath> {
        let of_routes = self.routes.iter().filter_map(|route| route.artwork.as_ref());
        let of_points = self.points.iter().filter_map(|point| point.stamp.as_ref());
        let of_days = self.day_marks.iter().filter_map(|day| match &day.mark {
            MarkSymbol::Custom(path) => Some(path),
            MarkSymbol::Opening | MarkSymbol::Umbrella | MarkSymbol::Star | MarkSymbol::Flag => None,
        });
        let mut unique = HashSet::new();
        of_routes.chain(of_points).chain(of_days).filter(|path| unique.insert(*path)).collect()
    }
}
