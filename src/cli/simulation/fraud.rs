//! Fraud attempts, and their outcomes.

use std::time::Duration;

use crate::rules::ids::{Generation, PointNumber};
use crate::tokens::{Codes, Secret};
use jiff::Timestamp;

use super::booth_queues::BoothRequest;
use super::http_client::RequestFailed;
use super::population::FraudKind;
use super::resident::SimulatedResident;
use super::stats::Quantity;
use super::venue::Venue;
use crate::cli::bootstrap::DISPLAY_GRACE_EXTENSION_S;

/// Age of a display-code photo when it is scanned, in carnival minutes. A sped-up rehearsal accepts display codes for
/// [`DISPLAY_GRACE_EXTENSION_S`] real seconds longer, so the fraud waits for these as well.
const PHOTO_AGE_MINUTES: f64 = 12.0;
const GRACE_EXTENSION: Duration = Duration::from_secs(DISPLAY_GRACE_EXTENSION_S as u64);
/// A rehearsal's limits of suspicion: faster than this, in km/h, over at least this distance, in metres.
const SUSPICIOUS_KMH: f64 = 30.0;
const MIN_SUSPICIOUS_METRES: f64 = 300.0;

/// Attempts frauds that need no stamps.
pub(super) async fn attempt_before_visit(resident: &mut SimulatedResident) -> Result<(), RequestFailed> {
    let venue = std::sync::Arc::clone(&resident.venue);
    let outcome = match resident.group.fraud {
        Some(FraudKind::ForgedCode) => {
            let Some(point) = (0..venue.points.len()).find(|point| venue.has_poster(*point)) else { return Ok(()) };
            resident.check_in(&forged_code(&venue.printed_code(point)), venue.location(point)).await?
        }
        Some(FraudKind::OtherCarnival) => match foreign_code() {
            Some(code) => resident.check_in(&code, None).await?,
            None => return Ok(()),
        },
        Some(FraudKind::NotEarned) => {
            let Some(gift) = venue.gifts.first().map(|gift| gift.id.clone()) else { return Ok(()) };
            resident.claim(&gift).await?
        }
        Some(FraudKind::OldDisplayCode) => {
            let Some(point) = (0..venue.points.len()).find(|point| venue.has_display(*point)) else { return Ok(()) };
            let photo = venue.display_code(point).await?;
            venue.sleep_minutes(PHOTO_AGE_MINUTES).await;
            tokio::time::sleep(GRACE_EXTENSION).await;
            resident.check_in(&photo, venue.location(point)).await?
        }
        Some(FraudKind::VoucherTwice | FraudKind::TwoPlaces) | None => return Ok(()),
    };
    if let Some(kind) = resident.group.fraud {
        venue.client.stats().record_fraud(kind, outcome.err().as_deref());
    }
    Ok(())
}

/// Attempts to redeem a voucher twice. Needs a simulated volunteer.
pub(super) async fn attempt_after_redemption(resident: &mut SimulatedResident) -> Result<(), RequestFailed> {
    let (Some(FraudKind::VoucherTwice), Some(voucher)) = (resident.group.fraud, resident.confirmed.first()) else {
        return Ok(());
    };
    let requests = vec![BoothRequest::Voucher(voucher.clone())];
    let Some(booth) = resident.booths.any_booth(&mut resident.rng) else { return Ok(()) };
    let outcomes = resident.booths.queue_at(&resident.venue, booth, resident.group.people(), requests).await;
    for outcome in outcomes {
        resident.venue.client.stats().record_fraud(FraudKind::VoucherTwice, outcome.err().as_deref());
    }
    Ok(())
}

/// Records two stamps within a minute. Both are granted; the second is a suspicion if the points are known to be far
/// apart.
pub(super) fn record_two_places(resident: &SimulatedResident, order: &[usize]) {
    let (Some(FraudKind::TwoPlaces), [from, to, ..]) = (resident.group.fraud, order) else { return };
    let venue = &resident.venue;
    let at = |point: &usize| resident.stamps.get(&venue.points[*point].id)?.parse::<Timestamp>().ok();
    let (Some(earlier), Some(later)) = (at(from), at(to)) else { return };
    let elapsed_s = later.duration_since(earlier).as_secs_f64();
    let is_suspicious = |metres: f64| metres >= MIN_SUSPICIOUS_METRES && metres * 3.6 > elapsed_s * SUSPICIOUS_KMH;
    let mut stats = venue.client.stats();
    stats.record_fraud(FraudKind::TwoPlaces, None);
    if venue.metres(*from, *to).is_some_and(is_suspicious) {
        stats.totals.add(Quantity::Suspicions, "", 1);
    }
}

/// The two posters with the greatest distance, or any two without locations.
pub(super) fn farthest_posters(venue: &Venue) -> Vec<usize> {
    let posters: Vec<usize> = (0..venue.points.len()).filter(|point| venue.has_poster(*point)).collect();
    let mut best = (posters.iter().copied().take(2).collect::<Vec<_>>(), 0.0);
    for (nth, from) in posters.iter().enumerate() {
        for to in &posters[nth + 1..] {
            let metres = venue.metres(*from, *to).unwrap_or(0.0);
            if metres > best.1 {
                best = (vec![*from, *to], metres);
            }
        }
    }
    best.0
}

/// The same code with another last character.
fn forged_code(code: &str) -> String {
    let (beginning, end) = code.split_at(code.len().saturating_sub(1));
    format!("{beginning}{}", if end == "7" { "8" } else { "7" })
}

/// A valid code of another carnival.
fn foreign_code() -> Option<String> {
    let secret = Secret::new("5d1f0c9b7a3e48268f10b4d7c2e95a63e8b7140d9c5f2a36").ok()?;
    let codes = Codes::new(&secret, &"another-carnival".parse().ok()?, 180);
    Some(codes.printed(PointNumber::try_from(1).ok()?, Generation::FIRST))
}
