//! Refusals of claims, hand-overs and movements of stock.

use jiff::Zoned;
use serde::Serialize;

use super::kind::refusals;
use super::sample_values::{WEEK, at, gift, hours, point};
use crate::rules::carnival::DateRange;
use crate::rules::carnival::hours::TimeRange;
use crate::rules::gifts::practice_voucher::RedemptionRef;
use crate::rules::ids::PointId;
use crate::rules::staff::staff_name::StaffName;
use crate::rules::wire_form::{moment, text};

refusals! {
    /// The gift cannot be claimed, handed over, undone or moved.
    GiftRefusal {
        /// No such gift in this carnival.
        GiftUnknown => Unknown,
        /// The gift's requirement is not met.
        GiftNotEarned {
            /// The gift's name.
            gift: String = gift(),
            /// What the requirement counts.
            unit: GiftUnit = GiftUnit::Stamps,
            /// The number that counts.
            have: u16 = 9,
            /// The number required.
            need: u16 = 10,
            /// Open points whose stamp would count, in the order of the file.
            missing: Vec<MissingPoint> = vec![MissingPoint { point: "space-1".parse().ok()?, name: point() }],
        } => NotPermitted,
        /// The gift is out of stock.
        GiftGone {
            /// The gift's name.
            gift: String = gift(),
        } => Conflict,
        /// The gift accepts no new claims.
        GiftClosed {
            /// The gift's name.
            gift: String = gift(),
            /// The reason.
            reason: String = "印制有误，正在重做".to_owned(),
        } => Conflict,
        /// The gift is not handed out now.
        PickUpClosed {
            /// The gift's name.
            gift: String = gift(),
            /// Days of pick-up.
            #[serde(flatten)]
            days: DateRange = WEEK,
            /// Time ranges of each day; empty for any hour.
            hours: Vec<TimeRange> = hours(),
            /// The server's time.
            #[serde(serialize_with = "moment")]
            now: Box<Zoned> = Box::new(at(20, 3, 0)),
        } => NotPermitted,
        /// The gift is handed out only at other booths.
        WrongBooth {
            /// The gift's name.
            gift: String = gift(),
            /// The names of the booths.
            booths: Vec<String> = vec!["时光音乐友邻荟".to_owned()],
        } => NotPermitted,
        /// No such claim of this resident.
        ClaimUnknown => Unknown,
        /// No such voucher.
        VoucherUnknown => Unknown,
        /// No such redemption.
        RedemptionUnknown => Unknown,
        /// The gift was already redeemed.
        AlreadyRedeemed {
            /// When, where and by whom.
            done: Box<PriorAction> = PriorAction::sample()?.into(),
        } => Conflict,
        /// The redemption was voided.
        Voided {
            /// When, where and by whom.
            done: Box<PriorAction> = PriorAction::sample()?.into(),
        } => Conflict,
        /// The 15 minutes for voiding are over.
        TooLateToVoid {
            /// Time of the redemption.
            #[serde(serialize_with = "moment")]
            redeemed_at: Zoned = at(15, 42, 7),
        } => NotPermitted,
        /// Another volunteer confirmed it.
        NotYourRedemption {
            /// The volunteer who confirmed it.
            by: StaffName = "王阿姨".parse().ok()?,
        } => NotPermitted,
        /// An organiser must first talk to the holder of this passport.
        TalkNeeded => NotPermitted,
        /// The sign of the number does not fit the reason of the stock movement.
        StockChangeOdd => Unsuitable,
        /// The note of a stock movement is too long, or has hidden characters.
        NoteOdd {
            /// How many characters it may have.
            most: usize = 200,
        } => Unsuitable,
        /// The stock would fall below the number of held and redeemed gifts.
        StockTooLow {
            /// The gift's name.
            gift: String = gift(),
            /// The present stock.
            stock: u32 = 50,
            /// Gifts held or redeemed.
            promised: u32 = 48,
        } => Conflict,
    }
}

/// What a gift's requirement counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GiftUnit {
    /// Stamps.
    Stamps,
    /// Complete routes.
    Routes,
}

/// A point whose stamp would count towards a gift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MissingPoint {
    /// Its id in the carnival file.
    pub point: PointId,
    /// Its name for people.
    pub name: String,
}

/// An action that was already performed: when, where and by whom.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PriorAction {
    /// The redemption.
    #[serde(serialize_with = "text")]
    pub redemption: RedemptionRef,
    /// Time of the action.
    #[serde(serialize_with = "moment")]
    pub at: Zoned,
    /// The name of the station.
    pub place: Option<String>,
    /// The staff member.
    pub by: StaffName,
    /// Whether the requester performed it.
    pub by_you: bool,
}

impl PriorAction {
    pub(super) fn sample() -> Option<PriorAction> {
        let place = Some("时光音乐友邻荟".to_owned());
        let redemption = "014738296-1".parse().ok()?;
        Some(PriorAction { redemption, at: at(15, 42, 7), place, by: "王阿姨".parse().ok()?, by_you: false })
    }
}
