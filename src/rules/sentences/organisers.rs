//! Messages for organisers, and for volunteers whom an organiser asked to wait.

use jiff::Zoned;

use super::format::{date_time, quoted};
use crate::rules::carnival::DateRange;
use crate::rules::lang::Lang;

pub(super) fn talk_needed(lang: Lang) -> String {
    let zh = "这本集章卡要先请组织者看一下，请带居民到服务台。";
    let en = "An organiser wants to see this passport first. Please bring its holder to the service desk.";
    lang.pick(zh, en).to_owned()
}

pub(super) fn stock_change_odd(lang: Lang) -> String {
    let zh =
        "数量与原因不符：到货（delivered）写正数，损坏（damaged）写负数，更正（correction）和调拨（moved）不能是 0。";
    let en = "The number does not match its reason: deliveries are above 0, damage is below 0, corrections and moves are not 0.";
    lang.pick(zh, en).to_owned()
}

pub(super) fn stock_too_low(gift: &str, stock: u32, promised: u32, lang: Lang) -> String {
    let gift = quoted(gift);
    let free = stock.saturating_sub(promised);
    lang.pick(
        format!("{gift}共{stock}份，其中{promised}份已经留出或领走，最多只能减少{free}份。"),
        format!(
            "There are {stock} of {gift}, and {promised} are held or handed over: at most {free} can be taken away."
        ),
    )
}

pub(super) fn day_unknown(days: DateRange, lang: Lang) -> String {
    let DateRange { first, last } = days;
    lang.pick(
        format!("这一天不在嘉年华期间，请写 {first} 到 {last} 之间的日期。"),
        format!("That is not a day of the carnival. Write one from {first} to {last}."),
    )
}

pub(super) fn booth_unknown(lang: Lang) -> String {
    lang.pick("没有这个兑换台，请检查它的 id。", "There is no such booth. Please check its id.").to_owned()
}

pub(super) fn staff_unknown(lang: Lang) -> String {
    let zh = "没有这个邀请或值守，请刷新名单再试。";
    let en = "There is no such invitation or session. Please look at the list again.";
    lang.pick(zh, en).to_owned()
}

pub(super) fn suspicion_unknown(lang: Lang) -> String {
    let zh = "没有这条可疑记录，请刷新再试。";
    let en = "There is no such suspicion. Please look at the list again.";
    lang.pick(zh, en).to_owned()
}

pub(super) fn route_unknown(lang: Lang) -> String {
    let zh = "嘉年华里没有这条路线，请刷新后再选一次。";
    let en = "There is no such route in this carnival. Please reload and choose again.";
    lang.pick(zh, en).to_owned()
}

pub(super) fn version_unknown(lang: Lang) -> String {
    let zh = "没有发布过这一版，请看看已发布的版本。";
    let en = "No such version was published. Please look at the list of versions.";
    lang.pick(zh, en).to_owned()
}

pub(super) fn codes_used_up(point: &str, lang: Lang) -> String {
    let point = quoted(point);
    lang.pick(
        format!("{point}的码已经换过63次，不能再换。请关闭这个点，另设一个新编号的点，或改用平板上的码。"),
        format!("The code of {point} was replaced 63 times, which is the maximum. Close this point and add one with a new number, or use a tablet's code."),
    )
}

pub(super) fn carnival_changed(version: u64, by: &str, at: &Zoned, lang: Lang) -> String {
    let at = date_time(at, lang);
    lang.pick(
        format!("{by}在{at}发布了第 {version} 版，您改的不是这一版。请先看看新的版本，再改一次。"),
        format!("{by} published version {version} on {at}, but your change is based on another version. Please review it and make your change again."),
    )
}
