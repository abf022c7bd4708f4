//! Characters that nobody sees, or that change how others are read.

/// Whether a character is hidden: a control character, one that changes the direction of text, one without a shape, or
/// one for private use, which each font draws in its own way.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_marks_and_spaces_are_not_hidden() {
        for c in "王é e\u{301} ·-'1阿☆ᠠئ ".chars() {
            assert!(!is_hidden(c), "{c:?}");
        }
    }

    #[test]
    fn controls_directions_and_blanks_are_hidden() {
        for c in "\u{7}\t\n\u{200b}\u{200d}\u{202e}\u{2066}\u{feff}\u{3164}\u{2800}\u{e001}\u{e0041}".chars() {
            assert!(is_hidden(c), "{c:?}");
        }
    }
}
