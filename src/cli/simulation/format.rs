//! Text layout and labels of the simulation's output, on a terminal as narrow as a phone.

use crate::messages::simulation::SimulationTexts;

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
pub(super) fn list_lines(
    heading: &str,
    items: impl IntoIterator<Item = String>,
    texts: &SimulationTexts,
) -> Option<String> {
    let SimulationTexts { colon, comma, .. } = texts;
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
pub(super) fn refusal_label<'c>(code: &'c str, texts: &SimulationTexts) -> &'c str {
    (texts.refusal)(code).unwrap_or(code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::messages;
    use crate::rules::lang::Lang;

    #[test]
    fn lists_wrap_between_items_and_fit_a_phone() {
        let items = (1..=9).map(|n| format!("社区美空间·第{n}站 {n}"));
        let list = list_lines("各点", items, &messages(Lang::Zh).texts().simulation).unwrap_or_default();
        assert!(list.lines().count() > 4 && list.lines().all(|line| display_width(line) <= TERMINAL_WIDTH), "{list}");
        assert!(list.starts_with("  各点：社区美空间·第1站 1\n    社区美空间·第2站 2、社区美空间·第3站 3\n"), "{list}");
        assert_eq!(list_lines("left", [], &messages(Lang::En).texts().simulation), None);
        assert_eq!(padded("礼物", 6), "礼物  ");
    }
}
