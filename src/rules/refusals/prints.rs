//! Refusals of greetings, posters and cards.

use super::kind::refusals;
use super::sample_values::point;

refusals! {
    /// The text or the poster cannot be printed.
    PrintRefusal {
        /// The greeting has too many characters.
        GreetingTooLong {
            /// Its length.
            length: usize = 74,
            /// The maximum length.
            most: usize = 60,
        } => Unsuitable,
        /// The greeting has too many lines.
        GreetingLines {
            /// Its number of lines.
            lines: usize = 6,
            /// The maximum number of lines.
            most: usize = 4,
        } => Unsuitable,
        /// The greeting contains an emoji.
        GreetingEmoji {
            /// The emoji.
            found: String = "😀".to_owned(),
        } => Unsuitable,
        /// A character without a glyph, or an invisible one.
        CannotBePrinted {
            /// The character.
            found: char = '𰻝',
        } => Unsuitable,
        /// The point accepts only the tablet's code and has no poster.
        NoPoster {
            /// The point's name.
            point: String = point(),
        } => Unknown,
        /// No passports are printed at once, or too many.
        PassportCount {
            /// The maximum number.
            most: u32 = 1_000,
        } => Unsuitable,
    }
}
