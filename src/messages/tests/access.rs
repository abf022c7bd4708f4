//! Messages about logins, invitations and devices.

use super::expected::messages_of;
use crate::rules::refusals::{AccessRefusal, CheckInRefusal, Refusal};

pub(super) fn refusals() -> Vec<Refusal> {
    [devices(), logins()].concat()
}

fn devices() -> Vec<Refusal> {
    vec![
        AccessRefusal::BoothNeeded.into(),
        AccessRefusal::NotYourPoint { yours: "社区美空间·第1站".to_owned() }.into(),
        CheckInRefusal::CompanionsFull { limit: 5 }.into(),
        CheckInRefusal::CompanionUnknown.into(),
        AccessRefusal::InvitationUnknown.into(),
        AccessRefusal::InvitationOver.into(),
        AccessRefusal::InvitationUsedUp.into(),
        AccessRefusal::NonceReused.into(),
    ]
}

#[test]
fn messages_about_devices() {
    insta::assert_snapshot!(messages_of(&devices()), @r#"
    请说明是哪个兑换台；志愿者只能登记自己的兑换台。
    Please name the booth. Volunteers can only report for their own booth.
    您值守的点位是“社区美空间·第1站”，不是这里。要换点位，请找组织者。
    You are on duty at “社区美空间·第1站”, not here. To change, please ask an organiser.
    一部手机最多添加5张纸质集章卡，请先移除一张。
    A phone carries 5 paper passports at most. Please remove one first.
    这张纸质集章卡不在您的手机里，请先扫卡添加。
    This paper passport is not on your phone. Please scan the card to add it first.
    没有这个邀请，请找组织者要一个新的。
    There is no such invitation. Please ask an organiser for a new one.
    这个邀请已经失效，请找组织者要一个新的。
    This invitation is no longer valid. Please ask an organiser for a new one.
    这个邀请的名额已经用完，请找组织者要一个新的。
    This invitation has been used up. Please ask an organiser for a new one.
    这次操作的编号已经用过，内容却不一样。请返回，重新填一次。
    This action was already sent with other content. Please go back and enter it again.
    "#);
}

fn logins() -> Vec<Refusal> {
    vec![
        AccessRefusal::TokenMissing.into(),
        AccessRefusal::TokenInvalid.into(),
        AccessRefusal::TokenExpired.into(),
        AccessRefusal::SessionEnded.into(),
        AccessRefusal::NotYourRole.into(),
        AccessRefusal::TooManyTries { retry_after_s: 12 }.into(),
    ]
}

#[test]
fn messages_about_logins() {
    insta::assert_snapshot!(messages_of(&logins()), @r#"
    请先登录。志愿者请打开组织者发的邀请。
    Please log in first. Volunteers, please open your invitation.
    登录已失效，请重新登录。志愿者请再打开一次邀请。
    Your login no longer works; please log in again. Volunteers, please open your invitation again.
    登录时间已过，请重新登录。志愿者请找组织者要新的邀请。
    Your login has expired; please log in again. Volunteers, please ask an organiser for a new invitation.
    组织者已结束您这次值班。要继续，请找组织者要新的邀请。
    An organiser ended your shift. To go on, please ask for a new invitation.
    这一步您不能操作，请找志愿者或组织者帮忙。
    You cannot do this. Please ask a volunteer or an organiser for help.
    操作太快了，请等12秒再试。
    That was too fast. Please try again in 12 seconds.
    "#);
}
