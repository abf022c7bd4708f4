//! Guards the training of volunteers: a lesson that says now this and now that, or looks unlike the booth, teaches the wrong thing.

use super::*;
use crate::rules::samples::{at, carnival, the, wang, with_gift};

const NOW: &str = "2023-04-14T10:00";

fn on_duty(role: Role, place: Option<Station>) -> StaffSession {
    StaffSession {
        id: wang().session,
        invitation: the("V1M5TEG2GXXR9VG9"),
        role,
        place,
        name: wang().name,
        nonce: the("the-tablet-1"),
        begun: at("2023-04-14T08:00"),
        until: at("2023-04-14T20:00"),
    }
}

fn volunteer() -> StaffSession {
    on_duty(Role::Volunteer, wang().place)
}

/// The lesson of a voucher for Wang, at ten, in the sample carnival.
fn with<T>(voucher: PracticeVoucher, told: impl FnOnce(PracticeScenario<'_>) -> T) -> T {
    let (carnival, staff) = (carnival(), volunteer());
    told(PracticeScenario { voucher, carnival: &carnival, staff: &staff, lang: Lang::Zh, now: at(NOW) })
}

fn said(voucher: PracticeVoucher, lang: Lang) -> String {
    with(voucher, |lesson| {
        PracticeScenario { lang, ..lesson }.refusal().map_or_else(String::new, |no| no.message(lang))
    })
}

#[test]
fn each_answers_what_it_is_for() {
    let zh = PracticeVoucher::ALL.map(|voucher| said(voucher, Lang::Zh));
    assert_eq!(
        zh,
        ["", "这份礼物已于4月14日 09:50在“友邻荟一号台”由练习志愿者确认领取。", "“礼物1”请到“友邻荟二号台”领取。"]
    );
    let en = PracticeVoucher::ALL.map(|voucher| said(voucher, Lang::En));
    assert_eq!(
        en,
        [
            "",
            "This gift was already handed over on 14 April, 09:50 at “友邻荟一号台” by a practice volunteer.",
            "“礼物1” is handed out at “友邻荟二号台”."
        ]
    );
}

#[test]
fn a_confirmation_is_hers_and_now() {
    with(PracticeVoucher::Redeemable, |lesson| {
        let done = lesson.confirmed();
        assert_eq!(done.redemption.to_string(), "000000013-1");
        assert_eq!((done.at.timestamp(), &done.by, done.by_you), (at(NOW), &volunteer().name, true));
        assert_eq!(done.place.as_deref(), Some("友邻荟一号台"));
        assert_eq!((lesson.claimed_at(), lesson.redemption_before()), (at("2023-04-14T09:00"), None));
        assert_eq!(lesson.held_until(), at("2023-04-14T23:59:59.999"));
    });
    with(PracticeVoucher::AlreadyRedeemed, |lesson| {
        let Some(Refusal::AlreadyRedeemed(told)) = lesson.refusal() else { unreachable!() };
        assert_eq!(lesson.redemption_before().as_ref(), Some(&*told), "what is looked up is what is told");
        assert!(!told.by_you);
    });
}

#[test]
fn who_may_undo_is_as_at_the_booth() {
    let undo = |voucher, role| {
        with(voucher, |lesson| {
            PracticeScenario { staff: &on_duty(role, None), ..lesson }.undo().map_err(|no| no.code())
        })
    };
    let told = PracticeVoucher::ALL.map(|voucher| [Role::Volunteer, Role::Organiser].map(|role| undo(voucher, role)));
    assert_eq!(
        told,
        [
            [Ok(()), Ok(())],
            [Err("not_your_redemption"), Ok(())],
            [Err("redemption_unknown"), Err("redemption_unknown")],
        ]
    );
}

#[test]
fn a_closed_gift_is_not_practised_with_and_there_is_always_a_word() {
    let name = |carnival: &Carnival, lang| {
        with(PracticeVoucher::Redeemable, |lesson| {
            let lesson = PracticeScenario { carnival, lang, ..lesson };
            assert!(lesson.held_until() >= lesson.now);
            lesson.gift_name()
        })
    };
    let first_closed = with_gift(1, |gift| gift.closed = Some("印错了".to_owned()));
    assert_eq!(name(&first_closed, Lang::Zh), "礼物2");
    let mut none = first_closed;
    none.gifts.clear();
    assert_eq!([Lang::Zh, Lang::En].map(|lang| name(&none, lang)), ["练习用的礼物", "a practice gift"]);
}

#[test]
fn another_booth_is_never_ones_own() {
    let booth = |carnival: &Carnival, staff: &StaffSession, lang| {
        with(PracticeVoucher::WrongBooth, |lesson| PracticeScenario { carnival, staff, lang, ..lesson }.refusal())
            .map(|refusal| match refusal {
                Refusal::WrongBooth { booths, .. } => booths,
                other => vec![other.code().to_owned()],
            })
            .unwrap()
    };
    let mut carnival = carnival();
    let west = on_duty(Role::Volunteer, Some(Station::Booth(the("west"))));
    let point = on_duty(Role::Volunteer, Some(Station::Point(the("space-1"))));
    assert_eq!(booth(&carnival, &volunteer(), Lang::Zh), ["友邻荟二号台"]);
    for staff in [west, point, on_duty(Role::Organiser, None)] {
        assert_eq!(booth(&carnival, &staff, Lang::Zh), ["友邻荟一号台"]);
    }
    carnival.booths.truncate(1);
    let said = [Lang::Zh, Lang::En].map(|lang| booth(&carnival, &volunteer(), lang));
    assert_eq!(said, [["另一个兑换台"], ["another booth"]]);
}
