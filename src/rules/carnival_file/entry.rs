//! The entries of a carnival file: their kinds, how many there may be, what they are called towards
//! their writer, and where they stand.

use crate::rules::lang::Lang;

/// A line and the entry it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) entry: Entry,
    pub(super) line: usize,
}

/// The kinds of entry that a carnival file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Route,
    Point,
    Activity,
    Booth,
    Gift,
    DayMark,
}

impl Kind {
    /// The word for one of them.
    pub(super) fn word(self, lang: Lang) -> &'static str {
        match self {
            Kind::Route => lang.pick("路线", "route"),
            Kind::Point => lang.pick("点位", "point"),
            Kind::Activity => lang.pick("活动", "activity"),
            Kind::Booth => lang.pick("兑换台", "booth"),
            Kind::Gift => lang.pick("礼物", "gift"),
            Kind::DayMark => lang.pick("纪念戳", "day mark"),
        }
    }

    /// The line that begins one of them.
    pub(super) fn header(self) -> &'static str {
        match self {
            Kind::Route => "[[routes]]",
            Kind::Point => "[[points]]",
            Kind::Activity => "[[activities]]",
            Kind::Booth => "[[booths]]",
            Kind::Gift => "[[gifts]]",
            Kind::DayMark => "[[day_marks]]",
        }
    }

    /// How many of them a carnival may have. Points and gifts have numbers of fixed length in codes
    /// and vouchers; the others are far beyond what one carnival needs.
    pub(super) fn most(self) -> usize {
        match self {
            Kind::Route => 64,
            Kind::Point => 511,
            Kind::Activity => 500,
            Kind::Booth => 200,
            Kind::Gift => 99,
            Kind::DayMark => 60,
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
    Named(Kind, String),
    /// One without, by its place among its kind, counted from 1.
    Nth(Kind, usize),
}

impl Entry {
    /// How a sentence about it begins; nothing for the file as a whole.
    pub(super) fn say(&self, lang: Lang) -> Option<String> {
        match self {
            Entry::File => None,
            Entry::Carnival => Some("[carnival]".to_owned()),
            Entry::Named(kind, id) => Some(match lang {
                Lang::Zh => format!("{}“{id}”", kind.word(lang)),
                Lang::En => format!("{} \"{id}\"", kind.word(lang)),
            }),
            Entry::Nth(kind, nth) => Some(match lang {
                Lang::Zh => format!("第 {nth} 个{}", kind.word(lang)),
                Lang::En => format!("{} no. {nth} in the file", kind.word(lang)),
            }),
        }
    }
}

/// What was found, short enough for a sentence and without characters that would break a line.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut short: String = text.chars().take(LONGEST).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}
