//! Text that must fit: its size by the room there is, and its breaks where the language allows them.

use unicode_linebreak::{BreakOpportunity, linebreaks};
use unicode_segmentation::UnicodeSegmentation;

use super::fonts;

/// A line of text at its place, in the units of its drawing.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TextLine {
    pub(super) y: f32,
    pub(super) size: f32,
    pub(super) text: String,
}

impl TextLine {
    /// One line, as large as the room allows and no larger than `max_size`.
    pub(super) fn fit(text: &str, y: f32, width: f32, max_size: f32) -> TextLine {
        TextLine { y, size: fitting_size(text, width, max_size), text: text.to_owned() }
    }

    /// How far to the left it begins, so that a mark that fills only the right half of its square does not look set in.
    pub(super) fn hanging_offset(&self) -> f32 {
        if self.text.starts_with(['“', '《', '（', '「']) { self.size * 0.44 } else { 0.0 }
    }

    /// How thick the outline is that makes the letters bold.
    pub(super) fn bold_stroke(&self) -> f32 {
        self.size / 26.0
    }
}

/// The font size at which a text is no wider than the room, and at most `max_size`; to a tenth, downwards.
pub(super) fn fitting_size(text: &str, width: f32, max_size: f32) -> f32 {
    let text_width = fonts::width(text).max(0.1);
    ((width / text_width).min(max_size) * 10.0).floor() / 10.0
}

/// Where several lines may stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct TextBox {
    /// The width of a line.
    pub(super) width: f32,
    /// The middle of the block, from the top of the drawing.
    pub(super) middle_y: f32,
    /// Its height.
    pub(super) height: f32,
    /// The largest font size.
    pub(super) max_size: f32,
    /// Whether lines are about as long as each other, as a name looks best, or as long as they can be.
    pub(super) balance: bool,
}

/// How much higher a line is than its letters.
const LINE_HEIGHT: f32 = 1.34;

/// How far the middle of Chinese letters lies above their base line, in parts of the font size.
const GLYPH_MIDDLE: f32 = 0.36;

impl TextBox {
    /// The text in lines, as large as all of it fits: each line broken where its language allows, and words only where a line is nothing but a piece of one.
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

/// As many lines, broken where a name has a joint, or else as narrow as they can be.
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

/// A count to reckon places with.
pub(super) fn to_f32(count: usize) -> f32 {
    f32::from(u16::try_from(count).unwrap_or(u16::MAX))
}

/// The lines of a text, none wider than `width`, in parts of the font size.
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

/// Quotation marks open and close in Chinese, like brackets; the standard cannot know which a mark does, and would break at none. In as many bytes, so that places stay.
fn quotes_as_brackets(text: &str) -> String {
    text.replace('“', "「").replace('”', "」")
}

/// How wide the spaces are at the end of a line that goes on.
fn trailing_space(line: &str) -> f32 {
    fonts::width(line) - fonts::width(line.trim_end())
}

/// A piece that has no break in it, cut only if it is wider than a line.
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
    fn no_line_begins_with_what_ends_a_sentence_or_ends_with_what_opens_one() {
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
    fn words_stay_whole_where_they_can() {
        assert_eq!(
            wrapped("Dear grandmother, see you in Chengdu", 9.0),
            ["Dear grandmother,", "see you in", "Chengdu"]
        );
        let long = wrapped("Donaudampfschifffahrtsgesellschaft", 6.0);
        assert_eq!(long.concat(), "Donaudampfschifffahrtsgesellschaft");
        assert!(long.len() > 2);
    }

    #[test]
    fn lines_of_ones_own_stay() {
        assert_eq!(wrapped("一\n\n二", 9.0), ["一", "", "二"]);
    }

    #[test]
    fn a_name_is_broken_into_lines_of_one_length() {
        let block = TextBox { width: 404.0, middle_y: 878.0, height: 110.0, max_size: 38.0, balance: true };
        let lines: Vec<String> = block.lay_out("2023成华友邻荟·社区嘉年华").into_iter().map(|line| line.text).collect();
        assert_eq!(lines, ["2023成华友邻荟·", "社区嘉年华"]);
    }

    #[test]
    fn a_block_holds_its_text_at_the_largest_size_that_fits() {
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
