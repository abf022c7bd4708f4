//! Two stamps of one passport that are too far apart in too short a time: for a human to look at.
//! Nobody is banned by a formula.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::carnival::Carnival;
use super::distance::{metres_between, rounded_metres};
use super::ids::{ParseError, PassportNumber, PointNumber, string_conversions};
use super::passport::{Passport, Stamp, StampSource};

/// Neighbours are never suspicious: a phone's clock plays no part, but a queue at the door does.
const MIN_DISTANCE_M: u32 = 300;

/// What a person walks in a minute, in metres (5 km/h).
const WALKING_M_PER_MINUTE: u32 = 83;

/// Which suspicion: the passport's number and which of its stamps came too soon, `0123456789ABC-7`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SuspicionId {
    /// Whose passport; names no person.
    pub passport: PassportNumber,
    /// The later stamp's ordinal in its passport.
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
        read().ok_or_else(|| ParseError::new(text, "a suspicion: a passport's number, a hyphen, a stamp's ordinal"))
    }
}

string_conversions!(SuspicionId);

/// Two stamps that are hard to walk between.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspicion {
    /// Which.
    pub id: SuspicionId,
    /// Where the earlier stamp was given.
    pub from: PointNumber,
    /// When.
    pub from_at: Timestamp,
    /// Where the later one was.
    pub to: PointNumber,
    /// When.
    pub to_at: Timestamp,
    /// How far apart the points are, in metres as the crow flies.
    pub metres: u32,
}

impl Suspicion {
    /// How long it took.
    #[must_use]
    pub fn elapsed(&self) -> SignedDuration {
        self.to_at.duration_since(self.from_at)
    }

    /// How many minutes it takes to walk, at 5 km/h in a straight line.
    #[must_use]
    pub fn walk_minutes(&self) -> u32 {
        self.metres.div_ceil(WALKING_M_PER_MINUTE)
    }
}

/// What an organiser did about a suspicion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuspicionDecision {
    /// Looked at, and left alone.
    Seen,
    /// The passport's gifts are not handed out before a talk at the booth.
    Hold,
    /// They are again.
    Release,
}

/// Whether a stamp came too soon after the one before it, given the fastest that is believed, in
/// kilometres an hour. Stamps by hand are not judged: ink is recorded when there is time; nor are
/// points of which nobody said where they are.
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
    use super::super::carnival::Location;
    use super::super::samples::{at, carnival, point_number, the};
    use super::*;

    fn two_points_apart() -> Carnival {
        let mut carnival = carnival();
        let at = |longitude| Some(Location { latitude: 30.66, longitude });
        carnival.points[0].location = at(104.10);
        // About 1.9 km east.
        carnival.points[1].location = at(104.12);
        carnival
    }

    fn passport(second: &str, how: StampSource) -> Passport {
        let stamp = |point, local, nth, how| Stamp { point: point_number(point), at: at(local), nth, how };
        let stamps = vec![stamp(1, "2023-04-14T10:00", 1, StampSource::Printed), stamp(2, second, 2, how)];
        Passport { number: the("0123456789ABC"), stamps }
    }

    #[test]
    fn two_kilometres_in_a_minute_are_told_with_what_it_takes_to_walk_them() {
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
    fn a_bus_is_believed() {
        assert_eq!(
            detect(&two_points_apart(), &passport("2023-04-14T10:05", StampSource::Printed), point_number(2), 30),
            None
        );
    }

    #[test]
    fn ink_and_points_without_a_place_are_not_judged() {
        let hand = StampSource::Hand { session: the("0123456789ABCDEF"), nonce: the("nonce-001") };
        assert_eq!(detect(&two_points_apart(), &passport("2023-04-14T10:01", hand), point_number(2), 30), None);
        assert_eq!(detect(&carnival(), &passport("2023-04-14T10:01", StampSource::Printed), point_number(2), 30), None);
    }

    #[test]
    fn a_clock_that_stepped_back_is_no_crash() {
        assert!(
            detect(&two_points_apart(), &passport("2023-04-14T09:00", StampSource::Printed), point_number(2), 30)
                .is_some()
        );
        assert!("0123456789ABC-0".parse::<SuspicionId>().is_err());
    }
}
