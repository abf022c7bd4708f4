//! Messages about logins, invitations and devices.

use super::format::{duration, quoted};
use crate::rules::lang::Lang;

pub(super) fn booth_needed(lang: Lang) -> String {
    lang.pick(
        "请说明是哪个兑换台；志愿者只能登记自己的兑换台。",
        "Please name the booth. Volunteers can only report for their own booth.",
    )
    .to_owned()
}

pub(super) fn not_your_point(yours: &str, lang: Lang) -> String {
    let yours = quoted(yours);
    lang.pick(
        format!("您值守的点位是{yours}，不是这里。要换点位，请找组织者。"),
        format!("You are on duty at {yours}, not here. To change, please ask an organiser."),
    )
}

pub(super) fn companions_full(limit: u16, lang: Lang) -> String {
    lang.pick(
        format!("一部手机最多添加{limit}张纸质集章卡，请先移除一张。"),
        format!("A phone carries {limit} paper passports at most. Please remove one first."),
    )
}

pub(super) fn companion_unknown(lang: Lang) -> String {
    let zh = "这张纸质集章卡不在您的手机里，请先扫卡添加。";
    let en = "This paper passport is not on your phone. Please scan the card to add it first.";
    lang.pick(zh, en).to_owned()
}

pub(super) fn invitation_unknown(lang: Lang) -> String {
    let zh = "没有这个邀请，请找组织者要一个新的。";
    let en = "There is no such invitation. Please ask an organiser for a new one.";
    lang.pick(zh, en).to_owned()
}

pub(super) fn invitation_over(lang: Lang) -> String {
    let zh = "这个邀请已经失效，请找组织者要一个新的。";
    let en = "This invitation is no longer valid. Please ask an organiser for a new one.";
    lang.pick(zh, en).to_owned()
}

pub(super) fn invitation_used_up(lang: Lang) -> String {
    let zh = "这个邀请的名额已经用完，请找组织者要一个新的。";
    let en = "This invitation has been used up. Please ask an organiser for a new one.";
    lang.pick(zh, en).to_owned()
}

pub(super) fn token_missing(lang: Lang) -> String {
    let zh = "请先登录。志愿者请打开组织者发的邀请。";
    let en = "Please log in first. Volunteers, please open your invitation.";
    lang.pick(zh, en).to_owned()
}

pub(super) fn token_invalid(lang: Lang) -> String {
    let zh = "登录已失效，请重新登录。志愿者请再打开一次邀请。";
    let en = "Your login no longer works; please log in again. Volunteers, please open your invitation again.";
    lang.pick(zh, en).to_owned()
}

pub(super) fn token_expired(lang: Lang) -> String {
    let zh = "登录时间已过，请重新登录。志愿者请找组织者要新的邀请。";
    let en = "Your login has expired; please log in again. Volunteers, please ask an organiser for a new invitation.";
    lang.pick(zh, en).to_owned()
}

pub(super) fn session_ended(lang: Lang) -> String {
    let zh = "组织者已结束您这次值班。要继续，请找组织者要新的邀请。";
    let en = "An organiser ended your shift. To go on, please ask for a new invitation.";
    lang.pick(zh, en).to_owned()
}

pub(super) fn not_your_role(lang: Lang) -> String {
    let zh = "这一步您不能操作，请找志愿者或组织者帮忙。";
    let en = "You cannot do this. Please ask a volunteer or an organiser for help.";
    lang.pick(zh, en).to_owned()
}

pub(super) fn too_many_tries(retry_after_s: u64, lang: Lang) -> String {
    let wait = duration(retry_after_s, lang);
    lang.pick(format!("操作太快了，请等{wait}再试。"), format!("That was too fast. Please try again in {wait}."))
}
