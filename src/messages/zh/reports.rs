//! The words of reports in Chinese.

use crate::messages::reports::{ReportHead, ReportTexts};
use crate::rules::check_ins::passport::StampSource;
use crate::rules::gifts::stock::StockReason;

#[rustfmt::skip]
pub(super) const REPORTS: ReportTexts = ReportTexts {
    check_ins: ReportHead { title: "打卡记录", columns: ["时间", "事项", "路线", "点位编号", "点位id", "点位", "集章卡号", "第几个章", "种类", "方式", "登记人", "原因"] },
    redemptions: ReportHead { title: "领取记录", columns: ["时间", "事项", "礼物", "兑换码", "领取编号", "兑换台", "经手人", "原因", "集章卡号"] },
    stock: ReportHead { title: "库存变动", columns: ["时间", "礼物", "原因", "数量", "地点", "经手人", "备注", "变动后总数"] },
    ledger: ReportHead { title: "礼品收发存", columns: ["日期", "礼物", "地点", "期初", "收入", "领取", "撤销", "损坏", "期末"] },
    hours: ReportHead { title: "在岗时间", columns: ["称呼", "角色", "地点", "到岗", "离岗", "时长（分钟）", "排班", "更正人", "在岗编号"] },
    storeroom: "库房",
    carnival_file: "嘉年华文件",
    stamped: "盖章",
    restored: "恢复",
    handed_over: "领取",
    voided: "撤销",
    stamp_kind: |rain| if rain { "雨天章" } else { "普通章" },
    stamp_source: |how| match how {
        StampSource::Printed => "海报",
        StampSource::Display => "平板",
        StampSource::Hand { .. } => "人工",
    },
    stock_reason: |reason| match reason {
        StockReason::Initial => "初始",
        StockReason::Delivered => "到货",
        StockReason::Damaged => "损坏",
        StockReason::Correction => "更正",
        StockReason::Moved => "调拨",
    },
};
