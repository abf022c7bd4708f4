//! Every sentence for people, in each language. Other layers carry data only, and ask here for its words.
//!
//! A catalogue keeps each sentence on one line, so that two languages can be compared line by line.

pub mod answers;
mod catalogue;
mod en;
mod format;
pub mod pages;
pub mod prints;
pub mod reports;
pub mod simulation;
pub mod store_problems;
mod zh;

pub use self::catalogue::{Messages, Texts};
use crate::rules::lang::Lang;

/// The sentences of a language.
#[must_use]
pub fn messages(lang: Lang) -> &'static dyn Messages {
    match lang {
        Lang::Zh => &zh::Chinese,
        Lang::En => &en::English,
    }
}

#[cfg(test)]
mod mistake_tests;
