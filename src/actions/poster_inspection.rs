//! The walk before the opening: a staff member scans each hung poster, and no stamp is given.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::app::{App, Result};
use super::current_carnival::CurrentCarnival;
use crate::rules::carnival::Point;
use crate::rules::ids::PointNumber;
use crate::rules::poster::{self, PosterState};
use crate::rules::refusal::Refusal;
use crate::rules::staff::StaffSession;
use crate::store::PosterCheck;
use crate::tokens::Code;

/// A poster that was looked at.
#[derive(Clone, Debug)]
pub struct PosterInspection {
    /// The carnival.
    pub current: Arc<CurrentCarnival>,
    /// When.
    pub now: Timestamp,
    /// The point whose poster it is.
    pub point: Point,
    /// What it is worth.
    pub verdict: PosterState,
    /// All posters with this one.
    pub posters: PosterStatus,
}

/// How far the walk has come. A poster of a closed point, or of one that takes the tablet's code
/// alone, is not asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PosterStatus {
    /// Points whose poster was last seen in the generation that counts.
    pub up_to_date: Vec<PointNumber>,
    /// Points whose poster nobody saw.
    pub missing: Vec<PointNumber>,
    /// Points whose poster was last seen in a generation that was replaced since.
    pub outdated: Vec<PointNumber>,
}

impl PosterStatus {
    /// Sorts the points of a carnival by what was last seen of their posters.
    #[must_use]
    pub fn of(current: &CurrentCarnival, checks: &BTreeMap<PointNumber, PosterCheck>) -> PosterStatus {
        let mut posters = PosterStatus::default();
        for point in current.carnival.points.iter().filter(|point| poster::should_hang(point)) {
            let points = match checks.get(&point.number) {
                None => &mut posters.missing,
                Some(check) if check.generation < current.generation(point.number) => &mut posters.outdated,
                Some(_) => &mut posters.up_to_date,
            };
            points.push(point.number);
        }
        posters
    }

    /// How many there should be.
    #[must_use]
    pub fn total(&self) -> usize {
        self.up_to_date.len() + self.missing.len() + self.outdated.len()
    }
}

/// Looks at a poster, and keeps that it was seen.
///
/// # Errors
/// A refusal for an unknown code, and for one that is no poster's.
pub async fn check(app: &App, staff: &StaffSession, code: &str) -> Result<PosterInspection> {
    let (current, now) = (app.current(), app.now());
    let (point, generation) = match app.codes.read(code, now) {
        Ok(Code::Printed { point, generation }) => (point, generation),
        Ok(_) => return Err(Refusal::CodeOfAnotherKind.into()),
        Err(_) => return Err(Refusal::CodeUnknown.into()),
    };
    let point = current.carnival.point(point).ok_or(Refusal::CodeUnknown)?.clone();
    let verdict = poster::evaluate(&point, generation, current.generation(point.number))?;
    app.store.record_poster_check(point.number, &PosterCheck { generation, at: now, by: staff.name.clone() }).await?;
    let posters = PosterStatus::of(&current, &app.store.poster_checks().await?);
    Ok(PosterInspection { current, now, point, verdict, posters })
}
