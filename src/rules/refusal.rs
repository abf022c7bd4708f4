//! Every refusal of the rules. A refusal is not an error: it has a reason for people and a code for programs, and it
//! changes nothing.

use jiff::Zoned;
use jiff::civil::{Date, Time};

use super::carnival::DateRange;
use super::carnival::hours::TimeRange;
use super::gifts::practice_voucher::RedemptionRef;
use super::ids::PointId;
use super::staff::roles::StaffName;

/// A rule refused the request.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// The carnival has not begun.
    CarnivalNotBegun {
        /// Its first day.
        first_day: Date,
    },
    /// The carnival has ended.
    CarnivalOver {
        /// Its last day.
        last_day: Date,
    },
    /// The point's route runs on other days.
    RouteNotThisWeek {
        /// The route's name.
        route: String,
        /// Its week.
        days: DateRange,
        /// Its extra days.
        extra_days: Vec<Date>,
    },
    /// The route of an ink stamp has not begun.
    RouteNotBegun {
        /// The route's name.
        route: String,
        /// Its first day.
        first_day: Date,
    },
    /// The point is closed now.
    PointClosed {
        /// The point's name.
        point: String,
        /// Its hours today.
        hours: Vec<TimeRange>,
        /// When it opens again today, if it does.
        opens: Option<Time>,
        /// The server's time.
        now: Box<Zoned>,
        /// The reason for an exceptional closing.
        reason: Option<String>,
    },
    /// Not a code of this carnival.
    CodeUnknown,
    /// A code of this carnival, but of a kind that is not accepted here.
    CodeOfAnotherKind,
    /// The code of a replaced poster.
    CodeReplaced {
        /// The point's name.
        point: String,
    },
    /// The code on the tablet has changed since.
    DisplayCodeTooOld,
    /// The point accepts only the tablet's code.
    DisplayCodeNeeded {
        /// The point's name.
        point: String,
    },
    /// The point accepts only the poster's code.
    PrintedCodeNeeded {
        /// The point's name.
        point: String,
    },
    /// A resident's personal code has expired; it is valid for five minutes.
    OwnCodeTooOld,
    /// The phone is outside the geofence.
    TooFarAway {
        /// The point's name.
        point: String,
        /// Distance in metres.
        metres: u32,
        /// Radius of the geofence, in metres.
        radius_m: u32,
    },
    /// The point requires a location.
    LocationNeeded {
        /// The point's name.
        point: String,
    },
    /// No such point in this carnival.
    PointUnknown,
    /// No such route in this carnival.
    RouteUnknown,
    /// No such gift in this carnival.
    GiftUnknown,
    /// The gift's requirement is not met.
    GiftNotEarned {
        /// The gift's name.
        gift: String,
        /// What the requirement counts.
        unit: GiftUnit,
        /// The number that counts.
        have: u16,
        /// The number required.
        need: u16,
        /// Open points whose stamp would count, in the order of the file.
        missing: Vec<MissingPoint>,
    },
    /// The gift is out of stock.
    GiftGone {
        /// The gift's name.
        gift: String,
    },
    /// The gift accepts no new claims.
    GiftClosed {
        /// The gift's name.
        gift: String,
        /// The reason.
        reason: String,
    },
    /// The gift is not handed out now.
    PickUpClosed {
        /// The gift's name.
        gift: String,
        /// Days of pick-up.
        days: DateRange,
        /// Time ranges of each day; empty for any hour.
        hours: Vec<TimeRange>,
        /// The server's time.
        now: Box<Zoned>,
    },
    /// The gift is handed out only at other booths.
    WrongBooth {
        /// The gift's name.
        gift: String,
        /// The names of the booths.
        booths: Vec<String>,
    },
    /// No such claim of this resident.
    ClaimUnknown,
    /// No such voucher.
    VoucherUnknown,
    /// No such redemption.
    RedemptionUnknown,
    /// The gift was already redeemed.
    AlreadyRedeemed(Box<PriorAction>),
    /// The redemption was voided.
    Voided(Box<PriorAction>),
    /// The 15 minutes for voiding are over.
    TooLateToVoid {
        /// Time of the redemption.
        redeemed_at: Zoned,
    },
    /// Another volunteer confirmed it.
    NotYourRedemption {
        /// The volunteer who confirmed it.
        by: StaffName,
    },
    /// No booth was given, or a volunteer gave a booth other than their own.
    BoothNeeded,
    /// The volunteer works at another point.
    NotYourPoint {
        /// The name of the volunteer's point.
        yours: String,
    },
    /// The phone already carries the maximum number of paper passports.
    CompanionsFull {
        /// The maximum number.
        limit: u16,
    },
    /// This phone does not carry the paper passport.
    CompanionUnknown,
    /// No such version of the carnival was published.
    VersionUnknown,
    /// The printed code of the point has reached the last generation.
    CodesUsedUp {
        /// The point's name.
        point: String,
    },
    /// The published version is not the one that the request expected.
    CarnivalChanged {
        /// The published version.
        version: u64,
        /// Who published it.
        by: String,
        /// Time of the publication.
        at: Box<Zoned>,
    },
    /// The greeting has too many characters.
    GreetingTooLong {
        /// Its length.
        length: usize,
        /// The maximum length.
        most: usize,
    },
    /// The greeting has too many lines.
    GreetingLines {
        /// Its number of lines.
        lines: usize,
        /// The maximum number of lines.
        most: usize,
    },
    /// The greeting contains an emoji.
    GreetingEmoji {
        /// The emoji.
        found: String,
    },
    /// A character without a glyph, or an invisible one.
    CannotBePrinted {
        /// The character.
        found: char,
    },
    /// The point accepts only the tablet's code and has no poster.
    NoPoster {
        /// The point's name.
        point: String,
    },
    /// The photo contains no code of this carnival.
    NoCodeFound,
    /// The photo is not an image or is broken.
    PhotoUnreadable,
    /// The photo has too many pixels.
    PhotoTooLarge {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Maximum number of pixels.
        most: u64,
    },
    /// No such invitation.
    InvitationUnknown,
    /// The invitation has expired or was ended by an organiser.
    InvitationOver,
    /// All uses of the invitation are taken.
    InvitationUsedUp,
    /// The request has no token.
    TokenMissing,
    /// The token is not valid.
    TokenInvalid,
    /// The token has expired.
    TokenExpired,
    /// An organiser ended this staff session.
    SessionEnded,
    /// The token's role does not permit this.
    NotYourRole,
    /// An organiser must first talk to the holder of this passport.
    TalkNeeded,
    /// The sign of the number does not fit the reason of the stock movement.
    StockChangeOdd,
    /// The stock would fall below the number of held and redeemed gifts.
    StockTooLow {
        /// The gift's name.
        gift: String,
        /// The present stock.
        stock: u32,
        /// Gifts held or redeemed.
        promised: u32,
    },
    /// The day is not a day of the carnival.
    DayUnknown {
        /// The days of the carnival.
        days: DateRange,
    },
    /// No such booth in this carnival.
    BoothUnknown,
    /// No such invitation and no such staff session.
    StaffUnknown,
    /// No such suspicion.
    SuspicionUnknown,
    /// Too many attempts; rate limited.
    TooManyTries {
        /// Seconds to wait.
        retry_after_s: u64,
    },
}

/// What a gift's requirement counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GiftUnit {
    /// Stamps.
    Stamps,
    /// Complete routes.
    Routes,
}

/// A point whose stamp would count towards a gift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingPoint {
    /// Its id in the carnival file.
    pub point: PointId,
    /// Its name for people.
    pub name: String,
}

/// An action that was already performed: when, where and by whom.
#[derive(Clone, Debug, PartialEq)]
pub struct PriorAction {
    /// The redemption.
    pub redemption: RedemptionRef,
    /// Time of the action.
    pub at: Zoned,
    /// The name of the station.
    pub place: Option<String>,
    /// The staff member.
    pub by: StaffName,
    /// Whether the requester performed it.
    pub by_you: bool,
}

impl Refusal {
    /// Stable code for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::CarnivalNotBegun { .. } => "carnival_not_begun",
            Refusal::CarnivalOver { .. } => "carnival_over",
            Refusal::RouteNotThisWeek { .. } => "route_not_this_week",
            Refusal::RouteNotBegun { .. } => "route_not_begun",
            Refusal::PointClosed { .. } => "point_closed",
            Refusal::CodeUnknown => "code_unknown",
            Refusal::CodeOfAnotherKind => "code_of_another_kind",
            Refusal::CodeReplaced { .. } => "code_replaced",
            Refusal::DisplayCodeTooOld => "display_code_too_old",
            Refusal::DisplayCodeNeeded { .. } => "display_code_needed",
            Refusal::PrintedCodeNeeded { .. } => "printed_code_needed",
            Refusal::OwnCodeTooOld => "own_code_too_old",
            Refusal::TooFarAway { .. } => "too_far_away",
            Refusal::LocationNeeded { .. } => "location_needed",
            Refusal::PointUnknown => "point_unknown",
            Refusal::RouteUnknown => "route_unknown",
            Refusal::GiftUnknown => "gift_unknown",
            Refusal::GiftNotEarned { .. } => "gift_not_earned",
            Refusal::GiftGone { .. } => "gift_gone",
            Refusal::GiftClosed { .. } => "gift_closed",
            Refusal::PickUpClosed { .. } => "pick_up_closed",
            Refusal::WrongBooth { .. } => "wrong_booth",
            Refusal::ClaimUnknown => "claim_unknown",
            Refusal::VoucherUnknown => "voucher_unknown",
            Refusal::RedemptionUnknown => "redemption_unknown",
            Refusal::AlreadyRedeemed(_) => "already_redeemed",
            Refusal::Voided(_) => "voided",
            Refusal::TooLateToVoid { .. } => "too_late_to_void",
            Refusal::NotYourRedemption { .. } => "not_your_redemption",
            Refusal::BoothNeeded => "booth_needed",
            Refusal::NotYourPoint { .. } => "not_your_point",
            Refusal::CompanionsFull { .. } => "companions_full",
            Refusal::CompanionUnknown => "companion_unknown",
            Refusal::VersionUnknown => "version_unknown",
            Refusal::CodesUsedUp { .. } => "codes_used_up",
            Refusal::CarnivalChanged { .. } => "carnival_changed",
            Refusal::GreetingTooLong { .. } => "greeting_too_long",
            Refusal::GreetingLines { .. } => "greeting_lines",
            Refusal::GreetingEmoji { .. } => "greeting_emoji",
            Refusal::CannotBePrinted { .. } => "cannot_be_printed",
            Refusal::NoPoster { .. } => "no_poster",
            Refusal::NoCodeFound => "no_code_found",
            Refusal::PhotoUnreadable => "photo_unreadable",
            Refusal::PhotoTooLarge { .. } => "photo_too_large",
            Refusal::InvitationUnknown => "invitation_unknown",
            Refusal::InvitationOver => "invitation_over",
            Refusal::InvitationUsedUp => "invitation_used_up",
            Refusal::TokenMissing => "token_missing",
            Refusal::TokenInvalid => "token_invalid",
            Refusal::TokenExpired => "token_expired",
            Refusal::SessionEnded => "session_ended",
            Refusal::NotYourRole => "not_your_role",
            Refusal::TalkNeeded => "talk_needed",
            Refusal::StockChangeOdd => "stock_change_odd",
            Refusal::StockTooLow { .. } => "stock_too_low",
            Refusal::DayUnknown { .. } => "day_unknown",
            Refusal::BoothUnknown => "booth_unknown",
            Refusal::StaffUnknown => "staff_unknown",
            Refusal::SuspicionUnknown => "suspicion_unknown",
            Refusal::TooManyTries { .. } => "too_many_tries",
        }
    }
}
