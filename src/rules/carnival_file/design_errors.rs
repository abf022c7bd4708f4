//! Mistakes in design values: paths, colours, positions on the postcard, marks.

use jiff::civil::Date;

use super::entry::{Entry, SourcePosition};
use crate::rules::carnival::design::{ArtworkPath, CardPosition, Colour};
use crate::rules::lang::Lang;

/// A design value that is invalid or conflicts with another one.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum DesignError {
    BadPath {
        path: String,
        found: String,
        example: &'static str,
    },
    BadColour {
        path: String,
        found: String,
        example: &'static str,
    },
    /// An ink with too little contrast to the paper.
    TooLight {
        path: String,
        colour: Colour,
    },
    /// Two stamps of a route overlap.
    PlacesTooNear {
        other: SourcePosition,
        apart_mm: f64,
    },
    /// Only some points of a route have a position on its postcard; `points` lists those without.
    PlacesMissing {
        points: Vec<Entry>,
        /// Number of further points that are not listed.
        more: usize,
    },
    NoSuchMark {
        found: String,
        suggestion: Option<String>,
    },
    DayMarkDoubled {
        day: Date,
        /// The line of the other entry.
        first: usize,
    },
}

impl DesignError {
    /// The message for the organiser.
    pub(super) fn message(&self, lang: Lang) -> String {
        match lang {
            Lang::Zh => self.zh(),
            Lang::En => self.en(),
        }
    }

    fn zh(&self) -> String {
        match self {
            DesignError::BadPath { path, found, example } => format!(
                "{path} 不能是 \"{found}\"。请写嘉年华文件旁 artwork 文件夹里的图片，以 .svg、.png 或 .jpg 结尾，\
                文件夹和文件的名字只用文字、数字、空格和 - _ . ，最多 {} 个字，例如：{example}",
                ArtworkPath::MAX_CHARS
            ),
            DesignError::BadColour { path, found, example } => {
                format!("{path} 不能是 \"{found}\"。请写 # 和六位数字或字母 a–f，例如：{example}")
            }
            DesignError::TooLight { path, colour } => format!(
                "{path} 的颜色 {colour} 太浅，印在纸上看不清（对比度 {}，至少要 {}）。请换深一些的，例如：{path} = \"{}\"",
                tenths(colour.contrast(Colour::PAPER)),
                Colour::MIN_CONTRAST,
                colour.darkened()
            ),
            DesignError::PlacesTooNear { other, apart_mm } => format!(
                "它的章离{}的章（第 {} 行）只有 {} 毫米，会盖在一起。请让 place 至少相隔 {} 毫米。",
                label(&other.entry, Lang::Zh),
                other.line,
                tenths(*apart_mm),
                CardPosition::MIN_DISTANCE_MM
            ),
            DesignError::PlacesMissing { points, more } => format!(
                "有的点位写了 place（章在明信片上的位置），有的没有写：{}。请给这条路线的每个点位都写上，或都不写。",
                named(points, *more, Lang::Zh)
            ),
            DesignError::NoSuchMark { found, suggestion: Some(suggestion) } => {
                format!("mark 不能是 \"{found}\"。是不是想写 {suggestion}？")
            }
            DesignError::NoSuchMark { found, suggestion: None } => format!(
                "mark 不能是 \"{found}\"。请写 opening（开幕）、umbrella（雨伞）、star（星星）或 flag（旗子），\
                或自己画的图片，例如：mark = \"artwork/marks/rain.svg\""
            ),
            DesignError::DayMarkDoubled { day, first } => {
                format!("{day} 在第 {first} 行已经有纪念戳。一天只能有一个，请删去一个。")
            }
        }
    }

    fn en(&self) -> String {
        match self {
            DesignError::BadPath { path, found, example } => format!(
                "{path} cannot be \"{found}\". Name a picture in the folder artwork next to the carnival file, \
                ending in .svg, .png or .jpg, with only letters, digits, spaces and - _ . in at most {} characters, \
                such as: \
                {example}",
                ArtworkPath::MAX_CHARS
            ),
            DesignError::BadColour { path, found, example } => {
                format!("{path} cannot be \"{found}\". Write # and six digits or letters a-f, such as: {example}")
            }
            DesignError::TooLight { path, colour } => format!(
                "{path} {colour} is too light to be read on paper (its contrast is {}; at least {} is required). Use \
                a darker one, such as: {path} = \"{}\"",
                tenths(colour.contrast(Colour::PAPER)),
                Colour::MIN_CONTRAST,
                colour.darkened()
            ),
            DesignError::PlacesTooNear { other, apart_mm } => format!(
                "its place is only {} mm from that of {} (line {}), so that one stamp would cover the other. \
                Put them at least {} mm apart.",
                tenths(*apart_mm),
                label(&other.entry, Lang::En),
                other.line,
                CardPosition::MIN_DISTANCE_MM
            ),
            DesignError::PlacesMissing { points, more } => format!(
                "some of its points have a place on the postcard and others do not: {}. \
                Give all points of the route a place, or none.",
                named(points, *more, Lang::En)
            ),
            DesignError::NoSuchMark { found, suggestion: Some(suggestion) } => {
                format!("mark cannot be \"{found}\". Did you mean {suggestion}?")
            }
            DesignError::NoSuchMark { found, suggestion: None } => format!(
                "mark cannot be \"{found}\". Write opening, umbrella, star or flag, or a picture of your own, such as: \
                mark = \"artwork/marks/rain.svg\""
            ),
            DesignError::DayMarkDoubled { day, first } => {
                format!("{day} already has a mark on line {first}. A day has only one; remove one.")
            }
        }
    }
}

fn label(entry: &Entry, lang: Lang) -> String {
    entry.label(lang).unwrap_or_default()
}

fn named(entries: &[Entry], more: usize, lang: Lang) -> String {
    let names: Vec<String> = entries.iter().map(|entry| label(entry, lang)).collect();
    let names = names.join(lang.pick("、", ", "));
    match (more, lang) {
        (0, _) => names,
        (_, Lang::Zh) => format!("{names}等，还有 {more} 个"),
        (_, Lang::En) => format!("{names} and {more} more"),
    }
}

/// Truncates to one decimal, so that a value below a limit is never rounded up to it.
fn tenths(number: f64) -> f64 {
    (number * 10.0).floor() / 10.0
}
