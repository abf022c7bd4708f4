//! Messages about gifts.

use super::expected::{messages_of, zoned};
use crate::rules::gifts::voucher::{RedemptionId, Voucher};
use crate::rules::refusals::{GiftRefusal, Refusal};
use crate::rules::refusals::{GiftUnit, MissingPoint, PriorAction};
use crate::rules::samples::{days, gift_number, spans, the, wang};

const GIFT: &str = "成华十宝明信片";

fn not_earned(unit: GiftUnit, have: u16, need: u16, missing: u8) -> Refusal {
    let point = |n| MissingPoint { point: the(&format!("space-{n}")), name: format!("第{n}站") };
    Refusal::Gift(GiftRefusal::GiftNotEarned {
        gift: GIFT.to_owned(),
        unit,
        have,
        need,
        missing: (1..=missing).map(point).collect(),
    })
}

fn pick_up_closed(first: &str, last: &str, hours: &[&str]) -> Refusal {
    GiftRefusal::PickUpClosed {
        gift: GIFT.to_owned(),
        days: days(first, last),
        hours: spans(hours),
        now: Box::new(zoned("2023-04-19T09:05")),
    }
    .into()
}

pub(super) fn done(place: Option<&str>, by_you: bool) -> PriorAction {
    PriorAction {
        redemption: RedemptionId { voucher: Voucher::new(gift_number(47), 382_910), nth: 1 }.into(),
        at: zoned("2023-04-13T15:42"),
        place: place.map(str::to_owned),
        by: wang().name,
        by_you,
    }
}

pub(super) fn refusals() -> Vec<Refusal> {
    [earning(), tables(), confirmed(), unknown()].concat()
}

fn earning() -> Vec<Refusal> {
    let gift = || GIFT.to_owned();
    vec![
        not_earned(GiftUnit::Stamps, 6, 7, 1),
        not_earned(GiftUnit::Stamps, 4, 7, 3),
        not_earned(GiftUnit::Stamps, 5, 7, 15),
        not_earned(GiftUnit::Stamps, 0, 1, 0),
        not_earned(GiftUnit::Routes, 2, 3, 2),
        not_earned(GiftUnit::Routes, 1, 3, 0),
        GiftRefusal::GiftGone { gift: gift() }.into(),
        GiftRefusal::GiftClosed { gift: gift(), reason: "下一批周六到".to_owned() }.into(),
    ]
}

#[test]
fn messages_about_earning_gifts() {
    insta::assert_snapshot!(messages_of(&earning()), @r#"
    再集1枚印章就能领取“成华十宝明信片”。还没盖章的有“第1站”。
    1 more stamp earns “成华十宝明信片”. Not stamped yet: “第1站”.
    再集3枚印章就能领取“成华十宝明信片”。还没盖章的有“第1站”、“第2站”和“第3站”。
    3 more stamps earn “成华十宝明信片”. Not stamped yet: “第1站”, “第2站” and “第3站”.
    再集2枚印章就能领取“成华十宝明信片”。还没盖章的有“第1站”、“第2站”、“第3站”等15处。
    2 more stamps earn “成华十宝明信片”. Not stamped yet: “第1站”, “第2站”, “第3站” and 12 more.
    再集1枚印章就能领取“成华十宝明信片”。
    1 more stamp earns “成华十宝明信片”.
    再走完1条路线就能领取“成华十宝明信片”。还没盖章的有“第1站”和“第2站”。
    1 more complete route earns “成华十宝明信片”. Not stamped yet: “第1站” and “第2站”.
    再走完2条路线就能领取“成华十宝明信片”。
    2 more complete routes earn “成华十宝明信片”.
    很抱歉，“成华十宝明信片”已经发完了。
    We are sorry: “成华十宝明信片” is all gone.
    “成华十宝明信片”现在不能领取：下一批周六到。
    “成华十宝明信片” cannot be claimed now: 下一批周六到.
    "#);
}

fn tables() -> Vec<Refusal> {
    let at = |booths: &[&str]| {
        Refusal::Gift(GiftRefusal::WrongBooth {
            gift: GIFT.to_owned(),
            booths: booths.iter().map(|booth| (*booth).to_owned()).collect(),
        })
    };
    vec![
        pick_up_closed("2023-04-20", "2023-04-22", &["10:00-12:00", "14:00-18:00"]),
        pick_up_closed("2023-04-30", "2023-04-30", &["10:00-18:00"]),
        pick_up_closed("2023-04-30", "2023-05-01", &[]),
        at(&["友邻荟一号台"]),
        at(&["友邻荟一号台", "友邻荟二号台"]),
    ]
}

#[test]
fn messages_about_booths_and_hours() {
    insta::assert_snapshot!(messages_of(&tables()), @r#"
    “成华十宝明信片”的领取时间是4月20日至22日，每天10:00–12:00和14:00–18:00。现在是4月19日 09:05。
    “成华十宝明信片” is handed out 20 to 22 April, daily 10:00–12:00 and 14:00–18:00. It is 19 April, 09:05 now.
    “成华十宝明信片”的领取时间是4月30日 10:00–18:00。现在是4月19日 09:05。
    “成华十宝明信片” is handed out 30 April, 10:00–18:00. It is 19 April, 09:05 now.
    “成华十宝明信片”的领取时间是4月30日至5月1日。现在是4月19日 09:05。
    “成华十宝明信片” is handed out 30 April to 1 May. It is 19 April, 09:05 now.
    “成华十宝明信片”请到“友邻荟一号台”领取。
    “成华十宝明信片” is handed out at “友邻荟一号台”.
    “成华十宝明信片”请到“友邻荟一号台”或“友邻荟二号台”领取。
    “成华十宝明信片” is handed out at “友邻荟一号台” or “友邻荟二号台”.
    "#);
}

fn confirmed() -> Vec<Refusal> {
    let booth = Some("友邻荟一号台");
    vec![
        GiftRefusal::AlreadyRedeemed { done: done(booth, false).into() }.into(),
        GiftRefusal::AlreadyRedeemed { done: done(None, true).into() }.into(),
        GiftRefusal::Voided { done: done(booth, true).into() }.into(),
        GiftRefusal::TooLateToVoid { redeemed_at: zoned("2023-04-13T15:42") }.into(),
        GiftRefusal::NotYourRedemption { by: wang().name }.into(),
    ]
}

#[test]
fn messages_about_hand_overs() {
    insta::assert_snapshot!(messages_of(&confirmed()), @r#"
    这份礼物已于4月13日 15:42在“友邻荟一号台”由王阿姨确认领取。
    This gift was already handed over on 13 April, 15:42 at “友邻荟一号台” by 王阿姨.
    这份礼物已于4月13日 15:42由您确认领取。
    This gift was already handed over on 13 April, 15:42 by you.
    这次领取已于4月13日 15:42在“友邻荟一号台”由您撤销。要发这份礼物，请重新扫码。
    This hand-over was undone on 13 April, 15:42 at “友邻荟一号台” by you. To hand out the gift, scan the voucher again.
    这份礼物是4月13日 15:42确认领取的，已经超过15分钟。请找负责人撤销。
    This gift was handed over on 13 April, 15:42, more than 15 minutes ago. Please ask an organiser to undo it.
    这份礼物是王阿姨确认的，请由王阿姨本人或负责人撤销。
    王阿姨 handed this gift over. Please ask 王阿姨 or an organiser to undo it.
    "#);
}

fn unknown() -> Vec<Refusal> {
    vec![
        GiftRefusal::GiftUnknown.into(),
        GiftRefusal::ClaimUnknown.into(),
        GiftRefusal::VoucherUnknown.into(),
        GiftRefusal::RedemptionUnknown.into(),
    ]
}

#[test]
fn messages_about_unknown_gifts() {
    insta::assert_snapshot!(messages_of(&unknown()), @r#"
    嘉年华里没有这份礼物，请刷新后再选一次。
    There is no such gift in this carnival. Please reload and choose again.
    没有找到为您留着的这份礼物，请刷新后再看。
    This gift is not set aside for you. Please reload and look again.
    没有这个兑换码，请核对九位数字后再试。
    There is no such voucher. Please check the nine digits and try again.
    没有找到这次领取记录，请刷新后再看。
    There is no record of this hand-over. Please reload and look again.
    "#);
}
