//! Checks whether a new version may replace the published carnival.
//!
//! People hold posters, stamps and vouchers of the published carnival. A change may make things easier for them, never
//! harder. All blockers are reported at once, each with a stable code and a remedy; warnings do not prevent the
//! publication.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::hours::{MINUTES_PER_DAY, TimeRange};
use super::{Carnival, DateRange, Gift};
use crate::rules::check_ins::passport::PassportProgress;
use crate::rules::gifts::gift::{pick_up_days, pick_up_hours};
use crate::rules::gifts::requirement::still_earns;
use crate::rules::ids::GiftNumber;

/// The state of a published gift in the store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GiftStatus {
    /// Current stock, including all deliveries and losses.
    pub stock: u32,
    /// Number of gifts held now.
    pub held: u32,
}

/// A reason why a change cannot be published.
#[derive(Clone, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum ChangeBlocker {
    /// The file is of another carnival.
    AnotherCarnival {
        /// The published carnival's id.
        current: String,
        /// The new file's id.
        new: String,
    },
    /// The time zone changed, so days and hours would shift.
    TimeZoneChanged {
        /// The published time zone.
        current: String,
    },
    /// The login method changed, so residents would get other identities and lose their stamps.
    LoginChanged,
    /// A point was removed.
    PointVanished {
        /// Its id.
        point: String,
    },
    /// A point's number changed, or was given to another point.
    PointRenumbered {
        /// Its id.
        point: String,
        /// Its number.
        number: u16,
    },
    /// A gift was removed.
    GiftVanished {
        /// Its id.
        gift: String,
    },
    /// A gift's number changed, or was given to another gift.
    GiftRenumbered {
        /// Its id.
        gift: String,
        /// Its number.
        number: u8,
    },
    /// A passport that has earned the gift would lose it.
    GiftHarder {
        /// Its name.
        gift: String,
        /// The present requirement.
        need: u16,
        /// The new requirement.
        new: u16,
    },
    /// The hold time becomes shorter while gifts are held.
    HoldShorter {
        /// Its name.
        gift: String,
        /// How many are held.
        held: u32,
    },
    /// Fewer days or hours of pick-up while gifts are held.
    PickUpNarrower {
        /// Its name.
        gift: String,
        /// How many are held.
        held: u32,
    },
}

impl ChangeBlocker {
    /// Stable code for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.into()
    }
}

/// Information about a change that does not prevent the publication.
#[derive(Clone, Debug, PartialEq, Eq, strum::IntoStaticStr)]
pub enum ChangeWarning {
    /// The file declares a new stock, which is ignored: after the first publication, stock changes only by stock
    /// movements.
    #[strum(serialize = "stock_stays")]
    StockUnchanged {
        /// The gift's name.
        gift: String,
        /// The stock declared in the file.
        file: u32,
        /// The actual stock.
        current: u32,
    },
}

impl ChangeWarning {
    /// Stable code for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.into()
    }
}

/// The result of comparing two versions of a carnival.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CarnivalComparison {
    /// Every reason against the change. It may be published if this is empty.
    pub blockers: Vec<ChangeBlocker>,
    /// Information that does not prevent the publication.
    pub warnings: Vec<ChangeWarning>,
}

/// Compares the published carnival with a new version. `gifts` is the state of the published gifts at `now`.
#[must_use]
pub fn compare(
    current: &Carnival,
    new: &Carnival,
    gifts: &BTreeMap<GiftNumber, GiftStatus>,
    now: Timestamp,
) -> CarnivalComparison {
    let mut comparison = CarnivalComparison::default();
    if current.id != new.id {
        // A comparison with another carnival is meaningless.
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
                // An unchanged number in the file is not an attempt to change the stock.
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

/// Printed codes contain the number, other entries refer to the id; both must keep their meaning.
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
    if !covers_days(before, after, today) || !covers_hours(&pick_up_hours(current, gift), &pick_up_hours(new, changed))
    {
        blockers.push(ChangeBlocker::PickUpNarrower { gift: name(), held });
    }
}

/// A hold without minutes lasts until the end of its day: more than nothing, and at most a day.
fn shorter(before: Option<u32>, after: Option<u32>) -> bool {
    const DAY: u32 = 24 * 60;
    match (before, after) {
        (Some(before), Some(after)) => after < before,
        (Some(_), None) => true,
        (None, Some(after)) => after < DAY,
        (None, None) => false,
    }
}

/// Whether the remaining days of `before` are all within `after`.
fn covers_days(before: DateRange, after: DateRange, today: jiff::civil::Date) -> bool {
    let first = before.first.max(today);
    first > before.last || (after.first <= first && before.last <= after.last)
}

fn covers_hours(before: &[TimeRange], after: &[TimeRange]) -> bool {
    let open = |spans: &[TimeRange], minute| spans.iter().any(|span| span.contains(minute, 0));
    (0..=2 * MINUTES_PER_DAY).all(|minute| !open(before, minute) || open(after, minute))
}

#[cfg(test)]
mod tests;
