//! Text layout and labels of the simulation's output, on a terminal as narrow as a phone.

use crate::rules::lang::Lang;

use super::population::FraudKind;
use super::stats::RequestKind;

/// Columns available on every terminal.
pub(super) const TERMINAL_WIDTH: usize = 44;

/// Columns that a text takes; a Chinese character takes two.
pub(super) fn display_width(text: &str) -> usize {
    text.chars().map(|c| if c >= '\u{1100}' && !('\u{2010}'..='\u{22ff}').contains(&c) { 2 } else { 1 }).sum()
}

/// Pads a text with spaces up to a number of columns.
pub(super) fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(display_width(text))))
}

/// A heading and its items, broken between items into lines of [`TERMINAL_WIDTH`]. `None` without items.
pub(super) fn list_lines(heading: &str, items: impl IntoIterator<Item = String>, lang: Lang) -> Option<String> {
    let (colon, comma) = lang.pick(("：", "、"), (": ", ", "));
    let mut lines = vec![format!("  {heading}{colon}")];
    let mut any = false;
    for item in items {
        let line = lines.last_mut()?;
        let item = if any { format!("{comma}{item}") } else { item };
        any = true;
        if display_width(line) + display_width(&item) <= TERMINAL_WIDTH {
            line.push_str(&item);
        } else {
            lines.push(format!("    {}", item.trim_start_matches([',', ' ', '、'])));
        }
    }
    any.then(|| lines.join("\n"))
}

/// A short label for a refusal's code; the code itself if it has no label here.
pub(super) fn refusal_label(code: &str, lang: Lang) -> &str {
    let (zh, en) = match code {
        "point_closed" => ("点位没开", "point closed"),
        "code_unknown" => ("码不认识", "code unknown"),
        "code_replaced" => ("旧海报的码", "old poster"),
        "display_code_too_old" => ("平板码过时", "tablet's code too old"),
        "display_code_needed" => ("要扫平板", "tablet's code needed"),
        "printed_code_needed" => ("要扫海报", "poster's code needed"),
        "gift_not_earned" => ("章还不够", "gift not earned"),
        "gift_gone" => ("礼物没有了", "gift gone"),
        "gift_closed" => ("礼物停领", "gift closed"),
        "pick_up_closed" => ("还不能领", "not handed out now"),
        "wrong_booth" => ("走错兑换台", "wrong booth"),
        "already_redeemed" => ("已经领过", "already handed over"),
        "route_not_this_week" => ("不是这周的路线", "another week's route"),
        "too_far_away" => ("离得太远", "too far away"),
        "location_needed" => ("没有定位", "no location"),
        "carnival_not_begun" => ("还没开始", "not begun"),
        "carnival_over" => ("已经结束", "carnival over"),
        "talk_needed" => ("要先谈谈", "talk needed"),
        code => (code, code),
    };
    lang.pick(zh, en)
}

/// The label of a kind of fraud.
pub(super) fn fraud_label(kind: FraudKind, lang: Lang) -> &'static str {
    let (zh, en) = match kind {
        FraudKind::ForgedCode => ("伪造的码", "forged code"),
        FraudKind::OtherCarnival => ("别的嘉年华的码", "another carnival's code"),
        FraudKind::NotEarned => ("章不够就领", "claim without stamps"),
        FraudKind::OldDisplayCode => ("平板的旧照片", "old photo of a tablet"),
        FraudKind::VoucherTwice => ("一张券用两次", "voucher used twice"),
        FraudKind::TwoPlaces => ("一分钟到两处", "two places at once"),
    };
    lang.pick(zh, en)
}

/// The label of a kind of request.
pub(super) fn request_label(kind: RequestKind, lang: Lang) -> &'static str {
    let (zh, en) = match kind {
        RequestKind::LogIn => ("登录", "log in"),
        RequestKind::CheckIn => ("打卡", "check in"),
        RequestKind::Claim => ("申领", "claim"),
        RequestKind::Booth => ("兑换台", "booth"),
        RequestKind::Read => ("查看", "read"),
    };
    lang.pick(zh, en)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_wrap_between_items_and_fit_a_phone() {
        let items = (1..=9).map(|n| format!("社区美空间·第{n}站 {n}"));
        let list = list_lines("各点", items, Lang::Zh).unwrap_or_default();
        assert!(list.lines().count() > 4 && list.lines().all(|line| display_width(line) <= TERMINAL_WIDTH), "{list}");
        assert!(list.starts_with("  各点：社区美空间·第1站 1\n    社区美空间·第2站 2、社区美空间·第3站 3\n"), "{list}");
        assert_eq!(list_lines("left", [], Lang::En), None);
        assert_eq!(padded("礼物", 6), "礼物  ");
    }
}
