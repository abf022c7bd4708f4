//! What a change of the published carnival would break, in English.

use super::format::{date_time, day};
use crate::messages::format::{quoted, reason};
use crate::rules::carnival::change::{ChangeBlocker, ChangeWarning};
use crate::rules::carnival_file::undone_changes::{AttributedChange, UndoEffect};

#[rustfmt::skip]
pub(crate) fn change_blocker(blocker: &ChangeBlocker) -> String {
    match blocker {
        ChangeBlocker::AnotherCarnival { current, new } => format!("this is the file of another carnival: its id is \"{new}\", and \"{current}\" is published. Use the file of that carnival."),
        ChangeBlocker::TimeZoneChanged { current } => format!("time_zone cannot change after publication, because all hours depend on it. Restore \"{current}\"."),
        ChangeBlocker::LoginChanged => "login cannot change after publication, because residents would lose their stamps. Restore the former value.".into(),
        ChangeBlocker::PointVanished { point } => format!("point \"{point}\" is missing, but posters and stamps still refer to it. Restore it; to close it for good, write closed = \"the reason\"."),
        ChangeBlocker::PointRenumbered { point, number } => format!("the number of point \"{point}\" is {number}; it is printed on its poster and must not change or be given to another point. Restore it."),
        ChangeBlocker::GiftVanished { gift } => format!("gift \"{gift}\" is missing, but people may have earned it. Restore it; to stop handing it out, write closed = \"the reason\"."),
        ChangeBlocker::GiftRenumbered { gift, number } => format!("the number of gift \"{gift}\" is {number}; it is part of its vouchers and must not change or be given to another gift. Restore it."),
        ChangeBlocker::GiftHarder { gift, need, new } => {
            let how = if new > need { format!("it takes {need} now and would take {new}") } else { "fewer points would count".to_owned() };
            format!("“{gift}” would be harder to earn ({how}), so people who have earned it would lose it. Restore the gift's needs and the route's complete_with, or make them lower.")
        }
        ChangeBlocker::HoldShorter { gift, held } => format!("{held} of “{gift}” are held for residents, so hold_minutes cannot become shorter. Restore the former value, or write a longer one."),
        ChangeBlocker::PickUpNarrower { gift, held } => format!("{held} of “{gift}” are held for residents, so they cannot be handed out on fewer days or hours. Restore the former pick_up, or write a wider one."),
    }
}

#[rustfmt::skip]
pub(crate) fn change_warning(warning: &ChangeWarning) -> String {
    match warning {
        ChangeWarning::StockUnchanged { gift, file, current } => format!(
            "The stock of “{gift}” stays {current}; the {file} in the file has no effect. Use a stock movement to change the stock."
        ),
    }
}

/// The change is named first; who made it and when stands in brackets.
pub(crate) fn undone_change(AttributedChange { change, by, at, .. }: &AttributedChange) -> String {
    let (name, at) = (quoted(&change.name), date_time(at));
    match &change.effect {
        UndoEffect::Reopened { reason: why } => format!("{name} would reopen (closed by {by}, {at}: {}).", reason(why)),
        UndoEffect::OpenOnDay { day: on } => {
            let on = on.parse().map_or_else(|_| on.clone(), day);
            format!("{name} would be open on {on} (closed by {by}, {at}).")
        }
        UndoEffect::NoticeRemoved { notice } => {
            format!("The notice {} would disappear (set by {by}, {at}).", quoted(notice))
        }
        UndoEffect::EntryRemoved => format!("{name} would disappear (added or changed by {by}, {at})."),
        UndoEffect::EntryReturns => format!("{name} would return (removed by {by}, {at})."),
        UndoEffect::Replaced { current, new } => {
            let value = |value: &Option<String>| value.as_deref().map_or_else(|| "absent".to_owned(), quoted);
            format!(
                "{} of {name} would change from {} to {} (changed by {by}, {at}).",
                change.part.key,
                value(current),
                value(new)
            )
        }
    }
}
