//! May this carnival take the place of the one that counts?
//!
//! People hold posters, stamps and vouchers of the carnival that counts. A change may make things
//! easier for them and never harder. All objections come at once, each with a stable code and a
//! sentence that says what helps; what only needs to be known is a note.

mod earned;
mod told;

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::carnival::{Carnival, Days, Gift};
use super::gift::{pick_up_days, pick_up_hours};
use super::hours::Span;
use super::ids::GiftNumber;
use super::passport::Progress;

pub use self::earned::implies;

/// What the store knows of a gift that counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GiftNow {
    /// How many there are, with all deliveries and losses.
    pub stock: u32,
    /// How many are held now.
    pub held: u32,
}

/// Why a change cannot be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Objection {
    /// It is another carnival.
    AnotherCarnival {
        /// The id that counts.
        counts: String,
        /// The id of the new one.
        new: String,
    },
    /// Days and hours would be meant on other clocks.
    TimeZoneChanged {
        /// The zone that counts.
        counts: String,
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
pub enum Note {
    /// The file says another stock than before and than there is; the file's does not count any more.
    StockStays {
        /// The gift's name.
        gift: String,
        /// What the file says.
        file: u32,
        /// What counts.
        counts: u32,
    },
}

/// What comparing two carnivals found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Every reason against the change; none: it may be published.
    pub objections: Vec<Objection>,
    /// What should be known of it.
    pub notes: Vec<Note>,
}

/// Compares the carnival that counts with a new one. `gifts` is what the store knows at `now` of the
/// gifts of the one that counts.
#[must_use]
pub fn compare(counts: &Carnival, new: &Carnival, gifts: &BTreeMap<GiftNumber, GiftNow>, now: Timestamp) -> Compared {
    let mut compared = Compared::default();
    if counts.id != new.id {
        // Nothing else can be compared with another carnival.
        let (counts, new) = (counts.id.to_string(), new.id.to_string());
        compared.objections.push(Objection::AnotherCarnival { counts, new });
        return compared;
    }
    let objections = &mut compared.objections;
    if counts.time_zone != new.time_zone {
        let counts = counts.time_zone.iana_name().unwrap_or_default().to_owned();
        objections.push(Objection::TimeZoneChanged { counts });
    }
    if counts.login != new.login {
        objections.push(Objection::LoginChanged);
    }
    compare_points(counts, new, objections);
    for gift in &counts.gifts {
        let now_there = gifts.get(&gift.number).copied().unwrap_or_default();
        match same_gift(gift, new) {
            Ok(changed) => {
                compare_gift((counts, gift), (new, changed), now_there.held, now, objections);
                // Only whoever writes another number means it.
                let means_it = changed.stock != gift.stock && gifts.contains_key(&gift.number);
                if means_it && changed.stock != now_there.stock {
                    let (gift, file, counts) = (changed.name.clone(), changed.stock, now_there.stock);
                    compared.notes.push(Note::StockStays { gift, file, counts });
                }
            }
            Err(objection) => objections.push(objection),
        }
    }
    compared
}

/// Printed codes carry the number, other entries the id: both must go on to mean the same.
fn compare_points(counts: &Carnival, new: &Carnival, objections: &mut Vec<Objection>) {
    for point in &counts.points {
        let id = point.id.to_string();
        match (new.point_named(&point.id), new.point(point.number)) {
            (Some(named), Some(_)) if named.number == point.number => {}
            (None, None) => objections.push(Objection::PointVanished { point: id }),
            _ => objections.push(Objection::PointRenumbered { point: id, number: point.number.get() }),
        }
    }
}

fn same_gift<'n>(gift: &Gift, new: &'n Carnival) -> Result<&'n Gift, Objection> {
    let id = gift.id.to_string();
    match (new.gift_named(&gift.id), new.gift(gift.number)) {
        (Some(named), Some(_)) if named.number == gift.number => Ok(named),
        (None, None) => Err(Objection::GiftVanished { gift: id }),
        _ => Err(Objection::GiftRenumbered { gift: id, number: gift.number.get() }),
    }
}

fn compare_gift(
    (counts, gift): (&Carnival, &Gift),
    (new, changed): (&Carnival, &Gift),
    held: u32,
    now: Timestamp,
    objections: &mut Vec<Objection>,
) {
    let name = || changed.name.clone();
    if !implies((counts, gift), (new, changed)) {
        let need = Progress::of(counts, []).towards(gift).need;
        let new = Progress::of(new, []).towards(changed).need;
        objections.push(Objection::GiftHarder { gift: name(), need, new });
    }
    if held == 0 {
        return;
    }
    if shorter(gift.hold_minutes, changed.hold_minutes) {
        objections.push(Objection::HoldShorter { gift: name(), held });
    }
    let today = counts.local(now).date();
    let (before, after) = (pick_up_days(counts, gift), pick_up_days(new, changed));
    if !covers_days(before, after, today) || !covers_hours(pick_up_hours(gift), pick_up_hours(changed)) {
        objections.push(Objection::PickUpNarrower { gift: name(), held });
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
fn covers_days(before: Days, after: Days, today: jiff::civil::Date) -> bool {
    let first = before.first.max(today);
    first > before.last || (after.first <= first && before.last <= after.last)
}

fn covers_hours(before: &[Span], after: &[Span]) -> bool {
    let open = |spans: &[Span], minute| spans.iter().any(|span| span.holds(minute, 0));
    (0..=24 * 60).all(|minute| !open(before, minute) || open(after, minute))
}

#[cfg(test)]
mod tests;
