//! The terms of an invitation: role, station, number of uses and validity.

use std::ops::RangeInclusive;

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::invitation::{Invitation, RosterEntry};
use super::planned_shift::NEXT_MORNING;
use super::roles::{Role, Station};
use crate::rules::carnival::Carnival;
use crate::rules::carnival::hours::MINUTES_PER_DAY;
use crate::rules::gifts::gift::last_pick_up_day;
use crate::rules::ids::{BoothId, InvitationId, PointId};
use crate::rules::refusals::{CarnivalRefusal, Refusal, StaffRefusal};

/// Allowed number of uses of one invitation.
pub const USES_RANGE: RangeInclusive<u16> = 1..=1_000;

/// How long an organiser's access lasts after the last day, for the accounts.
const ACCOUNTS_DAYS: i64 = 14;

/// Validity of an invitation that is made after the usual end.
const LATE_VALIDITY: SignedDuration = SignedDuration::from_hours(24);

/// Validated terms of an invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationTerms {
    /// The role.
    pub role: Role,
    /// The station; `None` for roles that work everywhere, and where each arrival gets its own from an organiser.
    pub place: Option<Station>,
    /// How many devices it admits.
    pub uses: u16,
    /// End of its validity.
    pub until: Timestamp,
    /// Whether the request gave that end, rather than the program.
    pub fixed_until: bool,
    /// Whether each device waits until an organiser admits it.
    pub approval: bool,
    /// The line of a roster that it is made for.
    pub roster: Option<RosterEntry>,
}

/// The requested terms of an invitation.
#[derive(Clone, Debug)]
pub struct InvitationRequest<'a> {
    /// The role.
    pub role: Role,
    /// The booth of a volunteer.
    pub booth: Option<BoothId>,
    /// The point of a volunteer or a display.
    pub point: Option<PointId>,
    /// How many devices it admits.
    pub uses: u16,
    /// End of its validity, as parsed by [`parse_until`]; `None` means [`default_until`].
    pub until: Option<&'a str>,
    /// Whether each device waits until an organiser admits it.
    pub approval: bool,
}

/// Why requested terms are invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvitationError {
    /// The booth is not in this carnival.
    UnknownBooth(BoothId),
    /// The point is not in this carnival.
    UnknownPoint(PointId),
    /// The role needs another station: see [`Role`].
    StationMismatch(Role),
    /// The point has no display code for a tablet.
    NoDisplayCode(String),
    /// The number of uses is outside [`USES_RANGE`].
    UsesOutOfRange,
    /// The time cannot be parsed.
    UntilUnreadable,
    /// The time is in the past.
    UntilPast,
}

impl From<InvitationError> for Refusal {
    fn from(error: InvitationError) -> Refusal {
        match error {
            InvitationError::UnknownBooth(_) => CarnivalRefusal::BoothUnknown.into(),
            InvitationError::UnknownPoint(_) => CarnivalRefusal::PointUnknown.into(),
            InvitationError::StationMismatch(role) => StaffRefusal::StationMismatch { role }.into(),
            InvitationError::NoDisplayCode(point) => StaffRefusal::NoDisplayCode { point }.into(),
            InvitationError::UsesOutOfRange => StaffRefusal::UsesOutOfRange { most: *USES_RANGE.end() }.into(),
            InvitationError::UntilUnreadable => StaffRefusal::UntilUnreadable.into(),
            InvitationError::UntilPast => StaffRefusal::UntilPast.into(),
        }
    }
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
        let InvitationRequest { role, booth, point, uses, until, approval } = request;
        let place = match (booth, point) {
            (Some(_), Some(_)) => return Err(InvitationError::StationMismatch(role)),
            (Some(booth), None) => Some(Station::Booth(booth)),
            (None, Some(point)) => Some(Station::Point(point)),
            (None, None) => None,
        };
        if let Some(place) = &place {
            check_known(place, carnival)?;
        }
        match (role, &place) {
            (Role::Volunteer, Some(_)) | (Role::Organiser | Role::Viewer | Role::Reporter, None) => {}
            // Each arrival gets its station when an organiser admits it.
            (Role::Volunteer, None) if approval => {}
            (Role::Display, Some(Station::Point(id))) => {
                let without = carnival.point_by_id(id).filter(|point| !point.codes.display);
                if let Some(point) = without {
                    return Err(InvitationError::NoDisplayCode(point.name.clone()));
                }
            }
            _ => return Err(InvitationError::StationMismatch(role)),
        }
        if !USES_RANGE.contains(&uses) {
            return Err(InvitationError::UsesOutOfRange);
        }
        let fixed_until = until.is_some();
        let until = match until {
            None => default_until(role, carnival, now),
            Some(text) => future_until(carnival, text, now)?,
        };
        Ok(InvitationTerms { role, place, uses, until, fixed_until, approval, roster: None })
    }
}

impl InvitationTerms {
    /// The invitation that they make.
    #[must_use]
    pub fn offered(&self, id: InvitationId, now: Timestamp) -> Invitation {
        let InvitationTerms { role, place, uses, until, approval, roster, .. } = self.clone();
        Invitation { id, role, place, uses, until, made_at: now, approval, taken: 0, waiting: 0, roster, ended: None }
    }
}

fn check_known(place: &Station, carnival: &Carnival) -> Result<(), InvitationError> {
    match place {
        Station::Booth(id) if carnival.booth(id).is_none() => Err(InvitationError::UnknownBooth(id.clone())),
        Station::Point(id) if carnival.point_by_id(id).is_none() => Err(InvitationError::UnknownPoint(id.clone())),
        _ => Ok(()),
    }
}

/// The station of a device that an organiser admits.
///
/// # Errors
/// Both are given, or the carnival does not have it.
pub fn station_of(
    carnival: &Carnival,
    booth: Option<BoothId>,
    point: Option<PointId>,
) -> Result<Option<Station>, InvitationError> {
    let place = match (booth, point) {
        (Some(_), Some(_)) => return Err(InvitationError::StationMismatch(Role::Volunteer)),
        (booth, point) => booth.map(Station::Booth).or(point.map(Station::Point)),
    };
    place.as_ref().map_or(Ok(()), |place| check_known(place, carnival))?;
    Ok(place)
}

/// Until when an invitation is valid if nobody says otherwise: to the end of the last day on which the carnival is open or
/// hands out gifts, and for organisers some days longer. After that, for a day.
#[must_use]
pub fn default_until(role: Role, carnival: &Carnival, now: Timestamp) -> Timestamp {
    let extra = if role == Role::Organiser { ACCOUNTS_DAYS } else { 0 };
    let last_day = last_pick_up_day(carnival).checked_add(extra.days()).ok();
    let usual = last_day.and_then(|day| end_of_day(day, carnival)).filter(|until| *until > now);
    usual.unwrap_or_else(|| now.checked_add(LATE_VALIDITY).unwrap_or(Timestamp::MAX))
}

/// The end of a day: midnight, or the next morning if a point is open until midnight or later, because stamps and gifts of
/// that night belong to the day.
fn end_of_day(day: Date, carnival: &Carnival) -> Option<Timestamp> {
    let mut hours = carnival.points.iter().flat_map(|point| point.hours.planned_for_day(day));
    let end = if hours.any(|span| span.closes() >= MINUTES_PER_DAY) {
        day.tomorrow().ok()?.at(NEXT_MORNING, 0, 0, 0)
    } else {
        day.at(23, 59, 59, 0)
    };
    Some(end.to_zoned(carnival.time_zone.clone()).ok()?.timestamp())
}

/// Parses the end of a validity, as [`parse_until`] does.
///
/// # Errors
/// It cannot be parsed, or is not in the future.
pub fn future_until(carnival: &Carnival, text: &str, now: Timestamp) -> Result<Timestamp, InvitationError> {
    let until = parse_until(carnival, text).ok_or(InvitationError::UntilUnreadable)?;
    if until <= now { Err(InvitationError::UntilPast) } else { Ok(until) }
}

/// Parses the end of a validity: a day (inclusive, with its night), a time with an offset (`2023-04-13T18:00:00+08:00`), or a local
/// time of the carnival (`2023-04-13T18:00`).
#[must_use]
pub fn parse_until(carnival: &Carnival, text: &str) -> Option<Timestamp> {
    if text.len() == 10
        && let Ok(day) = text.parse::<Date>()
    {
        return end_of_day(day, carnival);
    }
    parse_time(carnival, text)
}

/// Parses a time with an offset, or a local time of the carnival. A day alone is not a time.
#[must_use]
pub fn parse_time(carnival: &Carnival, text: &str) -> Option<Timestamp> {
    if !text.contains(['T', 't', ' ']) {
        return None;
    }
    let zone = carnival.time_zone.clone();
    let with_offset = text.parse::<Timestamp>().ok();
    with_offset.or_else(|| Some(text.parse::<DateTime>().ok()?.to_zoned(zone).ok()?.timestamp()))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;
    use crate::rules::carnival::{DateRange, PickUp};
    use crate::rules::samples::{at, carnival, the};

    fn request() -> InvitationRequest<'static> {
        InvitationRequest {
            role: Role::Volunteer,
            booth: Some(the("east")),
            point: None,
            uses: 3,
            until: None,
            approval: false,
        }
    }

    fn validated(request: InvitationRequest<'_>) -> Result<InvitationTerms, InvitationError> {
        InvitationTerms::validate(&carnival(), request, at("2023-04-13T10:00"))
    }

    #[test]
    fn an_invitation_lasts_to_the_end_of_the_carnival_and_an_organisers_longer() {
        let terms = validated(request()).unwrap();
        assert_eq!((terms.place, terms.until), (Some(the("booth/east")), at("2023-04-30T23:59:59")));
        let organiser = validated(InvitationRequest { role: Role::Organiser, booth: None, ..request() }).unwrap();
        assert_eq!((organiser.place, organiser.until), (None, at("2023-05-14T23:59:59")));
        for (role, until) in [(Role::Volunteer, "2023-05-02T10:00"), (Role::Organiser, "2023-05-14T23:59:59")] {
            assert_eq!(default_until(role, &carnival(), at("2023-05-01T10:00")), at(until));
        }
    }

    #[test]
    fn an_invitation_covers_the_night_of_its_last_day_and_the_last_pick_up() {
        let mut carnival =
            crate::rules::samples::with_point(1, |point| point.hours.usual = vec!["18:00-02:00".parse().unwrap()]);
        let usual = |role, carnival: &Carnival| default_until(role, carnival, at("2023-04-13T10:00"));
        assert_eq!(usual(Role::Volunteer, &carnival), at("2023-05-01T06:00"));
        assert_eq!(usual(Role::Display, &carnival), at("2023-05-01T06:00"));
        assert_eq!(usual(Role::Organiser, &carnival), at("2023-05-15T06:00"));
        assert_eq!(parse_until(&carnival, "2023-04-14"), Some(at("2023-04-15T06:00")), "a day has its night");
        assert_eq!(parse_until(&carnival, "2023-04-14T20:00"), Some(at("2023-04-14T20:00")));
        let days = DateRange { first: "2023-04-25".parse().unwrap(), last: "2023-05-07".parse().unwrap() };
        carnival.points.iter_mut().for_each(|point| point.hours.usual = vec!["09:00-24:00".parse().unwrap()]);
        carnival.gifts[0].pick_up = Some(PickUp { days, hours: Vec::new() });
        assert_eq!(usual(Role::Volunteer, &carnival), at("2023-05-08T06:00"), "check-ins go on for some minutes");
        carnival.points.iter_mut().for_each(|point| point.hours.usual = vec!["09:00-23:00".parse().unwrap()]);
        assert_eq!(usual(Role::Volunteer, &carnival), at("2023-05-07T23:59:59"));
        assert_eq!(usual(Role::Organiser, &carnival), at("2023-05-21T23:59:59"));
    }

    #[test]
    fn each_role_has_its_kind_of_station() {
        let anywhere = |role| InvitationRequest { role, booth: None, point: None, ..request() };
        for role in [Role::Organiser, Role::Viewer, Role::Reporter] {
            assert!(validated(anywhere(role)).is_ok());
            let at_booth = InvitationRequest { role, ..request() };
            assert_eq!(validated(at_booth), Err(InvitationError::StationMismatch(role)));
        }
        assert_eq!(validated(anywhere(Role::Volunteer)), Err(InvitationError::StationMismatch(Role::Volunteer)));
        let on_arrival = InvitationRequest { approval: true, ..anywhere(Role::Volunteer) };
        assert_eq!(validated(on_arrival).unwrap().place, None, "an organiser names the station on arrival");
        let tablet = InvitationRequest { point: Some(the("space-1")), ..anywhere(Role::Display) };
        assert_eq!(validated(tablet.clone()), Err(InvitationError::NoDisplayCode("第1站".to_owned())));
        let carnival = crate::rules::samples::with_point(1, |point| point.codes.display = true);
        assert!(InvitationTerms::validate(&carnival, tablet, at("2023-04-13T10:00")).is_ok());
        assert!(validated(InvitationRequest { role: Role::Display, ..request() }).is_err(), "not at a booth");
    }

    #[test]
    fn invalid_requests_are_rejected() {
        for (odd, why) in [
            (InvitationRequest { booth: Some(the("north")), ..request() }, InvitationError::UnknownBooth(the("north"))),
            (
                InvitationRequest { booth: None, point: Some(the("space-9")), ..request() },
                InvitationError::UnknownPoint(the("space-9")),
            ),
            (
                InvitationRequest { point: Some(the("space-1")), ..request() },
                InvitationError::StationMismatch(Role::Volunteer),
            ),
            (InvitationRequest { booth: None, ..request() }, InvitationError::StationMismatch(Role::Volunteer)),
            (
                InvitationRequest { role: Role::Organiser, ..request() },
                InvitationError::StationMismatch(Role::Organiser),
            ),
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
        let time = |text| parse_time(&carnival(), text);
        assert_eq!((time("2023-04-13T18:00"), time("2023-04-13")), (Some(at("2023-04-13T18:00")), None));
    }
}
