//! The sentences of refusals in Chinese.

use super::format::{all_of, date_time, day, day_of, days_of, distance, duration, hours, one_of, route_words};
use crate::messages::format::{MAX_NAMES, clock, code_point, is_visible, quoted, reason};
use crate::rules::gifts::claim_lifecycle::VOID_WINDOW;
use crate::rules::refusals::{
    AccessRefusal, CarnivalRefusal, CheckInRefusal, CodeRefusal, GiftRefusal, GiftUnit, MissingPoint, PrintRefusal,
    PriorAction, Refusal, StaffRefusal,
};
use crate::rules::staff::roles::Role;
use crate::rules::staff::roster_mistake::{RosterFault, RosterMistake};

pub(crate) fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Access(refusal) => access(refusal),
        Refusal::Carnival(refusal) => carnival(refusal),
        Refusal::CheckIn(refusal) => check_in(refusal),
        Refusal::Code(refusal) => code(refusal),
        Refusal::Gift(refusal) => gift(refusal),
        Refusal::Print(refusal) => print(refusal),
        Refusal::Staff(refusal) => staff(refusal),
    }
}

fn access(refusal: &AccessRefusal) -> String {
    match refusal {
        AccessRefusal::TokenMissing => "请先登录。工作人员请打开负责人发的入口码。".into(),
        AccessRefusal::TokenInvalid => "登录已失效，请重新登录。工作人员请再打开一次入口码。".into(),
        AccessRefusal::TokenExpired => "登录时间已过，请重新登录。工作人员请在这台设备上再打开一次入口码。".into(),
        AccessRefusal::SessionEnded => "负责人已结束您这次在岗。要继续，请找负责人。".into(),
        AccessRefusal::SessionLeft => "您已离岗，或这台设备已换人到岗。要继续，请再打开入口码，重新到岗。".into(),
        AccessRefusal::NotYourRole => "这一步您不能操作，请找志愿者或负责人帮忙。".into(),
        AccessRefusal::BoothNeeded => "请说明是哪个兑换台；志愿者只能登记自己的兑换台。".into(),
        AccessRefusal::NotYourPoint { yours } => {
            format!("您值守的点位是{}，不是这里。要换点位，请找负责人。", quoted(yours))
        }
        AccessRefusal::NonceReused => "这次操作已经提交过，内容却不一样。请返回，重新填一次。".into(),
        AccessRefusal::ReasonOdd { most } => {
            format!("请写明原因，最多{most}个字，写成一行，不要有看不见的字符。")
        }
        AccessRefusal::TooManyTries { retry_after_s } => {
            format!("操作太快了，请等{}再试。", duration(*retry_after_s))
        }
        AccessRefusal::ErasedTooOften { retry_after_s } => {
            format!("您今天已经删除过好几次了，请等{}再来。着急的话，请找工作人员。", duration(*retry_after_s))
        }
    }
}

fn staff(refusal: &StaffRefusal) -> String {
    match refusal {
        StaffRefusal::InvitationUnknown => "没有这个入口码，请找负责人要一个新的。".into(),
        StaffRefusal::InvitationEnded => "负责人已停用这个入口码。要到岗，请找负责人要新的。".into(),
        StaffRefusal::InvitationExpired => "这个入口码已经过期。要到岗，请找负责人延期，或要新的。".into(),
        StaffRefusal::InvitationUsedUp { uses } => format!(
            "这个入口码只能用在{uses}台设备上，名额已经用完。到过岗的人请用原来的设备打开；换了设备请找负责人要新的。"
        ),
        StaffRefusal::NoUseLeft { uses } => {
            format!("这个入口码只能用在{uses}台设备上，名额已经用完。请先把台数加多，再同意。")
        }
        StaffRefusal::DeviceBarred => {
            "负责人结束了这台设备上的在岗，这个入口码在这台设备上不能再用。要继续，请找负责人解除。".into()
        }
        StaffRefusal::DeviceRefused => "负责人没有同意这次到岗。请当面找负责人说明。".into(),
        StaffRefusal::DeviceNeeded => {
            "认不出这台设备。请在同一个浏览器里打开入口码（不要用无痕模式），允许保存网站数据，再到岗。".into()
        }
        StaffRefusal::WaitingListFull => "等负责人同意的设备太多了。请当面找负责人，让他先处理名单。".into(),
        StaffRefusal::NameEmpty => "请写上称呼，比如“王阿姨”。".into(),
        StaffRefusal::NameTooLong { length, most } => format!("称呼写了{length}个字，最多{most}个，请短一点。"),
        StaffRefusal::NameHidden { found } => {
            format!("称呼里有一个看不见的字符（{found}），请删掉重新写，不要粘贴。")
        }
        StaffRefusal::StationMismatch { role: Role::Volunteer } => {
            "请给志愿者选一个兑换台或一个打卡点，只选一个。".into()
        }
        StaffRefusal::StationMismatch { role: Role::Display } => "请给平板选一个打卡点，不选兑换台。".into(),
        StaffRefusal::StationMismatch { .. } => "这个角色不在固定的地点工作，请不要选兑换台或打卡点。".into(),
        StaffRefusal::StationNeeded => "请先选好这位志愿者去哪个兑换台或打卡点，再同意。".into(),
        StaffRefusal::NoDisplayCode { point } => {
            format!("{}只认海报上的码，不用平板显示。", quoted(point))
        }
        StaffRefusal::UsesOutOfRange { most } => format!("一个入口码可以用在1到{most}台设备上，请改一下数目。"),
        StaffRefusal::UntilUnreadable => "看不懂有效期。请写成 2023-04-14 或 2023-04-14T18:00。".into(),
        StaffRefusal::UntilPast => "有效期已经过去了，请写以后的时间。".into(),
        StaffRefusal::RosterLength { lines: 0, .. } => {
            "名单是空的。请每行写一个人：称呼，兑换台或打卡点，班次。".into()
        }
        StaffRefusal::RosterLength { lines, most } => format!("名单有{lines}行，一次最多{most}行，请分几次。"),
        StaffRefusal::RosterMistakes { lines } => {
            let first = lines.first().map(roster_mistake).unwrap_or_default();
            format!("{first}要改的有{}行，还没有给任何人发入口码。", lines.len())
        }
        StaffRefusal::HoursUnreadable => "看不懂时间。请写上日期和钟点，比如 2023-04-14T18:00。".into(),
        StaffRefusal::HoursOdd => "时间不对：离岗要晚于到岗，不超过24小时，也不能是以后的时间。".into(),
        StaffRefusal::LastOrganiser => {
            "您是最后一位负责人，结束以后就没有人能管理了。请先给另一位负责人发入口码，等他到岗。".into()
        }
        StaffRefusal::StaffUnknown => "没有这个入口码、设备或在岗记录，请刷新名单再试。".into(),
    }
}

/// What is wrong with a line of a roster, and what to write instead.
pub(crate) fn roster_mistake(mistake: &RosterMistake) -> String {
    let RosterMistake { line, text, wrong } = mistake;
    let text = quoted(text);
    let what = match wrong {
        RosterFault::PartsMissing => format!("{text}缺了称呼或地点"),
        RosterFault::Name => format!("称呼{text}太长，或有看不见的字符"),
        RosterFault::PlaceUnknown => format!("{text}不是兑换台，也不是打卡点"),
        RosterFault::PlaceAmbiguous => format!("叫{text}的有好几个，请写 id"),
        RosterFault::Shift => format!("看不懂班次{text}，请写成“4月14日 9:00-13:00”"),
        RosterFault::ShiftOver => format!("班次{text}已经过去了"),
    };
    format!("名单第{line}行：{what}。")
}

fn carnival(refusal: &CarnivalRefusal) -> String {
    match refusal {
        CarnivalRefusal::PointUnknown => "嘉年华里没有这个点位，请刷新后再选一次。".into(),
        CarnivalRefusal::RouteUnknown => "嘉年华里没有这条路线，请刷新后再选一次。".into(),
        CarnivalRefusal::BoothUnknown => "没有这个兑换台，请检查它的 id。".into(),
        CarnivalRefusal::DayUnknown { days } => {
            format!("这一天没有记录，请写 {} 到 {} 之间的日期。", days.first, days.last)
        }
        CarnivalRefusal::DayOver { day, today } => {
            format!("{}已经过去了，什么都没有改。请检查日期。", day_of(*day, *today))
        }
        CarnivalRefusal::RouteNotOnDay { route, day: on } => {
            format!("{}{}本来就不打卡，什么都没有改。请检查日期。", route_words(route), day(*on))
        }
        CarnivalRefusal::ReasonLength { length: 0, .. } => "请写明关闭的原因，例如“因雨”。".into(),
        CarnivalRefusal::ReasonLength { length, most } => {
            format!("关闭的原因有 {length} 个字，最多 {most} 个字，请写短一些。")
        }
        CarnivalRefusal::NoticeLength { length: 0, .. } => "公告是空的。请写上内容；不要公告，就不用填。".into(),
        CarnivalRefusal::NoticeLength { length, most } => {
            format!("公告有 {length} 个字，最多 {most} 个字，请写短一些。")
        }
        CarnivalRefusal::VersionUnknown => "没有发布过这一版，请看看已发布的版本。".into(),
        CarnivalRefusal::RouteUnderWay { route, people, stops_today, .. } => format!(
            "{}正在进行，今天有 {people} 人盖过章{}。确定要改，请再确认一次。",
            route_words(route),
            if *stops_today { "；改了以后，今天马上不能再打卡" } else { "" }
        ),
        CarnivalRefusal::BaseUnknown { base } => {
            format!("文件开头写着 carnival-version: {base}，可是没有发布过这一版。请下载现在这一版再改，或删去这一行。")
        }
    }
}

fn check_in(refusal: &CheckInRefusal) -> String {
    match refusal {
        CheckInRefusal::CarnivalNotBegun { first_day, today } => {
            format!("嘉年华{}开始，到时候欢迎您来！", day_of(*first_day, *today))
        }
        CheckInRefusal::CarnivalOver { last_day, today } => {
            format!("嘉年华已于{}结束，谢谢您的参与！", day_of(*last_day, *today))
        }
        CheckInRefusal::RouteNotThisWeek { route, days: week, extra_days, today } => {
            let mut times = vec![days_of(*week, *today)];
            times.extend(extra_days.iter().map(|extra| day_of(*extra, *today)));
            format!("{}的打卡时间是{}，今天不能盖章。", route_words(route), all_of(&times))
        }
        CheckInRefusal::RouteNotBegun { route, first_day, today } => {
            format!("{}{}才开始，现在还不能补录印章。", route_words(route), day_of(*first_day, *today))
        }
        CheckInRefusal::InkDayWrong { route, day: on } => {
            format!("{}{}没有打卡，请核对日期。", route_words(route), day(*on))
        }
        CheckInRefusal::NoRainStamp { point, day: on } => {
            format!("{}{}没有雨天章。请去掉雨天章的勾，再记一次。", quoted(point), day(*on))
        }
        // Does not say whether the route now requires fewer stamps, because this refusal does not know.
        CheckInRefusal::PointClosed { point, hours, reason: Some(why), .. } if hours.is_empty() => {
            format!("{}今天不开放：{}。请看看路线上的其他点位，或改天再来。", quoted(point), reason(why))
        }
        // Closed by the organisers. Tells the resident that the route can still be completed.
        CheckInRefusal::PointClosed { point, reason: Some(why), .. } => {
            format!("{}现在不开放：{}。集齐路线不用等这一站，请看看其他点位。", quoted(point), reason(why))
        }
        CheckInRefusal::PointClosed { point, opens: Some(opens), now, .. } => {
            format!("{}今天{}开放，现在是{}，请稍后再来。", quoted(point), clock(*opens), clock(now.time()))
        }
        CheckInRefusal::PointClosed { point, hours, .. } if hours.is_empty() => {
            format!("{}今天不开放，请看看路线上的其他点位。", quoted(point))
        }
        CheckInRefusal::PointClosed { point, hours: spans, now, .. } => {
            format!("{}今天的开放时间是{}，现在是{}，已经结束了。", quoted(point), hours(spans), clock(now.time()))
        }
        // Phones can be wrong between tall buildings, so the sentence offers a volunteer's stamp, which needs no
        // location.
        CheckInRefusal::TooFarAway { point, metres, radius_m } => format!(
            "您离{}大约还有{}，请走到{}以内再打卡。如果您已经到了，请找志愿者帮忙盖章。",
            quoted(point),
            distance(*metres),
            distance(*radius_m)
        ),
        // Says that the location is not stored, because people ask.
        CheckInRefusal::LocationNeeded { point } => {
            format!("在{}打卡要核对位置，请允许使用您的位置信息。位置不会保存。", quoted(point))
        }
        CheckInRefusal::StampUnknown { point } => format!("这张卡上没有{}的章，不用撤销。", quoted(point)),
        CheckInRefusal::StampNotByHand { point } => {
            format!("{}的章是扫码盖的，不能撤销；只有志愿者补录的章可以撤销。", quoted(point))
        }
        CheckInRefusal::NotYourStamp { point } => {
            format!("{}的章不是您这次值班补录的，请由补录的人或负责人撤销。", quoted(point))
        }
        CheckInRefusal::TooLateToUndo { point, stamped_at } => format!(
            "{}的章是{}补录的，已经超过{}分钟。请找负责人撤销。",
            quoted(point),
            date_time(stamped_at),
            VOID_WINDOW.as_mins()
        ),
        CheckInRefusal::StampUsed { point, gift, done } => format!(
            "靠{}的章换的{}已于{}发出，章不能撤销。请先撤销那次发放。",
            quoted(point),
            quoted(gift),
            when_where_whom(done)
        ),
        CheckInRefusal::CompanionsFull { limit } => {
            format!("一部手机最多添加{limit}张纸质集章卡，请先移除一张。")
        }
        CheckInRefusal::CompanionUnknown => "这张纸质集章卡不在您的手机里，请先扫卡添加。".into(),
        CheckInRefusal::SuspicionUnknown => "没有这条可疑记录，请刷新再试。".into(),
    }
}

fn code(refusal: &CodeRefusal) -> String {
    match refusal {
        CodeRefusal::CodeUnknown => "这不是嘉年华的码。请换一个码再扫，或请工作人员帮忙。".into(),
        CodeRefusal::CodeOfAnotherKind => "这是嘉年华的码，但不是用在这里的。请换一个码再扫。".into(),
        CodeRefusal::PracticeCode => "这是志愿者练习用的码，不能领礼物。要练习，请先打开“练习”。".into(),
        CodeRefusal::NotPracticeCode => {
            "现在是练习，这不是练习用的码，什么也没有登记。要真的办理，请先退出“练习”。".into()
        }
        CodeRefusal::CodeReplaced { point } => {
            format!("{}的海报换过了，这个旧码不能再用。请扫现场新海报上的码。", quoted(point))
        }
        CodeRefusal::DisplayCodeTooOld => "这个码已经过期，请再扫一次平板上的新码。".into(),
        CodeRefusal::DisplayCodeNeeded { point } => {
            format!("在{}请扫平板上的码，海报上的码在这里不能盖章。", quoted(point))
        }
        CodeRefusal::PrintedCodeNeeded { point } => {
            format!("在{}请扫海报上的码，平板上的码在这里不能盖章。", quoted(point))
        }
        CodeRefusal::OwnCodeTooOld => "这个个人码已经过期，请居民刷新后再扫一次。".into(),
        CodeRefusal::CodesUsedUp { point } => {
            format!("{}的码已经换过63次，不能再换。请关闭这个点，另设一个新编号的点，或改用平板上的码。", quoted(point))
        }
        CodeRefusal::ReissueUnclear => {
            "没有说明要换哪一个码。请扫外传的那张海报，或回到这个点位再点一次“换码”。".into()
        }
        CodeRefusal::NoCodeFound => "照片里没有找到本次嘉年华的二维码。请对准整个码，光线亮一点，再拍一张。".into(),
        CodeRefusal::PhotoUnreadable => "这张照片打不开。请用 JPEG 或 PNG 格式，或再拍一张。".into(),
        CodeRefusal::PhotoTooLarge { width, height, most } => {
            format!("照片有{width}×{height}像素，最多{}万像素。请用小一点的尺寸再拍。", most / 1_000_000 * 100)
        }
    }
}

fn gift(refusal: &GiftRefusal) -> String {
    match refusal {
        GiftRefusal::GiftUnknown => "嘉年华里没有这份礼物，请刷新后再选一次。".into(),
        GiftRefusal::GiftNotEarned { gift, unit, have, need, missing } => {
            let (gift, more) = (quoted(gift), need.saturating_sub(*have));
            let wanted = match unit {
                GiftUnit::Stamps => format!("再集{more}枚印章就能领取{gift}。"),
                GiftUnit::Routes => format!("再走完{more}条路线就能领取{gift}。"),
            };
            wanted + &still_to_stamp(missing)
        }
        GiftRefusal::GiftGone { gift } => format!("很抱歉，{}已经发完了。", quoted(gift)),
        GiftRefusal::GiftClosed { gift, reason: why } => {
            format!("{}现在不能领取：{}。", quoted(gift), reason(why))
        }
        GiftRefusal::PickUpClosed { gift, days: on, hours: spans, now } => {
            let daily = if on.first == on.last { " " } else { "，每天" };
            let times = if spans.is_empty() { String::new() } else { format!("{daily}{}", hours(spans)) };
            format!("{}的领取时间是{}{times}。现在是{}。", quoted(gift), days_of(*on, now.date()), date_time(now))
        }
        GiftRefusal::WrongBooth { gift, booths } => {
            let booths: Vec<String> = booths.iter().map(|booth| quoted(booth)).collect();
            format!("{}请到{}领取。", quoted(gift), one_of(&booths))
        }
        GiftRefusal::ClaimUnknown => "没有找到为您留着的这份礼物，请刷新后再看。".into(),
        GiftRefusal::VoucherUnknown => "没有这个兑换码，请核对九位数字后再试。".into(),
        GiftRefusal::RedemptionUnknown => "没有找到这次领取记录，请刷新后再看。".into(),
        GiftRefusal::AlreadyRedeemed { done } => format!("这份礼物已于{}确认领取。", when_where_whom(done)),
        // A retry that arrives after the void must not look like permission to hand the gift over.
        GiftRefusal::Voided { done } => {
            format!("这次领取已于{}撤销。要发这份礼物，请重新扫码。", when_where_whom(done))
        }
        GiftRefusal::TooLateToVoid { redeemed_at } => format!(
            "这份礼物是{}确认领取的，已经超过{}分钟。请找负责人撤销。",
            date_time(redeemed_at),
            VOID_WINDOW.as_mins()
        ),
        GiftRefusal::NotYourRedemption { by } => {
            format!("这份礼物是{by}确认的，请由{by}本人或负责人撤销。")
        }
        GiftRefusal::TalkNeeded => "这本集章卡要先请负责人看一下，请带居民到服务台。".into(),
        GiftRefusal::StockChangeOdd => {
            "数量与原因不符：到货（delivered）写正数，损坏（damaged）写负数，更正（correction）和调拨（moved）不能是 0。".into()
        }
        GiftRefusal::NoteOdd { most } => format!("备注最多{most}个字，写成一行，不要有看不见的字符。"),
        GiftRefusal::StockTooLow { gift, stock, promised } => format!(
            "{}共{stock}份，其中{promised}份已经留出或领走，最多只能减少{}份。",
            quoted(gift),
            stock.saturating_sub(*promised)
        ),
    }
}

fn still_to_stamp(missing: &[MissingPoint]) -> String {
    let names: Vec<String> = missing.iter().take(MAX_NAMES).map(|point| quoted(&point.name)).collect();
    if names.is_empty() {
        String::new()
    } else if missing.len() == names.len() {
        format!("还没盖章的有{}。", all_of(&names))
    } else {
        format!("还没盖章的有{}等{}处。", names.join("、"), missing.len())
    }
}

/// `4月13日 15:42在“友邻荟一号台”由王阿姨`.
fn when_where_whom(done: &PriorAction) -> String {
    let place = done.place.as_deref().map_or_else(String::new, |place| format!("在{}", quoted(place)));
    let by = if done.by_you { "您" } else { done.by.as_str() };
    format!("{}{place}由{by}", date_time(&done.at))
}

fn print(refusal: &PrintRefusal) -> String {
    match refusal {
        PrintRefusal::GreetingTooLong { length, most } => {
            format!("寄语写了{length}个字，最多{most}个，请短一点。")
        }
        PrintRefusal::GreetingLines { lines, most } => {
            format!("寄语分了{lines}行，最多{most}行，请少换几行。")
        }
        PrintRefusal::GreetingEmoji { found } => format!("表情符号“{found}”印不到明信片上，请换成文字。"),
        PrintRefusal::CannotBePrinted { found } => {
            let number = code_point(*found);
            let shown = if is_visible(*found) { format!("{found}（{number}）") } else { number };
            format!("没有字体能印“{shown}”这个字，请换一个字。")
        }
        PrintRefusal::PassportCount { most } => format!("集章卡一次印1到{most}张，请改一下张数。"),
        PrintRefusal::NoPoster { point } => format!("{}只认平板上的动态码，没有海报。", quoted(point)),
    }
}
