//! Mistakes found only when postcards and posters are rendered: missing glyphs and unusable artwork files. The renderer
//! detects them; this module holds their messages.

use crate::rules::carnival::design::ArtworkPath;
use crate::rules::lang::Lang;

/// Something that cannot be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrintError {
    /// No font has this character of a name.
    MissingGlyph {
        /// The character.
        found: char,
    },
    /// An artwork file cannot be used.
    Artwork {
        /// The file.
        path: ArtworkPath,
        /// The reason.
        because: ArtworkProblem,
    },
}

/// Why a file of artwork cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArtworkProblem {
    /// The file does not exist.
    NotFound,
    /// The file cannot be read.
    Unreadable {
        /// The error of the operating system.
        cause: String,
    },
    /// The file is too large.
    TooLarge {
        /// Maximum size, in kilobytes.
        max_kb: u64,
    },
    /// The picture has too many pixels.
    TooManyPixels {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// The content is broken or does not match the extension.
    NotAnImage,
    /// An SVG with scripts or external references.
    ActiveContent {
        /// The forbidden element or attribute.
        what: String,
    },
    /// The picture uses a font family that is not available.
    MissingFont {
        /// The family.
        family: String,
    },
    /// No font has a character that the picture uses.
    MissingGlyph {
        /// The character.
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
                    format!(
                        "no font can print {found}, which would appear on posters or postcards. Use another \
                        character."
                    ),
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
                "there is no such file next to the carnival file. Check its name, or put the picture there.".to_owned(),
            ),
            ArtworkProblem::Unreadable { cause } => {
                lang.pick(format!("文件打不开：{cause}"), format!("the file cannot be read: {cause}"))
            }
            ArtworkProblem::TooLarge { max_kb } => lang.pick(
                format!("文件太大，最多 {max_kb} KB，请导出小一点的。"),
                format!("the file is too large; at most {max_kb} KB are allowed. Export a smaller one."),
            ),
            ArtworkProblem::TooManyPixels { width, height } => lang.pick(
                format!("图片有 {width}×{height} 像素，太大了；明信片印出来只有 1748×1240，请缩小。"),
                format!("{width} × {height} pixels are too many; a printed postcard has 1748 × 1240. Make it smaller."),
            ),
            ArtworkProblem::NotAnImage => lang.pick(
                "文件坏了，或者内容和后缀名不符。请重新导出 .svg、.png 或 .jpg。".to_owned(),
                "the file is broken, or does not match its extension. Export it again as .svg, .png or .jpg."
                    .to_owned(),
            ),
            ArtworkProblem::ActiveContent { what } => lang.pick(
                format!("图片里有 {what}。图片不能带脚本，也不能引用外面的文件，请去掉或把图嵌进去。"),
                format!(
                    "it holds {what}. A picture must not run scripts nor refer to other files; remove it, or \
                    embed it."
                ),
            ),
            ArtworkProblem::MissingFont { family } => lang.pick(
                format!("图片里用了字体“{family}”，这里没有。请把文字转成曲线，或改用 sans-serif。"),
                format!(
                    "it uses the font \"{family}\", which is not available. Convert the text to paths, or use \
                    sans-serif."
                ),
            ),
            ArtworkProblem::MissingGlyph { found } => {
                let found = shown(*found, lang);
                lang.pick(
                    format!("图片里的“{found}”没有字体能印，请转成曲线或换一个字。"),
                    format!("no font can print its {found}. Convert it to a path, or use another character."),
                )
            }
        }
    }
}

/// The character with its code point; only the code point if the character would break the line.
fn shown(found: char, lang: Lang) -> String {
    let number = format!("U+{:04X}", u32::from(found));
    if found.is_control() || found.is_whitespace() {
        return number;
    }
    lang.pick(format!("{found}（{number}）"), format!("{found} ({number})"))
}
