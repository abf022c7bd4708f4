//! JSON representations of practice vouchers, in the form of claims.

use crate::http::api::views::{ClaimState, ClaimView, GiftName, RedemptionView};
use crate::rules::gifts::practice_scenario::PracticeScenario;
use crate::rules::refusals::PriorAction;
use crate::rules::wire_form::rfc3339;

/// The claim of a practice voucher, with its redemption if it has one.
pub(in crate::http) fn claim(scenario: &PracticeScenario<'_>, prior: Option<PriorAction>) -> ClaimView {
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
