//! The texts of the pages that a plain camera opens.

use jiff::Zoned;

/// The parts of a page that are always the same; empty parts are left out.
pub struct PageParts {
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) steps: &'static [&'static str],
    pub(crate) hint: &'static str,
}

/// The texts of pages.
pub struct PageTexts {
    /// The name of this language in itself.
    pub(crate) language: &'static str,
    pub(crate) unknown_code: &'static str,
    pub(crate) expired_code: &'static str,
    pub(crate) one_moment: &'static str,
    /// A point that gives stamps now. Its title is the point's name.
    pub(crate) point: PageParts,
    pub(crate) scan_with_wechat: &'static str,
    pub(crate) scan_then: &'static str,
    pub(crate) route: &'static str,
    pub(crate) open_today: &'static str,
    pub(crate) between_hours: &'static str,
    pub(crate) card: PageParts,
    pub(crate) card_number: &'static str,
    /// An invitation. Its title depends on the role.
    pub(crate) invitation: PageParts,
    /// The lead of an invitation whose devices wait for an organiser. It goes to a group chat, so it has no hint.
    pub(crate) waits_for_organiser: &'static str,
    pub(crate) invited_volunteer: &'static str,
    pub(crate) invited_organiser: &'static str,
    pub(crate) invited_viewer: &'static str,
    pub(crate) invited_reporter: &'static str,
    pub(crate) invited_display: &'static str,
    pub(crate) place: &'static str,
    pub(crate) open_before: &'static str,
    pub(crate) date_time: fn(&Zoned) -> String,
    pub(crate) voucher: PageParts,
    pub(crate) voucher_digits: &'static str,
    /// The lead of a practice voucher, because the volunteer's card may be found by others.
    pub(crate) practice: &'static str,
    pub(crate) own_code: PageParts,
}
