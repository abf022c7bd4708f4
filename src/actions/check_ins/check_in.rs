//! Check-ins at a point.

use std::sync::Arc;

use jiff::Timestamp;

use crate::actions::app::{App, Result};
use crate::actions::carnival::current_carnival::CurrentCarnival;
use crate::actions::statistics::hint_recording::{self, record_refusal};
use crate::rules::check_ins::check_in::{self, CheckInAttempt, CodeSource, DeviceLocation};
use crate::rules::check_ins::passport::{Passport, StampSource};
use crate::rules::ids::{Holder, PointNumber};
use crate::rules::refusals::{CheckInRefusal, CodeRefusal};
use crate::rules::statistics::tally::LocalMoment;
use crate::store::{NewStamps, StampsOutcome};
use crate::tokens::{Code, Resident, random};

/// A check-in with a stamp, new or existing.
#[derive(Clone, Debug)]
pub struct CheckInResult {
    /// The carnival under whose rules it was checked.
    pub current: Arc<CurrentCarnival>,
    /// The point.
    pub point: PointNumber,
    /// Whether the stamp is new.
    pub new: bool,
    /// The passport, including this stamp.
    pub passport: Passport,
    /// Time of the check-in.
    pub now: Timestamp,
}

/// Checks a resident in: one store round trip.
///
/// # Errors
/// A refusal, unless the point is already stamped.
pub async fn check_in(
    app: &App,
    resident: &Resident,
    code: &str,
    device_location: Option<DeviceLocation>,
) -> Result<CheckInResult> {
    let context = record_refusal(app, None, CheckInContext::read(app, code, device_location))?;
    context.stamp(app, Holder::Resident(resident.id())).await
}

/// Checks the resident and companions in with one code, in the requested order. Refusals are per person.
///
/// # Errors
/// A refusal of the whole request: an unknown code, or a paper passport that is not on this phone.
pub async fn check_in_for(
    app: &App,
    resident: &Resident,
    code: &str,
    device_location: Option<DeviceLocation>,
    holders: &[Holder],
) -> Result<Vec<(Holder, Result<CheckInResult>)>> {
    let context = record_refusal(app, None, CheckInContext::read(app, code, device_location))?;
    let companions = app.store.companions(resident.id()).await?;
    let unknown = |holder: &Holder| matches!(holder, Holder::Paper(serial) if !companions.contains(serial));
    if holders.iter().any(unknown) {
        return Err(CheckInRefusal::CompanionUnknown.into());
    }
    let mut results = Vec::with_capacity(holders.len());
    for holder in holders {
        results.push((*holder, context.stamp(app, *holder).await));
    }
    Ok(results)
}

/// A code read at a point, evaluated once for everyone in the request.
struct CheckInContext {
    current: Arc<CurrentCarnival>,
    now: Timestamp,
    attempt: CheckInAttempt,
    how: StampSource,
}

impl CheckInContext {
    fn read(app: &App, code: &str, device_location: Option<DeviceLocation>) -> Result<CheckInContext> {
        let now = app.now();
        let current = app.current();
        let (point, source, how) = match app.codes.read(code, now) {
            Ok(Code::Printed { point, generation }) => {
                (point, CodeSource::Printed { generation, current: current.generation(point) }, StampSource::Printed)
            }
            Ok(Code::Display { point, too_old }) => (point, CodeSource::Display { too_old }, StampSource::Display),
            Ok(code) => return Err(code.out_of_place().into()),
            Err(_) => return Err(CodeRefusal::CodeUnknown.into()),
        };
        Ok(CheckInContext { current, now, attempt: CheckInAttempt { point, source, device_location }, how })
    }

    async fn stamp(&self, app: &App, holder: Holder) -> Result<CheckInResult> {
        record_refusal(app, Some(self.attempt.point), self.try_stamp(app, holder).await)
    }

    async fn try_stamp(&self, app: &App, holder: Holder) -> Result<CheckInResult> {
        let point = self.attempt.point;
        let answer =
            |new, passport| CheckInResult { current: Arc::clone(&self.current), point, new, passport, now: self.now };
        let rain = match check_in::check(&self.current.carnival, &self.attempt, self.now) {
            Ok(admission) => admission.rain,
            Err(refusal) => {
                // An existing stamp takes precedence over every refusal; only the refused case pays for this second read.
                let passport = read_durable(app, &self.current, holder, &self.how, self.now).await?;
                if passport.stamp(point).is_none() {
                    return Err(refusal.into());
                }
                count_stamps("repeated", 1);
                return Ok(answer(false, passport));
            }
        };
        let how = (&self.how, rain);
        let StampsOutcome { passport, new } = record(app, &self.current, holder, &[point], how, self.now).await?;
        if !new.is_empty() {
            hint_recording::record_stamp(app, &self.current, &passport, point, self.now);
        }
        Ok(answer(!new.is_empty(), passport))
    }
}

/// Reads the passport with the durability of a write, because the caller reports its contents as recorded. Writing
/// zero stamps waits for the replicas; a plain read does not.
pub(in crate::actions) async fn read_durable(
    app: &App,
    current: &CurrentCarnival,
    holder: Holder,
    how: &StampSource,
    at: Timestamp,
) -> Result<Passport> {
    Ok(record(app, current, holder, &[], (how, false), at).await?.passport)
}

/// Records stamps that the rules allowed; `how` says how they were obtained, and whether they are rain stamps.
pub(in crate::actions) async fn record(
    app: &App,
    current: &CurrentCarnival,
    holder: Holder,
    points: &[PointNumber],
    (how, rain): (&StampSource, bool),
    at: Timestamp,
) -> Result<StampsOutcome> {
    let new = NewStamps {
        holder,
        new_number: random::passport_number()?,
        points: points.to_vec(),
        routes: Arc::clone(&current.routes),
        how: how.clone(),
        rain,
        moment: LocalMoment::of(&current.carnival, at),
    };
    let stamped = app.store.stamp(&new).await?;
    count_stamps("new", stamped.new.len());
    count_stamps("repeated", points.len().saturating_sub(stamped.new.len()));
    Ok(stamped)
}

fn count_stamps(kind: &'static str, count: usize) {
    if count > 0 {
        metrics::counter!("carnival_stamps_total", "kind" => kind).increment(count as u64);
    }
}
