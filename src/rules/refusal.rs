//! Every "no" that the rules can say. A refusal is not an error: it has a reason that a person can
//! read, a code that a program can know, and it changes nothing.

use jiff::Zoned;
use jiff::civil::{Date, Time};

use super::carnival::DateRange;
use super::hours::TimeRange;
use super::ids::PointId;
use super::practice_voucher::RedemptionRef;
use super::roles::StaffName;

/// A rule said no.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// The carnival begins on a later day.
    CarnivalNotBegun {
        /// Its first day.
        first_day: Date,
    },
    /// The carnival is over.
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
        /// Its further days.
        extra_days: Vec<Date>,
    },
    /// The route of an ink stamp has not begun.
    RouteNotBegun {
        /// The route's name.
        route: String,
        /// Its first day.
        first_day: Date,
    },
    /// The point is closed at this hour.
    PointClosed {
        /// The point's name.
        point: String,
        /// Its hours today.
        hours: Vec<TimeRange>,
        /// When it opens again today.
        opens: Option<Time>,
        /// The server's now.
        now: Box<Zoned>,
        /// Why it is closed beyond its hours, if it is.
        reason: Option<String>,
    },
    /// Not a code of this carnival.
    CodeUnknown,
    /// A code of this carnival, but not one that can be used here.
    CodeOfAnotherKind,
    /// The code of a poster that was replaced.
    CodeReplaced {
        /// The point's name.
        point: String,
    },
    /// The tablet shows a newer code.
    DisplayCodeTooOld,
    /// The point takes the tablet's code alone.
    DisplayCodeNeeded {
        /// The point's name.
        point: String,
    },
    /// The point takes the poster's code alone.
    PrintedCodeNeeded {
        /// The point's name.
        point: String,
    },
    /// A resident's own code is good for five minutes.
    OwnCodeTooOld,
    /// Clearly elsewhere.
    TooFarAway {
        /// The point's name.
        point: String,
        /// How far, in metres.
        metres: u32,
        /// How near one must be.
        radius_m: u32,
    },
    /// The point asks for a location.
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
    /// What was gathered is not enough.
    GiftNotEarned {
        /// The gift's name.
        gift: String,
        /// What is counted.
        unit: GiftUnit,
        /// What was gathered.
        have: u16,
        /// What it takes.
        need: u16,
        /// Open points whose stamp would help, in the order of the file.
        missing: Vec<MissingPoint>,
    },
    /// Nothing is left.
    GiftGone {
        /// The gift's name.
        gift: String,
    },
    /// The organisers take no more claims of this gift.
    GiftClosed {
        /// The gift's name.
        gift: String,
        /// Why.
        reason: String,
    },
    /// The gift is handed out at other times.
    PickUpClosed {
        /// The gift's name.
        gift: String,
        /// First and last day.
        days: DateRange,
        /// The hours of each day; empty for any.
        hours: Vec<TimeRange>,
        /// The server's now.
        now: Box<Zoned>,
    },
    /// The gift is handed out at other booths.
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
    /// The gift was already handed over.
    AlreadyRedeemed(Box<PriorAction>),
    /// The redemption was undone.
    Voided(Box<PriorAction>),
    /// Fifteen minutes are over.
    TooLateToVoid {
        /// When it was confirmed.
        redeemed_at: Zoned,
    },
    /// Another volunteer confirmed it.
    NotYourRedemption {
        /// Who.
        by: StaffName,
    },
    /// Which booth is meant, and it is not said or not hers.
    BoothNeeded,
    /// A volunteer of another point.
    NotYourPoint {
        /// The name of her point.
        yours: String,
    },
    /// Five paper passports are on this phone.
    CompanionsFull {
        /// How many are allowed.
        limit: u16,
    },
    /// This paper passport is not on this phone.
    CompanionUnknown,
    /// No such version of the carnival was published.
    VersionUnknown,
    /// The printed code of a point was replaced as often as a code can count.
    CodesUsedUp {
        /// The point's name.
        point: String,
    },
    /// Another version of the carnival counts than the one that was named.
    CarnivalChanged {
        /// The version that counts.
        version: u64,
        /// Who published it.
        by: String,
        /// When.
        at: Box<Zoned>,
    },
    /// A greeting of too many characters.
    GreetingTooLong {
        /// How many there are.
        length: usize,
        /// How many fit.
        most: usize,
    },
    /// A greeting of too many lines.
    GreetingLines {
        /// How many there are.
        lines: usize,
        /// How many fit.
        most: usize,
    },
    /// An emoji in a greeting.
    GreetingEmoji {
        /// Which.
        found: String,
    },
    /// A character that no letters are there for, or that nobody sees.
    CannotBePrinted {
        /// Which.
        found: char,
    },
    /// The point takes the tablet's code alone, so that it has no poster.
    NoPoster {
        /// The point's name.
        point: String,
    },
    /// A photo without a code of ours.
    NoCodeFound,
    /// What was sent as a photo is none, or is broken.
    PhotoUnreadable,
    /// A photo of too many pixels.
    PhotoTooLarge {
        /// Pixels a row.
        width: u32,
        /// Rows.
        height: u32,
        /// The most in all.
        most: u64,
    },
    /// No such invitation.
    InvitationUnknown,
    /// The invitation's time is over, or an organiser ended it.
    InvitationOver,
    /// As many as were invited have accepted.
    InvitationUsedUp,
    /// No token came with the request.
    TokenMissing,
    /// The token is not one of ours.
    TokenInvalid,
    /// The token's time is over.
    TokenExpired,
    /// An organiser ended this staff session.
    SessionEnded,
    /// The token is of another role.
    NotYourRole,
    /// An organiser wants to talk to the bearer of this passport first.
    TalkNeeded,
    /// A movement of stock that makes no sense: a delivery of fewer, damage that makes more.
    StockChangeOdd,
    /// Fewer than are held and handed over.
    StockTooLow {
        /// The gift's name.
        gift: String,
        /// How many there are.
        stock: u32,
        /// How many of them are held or handed over.
        promised: u32,
    },
    /// Not a day of the carnival.
    DayUnknown {
        /// Its first and last day.
        days: DateRange,
    },
    /// No such booth in this carnival.
    BoothUnknown,
    /// No such invitation and no such staff session.
    StaffUnknown,
    /// No such suspicion.
    SuspicionUnknown,
    /// Too many tries in a short time.
    TooManyTries {
        /// Seconds to wait.
        retry_after_s: u64,
    },
}

/// What a gift counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GiftUnit {
    /// Stamps.
    Stamps,
    /// Complete routes.
    Routes,
}

/// A point whose stamp would help towards a gift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingPoint {
    /// Its name in the file.
    pub point: PointId,
    /// Its name for people.
    pub name: String,
}

/// What was already done: when, where, by whom.
#[derive(Clone, Debug, PartialEq)]
pub struct PriorAction {
    /// Which confirmation.
    pub redemption: RedemptionRef,
    /// When.
    pub at: Zoned,
    /// The name of the booth or point.
    pub place: Option<String>,
    /// Who.
    pub by: StaffName,
    /// Whether it was the one who asks.
    pub by_you: bool,
}

impl Refusal {
    /// The stable name for programs.
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
