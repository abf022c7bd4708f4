//! Any sequence of actions by any actors, with a clock that steps back: never two active redemptions.

use proptest::prelude::*;

use super::*;

/// An action on the claim, or the passing of time.
#[derive(Clone, Copy, Debug)]
enum Action {
    Claim,
    Release,
    Redeem { chen: bool, nonce: u8 },
    Void { chen: bool, organiser: bool, nth: u16, nonce: u8 },
    Wait { minutes: i64 },
}

fn any_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        2 => Just(Action::Claim),
        1 => Just(Action::Release),
        4 => (any::<bool>(), 0u8..6).prop_map(|(chen, nonce)| Action::Redeem { chen, nonce }),
        3 => (any::<bool>(), any::<bool>(), 0u16..5, 0u8..4)
            .prop_map(|(chen, organiser, nth, nonce)| Action::Void { chen, organiser, nth, nonce }),
        2 => (-300i64..1_500).prop_map(|minutes| Action::Wait { minutes }),
    ]
}

fn who(is_chen: bool) -> StaffActor {
    if is_chen { chen() } else { wang() }
}

/// Applies an action; `None` if it does not apply to the present claim.
fn apply(action: Action, stored: Option<&Claim>, now: Timestamp) -> Option<Result<Transition, Refusal>> {
    let carnival = carnival();
    let until = hold_until(&carnival, &carnival.gifts[0], now);
    match (action, stored) {
        (Action::Claim, _) => Some(claim(stored, voucher(), &passport_number(), now, until, &carnival)),
        (Action::Release, Some(stored)) => Some(release(stored, now, &carnival)),
        (Action::Redeem { chen, nonce }, Some(stored)) => {
            Some(redeem(stored, who(chen), the(&format!("redeem-{nonce:02}")), now, &carnival))
        }
        (Action::Void { chen, organiser, nth, nonce }, Some(stored)) => {
            let role = if organiser { Role::Organiser } else { Role::Volunteer };
            let void_request = void_request(who(chen), role, &format!("void-{nonce:03}"));
            Some(void(stored, RedemptionId { voucher: voucher(), nth }, void_request, now, until, &carnival))
        }
        (Action::Wait { .. }, _) | (_, None) => None,
    }
}

fn active_redemptions(claim: &Claim) -> usize {
    claim.redemptions.iter().filter(|redemption| redemption.voided.is_none()).count()
}

/// Change in the number of handed-over gifts: 1, 0 or -1.
fn handed_over(event: ClaimEvent) -> i64 {
    match event {
        ClaimEvent::Redeemed => 1,
        ClaimEvent::Voided => -1,
        ClaimEvent::Claimed | ClaimEvent::Renewed | ClaimEvent::Released | ClaimEvent::Erased => 0,
    }
}

/// Whether all earlier data is preserved, except that a redemption may become voided once.
fn preserves(before: &Claim, after: &Claim) -> bool {
    let same = |(old, new): (&Redemption, &Redemption)| {
        let void_preserved = old.voided.is_none() || old.voided == new.voided;
        void_preserved && Redemption { voided: None, ..old.clone() } == Redemption { voided: None, ..new.clone() }
    };
    before.voucher == after.voucher
        && before.claimed_at == after.claimed_at
        && before.redemptions.len() <= after.redemptions.len()
        && before.redemptions.iter().zip(&after.redemptions).all(same)
}

proptest! {
    #![proptest_config(crate::rules::samples::property_config())]

    #[test]
    fn at_most_one_redemption_is_active_and_retries_change_nothing(
        actions in prop::collection::vec(any_action(), 1..40),
    ) {
        let mut now = at(CLAIMED);
        let mut stored: Option<Claim> = None;
        for one in actions {
            if let Action::Wait { minutes } = one {
                now += SignedDuration::from_mins(minutes);
            }
            match apply(one, stored.as_ref(), now) {
                Some(Ok(Transition::Changed { claim, event, .. })) => {
                    let before = stored.as_ref().map_or(0, active_redemptions);
                    prop_assert!(active_redemptions(&claim) <= 1);
                    let (before, after) = (i64::try_from(before).unwrap(), i64::try_from(active_redemptions(&claim)).unwrap());
                    prop_assert_eq!(before + handed_over(event), after, "{:?}", event);
                    prop_assert!(stored.as_ref().is_none_or(|stored| preserves(stored, &claim)));
                    // The answer was lost, and the client retries at once.
                    prop_assert_eq!(apply(one, Some(&claim), now), Some(Ok(Transition::Unchanged(claim.clone()))));
                    stored = Some(claim);
                }
                Some(Ok(Transition::Unchanged(claim))) => prop_assert_eq!(Some(claim), stored.clone()),
                Some(Err(_)) | None => {}
            }
        }
    }

    #[test]
    fn a_nonce_yields_at_most_one_redemption(
        actions in prop::collection::vec(any_action(), 1..40),
    ) {
        let (mut now, mut stored) = (at(CLAIMED), held());
        for one in actions {
            if let Action::Wait { minutes } = one {
                now += SignedDuration::from_mins(minutes);
            }
            if let Some(Ok(Transition::Changed { claim, .. })) = apply(one, Some(&stored), now) {
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
