//! Mistakes that show only when postcards and posters are drawn: letters that nobody has, and files of artwork that cannot be used. Whoever draws finds them; what is said of them stands here.

use crate::rules::lang::Lang;
use crate::rules::look::ArtworkPath;

/// What cannot be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unprintable {
    /// A name has a character that no font has.
    Letter {
        /// Which.
        found: char,
    },
    /// A file of artwork cannot be used.
    Artwork {
        /// Which.
        path: ArtworkPath,
        /// Why.
        because: Unusable,
    },
}

/// Why a file of artwork cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// It is not there.
    NotThere,
    /// It cannot be read.
    Unread {
        /// What the system says.
        cause: String,
    },
    /// It is too large.
    TooLarge {
        /// The most, in kilobytes.
        most_kb: u64,
    },
    /// It has too many pixels.
    TooManyPixels {
        /// Pixels a row.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// It is not the kind of picture that its name says, or broken.
    NoPicture,
    /// It runs something or refers to something outside.
    Active {
        /// What.
        what: String,
    },
    /// It writes in a family of letters that is not there.
    Family {
        /// Which.
        family: String,
    },
    /// It writes a character that no font has.
    Letter {
        /// Which.
        found: char,
    },
}

impl Unprintable {
    pub(super) fn say(&self, lang: Lang) -> String {
        match self {
            Unprintable::Letter { found } => {
                let found = shown(*found, lang);
                lang.pick(
                    format!("没有字体能印“{found}”这个字，它会出现在海报或明信片上，请换一个字。"),
                    format!("there is no font to print {found} with, and it would stand on posters or postcards. Use another character."),
                )
            }
            Unprintable::Artwork { path, because } => format!("{path}{}{}", lang.pick("：", ": "), because.say(lang)),
        }
    }
}

impl Unusable {
    fn say(&self, lang: Lang) -> String {
        match self {
            Unusable::NotThere => lang.pick(
                "嘉年华文件旁边没有这个文件，请检查文件名，或把图片放进去。".to_owned(),
                "there is no such file beside the carnival file. Check its name, or put the picture there.".to_owned(),
            ),
            Unusable::Unread { cause } => {
                lang.pick(format!("文件打不开：{cause}"), format!("the file cannot be read: {cause}"))
            }
            Unusable::TooLarge { most_kb } => lang.pick(
                format!("文件太大，最多 {most_kb} KB，请导出小一点的。"),
                format!("the file is too large; {most_kb} KB are the most. Export a smaller one."),
            ),
            Unusable::TooManyPixels { width, height } => lang.pick(
                format!("图片有 {width}×{height} 像素，太大了；明信片印出来只有 1748×1240，请缩小。"),
                format!("{width} × {height} pixels are too many; a printed postcard has 1748 × 1240. Make it smaller."),
            ),
            Unusable::NoPicture => lang.pick(
                "文件坏了，或者内容和后缀名不符。请重新导出 .svg、.png 或 .jpg。".to_owned(),
                "the file is broken, or is not what the end of its name says. Export it again as .svg, .png or .jpg."
                    .to_owned(),
            ),
            Unusable::Active { what } => lang.pick(
                format!("图片里有 {what}。图片不能带脚本，也不能引用外面的文件，请去掉或把图嵌进去。"),
                format!("it holds {what}. A picture must not run scripts nor refer to other files; take it out, or embed it."),
            ),
            Unusable::Family { family } => lang.pick(
                format!("图片里用了字体“{family}”，这里没有。请把文字转成曲线，或改用 sans-serif。"),
                format!("it writes in the font \"{family}\", which is not here. Turn the text into paths, or use sans-serif."),
            ),
            Unusable::Letter { found } => {
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
