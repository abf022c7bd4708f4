//! Decides whether a check-in may be stamped: code, day, hour and location.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::rules::carnival::location::{metres_between, rounded_metres};
use crate::rules::carnival::{Carnival, Location, Point, Route};
use crate::rules::ids::{Generation, PointNumber};
use crate::rules::refusals::{CarnivalRefusal, CheckInRefusal, CodeRefusal, Refusal};

/// Grace period after closing, in minutes, for residents who queued before it.
pub const GRACE_MINUTES: u16 = 5;

/// Maximum accuracy that is added in the resident's favour, in metres; larger values carry no information.
const MAX_ACCURACY_M: f64 = 2_000.0;

/// How the presence at a point is proved. Signatures were verified before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeSource {
    /// The code on the poster.
    Printed {
        /// Generation of the scanned code.
        generation: Generation,
        /// Current generation of the point.
        current: Generation,
    },
    /// The code on the tablet.
    Display {
        /// Whether the code's validity and its grace period are over.
        too_old: bool,
    },
    /// No code: a volunteer records the stamp of a resident who is present.
    Manual,
}

/// The location that a phone reports (GCJ-02). A hint, not a proof.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeviceLocation {
    /// The reported coordinates.
    pub location: Location,
    /// Reported error radius, in metres.
    pub accuracy_m: f64,
}

/// A request for the stamp of a point.
#[derive(Clone, Copy, Debug)]
pub struct CheckInAttempt {
    /// The point.
    pub point: PointNumber,
    /// The scanned code.
    pub source: CodeSource,
    /// The location that the phone reports, if any.
    pub device_location: Option<DeviceLocation>,
}

/// A check-in that may be stamped.
#[derive(Clone, Copy, Debug)]
pub struct Admission<'a> {
    /// The point.
    pub point: &'a Point,
    /// Whether it is a rain stamp: the point is closed, and gives its stamp at its own poster.
    pub rain: bool,
}

/// Checks whether the stamp may be given. Does not consider earlier stamps: the caller returns an existing stamp
/// instead of a refusal.
///
/// # Errors
/// The first refusal that applies, in this order: code, day, hour, location.
pub fn check<'a>(carnival: &'a Carnival, attempt: &CheckInAttempt, now: Timestamp) -> Result<Admission<'a>, Refusal> {
    let point = carnival.point(attempt.point).ok_or(CodeRefusal::CodeUnknown)?;
    check_code(point, attempt.source)?;
    let rain = match check_time(carnival, point, now) {
        Ok(()) => false,
        Err(_) if carnival.relief.gives_rain_stamps(point.number, now) => true,
        Err(refusal) => return Err(refusal),
    };
    check_location(point, attempt)?;
    Ok(Admission { point, rain })
}

fn check_code(point: &Point, source: CodeSource) -> Result<(), Refusal> {
    let point_name = || point.name.clone();
    match source {
        // Validly signed, but this store never issued the generation: the code comes from a newer state of the store.
        CodeSource::Printed { generation, current } if generation > current => Err(CodeRefusal::CodeUnknown.into()),
        CodeSource::Printed { generation, current } if generation < current => {
            Err(CodeRefusal::CodeReplaced { point: point_name() }.into())
        }
        CodeSource::Printed { .. } if !point.codes.printed => {
            Err(CodeRefusal::DisplayCodeNeeded { point: point_name() }.into())
        }
        CodeSource::Display { .. } if !point.codes.display => {
            Err(CodeRefusal::PrintedCodeNeeded { point: point_name() }.into())
        }
        CodeSource::Display { too_old: true } => Err(CodeRefusal::DisplayCodeTooOld.into()),
        _ => Ok(()),
    }
}

fn check_time(carnival: &Carnival, point: &Point, now: Timestamp) -> Result<(), Refusal> {
    let local = carnival.local(now);
    let today = local.date();
    let route = carnival.route(&point.route).ok_or(CodeRefusal::CodeUnknown)?;
    let runs = |day| carnival.days.contains(day) && route.runs_on(day);
    // A reason applies to a whole day; if the point opens later today, its hours are more useful.
    let shut_today =
        || point.hours.reason_for(today).filter(|_| point.hours.for_day(today).is_empty()).map(str::to_owned);
    let closed = || CheckInRefusal::PointClosed {
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
    if runs(today) { Err(closed().into()) } else { Err(not_this_week(route, today).into()) }
}

/// Checks whether the carnival takes place today.
///
/// # Errors
/// A refusal before the first and after the last day.
pub fn check_day(carnival: &Carnival, now: Timestamp) -> Result<(), Refusal> {
    let today = carnival.local(now).date();
    if today < carnival.days.first {
        Err(CheckInRefusal::CarnivalNotBegun { first_day: carnival.days.first, today }.into())
    } else if today > carnival.days.last {
        Err(CheckInRefusal::CarnivalOver { last_day: carnival.days.last, today }.into())
    } else {
        Ok(())
    }
}

fn not_this_week(route: &Route, today: Date) -> CheckInRefusal {
    CheckInRefusal::RouteNotThisWeek {
        route: route.name.clone(),
        days: route.days,
        extra_days: route.extra_days.clone(),
        today,
    }
}

fn check_location(point: &Point, attempt: &CheckInAttempt) -> Result<(), Refusal> {
    let (Some(fence), Some(location)) = (point.geofence, point.location) else {
        return Ok(());
    };
    if attempt.source == CodeSource::Manual {
        return Ok(());
    }
    let Some(device_location) = attempt.device_location else {
        return if fence.required {
            Err(CheckInRefusal::LocationNeeded { point: point.name.clone() }.into())
        } else {
            Ok(())
        };
    };
    let metres = metres_between(location, device_location.location);
    let at_best = metres - device_location.accuracy_m.clamp(0.0, MAX_ACCURACY_M);
    if at_best <= f64::from(fence.radius_m) {
        return Ok(());
    }
    Err(CheckInRefusal::TooFarAway {
        point: point.name.clone(),
        metres: rounded_metres(metres),
        radius_m: fence.radius_m,
    }
    .into())
}

/// What a volunteer says of ink stamps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InkStamp {
    /// The day on which they were stamped, if it is known.
    pub day: Option<Date>,
    /// Whether they are rain stamps.
    pub rain: bool,
}

/// Checks whether an ink stamp on a paper card may be recorded: from its route's first day on, at any hour, because the
/// volunteer sees the ink. A named day must be one on which the route ran; a rain stamp, of a day on which the point gave
/// some.
///
/// # Errors
/// A refusal before the route began, for a point that is not in the carnival, for another day, and for a rain stamp that
/// the point did not give.
pub fn check_ink_stamp(
    carnival: &Carnival,
    point: PointNumber,
    ink: InkStamp,
    now: Timestamp,
) -> Result<&Point, Refusal> {
    let point = carnival.point(point).ok_or(CarnivalRefusal::PointUnknown)?;
    let route = carnival.route(&point.route).ok_or(CarnivalRefusal::PointUnknown)?;
    let (today, first_day) = (carnival.local(now).date(), route.first_day());
    if today < first_day {
        return Err(CheckInRefusal::RouteNotBegun { route: route.name.clone(), first_day, today }.into());
    }
    let today = carnival.local(now).date();
    if let Some(day) = ink.day
        && (day > today || !route.runs_on(day))
    {
        return Err(CheckInRefusal::InkDayWrong { route: route.name.clone(), day }.into());
    }
    let day = ink.day.unwrap_or(today);
    if ink.rain && !carnival.relief.gave_rain_stamps(point.number, day) {
        return Err(CheckInRefusal::NoRainStamp { point: point.name.clone(), day }.into());
    }
    Ok(point)
}

/// Checks a check-in that a volunteer makes for a resident who is present. It is one of today.
///
/// # Errors
/// As [`check`], and a refusal for another day.
pub fn check_manual_check_in<'a>(
    carnival: &'a Carnival,
    attempt: &CheckInAttempt,
    ink: InkStamp,
    now: Timestamp,
) -> Result<Admission<'a>, Refusal> {
    let admission = check(carnival, attempt, now)?;
    match ink.day {
        Some(day) if day != carnival.local(now).date() => {
            let route = carnival.route(&admission.point.route).map(|route| route.name.clone()).unwrap_or_default();
            Err(CheckInRefusal::InkDayWrong { route, day }.into())
        }
        _ => Ok(admission),
    }
}

/// Whether residents can check in at the point now, with any kind of code.
#[must_use]
pub fn is_open(carnival: &Carnival, point: &Point, now: Timestamp) -> bool {
    check_time(carnival, point, now).is_ok()
}

#[cfg(test)]
mod tests;
