//! Mistakes of the carnival file, in English.

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
        entry => format!("{}: {}", label(entry), problem(mistake)),
    }
}

/// The last line of a report.
pub(crate) fn mistake_count(count: usize) -> String {
    match count {
        0 => "No mistakes.".into(),
        1 => "1 mistake.".into(),
        MAX_MISTAKES.. => format!("{count} mistakes or more."),
        _ => format!("{count} mistakes."),
    }
}

#[rustfmt::skip]
fn problem(Mistake { path, example, kind, .. }: &Mistake) -> String {
    match kind {
        Kind::FileTooBig { bytes } => format!("the file has {bytes} bytes; at most {MAX_BYTES} are allowed. Remove what is not needed."),
        Kind::Syntax { message } => format!("this line cannot be read ({message}). Look for a text without quotes, a bracket without its partner, a date not like 2023-04-13, a key written twice."),
        Kind::FullWidth { found, instead } => format!("this is the Chinese mark {found}; write {instead} instead."),
        Kind::UnknownKey { suggestion, known } => format!("\"{path}\" is not a known key here. {}", meant(*suggestion, known)),
        Kind::Missing => format!("{path} is missing. Add it, such as: {example}"),
        Kind::WrongType { found, expected } => format!("{path} is {}; write {} instead, such as: {example}", value(found), expected_type(*expected)),
        Kind::BadId { found } => format!("{path} cannot be \"{found}\". Use 1 to 40 lower-case letters, digits and single hyphens, such as: {example}"),
        Kind::OutOfRange { found, min, max } => format!("{path} is {found}; it must lie between {min} and {max}, such as: {example}"),
        Kind::Swapped => "latitude and longitude are swapped. Exchange them, such as: location = { latitude = 30.67, longitude = 104.12 }".into(),
        Kind::NoSuchChoice { found, suggestion, choices } => format!("{path} cannot be \"{found}\". {}", meant(*suggestion, choices)),
        Kind::EmptyText => format!("{path} is empty. Fill it in, such as: {example}; or remove the line if it is optional."),
        Kind::LongText { length, max } => format!("{path} has {length} characters; at most {max} are allowed. Make it shorter."),
        Kind::LongList { count, max } => format!("{path} has {count} items; at most {max} are allowed. Remove some."),
        Kind::ControlCharacter => format!("{path} contains invisible control characters, such as a tab or a line break. Remove them and type it again."),
        Kind::BadDay { found } => format!("{path} is {}, which is not a date. Write year-month-day, such as: 2023-04-13", value(found)),
        Kind::BadHours { found } => format!("\"{found}\" in {path} is not a span of hours. Write start-end with two digits for the hour, the end after the start, or after midnight until 06:00 at the latest, such as: \"09:00-18:00\", \"18:00-02:00\""),
        Kind::NoTimeZone => "time_zone is missing, so the hours are ambiguous. Add the line: time_zone = \"Asia/Shanghai\"".into(),
        Kind::UnknownTimeZone { found, suggestion } => format!("there is no time zone \"{found}\". {}Everywhere in China, write: time_zone = \"Asia/Shanghai\"", suggestion.as_ref().map_or_else(String::new, |name| format!("Did you mean \"{name}\"? "))),
        Kind::LastBeforeFirst { first, last } => format!("{path} is {last}, before the first day {first}. Write {first} or a later day."),
        Kind::OutsideCarnival { day, days } => format!("{day} in {path} is not a day of the carnival. Write a day from {} to {}.", days.first, days.last),
        Kind::ExtraDayDoubled { day } => format!("{day} in extra_days is listed twice. Remove one."),
        Kind::ExceptionOffRoute { day, route, days } => format!("route \"{route}\" does not run on {day}, a day in exceptions ({} to {}, and its extra_days). Change the day or remove it.", days.first, days.last),
        Kind::ExceptionDoubled { day, first } => format!("{day} appears twice in exceptions, first on line {first}. Merge the two."),
        Kind::HoursOverlap { a, b } => format!("the hours {a} and {b} overlap. Merge the two, or separate them, such as: [\"09:00-12:00\", \"14:00-18:00\"]"),
        Kind::HoursUnordered { a, b } => format!("the hours {b} come after {a} but are earlier. Put them in order: [\"{b}\", \"{a}\"]"),
        Kind::NoHours => format!("{path} has no hours in it. Write when it is open, such as: {example}; or closed = \"the reason\" if it is closed until further notice."),
        Kind::NeverOpen { route } => format!("exceptions close this point on each day of route \"{route}\", so nobody could get its stamp. Leave it open on one, or write closed = \"the reason\"."),
        Kind::DoubledId { id, first } => format!("id = \"{id}\" is already used on line {first}. Choose another one."),
        Kind::DoubledNumber { kind, number, first } => format!("number = {number} is already used on line {first}. Give this {} a number that is free.", noun(*kind)),
        Kind::LeadsNowhere { found, kind, suggestion: Some(suggestion) } => format!("{path} names \"{found}\", but there is no such {}. Did you mean \"{suggestion}\"?", noun(*kind)),
        Kind::LeadsNowhere { found, kind, suggestion: None } => format!("{path} names \"{found}\", but there is no such {}. Write the id of one under {}.", noun(*kind), kind.header()),
        Kind::RouteWithoutPoint { route } => format!("this route has no point. Add a [[points]] with route = \"{route}\" in it, or remove the route."),
        Kind::NoMarket { route } => format!("route \"{route}\" has no market. Add one to that route, such as: market = {{ name = \"时光音乐友邻荟\", venue = \"杉板桥社区\" }}"),
        Kind::VenueUnclear => "it must take place at exactly one place: write point = \"space-1\", or market = \"play\" (the route's id).".into(),
        Kind::TooMany { kind, count } => format!("there are {count} entries under {}; at most {} are allowed. Remove some, or split it into two carnivals.", kind.header(), kind.max_count()),
        Kind::NoneAtAll { kind } => format!("there is no {} at all. Write at least one {}.", noun(*kind), kind.header()),
        Kind::GeofenceWithoutLocation => "there is a geofence but no place to measure from. Add the point's location, such as: location = { latitude = 30.67, longitude = 104.12 }; or remove the geofence.".into(),
        Kind::NoTimes => "times is empty. Write on which day and when, such as: times = [{ day = 2023-04-15, hours = \"10:00-11:30\" }]".into(),
        Kind::NoCodes => "codes is empty, so nobody could check in. Write codes = [\"printed\"] (the poster), or [\"display\"] (the tablet), or both.".into(),
        Kind::DoubledItem { found } => format!("\"{found}\" appears twice in {path}. Remove one."),
        Kind::NeedsUnclear => "needs takes one of four forms: { all_of = \"play\" } (a complete route), { stamps = 3, of = \"play\" } (three stamps of a route), { stamps = 10 } (ten stamps of any routes), { routes = 3 } (three complete routes).".into(),
        Kind::NeedsNothing => format!("{path} is 0, so it would be given without any stamp. Write 1 or more."),
        Kind::MoreThanRoute { route, required, points } => format!("it asks for {required} stamps, but the number of points of route \"{route}\" is {points}, so nobody could earn it. Write {points} or less."),
        Kind::CompleteWithMore { required, points } => format!("complete_with is {required}, but the number of points of this route is {points}, so nobody could complete it. Write {points} or less."),
        Kind::MoreThanCarnival { required, points } => format!("it asks for {required} stamps, but the number of points of the carnival is {points}, so nobody could earn it. Write {points} or less."),
        Kind::MoreRoutes { required, routes } => format!("it asks for {required} complete routes, but the number of routes that can be completed is {routes}, so nobody could earn it. Write {routes} or less."),
        Kind::PickUpTooEarly { last, route, first } => format!("pick_up ends on {last}, but route \"{route}\" only begins on {first}. Make last_day {first} or later."),
        Kind::PickUpBeforeEnough { last, required, available } => format!("pick_up ends on {last}; by then at most {available} are possible and needs asks for {required}, so nobody could earn it. Make last_day later."),
        Kind::NoBooth => "there are gifts but no booth to hand them out. Write at least one [[booths]], such as: id = \"market\" and name = \"集市兑换台\"".into(),
        Kind::BadPath { found, example } => format!("{path} cannot be \"{found}\". Name a picture in the folder artwork next to the carnival file, ending in .svg, .png or .jpg, with only letters, digits, spaces and - _ . in at most {} characters, such as: {example}", ArtworkPath::MAX_CHARS),
        Kind::BadColour { found } => format!("{path} cannot be \"{found}\". Write # and six digits or letters a-f, such as: {example}"),
        Kind::TooLight { colour } => format!("{path} {colour} is too light to be read on paper (its contrast is {}; at least {} is required). Use a darker one, such as: {path} = \"{}\"", tenths(colour.contrast(Colour::PAPER)), Colour::MIN_CONTRAST, colour.darkened()),
        Kind::PlacesTooNear { other, apart_mm } => format!("its place is only {} mm from that of {} (line {}), so that one stamp would cover the other. Put them at least {} mm apart.", tenths(*apart_mm), label(&other.entry), other.line, CardPosition::MIN_DISTANCE_MM),
        Kind::PlacesMissing { points, more } => format!("some of its points have a place on the postcard and others do not: {}. Give all points of the route a place, or none.", listed(points, *more)),
        Kind::NoSuchMark { found, suggestion: Some(suggestion) } => format!("mark cannot be \"{found}\". Did you mean {suggestion}?"),
        Kind::NoSuchMark { found, suggestion: None } => format!("mark cannot be \"{found}\". Write opening, umbrella, star or flag, or a picture of your own, such as: mark = \"artwork/marks/rain.svg\""),
        Kind::DayMarkDoubled { day, first } => format!("{day} already has a mark on line {first}. A day has only one; remove one."),
        Kind::MissingGlyph { found } => format!("no font can print {}, which would appear on posters or postcards. Use another character.", character(*found)),
        Kind::UnusableArtwork { file, because } => format!("{file}: {}", artwork_problem(because)),
    }
}

#[rustfmt::skip]
fn artwork_problem(problem: &ArtworkProblem) -> String {
    match problem {
        ArtworkProblem::NotFound => {
            "there is no such file next to the carnival file. Check its name, or put the picture there.".into()
        }
        ArtworkProblem::Unreadable { cause } => format!("the file cannot be read: {cause}"),
        ArtworkProblem::TooLarge { max_kb } => {
            format!("the file is too large; at most {max_kb} KB are allowed. Export a smaller one.")
        }
        ArtworkProblem::TooManyPixels { width, height } => {
            format!("{width} × {height} pixels are too many; a printed postcard has 1748 × 1240. Make it smaller.")
        }
        ArtworkProblem::NotAnImage => {
            "the file is broken, or does not match its extension. Export it again as .svg, .png or .jpg.".into()
        }
        ArtworkProblem::ActiveContent { what } => {
            format!("it holds {what}. A picture must not run scripts nor refer to other files; remove it, or embed it.")
        }
        ArtworkProblem::MissingFont { family } => format!(
            "it uses the font \"{family}\", which is not available. Convert the text to paths, or use sans-serif."
        ),
        ArtworkProblem::MissingGlyph { found } => {
            format!("no font can print its {}. Convert it to a path, or use another character.", character(*found))
        }
    }
}

fn label(entry: &Entry) -> String {
    match entry {
        Entry::File => String::new(),
        Entry::Carnival => "[carnival]".into(),
        Entry::Named(kind, id) => format!("{} \"{id}\"", noun(*kind)),
        Entry::Nth(kind, nth) => format!("{} no. {nth} in the file", noun(*kind)),
    }
}

fn listed(entries: &[Entry], more: usize) -> String {
    let labels = entries.iter().map(label).collect::<Vec<_>>().join(", ");
    if more == 0 { labels } else { format!("{labels} and {more} more") }
}

fn noun(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Route => "route",
        EntryKind::Point => "point",
        EntryKind::Activity => "activity",
        EntryKind::Booth => "booth",
        EntryKind::Gift => "gift",
        EntryKind::DayMark => "day mark",
    }
}

fn expected_type(expected: ExpectedType) -> &'static str {
    match expected {
        ExpectedType::Text => "a text in quotes",
        ExpectedType::Integer => "a whole number without quotes",
        ExpectedType::Number => "a number without quotes",
        ExpectedType::Boolean => "true or false without quotes",
        ExpectedType::Day => "a date",
        ExpectedType::Hours => "hours in quotes",
        ExpectedType::List => "a list in square brackets",
        ExpectedType::Table => "named values in curly brackets",
        ExpectedType::Header => "a header in single brackets",
        ExpectedType::Entries => "a header in doubled brackets",
    }
}

fn value(found: &FoundValue) -> String {
    match found {
        FoundValue::Text(text) => format!("the text \"{text}\""),
        FoundValue::Number(number) => format!("the number {number}"),
        FoundValue::Boolean(yes) => yes.to_string(),
        FoundValue::Time(time) => time.clone(),
        FoundValue::List => "a list".into(),
        FoundValue::Table => "a table".into(),
    }
}

fn meant(suggestion: Option<&str>, all: &[&str]) -> String {
    match suggestion {
        Some(name) => format!("Did you mean {name}?"),
        None => format!("Valid here: {}.", all.join(", ")),
    }
}

/// The character with its code point; only the code point if the character would break the line.
fn character(found: char) -> String {
    let number = code_point(found);
    if found.is_control() || found.is_whitespace() { number } else { format!("{found} ({number})") }
}
