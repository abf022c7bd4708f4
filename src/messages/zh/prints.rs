//! The texts of prints in Chinese.

use super::format::{date_time, day};
use crate::messages::format::clock;
use crate::messages::prints::{PosterStep, PrintTexts, VolunteerStep};
use crate::rules::gifts::practice_voucher::PracticeVoucher;

#[rustfmt::skip]
pub(super) const PRINTS: PrintTexts = PrintTexts {
    posters: "海报",
    postcard: "明信片",
    volunteer_card: "志愿者卡",

    poster_steps: [
        PosterStep { first: "打开微信", second: "点“扫一扫”", foreign: "Open WeChat, tap Scan" },
        PosterStep { first: "对准上面", second: "的二维码", foreign: "Point at the code above" },
        PosterStep { first: "收下一枚章", second: "集齐换礼物", foreign: "Get a stamp, collect a gift" },
    ],
    imprint: |number, id, generation| format!("点位 {number}（{id}） · 海报第 {} 版（g{generation}） · 破损、被遮挡，请告诉志愿者", generation + 1),

    paper_passport: "集章卡",
    holder: "姓名",
    passport_help: ["没有手机也能集章：到点位请志愿者扫码、盖章，", "换礼物时出示这张卡。请妥善保管。"],

    roster_title: "志愿者入口码",
    roster_help: ["到岗：用手机相机或微信“扫一扫”，扫这个码，写上称呼。", "只能用在一台设备上，请不要转发。换手机请找负责人。"],
    shift: |shift| format!("{} {}–{}", day(shift.day), clock(shift.from), clock(shift.to)),
    valid_until: |until| format!("有效到{}", date_time(until)),

    week: |week, days| format!("第{week}周 · {days}"),
    stamped_at: |at| format!("{}.{}.{} {}时", at.year(), at.month(), at.day(), at.hour()),
    closed_point: |name| format!("{name}（已关闭）"),
    complete: "集齐",
    complete_on: day,
    progress: |stamped, needed| format!("已盖 {stamped} 枚章，集齐要 {needed} 枚"),
    completed: |day, stamped| format!("{}年{}月{}日集齐，共 {stamped} 枚章", day.year(), day.month(), day.day()),

    volunteer_title: "志愿者：十分钟上手",
    volunteer_steps: [
        VolunteerStep { what: "到岗：打开负责人给的入口码，写上称呼", how: "第二天还用这部手机，再打开一次就能到岗。", more: "下班点“离岗”；手机换人用，先离岗，换人再写称呼。" },
        VolunteerStep { what: "先看：扫居民的兑换码，或输入九位数字", how: "看清是什么礼物、能不能在这个台给。", more: "扫集章卡或居民自己的码，能看到全部礼物。" },
        VolunteerStep { what: "再确认：看到“成功”，才把礼物给居民", how: "“已经领过”会写明何时、何处、谁给的：请把屏幕给居民看。", more: "“不在这个台”：告诉居民去哪个台。" },
        VolunteerStep { what: "给错了：15分钟内可以撤销", how: "找到刚才那一条，点撤销，写一句原因，礼物收回来。", more: "过了15分钟，请负责人撤销。" },
    ],
    practise: "点“练习”，练三遍：扫码，或输入九位数字",
    practise_note: "练习码只在“练习”里有用，什么也不记。",
    practice_answer: |practice| match practice {
        PracticeVoucher::Redeemable => "→ 成功",
        PracticeVoucher::AlreadyRedeemed => "→ 已经领过",
        PracticeVoucher::WrongBooth => "→ 不在这个台",
    },
    volunteer_notes: [
        "没信号、没反应？再点一次，不会发两份；看到“成功”再给礼物。",
        "吵起来、说不清？不争，请居民稍等，找负责人。",
    ],
    organisers_phone: "负责人电话",
    my_booth: "我的台",
};
