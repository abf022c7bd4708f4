//! Additional JSON members of a refusal, for programs.

use serde_json::{Map, Value, json};

use crate::http::api::views;
use crate::rules::refusal::{GiftUnit, PriorAction, Refusal};

/// The additional members of a refusal's problem document.
pub(super) fn refusal_details(refusal: &Refusal) -> Map<String, Value> {
    let value = match refusal {
        Refusal::CarnivalNotBegun { first_day } => json!({ "first_day": first_day.to_string() }),
        Refusal::CarnivalOver { last_day } => json!({ "last_day": last_day.to_string() }),
        Refusal::RouteNotThisWeek { route, days, extra_days } => json!({
            "route": route, "first_day": days.first.to_string(), "last_day": days.last.to_string(),
            "extra_days": extra_days.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }),
        Refusal::RouteNotBegun { route, first_day } => json!({ "route": route, "first_day": first_day.to_string() }),
        Refusal::PointClosed { point, hours, opens, now, reason } => json!({
            "point": point, "hours": views::spans(hours),
            "opens": opens.map(|time| time.strftime("%H:%M").to_string()),
            "now": views::rfc3339(now), "reason": reason,
        }),
        Refusal::CodeReplaced { point }
        | Refusal::DisplayCodeNeeded { point }
        | Refusal::PrintedCodeNeeded { point }
        | Refusal::CodesUsedUp { point }
        | Refusal::NoPoster { point }
        | Refusal::LocationNeeded { point } => json!({ "point": point }),
        Refusal::TooFarAway { point, metres, radius_m } => {
            json!({ "point": point, "metres": metres, "radius_m": radius_m })
        }
        Refusal::GiftNotEarned { gift, unit, have, need, missing } => json!({
            "gift": gift, "unit": unit_name(*unit), "have": have, "need": need,
            "missing": missing.iter().map(|m| json!({ "point": m.point, "name": m.name })).collect::<Vec<_>>(),
        }),
        Refusal::GiftGone { gift } => json!({ "gift": gift }),
        Refusal::GiftClosed { gift, reason } => json!({ "gift": gift, "reason": reason }),
        Refusal::PickUpClosed { gift, days, hours, now } => json!({
            "gift": gift, "first_day": days.first.to_string(), "last_day": days.last.to_string(),
            "hours": views::spans(hours), "now": views::rfc3339(now),
        }),
        Refusal::WrongBooth { gift, booths } => json!({ "gift": gift, "booths": booths }),
        Refusal::AlreadyRedeemed(prior_action) | Refusal::Voided(prior_action) => {
            json!({ "done": prior_action_view(prior_action) })
        }
        Refusal::TooLateToVoid { redeemed_at } => json!({ "redeemed_at": views::rfc3339(redeemed_at) }),
        Refusal::NotYourRedemption { by } => json!({ "by": by }),
        Refusal::NotYourPoint { yours } => json!({ "yours": yours }),
        Refusal::CarnivalChanged { version, by, at } => {
            json!({ "version": version, "by": by, "at": views::rfc3339(at) })
        }
        Refusal::CompanionsFull { limit } => json!({ "limit": limit }),
        Refusal::StockTooLow { gift, stock, promised } => {
            json!({ "gift": gift, "stock": stock, "promised": promised })
        }
        Refusal::GreetingTooLong { length, most } => json!({ "length": length, "most": most }),
        Refusal::GreetingLines { lines, most } => json!({ "lines": lines, "most": most }),
        Refusal::GreetingEmoji { found } => json!({ "found": found }),
        Refusal::CannotBePrinted { found } => json!({ "found": found }),
        Refusal::PhotoTooLarge { width, height, most } => json!({ "width": width, "height": height, "most": most }),
        Refusal::DayUnknown { days } => {
            json!({ "first_day": days.first.to_string(), "last_day": days.last.to_string() })
        }
        Refusal::TooManyTries { retry_after_s } => json!({ "retry_after_s": retry_after_s }),
        Refusal::CodeUnknown
        | Refusal::CodeOfAnotherKind
        | Refusal::DisplayCodeTooOld
        | Refusal::OwnCodeTooOld
        | Refusal::PointUnknown
        | Refusal::GiftUnknown
        | Refusal::ClaimUnknown
        | Refusal::VoucherUnknown
        | Refusal::RedemptionUnknown
        | Refusal::BoothNeeded
        | Refusal::CompanionUnknown
        | Refusal::RouteUnknown
        | Refusal::VersionUnknown
        | Refusal::InvitationUnknown
        | Refusal::InvitationOver
        | Refusal::InvitationUsedUp
        | Refusal::TokenMissing
        | Refusal::TokenInvalid
        | Refusal::TokenExpired
        | Refusal::SessionEnded
        | Refusal::NotYourRole
        | Refusal::TalkNeeded
        | Refusal::StockChangeOdd
        | Refusal::BoothUnknown
        | Refusal::StaffUnknown
        | Refusal::NoCodeFound
        | Refusal::PhotoUnreadable
        | Refusal::SuspicionUnknown => Value::Null,
    };
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn unit_name(unit: GiftUnit) -> &'static str {
    match unit {
        GiftUnit::Stamps => "stamps",
        GiftUnit::Routes => "routes",
    }
}

fn prior_action_view(prior_action: &PriorAction) -> Value {
    json!({
        "redemption": prior_action.redemption.to_string(), "at": views::rfc3339(&prior_action.at), "place": prior_action.place,
        "by": prior_action.by, "by_you": prior_action.by_you,
    })
}
