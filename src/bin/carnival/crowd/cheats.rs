//! What a few try who want more than is theirs, and what they were told.

use std::time::Duration;

use carnival::rules::ids::{Generation, PointNumber};
use carnival::tokens::{Codes, Secret};
use jiff::Timestamp;
use serde_json::Value;

use super::super::setup::LAG_S;
use super::booths::Errand;
use super::line::Silence;
use super::phone::Phone;
use super::plan::Cheat;
use super::world::World;

/// How long a photo of the tablet lies about, in the carnival's minutes; and beside that, as long as a
/// rehearsal that is sped up is more patient, in true seconds.
const PHOTO_MIN: f64 = 12.0;
const PATIENT: Duration = Duration::from_secs(LAG_S as u64);
/// Whoever goes faster is a suspicion by the settings of a rehearsal, in km/h, unless it is this near, in metres.
const FASTEST_KMH: f64 = 30.0;
const NEAR_M: f64 = 300.0;

/// Before she goes the way.
pub(super) async fn before(phone: &mut Phone) -> Result<(), Silence> {
    let world = std::sync::Arc::clone(&phone.world);
    let told = match phone.party.cheat {
        Some(Cheat::ForgedCode) => {
            let Some(point) = a_poster(&world) else { return Ok(()) };
            phone.check_in(&forged(&world.poster(point)), world.location(point)).await?
        }
        Some(Cheat::OtherCarnival) => match foreign() {
            Some(code) => phone.check_in(&code, Value::Null).await?,
            None => return Ok(()),
        },
        Some(Cheat::NotEarned) => {
            let Some(gift) = world.gifts.first().map(|gift| gift.id.clone()) else { return Ok(()) };
            phone.claim(&gift).await?
        }
        Some(Cheat::OldTablet) => {
            let Some(point) = (0..world.points.len()).find(|point| world.has_tablet(*point)) else { return Ok(()) };
            let photo = world.tablet(point).await?;
            world.pass(PHOTO_MIN).await;
            tokio::time::sleep(PATIENT).await;
            phone.check_in(&photo, world.location(point)).await?
        }
        Some(Cheat::VoucherTwice | Cheat::TwoPlaces) | None => return Ok(()),
    };
    if let Some(cheat) = phone.party.cheat {
        world.line.books.open().cheated(cheat, told.err().as_deref());
    }
    Ok(())
}

/// After a voucher was confirmed, at a booth that has simulated volunteers.
pub(super) async fn after(phone: &mut Phone) -> Result<(), Silence> {
    let (Some(Cheat::VoucherTwice), Some(voucher)) = (phone.party.cheat, phone.confirmed.first()) else {
        return Ok(());
    };
    let errand = vec![Errand::Voucher(voucher.clone())];
    let Some(booth) = phone.booths.any(&mut phone.chance) else { return Ok(()) };
    let done = phone.booths.visit(&phone.world, booth, phone.party.people(), errand).await;
    for told in done {
        phone.world.line.books.open().cheated(Cheat::VoucherTwice, told.err().as_deref());
    }
    Ok(())
}

/// Two stamps within a minute are both given, and the second is a suspicion where the points are known to be far apart.
pub(super) fn two_places(phone: &Phone, order: &[usize]) {
    let (Some(Cheat::TwoPlaces), [from, to, ..]) = (phone.party.cheat, order) else { return };
    let world = &phone.world;
    let at = |point: &usize| phone.stamps.get(&world.points[*point].id)?.parse::<Timestamp>().ok();
    let (Some(earlier), Some(later)) = (at(from), at(to)) else { return };
    let took_s = later.duration_since(earlier).as_secs_f64();
    let fast = |metres: f64| metres >= NEAR_M && metres * 3.6 > took_s * FASTEST_KMH;
    let mut books = world.line.books.open();
    books.cheated(Cheat::TwoPlaces, None);
    if world.metres(*from, *to).is_some_and(fast) {
        books.numbers.suspicions += 1;
    }
}

/// The two posters that are farthest apart, or any two.
pub(super) fn far_apart(world: &World) -> Vec<usize> {
    let posters: Vec<usize> = (0..world.points.len()).filter(|point| world.has_poster(*point)).collect();
    let mut best = (posters.iter().copied().take(2).collect::<Vec<_>>(), 0.0);
    for (nth, from) in posters.iter().enumerate() {
        for to in &posters[nth + 1..] {
            let metres = world.metres(*from, *to).unwrap_or(0.0);
            if metres > best.1 {
                best = (vec![*from, *to], metres);
            }
        }
    }
    best.0
}

fn a_poster(world: &World) -> Option<usize> {
    (0..world.points.len()).find(|point| world.has_poster(*point))
}

/// The same code with another ending.
fn forged(code: &str) -> String {
    let (beginning, end) = code.split_at(code.len().saturating_sub(1));
    format!("{beginning}{}", if end == "7" { "8" } else { "7" })
}

/// A sound code of a carnival that is none of ours.
fn foreign() -> Option<String> {
    let secret = Secret::new("5d1f0c9b7a3e48268f10b4d7c2e95a63e8b7140d9c5f2a36").ok()?;
    let codes = Codes::new(&secret, &"another-carnival".parse().ok()?, 180);
    Some(codes.printed(PointNumber::try_from(1).ok()?, Generation::FIRST))
}
