//! The name that a staff member goes by.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

use crate::rules::ids::{ParseError, string_conversions, text_id};
use crate::rules::visible_text::is_hidden;

/// Maximum length of a name, in characters as people see them.
pub const MAX_CHARS: usize = 40;

/// Maximum length of a name in bytes, because one visible character may have any number of accents.
const MAX_BYTES: usize = 640;

text_id!(
    /// The name that a staff member types: 1 to 40 characters as people see them, none of them hidden.
    StaffName,
    |text| check(text).map_err(|_| ParseError::new(text, "a name of 1 to 40 visible characters"))
);

/// What is wrong with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameFault {
    /// It has no visible character.
    Empty,
    /// It has a hidden character.
    Hidden(char),
    /// It has this many characters.
    TooLong(usize),
}

fn check(text: &str) -> Result<&str, NameFault> {
    let name = text.trim();
    if let Some(hidden) = name.chars().find(|c| is_hidden(*c)) {
        return Err(NameFault::Hidden(hidden));
    }
    let length = name.graphemes(true).count();
    match length {
        0 => Err(NameFault::Empty),
        _ if length > MAX_CHARS || name.len() > MAX_BYTES => Err(NameFault::TooLong(length)),
        _ => Ok(name),
    }
}

impl StaffName {
    /// Reads a name as a person typed or pasted it: line breaks, tabs and repeated spaces become one space.
    ///
    /// # Errors
    /// An empty or too long name, or one with a hidden character.
    pub fn read(text: &str) -> Result<StaffName, NameFault> {
        let spaced = text.split_whitespace().collect::<Vec<_>>().join(" ");
        match check(&spaced) {
            Ok(name) => Ok(StaffName(name.into())),
            // A name of hidden characters alone looks empty to the person who typed it.
            Err(NameFault::Hidden(_)) if spaced.chars().all(|c| is_hidden(c) || c == ' ') => Err(NameFault::Empty),
            Err(fault) => Err(fault),
        }
    }

    /// The fictitious colleague in practice scenarios.
    pub(crate) fn practice_volunteer(name: &'static str) -> StaffName {
        StaffName(name.into())
    }

    /// The operator at the command line.
    #[must_use]
    pub fn operator() -> StaffName {
        StaffName("command line".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, NameFault> {
        StaffName::read(text).map(|name| name.to_string())
    }

    #[test]
    fn names_as_people_write_them_are_read() {
        assert_eq!(read("  王阿姨 "), Ok("王阿姨".to_owned()));
        assert_eq!(read("王阿姨\n（二组）"), Ok("王阿姨 （二组）".to_owned()), "a line break becomes a space");
        for name in ["Gulnigar Abdurahman Tursun", "王阿姨（杉板桥社区志愿服务队第三小组组长）", "Zoé", "é", "😀"]
        {
            assert_eq!(read(name), Ok(name.to_owned()));
            assert_eq!(name.parse::<StaffName>().map(|name| name.to_string()), Ok(name.to_owned()));
        }
    }

    #[test]
    fn forty_characters_as_people_see_them_fit() {
        for character in ["长", "e\u{301}", "👍🏽"] {
            assert!(read(&character.repeat(40)).is_ok(), "{character}");
            let refused = read(&character.repeat(41));
            assert_eq!(refused, Err(NameFault::TooLong(41)), "{character}");
        }
        let tower = format!("a{}", "\u{301}".repeat(1_000));
        assert!(matches!(read(&tower), Err(NameFault::TooLong(_))));
    }

    #[test]
    fn a_name_that_nobody_sees_is_empty() {
        for name in ["", "   ", "\n", "\u{200b}\u{200b}", "\u{3164}", " \u{2800} \u{202e}"] {
            assert_eq!(read(name), Err(NameFault::Empty), "{name:?}");
        }
    }

    #[test]
    fn hidden_and_reversing_characters_are_named() {
        for (name, found) in [("王\u{202e}阿姨", '\u{202e}'), ("a\u{7}b", '\u{7}'), ("王\u{200b}姨", '\u{200b}')] {
            assert_eq!(read(name), Err(NameFault::Hidden(found)), "{name:?}");
            assert!(name.parse::<StaffName>().is_err());
        }
    }
}
