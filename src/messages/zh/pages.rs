//! The texts of pages in Chinese.

use super::format::date_time;
use crate::messages::pages::{PageParts, PageTexts};

const SCAN: &[&str] = &["打开微信", "点右上角“＋”，再点“扫一扫”", "再扫一次这个码"];

#[rustfmt::skip]
pub(super) const PAGES: PageTexts = PageTexts {
    language: "中文",
    unknown_code: "没认出这个码",
    expired_code: "这个码不能用了",
    one_moment: "请稍等一下",
    point: PageParts { title: "", lead: "欢迎您！现在可以盖章。", steps: SCAN, hint: "微信里收到的二维码图片，按住不放，也能打开。" },
    scan_with_wechat: "请用微信“扫一扫”来扫。",
    scan_then: "到时候用微信“扫一扫”扫这个码，就能盖章。",
    route: "路线",
    open_today: "今天开放",
    between_hours: "、",
    card: PageParts { title: "纸质集章卡", lead: "", steps: &["带着这张卡，到点位盖章，到兑换台领礼物。"], hint: "不用手机也能用。家里人有微信，也可以用“扫一扫”扫这个码，把卡放进手机，一起集章。" },
    card_number: "卡号",
    invitation: PageParts { title: "", lead: "写下您的称呼，就能到岗。同一台设备以后每天都能再打开，不占名额。", steps: SCAN, hint: "这个入口码是给您的，请不要转发。" },
    waits_for_organiser: "写下您的称呼，等负责人同意，就能到岗。同一台设备以后每天都能再打开。",
    invited_volunteer: "邀请您来当志愿者",
    invited_organiser: "邀请您来当负责人",
    invited_viewer: "邀请您查看数字",
    invited_reporter: "邀请您来当宣传员",
    invited_display: "请在平板上打开，显示打卡点的动态码",
    place: "地点",
    open_before: "请在此前打开",
    date_time,
    voucher: PageParts { title: "礼物兑换码", lead: "", steps: &["请到兑换台，把这个码给志愿者看。"], hint: "" },
    voucher_digits: "兑换码",
    practice: "这是志愿者练习用的码，不能领礼物。",
    own_code: PageParts { title: "个人码", lead: "", steps: &["请把它给志愿者扫。"], hint: "手机扫不了码的时候用它，五分钟内有效。" },
};
