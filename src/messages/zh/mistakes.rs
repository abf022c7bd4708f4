//! Mistakes of the carnival file, in Chinese.

use crate::messages::format::{code_point, tenths};
use crate::rules::carnival::design::{ArtworkPath, CardPosition, Colour};
use crate::rules::carnival_file::{
    ArtworkProblem, Entry, EntryKind, ExpectedType, FoundValue, MAX_BYTES, MAX_MISTAKES,
};
use crate::rules::carnival_file::{Mistake, MistakeKind as Kind};

/// The entry, what is wrong, and what to write instead.
pub(crate) fn mistake(mistake: &Mistake) -> String {
    match &mistake.position.entry {
        Entry::File => problem(mistake),
        entry => format!("{}：{}", label(entry), problem(mistake)),
    }
}

/// The last line of a report.
pub(crate) fn mistake_count(count: usize) -> String {
    match count {
        0 => "没有错误。".into(),
        MAX_MISTAKES.. => format!("至少 {count} 处错误。"),
        _ => format!("共 {count} 处错误。"),
    }
}

#[rustfmt::skip]
fn problem(Mistake { path, example, kind, .. }: &Mistake) -> String {
    match kind {
        Kind::FileTooBig { bytes } => format!("文件有 {bytes} 字节，最多 {MAX_BYTES} 字节。请删去多余的内容。"),
        Kind::Syntax { message } => format!("这一行的写法读不懂（{message}）。请检查：文字要加英文引号，括号要成对，日期写成 2023-04-13，同一个键只写一次。"),
        Kind::FullWidth { found, instead } => format!("这里是中文标点 {found} ，请改用英文标点 {instead} 。"),
        Kind::UnknownKey { suggestion, known } => format!("没有“{path}”这个键。{}", meant(*suggestion, known)),
        Kind::Missing => format!("缺少 {path}。请加上，例如：{example}"),
        Kind::WrongType { found, expected } => format!("{path} 写成了{}，应当是{}，例如：{example}", value(found), expected_type(*expected)),
        Kind::BadId { found } => format!("{path} 不能是 \"{found}\"。只能用 1 到 40 个小写英文字母、数字和单个连字符，例如：{example}"),
        Kind::OutOfRange { found, min, max } => format!("{path} 是 {found}，应当在 {min} 到 {max} 之间，例如：{example}"),
        Kind::Swapped => "纬度（latitude）和经度（longitude）写反了，请对调。例如：location = { latitude = 30.67, longitude = 104.12 }".into(),
        Kind::NoSuchChoice { found, suggestion, choices } => format!("{path} 不能是 \"{found}\"。{}", meant(*suggestion, choices)),
        Kind::EmptyText => format!("{path} 是空的。请填写，例如：{example}；如果可以不写，就删去这一行。"),
        Kind::LongText { length, max } => format!("{path} 有 {length} 个字，最多 {max} 个字。请缩短。"),
        Kind::LongList { count, max } => format!("{path} 里有 {count} 项，最多 {max} 项。请删减。"),
        Kind::ControlCharacter => format!("{path} 里有看不见的控制字符（如换行、制表符）。请删去后重新输入。"),
        Kind::BadDay { found } => format!("{path} 写成了{}，不是一个日期。请写年-月-日，例如：2023-04-13", value(found)),
        Kind::BadHours { found } => format!("{path} 里的 \"{found}\" 不是时段。请写开始-结束，小时写两位，结束晚于开始；过午夜的写到次日06:00为止，例如：\"09:00-18:00\"、\"18:00-02:00\""),
        Kind::NoTimeZone => "缺少 time_zone（时区），不知道各处的时间按哪里的钟算。请加上一行：time_zone = \"Asia/Shanghai\"".into(),
        Kind::UnknownTimeZone { found, suggestion } => format!("没有 \"{found}\" 这个时区。{}全中国都写：time_zone = \"Asia/Shanghai\"", suggestion.as_ref().map_or_else(String::new, |name| format!("是不是想写 \"{name}\"？"))),
        Kind::LastBeforeFirst { first, last } => format!("{path} 是 {last}，早于第一天 {first}。请改成 {first} 或更晚。"),
        Kind::OutsideCarnival { day, days } => format!("{path} 里的 {day} 不在嘉年华期间。请写 {} 到 {} 之间的日期。", days.first, days.last),
        Kind::ExtraDayDoubled { day } => format!("extra_days 里的 {day} 已经写过。请删去一个。"),
        Kind::ExceptionOffRoute { day, route, days } => format!("exceptions 里的 {day}，路线“{route}”并不开放（{} 到 {}，另加 extra_days）。请改日期，或删去这一项。", days.first, days.last),
        Kind::ExceptionDoubled { day, first } => format!("exceptions 里 {day} 写了两次，第一次在第 {first} 行。请合成一项。"),
        Kind::HoursOverlap { a, b } => format!("时段 {a} 和 {b} 重叠。请合成一段，或错开，例如：[\"09:00-12:00\", \"14:00-18:00\"]"),
        Kind::HoursUnordered { a, b } => format!("时段 {b} 写在 {a} 之后，其实更早。请按先后排列：[\"{b}\", \"{a}\"]"),
        Kind::NoHours => format!("{path} 里没有时段。请写开放时间，例如：{example}；长期关闭请写 closed = \"原因\"。"),
        Kind::NeverOpen { route } => format!("exceptions 让这个点位在路线“{route}”的每一天都关闭，没有人能盖章。请留一天开放，或写 closed = \"原因\"。"),
        Kind::DoubledId { id, first } => format!("id = \"{id}\" 在第 {first} 行已经用过。请换一个。"),
        Kind::DoubledNumber { kind, number, first } => format!("number = {number} 在第 {first} 行已经用过。请给这个{}换一个没用过的编号。", noun(*kind)),
        Kind::LeadsNowhere { found, kind, suggestion: Some(suggestion) } => format!("{path} 指向 \"{found}\"，但没有这个{}。是不是想写 \"{suggestion}\"？", noun(*kind)),
        Kind::LeadsNowhere { found, kind, suggestion: None } => format!("{path} 指向 \"{found}\"，但没有这个{}。请写一个 {} 里的 id。", noun(*kind), kind.header()),
        Kind::RouteWithoutPoint { route } => format!("这条路线没有点位。请加一个 [[points]]，里面写 route = \"{route}\"；或删去这条路线。"),
        Kind::NoMarket { route } => format!("路线“{route}”没有写集市。请在那条路线里加上，例如：market = {{ name = \"时光音乐友邻荟\", venue = \"杉板桥社区\" }}"),
        Kind::VenueUnclear => "地点要写一个，且只写一个：点位写 point = \"space-1\"，集市写 market = \"play\"（路线的 id）。".into(),
        Kind::TooMany { kind, count } => format!("有 {count} 个{}，最多 {} 个。请删减，或分成两个嘉年华。", noun(*kind), kind.max_count()),
        Kind::NoneAtAll { kind } => format!("一个{}也没有。请至少写一个 {}。", noun(*kind), kind.header()),
        Kind::GeofenceWithoutLocation => "有 geofence（距离限制）却没有位置。请加上点位的 location，例如：location = { latitude = 30.67, longitude = 104.12 }；或删去 geofence。".into(),
        Kind::NoTimes => "times 是空的。请写哪天几点，例如：times = [{ day = 2023-04-15, hours = \"10:00-11:30\" }]".into(),
        Kind::NoCodes => "codes 是空的，没有人能打卡。请写 codes = [\"printed\"]（海报），或 [\"display\"]（平板），或两样都写。".into(),
        Kind::DoubledItem { found } => format!("{path} 里 \"{found}\" 写了两次。请删去一个。"),
        Kind::NeedsUnclear => "needs 要写成以下四种之一：{ all_of = \"play\" }（集齐一条路线）、{ stamps = 3, of = \"play\" }（一条路线的 3 个章）、{ stamps = 10 }（总共 10 个章）、{ routes = 3 }（集齐 3 条路线）。".into(),
        Kind::NeedsNothing => format!("{path} 是 0，不盖章也能领。请写 1 或更多。"),
        Kind::MoreThanRoute { route, required, points } => format!("要 {required} 个章，但路线“{route}”只有 {points} 个点位，没有人能领到。请写 {points} 或更少。"),
        Kind::CompleteWithMore { required, points } => format!("complete_with 是 {required}，但路线只有 {points} 个点位，没有人能集齐。请写 {points} 或更少。"),
        Kind::MoreThanCarnival { required, points } => format!("要 {required} 个章，但嘉年华只有 {points} 个点位，没有人能领到。请写 {points} 或更少。"),
        Kind::MoreRoutes { required, routes } => format!("要集齐 {required} 条路线，但只有 {routes} 条能集齐，没有人能领到。请写 {routes} 或更少。"),
        Kind::PickUpTooEarly { last, route, first } => format!("pick_up 到 {last} 就结束，而路线“{route}”{first} 才开始。请把 last_day 写成 {first} 或更晚。"),
        Kind::PickUpBeforeEnough { last, required, available } => format!("pick_up 到 {last} 就结束，那时最多只能集到 {available}，而 needs 要 {required}，没有人能领到。请把 last_day 往后改。"),
        Kind::NoBooth => "有礼物却没有兑换台，没有地方发。请至少写一个 [[booths]]，例如：id = \"market\"，name = \"集市兑换台\"".into(),
        Kind::BadPath { found, example } => format!("{path} 不能是 \"{found}\"。请写嘉年华文件旁 artwork 文件夹里的图片，以 .svg、.png 或 .jpg 结尾，文件夹和文件的名字只用文字、数字、空格和 - _ . ，最多 {} 个字，例如：{example}", ArtworkPath::MAX_CHARS),
        Kind::BadColour { found } => format!("{path} 不能是 \"{found}\"。请写 # 和六位数字或字母 a–f，例如：{example}"),
        Kind::TooLight { colour } => format!("{path} 的颜色 {colour} 太浅，印在纸上看不清（对比度 {}，至少要 {}）。请换深一些的，例如：{path} = \"{}\"", tenths(colour.contrast(Colour::PAPER)), Colour::MIN_CONTRAST, colour.darkened()),
        Kind::PlacesTooNear { other, apart_mm } => format!("它的章离{}的章（第 {} 行）只有 {} 毫米，会盖在一起。请让 place 至少相隔 {} 毫米。", label(&other.entry), other.line, tenths(*apart_mm), CardPosition::MIN_DISTANCE_MM),
        Kind::PlacesMissing { points, more } => format!("有的点位写了 place（章在明信片上的位置），有的没有写：{}。请给这条路线的每个点位都写上，或都不写。", listed(points, *more)),
        Kind::NoSuchMark { found, suggestion: Some(suggestion) } => format!("mark 不能是 \"{found}\"。是不是想写 {suggestion}？"),
        Kind::NoSuchMark { found, suggestion: None } => format!("mark 不能是 \"{found}\"。请写 opening（开幕）、umbrella（雨伞）、star（星星）或 flag（旗子），或自己画的图片，例如：mark = \"artwork/marks/rain.svg\""),
        Kind::DayMarkDoubled { day, first } => format!("{day} 在第 {first} 行已经有纪念戳。一天只能有一个，请删去一个。"),
        Kind::MissingGlyph { found } => format!("没有字体能印“{}”这个字，它会出现在海报或明信片上，请换一个字。", character(*found)),
        Kind::UnusableArtwork { file, because } => format!("{file}：{}", artwork_problem(because)),
    }
}

#[rustfmt::skip]
fn artwork_problem(problem: &ArtworkProblem) -> String {
    match problem {
        ArtworkProblem::NotFound => "嘉年华文件旁边没有这个文件，请检查文件名，或把图片放进去。".into(),
        ArtworkProblem::Unreadable { cause } => format!("文件打不开：{cause}"),
        ArtworkProblem::TooLarge { max_kb } => format!("文件太大，最多 {max_kb} KB，请导出小一点的。"),
        ArtworkProblem::TooManyPixels { width, height } => {
            format!("图片有 {width}×{height} 像素，太大了；明信片印出来只有 1748×1240，请缩小。")
        }
        ArtworkProblem::NotAnImage => "文件坏了，或者内容和后缀名不符。请重新导出 .svg、.png 或 .jpg。".into(),
        ArtworkProblem::ActiveContent { what } => {
            format!("图片里有 {what}。图片不能带脚本，也不能引用外面的文件，请去掉或把图嵌进去。")
        }
        ArtworkProblem::MissingFont { family } => {
            format!("图片里用了字体“{family}”，这里没有。请把文字转成曲线，或改用 sans-serif。")
        }
        ArtworkProblem::MissingGlyph { found } => {
            format!("图片里的“{}”没有字体能印，请转成曲线或换一个字。", character(*found))
        }
    }
}

fn label(entry: &Entry) -> String {
    match entry {
        Entry::File => String::new(),
        Entry::Carnival => "[carnival]".into(),
        Entry::Named(kind, id) => format!("{}“{id}”", noun(*kind)),
        Entry::Nth(kind, nth) => format!("第 {nth} 个{}", noun(*kind)),
    }
}

fn listed(entries: &[Entry], more: usize) -> String {
    let labels = entries.iter().map(label).collect::<Vec<_>>().join("、");
    if more == 0 { labels } else { format!("{labels}等，还有 {more} 个") }
}

fn noun(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Route => "路线",
        EntryKind::Point => "点位",
        EntryKind::Activity => "活动",
        EntryKind::Booth => "兑换台",
        EntryKind::Gift => "礼物",
        EntryKind::DayMark => "纪念戳",
    }
}

fn expected_type(expected: ExpectedType) -> &'static str {
    match expected {
        ExpectedType::Text => "英文引号里的文字",
        ExpectedType::Integer => "不加引号的整数",
        ExpectedType::Number => "不加引号的数字",
        ExpectedType::Boolean => "不加引号的 true（是）或 false（否）",
        ExpectedType::Day => "日期",
        ExpectedType::Hours => "英文引号里的时段",
        ExpectedType::List => "方括号里的列表",
        ExpectedType::Table => "花括号里的几项内容",
        ExpectedType::Header => "单层方括号的标题行",
        ExpectedType::Entries => "双层方括号的标题行",
    }
}

fn value(found: &FoundValue) -> String {
    match found {
        FoundValue::Text(text) => format!("文字 \"{text}\""),
        FoundValue::Number(number) => format!("数字 {number}"),
        FoundValue::Boolean(yes) => yes.to_string(),
        FoundValue::Time(time) => time.clone(),
        FoundValue::List => "列表".into(),
        FoundValue::Table => "一组内容".into(),
    }
}

fn meant(suggestion: Option<&str>, all: &[&str]) -> String {
    match suggestion {
        Some(name) => format!("是不是想写 {name}？"),
        None => format!("这里可以写：{}。", all.join("、")),
    }
}

/// The character with its code point; only the code point if the character would break the line.
fn character(found: char) -> String {
    let number = code_point(found);
    if found.is_control() || found.is_whitespace() { number } else { format!("{found}（{number}）") }
}
