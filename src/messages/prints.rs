//! The texts on posters, cards and postcards.

use jiff::Zoned;
use jiff::civil::{Date, DateTime};

use crate::rules::gifts::practice_voucher::PracticeVoucher;
use crate::rules::staff::planned_shift::PlannedShift;

/// A step on the poster: two lines, and one in another language.
pub struct PosterStep {
    pub(crate) first: &'static str,
    pub(crate) second: &'static str,
    pub(crate) foreign: &'static str,
}

/// A step on the volunteer's card: what to do, how, and one more hint.
pub struct VolunteerStep {
    pub(crate) what: &'static str,
    pub(crate) how: &'static str,
    pub(crate) more: &'static str,
}

/// The texts of prints.
pub struct PrintTexts {
    /// In the titles and names of files.
    pub(crate) posters: &'static str,
    pub(crate) postcard: &'static str,
    pub(crate) volunteer_card: &'static str,

    pub(crate) poster_steps: [PosterStep; 3],
    /// Number and id of the point, and the generation of its code.
    pub(crate) imprint: fn(u16, &str, u32) -> String,

    pub(crate) paper_passport: &'static str,
    pub(crate) holder: &'static str,
    pub(crate) passport_help: [&'static str; 2],

    /// The heading of a volunteer's code on a roster.
    pub(crate) roster_title: &'static str,
    pub(crate) roster_help: [&'static str; 2],
    pub(crate) shift: fn(PlannedShift) -> String,
    pub(crate) valid_until: fn(&Zoned) -> String,

    /// Which week of the carnival, and its days.
    pub(crate) week: fn(usize, &str) -> String,
    pub(crate) stamped_at: fn(DateTime) -> String,
    pub(crate) closed_point: fn(&str) -> String,
    pub(crate) complete: &'static str,
    pub(crate) complete_on: fn(Date) -> String,
    /// How many stamps there are, and how many complete the route.
    pub(crate) progress: fn(u16, u16) -> String,
    /// When the route was completed, and how many stamps there are.
    pub(crate) completed: fn(Date, u16) -> String,

    pub(crate) volunteer_title: &'static str,
    pub(crate) volunteer_steps: [VolunteerStep; 4],
    pub(crate) practise: &'static str,
    pub(crate) practise_note: &'static str,
    pub(crate) practice_answer: fn(PracticeVoucher) -> &'static str,
    pub(crate) volunteer_notes: [&'static str; 2],
    pub(crate) organisers_phone: &'static str,
    pub(crate) my_booth: &'static str,
}
