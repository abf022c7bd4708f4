//! Inspection before the opening: a staff member scans each poster on site; no stamp is given.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::actions::app::{App, Result};
use crate::actions::carnival::current_carnival::CurrentCarnival;
use crate::actions::staff::OnDuty;
use crate::rules::carnival::Point;
use crate::rules::ids::PointNumber;
use crate::rules::prints::poster_state::{self, PosterState};
use crate::rules::refusals::CodeRefusal;
use crate::store::PosterCheck;
use crate::store::control_records::{self, Existing};
use crate::tokens::{Code, Volunteer};

/// Result of scanning one poster.
#[derive(Clone, Debug)]
pub struct PosterInspection {
    /// The carnival that was current at the time.
    pub current: Arc<CurrentCarnival>,
    /// Time of the scan.
    pub now: Timestamp,
    /// The point of the poster.
    pub point: Point,
    /// State of the poster.
    pub verdict: PosterState,
    /// State of all posters, including this one.
    pub posters: PosterStatus,
}

/// Progress of the inspection. Points that are closed, or that use only a tablet's display code, need no poster and
/// are not listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PosterStatus {
    /// Points whose poster was last scanned in its current generation.
    pub up_to_date: Vec<PointNumber>,
    /// Points whose poster was never scanned.
    pub missing: Vec<PointNumber>,
    /// Points whose poster was last scanned in a generation that has been reissued since.
    pub outdated: Vec<PointNumber>,
}

impl PosterStatus {
    /// Groups the points of a carnival by the last check of their poster.
    #[must_use]
    pub fn of(current: &CurrentCarnival, checks: &BTreeMap<PointNumber, PosterCheck>) -> PosterStatus {
        let mut posters = PosterStatus::default();
        for point in current.carnival.points.iter().filter(|point| poster_state::should_hang(point)) {
            let points = match checks.get(&point.number) {
                None => &mut posters.missing,
                Some(check) if check.generation < current.generation(point.number) => &mut posters.outdated,
                Some(_) => &mut posters.up_to_date,
            };
            points.push(point.number);
        }
        posters
    }

    /// Number of posters that should be in place.
    #[must_use]
    pub fn total(&self) -> usize {
        self.up_to_date.len() + self.missing.len() + self.outdated.len()
    }
}

/// Checks a scanned poster and stores the check.
///
/// # Errors
/// A refusal for an unknown code, and for a code that is not a poster's.
pub async fn check(app: &App, staff: &OnDuty<Volunteer>, code: &str) -> Result<PosterInspection> {
    let (current, now) = (app.current(), app.now());
    let (point, generation) = match app.codes.read(code, now) {
        Ok(Code::Printed { point, generation }) => (point, generation),
        Ok(code) => return Err(code.out_of_place().into()),
        Err(_) => return Err(CodeRefusal::CodeUnknown.into()),
    };
    let point = current.carnival.point(point).ok_or(CodeRefusal::CodeUnknown)?.clone();
    let verdict = poster_state::evaluate(&point, generation, current.generation(point.number))?;
    let check = PosterCheck { generation, at: now, by: staff.name.clone() };
    control_records::put(&*app.store, &[(point.number, check)].into(), Existing::Replaced).await?;
    let posters = PosterStatus::of(&current, &control_records::read_all(&*app.store).await?);
    Ok(PosterInspection { current, now, point, verdict, posters })
}
