//! Messages at a point, for residents and for the volunteers who record their stamps.

use jiff::Zoned;
use jiff::civil::{Date, Time};

use super::format::{clock, day, days, distance, hours, join_and, quoted, reason};
use crate::rules::carnival::DateRange;
use crate::rules::carnival::hours::TimeRange;
use crate::rules::lang::Lang;

pub(super) fn carnival_not_begun(first: Date, lang: Lang) -> String {
    let first = day(first, lang);
    lang.pick(format!("嘉年华{first}开始，到时候欢迎您来！"), format!("The carnival begins on {first}. See you then!"))
}

pub(super) fn carnival_over(last: Date, lang: Lang) -> String {
    let last = day(last, lang);
    lang.pick(
        format!("嘉年华已于{last}结束，谢谢您的参与！"),
        format!("The carnival ended on {last}. Thank you for taking part!"),
    )
}

pub(super) fn route_not_this_week(route: &str, week: DateRange, extra: &[Date], lang: Lang) -> String {
    let mut times = vec![days(week, lang)];
    times.extend(extra.iter().map(|extra| day(*extra, lang)));
    let (route, times) = (quoted(route), join_and(&times, lang));
    lang.pick(
        format!("{route}路线的打卡时间是{times}，今天不能盖章。"),
        format!("The route {route} runs {times}; it gives no stamps today."),
    )
}

pub(super) fn route_not_begun(route: &str, first: Date, lang: Lang) -> String {
    let (route, first) = (quoted(route), day(first, lang));
    lang.pick(
        format!("{route}路线{first}才开始，现在还不能补录印章。"),
        format!("The route {route} begins on {first}; its stamps cannot be recorded yet."),
    )
}

/// Closed by the organisers. Tells the resident that the route can still be completed.
pub(super) fn point_shut(point: &str, why: &str, lang: Lang) -> String {
    let (point, why) = (quoted(point), reason(why));
    lang.pick(
        format!("{point}现在不开放：{why}。集齐路线不再需要这一站。"),
        format!("{point} is closed: {why}. The route can be completed without it."),
    )
}

/// Closed for this day, with the organisers' reason. Does not say whether the route now requires fewer stamps, because
/// this refusal does not know.
pub(super) fn point_shut_today(point: &str, why: &str, lang: Lang) -> String {
    let (point, why) = (quoted(point), reason(why));
    lang.pick(
        format!("{point}今天不开放：{why}。请看看路线上的其他点位，或改天再来。"),
        format!("{point} is closed today: {why}. Please try another point of the route, or come another day."),
    )
}

pub(super) fn point_closed(point: &str, spans: &[TimeRange], opens: Option<Time>, now: &Zoned, lang: Lang) -> String {
    let (point, now, spans) = (quoted(point), clock(now.time()), hours(spans, lang));
    if let Some(opens) = opens.map(clock) {
        return lang.pick(
            format!("{point}今天{opens}开放，现在是{now}，请稍后再来。"),
            format!("{point} opens at {opens} today. It is {now} now."),
        );
    }
    if spans.is_empty() {
        return lang.pick(
            format!("{point}今天不开放，请看看路线上的其他点位。"),
            format!("{point} is closed today. Please try another point of the route."),
        );
    }
    lang.pick(
        format!("{point}今天的开放时间是{spans}，现在是{now}，已经结束了。"),
        format!("{point} was open {spans} today. It is {now} now."),
    )
}

pub(super) fn code_unknown(lang: Lang) -> String {
    let zh = "这不是嘉年华的码。请换一个码再扫，或请工作人员帮忙。";
    let en = "This is not a code of the carnival. Please scan another one, or ask for help.";
    lang.pick(zh, en).to_owned()
}

pub(super) fn code_of_another_kind(lang: Lang) -> String {
    let zh = "这是嘉年华的码，但不是用在这里的。请换一个码再扫。";
    let en = "This is a code of the carnival, but not for here. Please scan another one.";
    lang.pick(zh, en).to_owned()
}

pub(super) fn code_replaced(point: &str, lang: Lang) -> String {
    let point = quoted(point);
    lang.pick(
        format!("{point}的海报换过了，这个旧码不能再用。请扫现场新海报上的码。"),
        format!("The poster of {point} was replaced, and this is its old code. Please scan the new poster."),
    )
}

pub(super) fn display_code_too_old(lang: Lang) -> String {
    let zh = "这个码已经过期，请再扫一次平板上的新码。";
    let en = "This code is too old. Please scan the one that the tablet shows now.";
    lang.pick(zh, en).to_owned()
}

pub(super) fn display_code_needed(point: &str, lang: Lang) -> String {
    let point = quoted(point);
    lang.pick(
        format!("在{point}请扫平板上的码，海报上的码在这里不能盖章。"),
        format!("At {point}, please scan the code on the tablet; the poster gives no stamp there."),
    )
}

pub(super) fn printed_code_needed(point: &str, lang: Lang) -> String {
    let point = quoted(point);
    lang.pick(
        format!("在{point}请扫海报上的码，平板上的码在这里不能盖章。"),
        format!("At {point}, please scan the code on the poster; the tablet gives no stamp there."),
    )
}

pub(super) fn own_code_too_old(lang: Lang) -> String {
    let zh = "这个个人码已经过期，请居民刷新后再扫一次。";
    let en = "This personal code is too old. Please ask the resident to refresh it, and scan again.";
    lang.pick(zh, en).to_owned()
}

/// Phones can be wrong between tall buildings, so the message offers a volunteer's stamp, which needs no location.
pub(super) fn too_far_away(point: &str, metres: u32, radius_m: u32, lang: Lang) -> String {
    let (point, far, near) = (quoted(point), distance(metres, lang), distance(radius_m, lang));
    lang.pick(
        format!("您离{point}大约还有{far}，请走到{near}以内再打卡。如果您已经到了，请找志愿者帮忙盖章。"),
        format!(
            "You seem to be {far} from {point}; please come within {near}. If you are there, ask a volunteer for the stamp."
        ),
    )
}

/// Says that the location is not stored, because people ask.
pub(super) fn location_needed(point: &str, lang: Lang) -> String {
    let point = quoted(point);
    lang.pick(
        format!("在{point}打卡要核对位置，请允许使用您的位置信息。位置不会保存。"),
        format!("{point} needs to know that you are there; please allow the use of your location. It is not stored."),
    )
}

pub(super) fn point_unknown(lang: Lang) -> String {
    let zh = "嘉年华里没有这个点位，请刷新后再选一次。";
    let en = "There is no such point in this carnival. Please reload and choose again.";
    lang.pick(zh, en).to_owned()
}
