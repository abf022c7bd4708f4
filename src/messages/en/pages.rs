//! The texts of pages in English.

use super::format::date_time;
use crate::messages::pages::{PageParts, PageTexts};

const SCAN: &[&str] = &["Open WeChat", "Tap “+”, then “Scan”", "Scan this code again"];

#[rustfmt::skip]
pub(super) const PAGES: PageTexts = PageTexts {
    language: "English",
    unknown_code: "We do not know this code",
    expired_code: "This code is no longer used",
    one_moment: "One moment, please",
    point: PageParts { title: "", lead: "Welcome! You can get your stamp now.", steps: SCAN, hint: "Was this code sent to you in WeChat? Press and hold its picture." },
    scan_with_wechat: "Please scan it with WeChat.",
    scan_then: "Scan this code with WeChat then, and get your stamp.",
    route: "Route",
    open_today: "Open today",
    between_hours: ", ",
    card: PageParts { title: "A paper passport", lead: "", steps: &["Bring this card to the points for stamps, and to the booth for gifts."], hint: "It needs no phone. If someone in the family has WeChat, they can scan this code there and keep the card on their phone too." },
    card_number: "Card number",
    invitation: PageParts { title: "", lead: "Type your name, and you are on duty.", steps: SCAN, hint: "This invitation is meant for you; please do not pass it on." },
    waits_for_organiser: "Type your name. When an organiser accepts it, you are on duty.",
    invited_volunteer: "You are invited to volunteer",
    invited_organiser: "You are invited to organise",
    invited_viewer: "You are invited to see the numbers",
    invited_reporter: "You are invited as a reporter",
    invited_display: "Open this on the tablet that shows the code of the point",
    place: "Place",
    open_before: "Open it before",
    date_time,
    voucher: PageParts { title: "A gift voucher", lead: "", steps: &["Show it to a volunteer at the booth."], hint: "" },
    voucher_digits: "Voucher",
    practice: "Volunteers practise with this one; no gift is given for it.",
    own_code: PageParts { title: "A personal code", lead: "", steps: &["Let a volunteer scan it."], hint: "It helps when a camera fails. It is good for five minutes." },
};
