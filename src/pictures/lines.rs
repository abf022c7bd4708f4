//! Text that must fit: its size by the room there is, and its breaks where the language allows them.

use unicode_linebreak::{BreakOpportunity, linebreaks};
use unicode_segmentation::UnicodeSegmentation;

use super::fonts;

/// A line of text at its place, in the units of its drawing.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) y: f32,
    pub(super) size: f32,
    pub(super) text: String,
}

impl Line {
    /// One line, as large as the room allows and no larger than `most`.
    pub(super) fn fit(text: &str, y: f32, room: f32, most: f32) -> Line {
        Line { y, size: fit(text, room, most), text: text.to_owned() }
    }

    /// How far to the left it begins, so that a mark that fills only the right half of its square does not look set in.
    pub(super) fn hang(&self) -> f32 {
        if self.text.starts_with(['“', '《', '（', '「']) { self.size * 0.44 } else { 0.0 }
    }

    /// How thick the outline is that makes the letters bold.
    pub(super) fn bold(&self) -> f32 {
        self.size / 26.0
    }
}

/// The font size at which a text is no wider than the room, and at most `most`; to a tenth, downwards.
pub(super) fn fit(text: &str, room: f32, most: f32) -> f32 {
    let width = fonts::width(text).max(0.1);
    ((room / width).min(most) * 10.0).floor() / 10.0
}

/// Where several lines may stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    /// The width of a line.
    pub(super) room: f32,
    /// The middle of the block, from the top of the drawing.
    pub(super) middle: f32,
    /// Its height.
    pub(super) height: f32,
    /// The largest font size.
    pub(super) most: f32,
    /// Whether lines are about as long as each other, as a name looks best, or as long as they can be.
    pub(super) even: bool,
}

/// How much higher a line is than its letters.
const LINE_HEIGHT: f32 = 1.34;

/// How far the middle of Chinese letters lies above their base line, in parts of the font size.
const MIDDLE: f32 = 0.36;

impl Block {
    /// The text in lines, as large as all of it fits: each line broken where its language allows, and words only where a line is nothing but a piece of one.
    pub(super) fn set(self, text: &str) -> Vec<Line> {
        let mut size = self.most;
        loop {
            let lines = broken(text, self.room / size);
            let high = number(lines.len()) * size * LINE_HEIGHT;
            if high <= self.height || size < 5.0 {
                let lines = if self.even { evened(text, self.room / size, lines) } else { lines };
                return self.placed(lines, size);
            }
            size = (size * 9.6).floor() / 10.0;
        }
    }

    fn placed(self, lines: Vec<String>, size: f32) -> Vec<Line> {
        let step = size * LINE_HEIGHT;
        let first = self.middle + size * MIDDLE - step * (number(lines.len()) - 1.0) / 2.0;
        let tenth = |y: f32| (y * 10.0).round() / 10.0;
        lines
            .into_iter()
            .enumerate()
            .map(|(nth, text)| Line { y: tenth(first + step * number(nth)), size, text })
            .collect()
    }
}

/// As many lines, broken where a name has a joint, or else as narrow as they can be.
fn evened(text: &str, room: f32, mut lines: Vec<String>) -> Vec<String> {
    let joint =
        text.find(['·', '—', ' ']).map(|at| text.split_at(at + text[at..].chars().next().map_or(0, char::len_utf8)));
    if let (2, Some((first, second))) = (lines.len(), joint)
        && fonts::width(first) <= room
        && fonts::width(second) <= room
    {
        return vec![first.trim_end().to_owned(), second.trim_start().to_owned()];
    }
    let mut narrower = room - 0.5;
    while narrower > 1.0 {
        let tried = broken(text, narrower);
        if tried.len() > lines.len() {
            break;
        }
        lines = tried;
        narrower -= 0.5;
    }
    lines
}

/// A count to reckon places with.
pub(super) fn number(count: usize) -> f32 {
    f32::from(u16::try_from(count).unwrap_or(u16::MAX))
}

/// The lines of a text, none wider than `room`, in parts of the font size.
fn broken(text: &str, room: f32) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut from = 0;
    for (to, opportunity) in linebreaks(&with_brackets(text)) {
        let piece = text[from..to].trim_end_matches(['\r', '\n']);
        from = to;
        if !line.is_empty() && fonts::width(line.trim_end()) + fonts::width(piece.trim_end()) + space(&line) > room {
            lines.push(line.trim_end().to_owned());
            line.clear();
        }
        for part in parts(piece, room) {
            if !line.is_empty() && fonts::width(&line) + fonts::width(part.trim_end()) > room {
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
fn with_brackets(text: &str) -> String {
    text.replace('“', "「").replace('”', "」")
}

/// How wide the spaces are at the end of a line that goes on.
fn space(line: &str) -> f32 {
    fonts::width(line) - fonts::width(line.trim_end())
}

/// A piece that has no break in it, cut only if it is wider than a line.
fn parts(piece: &str, room: f32) -> Vec<String> {
    if fonts::width(piece.trim_end()) <= room {
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
        for room in 4_u8..20 {
            let lines = broken(text, f32::from(room));
            assert_eq!(lines.concat(), text);
            for line in &lines {
                assert!(!line.starts_with(['，', '。', '！', '”', '）']), "{room}: {line}");
                assert!(!line.ends_with(['“', '（']), "{room}: {line}");
                assert!(fonts::width(line) <= f32::from(room) + 0.01, "{room}: {line}");
            }
        }
    }

    #[test]
    fn words_stay_whole_where_they_can() {
        assert_eq!(broken("Dear grandmother, see you in Chengdu", 9.0), ["Dear grandmother,", "see you in", "Chengdu"]);
        let long = broken("Donaudampfschifffahrtsgesellschaft", 6.0);
        assert_eq!(long.concat(), "Donaudampfschifffahrtsgesellschaft");
        assert!(long.len() > 2);
    }

    #[test]
    fn lines_of_ones_own_stay() {
        assert_eq!(broken("一\n\n二", 9.0), ["一", "", "二"]);
    }

    #[test]
    fn a_name_is_broken_into_lines_of_one_length() {
        let block = Block { room: 404.0, middle: 878.0, height: 110.0, most: 38.0, even: true };
        let lines: Vec<String> = block.set("2023成华友邻荟·社区嘉年华").into_iter().map(|line| line.text).collect();
        assert_eq!(lines, ["2023成华友邻荟·", "社区嘉年华"]);
    }

    #[test]
    fn a_block_holds_its_text_at_the_largest_size_that_fits() {
        let block = Block { room: 836.0, middle: 902.0, height: 180.0, most: 46.0, even: false };
        let short = block.set("好");
        assert_eq!((short.len(), short[0].size), (1, 46.0));
        for text in ["好".repeat(60), "好，".repeat(30), "一\n二\n三\n四".to_owned()] {
            let lines = block.set(&text);
            assert!(number(lines.len()) * lines[0].size * LINE_HEIGHT <= 180.0, "{text}: {lines:?}");
            assert!(lines[0].size >= 30.0, "{text}: {lines:?}");
        }
    }
}
