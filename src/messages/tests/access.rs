//! Messages about logins, invitations and devices.

use super::expected::messages_of;
use crate::rules::refusals::{AccessRefusal, CheckInRefusal, Refusal, StaffRefusal};
use crate::rules::staff::roles::Role;
use crate::rules::staff::roster_mistake::{RosterFault, RosterMistake};

pub(super) fn refusals() -> Vec<Refusal> {
    [devices(), invitations(), logins()].concat()
}

fn devices() -> Vec<Refusal> {
    vec![
        AccessRefusal::BoothNeeded.into(),
        AccessRefusal::NotYourPoint { yours: "社区美空间·第1站".to_owned() }.into(),
        CheckInRefusal::CompanionsFull { limit: 5 }.into(),
        CheckInRefusal::CompanionUnknown.into(),
    ]
}

fn invitations() -> Vec<Refusal> {
    let mistake = |line, text: &str, wrong| RosterMistake { line, text: text.to_owned(), wrong };
    let mistakes = [
        mistake(2, "李叔叔", RosterFault::PartsMissing),
        mistake(3, "张姐", RosterFault::Name),
        mistake(4, "北边", RosterFault::PlaceUnknown),
        mistake(5, "一号台", RosterFault::PlaceAmbiguous),
        mistake(6, "上午", RosterFault::Shift),
        mistake(7, "4月11日 9:00-13:00", RosterFault::ShiftOver),
    ];
    let roster = |at: usize| Refusal::from(StaffRefusal::RosterMistakes { lines: mistakes[at..at + 3].to_vec() });
    let mut all: Vec<Refusal> = vec![
        StaffRefusal::InvitationUnknown.into(),
        StaffRefusal::InvitationEnded.into(),
        StaffRefusal::InvitationExpired.into(),
        StaffRefusal::InvitationUsedUp { uses: 6 }.into(),
        StaffRefusal::NoUseLeft { uses: 6 }.into(),
        StaffRefusal::DeviceBarred.into(),
        StaffRefusal::DeviceRefused.into(),
        StaffRefusal::DeviceNeeded.into(),
        StaffRefusal::WaitingListFull.into(),
        AccessRefusal::NonceReused.into(),
        AccessRefusal::ReasonOdd { most: 200 }.into(),
        StaffRefusal::NameEmpty.into(),
        StaffRefusal::NameTooLong { length: 43, most: 40 }.into(),
        StaffRefusal::NameHidden { found: "U+202E".to_owned() }.into(),
        StaffRefusal::StationNeeded.into(),
        StaffRefusal::NoDisplayCode { point: "社区美空间·第1站".to_owned() }.into(),
        StaffRefusal::UsesOutOfRange { most: 1_000 }.into(),
        StaffRefusal::UntilUnreadable.into(),
        StaffRefusal::UntilPast.into(),
        StaffRefusal::RosterLength { lines: 0, most: 200 }.into(),
        StaffRefusal::RosterLength { lines: 230, most: 200 }.into(),
        roster(0),
        roster(3),
        StaffRefusal::HoursUnreadable.into(),
        StaffRefusal::HoursOdd.into(),
        StaffRefusal::LastOrganiser.into(),
        StaffRefusal::StaffUnknown.into(),
    ];
    let roles = [Role::Volunteer, Role::Display, Role::Viewer];
    all.extend(roles.map(|role| Refusal::from(StaffRefusal::StationMismatch { role })));
    all
}

#[test]
fn messages_about_invitations() {
    insta::assert_snapshot!(messages_of(&invitations()), @r"
    没有这个入口码，请找负责人要一个新的。
    There is no such invitation. Please ask an organiser for a new one.
    负责人已停用这个入口码。要到岗，请找负责人要新的。
    An organiser ended this invitation. To come on duty, please ask an organiser for a new one.
    这个入口码已经过期。要到岗，请找负责人延期，或要新的。
    This invitation has expired. Please ask an organiser to extend it, or for a new one.
    这个入口码只能用在6台设备上，名额已经用完。到过岗的人请用原来的设备打开；换了设备请找负责人要新的。
    No use of this invitation is left (of 6). If you were on duty before, please use the same device; otherwise, please ask an organiser.
    这个入口码只能用在6台设备上，名额已经用完。请先把台数加多，再同意。
    No use of this invitation is left (of 6). Please give it more uses, then accept the arrival.
    负责人结束了这台设备上的在岗，这个入口码在这台设备上不能再用。要继续，请找负责人解除。
    An organiser ended the shift on this device. To use the invitation on it again, please ask an organiser.
    负责人没有同意这次到岗。请当面找负责人说明。
    An organiser did not accept this arrival. Please talk to an organiser.
    认不出这台设备。请在同一个浏览器里打开入口码（不要用无痕模式），允许保存网站数据，再到岗。
    This device cannot be recognised. Please open the invitation in a normal browser window and allow it to keep site data.
    等负责人同意的设备太多了。请当面找负责人，让他先处理名单。
    Too many devices wait for an organiser. Please ask an organiser to look at the list first.
    这次操作已经提交过，内容却不一样。请返回，重新填一次。
    This action was already sent with other content. Please go back and enter it again.
    请写明原因，最多200个字，写成一行，不要有看不见的字符。
    Please write the reason in one line of at most 200 characters, without invisible ones.
    请写上称呼，比如“王阿姨”。
    Please write your name, such as “Aunt Wang”.
    称呼写了43个字，最多40个，请短一点。
    The name has 43 characters; at most 40 are allowed. Please make it shorter.
    称呼里有一个看不见的字符（U+202E），请删掉重新写，不要粘贴。
    The name has an invisible character (U+202E). Please delete it and type the name.
    请先选好这位志愿者去哪个兑换台或打卡点，再同意。
    Please choose a booth or a point for this volunteer before you accept the arrival.
    “社区美空间·第1站”只认海报上的码，不用平板显示。
    “社区美空间·第1站” accepts only the poster's code and needs no tablet.
    一个入口码可以用在1到1000台设备上，请改一下数目。
    An invitation is for 1 to 1000 devices. Please change the number.
    看不懂有效期。请写成 2023-04-14 或 2023-04-14T18:00。
    The end cannot be read. Please write it as 2023-04-14 or 2023-04-14T18:00.
    有效期已经过去了，请写以后的时间。
    The end is in the past. Please write a later time.
    名单是空的。请每行写一个人：称呼，兑换台或打卡点，班次。
    The roster is empty. Please write one person a line: name, booth or point, shift.
    名单有230行，一次最多200行，请分几次。
    The roster has 230 lines; at most 200 are allowed at once. Please send it in parts.
    名单第2行：“李叔叔”缺了称呼或地点。要改的有3行，还没有给任何人发入口码。
    Line 2 of the roster: “李叔叔” has no name or no place. Nobody was invited; lines to correct: 3.
    名单第5行：叫“一号台”的有好几个，请写 id。要改的有3行，还没有给任何人发入口码。
    Line 5 of the roster: several places are called “一号台”; write the id. Nobody was invited; lines to correct: 3.
    看不懂时间。请写上日期和钟点，比如 2023-04-14T18:00。
    The time cannot be read. Please write the day and the time, such as 2023-04-14T18:00.
    时间不对：离岗要晚于到岗，不超过24小时，也不能是以后的时间。
    Hours must end after they begin, last at most 24 hours, and lie in the past.
    您是最后一位负责人，结束以后就没有人能管理了。请先给另一位负责人发入口码，等他到岗。
    You are the last organiser, and somebody must manage the carnival. Please wait until another organiser is on duty.
    没有这个入口码、设备或在岗记录，请刷新名单再试。
    There is no such invitation, device or session. Please look at the list again.
    请给志愿者选一个兑换台或一个打卡点，只选一个。
    Please choose one booth or one point for a volunteer.
    请给平板选一个打卡点，不选兑换台。
    Please choose a point for the tablet, not a booth.
    这个角色不在固定的地点工作，请不要选兑换台或打卡点。
    This role works everywhere. Please choose no booth and no point.
    ");
}

#[test]
fn messages_about_devices() {
    insta::assert_snapshot!(messages_of(&devices()), @r"
    请说明是哪个兑换台；志愿者只能登记自己的兑换台。
    Please name the booth. Volunteers can only report for their own booth.
    您值守的点位是“社区美空间·第1站”，不是这里。要换点位，请找负责人。
    You are on duty at “社区美空间·第1站”, not here. To change, please ask an organiser.
    一部手机最多添加5张纸质集章卡，请先移除一张。
    A phone carries 5 paper passports at most. Please remove one first.
    这张纸质集章卡不在您的手机里，请先扫卡添加。
    This paper passport is not on your phone. Please scan the card to add it first.
    ");
}

fn logins() -> Vec<Refusal> {
    vec![
        AccessRefusal::TokenMissing.into(),
        AccessRefusal::TokenInvalid.into(),
        AccessRefusal::TokenExpired.into(),
        AccessRefusal::SessionEnded.into(),
        AccessRefusal::SessionLeft.into(),
        AccessRefusal::NotYourRole.into(),
        AccessRefusal::TooManyTries { retry_after_s: 12 }.into(),
        AccessRefusal::ErasedTooOften { retry_after_s: 28_001 }.into(),
    ]
}

#[test]
fn messages_about_logins() {
    insta::assert_snapshot!(messages_of(&logins()), @r"
    请先登录。工作人员请打开负责人发的入口码。
    Please log in first. Staff, please open your invitation.
    登录已失效，请重新登录。工作人员请再打开一次入口码。
    Your login no longer works; please log in again. Staff, please open your invitation again.
    登录时间已过，请重新登录。工作人员请在这台设备上再打开一次入口码。
    Your login has expired; please log in again. Staff, please open your invitation on this device again.
    负责人已结束您这次在岗。要继续，请找负责人。
    An organiser ended your shift. To go on, please talk to an organiser.
    您已离岗，或这台设备已换人到岗。要继续，请再打开入口码，重新到岗。
    You went off duty, or somebody else came on duty on this device. To go on, please open your invitation again.
    这一步您不能操作，请找志愿者或负责人帮忙。
    You cannot do this. Please ask a volunteer or an organiser for help.
    操作太快了，请等12秒再试。
    That was too fast. Please try again in 12 seconds.
    您今天已经删除过好几次了，请等8小时再来。着急的话，请找工作人员。
    You have erased your data several times today. Please try again in 8 hours, or ask the staff.
    ");
}
