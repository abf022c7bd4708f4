//! Links that contain a code, and extraction of the code from scanned or typed text.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// Longer than any code or link to one; longer text is rejected without parsing.
const MAX_LENGTH: usize = 512;

/// The link that a camera app opens. All kinds share one prefix, because WeChat maps ordinary links to a mini-program
/// by their prefix.
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

/// Extracts the code from a bare code or a link to one. A link may be percent-encoded as a whole: WeChat passes it to a
/// mini-program's page like that.
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

/// The text before a query or fragment.
fn path(text: &str) -> &str {
    text.split(['?', '#']).next().unwrap_or_default()
}

/// Decodes percent-encoding once and converts full-width characters to ASCII.
fn decoded(text: &str) -> Option<Cow<'_, str>> {
    let is_escape = |rest: &str| rest.as_bytes().get(..2).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
    // The library would leave a broken escape as it is.
    if !text.split('%').skip(1).all(is_escape) {
        return None;
    }
    let decoded = percent_decode_str(text).decode_utf8().ok()?;
    Some(if decoded.is_ascii() { decoded } else { Cow::Owned(decoded.chars().map(to_half_width).collect()) })
}

/// The ASCII form of a full-width character, as Chinese keyboards produce: `４７３` is 473.
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
    fn the_code_is_extracted_from_links_and_bare_text() {
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
    fn valid_percent_encoding_is_decoded_once() {
        assert_eq!(extracted("%2550").as_deref(), Some("%50"));
        for broken in ["%", "%5", "%G0", "%+1", "%FF"] {
            assert_eq!(extracted(broken), None, "{broken}");
        }
    }

    #[test]
    fn overlong_text_is_rejected() {
        assert_eq!(extracted(&"P".repeat(512)).map(|code| code.len()), Some(512));
        assert_eq!(extracted(&"P".repeat(513)), None);
    }

    proptest! {
        #![proptest_config(crate::rules::samples::property_config())]

        #[test]
        fn no_text_panics_the_decoder(text in "\\PC{0,600}") {
            extracted(&text);
        }
    }
}
