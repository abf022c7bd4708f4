//! Messages about gifts, for residents and for the volunteers who hand them out.

use jiff::Zoned;

use super::format::{date_time, days, hours, join_and, join_or, quoted, reason};
use crate::rules::carnival::DateRange;
use crate::rules::carnival::hours::TimeRange;
use crate::rules::gifts::claim::VOID_WINDOW;
use crate::rules::lang::Lang;
use crate::rules::refusal::{GiftUnit, MissingPoint, PriorAction};
use crate::rules::staff::roles::StaffName;

/// More names do not fit on a phone in large type.
const MAX_NAMES: usize = 3;

pub(super) fn gift_unknown(lang: Lang) -> String {
    let zh = "嘉年华里没有这份礼物，请刷新后再选一次。";
    let en = "There is no such gift in this carnival. Please reload and choose again.";
    lang.pick(zh, en).to_owned()
}

pub(super) fn not_earned(gift: &str, unit: GiftUnit, more: u16, missing: &[MissingPoint], lang: Lang) -> String {
    let gift = quoted(gift);
    let wanted = match (lang, unit, more) {
        (Lang::Zh, GiftUnit::Stamps, _) => format!("再集{more}枚印章就能领取{gift}。"),
        (Lang::Zh, GiftUnit::Routes, _) => format!("再走完{more}条路线就能领取{gift}。"),
        (Lang::En, GiftUnit::Stamps, 1) => format!("1 more stamp earns {gift}."),
        (Lang::En, GiftUnit::Stamps, _) => format!("{more} more stamps earn {gift}."),
        (Lang::En, GiftUnit::Routes, 1) => format!("1 more complete route earns {gift}."),
        (Lang::En, GiftUnit::Routes, _) => format!("{more} more complete routes earn {gift}."),
    };
    wanted + &still_to_stamp(missing, lang)
}

fn still_to_stamp(missing: &[MissingPoint], lang: Lang) -> String {
    let names: Vec<String> = missing.iter().take(MAX_NAMES).map(|point| quoted(&point.name)).collect();
    if names.is_empty() {
        return String::new();
    }
    if missing.len() == names.len() {
        let names = join_and(&names, lang);
        return lang.pick(format!("还没盖章的有{names}。"), format!(" Not stamped yet: {names}."));
    }
    let others = missing.len() - names.len();
    lang.pick(
        format!("还没盖章的有{}等{}处。", names.join("、"), missing.len()),
        format!(" Not stamped yet: {} and {others} more.", names.join(", ")),
    )
}

pub(super) fn gone(gift: &str, lang: Lang) -> String {
    let gift = quoted(gift);
    lang.pick(format!("很抱歉，{gift}已经发完了。"), format!("We are sorry: {gift} is all gone."))
}

pub(super) fn closed(gift: &str, why: &str, lang: Lang) -> String {
    let (gift, why) = (quoted(gift), reason(why));
    lang.pick(format!("{gift}现在不能领取：{why}。"), format!("{gift} cannot be claimed now: {why}."))
}

pub(super) fn pick_up_closed(gift: &str, on: DateRange, spans: &[TimeRange], now: &Zoned, lang: Lang) -> String {
    let daily = if on.first == on.last { lang.pick(" ", ", ") } else { lang.pick("，每天", ", daily ") };
    let times = if spans.is_empty() { String::new() } else { format!("{daily}{}", hours(spans, lang)) };
    let (gift, on, now) = (quoted(gift), days(on, lang), date_time(now, lang));
    lang.pick(
        format!("{gift}的领取时间是{on}{times}。现在是{now}。"),
        format!("{gift} is handed out {on}{times}. It is {now} now."),
    )
}

pub(super) fn wrong_booth(gift: &str, booths: &[String], lang: Lang) -> String {
    let booths: Vec<String> = booths.iter().map(|booth| quoted(booth)).collect();
    let (gift, booths) = (quoted(gift), join_or(&booths, lang));
    lang.pick(format!("{gift}请到{booths}领取。"), format!("{gift} is handed out at {booths}."))
}

pub(super) fn claim_unknown(lang: Lang) -> String {
    let zh = "没有找到为您留着的这份礼物，请刷新后再看。";
    let en = "This gift is not set aside for you. Please reload and look again.";
    lang.pick(zh, en).to_owned()
}

pub(super) fn voucher_unknown(lang: Lang) -> String {
    let zh = "没有这个兑换码，请核对九位数字后再试。";
    let en = "There is no such voucher. Please check the nine digits and try again.";
    lang.pick(zh, en).to_owned()
}

pub(super) fn redemption_unknown(lang: Lang) -> String {
    let zh = "没有找到这次领取记录，请刷新后再看。";
    let en = "There is no record of this hand-over. Please reload and look again.";
    lang.pick(zh, en).to_owned()
}

pub(super) fn already_redeemed(done: &PriorAction, lang: Lang) -> String {
    let done = when_where_whom(done, lang);
    lang.pick(format!("这份礼物已于{done}确认领取。"), format!("This gift was already handed over {done}."))
}

/// A retry that arrives after the void must not look like permission to hand the gift over.
pub(super) fn voided(done: &PriorAction, lang: Lang) -> String {
    let done = when_where_whom(done, lang);
    lang.pick(
        format!("这次领取已于{done}撤销。要发这份礼物，请重新扫码。"),
        format!("This hand-over was undone {done}. To hand out the gift, scan the voucher again."),
    )
}

/// `4月13日 15:42在“友邻荟一号台”由王阿姨`, `on 13 April, 15:42 at “…” by …`.
fn when_where_whom(done: &PriorAction, lang: Lang) -> String {
    let at = date_time(&done.at, lang);
    let place =
        done.place.as_deref().map_or_else(String::new, |place| lang.pick("在", " at ").to_owned() + &quoted(place));
    let by = if done.by_you { lang.pick("您", "you") } else { done.by.as_str() };
    lang.pick(format!("{at}{place}由{by}"), format!("on {at}{place} by {by}"))
}

pub(super) fn too_late_to_void(redeemed_at: &Zoned, lang: Lang) -> String {
    let (at, minutes) = (date_time(redeemed_at, lang), VOID_WINDOW.as_mins());
    lang.pick(
        format!("这份礼物是{at}确认领取的，已经超过{minutes}分钟。请找组织者撤销。"),
        format!(
            "This gift was handed over on {at}, more than {minutes} minutes ago. Please ask an organiser to undo it."
        ),
    )
}

pub(super) fn not_your_redemption(by: &StaffName, lang: Lang) -> String {
    let by = by.as_str();
    lang.pick(
        format!("这份礼物是{by}确认的，请由{by}本人或组织者撤销。"),
        format!("{by} handed this gift over. Please ask {by} or an organiser to undo it."),
    )
}
