//! What a change of the published carnival would break, in English.

use crate::rules::carnival::change::{ChangeBlocker, ChangeWarning};

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
        ChangeBlocker::GiftHarder { gift, need, new } => format!("“{gift}” would be harder to earn (it takes {need} now and would take {new}, or fewer points would count), so people who have earned it would lose it. Do not raise the requirement; when a point reopens, write complete_with for its route, or the gift's former number."),
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
