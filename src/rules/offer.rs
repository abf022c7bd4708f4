//! What an invitation may offer: to whom, where, how often, until when.

use std::ops::RangeInclusive;

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp};

use super::carnival::Carnival;
use super::ids::{BoothId, PointId};
use super::roles::{Place, Role};

/// How many may accept one invitation.
pub const USES: RangeInclusive<u16> = 1..=1_000;

/// How long an invitation can be accepted if nothing is said.
pub const USUAL: SignedDuration = SignedDuration::from_hours(24);

/// What an invitation offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The role.
    pub role: Role,
    /// Where; organisers work everywhere.
    pub place: Option<Place>,
    /// How many may accept.
    pub uses: u16,
    /// Until when it can be accepted.
    pub until: Timestamp,
}

/// What somebody would like to offer.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// The role.
    pub role: Role,
    /// The booth where a volunteer will work,
    pub booth: Option<BoothId>,
    /// or the point.
    pub point: Option<PointId>,
    /// How many may accept.
    pub uses: u16,
    /// Until when: see [`read_until`]; without it, for [`USUAL`].
    pub until: Option<&'a str>,
}

/// Why something cannot be offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAnOffer {
    /// No such booth in this carnival.
    NoBooth(BoothId),
    /// No such point in this carnival.
    NoPoint(PointId),
    /// A volunteer has one place, an organiser none.
    Place,
    /// Not as many as [`USES`].
    Uses,
    /// No time that can be read.
    UntilUnreadable,
    /// A time that is past.
    UntilPast,
}

impl Offer {
    /// Judges what is wanted.
    ///
    /// # Errors
    /// What is wrong with it first.
    pub fn judge(carnival: &Carnival, wanted: Wanted<'_>, now: Timestamp) -> Result<Offer, NotAnOffer> {
        let Wanted { role, booth, point, uses, until } = wanted;
        let place = match (booth, point) {
            (Some(booth), None) if carnival.booth(&booth).is_none() => return Err(NotAnOffer::NoBooth(booth)),
            (None, Some(point)) if carnival.point_named(&point).is_none() => return Err(NotAnOffer::NoPoint(point)),
            (Some(_), Some(_)) => return Err(NotAnOffer::Place),
            (Some(booth), None) => Some(Place::Booth(booth)),
            (None, Some(point)) => Some(Place::Point(point)),
            (None, None) => None,
        };
        if (role == Role::Volunteer) != place.is_some() {
            return Err(NotAnOffer::Place);
        }
        if !USES.contains(&uses) {
            return Err(NotAnOffer::Uses);
        }
        let until = match until {
            None => now.checked_add(USUAL).map_err(|_| NotAnOffer::UntilUnreadable)?,
            Some(text) => read_until(carnival, text).ok_or(NotAnOffer::UntilUnreadable)?,
        };
        if until <= now { Err(NotAnOffer::UntilPast) } else { Ok(Offer { role, place, uses, until }) }
    }
}

/// A day to its end, or a time: with an offset (`2023-04-13T18:00:00+08:00`), or on the carnival's
/// clocks (`2023-04-13T18:00`).
#[must_use]
pub fn read_until(carnival: &Carnival, text: &str) -> Option<Timestamp> {
    let zone = carnival.time_zone.clone();
    if text.len() == 10
        && let Ok(day) = text.parse::<Date>()
    {
        return Some(day.at(23, 59, 59, 0).to_zoned(zone).ok()?.timestamp());
    }
    let with_offset = text.parse::<Timestamp>().ok();
    with_offset.or_else(|| Some(text.parse::<DateTime>().ok()?.to_zoned(zone).ok()?.timestamp()))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::super::samples::{at, carnival, the};
    use super::*;

    fn wanted() -> Wanted<'static> {
        Wanted { role: Role::Volunteer, booth: Some(the("east")), point: None, uses: 3, until: None }
    }

    fn judged(wanted: Wanted<'_>) -> Result<Offer, NotAnOffer> {
        Offer::judge(&carnival(), wanted, at("2023-04-13T10:00"))
    }

    #[test]
    fn a_volunteer_is_offered_a_place_for_a_day() {
        let offer = judged(wanted()).unwrap();
        assert_eq!((offer.place, offer.until), (Some(the("booth/east")), at("2023-04-14T10:00")));
        let organiser = judged(Wanted { role: Role::Organiser, booth: None, ..wanted() });
        assert_eq!(organiser.unwrap().place, None);
    }

    #[test]
    fn what_makes_no_sense_is_not_offered() {
        for (odd, why) in [
            (Wanted { booth: Some(the("north")), ..wanted() }, NotAnOffer::NoBooth(the("north"))),
            (Wanted { booth: None, point: Some(the("space-9")), ..wanted() }, NotAnOffer::NoPoint(the("space-9"))),
            (Wanted { point: Some(the("space-1")), ..wanted() }, NotAnOffer::Place),
            (Wanted { booth: None, ..wanted() }, NotAnOffer::Place),
            (Wanted { role: Role::Organiser, ..wanted() }, NotAnOffer::Place),
            (Wanted { uses: 0, ..wanted() }, NotAnOffer::Uses),
            (Wanted { uses: 1_001, ..wanted() }, NotAnOffer::Uses),
            (Wanted { until: Some("tomorrow"), ..wanted() }, NotAnOffer::UntilUnreadable),
            (Wanted { until: Some("2023-04-12"), ..wanted() }, NotAnOffer::UntilPast),
            (Wanted { until: Some("2023-04-13T10:00"), ..wanted() }, NotAnOffer::UntilPast),
        ] {
            assert_eq!(judged(odd), Err(why));
        }
    }

    #[test]
    fn a_day_is_meant_to_its_end_and_an_offset_is_believed() {
        let until = |text| read_until(&carnival(), text);
        assert_eq!(until("2023-04-13"), Some(at("2023-04-13T23:59:59")));
        assert_eq!(until("2023-04-13T18:00"), Some(at("2023-04-13T18:00")));
        assert_eq!(until("2023-04-13T10:00:00Z"), Some(at("2023-04-13T18:00")));
        assert_eq!(until("2023-04-13T18:00:00+08:00"), Some(at("2023-04-13T18:00")));
        assert_eq!(until(""), None);
    }
}
