//! Codes and messages of blockers and warnings, for the author of the change.

use super::{ChangeBlocker, ChangeWarning};
use crate::rules::lang::Lang;

impl ChangeBlocker {
    /// Stable code for programs.
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

    /// The reason and a remedy.
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
                    "this is the file of another carnival: its id is \"{new}\", and \"{current}\" is published. Use \
                    the file of that carnival."
                )
            }
            ChangeBlocker::TimeZoneChanged { current } => {
                format!(
                    "time_zone cannot change after publication, because all hours depend on it. Restore \"{current}\"."
                )
            }
            ChangeBlocker::LoginChanged => {
                "login cannot change after publication, because residents would lose their stamps. Restore the \
                former value."
                    .to_owned()
            }
            ChangeBlocker::PointVanished { point } => format!(
                "point \"{point}\" is missing, but posters and stamps still refer to it. Restore it; to close it for \
                good, write closed = \"the reason\"."
            ),
            ChangeBlocker::PointRenumbered { point, number } => format!(
                "the number of point \"{point}\" is {number}; it is printed on its poster and must not change or be \
                given to another point. Restore it."
            ),
            ChangeBlocker::GiftVanished { gift } => format!(
                "gift \"{gift}\" is missing, but people may have earned it. Restore it; to stop handing it out, \
                write closed = \"the reason\"."
            ),
            ChangeBlocker::GiftRenumbered { gift, number } => format!(
                "the number of gift \"{gift}\" is {number}; it is part of its vouchers and must not change or be \
                given to another gift. Restore it."
            ),
            ChangeBlocker::GiftHarder { gift, need, new } => format!(
                "“{gift}” would be harder to earn (it takes {need} now and would take {new}, or fewer points would \
                count), so people who have earned it would lose it. Do not raise the requirement; when a point \
                reopens, write complete_with for its route, or the gift's former number."
            ),
            ChangeBlocker::HoldShorter { gift, held } => format!(
                "{held} of “{gift}” are held for residents, so hold_minutes cannot become shorter. Restore the \
                former value, or write a longer one."
            ),
            ChangeBlocker::PickUpNarrower { gift, held } => format!(
                "{held} of “{gift}” are held for residents, so they cannot be handed out on fewer days or hours. \
                Restore the former pick_up, or write a wider one."
            ),
        }
    }
}

impl ChangeWarning {
    /// Stable code for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            ChangeWarning::StockUnchanged { .. } => "stock_stays",
        }
    }

    /// The information for the author of the change.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        let ChangeWarning::StockUnchanged { gift, file, current } = self;
        lang.pick(
            format!("“{gift}”的库存仍是 {current}；文件里写的 {file} 不算数，增减库存另有一步。"),
            format!(
                "The stock of “{gift}” stays {current}; the {file} in the file has no effect. Use a stock movement \
                to change the stock."
            ),
        )
    }
}
