//! What is counted, hour by hour, in the same step as the fact that it counts.

use std::fmt;
use std::str::FromStr;

use jiff::civil::DateTime;

use super::ids::{NotAnId, PointNumber, SessionId};
use super::roles::Place;

/// An hour on the carnival's clocks, written `2023041314` for 14:00 to 14:59 on 13 April 2023.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalHour(u32);

impl LocalHour {
    /// The hour of a local time.
    #[must_use]
    pub fn of(local: DateTime) -> LocalHour {
        let two = |part: i8| u32::from(part.unsigned_abs());
        let year = u32::from(local.year().unsigned_abs());
        LocalHour(((year * 100 + two(local.month())) * 100 + two(local.day())) * 100 + two(local.hour()))
    }
}

impl fmt::Display for LocalHour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:010}", self.0)
    }
}

/// One counter. Its text is its name in every store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tally {
    /// `stamps:7:2023041314`: stamps given at a point in an hour.
    Stamps(PointNumber, LocalHour),
    /// `stamps:7`: stamps given at a point in all.
    AllStamps(PointNumber),
    /// `stamps-by:S`: stamps that a staff session recorded by hand.
    StampsBy(SessionId),
    /// `passports:2023041314`: passports begun in an hour.
    Passports(LocalHour),
    /// `passports`: passports begun in all.
    AllPassports,
    /// `claims:2023041314`: gifts set aside in an hour, renewals included.
    Claims(LocalHour),
    /// `redemptions:booth/east:2023041314`: confirmed at a place in an hour.
    Redemptions(Option<Place>, LocalHour),
    /// `redemptions-by:S`: confirmed by a staff session.
    RedemptionsBy(SessionId),
    /// `voids:booth/east:2023041314`: undone, counted where and when they were undone.
    Voids(Option<Place>, LocalHour),
    /// `voids-by:S`: undone by a staff session.
    VoidsBy(SessionId),
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |place: &Option<Place>| place.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
        match self {
            Tally::Stamps(point, hour) => write!(f, "stamps:{point}:{hour}"),
            Tally::AllStamps(point) => write!(f, "stamps:{point}"),
            Tally::StampsBy(session) => write!(f, "stamps-by:{session}"),
            Tally::Passports(hour) => write!(f, "passports:{hour}"),
            Tally::AllPassports => f.write_str("passports"),
            Tally::Claims(hour) => write!(f, "claims:{hour}"),
            Tally::Redemptions(at, hour) => write!(f, "redemptions:{}:{hour}", place(at)),
            Tally::RedemptionsBy(session) => write!(f, "redemptions-by:{session}"),
            Tally::Voids(at, hour) => write!(f, "voids:{}:{hour}", place(at)),
            Tally::VoidsBy(session) => write!(f, "voids-by:{session}"),
        }
    }
}

impl FromStr for Tally {
    type Err = NotAnId;
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let hour = |text: &str| {
            let sound = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit());
            sound.then(|| text.parse().ok()).flatten().map(LocalHour)
        };
        let place = |text: &str| {
            if text == "-" { Some(None) } else { text.parse().ok().map(Some) }
        };
        let parts: Vec<&str> = text.split(':').collect();
        let tally = match parts.as_slice() {
            ["stamps", point, at] => point.parse().ok().zip(hour(at)).map(|(point, at)| Tally::Stamps(point, at)),
            ["stamps", point] => point.parse().ok().map(Tally::AllStamps),
            ["stamps-by", session] => session.parse().ok().map(Tally::StampsBy),
            ["passports", at] => hour(at).map(Tally::Passports),
            ["passports"] => Some(Tally::AllPassports),
            ["claims", at] => hour(at).map(Tally::Claims),
            ["redemptions", where_, at] => place(where_).zip(hour(at)).map(|(place, at)| Tally::Redemptions(place, at)),
            ["redemptions-by", session] => session.parse().ok().map(Tally::RedemptionsBy),
            ["voids", where_, at] => place(where_).zip(hour(at)).map(|(place, at)| Tally::Voids(place, at)),
            ["voids-by", session] => session.parse().ok().map(Tally::VoidsBy),
            _ => None,
        };
        tally.ok_or_else(|| NotAnId::new(text, "a tally"))
    }
}
