//! JSON representations of stamps, passports and claims.

use actix_web::http::header::{Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::actions::carnival::current_carnival::CurrentCarnival;
use crate::rules::carnival::Gift;
use crate::rules::check_ins::passport::{Passport, PassportProgress, Stamp, StampSource};
use crate::rules::gifts::claim_lifecycle::{Claim, ClaimStatus, Redemption};
use crate::rules::gifts::practice_scenario::PracticeScenario;
use crate::rules::gifts::voucher::RedemptionId;
use crate::rules::ids::PointNumber;
use crate::rules::refusals::PriorAction;
use crate::rules::wire_form::{RFC_3339, rfc3339};

/// A time in RFC 3339, with the offset of the carnival's zone.
#[must_use]
pub fn local_time(current: &CurrentCarnival, at: Timestamp) -> String {
    RFC_3339.timestamp_with_offset_to_string(&at, current.carnival.time_zone.to_offset(at))
}

/// Ids, days or hours as texts.
#[must_use]
pub fn texts<T: ToString>(values: &[T]) -> Vec<String> {
    values.iter().map(T::to_string).collect()
}

/// A point's id, number and name.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PointName {
    /// The point's id.
    #[schema(example = "space-1")]
    pub point: String,
    /// Its number.
    #[schema(example = 1)]
    pub number: u16,
    /// Its name.
    #[schema(example = "社区美空间·第1站")]
    pub name: String,
}

/// A point by its number, with its name in the published carnival.
#[must_use]
pub fn point_name(current: &CurrentCarnival, number: PointNumber) -> PointName {
    let known = current.carnival.point(number);
    PointName {
        point: known.map_or_else(|| number.to_string(), |point| point.id.to_string()),
        number: number.get(),
        name: known.map_or_else(|| number.to_string(), |point| point.name.clone()),
    }
}

/// A stamp.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct StampView {
    /// The point's id.
    #[schema(example = "space-1")]
    pub point: String,
    /// The point's name.
    #[schema(example = "社区美空间·第1站")]
    pub name: String,
    /// The route's id.
    #[schema(example = "play")]
    pub route: Option<String>,
    /// When it was given.
    #[schema(example = "2023-04-14T10:00:00+08:00")]
    pub at: String,
    /// Its source: the poster's code, the tablet's code, or a volunteer's hand.
    #[schema(example = "printed")]
    pub how: StampSourceView,
    /// Whether it is a rain stamp: its point was closed for rain. It counts like any other; show an umbrella with it.
    pub rain: bool,
    /// The day that the volunteer named, for a stamp that was recorded later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2023-04-14")]
    pub day: Option<String>,
}

/// The source of a stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StampSourceView {
    /// The code on the poster.
    Printed,
    /// The code on the tablet.
    Display,
    /// A volunteer recorded it.
    Hand,
}

/// A stamp, with its point's name in the published carnival.
#[must_use]
pub fn stamp(current: &CurrentCarnival, stamp: &Stamp) -> StampView {
    let point = current.carnival.point(stamp.point);
    StampView {
        point: point.map_or_else(|| stamp.point.to_string(), |point| point.id.as_str().to_owned()),
        name: point.map_or_else(|| stamp.point.to_string(), |point| point.name.clone()),
        route: point.map(|point| point.route.as_str().to_owned()),
        at: local_time(current, stamp.at),
        how: match stamp.how {
            StampSource::Printed => StampSourceView::Printed,
            StampSource::Display => StampSourceView::Display,
            StampSource::Hand { .. } => StampSourceView::Hand,
        },
        rain: stamp.rain,
        day: stamp.named_day().map(|day| day.to_string()),
    }
}

/// A passport: its stamps, and its progress by route and gift.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PassportView {
    /// Stamps, in the order in which they were given.
    pub stamps: Vec<StampView>,
    /// Progress by route.
    pub routes: Vec<RouteProgressView>,
    /// Progress by gift.
    pub gifts: Vec<GiftProgressView>,
}

/// A passport's progress on a route.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RouteProgressView {
    /// The route's id.
    #[schema(example = "play")]
    pub route: String,
    /// The route's name.
    #[schema(example = "“玩”美社区")]
    pub name: String,
    /// How many of its points are stamped.
    pub stamped: u16,
    /// How many stamps complete it now for this passport. The number may fall when a point is closed.
    pub needed: u16,
    /// Ids of the points that this passport need not visit, because they were closed on a day on which it was on the
    /// route.
    #[schema(example = json!(["space-6"]))]
    pub relieved: Vec<String>,
    /// Whether the route is complete.
    pub complete: bool,
}

/// A passport's progress towards a gift.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct GiftProgressView {
    /// The gift's id.
    #[schema(example = "postcards")]
    pub gift: String,
    /// The gift's name.
    #[schema(example = "路线明信片一套")]
    pub name: String,
    /// Stamps that count towards it, or complete routes for a gift that requires routes.
    pub have: u16,
    /// How many are required now.
    pub need: u16,
    /// Whether it may be claimed.
    pub earned: bool,
}

/// A passport with its progress; an empty one before the first stamp.
#[must_use]
pub fn passport(current: &CurrentCarnival, passport: Option<&Passport>) -> PassportView {
    let stamps = passport.map_or(&[][..], |passport| &passport.stamps);
    let progress = PassportProgress::of(&current.carnival, stamps);
    let routes = progress.routes().iter().map(|one| RouteProgressView {
        route: one.route.id.as_str().to_owned(),
        name: one.route.name.clone(),
        stamped: one.stamped,
        needed: one.needed,
        relieved: one.relieved.iter().map(|number| point_name(current, *number).point).collect(),
        complete: one.is_complete(),
    });
    let gifts = progress.gifts().map(|one| GiftProgressView {
        gift: one.gift.id.as_str().to_owned(),
        name: one.gift.name.clone(),
        have: one.have,
        need: one.need,
        earned: one.is_earned(),
    });
    PassportView {
        stamps: stamps.iter().map(|one| stamp(current, one)).collect(),
        routes: routes.collect(),
        gifts: gifts.collect(),
    }
}

/// A gift's id and name.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct GiftName {
    /// The gift's id.
    #[schema(example = "postcards")]
    pub gift: String,
    /// The gift's name.
    #[schema(example = "路线明信片一套")]
    pub name: String,
}

impl From<&Gift> for GiftName {
    fn from(gift: &Gift) -> GiftName {
        GiftName { gift: gift.id.as_str().to_owned(), name: gift.name.clone() }
    }
}

/// The state of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClaimState {
    /// A gift is set aside.
    Held,
    /// The hold has ended; the voucher still works while stock is left.
    Lapsed,
    /// The gift was handed over.
    Redeemed,
}

/// A claim.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ClaimView {
    /// The claim's id: its voucher's nine digits.
    #[schema(example = "014738296")]
    pub id: String,
    /// The gift.
    #[serde(flatten)]
    pub gift: GiftName,
    /// The current state.
    #[schema(example = "held")]
    pub state: ClaimState,
    /// The voucher in groups of digits, for reading aloud.
    #[schema(example = "014 738 296")]
    pub voucher: String,
    /// When it was first claimed.
    #[schema(example = "2023-04-14T10:00:00+08:00")]
    pub claimed_at: String,
    /// When the hold ends or ended.
    #[schema(example = "2023-04-15T00:00:00+08:00")]
    pub held_until: String,
    /// The current redemption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redemption: Option<RedemptionView>,
}

/// A redemption.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RedemptionView {
    /// The redemption's id, for voiding it.
    #[schema(example = "014738296-1")]
    pub id: String,
    /// Time of the redemption.
    #[schema(example = "2023-04-14T10:00:00+08:00")]
    pub at: String,
    /// The booth's or point's name.
    #[schema(example = "时光音乐友邻荟兑换台")]
    pub place: Option<String>,
    /// The name of the person who redeemed it.
    #[schema(example = "王阿姨")]
    pub by: String,
}

/// A claim with its state at a time.
#[must_use]
pub fn claim(current: &CurrentCarnival, claim: &Claim, now: Timestamp) -> ClaimView {
    let gift = current.carnival.gift(claim.voucher.gift());
    let number = claim.voucher.gift().to_string();
    let (state, redemption) = match claim.state(now) {
        ClaimStatus::Held => (ClaimState::Held, None),
        ClaimStatus::Lapsed => (ClaimState::Lapsed, None),
        ClaimStatus::Redeemed(id, one) => (ClaimState::Redeemed, Some(redemption(current, id, one))),
    };
    ClaimView {
        id: claim.voucher.to_string(),
        gift: gift.map_or_else(|| GiftName { gift: number.clone(), name: number.clone() }, GiftName::from),
        state,
        voucher: claim.voucher.grouped(),
        claimed_at: local_time(current, claim.claimed_at),
        held_until: local_time(current, claim.held_until),
        redemption,
    }
}

fn redemption(current: &CurrentCarnival, id: RedemptionId, one: &Redemption) -> RedemptionView {
    RedemptionView {
        id: id.to_string(),
        at: local_time(current, one.at),
        place: one.by.place.as_ref().map(|place| current.carnival.station_name(place)),
        by: one.by.name.as_str().to_owned(),
    }
}

/// The claim of a practice voucher, with its redemption if it has one.
#[must_use]
pub fn practice_claim(scenario: &PracticeScenario<'_>, prior: Option<PriorAction>) -> ClaimView {
    let local = |at| rfc3339(&scenario.carnival.zoned(at));
    let no_gift = || GiftName { gift: "practice".to_owned(), name: scenario.gift_name() };
    ClaimView {
        id: scenario.voucher.to_string(),
        gift: scenario.gift().map_or_else(no_gift, GiftName::from),
        state: if prior.is_some() { ClaimState::Redeemed } else { ClaimState::Held },
        voucher: scenario.voucher.grouped(),
        claimed_at: local(scenario.claimed_at()),
        held_until: local(scenario.held_until()),
        redemption: prior.map(|prior| RedemptionView {
            id: prior.redemption.to_string(),
            at: rfc3339(&prior.at),
            place: prior.place,
            by: prior.by.as_str().to_owned(),
        }),
    }
}

/// Whether a file is to be saved or displayed, with its name.
#[must_use]
pub fn content_disposition(disposition: DispositionType, ascii: &str, name: &str) -> ContentDisposition {
    let value = name.as_bytes().to_vec();
    let file_name = ExtendedValue { charset: Charset::Ext("UTF-8".to_owned()), language_tag: None, value };
    let parameters = vec![DispositionParam::Filename(ascii.to_owned()), DispositionParam::FilenameExt(file_name)];
    ContentDisposition { disposition, parameters }
}
