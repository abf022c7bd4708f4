//! Codes and sentences of objections and notes, for whoever changed the file.

use super::{ChangeBlocker, ChangeWarning};
use crate::rules::lang::Lang;

impl ChangeBlocker {
    /// The stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            ChangeBlocker::AnotherCarnival { .. } => "another_carnival",
            ChangeBlocker::TimeZoneChanged { .. } => "time_zone_changed",
            ChangeBlocker::LoginChanged => "login_changed",
            ChangeBlocker::PointVanished { .. } => "point_vanished",
            ChangeBlocker::PointRenumbered { .. } => "point_renumbered",
            ChangeBlocker::GiftVanished { .. } => "gift_vanished",
            ChangeBlocker::GiftRenumbered { .. } => "gift_renumbered",
            ChangeBlocker::GiftHarder { .. } => "gift_harder",
            ChangeBlocker::HoldShorter { .. } => "hold_shorter",
            ChangeBlocker::PickUpNarrower { .. } => "pick_up_narrower",
        }
    }

    /// Why it cannot be, and what helps.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        match lang {
            Lang::Zh => self.zh(),
            Lang::En => self.en(),
        }
    }

    fn zh(&self) -> String {
        match self {
            ChangeBlocker::AnotherCarnival { current, new } => {
                format!("这是另一个嘉年华的文件：id 是 \"{new}\"，正在进行的是 \"{current}\"。请换成它的文件。")
            }
            ChangeBlocker::TimeZoneChanged { current } => {
                format!("time_zone 不能再改，所有时间都按它算。请写回 \"{current}\"。")
            }
            ChangeBlocker::LoginChanged => "login 不能再改，否则居民会失去已有的印章。请写回原来的值。".to_owned(),
            ChangeBlocker::PointVanished { point } => {
                format!("点位“{point}”不见了，可是海报和印章还认它。请加回来；不再开放就写 closed = \"原因\"。")
            }
            ChangeBlocker::PointRenumbered { point, number } => {
                format!("点位“{point}”的 number 是 {number}，印在海报上，不能再改，也不能给别的点位。请写回来。")
            }
            ChangeBlocker::GiftVanished { gift } => {
                format!("礼物“{gift}”不见了，可是已经有人可以领它。请加回来；不再发就写 closed = \"原因\"。")
            }
            ChangeBlocker::GiftRenumbered { gift, number } => {
                format!("礼物“{gift}”的 number 是 {number}，写在兑换码里，不能再改，也不能给别的礼物。请写回来。")
            }
            ChangeBlocker::GiftHarder { gift, need, new } => format!(
                "“{gift}”会变得更难得（原来要 {need}，现在要 {new}，或者算数的点位少了），已经集够的人会领不到。\
                请不要提高要求；重新开放点位时，给路线写 complete_with，或把礼物的数目写成原来的。"
            ),
            ChangeBlocker::HoldShorter { gift, held } => {
                format!("“{gift}”有 {held} 份正为居民保留，保留时间不能缩短。请写回 hold_minutes，或写得更长。")
            }
            ChangeBlocker::PickUpNarrower { gift, held } => {
                format!("“{gift}”有 {held} 份正为居民保留，领取的日期和时间不能减少。请写回 pick_up，或写得更宽。")
            }
        }
    }

    fn en(&self) -> String {
        match self {
            ChangeBlocker::AnotherCarnival { current, new } => {
                format!(
                    "this is the file of another carnival: its id is \"{new}\", and \"{current}\" is running. Take its file."
                )
            }
            ChangeBlocker::TimeZoneChanged { current } => {
                format!(
                    "time_zone cannot change any more, because every hour is meant by it. Write \"{current}\" again."
                )
            }
            ChangeBlocker::LoginChanged => {
                "login cannot change any more: residents would lose their stamps. Write what it was.".to_owned()
            }
            ChangeBlocker::PointVanished { point } => format!(
                "point \"{point}\" is missing, but posters and stamps still name it. Put it back; write \
                closed = \"the reason\" if it does not open any more."
            ),
            ChangeBlocker::PointRenumbered { point, number } => format!(
                "the number of point \"{point}\" is {number}; it is printed on its poster, and can neither change nor \
                go to another point. Write it again."
            ),
            ChangeBlocker::GiftVanished { gift } => format!(
                "gift \"{gift}\" is missing, but people may have earned it. Put it back; write \
                closed = \"the reason\" if it is not given out any more."
            ),
            ChangeBlocker::GiftRenumbered { gift, number } => format!(
                "the number of gift \"{gift}\" is {number}; it stands in vouchers, and can neither change nor go to \
                another gift. Write it again."
            ),
            ChangeBlocker::GiftHarder { gift, need, new } => format!(
                "“{gift}” would be harder to earn (it takes {need} now and would take {new}, or fewer points would count), \
                so that people who have earned it would not get it. Do not ask for more; when a point opens again, \
                write complete_with for its route, or the gift's former number."
            ),
            ChangeBlocker::HoldShorter { gift, held } => format!(
                "{held} of “{gift}” are held for residents, so holds cannot be shorter. Write the former hold_minutes, or more."
            ),
            ChangeBlocker::PickUpNarrower { gift, held } => format!(
                "{held} of “{gift}” are held for residents, so they cannot be handed out on fewer days or hours. \
                Write the former pick_up, or a wider one."
            ),
        }
    }
}

impl ChangeWarning {
    /// The stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            ChangeWarning::StockUnchanged { .. } => "stock_stays",
        }
    }

    /// What should be known.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        let ChangeWarning::StockUnchanged { gift, file, current } = self;
        lang.pick(
            format!("“{gift}”的库存仍是 {current}；文件里写的 {file} 不算数，增减库存另有一步。"),
            format!(
                "The stock of “{gift}” stays {current}; {file} in the file does not count. Stock has a step of its own."
            ),
        )
    }
}
