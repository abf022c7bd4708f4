//! Mistakes that show only when postcards and posters are drawn: letters that nobody has, and files of artwork that cannot be used. Whoever draws finds them; what is said of them stands here.

use crate::rules::design::ArtworkPath;
use crate::rules::lang::Lang;

/// What cannot be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrintError {
    /// A name has a character that no font has.
    MissingGlyph {
        /// Which.
        found: char,
    },
    /// A file of artwork cannot be used.
    Artwork {
        /// Which.
        path: ArtworkPath,
        /// Why.
        because: ArtworkProblem,
    },
}

/// Why a file of artwork cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArtworkProblem {
    /// It is not there.
    NotFound,
    /// It cannot be read.
    Unreadable {
        /// What the system says.
        cause: String,
    },
    /// It is too large.
    TooLarge {
        /// The most, in kilobytes.
        max_kb: u64,
    },
    /// It has too many pixels.
    TooManyPixels {
        /// Pixels a row.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// It is not the kind of picture that its name says, or broken.
    NotAnImage,
    /// It runs something or refers to something outside.
    ActiveContent {
        /// What.
        what: String,
    },
    /// It writes in a family of letters that is not there.
    MissingFont {
        /// Which.
        family: String,
    },
    /// It writes a character that no font has.
    MissingGlyph {
        /// Which.
        found: char,
    },
}

impl PrintError {
    pub(super) fn message(&self, lang: Lang) -> String {
        match self {
            PrintError::MissingGlyph { found } => {
                let found = shown(*found, lang);
                lang.pick(
                    format!("没有字体能印“{found}”这个字，它会出现在海报或明信片上，请换一个字。"),
                    format!("there is no font to print {found} with, and it would stand on posters or postcards. Use another character."),
                )
            }
            PrintError::Artwork { path, because } => {
                format!("{path}{}{}", lang.pick("：", ": "), because.message(lang))
            }
        }
    }
}

impl ArtworkProblem {
    fn message(&self, lang: Lang) -> String {
        match self {
            ArtworkProblem::NotFound => lang.pick(
                "嘉年华文件旁边没有这个文件，请检查文件名，或把图片放进去。".to_owned(),
                "there is no such file beside the carnival file. Check its name, or put the picture there.".to_owned(),
            ),
            ArtworkProblem::Unreadable { cause } => {
                lang.pick(format!("文件打不开：{cause}"), format!("the file cannot be read: {cause}"))
            }
            ArtworkProblem::TooLarge { max_kb } => lang.pick(
                format!("文件太大，最多 {max_kb} KB，请导出小一点的。"),
                format!("the file is too large; {max_kb} KB are the most. Export a smaller one."),
            ),
            ArtworkProblem::TooManyPixels { width, height } => lang.pick(
                format!("图片有 {width}×{height} 像素，太大了；明信片印出来只有 1748×1240，请缩小。"),
                format!("{width} × {height} pixels are too many; a printed postcard has 1748 × 1240. Make it smaller."),
            ),
            ArtworkProblem::NotAnImage => lang.pick(
                "文件坏了，或者内容和后缀名不符。请重新导出 .svg、.png 或 .jpg。".to_owned(),
                "the file is broken, or is not what the end of its name says. Export it again as .svg, .png or .jpg."
                    .to_owned(),
            ),
            ArtworkProblem::ActiveContent { what } => lang.pick(
                format!("图片里有 {what}。图片不能带脚本，也不能引用外面的文件，请去掉或把图嵌进去。"),
                format!("it holds {what}. A picture must not run scripts nor refer to other files; take it out, or embed it."),
            ),
            ArtworkProblem::MissingFont { family } => lang.pick(
                format!("图片里用了字体“{family}”，这里没有。请把文字转成曲线，或改用 sans-serif。"),
                format!("it writes in the font \"{family}\", which is not here. Turn the text into paths, or use sans-serif."),
            ),
            ArtworkProblem::MissingGlyph { found } => {
                let found = shown(*found, lang);
                lang.pick(
                    format!("图片里的“{found}”没有字体能印，请转成曲线或换一个字。"),
                    format!("there is no font to print its {found} with. Turn it into a path, or use another character."),
                )
            }
        }
    }
}

/// The character, unless it would break the line, and its number.
fn shown(found: char, lang: Lang) -> String {
    let number = format!("U+{:04X}", u32::from(found));
    if found.is_control() || found.is_whitespace() {
        return number;
    }
    lang.pick(format!("{found}（{number}）"), format!("{found} ({number})"))
}
