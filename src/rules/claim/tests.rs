//! Guards the one promise of a voucher: one gift, once, whoever asks, in whatever order, however often.

mod hold;
mod machine;

use super::super::samples::{at, carnival, chen, gift_number, passport_number, the, wang};
use super::*;

/// Claimed at ten, held until the end of the day.
const CLAIMED: &str = "2023-04-14T10:00";
const HELD_UNTIL: &str = "2023-04-14T23:59:59.999";
const NEXT_DAY: &str = "2023-04-15T10:00";

fn voucher() -> Voucher {
    Voucher::new(gift_number(47), 382_910)
}

fn becomes(step: Result<Transition, Refusal>) -> (Claim, bool, ClaimEvent) {
    match step.unwrap() {
        Transition::Changed { claim, needs_left, event } => (claim, needs_left, event),
        Transition::Unchanged(claim) => unreachable!("it stands: {claim:?}"),
    }
}

fn claimed(stored: Option<&Claim>, now: &str) -> Result<Transition, Refusal> {
    claim(stored, voucher(), &passport_number(), at(now), at(HELD_UNTIL), &carnival())
}

fn held() -> Claim {
    becomes(claimed(None, CLAIMED)).0
}

fn redeemed_by(stored: &Claim, by: StaffActor, nonce: &str, now: &str) -> Result<Transition, Refusal> {
    redeem(stored, by, the(nonce), at(now), &carnival())
}

/// Handed over by Wang at 10:30.
fn redeemed() -> Claim {
    becomes(redeemed_by(&held(), wang(), "redeem-01", "2023-04-14T10:30")).0
}

fn first() -> RedemptionId {
    RedemptionId { voucher: voucher(), nth: 1 }
}

fn undo(by: StaffActor, role: Role, nonce: &str) -> VoidRequest {
    VoidRequest { by, role, reason: "扫错了".to_owned(), nonce: the(nonce) }
}

fn voided_by(stored: &Claim, undo: VoidRequest, now: &str) -> Result<Transition, Refusal> {
    void(stored, first(), undo, at(now), at(HELD_UNTIL), &carnival())
}

/// Handed over by Wang at 10:30, undone by her at 10:35.
fn voided() -> Claim {
    becomes(voided_by(&redeemed(), undo(wang(), Role::Volunteer, "void-001"), "2023-04-14T10:35")).0
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
fn a_first_claim_needs_a_gift_that_nobody_holds() {
    let (claim, needs_left, event) = becomes(claimed(None, CLAIMED));
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
    let (claim, needs_left, event) = becomes(again);
    assert_eq!((needs_left, event, claim.voucher), (true, ClaimEvent::Renewed, voucher()));
    assert_eq!(claim.state(at(NEXT_DAY)), ClaimStatus::Held);
}

#[test]
fn a_renewed_claim_names_the_passport_that_earned_it_now() {
    let new: PassportNumber = the("CBA9876543210");
    let again = claim(Some(&held()), voucher(), &new, at(NEXT_DAY), at(HELD_UNTIL), &carnival());
    assert_eq!(becomes(again).0.passport, new, "the passport of before may have been erased");
}

#[test]
fn who_has_the_gift_is_told_when_and_where() {
    let told = claimed(Some(&redeemed()), "2023-04-14T11:00");
    let prior_action = prior_action(1, "2023-04-14T10:30", "友邻荟一号台", &wang(), false).into();
    assert_eq!(told, Err(Refusal::AlreadyRedeemed(prior_action)));
}

#[test]
fn a_released_gift_is_free_at_once() {
    let (claim, needs_left, event) = becomes(release(&held(), at("2023-04-14T11:00"), &carnival()));
    assert_eq!((needs_left, event), (false, ClaimEvent::Released));
    assert_eq!(claim.state(at("2023-04-14T11:00")), ClaimStatus::Lapsed);
    assert_eq!(release(&claim, at("2023-04-14T11:01"), &carnival()), Ok(Transition::Unchanged(claim)));
}

#[test]
fn what_was_handed_over_cannot_be_given_back() {
    let told = release(&redeemed(), at("2023-04-14T11:00"), &carnival()).map_err(|refusal| refusal.code());
    assert_eq!(told, Err("already_redeemed"));
}

#[test]
fn a_held_gift_is_handed_over_whatever_is_left() {
    let (claim, needs_left, event) = becomes(redeemed_by(&held(), wang(), "redeem-01", "2023-04-14T10:30"));
    assert_eq!((needs_left, event), (false, ClaimEvent::Redeemed));
    assert!(matches!(claim.state(at(CLAIMED)), ClaimStatus::Redeemed(id, _) if id == first()));
}

#[test]
fn who_lapsed_in_the_queue_gets_the_gift_while_one_is_left() {
    let (_, needs_left, event) = becomes(redeemed_by(&held(), wang(), "redeem-01", NEXT_DAY));
    assert_eq!((needs_left, event), (true, ClaimEvent::Redeemed));
}

#[test]
fn the_same_nonce_again_is_told_the_same() {
    for now in ["2023-04-14T10:31", NEXT_DAY] {
        assert_eq!(redeemed_by(&redeemed(), wang(), "redeem-01", now), Ok(Transition::Unchanged(redeemed())));
    }
}

#[test]
fn another_nonce_is_told_when_where_and_whether_by_you() {
    let again = |by, nonce| redeemed_by(&redeemed(), by, nonce, "2023-04-14T10:31");
    let told = |by_you| {
        Err(Refusal::AlreadyRedeemed(prior_action(1, "2023-04-14T10:30", "友邻荟一号台", &wang(), by_you).into()))
    };
    assert_eq!(again(wang(), "redeem-02"), told(true));
    assert_eq!(again(chen(), "redeem-03"), told(false));
}

#[test]
fn a_void_puts_the_gift_back_for_a_full_hold_time() {
    let undo = undo(wang(), Role::Volunteer, "void-001");
    let until = at("2023-04-15T23:59:59.999");
    let (claim, needs_left, event) =
        becomes(void(&redeemed(), first(), undo, at("2023-04-14T10:35"), until, &carnival()));
    assert_eq!((needs_left, event), (false, ClaimEvent::Voided));
    assert_eq!((claim.state(at("2023-04-14T10:35")), claim.held_until), (ClaimStatus::Held, until));
}

#[test]
fn after_a_void_the_next_redemption_has_a_new_id() {
    let again = becomes(redeemed_by(&voided(), chen(), "redeem-02", "2023-04-14T11:00")).0;
    assert_eq!(again.active_redemption().map(|(id, _)| id.to_string()), Some(format!("{}-2", voucher())));
}

#[test]
fn a_retry_of_a_voided_redemption_is_told_that_it_was_voided() {
    let told = redeemed_by(&voided(), wang(), "redeem-01", "2023-04-14T10:40");
    assert_eq!(told, Err(Refusal::Voided(prior_action(1, "2023-04-14T10:35", "友邻荟一号台", &wang(), true).into())));
    let again = becomes(redeemed_by(&voided(), chen(), "redeem-02", "2023-04-14T11:00")).0;
    let told = redeemed_by(&again, wang(), "redeem-01", "2023-04-14T11:05").map_err(|refusal| refusal.code());
    assert_eq!(told, Err("voided"), "though another one stands by now");
}

#[test]
fn a_repeated_void_is_told_the_same_and_another_one_that_it_was_done() {
    let again = |nonce| voided_by(&voided(), undo(wang(), Role::Volunteer, nonce), "2023-04-14T12:00");
    assert_eq!(again("void-001"), Ok(Transition::Unchanged(voided())));
    assert_eq!(
        again("void-002"),
        Err(Refusal::Voided(prior_action(1, "2023-04-14T10:35", "友邻荟一号台", &wang(), true).into()))
    );
}

#[test]
fn a_volunteer_undoes_her_own_within_fifteen_minutes() {
    let hers = |now| voided_by(&redeemed(), undo(wang(), Role::Volunteer, "void-001"), now);
    assert!(hers("2023-04-14T10:45").is_ok());
    assert!(hers("2023-04-14T10:29").is_ok(), "the clock stepped back");
    let redeemed_at = carnival().zoned(at("2023-04-14T10:30"));
    assert_eq!(hers("2023-04-14T10:45:00.001"), Err(Refusal::TooLateToVoid { redeemed_at }));
}

#[test]
fn a_volunteer_does_not_undo_anothers_and_an_organiser_undoes_any_at_any_time() {
    let chens = |role| voided_by(&redeemed(), undo(chen(), role, "void-001"), NEXT_DAY);
    assert_eq!(chens(Role::Volunteer), Err(Refusal::NotYourRedemption { by: wang().name }));
    assert_eq!(becomes(chens(Role::Organiser)).2, ClaimEvent::Voided);
}

#[test]
fn a_redemption_that_never_was_cannot_be_undone() {
    for nth in [0, 2, u16::MAX] {
        let id = RedemptionId { nth, ..first() };
        let undo = undo(wang(), Role::Organiser, "void-001");
        let told = void(&redeemed(), id, undo, at("2023-04-14T10:35"), at(HELD_UNTIL), &carnival());
        assert_eq!(told, Err(Refusal::RedemptionUnknown));
    }
}

#[test]
fn the_redemption_of_another_voucher_cannot_be_undone_here() {
    let id = RedemptionId { voucher: Voucher::new(gift_number(47), 1), nth: 1 };
    let undo = undo(wang(), Role::Organiser, "void-001");
    let told = void(&redeemed(), id, undo, at("2023-04-14T10:35"), at(HELD_UNTIL), &carnival());
    assert_eq!(told, Err(Refusal::RedemptionUnknown));
}
