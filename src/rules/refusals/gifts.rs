//! Refusals of claims, hand-overs and movements of stock.

use jiff::Zoned;
use serde::Serialize;
use strum::{IntoStaticStr, VariantNames};

use super::kind::RefusalKind;
use super::sample_values::{WEEK, at, gift, hours, point};
use crate::rules::carnival::DateRange;
use crate::rules::carnival::hours::TimeRange;
use crate::rules::gifts::practice_voucher::RedemptionRef;
use crate::rules::ids::PointId;
use crate::rules::staff::roles::StaffName;
use crate::rules::wire_form::{moment, text};

/// The gift cannot be claimed, handed over, undone or moved.
#[derive(Clone, Debug, PartialEq, Serialize, IntoStaticStr, VariantNames)]
#[serde(untagged)]
#[strum(serialize_all = "snake_case")]
pub enum GiftRefusal {
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
        #[serde(flatten)]
        days: DateRange,
        /// Time ranges of each day; empty for any hour.
        hours: Vec<TimeRange>,
        /// The server's time.
        #[serde(serialize_with = "moment")]
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
    AlreadyRedeemed {
        /// When, where and by whom.
        done: Box<PriorAction>,
    },
    /// The redemption was voided.
    Voided {
        /// When, where and by whom.
        done: Box<PriorAction>,
    },
    /// The 15 minutes for voiding are over.
    TooLateToVoid {
        /// Time of the redemption.
        #[serde(serialize_with = "moment")]
        redeemed_at: Zoned,
    },
    /// Another volunteer confirmed it.
    NotYourRedemption {
        /// The volunteer who confirmed it.
        by: StaffName,
    },
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
}

impl GiftRefusal {
    pub(super) fn kind(&self) -> RefusalKind {
        match self {
            Self::GiftUnknown | Self::ClaimUnknown | Self::VoucherUnknown | Self::RedemptionUnknown => {
                RefusalKind::Unknown
            }
            Self::GiftNotEarned { .. }
            | Self::PickUpClosed { .. }
            | Self::WrongBooth { .. }
            | Self::TooLateToVoid { .. }
            | Self::NotYourRedemption { .. }
            | Self::TalkNeeded => RefusalKind::NotPermitted,
            Self::GiftGone { .. }
            | Self::GiftClosed { .. }
            | Self::AlreadyRedeemed { .. }
            | Self::Voided { .. }
            | Self::StockTooLow { .. } => RefusalKind::Conflict,
            Self::StockChangeOdd => RefusalKind::Unsuitable,
        }
    }

    pub(super) fn samples() -> Vec<Self> {
        let missing = "space-1".parse().map(|id| MissingPoint { point: id, name: point() }).into_iter().collect();
        let mut samples = vec![
            Self::GiftUnknown,
            Self::GiftNotEarned { gift: gift(), unit: GiftUnit::Stamps, have: 9, need: 10, missing },
            Self::GiftGone { gift: gift() },
            Self::GiftClosed { gift: gift(), reason: "印制有误，正在重做".to_owned() },
            Self::PickUpClosed { gift: gift(), days: WEEK, hours: hours(), now: Box::new(at(20, 3, 0)) },
            Self::WrongBooth { gift: gift(), booths: vec!["时光音乐友邻荟".to_owned()] },
            Self::ClaimUnknown,
            Self::VoucherUnknown,
            Self::RedemptionUnknown,
            Self::TooLateToVoid { redeemed_at: at(15, 42, 7) },
            Self::TalkNeeded,
            Self::StockChangeOdd,
            Self::StockTooLow { gift: gift(), stock: 50, promised: 48 },
        ];
        if let Some(done) = PriorAction::sample().map(Box::new) {
            let by = done.by.clone();
            samples.extend([
                Self::AlreadyRedeemed { done: done.clone() },
                Self::Voided { done },
                Self::NotYourRedemption { by },
            ]);
        }
        samples
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
    fn sample() -> Option<PriorAction> {
        let place = Some("时光音乐友邻荟".to_owned());
        let redemption = "014738296-1".parse().ok()?;
        Some(PriorAction { redemption, at: at(15, 42, 7), place, by: "王阿姨".parse().ok()?, by_you: false })
    }
}
