//! What is said to organisers.

use jiff::civil::date;

use super::super::super::carnival::Days;
use super::super::super::refusal::Refusal;
use super::said::Said;

pub(super) fn said() -> Vec<Said> {
    vec![
        (
            Refusal::TalkNeeded,
            "这本集章卡要先请组织者看一下，请带居民到服务台。",
            "An organiser wants to see this passport first. Please bring its bearer to the service desk.",
        ),
        (
            Refusal::StockChangeOdd,
            "数量与原因不符：到货（delivered）写正数，损坏（damaged）写负数，更正（correction）和调拨（moved）不能是 0。",
            "The number does not fit its reason: a delivery is more than 0, damage is less than 0, a correction or a move is not 0.",
        ),
        (
            Refusal::StockTooLow { gift: "嘉年华纪念章".to_owned(), stock: 50, promised: 48 },
            "“嘉年华纪念章”共50份，其中48份已经留出或领走，最多只能减少2份。",
            "There are 50 of “嘉年华纪念章”, and 48 are held or handed over: at most 2 can be taken away.",
        ),
        (
            Refusal::DayUnknown { days: Days { first: date(2023, 4, 13), last: date(2023, 4, 30) } },
            "这一天不在嘉年华期间，请写 2023-04-13 到 2023-04-30 之间的日期。",
            "That is not a day of the carnival. Write one from 2023-04-13 to 2023-04-30.",
        ),
        (Refusal::BoothUnknown, "没有这个兑换台，请检查它的 id。", "There is no such booth. Please check its id."),
        (Refusal::RouteUnknown, "没有这条路线，请检查它的 id。", "There is no such route. Please check its id."),
        (
            Refusal::StaffUnknown,
            "没有这个邀请或值守，请刷新名单再试。",
            "There is no such invitation or session. Please look at the list again.",
        ),
        (
            Refusal::SuspicionUnknown,
            "没有这条可疑记录，请刷新再试。",
            "There is no such suspicion. Please look at the list again.",
        ),
    ]
}
