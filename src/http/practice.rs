//! What a practice voucher says in JSON: the shapes of a claim.

use super::views::{ClaimState, ClaimView, GiftName, RedemptionView, rfc3339};
use crate::rules::lesson::Lesson;
use crate::rules::refusal::Done;

/// Its claim as it is looked up.
pub(super) fn looked_up(lesson: &Lesson<'_>) -> ClaimView {
    claim(lesson, lesson.before())
}

/// Its claim once it is confirmed.
pub(super) fn confirmed(lesson: &Lesson<'_>) -> ClaimView {
    claim(lesson, Some(lesson.confirmed()))
}

/// Its claim once that is undone.
pub(super) fn undone(lesson: &Lesson<'_>) -> ClaimView {
    claim(lesson, None)
}

fn claim(lesson: &Lesson<'_>, done: Option<Done>) -> ClaimView {
    let local = |at| rfc3339(&lesson.carnival.zoned(at));
    let no_gift = || GiftName { gift: "practice".to_owned(), name: lesson.gift_name() };
    ClaimView {
        id: lesson.voucher.to_string(),
        gift: lesson.gift().map_or_else(no_gift, GiftName::from),
        state: if done.is_some() { ClaimState::Redeemed } else { ClaimState::Held },
        voucher: lesson.voucher.grouped(),
        claimed_at: local(lesson.claimed_at()),
        held_until: local(lesson.held_until()),
        redemption: done.map(|done| RedemptionView {
            id: done.redemption.to_string(),
            at: rfc3339(&done.at),
            place: done.place,
            by: done.by.as_str().to_owned(),
        }),
    }
}
