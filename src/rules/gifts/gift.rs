//! Decides whether a gift may be claimed, and whether it may be handed over at a station now.

use jiff::civil::{Date, Time};
use jiff::{Timestamp, ToSpan};

use crate::rules::carnival::hours::{MINUTES_PER_DAY, TimeRange, minute_of_day};
use crate::rules::carnival::point_status::latest_closing;
use crate::rules::carnival::{Carnival, DateRange, Gift};
use crate::rules::check_ins::check_in::check_day;
use crate::rules::check_ins::passport::{Passport, PassportProgress, Stamp, gifts_unlocked_by};
use crate::rules::ids::PointNumber;
use crate::rules::refusals::{GiftRefusal, MissingPoint, Refusal};
use crate::rules::staff::roles::Station;

/// Checks whether a passport with these stamps may claim the gift now.
///
/// # Errors
/// A refusal if the gift is not earned, is closed, or is not handed out again.
pub fn check_claim(carnival: &Carnival, gift: &Gift, stamps: &[Stamp], now: Timestamp) -> Result<(), Refusal> {
    check_earned(carnival, gift, stamps)?;
    if let Some(reason) = &gift.closed {
        return Err(GiftRefusal::GiftClosed { gift: gift.name.clone(), reason: reason.clone() }.into());
    }
    if next_pick_up(carnival, gift, now).is_none() {
        return Err(pick_up_closed(carnival, gift, now));
    }
    Ok(())
}

/// Checks whether these stamps earn the gift.
///
/// # Errors
/// A refusal that lists what is missing.
pub fn check_earned(carnival: &Carnival, gift: &Gift, stamps: &[Stamp]) -> Result<(), Refusal> {
    let progress = PassportProgress::of(carnival, stamps);
    let for_gift = progress.for_gift(gift);
    if for_gift.is_earned() {
        return Ok(());
    }
    Err(GiftRefusal::GiftNotEarned {
        gift: gift.name.clone(),
        unit: gift.needs.unit(),
        have: for_gift.have,
        need: for_gift.need,
        missing: missing(carnival, gift, stamps, &progress),
    }
    .into())
}

/// The gifts that the stamps of these points unlocked, if they can still be claimed and handed out.
#[must_use]
pub fn unlocked_gifts<'a>(
    carnival: &'a Carnival,
    passport: &Passport,
    points: &[PointNumber],
    now: Timestamp,
) -> Vec<&'a Gift> {
    let is_handed_out = |gift: &&Gift| gift.closed.is_none() && next_pick_up(carnival, gift, now).is_some();
    gifts_unlocked_by(carnival, passport, points).into_iter().filter(is_handed_out).collect()
}

/// The open points without a stamp that count towards the gift, without those that the passport is relieved of.
fn missing(carnival: &Carnival, gift: &Gift, stamps: &[Stamp], progress: &PassportProgress<'_>) -> Vec<MissingPoint> {
    carnival
        .points
        .iter()
        .filter(|point| point.closed.is_none() && progress.would_count(gift, point))
        .filter(|point| progress.routes().iter().all(|route| !route.relieved.contains(&point.number)))
        .filter(|point| stamps.iter().all(|stamp| stamp.point != point.number))
        .map(|point| MissingPoint { point: point.id.clone(), name: point.name.clone() })
        .collect()
}

/// Checks whether the gift is handed out at this station now. `None` stands for an organiser, who may hand out gifts
/// everywhere.
///
/// # Errors
/// A refusal for another booth, day or hour.
pub fn check_hand_over(
    carnival: &Carnival,
    gift: &Gift,
    place: Option<&Station>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let here = match place {
        None => true,
        Some(Station::Booth(booth)) => gift.booths.is_empty() || gift.booths.contains(booth),
        Some(Station::Point(_)) => gift.booths.is_empty(),
    };
    if !here {
        let booths = gift.booths.iter().map(|id| carnival.station_name(&Station::Booth(id.clone()))).collect();
        return Err(GiftRefusal::WrongBooth { gift: gift.name.clone(), booths }.into());
    }
    if next_pick_up(carnival, gift, now) == Some(now) { Ok(()) } else { Err(pick_up_closed(carnival, gift, now)) }
}

/// The next time at which the gift is handed out, possibly `now`; `None` after the last pick-up.
#[must_use]
pub fn next_pick_up(carnival: &Carnival, gift: &Gift, now: Timestamp) -> Option<Timestamp> {
    let (days, hours) = (pick_up_days(carnival, gift), pick_up_hours(carnival, gift));
    let local = carnival.local(now);
    let today = local.date();
    let minute = minute_of_day(local.time());
    let is_open = |span: &TimeRange| days.contains(today) && span.contains(minute, 0);
    let belongs_to_yesterday = |span: &TimeRange| {
        let in_days = || today.yesterday().is_ok_and(|yesterday| days.contains(yesterday));
        span.passes_midnight() && span.contains(minute + MINUTES_PER_DAY, 0) && in_days()
    };
    if hours.iter().any(|span| is_open(span) || belongs_to_yesterday(span)) {
        return Some(now);
    }
    let opens = |day: Date, after: Option<u16>| {
        let later = hours.iter().map(|span| span.opens()).filter(|opens| after.is_none_or(|after| *opens > after));
        let opens = later.min().filter(|_| days.contains(day))?;
        day.to_datetime(Time::midnight()).checked_add(i64::from(opens).minutes()).ok()
    };
    let another_day = || opens(today.tomorrow().ok()?.max(days.first), None);
    let opening = opens(today, Some(minute)).or_else(another_day)?;
    Some(opening.to_zoned(carnival.time_zone.clone()).ok()?.timestamp())
}

fn pick_up_closed(carnival: &Carnival, gift: &Gift, now: Timestamp) -> Refusal {
    let refusal = || GiftRefusal::PickUpClosed {
        gift: gift.name.clone(),
        days: pick_up_days(carnival, gift),
        hours: gift.pick_up.as_ref().map_or_else(Vec::new, |pick_up| pick_up.hours.clone()),
        now: Box::new(carnival.zoned(now)),
    };
    // Without its own pick-up days, a gift follows the carnival's days, and so does the refusal.
    let carnivals = gift.pick_up.is_none().then(|| check_day(carnival, now).err()).flatten();
    carnivals.unwrap_or_else(|| refusal().into())
}

/// The last day on which a gift is handed out, or the carnival's last day if that is later.
#[must_use]
pub fn last_pick_up_day(carnival: &Carnival) -> Date {
    let pick_ups = carnival.gifts.iter().filter_map(|gift| gift.pick_up.as_ref());
    pick_ups.map(|pick_up| pick_up.days.last).fold(carnival.days.last, Date::max)
}

pub(in crate::rules) fn pick_up_days(carnival: &Carnival, gift: &Gift) -> DateRange {
    gift.pick_up.as_ref().map_or(carnival.days, |pick_up| pick_up.days)
}

pub(in crate::rules) fn pick_up_hours(carnival: &Carnival, gift: &Gift) -> Vec<TimeRange> {
    match &gift.pick_up {
        Some(pick_up) if !pick_up.hours.is_empty() => pick_up.hours.clone(),
        Some(_) => vec![TimeRange::WHOLE_DAY],
        // A stamp of the last night earns a gift, too.
        None => vec![TimeRange::whole_day_until(latest_closing(carnival))],
    }
}

#[cfg(test)]
mod tests;
