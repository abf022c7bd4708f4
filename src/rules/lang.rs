//! The languages of all texts for people.

/// The reader's language. The default is Chinese, the language of most visitors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// Simplified Chinese, `zh-CN`.
    #[default]
    Zh,
    /// English, `en`.
    En,
}

impl Lang {
    /// Every language.
    pub const ALL: [Lang; 2] = [Lang::Zh, Lang::En];

    /// The language of what is printed: posters, cards and postcards.
    pub const PRINTED: Lang = Lang::Zh;

    /// The language whose words are ASCII, for names of files that old programs write.
    pub const ASCII: Lang = Lang::En;

    /// The BCP 47 tag, as used in `Content-Language` and `lang=`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Lang::Zh => "zh-CN",
            Lang::En => "en",
        }
    }

    /// The code of the language without a region, `zh` or `en`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Lang::Zh => "zh",
            Lang::En => "en",
        }
    }

    /// Parses a language tag or POSIX locale (`zh-CN`, `en_GB.UTF-8`); `None` for other languages.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Lang> {
        let primary = tag.trim().split(['-', '_', '.']).next()?;
        let is_primary =
            |lang: &Lang| lang.tag().split('-').next().is_some_and(|tag| tag.eq_ignore_ascii_case(primary));
        Lang::ALL.into_iter().find(is_primary)
    }
}
