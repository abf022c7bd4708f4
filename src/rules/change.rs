//! May this carnival take the place of the one that counts?
//!
//! People hold posters, stamps and vouchers of the carnival that counts. A change may make things
//! easier for them and never harder. All objections come at once, each with a stable code and a
//! sentence that says what helps; what only needs to be known is a note.

mod entitlements;
mod messages;

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::carnival::{Carnival, DateRange, Gift};
use super::gift::{pick_up_days, pick_up_hours};
use super::hours::TimeRange;
use super::ids::GiftNumber;
use super::passport::PassportProgress;

pub use self::entitlements::still_earns;

/// What the store knows of a gift that counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GiftStatus {
    /// How many there are, with all deliveries and losses.
    pub stock: u32,
    /// How many are held now.
    pub held: u32,
}

/// Why a change cannot be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeBlocker {
    /// It is another carnival.
    AnotherCarnival {
        /// The id that counts.
        current: String,
        /// The id of the new one.
        new: String,
    },
    /// Days and hours would be meant on other clocks.
    TimeZoneChanged {
        /// The zone that counts.
        current: String,
    },
    /// Residents would be other residents.
    LoginChanged,
    /// A point vanished.
    PointVanished {
        /// Its id.
        point: String,
    },
    /// A point's number changed, or another point took its number.
    PointRenumbered {
        /// Its id.
        point: String,
        /// Its number.
        number: u16,
    },
    /// A gift vanished.
    GiftVanished {
        /// Its id.
        gift: String,
    },
    /// A gift's number changed, or another gift took its number.
    GiftRenumbered {
        /// Its id.
        gift: String,
        /// Its number.
        number: u8,
    },
    /// Somebody who has earned a gift would not have earned it any more.
    GiftHarder {
        /// Its name.
        gift: String,
        /// What it takes now.
        need: u16,
        /// What it would take.
        new: u16,
    },
    /// Claims of it would be held for a shorter time while some are held.
    HoldShorter {
        /// Its name.
        gift: String,
        /// How many are held.
        held: u32,
    },
    /// It would be handed out on fewer days or hours while some are held.
    PickUpNarrower {
        /// Its name.
        gift: String,
        /// How many are held.
        held: u32,
    },
}

/// What should be known of a change, and is no reason against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeWarning {
    /// The file says another stock than before and than there is; the file's does not count any more.
    StockUnchanged {
        /// The gift's name.
        gift: String,
        /// What the file says.
        file: u32,
        /// What counts.
        current: u32,
    },
}

/// What comparing two carnivals found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CarnivalComparison {
    /// Every reason against the change; none: it may be published.
    pub blockers: Vec<ChangeBlocker>,
    /// What should be known of it.
    pub warnings: Vec<ChangeWarning>,
}

/// Compares the carnival that counts with a new one. `gifts` is what the store knows at `now` of the
/// gifts of the one that counts.
#[must_use]
pub fn compare(
    current: &Carnival,
    new: &Carnival,
    gifts: &BTreeMap<GiftNumber, GiftStatus>,
    now: Timestamp,
) -> CarnivalComparison {
    let mut comparison = CarnivalComparison::default();
    if current.id != new.id {
        // Nothing else can be compared with another carnival.
        let (current, new) = (current.id.to_string(), new.id.to_string());
        comparison.blockers.push(ChangeBlocker::AnotherCarnival { current, new });
        return comparison;
    }
    let blockers = &mut comparison.blockers;
    if current.time_zone != new.time_zone {
        let current = current.time_zone.iana_name().unwrap_or_default().to_owned();
        blockers.push(ChangeBlocker::TimeZoneChanged { current });
    }
    if current.login != new.login {
        blockers.push(ChangeBlocker::LoginChanged);
    }
    compare_points(current, new, blockers);
    for gift in &current.gifts {
        let status = gifts.get(&gift.number).copied().unwrap_or_default();
        match same_gift(gift, new) {
            Ok(changed) => {
                compare_gift((current, gift), (new, changed), status.held, now, blockers);
                // Only whoever writes another number means it.
                let stock_edited = changed.stock != gift.stock && gifts.contains_key(&gift.number);
                if stock_edited && changed.stock != status.stock {
                    let (gift, file, current) = (changed.name.clone(), changed.stock, status.stock);
                    comparison.warnings.push(ChangeWarning::StockUnchanged { gift, file, current });
                }
            }
            Err(blocker) => blockers.push(blocker),
        }
    }
    comparison
}

/// Printed codes carry the number, other entries the id: both must go on to mean the same.
fn compare_points(current: &Carnival, new: &Carnival, blockers: &mut Vec<ChangeBlocker>) {
    for point in &current.points {
        let id = point.id.to_string();
        match (new.point_by_id(&point.id), new.point(point.number)) {
            (Some(named), Some(_)) if named.number == point.number => {}
            (None, None) => blockers.push(ChangeBlocker::PointVanished { point: id }),
            _ => blockers.push(ChangeBlocker::PointRenumbered { point: id, number: point.number.get() }),
        }
    }
}

fn same_gift<'n>(gift: &Gift, new: &'n Carnival) -> Result<&'n Gift, ChangeBlocker> {
    let id = gift.id.to_string();
    match (new.gift_by_id(&gift.id), new.gift(gift.number)) {
        (Some(named), Some(_)) if named.number == gift.number => Ok(named),
        (None, None) => Err(ChangeBlocker::GiftVanished { gift: id }),
        _ => Err(ChangeBlocker::GiftRenumbered { gift: id, number: gift.number.get() }),
    }
}

fn compare_gift(
    (current, gift): (&Carnival, &Gift),
    (new, changed): (&Carnival, &Gift),
    held: u32,
    now: Timestamp,
    blockers: &mut Vec<ChangeBlocker>,
) {
    let name = || changed.name.clone();
    if !still_earns((current, gift), (new, changed)) {
        let need = PassportProgress::of(current, []).for_gift(gift).need;
        let new = PassportProgress::of(new, []).for_gift(changed).need;
        blockers.push(ChangeBlocker::GiftHarder { gift: name(), need, new });
    }
    if held == 0 {
        return;
    }
    if shorter(gift.hold_minutes, changed.hold_minutes) {
        blockers.push(ChangeBlocker::HoldShorter { gift: name(), held });
    }
    let today = current.local(now).date();
    let (before, after) = (pick_up_days(current, gift), pick_up_days(new, changed));
    if !covers_days(before, after, today) || !covers_hours(pick_up_hours(gift), pick_up_hours(changed)) {
        blockers.push(ChangeBlocker::PickUpNarrower { gift: name(), held });
    }
}

/// Without minutes a hold lasts to the end of its day: longer than none, and at most a day.
fn shorter(before: Option<u32>, after: Option<u32>) -> bool {
    const DAY: u32 = 24 * 60;
    match (before, after) {
        (Some(before), Some(after)) => after < before,
        (Some(_), None) => true,
        (None, Some(after)) => after < DAY,
        (None, None) => false,
    }
}

/// Whether what is left of the days before is among the days after.
fn covers_days(before: DateRange, after: DateRange, today: jiff::civil::Date) -> bool {
    let first = before.first.max(today);
    first > before.last || (after.first <= first && before.last <= after.last)
}

fn covers_hours(before: &[TimeRange], after: &[TimeRange]) -> bool {
    let open = |spans: &[TimeRange], minute| spans.iter().any(|span| span.contains(minute, 0));
    (0..=24 * 60).all(|minute| !open(before, minute) || open(after, minute))
}

#[cfg(test)]
mod tests;
