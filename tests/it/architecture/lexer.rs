//! A lexer for Rust source: words and punctuation.

/// A word, `::`, or any other single character; comments, string and character literals are omitted.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) line: usize,
}

/// All tokens of a source file, in order.
pub(super) fn tokens(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = source;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        let length = blank_length(rest).unwrap_or_else(|| {
            let text = token_at(rest, first);
            let length = text.len();
            tokens.push(Token { text, line });
            length
        });
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    tokens
}

fn token_at(rest: &str, first: char) -> String {
    if rest.starts_with("::") {
        return "::".to_owned();
    }
    let is_part = |c: char| is_word(c.encode_utf8(&mut [0; 4]));
    let word: String = rest.chars().take_while(|c| is_part(*c)).collect();
    if word.is_empty() { first.to_string() } else { word }
}

/// Whether it is an identifier, a keyword or a number.
pub(super) fn is_word(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_alphanumeric() || c == '_')
}

/// The length of the comment, literal or whitespace at the start of `rest`, if there is one.
fn blank_length(rest: &str) -> Option<usize> {
    let after = |end: &str, from: usize| rest[from..].find(end).map_or(rest.len(), |at| from + at + end.len());
    if rest.starts_with("//") {
        return Some(after("\n", 2));
    }
    if rest.starts_with("/*") {
        return Some(after("*/", 2));
    }
    let space = rest.len() - rest.trim_start().len();
    if space > 0 {
        return Some(space);
    }
    let prefix = ["br", "cr", "b", "c", "r", ""].into_iter().find(|prefix| {
        let quoted = rest.strip_prefix(prefix).unwrap_or_default();
        quoted.trim_start_matches('#').starts_with('"') && (prefix.ends_with('r') || quoted.starts_with('"'))
    });
    if let Some(prefix) = prefix {
        let hashes = rest[prefix.len()..].find('"').unwrap_or_default();
        let from = prefix.len() + hashes + 1;
        return Some(if prefix.ends_with('r') {
            after(&format!("\"{}", "#".repeat(hashes)), from)
        } else {
            from + quoted_length(&rest[from..], '"')
        });
    }
    // Otherwise it is a lifetime.
    let quoted = rest.strip_prefix('\'')?;
    let is_char = quoted.starts_with('\\') || quoted.chars().nth(1) == Some('\'');
    is_char.then(|| 1 + quoted_length(quoted, '\''))
}

/// The length up to and including the closing `quote`.
fn quoted_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}
