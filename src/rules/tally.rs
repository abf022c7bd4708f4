//! What is counted, hour by hour, in the same step as the fact that it counts.

use std::fmt;
use std::str::FromStr;

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use super::ids::{GiftNumber, NotAnId, PointNumber, SessionId};
use super::roles::Place;

/// An hour on the carnival's clocks, written `2023041314` for 14:00 to 14:59 on 13 April 2023.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
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
    /// `claims:3:2023041314`: how often a gift was set aside in an hour, renewals included.
    Claims(GiftNumber, LocalHour),
    /// `redemptions:3:booth/east:2023041314`: a gift confirmed at a place in an hour.
    Redemptions(GiftNumber, Option<Place>, LocalHour),
    /// `redemptions-by:3:S`: a gift confirmed by a staff session.
    RedemptionsBy(GiftNumber, SessionId),
    /// `voids:3:booth/east:2023041314`: undone, counted where and when they were undone.
    Voids(GiftNumber, Option<Place>, LocalHour),
    /// `voids-by:3:S`: undone by a staff session.
    VoidsBy(GiftNumber, SessionId),
}

/// The two sizes of question: few counters that are asked for often, many that are asked for seldom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Counters without an hour.
    InAll,
    /// Counters by the hour.
    ByHour,
}

impl Tally {
    /// To which question the counter belongs; stores keep the two apart.
    #[must_use]
    pub fn counted(&self) -> Counted {
        match self {
            Tally::Stamps(..) | Tally::Passports(_) | Tally::Claims(..) | Tally::Redemptions(..) | Tally::Voids(..) => {
                Counted::ByHour
            }
            Tally::AllStamps(_)
            | Tally::StampsBy(_)
            | Tally::AllPassports
            | Tally::RedemptionsBy(..)
            | Tally::VoidsBy(..) => Counted::InAll,
        }
    }
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
            Tally::Claims(gift, hour) => write!(f, "claims:{gift}:{hour}"),
            Tally::Redemptions(gift, at, hour) => write!(f, "redemptions:{gift}:{}:{hour}", place(at)),
            Tally::RedemptionsBy(gift, session) => write!(f, "redemptions-by:{gift}:{session}"),
            Tally::Voids(gift, at, hour) => write!(f, "voids:{gift}:{}:{hour}", place(at)),
            Tally::VoidsBy(gift, session) => write!(f, "voids-by:{gift}:{session}"),
        }
    }
}

impl FromStr for Tally {
    type Err = NotAnId;
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let parts: Vec<&str> = text.split(':').collect();
        let tally = match parts.as_slice() {
            ["stamps", point, at] => point.parse().ok().zip(hour(at)).map(|(point, at)| Tally::Stamps(point, at)),
            ["stamps", point] => point.parse().ok().map(Tally::AllStamps),
            ["stamps-by", session] => session.parse().ok().map(Tally::StampsBy),
            ["passports", at] => hour(at).map(Tally::Passports),
            ["passports"] => Some(Tally::AllPassports),
            ["claims", gift, at] => gift.parse().ok().zip(hour(at)).map(|(gift, at)| Tally::Claims(gift, at)),
            ["redemptions", gift, place, at] => there(gift, place, at).map(|(g, p, at)| Tally::Redemptions(g, p, at)),
            ["redemptions-by", gift, session] => by(gift, session).map(|(gift, by)| Tally::RedemptionsBy(gift, by)),
            ["voids", gift, place, at] => there(gift, place, at).map(|(g, p, at)| Tally::Voids(g, p, at)),
            ["voids-by", gift, session] => by(gift, session).map(|(gift, by)| Tally::VoidsBy(gift, by)),
            _ => None,
        };
        tally.ok_or_else(|| NotAnId::new(text, "a tally"))
    }
}

impl TryFrom<String> for Tally {
    type Error = NotAnId;
    fn try_from(text: String) -> Result<Self, NotAnId> {
        text.parse()
    }
}

impl From<Tally> for String {
    fn from(tally: Tally) -> String {
        tally.to_string()
    }
}

fn hour(text: &str) -> Option<LocalHour> {
    let sound = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit());
    sound.then(|| text.parse().ok()).flatten().map(LocalHour)
}

fn there(gift: &str, place: &str, at: &str) -> Option<(GiftNumber, Option<Place>, LocalHour)> {
    let place = if place == "-" { None } else { Some(place.parse().ok()?) };
    Some((gift.parse().ok()?, place, hour(at)?))
}

fn by(gift: &str, session: &str) -> Option<(GiftNumber, SessionId)> {
    gift.parse().ok().zip(session.parse().ok())
}

#[cfg(test)]
mod tests;
