//! Practice must give the same answers every time, and the same answers as at the booth.

use super::*;
use crate::rules::samples::{at, carnival, on_duty, the, wang, with_gift};

const NAMES: PracticeNames =
    PracticeNames { gift: "a practice gift", another_booth: "another booth", volunteer: "a practice volunteer" };
const NOW: &str = "2023-04-14T10:00";

fn volunteer() -> StaffSession {
    on_duty(Role::Volunteer, wang().place)
}

/// The scenario of a voucher for Wang at 10:00, in the sample carnival.
fn with<T>(voucher: PracticeVoucher, evaluate: impl FnOnce(PracticeScenario<'_>) -> T) -> T {
    let (carnival, staff) = (carnival(), volunteer());
    evaluate(PracticeScenario { voucher, carnival: &carnival, staff: &staff, names: NAMES, now: at(NOW) })
}

#[test]
fn a_confirmation_names_the_volunteer_and_the_present_time() {
    with(PracticeVoucher::Redeemable, |scenario| {
        let done = scenario.confirmed();
        assert_eq!(done.redemption.to_string(), "000000013-1");
        assert_eq!((done.at.timestamp(), &done.by, done.by_you), (at(NOW), &volunteer().name, true));
        assert_eq!(done.place.as_deref(), Some("友邻荟一号台"));
        assert_eq!((scenario.claimed_at(), scenario.redemption_before()), (at("2023-04-14T09:00"), None));
        assert_eq!(scenario.held_until(), at("2023-04-14T23:59:59.999"));
    });
    with(PracticeVoucher::AlreadyRedeemed, |scenario| {
        let Some(Refusal::Gift(GiftRefusal::AlreadyRedeemed { done: prior })) = scenario.refusal() else {
            unreachable!()
        };
        assert_eq!(scenario.redemption_before().as_ref(), Some(&*prior), "the look-up and the refusal agree");
        assert!(!prior.by_you);
    });
}

#[test]
fn the_rules_for_voiding_are_those_of_real_redemptions() {
    let undo = |voucher, role| {
        with(voucher, |scenario| {
            PracticeScenario { staff: &on_duty(role, None), ..scenario }.undo().map_err(|no| no.code())
        })
    };
    let outcomes =
        PracticeVoucher::ALL.map(|voucher| [Role::Volunteer, Role::Organiser].map(|role| undo(voucher, role)));
    assert_eq!(
        outcomes,
        [
            [Ok(()), Ok(())],
            [Err("not_your_redemption"), Ok(())],
            [Err("redemption_unknown"), Err("redemption_unknown")],
        ]
    );
}

#[test]
fn closed_gifts_are_skipped_and_a_placeholder_stands_in() {
    let name = |carnival: &Carnival| {
        with(PracticeVoucher::Redeemable, |scenario| {
            let scenario = PracticeScenario { carnival, ..scenario };
            assert!(scenario.held_until() >= scenario.now);
            scenario.gift_name()
        })
    };
    let first_closed = with_gift(1, |gift| gift.closed = Some("印错了".to_owned()));
    assert_eq!(name(&first_closed), "礼物2");
    let mut none = first_closed;
    none.gifts.clear();
    assert_eq!(name(&none), "a practice gift");
}

#[test]
fn the_other_booth_is_never_the_volunteers_own() {
    let booth = |carnival: &Carnival, staff: &StaffSession| {
        with(PracticeVoucher::WrongBooth, |scenario| PracticeScenario { carnival, staff, ..scenario }.refusal())
            .map(|refusal| match refusal {
                Refusal::Gift(GiftRefusal::WrongBooth { booths, .. }) => booths,
                other => vec![other.code().to_owned()],
            })
            .unwrap()
    };
    let mut carnival = carnival();
    let west = on_duty(Role::Volunteer, Some(Station::Booth(the("west"))));
    let point = on_duty(Role::Volunteer, Some(Station::Point(the("space-1"))));
    assert_eq!(booth(&carnival, &volunteer()), ["友邻荟二号台"]);
    for staff in [west, point, on_duty(Role::Organiser, None)] {
        assert_eq!(booth(&carnival, &staff), ["友邻荟一号台"]);
    }
    carnival.booths.truncate(1);
    assert_eq!(booth(&carnival, &volunteer()), ["another booth"]);
}
