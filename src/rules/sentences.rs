//! The messages of refusals: one or two short sentences that state the reason and a remedy. They are shown in large
//! type and read outdoors by people who have been queueing.
//!
//! Names come from the carnival file and are quoted.

mod access;
mod check_in;
mod format;
mod gifts;
mod organisers;
mod pictures;
mod poster_checks;

use super::lang::Lang;
use super::refusal::Refusal;

impl Refusal {
    /// The message for the person whose request is refused.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        match self {
            Refusal::CarnivalNotBegun { first_day } => check_in::carnival_not_begun(*first_day, lang),
            Refusal::CarnivalOver { last_day } => check_in::carnival_over(*last_day, lang),
            Refusal::RouteNotThisWeek { route, days, extra_days } => {
                check_in::route_not_this_week(route, *days, extra_days, lang)
            }
            Refusal::RouteNotBegun { route, first_day } => check_in::route_not_begun(route, *first_day, lang),
            Refusal::PointClosed { point, hours, reason: Some(reason), .. } if hours.is_empty() => {
                check_in::point_shut_today(point, reason, lang)
            }
            Refusal::PointClosed { point, reason: Some(reason), .. } => check_in::point_shut(point, reason, lang),
            Refusal::PointClosed { point, hours, opens, now, reason: None } => {
                check_in::point_closed(point, hours, *opens, now, lang)
            }
            Refusal::CodeUnknown => check_in::code_unknown(lang),
            Refusal::CodeOfAnotherKind => check_in::code_of_another_kind(lang),
            Refusal::CodeReplaced { point } => check_in::code_replaced(point, lang),
            Refusal::DisplayCodeTooOld => check_in::display_code_too_old(lang),
            Refusal::DisplayCodeNeeded { point } => check_in::display_code_needed(point, lang),
            Refusal::PrintedCodeNeeded { point } => check_in::printed_code_needed(point, lang),
            Refusal::OwnCodeTooOld => check_in::own_code_too_old(lang),
            Refusal::TooFarAway { point, metres, radius_m } => check_in::too_far_away(point, *metres, *radius_m, lang),
            Refusal::LocationNeeded { point } => check_in::location_needed(point, lang),
            Refusal::PointUnknown => check_in::point_unknown(lang),
            Refusal::RouteUnknown => organisers::route_unknown(lang),
            Refusal::GiftUnknown => gifts::gift_unknown(lang),
            Refusal::GiftNotEarned { gift, unit, have, need, missing } => {
                gifts::not_earned(gift, *unit, need.saturating_sub(*have), missing, lang)
            }
            Refusal::GiftGone { gift } => gifts::gone(gift, lang),
            Refusal::GiftClosed { gift, reason } => gifts::closed(gift, reason, lang),
            Refusal::PickUpClosed { gift, days, hours, now } => gifts::pick_up_closed(gift, *days, hours, now, lang),
            Refusal::WrongBooth { gift, booths } => gifts::wrong_booth(gift, booths, lang),
            Refusal::ClaimUnknown => gifts::claim_unknown(lang),
            Refusal::VoucherUnknown => gifts::voucher_unknown(lang),
            Refusal::RedemptionUnknown => gifts::redemption_unknown(lang),
            Refusal::AlreadyRedeemed(done) => gifts::already_redeemed(done, lang),
            Refusal::Voided(done) => gifts::voided(done, lang),
            Refusal::TooLateToVoid { redeemed_at } => gifts::too_late_to_void(redeemed_at, lang),
            Refusal::NotYourRedemption { by } => gifts::not_your_redemption(by, lang),
            Refusal::BoothNeeded => access::booth_needed(lang),
            Refusal::NotYourPoint { yours } => access::not_your_point(yours, lang),
            Refusal::CompanionsFull { limit } => access::companions_full(*limit, lang),
            Refusal::CompanionUnknown => access::companion_unknown(lang),
            Refusal::VersionUnknown => organisers::version_unknown(lang),
            Refusal::CodesUsedUp { point } => organisers::codes_used_up(point, lang),
            Refusal::CarnivalChanged { version, by, at } => organisers::carnival_changed(*version, by, at, lang),
            Refusal::GreetingTooLong { length, most } => pictures::greeting_too_long(*length, *most, lang),
            Refusal::GreetingLines { lines, most } => pictures::greeting_lines(*lines, *most, lang),
            Refusal::GreetingEmoji { found } => pictures::greeting_emoji(found, lang),
            Refusal::CannotBePrinted { found } => pictures::cannot_be_printed(*found, lang),
            Refusal::NoPoster { point } => pictures::no_poster(point, lang),
            Refusal::NoCodeFound => pictures::no_code_found(lang),
            Refusal::PhotoUnreadable => pictures::photo_unreadable(lang),
            Refusal::PhotoTooLarge { width, height, most } => pictures::photo_too_large(*width, *height, *most, lang),
            Refusal::InvitationUnknown => access::invitation_unknown(lang),
            Refusal::InvitationOver => access::invitation_over(lang),
            Refusal::InvitationUsedUp => access::invitation_used_up(lang),
            Refusal::TokenMissing => access::token_missing(lang),
            Refusal::TokenInvalid => access::token_invalid(lang),
            Refusal::TokenExpired => access::token_expired(lang),
            Refusal::SessionEnded => access::session_ended(lang),
            Refusal::NotYourRole => access::not_your_role(lang),
            Refusal::TalkNeeded => organisers::talk_needed(lang),
            Refusal::StockChangeOdd => organisers::stock_change_odd(lang),
            Refusal::StockTooLow { gift, stock, promised } => organisers::stock_too_low(gift, *stock, *promised, lang),
            Refusal::DayUnknown { days } => organisers::day_unknown(*days, lang),
            Refusal::BoothUnknown => organisers::booth_unknown(lang),
            Refusal::StaffUnknown => organisers::staff_unknown(lang),
            Refusal::SuspicionUnknown => organisers::suspicion_unknown(lang),
            Refusal::TooManyTries { retry_after_s } => access::too_many_tries(*retry_after_s, lang),
        }
    }
}

#[cfg(test)]
mod tests;
