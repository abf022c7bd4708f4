//! A voucher yields one gift, once, for every order and repetition of requests.

mod hold;
mod machine;

use super::*;
use crate::rules::samples::{at, carnival, chen, gift_number, passport_number, the, wang};

/// Claimed at 10:00, held until the end of the day.
const CLAIMED: &str = "2023-04-14T10:00";
const HELD_UNTIL: &str = "2023-04-14T23:59:59.999";
const NEXT_DAY: &str = "2023-04-15T10:00";

fn voucher() -> Voucher {
    Voucher::new(gift_number(47), 382_910)
}

fn changed(step: Result<Transition, Refusal>) -> (Claim, bool, ClaimEvent) {
    match step.unwrap() {
        Transition::Changed { claim, needs_left, event } => (claim, needs_left, event),
        Transition::Unchanged(claim) => unreachable!("unchanged: {claim:?}"),
    }
}

fn claimed(stored: Option<&Claim>, now: &str) -> Result<Transition, Refusal> {
    claim(stored, voucher(), &passport_number(), at(now), at(HELD_UNTIL), &carnival())
}

fn held() -> Claim {
    changed(claimed(None, CLAIMED)).0
}

fn redeemed_by(stored: &Claim, by: StaffActor, nonce: &str, now: &str) -> Result<Transition, Refusal> {
    redeem(stored, by, the(nonce), at(now), &carnival())
}

/// Redeemed by Wang at 10:30.
fn redeemed() -> Claim {
    changed(redeemed_by(&held(), wang(), "redeem-01", "2023-04-14T10:30")).0
}

fn first() -> RedemptionId {
    RedemptionId { voucher: voucher(), nth: 1 }
}

fn void_request(by: StaffActor, role: Role, nonce: &str) -> VoidRequest {
    VoidRequest { by, role, reason: "扫错了".to_owned(), nonce: the(nonce) }
}

fn voided_by(stored: &Claim, void_request: VoidRequest, now: &str) -> Result<Transition, Refusal> {
    void(stored, first(), void_request, at(now), at(HELD_UNTIL), &carnival())
}

/// Redeemed by Wang at 10:30, voided by Wang at 10:35.
fn voided() -> Claim {
    changed(voided_by(&redeemed(), void_request(wang(), Role::Volunteer, "void-001"), "2023-04-14T10:35")).0
}

fn prior_action(nth: u16, at_: &str, place: &str, by: &StaffActor, by_you: bool) -> PriorAction {
    PriorAction {
        redemption: RedemptionId { voucher: voucher(), nth }.into(),
        at: carnival().zoned(at(at_)),
        place: Some(place.to_owned()),
        by: by.name.clone(),
        by_you,
    }
}

#[test]
fn a_first_claim_needs_a_free_gift() {
    let (claim, needs_left, event) = changed(claimed(None, CLAIMED));
    assert_eq!((needs_left, event), (true, ClaimEvent::Claimed));
    assert_eq!(claim.state(at(CLAIMED)), ClaimStatus::Held);
    assert_eq!((claim.voucher, claim.claimed_at, claim.held_until), (voucher(), at(CLAIMED), at(HELD_UNTIL)));
}

#[test]
fn a_claim_is_held_to_its_last_millisecond() {
    assert_eq!(held().state(at("2023-04-14T23:59:59.999")), ClaimStatus::Held);
    assert_eq!(held().state(at("2023-04-15T00:00")), ClaimStatus::Lapsed);
}

#[test]
fn claiming_again_is_the_same_claim() {
    assert_eq!(claimed(Some(&held()), "2023-04-14T11:00"), Ok(Transition::Unchanged(held())));
}

#[test]
fn a_lapsed_claim_is_renewed_with_its_old_voucher_if_a_gift_is_left() {
    let fresh = Voucher::new(gift_number(47), 1);
    let again =
        claim(Some(&held()), fresh, &passport_number(), at(NEXT_DAY), at("2023-04-15T23:59:59.999"), &carnival());
    let (claim, needs_left, event) = changed(again);
    assert_eq!((needs_left, event, claim.voucher), (true, ClaimEvent::Renewed, voucher()));
    assert_eq!(claim.state(at(NEXT_DAY)), ClaimStatus::Held);
}

#[test]
fn a_renewed_claim_names_the_passport_that_earned_it_now() {
    let new: PassportNumber = the("CBA9876543210");
    let again = claim(Some(&held()), voucher(), &new, at(NEXT_DAY), at(HELD_UNTIL), &carnival());
    assert_eq!(changed(again).0.passport, new, "the earlier passport may have been erased");
}

#[test]
fn claiming_a_redeemed_gift_is_refused_with_time_and_place() {
    let outcome = claimed(Some(&redeemed()), "2023-04-14T11:00");
    let prior_action = prior_action(1, "2023-04-14T10:30", "友邻荟一号台", &wang(), false).into();
    assert_eq!(outcome, Err(GiftRefusal::AlreadyRedeemed { done: prior_action }.into()));
}

#[test]
fn a_released_gift_is_free_at_once() {
    let (claim, needs_left, event) = changed(release(&held(), at("2023-04-14T11:00"), &carnival()));
    assert_eq!((needs_left, event), (false, ClaimEvent::Released));
    assert_eq!(claim.state(at("2023-04-14T11:00")), ClaimStatus::Lapsed);
    assert_eq!(release(&claim, at("2023-04-14T11:01"), &carnival()), Ok(Transition::Unchanged(claim)));
}

#[test]
fn a_redeemed_gift_cannot_be_released() {
    let outcome = release(&redeemed(), at("2023-04-14T11:00"), &carnival()).map_err(|refusal| refusal.code());
    assert_eq!(outcome, Err("already_redeemed"));
}

#[test]
fn a_held_gift_is_redeemed_even_if_none_is_left() {
    let (claim, needs_left, event) = changed(redeemed_by(&held(), wang(), "redeem-01", "2023-04-14T10:30"));
    assert_eq!((needs_left, event), (false, ClaimEvent::Redeemed));
    assert!(matches!(claim.state(at(CLAIMED)), ClaimStatus::Redeemed(id, _) if id == first()));
}

#[test]
fn a_lapsed_claim_is_redeemed_while_a_gift_is_left() {
    let (_, needs_left, event) = changed(redeemed_by(&held(), wang(), "redeem-01", NEXT_DAY));
    assert_eq!((needs_left, event), (true, ClaimEvent::Redeemed));
}

#[test]
fn a_retry_with_the_same_nonce_gets_the_same_answer() {
    for now in ["2023-04-14T10:31", NEXT_DAY] {
        assert_eq!(redeemed_by(&redeemed(), wang(), "redeem-01", now), Ok(Transition::Unchanged(redeemed())));
    }
}

#[test]
fn another_nonce_is_refused_with_time_place_and_actor() {
    let again = |by, nonce| redeemed_by(&redeemed(), by, nonce, "2023-04-14T10:31");
    let already_redeemed = |by_you| {
        Err(GiftRefusal::AlreadyRedeemed {
            done: prior_action(1, "2023-04-14T10:30", "友邻荟一号台", &wang(), by_you).into(),
        }
        .into())
    };
    assert_eq!(again(wang(), "redeem-02"), already_redeemed(true));
    assert_eq!(again(chen(), "redeem-03"), already_redeemed(false));
}

#[test]
fn a_void_puts_the_gift_back_for_a_full_hold_time() {
    let void_request = void_request(wang(), Role::Volunteer, "void-001");
    let until = at("2023-04-15T23:59:59.999");
    let (claim, needs_left, event) =
        changed(void(&redeemed(), first(), void_request, at("2023-04-14T10:35"), until, &carnival()));
    assert_eq!((needs_left, event), (false, ClaimEvent::Voided));
    assert_eq!((claim.state(at("2023-04-14T10:35")), claim.held_until), (ClaimStatus::Held, until));
}

#[test]
fn after_a_void_the_next_redemption_has_a_new_id() {
    let again = changed(redeemed_by(&voided(), chen(), "redeem-02", "2023-04-14T11:00")).0;
    assert_eq!(again.active_redemption().map(|(id, _)| id.to_string()), Some(format!("{}-2", voucher())));
}

#[test]
fn a_retry_of_a_voided_redemption_is_refused_as_voided() {
    let outcome = redeemed_by(&voided(), wang(), "redeem-01", "2023-04-14T10:40");
    assert_eq!(
        outcome,
        Err(GiftRefusal::Voided {
            done: prior_action(1, "2023-04-14T10:35", "友邻荟一号台", &wang(), true).into()
        }
        .into())
    );
    let again = changed(redeemed_by(&voided(), chen(), "redeem-02", "2023-04-14T11:00")).0;
    let outcome = redeemed_by(&again, wang(), "redeem-01", "2023-04-14T11:05").map_err(|refusal| refusal.code());
    assert_eq!(outcome, Err("voided"), "even though a newer redemption is active");
}

#[test]
fn a_retried_void_succeeds_and_a_second_void_is_refused() {
    let again = |nonce| voided_by(&voided(), void_request(wang(), Role::Volunteer, nonce), "2023-04-14T12:00");
    assert_eq!(again("void-001"), Ok(Transition::Unchanged(voided())));
    assert_eq!(
        again("void-002"),
        Err(GiftRefusal::Voided {
            done: prior_action(1, "2023-04-14T10:35", "友邻荟一号台", &wang(), true).into()
        }
        .into())
    );
}

#[test]
fn a_volunteer_may_void_their_own_redemption_within_fifteen_minutes() {
    let own_void = |now| voided_by(&redeemed(), void_request(wang(), Role::Volunteer, "void-001"), now);
    assert!(own_void("2023-04-14T10:45").is_ok());
    assert!(own_void("2023-04-14T10:29").is_ok(), "the clock stepped back");
    let redeemed_at = carnival().zoned(at("2023-04-14T10:30"));
    assert_eq!(own_void("2023-04-14T10:45:00.001"), Err(GiftRefusal::TooLateToVoid { redeemed_at }.into()));
}

#[test]
fn only_organisers_may_void_the_redemptions_of_others_at_any_time() {
    let chens = |role| voided_by(&redeemed(), void_request(chen(), role, "void-001"), NEXT_DAY);
    assert_eq!(chens(Role::Volunteer), Err(GiftRefusal::NotYourRedemption { by: wang().name }.into()));
    assert_eq!(changed(chens(Role::Organiser)).2, ClaimEvent::Voided);
}

#[test]
fn an_unknown_redemption_cannot_be_voided() {
    for nth in [0, 2, u16::MAX] {
        let id = RedemptionId { nth, ..first() };
        let void_request = void_request(wang(), Role::Organiser, "void-001");
        let outcome = void(&redeemed(), id, void_request, at("2023-04-14T10:35"), at(HELD_UNTIL), &carnival());
        assert_eq!(outcome, Err(GiftRefusal::RedemptionUnknown.into()));
    }
}

#[test]
fn a_redemption_of_another_voucher_cannot_be_voided_here() {
    let id = RedemptionId { voucher: Voucher::new(gift_number(47), 1), nth: 1 };
    let void_request = void_request(wang(), Role::Organiser, "void-001");
    let outcome = void(&redeemed(), id, void_request, at("2023-04-14T10:35"), at(HELD_UNTIL), &carnival());
    assert_eq!(outcome, Err(GiftRefusal::RedemptionUnknown.into()));
}
