//! Each request is decided as the claim, the passport, the place and the time allow.

use super::*;
use crate::rules::gifts::claim_lifecycle::ClaimEvent;
use crate::rules::ids::GiftNumber;
use crate::rules::samples::{at, carnival, gift_number, passport, passport_number, the, wang};

const NOON: &str = "2023-04-14T12:00";

fn voucher() -> Voucher {
    Voucher::new(gift_number(3), 7)
}

/// The decision on gift 3 (four stamps of any route), at noon, for the stamps of these points.
fn decide(
    request: &ClaimRequest<'_>,
    stored: Option<&Claim>,
    stamps: &[u64],
    change: impl FnOnce(&mut Carnival, &mut BTreeSet<PassportNumber>),
) -> Result<Transition, &'static str> {
    let (mut carnival, mut blocked) = (carnival(), BTreeSet::new());
    change(&mut carnival, &mut blocked);
    let number: GiftNumber = gift_number(3);
    let passport = (!stamps.is_empty()).then(|| passport(stamps));
    let context = ClaimContext {
        carnival: &carnival,
        blocked_passports: &blocked,
        gift: carnival.gift(number).unwrap(),
        passport: passport.as_ref(),
        now: at(NOON),
    };
    context.decide(request, stored, voucher()).map_err(|refusal| refusal.code())
}

fn held(until: &str) -> Claim {
    Claim {
        voucher: voucher(),
        passport: passport_number(),
        claimed_at: at("2023-04-14T10:00"),
        held_until: at(until),
        redemptions: Vec::new(),
    }
}

fn event(decision: Result<Transition, &'static str>) -> Result<Option<(ClaimEvent, bool)>, &'static str> {
    Ok(match decision? {
        Transition::Unchanged(_) => None,
        Transition::Changed { event, needs_left, .. } => Some((event, needs_left)),
    })
}

#[test]
fn a_claim_needs_an_earned_gift_unless_it_is_held_already() {
    let claim = |stored, stamps: &[u64]| event(decide(&ClaimRequest::Claim, stored, stamps, |_, _| {}));
    let (held, lapsed) = (held("2023-04-14T13:00"), held("2023-04-14T11:00"));
    let earned: &[u64] = &[1, 2, 3, 4];
    assert_eq!(claim(None, &[]), Err("gift_not_earned"));
    assert_eq!(claim(None, &[1, 2, 3]), Err("gift_not_earned"));
    assert_eq!(claim(None, earned), Ok(Some((ClaimEvent::Claimed, true))));
    assert_eq!(claim(Some(&held), &[]), Ok(None), "what is held stays so");
    assert_eq!(claim(Some(&lapsed), &[]), Err("gift_not_earned"));
    assert_eq!(claim(Some(&lapsed), earned), Ok(Some((ClaimEvent::Renewed, true))));
}

#[test]
fn a_claim_is_released_by_its_own_voucher() {
    let release = |stored, voucher| event(decide(&ClaimRequest::Release(voucher), stored, &[], |_, _| {}));
    let held = held("2023-04-14T13:00");
    assert_eq!(release(None, voucher()), Err("claim_unknown"));
    assert_eq!(release(Some(&held), Voucher::new(gift_number(3), 8)), Err("claim_unknown"));
    assert_eq!(release(Some(&held), voucher()), Ok(Some((ClaimEvent::Released, false))));
}

#[test]
fn an_earlier_redemption_beats_every_refusal_of_a_hand_over() {
    let (by, first, second) = (wang(), the("redeem-01"), the("redeem-02"));
    let block = |_: &mut Carnival, blocked: &mut BTreeSet<PassportNumber>| blocked.extend([passport_number()]);
    let elsewhere = |carnival: &mut Carnival, _: &mut BTreeSet<PassportNumber>| {
        carnival.gifts.iter_mut().for_each(|gift| gift.booths = vec![the("west")]);
    };
    let (held, request) =
        (held("2023-04-14T13:00"), ClaimRequest::HandOver { voucher: voucher(), by: &by, nonce: &first });
    assert_eq!(event(decide(&request, None, &[], |_, _| {})), Err("voucher_unknown"));
    assert_eq!(event(decide(&request, Some(&held), &[], block)), Err("talk_needed"));
    assert_eq!(event(decide(&request, Some(&held), &[], elsewhere)), Err("wrong_booth"));
    let redeemed = decide(&request, Some(&held), &[], |_, _| {}).unwrap();
    let Transition::Changed { claim, needs_left: false, event: ClaimEvent::Redeemed } = redeemed else {
        unreachable!("{redeemed:?}")
    };
    assert_eq!(event(decide(&request, Some(&claim), &[], block)), Ok(None), "a repetition");
    let again = ClaimRequest::HandOver { voucher: voucher(), by: &by, nonce: &second };
    assert_eq!(event(decide(&again, Some(&claim), &[], elsewhere)), Err("already_redeemed"));
}

#[test]
fn a_hand_over_concerns_only_the_claim_with_the_scanned_voucher() {
    let (by, nonce, held) = (wang(), the("redeem-01"), held("2023-04-14T13:00"));
    let request = ClaimRequest::HandOver { voucher: voucher(), by: &by, nonce: &nonce };
    let redeemed = decide(&request, Some(&held), &[], |_, _| {}).unwrap();
    let Transition::Changed { claim, .. } = redeemed else { unreachable!("{redeemed:?}") };
    // An erasure put the mark of a redeemed gift in the place of the claim.
    let mark = Claim { voucher: Voucher::new(gift_number(3), 8), ..claim };
    assert_eq!(event(decide(&request, Some(&mark), &[], |_, _| {})), Err("voucher_unknown"));
}

#[test]
fn a_passport_is_given_its_gift_in_one_step() {
    let (by, nonce, held) = (wang(), the("redeem-01"), held("2023-04-14T13:00"));
    let hand_over = |code_too_old, stored, stamps: &[u64]| {
        decide(&ClaimRequest::HandOverByPassport { by: &by, nonce: &nonce, code_too_old }, stored, stamps, |_, _| {})
    };
    assert_eq!(event(hand_over(false, None, &[1])), Err("gift_not_earned"));
    assert_eq!(event(hand_over(true, None, &[1])), Err("own_code_too_old"));
    assert_eq!(event(hand_over(true, Some(&held), &[])), Err("own_code_too_old"));
    let redeemed = hand_over(false, None, &[1, 2, 3, 4]).unwrap();
    let Transition::Changed { claim, needs_left: true, event: ClaimEvent::Redeemed } = redeemed else {
        unreachable!("{redeemed:?}")
    };
    assert_eq!(event(hand_over(true, Some(&claim), &[])), Ok(None), "an expired code returns what was handed over");
}
