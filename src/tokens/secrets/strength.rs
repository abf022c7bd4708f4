//! Rejects secrets that are easy to guess: placeholders and typed text. It cannot prove that a text is random.

use std::collections::BTreeSet;

/// Why a text cannot be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Weakness {
    /// The text is empty.
    #[error("is empty")]
    Empty,
    /// The text is shorter than any encoding of 32 random bytes.
    #[error("is too short: {MIN_LENGTH} characters at least, the length of 32 random bytes in base64")]
    TooShort,
    /// The text repeats a shorter text.
    #[error("repeats itself")]
    Repeats,
    /// The text has too few different characters.
    #[error("has too few different characters: {MIN_DISTINCT} at least")]
    TooUniform,
    /// The text contains a common password or keyboard sequence.
    #[error("holds a well-known word, such as \"changeme\" or \"password\"")]
    WellKnown,
}

/// The length of 32 bytes in base64 without padding: 256 bits, as RFC 7518, section 3.2, requires for HS256.
const MIN_LENGTH: usize = 43;

/// The probability that 64 random hexadecimal digits have fewer different characters is about 10^-12.
const MIN_DISTINCT: usize = 10;

/// In lower case. Each is so long that random text contains it with a probability of at most about 10^-7.
const WELL_KNOWN: [&str; 13] = [
    "changeme",
    "change-me",
    "change_me",
    "change me",
    "password",
    "passphrase",
    "secret",
    "example",
    "placeholder",
    "carnival",
    "qwerty",
    "abcdefgh",
    "12345678",
];

/// Checks whether a text can be a secret.
pub(super) fn check_strength(text: &str) -> Result<(), Weakness> {
    let lower = text.to_ascii_lowercase();
    if text.is_empty() {
        Err(Weakness::Empty)
    } else if text.len() < MIN_LENGTH {
        Err(Weakness::TooShort)
    } else if repeats(text.as_bytes()) {
        Err(Weakness::Repeats)
    } else if text.bytes().collect::<BTreeSet<_>>().len() < MIN_DISTINCT {
        Err(Weakness::TooUniform)
    } else if WELL_KNOWN.iter().any(|word| lower.contains(word)) {
        Err(Weakness::WellKnown)
    } else {
        Ok(())
    }
}

/// Whether the text is a shorter text repeated at least twice; the shortest case is one repeated character.
fn repeats(text: &[u8]) -> bool {
    (1..=text.len() / 2).any(|period| text[period..].iter().eq(&text[..text.len() - period]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_of_the_recommended_commands_is_accepted() {
        // From `openssl rand -hex 32` and `head -c 32 /dev/urandom | base64`.
        assert_eq!(check_strength("86bef85fa1c4ff97bf7e8eaf4d6ca34e2b0faa0cb7a1c75cfb05e24bdfc9dcdd"), Ok(()));
        assert_eq!(check_strength("r5gKuGFWkTcc1H4zdWdTHDbWxsD6ePr2TE0uNqR0cF0="), Ok(()));
    }

    #[test]
    fn typed_text_is_rejected() {
        for (text, weakness) in [
            ("", Weakness::Empty),
            ("changeme", Weakness::TooShort),
            ("r5gKuGFWkTcc1H4zdWdTHDbWxsD6ePr2TE0uNqR0cF", Weakness::TooShort),
            ("0000000000000000000000000000000000000000000", Weakness::Repeats),
            ("correct horse correct horse correct horse correct horse", Weakness::Repeats),
            ("aaaaaaaaaaaaaaaaaaaaaaaaaaaabbbbbbbcccdddde", Weakness::TooUniform),
            ("please ChangeMe before you start the carnival, thanks", Weakness::WellKnown),
            ("0123456789abcdef0f1e2d3c4b5a69788796a5b4c3d2e1f0", Weakness::WellKnown),
        ] {
            assert_eq!(check_strength(text), Err(weakness), "{text}");
        }
    }
}
