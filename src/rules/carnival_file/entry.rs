//! The entries of a carnival file: their kinds, how many there may be, what they are called towards
//! their writer, and where they stand.

use crate::rules::lang::Lang;

/// A line and the entry it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SourcePosition {
    pub(super) entry: Entry,
    pub(super) line: usize,
}

/// The kinds of entry that a carnival file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EntryKind {
    Route,
    Point,
    Activity,
    Booth,
    Gift,
    DayMark,
}

impl EntryKind {
    /// The word for one of them.
    pub(super) fn noun(self, lang: Lang) -> &'static str {
        match self {
            EntryKind::Route => lang.pick("路线", "route"),
            EntryKind::Point => lang.pick("点位", "point"),
            EntryKind::Activity => lang.pick("活动", "activity"),
            EntryKind::Booth => lang.pick("兑换台", "booth"),
            EntryKind::Gift => lang.pick("礼物", "gift"),
            EntryKind::DayMark => lang.pick("纪念戳", "day mark"),
        }
    }

    /// The line that begins one of them.
    pub(super) fn header(self) -> &'static str {
        match self {
            EntryKind::Route => "[[routes]]",
            EntryKind::Point => "[[points]]",
            EntryKind::Activity => "[[activities]]",
            EntryKind::Booth => "[[booths]]",
            EntryKind::Gift => "[[gifts]]",
            EntryKind::DayMark => "[[day_marks]]",
        }
    }

    /// How many of them a carnival may have. Points and gifts have numbers of fixed length in codes
    /// and vouchers; the others are far beyond what one carnival needs.
    pub(super) fn max_count(self) -> usize {
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

/// An entry of the file, as it is called towards its writer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// The file as a whole.
    File,
    /// `[carnival]`.
    Carnival,
    /// One that says its id, right or wrong.
    Named(EntryKind, String),
    /// One without, by its place among its kind, counted from 1.
    Nth(EntryKind, usize),
}

impl Entry {
    /// How a sentence about it begins; nothing for the file as a whole.
    pub(super) fn label(&self, lang: Lang) -> Option<String> {
        match self {
            Entry::File => None,
            Entry::Carnival => Some("[carnival]".to_owned()),
            Entry::Named(kind, id) => Some(match lang {
                Lang::Zh => format!("{}“{id}”", kind.noun(lang)),
                Lang::En => format!("{} \"{id}\"", kind.noun(lang)),
            }),
            Entry::Nth(kind, nth) => Some(match lang {
                Lang::Zh => format!("第 {nth} 个{}", kind.noun(lang)),
                Lang::En => format!("{} no. {nth} in the file", kind.noun(lang)),
            }),
        }
    }
}

/// What was found, short enough for a sentence and without characters that would break a line.
pub(super) fn excerpt(text: &str) -> String {
    const MAX_CHARS: usize = 40;
    let mut short: String = text.chars().take(MAX_CHARS).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(MAX_CHARS).is_some() {
        short.push('…');
    }
    short
}
