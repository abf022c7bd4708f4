//! What makes a secret too easy to guess. This catches placeholders and what people type by hand;
//! it cannot prove that a text is random.

/// Why a text is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Weakness {
    /// Nothing is there.
    #[error("is empty")]
    Empty,
    /// Less than 32 random bytes can be written with.
    #[error("is too short: {MIN_LENGTH} characters at least, the length of 32 random bytes in base64")]
    TooShort,
    /// A short text again and again.
    #[error("repeats itself")]
    Repeats,
    /// Too few different characters.
    #[error("has too few different characters: {MIN_DISTINCT} at least")]
    TooUniform,
    /// It holds a word or a row of keys that everybody tries.
    #[error("holds a well-known word, such as \"changeme\" or \"password\"")]
    WellKnown,
}

/// The length of 32 bytes in base64 without padding: 256 bits, as RFC 7518, section 3.2, asks of HS256.
const MIN_LENGTH: usize = 43;

/// Random hexadecimal text of 64 digits has fewer than this once in about 10^12.
const MIN_DISTINCT: usize = 10;

/// In lower case. Each is long enough never to be met in random text: at most once in about 10^7.
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

/// Whether a text can be a secret.
pub(super) fn check_strength(text: &str) -> Result<(), Weakness> {
    let lower = text.to_ascii_lowercase();
    if text.is_empty() {
        Err(Weakness::Empty)
    } else if text.len() < MIN_LENGTH {
        Err(Weakness::TooShort)
    } else if repeats(text.as_bytes()) {
        Err(Weakness::Repeats)
    } else if variety(text.as_bytes()) < MIN_DISTINCT {
        Err(Weakness::TooUniform)
    } else if WELL_KNOWN.iter().any(|word| lower.contains(word)) {
        Err(Weakness::WellKnown)
    } else {
        Ok(())
    }
}

/// Whether the text is one shorter text at least twice; one single character is the shortest case.
fn repeats(text: &[u8]) -> bool {
    (1..=text.len() / 2).any(|period| text[period..].iter().eq(&text[..text.len() - period]))
}

fn variety(text: &[u8]) -> usize {
    let mut seen = text.to_vec();
    seen.sort_unstable();
    seen.dedup();
    seen.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_remedies_make_is_accepted() {
        // From `openssl rand -hex 32` and `head -c 32 /dev/urandom | base64`.
        assert_eq!(check_strength("86bef85fa1c4ff97bf7e8eaf4d6ca34e2b0faa0cb7a1c75cfb05e24bdfc9dcdd"), Ok(()));
        assert_eq!(check_strength("r5gKuGFWkTcc1H4zdWdTHDbWxsD6ePr2TE0uNqR0cF0="), Ok(()));
    }

    #[test]
    fn what_people_type_by_hand_is_refused() {
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
