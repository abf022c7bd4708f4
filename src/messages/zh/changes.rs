//! What a change of the published carnival would break, in Chinese.

use super::format::{date_time, day};
use crate::messages::format::{quoted, reason};
use crate::rules::carnival::change::{ChangeBlocker, ChangeWarning};
use crate::rules::carnival_file::undone_changes::{AttributedChange, UndoEffect};

#[rustfmt::skip]
pub(crate) fn change_blocker(blocker: &ChangeBlocker) -> String {
    match blocker {
        ChangeBlocker::AnotherCarnival { current, new } => format!("这是另一个嘉年华的文件：id 是 \"{new}\"，正在进行的是 \"{current}\"。请换成它的文件。"),
        ChangeBlocker::TimeZoneChanged { current } => format!("time_zone 不能再改，所有时间都按它算。请写回 \"{current}\"。"),
        ChangeBlocker::LoginChanged => "login 不能再改，否则居民会失去已有的印章。请写回原来的值。".into(),
        ChangeBlocker::PointVanished { point } => format!("点位“{point}”不见了，可是海报和印章还认它。请加回来；不再开放就写 closed = \"原因\"。"),
        ChangeBlocker::PointRenumbered { point, number } => format!("点位“{point}”的 number 是 {number}，印在海报上，不能再改，也不能给别的点位。请写回来。"),
        ChangeBlocker::GiftVanished { gift } => format!("礼物“{gift}”不见了，可是已经有人可以领它。请加回来；不再发就写 closed = \"原因\"。"),
        ChangeBlocker::GiftRenumbered { gift, number } => format!("礼物“{gift}”的 number 是 {number}，写在兑换码里，不能再改，也不能给别的礼物。请写回来。"),
        ChangeBlocker::GiftHarder { gift, need, new } => {
            let how = if new > need { format!("原来要 {need}，现在要 {new}") } else { "算数的点位少了".to_owned() };
            format!("“{gift}”会变得更难得（{how}），已经集够的人会领不到。请把礼物的 needs 和路线的 complete_with 写成原来的，或写得更低。")
        }
        ChangeBlocker::HoldShorter { gift, held } => format!("“{gift}”有 {held} 份正为居民保留，保留时间不能缩短。请写回 hold_minutes，或写得更长。"),
        ChangeBlocker::PickUpNarrower { gift, held } => format!("“{gift}”有 {held} 份正为居民保留，领取的日期和时间不能减少。请写回 pick_up，或写得更宽。"),
    }
}

#[rustfmt::skip]
pub(crate) fn change_warning(warning: &ChangeWarning) -> String {
    match warning {
        ChangeWarning::StockUnchanged { gift, file, current } => format!("“{gift}”的库存仍是 {current}；文件里写的 {file} 不算数，增减库存另有一步。"),
    }
}

/// The change is named first; who made it and when stands in brackets.
pub(crate) fn undone_change(AttributedChange { change, by, at, .. }: &AttributedChange) -> String {
    let (name, at) = (quoted(&change.name), date_time(at));
    match &change.effect {
        UndoEffect::Reopened { reason: why } => format!("{name}会重新开放（{by} {at}关闭：{}）。", reason(why)),
        UndoEffect::OpenOnDay { day: on } => {
            let on = on.parse().map_or_else(|_| on.clone(), day);
            format!("{name}{on}会照常开放（{by} {at}关闭）。")
        }
        UndoEffect::NoticeRemoved { notice } => format!("公告{}会消失（{by} {at}发布）。", quoted(notice)),
        UndoEffect::EntryRemoved => format!("{name}会消失（{by} {at}添加或改过）。"),
        UndoEffect::EntryReturns => format!("{name}会重新出现（{by} {at}去掉）。"),
        UndoEffect::Replaced { current, new } => {
            let value = |value: &Option<String>| value.as_deref().map_or_else(|| "不写".to_owned(), quoted);
            format!("{name}的 {} 会从{}变成{}（{by} {at}改的）。", change.part.key, value(current), value(new))
        }
    }
}
