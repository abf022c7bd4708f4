//! JSON representations of practice vouchers, in the form of claims.

use super::views::{ClaimState, ClaimView, GiftName, RedemptionView, rfc3339};
use crate::rules::practice_scenario::PracticeScenario;
use crate::rules::refusal::PriorAction;

/// The claim as a lookup shows it.
pub(super) fn lookup_claim(lesson: &PracticeScenario<'_>) -> ClaimView {
    claim(lesson, lesson.redemption_before())
}

/// The claim after its redemption.
pub(super) fn redeemed_claim(lesson: &PracticeScenario<'_>) -> ClaimView {
    claim(lesson, Some(lesson.confirmed()))
}

/// The claim after its redemption was voided.
pub(super) fn voided_claim(lesson: &PracticeScenario<'_>) -> ClaimView {
    claim(lesson, None)
}

fn claim(lesson: &PracticeScenario<'_>, prior: Option<PriorAction>) -> ClaimView {
    let local = |at| rfc3339(&lesson.carnival.zoned(at));
    let no_gift = || GiftName { gift: "practice".to_owned(), name: lesson.gift_name() };
    ClaimView {
        id: lesson.voucher.to_string(),
        gift: lesson.gift().map_or_else(no_gift, GiftName::from),
        state: if prior.is_some() { ClaimState::Redeemed } else { ClaimState::Held },
        voucher: lesson.voucher.grouped(),
        claimed_at: local(lesson.claimed_at()),
        held_until: local(lesson.held_until()),
        redemption: prior.map(|prior| RedemptionView {
            id: prior.redemption.to_string(),
            at: rfc3339(&prior.at),
            place: prior.place,
            by: prior.by.as_str().to_owned(),
        }),
    }
}
