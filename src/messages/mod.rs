//! Every sentence for people, in each language. Other layers carry data only, and ask here for its words.

mod en;
mod zh;

use crate::rules::lang::Lang;

/// The sentences of one language. A language that lacks one does not compile.
pub trait Messages: Send + Sync {}

/// The sentences of a language.
#[must_use]
pub fn messages(lang: Lang) -> &'static dyn Messages {
    match lang {
        Lang::Zh => &zh::Chinese,
        Lang::En => &en::English,
    }
}
