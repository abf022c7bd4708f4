//! What somebody writes on a postcard.

use unicode_properties::UnicodeEmoji;
use unicode_segmentation::UnicodeSegmentation;

use super::refusal::Refusal;

/// A greeting that fits on a postcard: at most 60 characters in at most four lines, no emoji, nothing that one cannot see.
///
/// Whether there are letters to print it with is not known here.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Greeting(String);

impl Greeting {
    /// The most characters, as people count them.
    pub const MAX_CHARS: usize = 60;

    /// The most lines of its own.
    pub const MAX_LINES: usize = 4;

    /// Reads what somebody typed; spaces around it and at the ends of lines are dropped. Nothing at all is no greeting.
    ///
    /// # Errors
    /// A refusal that says what does not fit; emoji are named.
    pub fn parse(text: &str) -> Result<Option<Greeting>, Refusal> {
        let lines: Vec<&str> = text.trim().lines().map(str::trim).collect();
        let text = lines.join("\n");
        if let Some(emoji) = text.graphemes(true).find(|seen| is_emoji(seen)) {
            return Err(Refusal::GreetingEmoji { found: emoji.to_owned() });
        }
        if let Some(found) = text.chars().find(|c| is_invisible(*c)) {
            return Err(Refusal::CannotBePrinted { found });
        }
        let length = text.graphemes(true).filter(|seen| *seen != "\n").count();
        if length > Greeting::MAX_CHARS {
            return Err(Refusal::GreetingTooLong { length, most: Greeting::MAX_CHARS });
        }
        if lines.len() > Greeting::MAX_LINES {
            return Err(Refusal::GreetingLines { lines: lines.len(), most: Greeting::MAX_LINES });
        }
        Ok(Some(Greeting(text)).filter(|greeting| !greeting.0.is_empty()))
    }

    /// The text, its lines parted by `\n`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether it is a picture in place of a character. Digits and `#` are emoji to Unicode only together with what makes them one.
fn is_emoji(seen: &str) -> bool {
    let mut characters = seen.chars();
    let pictured = |c: char| {
        c.is_emoji_char()
            && !c.is_ascii()
            && !matches!(c, '©' | '®' | '™' | '‼' | '⁉' | '〰' | '〽' | '㊗' | '㊙' | '↔'..='↪')
    };
    characters.any(|c| pictured(c) || matches!(c, '\u{fe0f}' | '\u{20e3}' | '\u{1f1e6}'..='\u{1f1ff}'))
}

/// Controls, marks that turn the direction of reading, and what is reserved for private use: nobody sees what they do.
fn is_invisible(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<String>, Refusal> {
        Greeting::parse(text).map(|greeting| greeting.map(|greeting| greeting.as_str().to_owned()))
    }

    #[test]
    fn a_greeting_is_kept_as_it_was_typed_without_the_spaces_around_it() {
        assert_eq!(
            read("  妈妈，我们一起走完了！ \r\n 下次再来。 "),
            Ok(Some("妈妈，我们一起走完了！\n下次再来。".to_owned()))
        );
        assert_eq!(read("Dear Zoé, 100% ☆ © ™"), Ok(Some("Dear Zoé, 100% ☆ © ™".to_owned())));
        assert_eq!(read(" \n "), Ok(None));
    }

    #[test]
    fn sixty_characters_fit_as_people_count_them() {
        assert!(read(&"好".repeat(60)).unwrap().is_some());
        assert_eq!(read(&"好".repeat(61)), Err(Refusal::GreetingTooLong { length: 61, most: 60 }));
        assert!(read(&"e\u{301}".repeat(60)).unwrap().is_some(), "a letter with an accent is one");
        assert!(read("一\n二\n三\n四").unwrap().is_some());
        assert_eq!(read("一\n二\n三\n四\n五"), Err(Refusal::GreetingLines { lines: 5, most: 4 }));
    }

    #[test]
    fn an_emoji_is_refused_by_name_and_whole() {
        for emoji in ["😀", "👨‍👩‍👧", "❤️", "🇨🇳", "1️⃣", "☂️", "👍🏽"] {
            assert_eq!(
                read(&format!("好{emoji}呀")),
                Err(Refusal::GreetingEmoji { found: emoji.to_owned() }),
                "{emoji}"
            );
        }
    }

    #[test]
    fn what_nobody_sees_is_refused() {
        for found in ['\u{7}', '\t', '\u{202e}', '\u{200b}', '\u{e001}'] {
            assert_eq!(read(&format!("好{found}呀")), Err(Refusal::CannotBePrinted { found }), "{found:?}");
        }
    }
}
