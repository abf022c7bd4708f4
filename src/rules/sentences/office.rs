//! Said to organisers who change the carnival while it runs.

use jiff::Zoned;

use super::words::moment;
use crate::rules::lang::Lang;

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

pub(super) fn carnival_changed(version: u64, by: &str, at: &Zoned, lang: Lang) -> String {
    let at = moment(at, lang);
    lang.pick(
        format!("{by}在{at}发布了第 {version} 版，您改的不是这一版。请先看看新的版本，再改一次。"),
        format!("{by} published version {version} on {at}, and yours began from another. Please look at it, then change it again."),
    )
}
