//! Mistakes in the format of the file: TOML syntax, unknown or missing keys, wrong types, values out of range.

use toml::de::DeValue;

use super::entry::excerpt;
use super::limits::MAX_BYTES;
use crate::rules::lang::Lang;

/// A key or value in the wrong format. `path` is the key, `example` a valid line to copy.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum FormatError {
    FileTooBig {
        bytes: usize,
    },
    /// Not valid TOML; `message` is the parser's.
    Syntax {
        message: String,
    },
    /// Not valid TOML because of a full-width punctuation mark.
    FullWidth {
        found: char,
        instead: char,
    },
    UnknownKey {
        path: String,
        suggestion: Option<&'static str>,
        known: Vec<&'static str>,
    },
    Missing {
        path: String,
        example: &'static str,
    },
    WrongType {
        path: String,
        found: FoundValue,
        expected: ExpectedType,
        example: &'static str,
    },
    BadId {
        path: String,
        found: String,
        example: &'static str,
    },
    OutOfRange {
        path: String,
        found: String,
        min: i64,
        max: i64,
        example: &'static str,
    },
    /// Latitude and longitude are swapped.
    Swapped,
    NoSuchChoice {
        path: String,
        found: String,
        suggestion: Option<&'static str>,
        choices: Vec<&'static str>,
    },
    EmptyText {
        path: String,
        example: &'static str,
    },
    LongText {
        path: String,
        length: usize,
        max: usize,
    },
    LongList {
        path: String,
        count: usize,
        max: usize,
    },
    ControlCharacter {
        path: String,
    },
    BadDay {
        path: String,
        found: FoundValue,
    },
    BadHours {
        path: String,
        found: String,
    },
    NoTimeZone,
    UnknownTimeZone {
        found: String,
        suggestion: Option<String>,
    },
}

/// The type that a value must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExpectedType {
    Text,
    Integer,
    Number,
    Boolean,
    Day,
    Hours,
    List,
    Table,
    Header,
    Entries,
}

impl ExpectedType {
    fn describe(self, lang: Lang) -> &'static str {
        match self {
            ExpectedType::Text => lang.pick("英文引号里的文字", "a text in quotes"),
            ExpectedType::Integer => lang.pick("不加引号的整数", "a whole number without quotes"),
            ExpectedType::Number => lang.pick("不加引号的数字", "a number without quotes"),
            ExpectedType::Boolean => lang.pick("不加引号的 true（是）或 false（否）", "true or false without quotes"),
            ExpectedType::Day => lang.pick("日期", "a date"),
            ExpectedType::Hours => lang.pick("英文引号里的时段", "hours in quotes"),
            ExpectedType::List => lang.pick("方括号里的列表", "a list in square brackets"),
            ExpectedType::Table => lang.pick("花括号里的几项内容", "named values in curly brackets"),
            ExpectedType::Header => lang.pick("单层方括号的标题行", "a header in single brackets"),
            ExpectedType::Entries => lang.pick("双层方括号的标题行", "a header in doubled brackets"),
        }
    }
}

/// The value that was found instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FoundValue {
    Text(String),
    Number(String),
    Boolean(bool),
    Time(String),
    List,
    Table,
}

impl FoundValue {
    pub(super) fn of(value: &DeValue<'_>) -> FoundValue {
        match value {
            DeValue::String(text) => FoundValue::Text(excerpt(text)),
            DeValue::Integer(integer) => FoundValue::Number(excerpt(&integer.to_string())),
            DeValue::Float(float) => FoundValue::Number(excerpt(&float.to_string())),
            DeValue::Boolean(yes) => FoundValue::Boolean(*yes),
            DeValue::Datetime(time) => FoundValue::Time(time.to_string()),
            DeValue::Array(_) => FoundValue::List,
            DeValue::Table(_) => FoundValue::Table,
        }
    }

    fn describe(&self, lang: Lang) -> String {
        match self {
            FoundValue::Text(text) => match lang {
                Lang::Zh => format!("文字 \"{text}\""),
                Lang::En => format!("the text \"{text}\""),
            },
            FoundValue::Number(number) => match lang {
                Lang::Zh => format!("数字 {number}"),
                Lang::En => format!("the number {number}"),
            },
            FoundValue::Boolean(yes) => yes.to_string(),
            FoundValue::Time(time) => time.clone(),
            FoundValue::List => lang.pick("列表", "a list").to_owned(),
            FoundValue::Table => lang.pick("一组内容", "a table").to_owned(),
        }
    }
}

impl FormatError {
    /// Turns a parser error into a `FullWidth` or a `Syntax` error.
    pub(super) fn syntax(text: &str, offset: usize, message: &str) -> FormatError {
        let (before, after) = text.split_at_checked(offset).unwrap_or((text, ""));
        let line = before.rsplit('\n').next().unwrap_or_default();
        // The parser points at the mark itself or, if the key consists of such marks, past it.
        let suspects = [after.chars().next(), line.trim_start().chars().next()];
        let full_width = suspects.into_iter().flatten().find_map(|found| {
            let instead = half_width(found)?;
            Some(FormatError::FullWidth { found, instead })
        });
        full_width.unwrap_or_else(|| FormatError::Syntax { message: message.to_owned() })
    }

    /// The message for the organiser.
    pub(super) fn message(&self, lang: Lang) -> String {
        match lang {
            Lang::Zh => self.zh(),
            Lang::En => self.en(),
        }
    }

    fn zh(&self) -> String {
        match self {
            FormatError::FileTooBig { bytes } => {
                format!("文件有 {bytes} 字节，最多 {MAX_BYTES} 字节。请删去多余的内容。")
            }
            FormatError::Syntax { message } => format!(
                "这一行的写法读不懂（{message}）。请检查：\
                文字要加英文引号，括号要成对，日期写成 2023-04-13，同一个键只写一次。"
            ),
            FormatError::FullWidth { found, instead } => {
                format!("这里是中文标点 {found} ，请改用英文标点 {instead} 。")
            }
            FormatError::UnknownKey { path, suggestion, known } => {
                format!("没有“{path}”这个键。{}", meant_zh(*suggestion, known))
            }
            FormatError::Missing { path, example } => format!("缺少 {path}。请加上，例如：{example}"),
            FormatError::WrongType { path, found, expected, example } => {
                format!(
                    "{path} 写成了{}，应当是{}，例如：{example}",
                    found.describe(Lang::Zh),
                    expected.describe(Lang::Zh)
                )
            }
            FormatError::BadId { path, found, example } => {
                format!("{path} 不能是 \"{found}\"。只能用 1 到 40 个小写英文字母、数字和单个连字符，例如：{example}")
            }
            FormatError::OutOfRange { path, found, min, max, example } => {
                format!("{path} 是 {found}，应当在 {min} 到 {max} 之间，例如：{example}")
            }
            FormatError::Swapped => "纬度（latitude）和经度（longitude）写反了，请对调。例如：\
                location = { latitude = 30.67, longitude = 104.12 }"
                .to_owned(),
            FormatError::NoSuchChoice { path, found, suggestion, choices } => {
                format!("{path} 不能是 \"{found}\"。{}", meant_zh(*suggestion, choices))
            }
            FormatError::EmptyText { path, example } => {
                format!("{path} 是空的。请填写，例如：{example}；如果可以不写，就删去这一行。")
            }
            FormatError::LongText { path, length, max } => {
                format!("{path} 有 {length} 个字，最多 {max} 个字。请缩短。")
            }
            FormatError::LongList { path, count, max } => format!("{path} 里有 {count} 项，最多 {max} 项。请删减。"),
            FormatError::ControlCharacter { path } => {
                format!("{path} 里有看不见的控制字符（如换行、制表符）。请删去后重新输入。")
            }
            FormatError::BadDay { path, found } => {
                format!("{path} 写成了{}，不是一个日期。请写年-月-日，例如：2023-04-13", found.describe(Lang::Zh))
            }
            FormatError::BadHours { path, found } => format!(
                "{path} 里的 \"{found}\" 不是时段。请写开始-结束，小时写两位，结束晚于开始，不跨过午夜，例如：\
                \"09:00-18:00\""
            ),
            FormatError::NoTimeZone => {
                "缺少 time_zone（时区），不知道各处的时间按哪里的钟算。请加上一行：time_zone = \"Asia/Shanghai\""
                    .to_owned()
            }
            FormatError::UnknownTimeZone { found, suggestion } => format!(
                "没有 \"{found}\" 这个时区。{}全中国都写：time_zone = \"Asia/Shanghai\"",
                suggestion.as_ref().map_or_else(String::new, |name| format!("是不是想写 \"{name}\"？"))
            ),
        }
    }

    fn en(&self) -> String {
        match self {
            FormatError::FileTooBig { bytes } => {
                format!("the file has {bytes} bytes; at most {MAX_BYTES} are allowed. Remove what is not needed.")
            }
            FormatError::Syntax { message } => format!(
                "this line cannot be read ({message}). Look for a text without quotes, a bracket without its \
                partner, a date not like 2023-04-13, a key written twice."
            ),
            FormatError::FullWidth { found, instead } => {
                format!("this is the Chinese mark {found}; write {instead} instead.")
            }
            FormatError::UnknownKey { path, suggestion, known } => {
                format!("\"{path}\" is not a known key here. {}", meant_en(*suggestion, known))
            }
            FormatError::Missing { path, example } => format!("{path} is missing. Add it, such as: {example}"),
            FormatError::WrongType { path, found, expected, example } => {
                format!(
                    "{path} is {}; write {} instead, such as: {example}",
                    found.describe(Lang::En),
                    expected.describe(Lang::En)
                )
            }
            FormatError::BadId { path, found, example } => format!(
                "{path} cannot be \"{found}\". Use 1 to 40 lower-case letters, digits and single hyphens, such \
                as: {example}"
            ),
            FormatError::OutOfRange { path, found, min, max, example } => {
                format!("{path} is {found}; it must lie between {min} and {max}, such as: {example}")
            }
            FormatError::Swapped => "latitude and longitude are swapped. Exchange them, such as: \
                location = { latitude = 30.67, longitude = 104.12 }"
                .to_owned(),
            FormatError::NoSuchChoice { path, found, suggestion, choices } => {
                format!("{path} cannot be \"{found}\". {}", meant_en(*suggestion, choices))
            }
            FormatError::EmptyText { path, example } => {
                format!("{path} is empty. Fill it in, such as: {example}; or remove the line if it is optional.")
            }
            FormatError::LongText { path, length, max } => {
                format!("{path} has {length} characters; at most {max} are allowed. Make it shorter.")
            }
            FormatError::LongList { path, count, max } => {
                format!("{path} has {count} items; at most {max} are allowed. Remove some.")
            }
            FormatError::ControlCharacter { path } => format!(
                "{path} contains invisible control characters, such as a tab or a line break. Remove them and type \
                it again."
            ),
            FormatError::BadDay { path, found } => format!(
                "{path} is {}, which is not a date. Write year-month-day, such as: 2023-04-13",
                found.describe(Lang::En)
            ),
            FormatError::BadHours { path, found } => format!(
                "\"{found}\" in {path} is not a span of hours. \
                Write start-end with two digits for the hour, the end after the start and not past midnight, \
                such as: \"09:00-18:00\""
            ),
            FormatError::NoTimeZone => "time_zone is missing, so the hours are ambiguous. Add the line: \
                time_zone = \"Asia/Shanghai\""
                .to_owned(),
            FormatError::UnknownTimeZone { found, suggestion } => format!(
                "there is no time zone \"{found}\". {}Everywhere in China, write: time_zone = \"Asia/Shanghai\"",
                suggestion.as_ref().map_or_else(String::new, |name| format!("Did you mean \"{name}\"? "))
            ),
        }
    }
}

/// The ASCII mark that TOML requires instead of a full-width one from a Chinese keyboard.
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

fn meant_zh(suggestion: Option<&str>, all: &[&str]) -> String {
    match suggestion {
        Some(name) => format!("是不是想写 {name}？"),
        None => format!("这里可以写：{}。", all.join("、")),
    }
}

fn meant_en(suggestion: Option<&str>, all: &[&str]) -> String {
    match suggestion {
        Some(name) => format!("Did you mean {name}?"),
        None => format!("Valid here: {}.", all.join(", ")),
    }
}
