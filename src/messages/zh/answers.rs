//! Sentences in answers, in Chinese.

use super::format::{day, route_words};
use crate::messages::answers::AnswerTexts;
use crate::rules::staff::roles::Role;

#[rustfmt::skip]
pub(super) const ANSWERS: AnswerTexts = AnswerTexts {
    posters_hang: |hang, of| format!("{of}张海报已挂好{hang}张"),
    published: |version| format!("已发布第 {version} 版。"),
    unchanged: |version| format!("本来就是这样，仍是第 {version} 版。"),
    route_takes: |published, route, asks, of| format!("{published}集齐{}现在要 {asks} 个章（共 {of} 个点位）。", route_words(route)),
    between_sentences: "",
    dry_run: "只是先看看，还没有改。改了以后：",
    dry_run_unchanged: "只是先看看：和现在一样，不会有变化。",
    notice_until: |on| format!("公告显示到{}。", day(on)),
    notice_removed: "公告已撤下。",
    old_poster_hangs: |point| format!("“{point}”的旧海报还挂着，请取下。"),
    stamp_was_undone: "章已经撤销",
    waits_for_organiser: "请等负责人同意您到岗，先不要关闭这个页面。",
    left_duty: "您已离岗，谢谢您！下次到岗，请在这台设备上再打开一次入口码。",
    duty_ended: |name, left| match left {
        0 => format!("已结束{name}的在岗。这台设备不能再用这个入口码到岗，要恢复请在名单里解除。"),
        _ => format!("已结束{name}的在岗。这台设备不能再用这个入口码到岗，要恢复请在名单里解除。这个入口码还能用在{left}台新设备上，都要先经您同意；不再需要，请关闭它。"),
    },
    invitation_ended: |sessions| match sessions {
        0 => "这个入口码已停用。".to_owned(),
        _ => format!("这个入口码已停用，同时结束了{sessions}位的在岗。"),
    },
    role: |role| match role {
        Role::Volunteer => "志愿者",
        Role::Organiser => "负责人",
        Role::Viewer => "查看",
        Role::Reporter => "宣传员",
        Role::Display => "平板",
    },
    personal_data: "这是嘉年华保存的关于您的全部内容。您的 openid、手机号和位置都没有保存。",
    erased: "已经删除：集章卡、留出的礼物、手机里的纸质集章卡。留下的只有不指向任何人的统计数字，以及已领礼物的一个加密记号，防止重复领取。",
    rehearsal_login: "这是演练：没有联系微信，登录码就是演练者的名字。",
};
