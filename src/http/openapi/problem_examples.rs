//! One example of every refusal and failure, with values from the sample carnival.

use jiff::Zoned;
use jiff::civil::{Date, DateTime, date, time};
use jiff::tz::TimeZone;

use crate::actions::Error;
use crate::rules::carnival::DateRange;
use crate::rules::carnival::change::ChangeBlocker;
use crate::rules::carnival::hours::TimeRange;
use crate::rules::carnival_file;
use crate::rules::ids::PointId;
use crate::rules::refusal::{GiftUnit, MissingPoint, PriorAction, Refusal};
use crate::rules::staff::roles::StaffName;
use crate::store::StoreError;
use crate::wechat::LoginError;

const FIRST: Date = date(2023, 4, 13);

fn moment(at: DateTime) -> Zoned {
    let zone = TimeZone::fixed(jiff::tz::offset(8));
    at.to_zoned(zone).unwrap_or_default()
}

/// Parsed parts of the examples. If one fails to parse, all refusals are left out; the test below excludes that.
struct Parts {
    hours: Vec<TimeRange>,
    point: PointId,
    name: StaffName,
    prior_action: Box<PriorAction>,
}

fn parts() -> Option<Parts> {
    let name: StaffName = "王阿姨".parse().ok()?;
    let prior_action = PriorAction {
        redemption: "014738296-1".parse().ok()?,
        at: moment(FIRST.at(15, 42, 7, 0)),
        place: Some("时光音乐友邻荟".to_owned()),
        by: name.clone(),
        by_you: false,
    };
    Some(Parts {
        hours: vec!["09:00-18:00".parse().ok()?],
        point: "space-1".parse().ok()?,
        name,
        prior_action: Box::new(prior_action),
    })
}

/// One of every refusal.
pub(super) fn refusals() -> Vec<Refusal> {
    let Some(Parts { hours, point, name, prior_action }) = parts() else { return Vec::new() };
    let point_name = || "社区美空间·第1站".to_owned();
    let gift = || "嘉年华纪念章".to_owned();
    let route = || "“玩”美社区".to_owned();
    let week = DateRange { first: FIRST, last: date(2023, 4, 18) };
    let evening = || Box::new(moment(FIRST.at(20, 3, 0, 0)));
    vec![
        Refusal::CarnivalNotBegun { first_day: FIRST },
        Refusal::CarnivalOver { last_day: date(2023, 4, 30) },
        Refusal::RouteNotThisWeek { route: route(), days: week, extra_days: Vec::new() },
        Refusal::RouteNotBegun { route: route(), first_day: FIRST },
        Refusal::PointClosed {
            point: point_name(),
            hours: hours.clone(),
            opens: Some(time(9, 0, 0, 0)),
            now: Box::new(moment(FIRST.at(8, 12, 0, 0))),
            reason: None,
        },
        Refusal::CodeUnknown,
        Refusal::CodeOfAnotherKind,
        Refusal::CodeReplaced { point: point_name() },
        Refusal::DisplayCodeTooOld,
        Refusal::DisplayCodeNeeded { point: point_name() },
        Refusal::PrintedCodeNeeded { point: point_name() },
        Refusal::OwnCodeTooOld,
        Refusal::TooFarAway { point: point_name(), metres: 1840, radius_m: 300 },
        Refusal::LocationNeeded { point: point_name() },
        Refusal::PointUnknown,
        Refusal::RouteUnknown,
        Refusal::GiftUnknown,
        Refusal::GiftNotEarned {
            gift: gift(),
            unit: GiftUnit::Stamps,
            have: 9,
            need: 10,
            missing: vec![MissingPoint { point: point.clone(), name: point_name() }],
        },
        Refusal::GiftGone { gift: gift() },
        Refusal::GiftClosed { gift: gift(), reason: "印制有误，正在重做".to_owned() },
        Refusal::PickUpClosed { gift: gift(), days: week, hours, now: evening() },
        Refusal::WrongBooth { gift: gift(), booths: vec!["时光音乐友邻荟".to_owned()] },
        Refusal::ClaimUnknown,
        Refusal::VoucherUnknown,
        Refusal::RedemptionUnknown,
        Refusal::AlreadyRedeemed(prior_action.clone()),
        Refusal::Voided(prior_action),
        Refusal::TooLateToVoid { redeemed_at: moment(FIRST.at(15, 42, 7, 0)) },
        Refusal::NotYourRedemption { by: name },
        Refusal::BoothNeeded,
        Refusal::NotYourPoint { yours: point_name() },
        Refusal::CompanionsFull { limit: 5 },
        Refusal::CompanionUnknown,
        Refusal::VersionUnknown,
        Refusal::CodesUsedUp { point: point_name() },
        Refusal::CarnivalChanged {
            version: 3, by: "李老师".to_owned(), at: Box::new(moment(FIRST.at(15, 42, 7, 0)))
        },
        Refusal::GreetingTooLong { length: 74, most: 60 },
        Refusal::GreetingLines { lines: 6, most: 4 },
        Refusal::GreetingEmoji { found: "😀".to_owned() },
        Refusal::CannotBePrinted { found: '𰻝' },
        Refusal::NoPoster { point: point_name() },
        Refusal::NoCodeFound,
        Refusal::PhotoUnreadable,
        Refusal::PhotoTooLarge { width: 8000, height: 6000, most: 20_000_000 },
        Refusal::InvitationUnknown,
        Refusal::InvitationOver,
        Refusal::InvitationUsedUp,
        Refusal::TokenMissing,
        Refusal::TokenInvalid,
        Refusal::TokenExpired,
        Refusal::SessionEnded,
        Refusal::NotYourRole,
        Refusal::TalkNeeded,
        Refusal::StockChangeOdd,
        Refusal::StockTooLow { gift: gift(), stock: 50, promised: 48 },
        Refusal::DayUnknown { days: DateRange { first: FIRST, last: date(2023, 4, 30) } },
        Refusal::BoothUnknown,
        Refusal::StaffUnknown,
        Refusal::SuspicionUnknown,
        Refusal::TooManyTries { retry_after_s: 3 },
    ]
}

/// One of every failure with a specific code.
pub(super) fn failures() -> Vec<Error> {
    vec![
        StoreError::Unavailable(String::new()).into(),
        Error::PicturesBusy,
        LoginError::InvalidCode.into(),
        LoginError::CodeUsed.into(),
        LoginError::HighRisk.into(),
        LoginError::RateLimited.into(),
        LoginError::Busy.into(),
        LoginError::InvalidResponse.into(),
        Error::Mistakes(carnival_file::parse("[carnival]\nid = \"Chenghua 2023\"").err().unwrap_or_default()),
        Error::Blocked(vec![ChangeBlocker::PointVanished { point: "space-7".to_owned() }]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_parses() {
        // One that does not would silently remove all examples from the document.
        assert!(parts().is_some());
    }
}
