//! The mistakes of a carnival file: where they are and what is wrong. Their sentences are in `messages`.

use jiff::civil::Date;
use toml::de::DeValue;

use crate::rules::carnival::DateRange;
use crate::rules::carnival::design::{ArtworkPath, Colour};
use crate::rules::carnival::hours::TimeRange;

/// Maximum size of a carnival file, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;

/// Maximum number of reported mistakes. A file with more is not a carnival file.
pub const MAX_MISTAKES: usize = 1000;

/// Something in a carnival file that the organiser must correct.
#[derive(Clone, Debug, PartialEq)]
pub struct Mistake {
    pub(crate) position: SourcePosition,
    /// The full key, with its parents: `market.name`. Empty if the entry as a whole is wrong.
    pub(crate) path: String,
    /// A valid line with this key, to copy.
    pub(crate) example: &'static str,
    pub(crate) kind: MistakeKind,
}

impl Mistake {
    /// A mistake of an entry as a whole.
    pub(super) fn of_entry(position: SourcePosition, kind: MistakeKind) -> Mistake {
        Mistake { position, path: String::new(), example: "", kind }
    }

    /// A mistake found by a print check, at this line.
    pub(crate) fn for_print(line: usize, kind: MistakeKind) -> Mistake {
        Mistake::of_entry(SourcePosition { entry: Entry::File, line }, kind)
    }

    /// The line of the key, or of the entry if the key is missing; counted from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.position.line
    }
}

/// A line and the entry that contains it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SourcePosition {
    pub(crate) entry: Entry,
    pub(crate) line: usize,
}

/// An entry, as messages refer to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// The file as a whole.
    File,
    /// `[carnival]`.
    Carnival,
    /// An entry with an id, valid or not.
    Named(EntryKind, String),
    /// An entry without an id: its ordinal among its kind, counted from 1.
    Nth(EntryKind, usize),
}

/// The kinds of entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryKind {
    Route,
    Point,
    Activity,
    Booth,
    Gift,
    DayMark,
}

impl EntryKind {
    /// The key of its list at the top of the file.
    pub(super) fn key(self) -> &'static str {
        self.header().trim_matches(['[', ']'])
    }

    /// The TOML header of one entry.
    pub(crate) fn header(self) -> &'static str {
        match self {
            EntryKind::Route => "[[routes]]",
            EntryKind::Point => "[[points]]",
            EntryKind::Activity => "[[activities]]",
            EntryKind::Booth => "[[booths]]",
            EntryKind::Gift => "[[gifts]]",
            EntryKind::DayMark => "[[day_marks]]",
        }
    }

    /// Maximum number of entries of this kind. Points and gifts are limited by the length of their numbers in codes and
    /// vouchers; the other limits are far beyond the needs of a carnival.
    pub(crate) fn max_count(self) -> usize {
        match self {
            EntryKind::Route => 64,
            EntryKind::Point => 511,
            EntryKind::Activity => 500,
            EntryKind::Booth => 200,
            EntryKind::Gift => 99,
            EntryKind::DayMark => 60,
        }
    }
}

/// What is wrong. `first` is the line of the other use; `more` counts what a list leaves out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum MistakeKind {
    // Format.
    FileTooBig { bytes: usize },
    // Not valid TOML; `message` is the parser's.
    Syntax { message: String },
    // Not valid TOML because of a full-width punctuation mark.
    FullWidth { found: char, instead: char },
    UnknownKey { suggestion: Option<&'static str>, known: Vec<&'static str> },
    Missing,
    WrongType { found: FoundValue, expected: ExpectedType },
    BadId { found: String },
    OutOfRange { found: String, min: i64, max: i64 },
    // Latitude and longitude are swapped.
    Swapped,
    NoSuchChoice { found: String, suggestion: Option<&'static str>, choices: Vec<&'static str> },
    EmptyText,
    LongText { length: usize, max: usize },
    LongList { count: usize, max: usize },
    ControlCharacter,
    BadDay { found: FoundValue },
    BadHours { found: String },
    NoTimeZone,
    UnknownTimeZone { found: String, suggestion: Option<String> },

    // Days and hours.
    LastBeforeFirst { first: Date, last: Date },
    OutsideCarnival { day: Date, days: DateRange },
    // An extra day that is listed twice.
    ExtraDayDoubled { day: Date },
    ExceptionOffRoute { day: Date, route: String, days: DateRange },
    ExceptionDoubled { day: Date, first: usize },
    HoursOverlap { a: TimeRange, b: TimeRange },
    HoursUnordered { a: TimeRange, b: TimeRange },
    NoHours,
    // Exceptions close the point on every day of its route.
    NeverOpen { route: String },

    // Ids, numbers and references.
    DoubledId { id: String, first: usize },
    DoubledNumber { kind: EntryKind, number: String, first: usize },
    LeadsNowhere { found: String, kind: EntryKind, suggestion: Option<String> },
    RouteWithoutPoint { route: String },
    // An activity at the market of a route without a market.
    NoMarket { route: String },
    // Not exactly one of `point` and `market`.
    VenueUnclear,
    TooMany { kind: EntryKind, count: usize },
    NoneAtAll { kind: EntryKind },
    GeofenceWithoutLocation,
    NoTimes,
    NoCodes,
    DoubledItem { found: String },

    // Gifts that nobody could earn or pick up.
    // `needs` has none of its four forms.
    NeedsUnclear,
    NeedsNothing,
    MoreThanRoute { route: String, required: u16, points: u16 },
    // `complete_with` of a route exceeds its number of points.
    CompleteWithMore { required: u16, points: usize },
    MoreThanCarnival { required: u16, points: u16 },
    MoreRoutes { required: u16, routes: u16 },
    PickUpTooEarly { last: Date, route: String, first: Date },
    // Too few stamps or complete routes are possible by the last day of pick-up.
    PickUpBeforeEnough { last: Date, required: u16, available: u16 },
    NoBooth,

    // Design.
    BadPath { found: String, example: &'static str },
    BadColour { found: String },
    // An ink with too little contrast to the paper.
    TooLight { colour: Colour },
    // Two stamps of a route overlap.
    PlacesTooNear { other: SourcePosition, apart_mm: f64 },
    // Only some points of a route have a position on its postcard; `points` lists those without.
    PlacesMissing { points: Vec<Entry>, more: usize },
    NoSuchMark { found: String, suggestion: Option<String> },
    DayMarkDoubled { day: Date, first: usize },

    // Found only by rendering.
    // No font has this character of a name.
    MissingGlyph { found: char },
    UnusableArtwork { file: ArtworkPath, because: ArtworkProblem },
}

/// The type that a value must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExpectedType {
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

/// The value that was found instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FoundValue {
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
}

/// Why a file of artwork cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ArtworkProblem {
    NotFound,
    // `cause` is the error of the operating system.
    Unreadable { cause: String },
    TooLarge { max_kb: u64 },
    TooManyPixels { width: u32, height: u32 },
    // The content is broken or does not match the extension.
    NotAnImage,
    // An SVG with scripts or external references; `what` is the forbidden element or attribute.
    ActiveContent { what: String },
    MissingFont { family: String },
    // No font has a character that the picture uses.
    MissingGlyph { found: char },
}

/// Shortens text from the file for a message and replaces control characters, so that the message stays on one line.
pub(super) fn excerpt(text: &str) -> String {
    const MAX_CHARS: usize = 40;
    let mut short: String = text.chars().take(MAX_CHARS).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(MAX_CHARS).is_some() {
        short.push('…');
    }
    short
}
