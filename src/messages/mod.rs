//! Every sentence for people, in each language. Other layers carry data only, and ask here for its words.
//!
//! A catalogue keeps each sentence on one line, so that two languages can be compared line by line.

pub mod answers;
mod catalogue;
pub(crate) mod commands;
mod en;
mod format;
pub mod pages;
pub mod prints;
pub mod reports;
mod service_problem;
pub mod simulation;
pub mod store_problems;
mod zh;

pub use self::catalogue::{Messages, Texts};
pub use self::service_problem::ServiceProblem;
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
mod tests;
