//! The texts of the simulated crowd in Chinese.

use crate::messages::simulation::SimulationTexts;

#[rustfmt::skip]
pub(super) const SIMULATION: SimulationTexts = SimulationTexts {
    no_answer: "系统没有回答，人群回家了。",
    nothing_open: "这个时间没有开放的点位；用 --at 换个时间。",
    crowd_comes: |people, speed, seed, volunteers| format!("人群来了：{people} 人，{speed} 倍速，--seed {seed}，志愿者 {volunteers} 人。"),
    numbers_differ: "人群的数字和系统的不一致，见上表。",
    colon: "：",
    comma: "、",

    people_now: |clock, arrived, people, departed, stamps, waiting, longest| format!("{clock}  来了 {arrived}/{people} 人，回家 {departed} 人\n  盖章 {stamps} 个；排队 {waiting} 人，最久等 {longest:.0} 分钟"),
    at_points: "各点",
    gifts_left: "礼物还剩",
    refused: "被拒",
    to_confirm: |vouchers| format!("等您确认（{vouchers} 张）"),

    who_came: |singles, families, carried, alone| format!("独自来的居民 {singles} 人，家庭 {families} 家\n  （手机上带 {carried} 张纸质卡），单独的纸质卡 {alone} 张"),
    crowd: "人群",
    server: "系统",
    summary: "汇总",
    others: "别处",
    quantities: ["有章的集章卡", "盖章", "各小时盖章", "手机上申领礼物", "领走礼物", "被拒", "可疑（太快到两处）", "公开的盖章数", "公开的集章卡数", "公开的余量", "收发存里的领取"],
    more_by_others: |more| format!("  别人 {more}"),
    differs: "  不符！",
    gifts: "礼物（库存 = 领走 + 保留 + 剩余）",
    queues: |waiting, minutes, gave_up| format!("兑换台：最多 {waiting} 人排队\n  最久等 {minutes:.0} 分钟；{gave_up} 人没等到"),
    frauds: "作弊",
    refused_because: |label| format!("被拒：{label}"),
    stamped_with_suspicion: "盖了章，记为可疑",
    stamped_without_location: "盖了章；点位没写位置，不会起疑",
    not_refused: "没被拒！",
    lost_responses: |lost, cut, other| format!("回答丢了又问：{lost} 次（断线 {cut} 次）\n  再问答得不一样：{other} 次"),
    retries: |times| format!("  系统忙，再问：{times} 次"),
    unexpected_responses: "不该有的回答",
    latencies: "回答用时，毫秒（平均，最慢）",
    slow_machine: |seconds| format!("对这个倍速来说，机器慢：兑换台等一个回答\n  相当于 {seconds:.0} 秒，排队比真的久。请用小些的 --speed。"),
    agree: |numbers, others| format!("一致：{numbers} 个数字都对得上。{}", if others { "另有别人参加。" } else { "" }),
    disagree: |differ, numbers| format!("不一致：{numbers} 个数字里 {differ} 个对不上；有“不符”“没被拒”“不该有”的地方要看。"),

    refusal: |code| {
        Some(match code {
            "point_closed" => "点位没开",
            "code_unknown" => "码不认识",
            "code_replaced" => "旧海报的码",
            "display_code_too_old" => "平板码过时",
            "display_code_needed" => "要扫平板",
            "printed_code_needed" => "要扫海报",
            "gift_not_earned" => "章还不够",
            "gift_gone" => "礼物没有了",
            "gift_closed" => "礼物停领",
            "pick_up_closed" => "还不能领",
            "wrong_booth" => "走错兑换台",
            "already_redeemed" => "已经领过",
            "route_not_this_week" => "不是这周的路线",
            "too_far_away" => "离得太远",
            "location_needed" => "没有定位",
            "carnival_not_begun" => "还没开始",
            "carnival_over" => "已经结束",
            "talk_needed" => "要先谈谈",
            _ => return None,
        })
    },
    fraud_kinds: ["伪造的码", "别的嘉年华的码", "章不够就领", "平板的旧照片", "一张券用两次", "一分钟到两处"],
    request_kinds: ["登录", "打卡", "申领", "兑换台", "查看"],
};
