//! Messages at a point.

use super::expected::{messages_of, zoned};
use super::gifts::done;
use crate::rules::refusals::{CarnivalRefusal, CheckInRefusal, CodeRefusal, Refusal};
use crate::rules::samples::{date, days, spans, the};

const POINT: &str = "社区美空间·第1站";

fn closed(hours: &[&str], opens: Option<&str>, reason: Option<&str>) -> Refusal {
    CheckInRefusal::PointClosed {
        point: POINT.to_owned(),
        hours: spans(hours),
        opens: opens.map(the),
        now: Box::new(zoned("2023-04-14T12:06:30")),
        reason: reason.map(str::to_owned),
    }
    .into()
}

pub(super) fn refusals() -> Vec<Refusal> {
    [days_and_hours(), another_year(), codes(), places(), undone_stamps()].concat()
}

fn days_and_hours() -> Vec<Refusal> {
    let route = || "“玩”美社区".to_owned();
    let week = days("2023-04-13", "2023-04-18");
    let extra = || vec![date("2023-04-21"), date("2023-04-22")];
    vec![
        CheckInRefusal::CarnivalNotBegun { first_day: date("2023-04-13"), today: date("2023-04-01") }.into(),
        CheckInRefusal::CarnivalOver { last_day: date("2023-04-30"), today: date("2023-05-01") }.into(),
        CheckInRefusal::RouteNotThisWeek { route: route(), days: week, extra_days: vec![], today: date("2023-05-01") }
            .into(),
        CheckInRefusal::RouteNotThisWeek { route: route(), days: week, extra_days: extra(), today: date("2023-05-01") }
            .into(),
        CheckInRefusal::RouteNotBegun { route: route(), first_day: date("2023-04-13"), today: date("2023-04-01") }
            .into(),
        closed(&["09:00-12:00", "14:00-18:00"], Some("14:00"), None),
        closed(&["08:00-09:00", "10:00-12:00"], None, None),
        closed(&[], None, None),
        closed(&["09:00-18:00"], None, Some("雨天路滑。")),
        CheckInRefusal::RouteNotBegun {
            route: "江边路线".to_owned(),
            first_day: date("2023-04-13"),
            today: date("2023-04-01"),
        }
        .into(),
        CheckInRefusal::InkDayWrong { route: route(), day: date("2023-04-20") }.into(),
        CheckInRefusal::NoRainStamp { point: POINT.to_owned(), day: date("2023-04-15") }.into(),
    ]
}

#[test]
fn messages_about_days_and_hours() {
    insta::assert_snapshot!(messages_of(&days_and_hours()), @r#"
    嘉年华4月13日开始，到时候欢迎您来！
    The carnival begins on 13 April. See you then!
    嘉年华已于4月30日结束，谢谢您的参与！
    The carnival ended on 30 April. Thank you for taking part!
    “‘玩’美社区”路线的打卡时间是4月13日至18日，今天不能盖章。
    The route “‘玩’美社区” runs 13 to 18 April; it gives no stamps today.
    “‘玩’美社区”路线的打卡时间是4月13日至18日、4月21日和4月22日，今天不能盖章。
    The route “‘玩’美社区” runs 13 to 18 April, 21 April and 22 April; it gives no stamps today.
    “‘玩’美社区”路线4月13日才开始，现在还不能补录印章。
    The route “‘玩’美社区” begins on 13 April; its stamps cannot be recorded yet.
    “社区美空间·第1站”今天14:00开放，现在是12:06，请稍后再来。
    “社区美空间·第1站” opens at 14:00 today. It is 12:06 now.
    “社区美空间·第1站”今天的开放时间是08:00–09:00和10:00–12:00，现在是12:06，已经结束了。
    “社区美空间·第1站” was open 08:00–09:00 and 10:00–12:00 today. It is 12:06 now.
    “社区美空间·第1站”今天不开放，请看看路线上的其他点位。
    “社区美空间·第1站” is closed today. Please try another point of the route.
    “社区美空间·第1站”现在不开放：雨天路滑。集齐路线不用等这一站，请看看其他点位。
    “社区美空间·第1站” is closed: 雨天路滑. The route can be completed without it.
    “江边路线”4月13日才开始，现在还不能补录印章。
    The route “江边路线” begins on 13 April; its stamps cannot be recorded yet.
    “‘玩’美社区”路线4月20日没有打卡，请核对日期。
    The route “‘玩’美社区” did not run on 20 April. Please check the day.
    “社区美空间·第1站”4月15日没有雨天章。请去掉雨天章的勾，再记一次。
    “社区美空间·第1站” gave no rain stamps on 15 April. Please record it as an ordinary stamp.
    "#);
}

fn another_year() -> Vec<Refusal> {
    let route = || "“玩”美社区".to_owned();
    let winter = days("2023-12-20", "2024-01-10");
    vec![
        CheckInRefusal::CarnivalNotBegun { first_day: date("2024-01-01"), today: date("2023-12-31") }.into(),
        CheckInRefusal::CarnivalOver { last_day: date("2023-04-30"), today: date("2024-05-01") }.into(),
        CheckInRefusal::RouteNotThisWeek {
            route: route(),
            days: winter,
            extra_days: vec![],
            today: date("2024-01-11"),
        }
        .into(),
    ]
}

#[test]
fn messages_say_the_year_of_a_day_in_another_year() {
    insta::assert_snapshot!(messages_of(&another_year()), @r#"
    嘉年华2024年1月1日开始，到时候欢迎您来！
    The carnival begins on 1 January 2024. See you then!
    嘉年华已于2023年4月30日结束，谢谢您的参与！
    The carnival ended on 30 April 2023. Thank you for taking part!
    “‘玩’美社区”路线的打卡时间是2023年12月20日至2024年1月10日，今天不能盖章。
    The route “‘玩’美社区” runs 20 December 2023 to 10 January 2024; it gives no stamps today.
    "#);
}

fn undone_stamps() -> Vec<Refusal> {
    let point = || POINT.to_owned();
    let gift = "路线明信片一套".to_owned();
    vec![
        CheckInRefusal::StampUnknown { point: point() }.into(),
        CheckInRefusal::StampNotByHand { point: point() }.into(),
        CheckInRefusal::NotYourStamp { point: point() }.into(),
        CheckInRefusal::TooLateToUndo { point: point(), stamped_at: Box::new(zoned("2023-04-13T15:42")) }.into(),
        CheckInRefusal::StampUsed { point: point(), gift, done: Box::new(done(Some("友邻荟一号台"), false)) }.into(),
    ]
}

#[test]
fn messages_about_undone_stamps() {
    insta::assert_snapshot!(messages_of(&undone_stamps()), @r#"
    这张卡上没有“社区美空间·第1站”的章，不用撤销。
    This passport has no stamp of “社区美空间·第1站”, so there is nothing to undo.
    “社区美空间·第1站”的章是扫码盖的，不能撤销；只有志愿者补录的章可以撤销。
    The stamp of “社区美空间·第1站” was earned with a scan and cannot be undone; only stamps that staff recorded can.
    “社区美空间·第1站”的章不是您这次值班补录的，请由补录的人或负责人撤销。
    You did not record the stamp of “社区美空间·第1站” in this shift. Please ask the person who did, or an organiser.
    “社区美空间·第1站”的章是4月13日 15:42补录的，已经超过15分钟。请找负责人撤销。
    The stamp of “社区美空间·第1站” was recorded on 13 April, 15:42, more than 15 minutes ago. Please ask an organiser to undo it.
    靠“社区美空间·第1站”的章换的“路线明信片一套”已于4月13日 15:42在“友邻荟一号台”由王阿姨发出，章不能撤销。请先撤销那次发放。
    The stamp of “社区美空间·第1站” earned “路线明信片一套”, handed over on 13 April, 15:42 at “友邻荟一号台” by 王阿姨. Please undo the hand-over first.
    "#);
}

fn codes() -> Vec<Refusal> {
    let point = POINT.to_owned();
    vec![
        CodeRefusal::CodeUnknown.into(),
        CodeRefusal::CodeOfAnotherKind.into(),
        CodeRefusal::PracticeCode.into(),
        CodeRefusal::NotPracticeCode.into(),
        CodeRefusal::CodeReplaced { point: point.clone() }.into(),
        CodeRefusal::DisplayCodeTooOld.into(),
        Refusal::Code(CodeRefusal::DisplayCodeNeeded { point: point.clone() }),
        CodeRefusal::PrintedCodeNeeded { point }.into(),
        CodeRefusal::OwnCodeTooOld.into(),
    ]
}

#[test]
fn messages_about_codes() {
    insta::assert_snapshot!(messages_of(&codes()), @r#"
    这不是嘉年华的码。请换一个码再扫，或请工作人员帮忙。
    This is not a code of the carnival. Please scan another one, or ask for help.
    这是嘉年华的码，但不是用在这里的。请换一个码再扫。
    This is a code of the carnival, but not for here. Please scan another one.
    这是志愿者练习用的码，不能领礼物。要练习，请先打开“练习”。
    This is a practice code; no gift is given for it. To practise, turn on practice first.
    现在是练习，这不是练习用的码，什么也没有登记。要真的办理，请先退出“练习”。
    This is practice, but not a practice code; nothing was recorded. Turn off practice to do it for real.
    “社区美空间·第1站”的海报换过了，这个旧码不能再用。请扫现场新海报上的码。
    The poster of “社区美空间·第1站” was replaced, and this is its old code. Please scan the new poster.
    这个码已经过期，请再扫一次平板上的新码。
    This code is too old. Please scan the one that the tablet shows now.
    在“社区美空间·第1站”请扫平板上的码，海报上的码在这里不能盖章。
    At “社区美空间·第1站”, please scan the code on the tablet; the poster gives no stamp there.
    在“社区美空间·第1站”请扫海报上的码，平板上的码在这里不能盖章。
    At “社区美空间·第1站”, please scan the code on the poster; the tablet gives no stamp there.
    这个个人码已经过期，请居民刷新后再扫一次。
    This personal code is too old. Please ask the resident to refresh it, and scan again.
    "#);
}

fn places() -> Vec<Refusal> {
    let point = POINT.to_owned();
    vec![
        CheckInRefusal::TooFarAway { point: point.clone(), metres: 1_112, radius_m: 200 }.into(),
        CheckInRefusal::LocationNeeded { point }.into(),
        CarnivalRefusal::PointUnknown.into(),
    ]
}

#[test]
fn messages_about_places() {
    insta::assert_snapshot!(messages_of(&places()), @r#"
    您离“社区美空间·第1站”大约还有1.1公里，请走到200米以内再打卡。如果您已经到了，请找志愿者帮忙盖章。
    You seem to be 1.1 km from “社区美空间·第1站”; please come within 200 m. If you are there, ask a volunteer for the stamp.
    在“社区美空间·第1站”打卡要核对位置，请允许使用您的位置信息。位置不会保存。
    “社区美空间·第1站” needs to know that you are there; please allow the use of your location. It is not stored.
    嘉年华里没有这个点位，请刷新后再选一次。
    There is no such point in this carnival. Please reload and choose again.
    "#);
}
