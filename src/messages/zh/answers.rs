//! Sentences in answers, in Chinese.

use crate::messages::answers::AnswerTexts;

#[rustfmt::skip]
pub(super) const ANSWERS: AnswerTexts = AnswerTexts {
    posters_hang: |hang, of| format!("{of}张海报已挂好{hang}张"),
    published: |version| format!("已发布第 {version} 版。"),
    unchanged: |version| format!("本来就是这样，仍是第 {version} 版。"),
    route_takes: |published, route, asks, of| format!("{published}集齐{route}路线现在要 {asks} 个章（共 {of} 个点位）。"),
    old_poster_hangs: |point| format!("“{point}”的旧海报还挂着，请取下。"),
    stamp_was_undone: "章已经撤销",
    personal_data: "这是嘉年华保存的关于您的全部内容。您的 openid、手机号和位置都没有保存。",
    erased: "已经删除：集章卡、留出的礼物、手机里的纸质集章卡。留下的只有不指向任何人的统计数字，以及已领礼物的一个加密记号，防止重复领取。",
    rehearsal_login: "这是演练：没有联系微信，登录码就是演练者的名字。",
};
