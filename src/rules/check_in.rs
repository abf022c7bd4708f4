//! May this check-in be stamped, now, here?

use jiff::Timestamp;

use super::carnival::{Carnival, Location, Point, Route};
use super::distance::{metres_between, rounded_metres};
use super::ids::{Generation, PointNumber};
use super::refusal::Refusal;

/// A point takes check-ins until this many minutes after it closes: who queued gets the stamp.
pub const GRACE_MINUTES: u16 = 5;

/// A phone's own accuracy counts in its favour up to here, in metres; beyond it says nothing.
const MAX_ACCURACY_M: f64 = 2_000.0;

/// What was scanned at a point; its signature was checked before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeSource {
    /// The poster's code.
    Printed {
        /// Of this generation.
        generation: Generation,
        /// The generation that hangs now.
        current: Generation,
    },
    /// The tablet's code.
    Display {
        /// Whether its own time and the grace for it are over.
        too_old: bool,
    },
    /// None: a volunteer stamps a resident who stands before her.
    Manual,
}

/// Where a phone says it is: GCJ-02, a hint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeviceLocation {
    /// The place.
    pub location: Location,
    /// How far off it may be, in metres.
    pub accuracy_m: f64,
}

/// Someone wants the stamp of a point.
#[derive(Clone, Copy, Debug)]
pub struct CheckInAttempt {
    /// Which point.
    pub point: PointNumber,
    /// By what.
    pub source: CodeSource,
    /// Where the phone says it is.
    pub device_location: Option<DeviceLocation>,
}

/// Whether the stamp may be given. That it was given already is not for this rule to know, and
/// beats every refusal of it.
///
/// # Errors
/// The first refusal that applies: of the code, then of the day, the hour, the place.
pub fn check<'a>(carnival: &'a Carnival, attempt: &CheckInAttempt, now: Timestamp) -> Result<&'a Point, Refusal> {
    let point = carnival.point(attempt.point).ok_or(Refusal::CodeUnknown)?;
    check_code(point, attempt.source)?;
    check_time(carnival, point, now)?;
    check_location(point, attempt)?;
    Ok(point)
}

fn check_code(point: &Point, source: CodeSource) -> Result<(), Refusal> {
    let point_name = || point.name.clone();
    match source {
        // A generation that was never printed: signed, but by a key that ran ahead of this store.
        CodeSource::Printed { generation, current } if generation > current => Err(Refusal::CodeUnknown),
        CodeSource::Printed { generation, current } if generation < current => {
            Err(Refusal::CodeReplaced { point: point_name() })
        }
        CodeSource::Printed { .. } if !point.codes.printed => Err(Refusal::DisplayCodeNeeded { point: point_name() }),
        CodeSource::Display { .. } if !point.codes.display => Err(Refusal::PrintedCodeNeeded { point: point_name() }),
        CodeSource::Display { too_old: true } => Err(Refusal::DisplayCodeTooOld),
        _ => Ok(()),
    }
}

fn check_time(carnival: &Carnival, point: &Point, now: Timestamp) -> Result<(), Refusal> {
    let local = carnival.local(now);
    let today = local.date();
    let route = carnival.route(&point.route).ok_or(Refusal::CodeUnknown)?;
    let runs = |day| carnival.days.contains(day) && route.runs_on(day);
    // A reason speaks of a whole day; where the point opens later today, its hours say more.
    let shut_today =
        || point.hours.reason_for(today).filter(|_| point.hours.for_day(today).is_empty()).map(str::to_owned);
    let closed = || Refusal::PointClosed {
        point: point.name.clone(),
        hours: point.hours.for_day(today).to_vec(),
        opens: point.hours.next_opening(local).filter(|_| point.closed.is_none()),
        now: Box::new(carnival.zoned(now)),
        reason: point.closed.clone().or_else(shut_today),
    };
    if point.closed.is_none() && point.hours.open_days(local, GRACE_MINUTES).any(runs) {
        return Ok(());
    }
    check_day(carnival, now)?;
    if runs(today) { Err(closed()) } else { Err(not_this_week(route)) }
}

/// Whether the carnival is on today.
///
/// # Errors
/// A refusal before its first and after its last day.
pub fn check_day(carnival: &Carnival, now: Timestamp) -> Result<(), Refusal> {
    let today = carnival.local(now).date();
    if today < carnival.days.first {
        Err(Refusal::CarnivalNotBegun { first_day: carnival.days.first })
    } else if today > carnival.days.last {
        Err(Refusal::CarnivalOver { last_day: carnival.days.last })
    } else {
        Ok(())
    }
}

fn not_this_week(route: &Route) -> Refusal {
    Refusal::RouteNotThisWeek { route: route.name.clone(), days: route.days, extra_days: route.extra_days.clone() }
}

fn check_location(point: &Point, attempt: &CheckInAttempt) -> Result<(), Refusal> {
    let (Some(fence), Some(location)) = (point.geofence, point.location) else {
        return Ok(());
    };
    if attempt.source == CodeSource::Manual {
        return Ok(());
    }
    let Some(device_location) = attempt.device_location else {
        return if fence.required { Err(Refusal::LocationNeeded { point: point.name.clone() }) } else { Ok(()) };
    };
    let metres = metres_between(location, device_location.location);
    let at_best = metres - device_location.accuracy_m.clamp(0.0, MAX_ACCURACY_M);
    if at_best <= f64::from(fence.radius_m) {
        return Ok(());
    }
    Err(Refusal::TooFarAway { point: point.name.clone(), metres: rounded_metres(metres), radius_m: fence.radius_m })
}

/// An ink stamp on a paper card may be recorded from its route's first day on, whatever the hour:
/// the volunteer sees the ink.
///
/// # Errors
/// A refusal before the route began, or for a point that is not in the carnival.
pub fn check_ink_stamp(carnival: &Carnival, point: PointNumber, now: Timestamp) -> Result<&Point, Refusal> {
    let point = carnival.point(point).ok_or(Refusal::PointUnknown)?;
    let route = carnival.route(&point.route).ok_or(Refusal::PointUnknown)?;
    if carnival.local(now).date() < route.first_day() {
        return Err(Refusal::RouteNotBegun { route: route.name.clone(), first_day: route.first_day() });
    }
    Ok(point)
}

/// Whether residents could check in at the point now, whatever they scan.
#[must_use]
pub fn is_open(carnival: &Carnival, point: &Point, now: Timestamp) -> bool {
    check_time(carnival, point, now).is_ok()
}

#[cfg(test)]
mod tests;
