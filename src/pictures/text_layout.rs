//! Text layout: the font size that fits a width, and line breaks where the language allows them.

use unicode_linebreak::{BreakOpportunity, linebreaks};
use unicode_segmentation::UnicodeSegmentation;

use super::fonts;

/// A positioned line of text, in the units of its drawing.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TextLine {
    pub(super) y: f32,
    pub(super) size: f32,
    pub(super) text: String,
}

impl TextLine {
    /// One line at the largest size that fits the width, at most `max_size`.
    pub(super) fn fit(text: &str, y: f32, width: f32, max_size: f32) -> TextLine {
        TextLine { y, size: fitting_size(text, width, max_size), text: text.to_owned() }
    }

    /// How far to the left the line starts, so that an opening quotation mark or bracket, which fills only the right
    /// half of its square, does not look indented.
    pub(super) fn hanging_offset(&self) -> f32 {
        if self.text.starts_with(['“', '《', '（', '「']) { self.size * 0.44 } else { 0.0 }
    }

    /// Width of the outline that makes the text bold.
    pub(super) fn bold_stroke(&self) -> f32 {
        self.size / 26.0
    }
}

/// The font size at which a text is at most `width` wide, at most `max_size`; rounded down to a tenth.
pub(super) fn fitting_size(text: &str, width: f32, max_size: f32) -> f32 {
    let text_width = fonts::width(text).max(0.1);
    ((width / text_width).min(max_size) * 10.0).floor() / 10.0
}

/// The area for a text of several lines.
#[derive(Clone, Copy, Debug)]
pub(super) struct TextBox {
    /// Maximum width of a line.
    pub(super) width: f32,
    /// Vertical middle of the area, from the top of the drawing.
    pub(super) middle_y: f32,
    /// Height of the area.
    pub(super) height: f32,
    /// Maximum font size.
    pub(super) max_size: f32,
    /// Whether the lines get similar lengths, which suits a name, or are filled one after the other.
    pub(super) balance: bool,
}

/// Line height in em.
const LINE_HEIGHT: f32 = 1.34;

/// Height of the middle of Chinese characters above the baseline, in em.
const GLYPH_MIDDLE: f32 = 0.36;

impl TextBox {
    /// Breaks the text into lines at the largest size at which all of it fits. Lines break where the language allows
    /// it; inside a word only if the word alone is wider than a line.
    pub(super) fn lay_out(self, text: &str) -> Vec<TextLine> {
        let mut size = self.max_size;
        loop {
            let lines = wrapped(text, self.width / size);
            let high = to_f32(lines.len()) * size * LINE_HEIGHT;
            if high <= self.height || size < 5.0 {
                let lines = if self.balance { balanced(text, self.width / size, lines) } else { lines };
                return self.positioned(lines, size);
            }
            size = (size * 9.6).floor() / 10.0;
        }
    }

    fn positioned(self, lines: Vec<String>, size: f32) -> Vec<TextLine> {
        let step = size * LINE_HEIGHT;
        let first = self.middle_y + size * GLYPH_MIDDLE - step * (to_f32(lines.len()) - 1.0) / 2.0;
        let tenth = |y: f32| (y * 10.0).round() / 10.0;
        lines
            .into_iter()
            .enumerate()
            .map(|(nth, text)| TextLine { y: tenth(first + step * to_f32(nth)), size, text })
            .collect()
    }
}

/// The same number of lines, but broken at a joint of the name (`·`, `—` or a space), or otherwise made as narrow as
/// possible.
fn balanced(text: &str, width: f32, mut lines: Vec<String>) -> Vec<String> {
    let joint =
        text.find(['·', '—', ' ']).map(|at| text.split_at(at + text[at..].chars().next().map_or(0, char::len_utf8)));
    if let (2, Some((first, second))) = (lines.len(), joint)
        && fonts::width(first) <= width
        && fonts::width(second) <= width
    {
        return vec![first.trim_end().to_owned(), second.trim_start().to_owned()];
    }
    let mut narrower = width - 0.5;
    while narrower > 1.0 {
        let candidate = wrapped(text, narrower);
        if candidate.len() > lines.len() {
            break;
        }
        lines = candidate;
        narrower -= 0.5;
    }
    lines
}

/// A count as `f32`, for calculating positions.
pub(super) fn to_f32(count: usize) -> f32 {
    f32::from(u16::try_from(count).unwrap_or(u16::MAX))
}

/// The lines of a text, none wider than `width`, in em.
fn wrapped(text: &str, width: f32) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut from = 0;
    for (to, opportunity) in linebreaks(&quotes_as_brackets(text)) {
        let piece = text[from..to].trim_end_matches(['\r', '\n']);
        from = to;
        if !line.is_empty()
            && fonts::width(line.trim_end()) + fonts::width(piece.trim_end()) + trailing_space(&line) > width
        {
            lines.push(line.trim_end().to_owned());
            line.clear();
        }
        for part in graphemes_if_too_wide(piece, width) {
            if !line.is_empty() && fonts::width(&line) + fonts::width(part.trim_end()) > width {
                lines.push(line.trim_end().to_owned());
                line.clear();
            }
            line.push_str(&part);
        }
        if opportunity == BreakOpportunity::Mandatory && to < text.len() {
            lines.push(line.trim_end().to_owned());
            line.clear();
        }
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// Replaces Chinese quotation marks by brackets for the line break rules: Unicode does not know which of them opens and
/// which closes, and would not break at either. The replacements have the same length in UTF-8, so byte positions stay
/// valid.
fn quotes_as_brackets(text: &str) -> String {
    text.replace('“', "「").replace('”', "」")
}

/// Width of the spaces at the end of a line.
fn trailing_space(line: &str) -> f32 {
    fonts::width(line) - fonts::width(line.trim_end())
}

/// A piece without break opportunities; split into graphemes only if it is wider than a line.
fn graphemes_if_too_wide(piece: &str, width: f32) -> Vec<String> {
    if fonts::width(piece.trim_end()) <= width {
        return vec![piece.to_owned()];
    }
    piece.graphemes(true).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_starts_with_closing_or_ends_with_opening_punctuation() {
        let text = "妈妈，我们一起走完了七个社区美空间，“玩”得真开心！（下次还要来）一起去望江楼吧。";
        for width in 4_u8..20 {
            let lines = wrapped(text, f32::from(width));
            assert_eq!(lines.concat(), text);
            for line in &lines {
                assert!(!line.starts_with(['，', '。', '！', '”', '）']), "{width}: {line}");
                assert!(!line.ends_with(['“', '（']), "{width}: {line}");
                assert!(fonts::width(line) <= f32::from(width) + 0.01, "{width}: {line}");
            }
        }
    }

    #[test]
    fn words_are_split_only_if_wider_than_a_line() {
        assert_eq!(
            wrapped("Dear grandmother, see you in Chengdu", 9.0),
            ["Dear grandmother,", "see you in", "Chengdu"]
        );
        let long = wrapped("Donaudampfschifffahrtsgesellschaft", 6.0);
        assert_eq!(long.concat(), "Donaudampfschifffahrtsgesellschaft");
        assert!(long.len() > 2);
    }

    #[test]
    fn line_breaks_in_the_text_are_kept() {
        assert_eq!(wrapped("一\n\n二", 9.0), ["一", "", "二"]);
    }

    #[test]
    fn a_name_is_broken_at_its_joint() {
        let block = TextBox { width: 404.0, middle_y: 878.0, height: 110.0, max_size: 38.0, balance: true };
        let lines: Vec<String> = block.lay_out("2023成华友邻荟·社区嘉年华").into_iter().map(|line| line.text).collect();
        assert_eq!(lines, ["2023成华友邻荟·", "社区嘉年华"]);
    }

    #[test]
    fn a_text_gets_the_largest_size_that_fits() {
        let block = TextBox { width: 836.0, middle_y: 902.0, height: 180.0, max_size: 46.0, balance: false };
        let short = block.lay_out("好");
        assert_eq!((short.len(), short[0].size), (1, 46.0));
        for text in ["好".repeat(60), "好，".repeat(30), "一\n二\n三\n四".to_owned()] {
            let lines = block.lay_out(&text);
            assert!(to_f32(lines.len()) * lines[0].size * LINE_HEIGHT <= 180.0, "{text}: {lines:?}");
            assert!(lines[0].size >= 30.0, "{text}: {lines:?}");
        }
    }
}
