//! The terms of an invitation: role, station, number of uses and validity.

use std::ops::RangeInclusive;

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp};

use super::roles::{Role, Station};
use crate::rules::carnival::Carnival;
use crate::rules::ids::{BoothId, PointId};

/// Allowed number of uses of one invitation.
pub const USES_RANGE: RangeInclusive<u16> = 1..=1_000;

/// Default validity of an invitation.
pub const DEFAULT_VALIDITY: SignedDuration = SignedDuration::from_hours(24);

/// Validated terms of an invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationTerms {
    /// The role.
    pub role: Role,
    /// The station; `None` for organisers, who work everywhere.
    pub place: Option<Station>,
    /// How many people may accept it.
    pub uses: u16,
    /// End of its validity.
    pub until: Timestamp,
}

/// The requested terms of an invitation.
#[derive(Clone, Debug)]
pub struct InvitationRequest<'a> {
    /// The role.
    pub role: Role,
    /// The volunteer's booth. A volunteer has either a booth or a point.
    pub booth: Option<BoothId>,
    /// The volunteer's point.
    pub point: Option<PointId>,
    /// How many people may accept it.
    pub uses: u16,
    /// End of its validity, as parsed by [`parse_until`]; `None` means [`DEFAULT_VALIDITY`] from now.
    pub until: Option<&'a str>,
}

/// Why requested terms are invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvitationError {
    /// The booth is not in this carnival.
    UnknownBooth(BoothId),
    /// The point is not in this carnival.
    UnknownPoint(PointId),
    /// A volunteer needs exactly one station, an organiser none.
    StationMismatch,
    /// The number of uses is outside [`USES_RANGE`].
    UsesOutOfRange,
    /// The time cannot be parsed.
    UntilUnreadable,
    /// The time is in the past.
    UntilPast,
}

impl InvitationTerms {
    /// Validates a request.
    ///
    /// # Errors
    /// The first problem found.
    pub fn validate(
        carnival: &Carnival,
        request: InvitationRequest<'_>,
        now: Timestamp,
    ) -> Result<InvitationTerms, InvitationError> {
        let InvitationRequest { role, booth, point, uses, until } = request;
        let place = match (booth, point) {
            (Some(booth), None) if carnival.booth(&booth).is_none() => {
                return Err(InvitationError::UnknownBooth(booth));
            }
            (None, Some(point)) if carnival.point_by_id(&point).is_none() => {
                return Err(InvitationError::UnknownPoint(point));
            }
            (Some(_), Some(_)) => return Err(InvitationError::StationMismatch),
            (Some(booth), None) => Some(Station::Booth(booth)),
            (None, Some(point)) => Some(Station::Point(point)),
            (None, None) => None,
        };
        if (role == Role::Volunteer) != place.is_some() {
            return Err(InvitationError::StationMismatch);
        }
        if !USES_RANGE.contains(&uses) {
            return Err(InvitationError::UsesOutOfRange);
        }
        let until = match until {
            None => now.checked_add(DEFAULT_VALIDITY).map_err(|_| InvitationError::UntilUnreadable)?,
            Some(text) => parse_until(carnival, text).ok_or(InvitationError::UntilUnreadable)?,
        };
        if until <= now { Err(InvitationError::UntilPast) } else { Ok(InvitationTerms { role, place, uses, until }) }
    }
}

/// Parses the end of a validity: a day (inclusive), a time with an offset (`2023-04-13T18:00:00+08:00`), or a local
/// time of the carnival (`2023-04-13T18:00`).
#[must_use]
pub fn parse_until(carnival: &Carnival, text: &str) -> Option<Timestamp> {
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
    use super::*;
    use crate::rules::samples::{at, carnival, the};

    fn request() -> InvitationRequest<'static> {
        InvitationRequest { role: Role::Volunteer, booth: Some(the("east")), point: None, uses: 3, until: None }
    }

    fn validated(request: InvitationRequest<'_>) -> Result<InvitationTerms, InvitationError> {
        InvitationTerms::validate(&carnival(), request, at("2023-04-13T10:00"))
    }

    #[test]
    fn a_volunteers_invitation_has_a_station_and_lasts_a_day() {
        let terms = validated(request()).unwrap();
        assert_eq!((terms.place, terms.until), (Some(the("booth/east")), at("2023-04-14T10:00")));
        let organiser = validated(InvitationRequest { role: Role::Organiser, booth: None, ..request() });
        assert_eq!(organiser.unwrap().place, None);
    }

    #[test]
    fn invalid_requests_are_rejected() {
        for (odd, why) in [
            (InvitationRequest { booth: Some(the("north")), ..request() }, InvitationError::UnknownBooth(the("north"))),
            (
                InvitationRequest { booth: None, point: Some(the("space-9")), ..request() },
                InvitationError::UnknownPoint(the("space-9")),
            ),
            (InvitationRequest { point: Some(the("space-1")), ..request() }, InvitationError::StationMismatch),
            (InvitationRequest { booth: None, ..request() }, InvitationError::StationMismatch),
            (InvitationRequest { role: Role::Organiser, ..request() }, InvitationError::StationMismatch),
            (InvitationRequest { uses: 0, ..request() }, InvitationError::UsesOutOfRange),
            (InvitationRequest { uses: 1_001, ..request() }, InvitationError::UsesOutOfRange),
            (InvitationRequest { until: Some("tomorrow"), ..request() }, InvitationError::UntilUnreadable),
            (InvitationRequest { until: Some("2023-04-12"), ..request() }, InvitationError::UntilPast),
            (InvitationRequest { until: Some("2023-04-13T10:00"), ..request() }, InvitationError::UntilPast),
        ] {
            assert_eq!(validated(odd), Err(why));
        }
    }

    #[test]
    fn a_day_is_inclusive_and_an_offset_is_respected() {
        let until = |text| parse_until(&carnival(), text);
        assert_eq!(until("2023-04-13"), Some(at("2023-04-13T23:59:59")));
        assert_eq!(until("2023-04-13T18:00"), Some(at("2023-04-13T18:00")));
        assert_eq!(until("2023-04-13T10:00:00Z"), Some(at("2023-04-13T18:00")));
        assert_eq!(until("2023-04-13T18:00:00+08:00"), Some(at("2023-04-13T18:00")));
        assert_eq!(until(""), None);
    }
}
