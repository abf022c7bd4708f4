//! May this gift be claimed, may it be handed over here and now?

use jiff::Timestamp;

use super::carnival::{Carnival, Days, Gift, Needs};
use super::check_in::judge_day;
use super::hours::{Span, minute_of_day};
use super::passport::{Progress, Stamp};
use super::refusal::{MissingPoint, Refusal};
use super::roles::Place;

/// Whether a passport with these stamps may set the gift aside now.
///
/// # Errors
/// A refusal when it is not earned, when the organisers closed it, or when its last pick-up day is over.
pub fn judge_claim(carnival: &Carnival, gift: &Gift, stamps: &[Stamp], now: Timestamp) -> Result<(), Refusal> {
    judge_earned(carnival, gift, stamps)?;
    if let Some(reason) = &gift.closed {
        return Err(Refusal::GiftClosed { gift: gift.name.clone(), reason: reason.clone() });
    }
    if carnival.local(now).date() > pick_up_days(carnival, gift).last {
        return Err(pick_up_closed(carnival, gift, now));
    }
    Ok(())
}

/// Whether these stamps earn the gift.
///
/// # Errors
/// A refusal that says what is missing.
pub fn judge_earned(carnival: &Carnival, gift: &Gift, stamps: &[Stamp]) -> Result<(), Refusal> {
    let progress = Progress::of(carnival, stamps).towards(gift);
    if progress.is_earned() {
        return Ok(());
    }
    Err(Refusal::GiftNotEarned {
        gift: gift.name.clone(),
        have: progress.have,
        need: progress.need,
        missing: missing(carnival, gift, stamps),
    })
}

/// The open points that would help and are not stamped yet.
fn missing(carnival: &Carnival, gift: &Gift, stamps: &[Stamp]) -> Vec<MissingPoint> {
    let route = match &gift.needs {
        Needs::AllOfRoute(route) | Needs::OfRoute { route, .. } => Some(route),
        Needs::Total(_) | Needs::Routes(_) => None,
    };
    carnival
        .points
        .iter()
        .filter(|point| route.is_none_or(|route| point.route == *route) && point.closed.is_none())
        .filter(|point| stamps.iter().all(|stamp| stamp.point != point.number))
        .map(|point| MissingPoint { point: point.id.clone(), name: point.name.clone() })
        .collect()
}

/// Whether the gift is handed out at this place now. No place is an organiser, who may everywhere.
///
/// # Errors
/// A refusal for another booth, day or hour.
pub fn judge_hand_over(carnival: &Carnival, gift: &Gift, place: Option<&Place>, now: Timestamp) -> Result<(), Refusal> {
    let here = match place {
        None => true,
        Some(Place::Booth(booth)) => gift.booths.is_empty() || gift.booths.contains(booth),
        Some(Place::Point(_)) => gift.booths.is_empty(),
    };
    if !here {
        let booths = gift.booths.iter().map(|id| carnival.place_name(&Place::Booth(id.clone()))).collect();
        return Err(Refusal::WrongBooth { gift: gift.name.clone(), booths });
    }
    let local = carnival.local(now);
    let hours = pick_up_hours(gift);
    let minute = minute_of_day(local.time());
    let open = hours.is_empty() || hours.iter().any(|span| span.holds(minute, 0));
    if open && pick_up_days(carnival, gift).hold(local.date()) {
        return Ok(());
    }
    if gift.pick_up.is_none() {
        judge_day(carnival, now)?;
    }
    Err(pick_up_closed(carnival, gift, now))
}

fn pick_up_closed(carnival: &Carnival, gift: &Gift, now: Timestamp) -> Refusal {
    Refusal::PickUpClosed {
        gift: gift.name.clone(),
        days: pick_up_days(carnival, gift),
        hours: pick_up_hours(gift).to_vec(),
        now: Box::new(carnival.zoned(now)),
    }
}

fn pick_up_days(carnival: &Carnival, gift: &Gift) -> Days {
    gift.pick_up.as_ref().map_or(carnival.days, |pick_up| pick_up.days)
}

fn pick_up_hours(gift: &Gift) -> &[Span] {
    gift.pick_up.as_ref().map_or(&[], |pick_up| &pick_up.hours)
}
