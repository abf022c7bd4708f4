//! The line `# carnival-version: 7` at the head of a carnival file that was handed out: the version it was made from.
//!
//! It is removed before a file is stored or compared, so that a file that comes back unchanged is the same text.

/// What the line begins with.
const MARK: &str = "# carnival-version:";

/// A carnival file as its author sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedFile {
    /// What its first version line says: a version, or text that is none.
    pub base: Option<Result<u64, String>>,
    /// The file without its version lines.
    pub text: String,
}

impl ReceivedFile {
    /// Separates the version lines from the file. They count only in its head: before the first line that is neither
    /// empty nor a comment.
    #[must_use]
    pub fn parse(received: &str) -> ReceivedFile {
        let (mut base, mut text, mut in_head) = (None, String::with_capacity(received.len()), true);
        for line in received.split_inclusive('\n') {
            let content = line.trim_start_matches('\u{feff}');
            in_head &= content.trim().is_empty() || content.starts_with('#');
            match content.strip_prefix(MARK).filter(|_| in_head) {
                Some(written) => {
                    let written = written.trim();
                    base = base.or_else(|| Some(written.parse().map_err(|_| written.to_owned())));
                    // A byte order mark before the line stays at the start of the file.
                    text.push_str(&line[..line.len() - content.len()]);
                }
                None => text.push_str(line),
            }
        }
        ReceivedFile { base, text }
    }
}

/// The file of a version as it is handed out: with its version in the first line.
#[must_use]
pub fn handed_out(text: &str, version: u64) -> String {
    let (mark, rest) = text.strip_prefix('\u{feff}').map_or(("", text), |rest| ("\u{feff}", rest));
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    format!("{mark}{MARK} {version}{end}{rest}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn received(base: Option<Result<u64, String>>, text: &str) -> ReceivedFile {
        ReceivedFile { base, text: text.to_owned() }
    }

    #[test]
    fn the_line_is_found_in_the_head_only() {
        let of = ReceivedFile::parse;
        assert_eq!(of("# carnival-version: 7\n[carnival]\n"), received(Some(Ok(7)), "[carnival]\n"));
        assert_eq!(of("# ours\n\n# carnival-version:7  \r\na = 1"), received(Some(Ok(7)), "# ours\n\na = 1"));
        assert_eq!(of("a = 1\n# carnival-version: 7\n"), received(None, "a = 1\n# carnival-version: 7\n"));
        assert_eq!(of("# carnival-version: 7\n# carnival-version: 3\n"), received(Some(Ok(7)), ""));
        assert_eq!(of("# carnival-version: new\na = 1"), received(Some(Err("new".to_owned())), "a = 1"));
        assert_eq!(of("\u{feff}# carnival-version: 2\na = 1"), received(Some(Ok(2)), "\u{feff}a = 1"));
        assert_eq!(of(""), received(None, ""));
    }

    #[test]
    fn a_file_for_windows_keeps_its_line_ends() {
        assert_eq!(handed_out("a = 1\r\n", 4), "# carnival-version: 4\r\na = 1\r\n");
    }

    proptest! {
        #![proptest_config(crate::rules::samples::property_config())]
        #[test]
        fn what_was_handed_out_comes_back_unchanged(text in "(\u{feff})?([# a=1\r\n]|\\[x\\]|# carnival-){0,30}", version in 1u64..) {
            prop_assert_eq!(ReceivedFile::parse(&handed_out(&text, version)), received(Some(Ok(version)), &text));
        }
    }
}
