//! The greeting on a postcard.

use unicode_properties::UnicodeEmoji;
use unicode_segmentation::UnicodeSegmentation;

use crate::rules::refusals::{PrintRefusal, Refusal};
use crate::rules::visible_text::is_hidden;

/// A greeting that fits on a postcard: at most 60 characters in at most four lines, without emoji and invisible
/// characters.
///
/// Whether the fonts have its characters is checked elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Greeting(String);

impl Greeting {
    /// Maximum length in grapheme clusters (characters as readers count them).
    pub const MAX_CHARS: usize = 60;

    /// Maximum number of lines that the author may write; the layout wraps further.
    pub const MAX_LINES: usize = 4;

    /// Parses user input. Spaces around the text and at the ends of lines are removed; an empty text is `None`.
    ///
    /// # Errors
    /// A refusal that says what does not fit; for an emoji, which one.
    pub fn parse(text: &str) -> Result<Option<Greeting>, Refusal> {
        let lines: Vec<&str> = text.trim().lines().map(str::trim).collect();
        let text = lines.join("\n");
        if let Some(emoji) = text.graphemes(true).find(|cluster| is_emoji(cluster)) {
            return Err(PrintRefusal::GreetingEmoji { found: emoji.to_owned() }.into());
        }
        if let Some(found) = text.chars().find(|c| *c != '\n' && is_hidden(*c)) {
            return Err(PrintRefusal::CannotBePrinted { found }.into());
        }
        let length = text.graphemes(true).filter(|cluster| *cluster != "\n").count();
        if length > Greeting::MAX_CHARS {
            return Err(PrintRefusal::GreetingTooLong { length, most: Greeting::MAX_CHARS }.into());
        }
        if lines.len() > Greeting::MAX_LINES {
            return Err(PrintRefusal::GreetingLines { lines: lines.len(), most: Greeting::MAX_LINES }.into());
        }
        Ok(Some(Greeting(text)).filter(|greeting| !greeting.0.is_empty()))
    }

    /// The text, with `\n` between lines.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a grapheme cluster is an emoji. Digits and `#` have the emoji property too, so they count only together with
/// a variation selector or a keycap.
fn is_emoji(cluster: &str) -> bool {
    let mut characters = cluster.chars();
    let pictured = |c: char| {
        c.is_emoji_char()
            && !c.is_ascii()
            && !matches!(c, '©' | '®' | '™' | '‼' | '⁉' | '〰' | '〽' | '㊗' | '㊙' | '↔'..='↪')
    };
    characters.any(|c| pictured(c) || matches!(c, '\u{fe0f}' | '\u{20e3}' | '\u{1f1e6}'..='\u{1f1ff}'))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<String>, Refusal> {
        Greeting::parse(text).map(|greeting| greeting.map(|greeting| greeting.as_str().to_owned()))
    }

    #[test]
    fn a_greeting_is_trimmed_and_otherwise_unchanged() {
        assert_eq!(
            read("  妈妈，我们一起走完了！ \r\n 下次再来。 "),
            Ok(Some("妈妈，我们一起走完了！\n下次再来。".to_owned()))
        );
        assert_eq!(read("Dear Zoé, 100% ☆ © ™"), Ok(Some("Dear Zoé, 100% ☆ © ™".to_owned())));
        assert_eq!(read(" \n "), Ok(None));
    }

    #[test]
    fn sixty_grapheme_clusters_fit() {
        assert!(read(&"好".repeat(60)).unwrap().is_some());
        assert_eq!(read(&"好".repeat(61)), Err(PrintRefusal::GreetingTooLong { length: 61, most: 60 }.into()));
        assert!(read(&"e\u{301}".repeat(60)).unwrap().is_some(), "a letter with an accent is one");
        assert!(read("一\n二\n三\n四").unwrap().is_some());
        assert_eq!(read("一\n二\n三\n四\n五"), Err(PrintRefusal::GreetingLines { lines: 5, most: 4 }.into()));
    }

    #[test]
    fn an_emoji_is_refused_and_named_in_full() {
        for emoji in ["😀", "👨‍👩‍👧", "❤️", "🇨🇳", "1️⃣", "☂️", "👍🏽"] {
            assert_eq!(
                read(&format!("好{emoji}呀")),
                Err(PrintRefusal::GreetingEmoji { found: emoji.to_owned() }.into()),
                "{emoji}"
            );
        }
    }

    #[test]
    fn invisible_characters_are_refused() {
        for found in ['\u{7}', '\t', '\u{202e}', '\u{200b}', '\u{e001}'] {
            assert_eq!(read(&format!("好{found}呀")), Err(PrintRefusal::CannotBePrinted { found }.into()), "{found:?}");
        }
    }
}
