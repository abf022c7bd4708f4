//! The visit of one group, at a human pace.

use std::collections::BTreeSet;
use std::sync::Arc;

use fastrand::Rng;

use super::booth_queues::{BoothQueues, BoothRequest};
use super::fraud;
use super::http_client::RequestFailed;
use super::population::{FraudKind, VisitorGroup};
use super::resident::SimulatedResident;
use super::venue::Venue;

/// Percentage of groups that want every stamp, and of those with a voucher that stop at a booth on the way.
const ALL_POINTS_PERCENT: u32 = 60;
const BOOTH_ON_THE_WAY_PERCENT: u32 = 25;
/// Percentage of groups with a voucher that forget to redeem it.
const FORGET_PERCENT: u32 = 6;
/// Scans of a display before giving up; a code can be too old.
const MAX_SCANS: usize = 3;

/// Runs the whole visit of a group.
pub(super) async fn run(venue: Arc<Venue>, booths: Arc<BoothQueues>, group: VisitorGroup) {
    venue.sleep_minutes(group.arrives_after_minutes).await;
    let people = group.people();
    venue.client.stats().arrived += people;
    // A failed request ends the visit; the statistics have counted it.
    let _gave_up = if group.has_phone {
        with_phone(&venue, booths, group).await
    } else {
        with_paper(&venue, &booths, &group).await
    };
    venue.client.stats().departed += people;
}

async fn with_phone(venue: &Arc<Venue>, booths: Arc<BoothQueues>, group: VisitorGroup) -> Result<(), RequestFailed> {
    let mut resident = SimulatedResident::start(Arc::clone(venue), booths, group).await?;
    fraud::attempt_before_visit(&mut resident).await?;
    let order = visiting_order(venue, &mut resident);
    let two_places = resident.group.fraud == Some(FraudKind::TwoPlaces);
    let mut previous = None;
    for (nth, point) in order.iter().copied().enumerate() {
        if two_places && nth == 1 {
            venue.sleep_minutes(0.3).await;
        } else {
            venue.sleep_minutes(walking_minutes(venue, previous, point, &mut resident.rng)).await;
        }
        previous = Some(point);
        let presence = PresenceGuard::enter(venue, point, resident.group.people());
        if !(two_places && nth == 1) {
            venue.sleep_minutes(1.0 + resident.rng.f64() * 3.0).await;
        }
        scan(venue, &mut resident, point).await?;
        if !(two_places && nth == 0) {
            resident.claim_earned().await?;
            venue.sleep_minutes(2.0 + resident.rng.f64() * 6.0).await;
        }
        drop(presence);
        if !resident.vouchers.is_empty() && resident.rng.u32(0..100) < BOOTH_ON_THE_WAY_PERCENT {
            resident.visit_booths(false).await?;
        }
    }
    fraud::record_two_places(&resident, &order);
    if resident.rng.u32(0..100) >= FORGET_PERCENT || resident.group.fraud.is_some() {
        resident.visit_booths(true).await?;
    }
    fraud::attempt_after_redemption(&mut resident).await
}

async fn with_paper(venue: &Venue, booths: &BoothQueues, group: &VisitorGroup) -> Result<(), RequestFailed> {
    let mut rng = Rng::with_seed(group.seed);
    let (mut ink, mut previous) = (Vec::new(), None);
    let mut points: Vec<usize> = (0..venue.points.len()).collect();
    rng.shuffle(&mut points);
    points.truncate(points_wanted(points.len(), &mut rng));
    for point in points {
        venue.sleep_minutes(walking_minutes(venue, previous, point, &mut rng)).await;
        previous = Some(point);
        let _presence = PresenceGuard::enter(venue, point, group.people());
        venue.sleep_minutes(1.0 + rng.f64() * 2.0).await;
        // A visitor without a phone sees on the spot whether the point is open.
        let id = &venue.points[point].id;
        if venue.open_points().await?.contains(id) {
            ink.push(id.clone());
        }
        venue.sleep_minutes(2.0 + rng.f64() * 6.0).await;
    }
    let Some(booth) = booths.any_booth(&mut rng).filter(|_| !ink.is_empty()) else { return Ok(()) };
    let code = venue.inputs.cards[group.cards.start].clone();
    booths.queue_at(venue, booth, group.people(), vec![BoothRequest::Card { code, ink }]).await;
    Ok(())
}

/// Scans the poster or the display. A refusal ends the scan, and the visit continues.
async fn scan(venue: &Venue, resident: &mut SimulatedResident, point: usize) -> Result<(), RequestFailed> {
    let prefer_display = venue.has_display(point) && (!venue.has_poster(point) || resident.rng.bool());
    for scan in 1..=MAX_SCANS {
        // The last scan falls back to the poster, if there is one.
        let code = if prefer_display && (scan < MAX_SCANS || !venue.has_poster(point)) {
            venue.display_code(point).await?
        } else {
            venue.printed_code(point)
        };
        match resident.check_in(&code, venue.location(point)).await? {
            Err(code) if code == "display_code_too_old" => {}
            _ => break,
        }
    }
    Ok(())
}

fn walking_minutes(venue: &Venue, previous: Option<usize>, point: usize, rng: &mut Rng) -> f64 {
    let minimum = previous.map_or(0.0, |previous| venue.walking_minutes(previous, point));
    (3.0 + rng.f64() * 9.0).max(minimum)
}

fn points_wanted(points: usize, rng: &mut Rng) -> usize {
    if points == 0 || rng.u32(0..100) < ALL_POINTS_PERCENT { points } else { rng.usize(1..=points) }
}

/// The order of the points. The two-places fraud begins with the two most distant posters.
fn visiting_order(venue: &Venue, resident: &mut SimulatedResident) -> Vec<usize> {
    let mut points: Vec<usize> = (0..venue.points.len()).collect();
    resident.rng.shuffle(&mut points);
    match resident.group.fraud {
        Some(FraudKind::TwoPlaces) => {
            let pair = fraud::farthest_posters(venue);
            let apart: BTreeSet<usize> = pair.iter().copied().collect();
            points.retain(|point| !apart.contains(point));
            pair.into_iter().chain(points).collect()
        }
        Some(_) => points,
        None => {
            points.truncate(points_wanted(points.len(), &mut resident.rng));
            points
        }
    }
}

/// Counts people as present at a point until it is dropped.
struct PresenceGuard<'a> {
    venue: &'a Venue,
    point: &'a str,
    people: u64,
}

impl<'a> PresenceGuard<'a> {
    fn enter(venue: &'a Venue, point: usize, people: u64) -> PresenceGuard<'a> {
        let point = venue.points[point].id.as_str();
        *venue.client.stats().at_points.entry(point.to_owned()).or_default() += people;
        PresenceGuard { venue, point, people }
    }
}

impl Drop for PresenceGuard<'_> {
    fn drop(&mut self) {
        if let Some(present) = self.venue.client.stats().at_points.get_mut(self.point) {
            *present = present.saturating_sub(self.people);
        }
    }
}
