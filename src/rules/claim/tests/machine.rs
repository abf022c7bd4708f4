//! Any sequence of steps, by anyone, with a clock that steps back: never two standing redemptions.

use proptest::prelude::*;

use super::*;

/// What somebody asks for.
#[derive(Clone, Copy, Debug)]
enum Ask {
    Claim,
    Release,
    Redeem { chen: bool, nonce: u8 },
    Void { chen: bool, organiser: bool, nth: u16, nonce: u8 },
    Wait { minutes: i64 },
}

fn any_ask() -> impl Strategy<Value = Ask> {
    prop_oneof![
        2 => Just(Ask::Claim),
        1 => Just(Ask::Release),
        4 => (any::<bool>(), 0u8..6).prop_map(|(chen, nonce)| Ask::Redeem { chen, nonce }),
        3 => (any::<bool>(), any::<bool>(), 0u16..5, 0u8..4)
            .prop_map(|(chen, organiser, nth, nonce)| Ask::Void { chen, organiser, nth, nonce }),
        2 => (-300i64..1_500).prop_map(|minutes| Ask::Wait { minutes }),
    ]
}

fn who(is_chen: bool) -> StaffActor {
    if is_chen { chen() } else { wang() }
}

/// Asks; `None` for what is no step of a claim.
fn ask(ask: Ask, stored: Option<&Claim>, now: Timestamp) -> Option<Result<Transition, Refusal>> {
    let carnival = carnival();
    let until = hold_until(&carnival, &carnival.gifts[0], now);
    match (ask, stored) {
        (Ask::Claim, _) => Some(claim(stored, voucher(), &passport_number(), now, until, &carnival)),
        (Ask::Release, Some(stored)) => Some(release(stored, now, &carnival)),
        (Ask::Redeem { chen, nonce }, Some(stored)) => {
            Some(redeem(stored, who(chen), the(&format!("redeem-{nonce:02}")), now, &carnival))
        }
        (Ask::Void { chen, organiser, nth, nonce }, Some(stored)) => {
            let role = if organiser { Role::Organiser } else { Role::Volunteer };
            let undo = undo(who(chen), role, &format!("void-{nonce:03}"));
            Some(void(stored, RedemptionId { voucher: voucher(), nth }, undo, now, until, &carnival))
        }
        (Ask::Wait { .. }, _) | (_, None) => None,
    }
}

fn standing(claim: &Claim) -> usize {
    claim.redemptions.iter().filter(|redemption| redemption.voided.is_none()).count()
}

/// How many more are handed over after the step: 1, 0 or -1.
fn handed_over(event: ClaimEvent) -> i64 {
    match event {
        ClaimEvent::Redeemed => 1,
        ClaimEvent::Voided => -1,
        ClaimEvent::Claimed | ClaimEvent::Renewed | ClaimEvent::Released | ClaimEvent::Erased => 0,
    }
}

/// What was written once stays as it was written, but that it may be undone once.
fn keeps(before: &Claim, after: &Claim) -> bool {
    let same = |(old, new): (&Redemption, &Redemption)| {
        let already_voided = old.voided.is_none() || old.voided == new.voided;
        already_voided && Redemption { voided: None, ..old.clone() } == Redemption { voided: None, ..new.clone() }
    };
    before.voucher == after.voucher
        && before.claimed_at == after.claimed_at
        && before.redemptions.len() <= after.redemptions.len()
        && before.redemptions.iter().zip(&after.redemptions).all(same)
}

proptest! {
    #[test]
    fn at_most_one_redemption_stands_and_asking_again_never_does_a_thing_twice(
        asks in prop::collection::vec(any_ask(), 1..40),
    ) {
        let mut now = at(CLAIMED);
        let mut stored: Option<Claim> = None;
        for one in asks {
            if let Ask::Wait { minutes } = one {
                now += SignedDuration::from_mins(minutes);
            }
            match ask(one, stored.as_ref(), now) {
                Some(Ok(Transition::Changed { claim, event, .. })) => {
                    let before = stored.as_ref().map_or(0, standing);
                    prop_assert!(standing(&claim) <= 1);
                    let (before, after) = (i64::try_from(before).unwrap(), i64::try_from(standing(&claim)).unwrap());
                    prop_assert_eq!(before + handed_over(event), after, "{:?}", event);
                    prop_assert!(stored.as_ref().is_none_or(|stored| keeps(stored, &claim)));
                    // The answer was lost, and the same is asked at once.
                    prop_assert_eq!(ask(one, Some(&claim), now), Some(Ok(Transition::Unchanged(claim.clone()))));
                    stored = Some(claim);
                }
                Some(Ok(Transition::Unchanged(claim))) => prop_assert_eq!(Some(claim), stored.clone()),
                Some(Err(_)) | None => {}
            }
        }
    }

    #[test]
    fn a_nonce_that_made_a_redemption_never_makes_another(
        asks in prop::collection::vec(any_ask(), 1..40),
    ) {
        let (mut now, mut stored) = (at(CLAIMED), held());
        for one in asks {
            if let Ask::Wait { minutes } = one {
                now += SignedDuration::from_mins(minutes);
            }
            if let Some(Ok(Transition::Changed { claim, .. })) = ask(one, Some(&stored), now) {
                stored = claim;
            }
        }
        let own = |redemption: &Redemption| format!("{} {}", redemption.by.session, redemption.nonce.as_str());
        let mut nonces: Vec<String> = stored.redemptions.iter().map(own).collect();
        let all = nonces.len();
        nonces.sort_unstable();
        nonces.dedup();
        prop_assert_eq!(nonces.len(), all);
    }
}
