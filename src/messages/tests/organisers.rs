//! Messages for organisers.

use jiff::civil::date;

use super::expected::messages_of;
use crate::rules::carnival::DateRange;
use crate::rules::refusals::{CarnivalRefusal, CheckInRefusal, CodeRefusal, GiftRefusal, Refusal, StaffRefusal};

pub(super) fn refusals() -> Vec<Refusal> {
    vec![
        GiftRefusal::TalkNeeded.into(),
        GiftRefusal::StockChangeOdd.into(),
        GiftRefusal::NoteOdd { most: 200 }.into(),
        GiftRefusal::StockTooLow { gift: "嘉年华纪念章".to_owned(), stock: 50, promised: 48 }.into(),
        CarnivalRefusal::DayUnknown { days: DateRange { first: date(2023, 4, 13), last: date(2023, 4, 30) } }.into(),
        CarnivalRefusal::BoothUnknown.into(),
        StaffRefusal::StaffUnknown.into(),
        CheckInRefusal::SuspicionUnknown.into(),
        CarnivalRefusal::RouteUnknown.into(),
        CarnivalRefusal::VersionUnknown.into(),
        CodeRefusal::CodesUsedUp { point: "社区美空间·第1站".to_owned() }.into(),
        under_way(true),
        under_way(false),
        CarnivalRefusal::DayOver { day: date(2023, 4, 13), today: date(2023, 4, 14) }.into(),
        CarnivalRefusal::RouteNotOnDay { route: "“玩”美社区".to_owned(), day: date(2023, 4, 20) }.into(),
        CarnivalRefusal::ReasonLength { length: 0, most: 60 }.into(),
        CarnivalRefusal::ReasonLength { length: 74, most: 60 }.into(),
        CarnivalRefusal::NoticeLength { length: 0, most: 200 }.into(),
        CarnivalRefusal::NoticeLength { length: 230, most: 200 }.into(),
        CarnivalRefusal::BaseUnknown { base: "9".to_owned() }.into(),
    ]
}

fn under_way(stops_today: bool) -> Refusal {
    let (route, confirm) = ("“玩”美社区".to_owned(), "f3a1c05be2d49786".to_owned());
    CarnivalRefusal::RouteUnderWay { route, people: 37, stops_today, confirm }.into()
}

#[test]
fn messages_for_organisers() {
    insta::assert_snapshot!(messages_of(&refusals()), @r##"
    这本集章卡要先请负责人看一下，请带居民到服务台。
    An organiser wants to see this passport first. Please bring its holder to the service desk.
    数量与原因不符：到货（delivered）写正数，损坏（damaged）写负数，更正（correction）和调拨（moved）不能是 0。
    The number does not match its reason: deliveries are above 0, damage is below 0, corrections and moves are not 0.
    备注最多200个字，写成一行，不要有看不见的字符。
    Please write the note in one line of at most 200 characters, without invisible ones.
    “嘉年华纪念章”共50份，其中48份已经留出或领走，最多只能减少2份。
    There are 50 of “嘉年华纪念章”, and 48 are held or handed over: at most 2 can be taken away.
    这一天没有记录，请写 2023-04-13 到 2023-04-30 之间的日期。
    There are no records of that day. Write one from 2023-04-13 to 2023-04-30.
    没有这个兑换台，请检查它的 id。
    There is no such booth. Please check its id.
    没有这个入口码、设备或在岗记录，请刷新名单再试。
    There is no such invitation, device or session. Please look at the list again.
    没有这条可疑记录，请刷新再试。
    There is no such suspicion. Please look at the list again.
    嘉年华里没有这条路线，请刷新后再选一次。
    There is no such route in this carnival. Please reload and choose again.
    没有发布过这一版，请看看已发布的版本。
    No such version was published. Please look at the list of versions.
    “社区美空间·第1站”的码已经换过63次，不能再换。请关闭这个点，另设一个新编号的点，或改用平板上的码。
    The code of “社区美空间·第1站” was replaced 63 times, which is the maximum. Close this point and add one with a new number, or use a tablet's code.
    “‘玩’美社区”路线正在进行，今天有 37 人盖过章；改了以后，今天马上不能再打卡。确定要改，请再确认一次。
    The route “‘玩’美社区” is under way; 37 people have a stamp of it today, and it would give no more. To move it, please confirm.
    “‘玩’美社区”路线正在进行，今天有 37 人盖过章。确定要改，请再确认一次。
    The route “‘玩’美社区” is under way; 37 people have a stamp of it today. To move it, please confirm.
    4月13日已经过去了，什么都没有改。请检查日期。
    13 April is over, so nothing was changed. Please check the date.
    “‘玩’美社区”路线4月20日本来就不打卡，什么都没有改。请检查日期。
    The route “‘玩’美社区” does not run on 20 April anyway, so nothing was changed. Please check the date.
    请写明关闭的原因，例如“因雨”。
    Please write why it closes, such as “rain”.
    关闭的原因有 74 个字，最多 60 个字，请写短一些。
    The reason has 74 characters; 60 are the maximum. Please shorten it.
    公告是空的。请写上内容；不要公告，就不用填。
    The notice is empty. Please write one, or leave it out.
    公告有 230 个字，最多 200 个字，请写短一些。
    The notice has 230 characters; 200 are the maximum. Please shorten it.
    文件开头写着 carnival-version: 9，可是没有发布过这一版。请下载现在这一版再改，或删去这一行。
    The file begins with carnival-version: 9, but no such version was published. Download the current file and change that, or delete the line.
    "##);
}
