//! Detects two stamps of one passport that are too far apart for the time between them. An organiser decides; no
//! passport is ever blocked automatically.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::passport::{Passport, Stamp, StampSource};
use crate::rules::carnival::Carnival;
use crate::rules::carnival::location::{metres_between, rounded_metres};
use crate::rules::ids::{ParseError, PassportNumber, PointNumber, string_conversions};

/// Minimum distance in metres. Closer points are never suspicious: the time between two stamps depends on queues, not
/// on the distance.
const MIN_DISTANCE_M: u32 = 300;

/// Walking speed in metres per minute (5 km/h).
const WALKING_M_PER_MINUTE: u32 = 83;

/// The id of a suspicion: passport number and position of the later stamp, `0123456789ABC-7`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SuspicionId {
    /// The passport; names no person.
    pub passport: PassportNumber,
    /// Position of the later stamp in the passport, counted from 1.
    pub nth: u16,
}

impl fmt::Display for SuspicionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.passport, self.nth)
    }
}

impl FromStr for SuspicionId {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let read = || {
            let (passport, nth) = text.split_once('-')?;
            Some(SuspicionId { passport: passport.parse().ok()?, nth: nth.parse().ok().filter(|nth| *nth > 0)? })
        };
        read().ok_or_else(|| ParseError::new(text, "a suspicion id (passport number, hyphen, stamp position)"))
    }
}

string_conversions!(SuspicionId);

/// Two stamps that are implausibly far apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspicion {
    /// The id.
    pub id: SuspicionId,
    /// Point of the earlier stamp.
    pub from: PointNumber,
    /// Time of the earlier stamp.
    pub from_at: Timestamp,
    /// Point of the later stamp.
    pub to: PointNumber,
    /// Time of the later stamp.
    pub to_at: Timestamp,
    /// Straight-line distance between the points, in metres.
    pub metres: u32,
}

impl Suspicion {
    /// Time between the two stamps.
    #[must_use]
    pub fn elapsed(&self) -> SignedDuration {
        self.to_at.duration_since(self.from_at)
    }

    /// Minutes needed to walk the distance in a straight line at 5 km/h.
    #[must_use]
    pub fn walk_minutes(&self) -> u32 {
        self.metres.div_ceil(WALKING_M_PER_MINUTE)
    }
}

/// An organiser's decision about a suspicion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuspicionDecision {
    /// Reviewed, no action.
    Seen,
    /// The passport's gifts are withheld until a talk at the booth.
    Hold,
    /// The passport's gifts are handed out again.
    Release,
}

/// Compares a stamp with the previous one and returns a suspicion if the speed between them exceeds `max_speed_kmh`
/// (kilometres per hour). Ignores stamps recorded by hand, whose times are arbitrary, and points without a location.
#[must_use]
pub fn detect(carnival: &Carnival, passport: &Passport, point: PointNumber, max_speed_kmh: u32) -> Option<Suspicion> {
    let later = passport.stamp(point)?;
    let by_scan = |stamp: &&Stamp| !matches!(stamp.how, StampSource::Hand { .. });
    let earlier =
        passport.stamps.iter().filter(|stamp| stamp.nth < later.nth).filter(by_scan).max_by_key(|stamp| stamp.nth)?;
    by_scan(&later).then_some(())?;
    let place = |stamp: &Stamp| carnival.point(stamp.point)?.location;
    let metres = rounded_metres(metres_between(place(earlier)?, place(later)?));
    let elapsed = later.at.duration_since(earlier.at);
    let seconds = u64::try_from(elapsed.as_secs()).unwrap_or_default();
    let is_far = u64::from(metres) * 3600 > seconds * u64::from(max_speed_kmh) * 1000;
    (metres >= MIN_DISTANCE_M && is_far).then(|| Suspicion {
        id: SuspicionId { passport: passport.number.clone(), nth: later.nth },
        from: earlier.point,
        from_at: earlier.at,
        to: later.point,
        to_at: later.at,
        metres,
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;
    use crate::rules::carnival::Location;
    use crate::rules::samples::{at, carnival, point_number, the};

    fn two_points_apart() -> Carnival {
        let mut carnival = carnival();
        let at = |longitude| Some(Location { latitude: 30.66, longitude });
        carnival.points[0].location = at(104.10);
        // About 1.9 km east.
        carnival.points[1].location = at(104.12);
        carnival
    }

    fn passport(second: &str, how: StampSource) -> Passport {
        let stamp = |point, local, nth, how| Stamp { point: point_number(point), at: at(local), nth, how, rain: false };
        let stamps = vec![stamp(1, "2023-04-14T10:00", 1, StampSource::Printed), stamp(2, second, 2, how)];
        Passport { number: the("0123456789ABC"), stamps, undone: Vec::new() }
    }

    #[test]
    fn two_kilometres_in_a_minute_are_suspicious() {
        let found =
            detect(&two_points_apart(), &passport("2023-04-14T10:01", StampSource::Printed), point_number(2), 30)
                .unwrap();
        assert_eq!((found.from, found.to), (point_number(1), point_number(2)));
        assert!((1_900..1_930).contains(&found.metres), "{}", found.metres);
        assert_eq!((found.elapsed(), found.walk_minutes()), (SignedDuration::from_mins(1), 24));
        assert_eq!(found.id.to_string(), "0123456789ABC-2");
        assert_eq!(the::<SuspicionId>("0123456789ABC-2"), found.id);
    }

    #[test]
    fn the_speed_of_a_bus_is_plausible() {
        assert_eq!(
            detect(&two_points_apart(), &passport("2023-04-14T10:05", StampSource::Printed), point_number(2), 30),
            None
        );
    }

    #[test]
    fn ink_stamps_and_points_without_a_location_are_ignored() {
        let hand = StampSource::Hand { session: the("0123456789ABCDEF"), nonce: the("nonce-001"), day: None };
        assert_eq!(detect(&two_points_apart(), &passport("2023-04-14T10:01", hand), point_number(2), 30), None);
        assert_eq!(detect(&carnival(), &passport("2023-04-14T10:01", StampSource::Printed), point_number(2), 30), None);
    }

    #[test]
    fn a_clock_that_stepped_back_does_not_panic() {
        assert!(
            detect(&two_points_apart(), &passport("2023-04-14T09:00", StampSource::Printed), point_number(2), 30)
                .is_some()
        );
        assert!("0123456789ABC-0".parse::<SuspicionId>().is_err());
    }
}
