//! A code inside of what a camera, a mini-program or a keyboard hands over.

use std::borrow::Cow;

/// No code and no link to one is longer; what is longer is not looked at.
const MAX_LENGTH: usize = 512;

/// The link that a plain camera opens. One prefix serves all kinds, because WeChat opens a
/// mini-program from ordinary links by a rule about their prefix.
///
/// # Examples
/// ```
/// # use carnival::tokens::codes::link;
/// assert_eq!(link("https://stamps.example/", "P0123"), "https://stamps.example/q/P0123");
/// ```
#[must_use]
pub fn link(public_url: &str, code: &str) -> String {
    format!("{}/q/{code}", public_url.trim_end_matches('/'))
}

/// The code in a text that is a bare code or a link to one. A link may be percent-encoded as a
/// whole: WeChat hands it over to a mini-program's page like that.
#[must_use]
pub fn extract_code(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    if text.len() > MAX_LENGTH {
        return None;
    }
    match decoded(path(text))? {
        Cow::Borrowed(decoded) => Some(Cow::Borrowed(code_in(decoded))),
        Cow::Owned(decoded) => Some(Cow::Owned(code_in(&decoded).to_owned())),
    }
}

fn code_in(text: &str) -> &str {
    let path = path(text);
    path.rsplit_once("/q/").map_or(path, |(_, code)| code.trim_end_matches('/')).trim()
}

/// The text in front of a query or fragment.
fn path(text: &str) -> &str {
    text.split(['?', '#']).next().unwrap_or_default()
}

/// The text with percent-encoding undone once, and in plain ASCII.
fn decoded(text: &str) -> Option<Cow<'_, str>> {
    let decoded = if text.contains('%') { Cow::Owned(percent_decode(text)?) } else { Cow::Borrowed(text) };
    Some(if decoded.is_ascii() { decoded } else { Cow::Owned(decoded.chars().map(to_half_width).collect()) })
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(if byte == b'%' { hex(bytes.next()?)? << 4 | hex(bytes.next()?)? } else { byte });
    }
    String::from_utf8(decoded).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| value.try_into().ok())
}

/// The ASCII form of a full-width character, which Chinese keyboards write: `４７３` is 473.
fn to_half_width(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn extracted(text: &str) -> Option<String> {
        extract_code(text).map(Cow::into_owned)
    }

    #[test]
    fn the_code_is_found_in_whatever_it_came_in() {
        for text in [
            "PABC",
            "  PABC\r\n",
            "https://stamps.example/q/PABC",
            "https://stamps.example/q/PABC/",
            "https://stamps.example/fair/q/PABC?from=poster#top",
            "https://stamps.example/q/PABC?next=/q/DEF&done=100%",
            "https%3A%2F%2Fstamps.example%2Fq%2FPABC",
            "https%3a%2f%2fstamps.example%2fq%2fPABC%3Ffrom%3Dposter%26next%3D%2Fq%2FDEF",
            "/q/PABC",
            "ＰＡＢＣ\u{3000}",
        ] {
            assert_eq!(extracted(text).as_deref(), Some("PABC"), "{text}");
        }
        assert_eq!(extracted("473%20829%20106").as_deref(), Some("473 829 106"));
    }

    #[test]
    fn percent_signs_are_undone_once_and_only_when_sound() {
        assert_eq!(extracted("%2550").as_deref(), Some("%50"));
        for broken in ["%", "%5", "%G0", "%+1", "%FF"] {
            assert_eq!(extracted(broken), None, "{broken}");
        }
    }

    #[test]
    fn what_is_too_long_is_not_looked_at() {
        assert_eq!(extracted(&"P".repeat(512)).map(|code| code.len()), Some(512));
        assert_eq!(extracted(&"P".repeat(513)), None);
    }

    proptest! {
        #![proptest_config(crate::rules::samples::property_config())]

        #[test]
        fn whatever_comes_nothing_breaks(text in "\\PC{0,600}") {
            extracted(&text);
        }
    }
}
