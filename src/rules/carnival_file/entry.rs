//! The entries of a carnival file: kinds, maximum counts, labels for messages, and source positions.

use crate::rules::lang::Lang;

/// A line and the entry that contains it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SourcePosition {
    pub(super) entry: Entry,
    pub(super) line: usize,
}

/// The kinds of entry.
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
    /// The noun for one entry of this kind.
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

    /// The TOML header of one entry.
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

    /// Maximum number of entries of this kind. Points and gifts are limited by the length of their numbers in codes and
    /// vouchers; the other limits are far beyond the needs of a carnival.
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

/// An entry, as messages refer to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// The file as a whole.
    File,
    /// `[carnival]`.
    Carnival,
    /// An entry with an id, valid or not.
    Named(EntryKind, String),
    /// An entry without an id: its ordinal among its kind, counted from 1.
    Nth(EntryKind, usize),
}

impl Entry {
    /// The prefix of a message about the entry; `None` for the whole file.
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

/// Shortens text from the file for a message and replaces control characters, so that the message stays on one line.
pub(super) fn excerpt(text: &str) -> String {
    const MAX_CHARS: usize = 40;
    let mut short: String = text.chars().take(MAX_CHARS).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(MAX_CHARS).is_some() {
        short.push('…');
    }
    short
}
