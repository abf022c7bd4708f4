//! What a change of the published carnival would break, in Chinese.

use crate::rules::carnival::change::{ChangeBlocker, ChangeWarning};

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
        ChangeBlocker::GiftHarder { gift, need, new } => format!("“{gift}”会变得更难得（原来要 {need}，现在要 {new}，或者算数的点位少了），已经集够的人会领不到。请不要提高要求；重新开放点位时，给路线写 complete_with，或把礼物的数目写成原来的。"),
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
