//! Every sentence for people, in each language. Other layers carry data only, and ask here for its words.
//!
//! A catalogue keeps each sentence on one line, so that two languages can be compared line by line.

/// An item of the folder of a language.
macro_rules! in_language {
    ($lang:expr, $($item:tt)+) => {
        match $lang {
            Lang::Zh => $crate::messages::zh::$($item)+,
            Lang::En => $crate::messages::en::$($item)+,
        }
    };
}

pub mod answers;
mod catalogue;
pub(crate) mod commands;
mod en;
mod format;
pub mod pages;
pub mod point_edits;
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
pub fn messages(lang: Lang) -> Messages {
    Messages(lang)
}

#[cfg(test)]
mod tests;
