//! Mistakes of form: what is written is not what can be read.

use toml::de::DeValue;

use super::entry::shown;
use super::limits::MAX_BYTES;
use crate::rules::lang::Lang;

/// A value or a key that is not written as it must be. `path` is the key, `like` a line to copy.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Form {
    FileTooBig {
        bytes: usize,
    },
    /// Not TOML; the parser's own words say why.
    Syntax {
        message: String,
    },
    /// Not TOML because of a Chinese punctuation mark.
    FullWidth {
        found: char,
        instead: char,
    },
    UnknownKey {
        path: String,
        nearest: Option<&'static str>,
        known: Vec<&'static str>,
    },
    Missing {
        path: String,
        like: &'static str,
    },
    WrongType {
        path: String,
        found: Found,
        wanted: Wanted,
        like: &'static str,
    },
    BadId {
        path: String,
        found: String,
        like: &'static str,
    },
    OutOfRange {
        path: String,
        found: String,
        least: i64,
        most: i64,
        like: &'static str,
    },
    /// Latitude and longitude stand in each other's place.
    Swapped,
    NoSuchChoice {
        path: String,
        found: String,
        nearest: Option<&'static str>,
        choices: Vec<&'static str>,
    },
    EmptyText {
        path: String,
        like: &'static str,
    },
    LongText {
        path: String,
        length: usize,
        most: usize,
    },
    LongList {
        path: String,
        count: usize,
        most: usize,
    },
    ControlCharacter {
        path: String,
    },
    BadDay {
        path: String,
        found: Found,
    },
    BadHours {
        path: String,
        found: String,
    },
    NoTimeZone,
    UnknownTimeZone {
        found: String,
        nearest: Option<String>,
    },
}

/// What must be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Text,
    Whole,
    Number,
    YesOrNo,
    Day,
    Hours,
    List,
    Table,
    Header,
    Entries,
}

impl Wanted {
    fn say(self, lang: Lang) -> &'static str {
        match self {
            Wanted::Text => lang.pick("英文引号里的文字", "a text in quotes"),
            Wanted::Whole => lang.pick("不加引号的整数", "a whole number without quotes"),
            Wanted::Number => lang.pick("不加引号的数字", "a number without quotes"),
            Wanted::YesOrNo => lang.pick("不加引号的 true（是）或 false（否）", "true or false without quotes"),
            Wanted::Day => lang.pick("日期", "a date"),
            Wanted::Hours => lang.pick("英文引号里的时段", "hours in quotes"),
            Wanted::List => lang.pick("方括号里的列表", "a list in square brackets"),
            Wanted::Table => lang.pick("花括号里的几项内容", "named values in curly brackets"),
            Wanted::Header => lang.pick("单层方括号的标题行", "a header in single brackets"),
            Wanted::Entries => lang.pick("双层方括号的标题行", "a header in doubled brackets"),
        }
    }
}

/// What was written instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Text(String),
    Number(String),
    YesOrNo(bool),
    Time(String),
    List,
    Table,
}

impl Found {
    pub(super) fn of(value: &DeValue<'_>) -> Found {
        match value {
            DeValue::String(text) => Found::Text(shown(text)),
            DeValue::Integer(integer) => Found::Number(shown(&integer.to_string())),
            DeValue::Float(float) => Found::Number(shown(&float.to_string())),
            DeValue::Boolean(yes) => Found::YesOrNo(*yes),
            DeValue::Datetime(time) => Found::Time(time.to_string()),
            DeValue::Array(_) => Found::List,
            DeValue::Table(_) => Found::Table,
        }
    }

    fn say(&self, lang: Lang) -> String {
        match self {
            Found::Text(text) => match lang {
                Lang::Zh => format!("文字 \"{text}\""),
                Lang::En => format!("the text \"{text}\""),
            },
            Found::Number(number) => match lang {
                Lang::Zh => format!("数字 {number}"),
                Lang::En => format!("the number {number}"),
            },
            Found::YesOrNo(yes) => yes.to_string(),
            Found::Time(time) => time.clone(),
            Found::List => lang.pick("列表", "a list").to_owned(),
            Found::Table => lang.pick("一组内容", "a table").to_owned(),
        }
    }
}

impl Form {
    /// What the parser could not read, in the words that help most.
    pub(super) fn syntax(text: &str, offset: usize, message: &str) -> Form {
        let (before, after) = text.split_at_checked(offset).unwrap_or((text, ""));
        let line = before.rsplit('\n').next().unwrap_or_default();
        // The parser points at the mark, or past a key that is made of nothing else.
        let suspects = [after.chars().next(), line.trim_start().chars().next()];
        let full_width = suspects.into_iter().flatten().find_map(|found| {
            let instead = half_width(found)?;
            Some(Form::FullWidth { found, instead })
        });
        full_width.unwrap_or_else(|| Form::Syntax { message: message.to_owned() })
    }

    /// The sentence.
    pub(super) fn say(&self, lang: Lang) -> String {
        match lang {
            Lang::Zh => self.zh(),
            Lang::En => self.en(),
        }
    }

    fn zh(&self) -> String {
        match self {
            Form::FileTooBig { bytes } => format!("文件有 {bytes} 字节，最多 {MAX_BYTES} 字节。请删去多余的内容。"),
            Form::Syntax { message } => format!(
                "这一行的写法读不懂（{message}）。请检查：\
                文字要加英文引号，括号要成对，日期写成 2023-04-13，同一个键只写一次。"
            ),
            Form::FullWidth { found, instead } => format!("这里是中文标点 {found} ，请改用英文标点 {instead} 。"),
            Form::UnknownKey { path, nearest, known } => format!("没有“{path}”这个键。{}", meant_zh(*nearest, known)),
            Form::Missing { path, like } => format!("缺少 {path}。请加上，例如：{like}"),
            Form::WrongType { path, found, wanted, like } => {
                format!("{path} 写成了{}，应当是{}，例如：{like}", found.say(Lang::Zh), wanted.say(Lang::Zh))
            }
            Form::BadId { path, found, like } => {
                format!("{path} 不能是 \"{found}\"。只能用 1 到 40 个小写英文字母、数字和单个连字符，例如：{like}")
            }
            Form::OutOfRange { path, found, least, most, like } => {
                format!("{path} 是 {found}，应当在 {least} 到 {most} 之间，例如：{like}")
            }
            Form::Swapped => "纬度（latitude）和经度（longitude）写反了，请对调。例如：\
                location = { latitude = 30.67, longitude = 104.12 }"
                .to_owned(),
            Form::NoSuchChoice { path, found, nearest, choices } => {
                format!("{path} 不能是 \"{found}\"。{}", meant_zh(*nearest, choices))
            }
            Form::EmptyText { path, like } => {
                format!("{path} 是空的。请填写，例如：{like}；如果可以不写，就删去这一行。")
            }
            Form::LongText { path, length, most } => format!("{path} 有 {length} 个字，最多 {most} 个字。请缩短。"),
            Form::LongList { path, count, most } => format!("{path} 里有 {count} 项，最多 {most} 项。请删减。"),
            Form::ControlCharacter { path } => {
                format!("{path} 里有看不见的控制字符（如换行、制表符）。请删去后重新输入。")
            }
            Form::BadDay { path, found } => {
                format!("{path} 写成了{}，不是一个日期。请写年-月-日，例如：2023-04-13", found.say(Lang::Zh))
            }
            Form::BadHours { path, found } => format!(
                "{path} 里的 \"{found}\" 不是时段。请写开始-结束，小时写两位，结束晚于开始，不跨过午夜，例如：\
                \"09:00-18:00\""
            ),
            Form::NoTimeZone => {
                "缺少 time_zone（时区），不知道各处的时间按哪里的钟算。请加上一行：time_zone = \"Asia/Shanghai\""
                    .to_owned()
            }
            Form::UnknownTimeZone { found, nearest } => format!(
                "没有 \"{found}\" 这个时区。{}全中国都写：time_zone = \"Asia/Shanghai\"",
                nearest.as_ref().map_or_else(String::new, |name| format!("是不是想写 \"{name}\"？"))
            ),
        }
    }

    fn en(&self) -> String {
        match self {
            Form::FileTooBig { bytes } => {
                format!("the file has {bytes} bytes; {MAX_BYTES} are the most. Take out what is not needed.")
            }
            Form::Syntax { message } => format!(
                "this line cannot be read ({message}). Look for a text without quotes, a bracket without its \
                partner, a date not like 2023-04-13, a key written twice."
            ),
            Form::FullWidth { found, instead } => format!("this is the Chinese mark {found}; write {instead} instead."),
            Form::UnknownKey { path, nearest, known } => {
                format!("\"{path}\" is not a key that is known here. {}", meant_en(*nearest, known))
            }
            Form::Missing { path, like } => format!("{path} is missing. Add it, such as: {like}"),
            Form::WrongType { path, found, wanted, like } => {
                format!("{path} is {}; write {} instead, such as: {like}", found.say(Lang::En), wanted.say(Lang::En))
            }
            Form::BadId { path, found, like } => format!(
                "{path} cannot be \"{found}\". Use 1 to 40 lower-case letters, digits and single hyphens, such \
                as: {like}"
            ),
            Form::OutOfRange { path, found, least, most, like } => {
                format!("{path} is {found}; it must lie between {least} and {most}, such as: {like}")
            }
            Form::Swapped => "latitude and longitude stand in each other's place. Exchange them, such as: \
                location = { latitude = 30.67, longitude = 104.12 }"
                .to_owned(),
            Form::NoSuchChoice { path, found, nearest, choices } => {
                format!("{path} cannot be \"{found}\". {}", meant_en(*nearest, choices))
            }
            Form::EmptyText { path, like } => {
                format!("{path} is empty. Fill it in, such as: {like}; or take the line out if it may be left out.")
            }
            Form::LongText { path, length, most } => {
                format!("{path} has {length} characters; {most} are the most. Make it shorter.")
            }
            Form::LongList { path, count, most } => {
                format!("{path} has {count} items; {most} are the most. Take some out.")
            }
            Form::ControlCharacter { path } => format!(
                "{path} has invisible control characters in it, such as a tab or a line break. \
                Take them out and type it again."
            ),
            Form::BadDay { path, found } => format!(
                "{path} is {}, which is no date. Write year-month-day, such as: 2023-04-13",
                found.say(Lang::En)
            ),
            Form::BadHours { path, found } => format!(
                "\"{found}\" in {path} is not a span of hours. \
                Write begin-end with two digits for the hour, the end after the begin and not past midnight, \
                such as: \"09:00-18:00\""
            ),
            Form::NoTimeZone => {
                "time_zone is missing, so nobody knows by which clock the hours are meant. Add the line: \
                time_zone = \"Asia/Shanghai\""
                    .to_owned()
            }
            Form::UnknownTimeZone { found, nearest } => format!(
                "there is no time zone \"{found}\". {}All of China writes: time_zone = \"Asia/Shanghai\"",
                nearest.as_ref().map_or_else(String::new, |name| format!("Did you mean \"{name}\"? "))
            ),
        }
    }
}

/// The mark that TOML wants in place of the one that a Chinese keyboard makes.
fn half_width(mark: char) -> Option<char> {
    match mark {
        '“' | '”' | '＂' => Some('"'),
        '＝' => Some('='),
        '，' | '、' => Some(','),
        '【' | '［' => Some('['),
        '】' | '］' => Some(']'),
        '｛' => Some('{'),
        '｝' => Some('}'),
        '＃' => Some('#'),
        _ => None,
    }
}

fn meant_zh(nearest: Option<&str>, all: &[&str]) -> String {
    match nearest {
        Some(name) => format!("是不是想写 {name}？"),
        None => format!("这里可以写：{}。", all.join("、")),
    }
}

fn meant_en(nearest: Option<&str>, all: &[&str]) -> String {
    match nearest {
        Some(name) => format!("Did you mean {name}?"),
        None => format!("What can be written here: {}.", all.join(", ")),
    }
}
