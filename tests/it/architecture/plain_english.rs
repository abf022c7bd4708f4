//! Holds comments and documents to plain English: words that slow a newcomer down are refused or bounded.

use super::repository_files::read_all;

/// Words that have a plainer equivalent everywhere; each occurrence is a complaint.
const REFUSED: [(&str, &str); 30] = [
    ("whoever", "name the subject: the client, the caller, the resident"),
    ("whomever", "name the subject: the client, the caller, the resident"),
    ("whatever", "name the thing, or write `any`"),
    ("how-manieth", "position, counted from 1"),
    ("anew", "again, or name what is new"),
    ("afresh", "again"),
    ("thereof", "name the thing"),
    ("therein", "in it"),
    ("thereby", "so"),
    ("wherein", "in which"),
    ("whereby", "by which"),
    ("hence", "so"),
    ("thence", "from there"),
    ("lest", "so that … not"),
    ("naught", "nothing"),
    ("nought", "nothing"),
    ("forthwith", "at once"),
    ("beforehand", "before"),
    ("so many", "give the number or name the setting"),
    ("of old", "earlier"),
    ("for ever", "permanently"),
    ("twice over", "twice"),
    ("what is kept", "the stored record"),
    ("is told", "the answer says, the caller receives"),
    ("are told", "the answer says, callers receive"),
    ("be told", "receive, learn, read"),
    ("she", "the resident, the volunteer; they"),
    ("her", "their"),
    ("hers", "theirs"),
    ("herself", "themselves"),
];

/// Words that are fine now and then, and make a private dialect when every second sentence has one.
const BOUNDED: [&str; 24] = [
    "nobody",
    "somebody",
    "everybody",
    "anybody",
    "meanwhile",
    "as ever",
    "so long as",
    "is said",
    "be said",
    "is asked",
    "are asked",
    "be asked",
    "let go of",
    "gives way",
    "kept waiting",
    "mend",
    "mends",
    "mended",
    "no longer",
    "all the same",
    "at all",
    "by itself",
    "of itself",
    "nothing else",
];

/// How many bounded words 10,000 words may hold. Codebases that are easy to read have fewer than ten.
const MAX_BOUNDED: usize = 15;

/// The prose of one file: each line of comment or document with its number, words in `backticks` left out.
fn prose(path: &str, text: &str) -> Vec<(usize, String)> {
    let extension = path.rsplit_once('.').map(|(_, extension)| extension);
    let is_markdown = extension == Some("md");
    let mut in_code_block = false;
    let line_of = |line: &str| -> Option<String> {
        let trimmed = line.trim_start();
        let comment = |mark: &str| {
            let inline = format!(" {mark} ");
            let own_line = trimmed.strip_prefix(mark).map(str::to_owned);
            own_line.or_else(|| line.split_once(inline.as_str()).map(|(_, comment)| comment.to_owned()))
        };
        match extension {
            Some("rs" | "js") => comment("//"),
            Some("lua") => comment("--"),
            Some("md") => Some(line.to_owned()),
            _ if line.starts_with("#!") => None,
            _ => comment("#"),
        }
    };
    let mut lines = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let is_indented_code = is_markdown && line.starts_with("    ");
        if is_markdown && line.trim_start().starts_with("```") {
            in_code_block = !in_code_block;
        } else if let Some(comment) = line_of(line).filter(|_| !in_code_block && !is_indented_code) {
            let plain: Vec<&str> = comment.split('`').step_by(2).collect();
            lines.push((number, plain.join(" ").to_lowercase()));
        }
    }
    lines
}

/// How often `word` is in `line`, as a whole word.
fn count(line: &str, word: &str) -> usize {
    let part_of_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let is_whole = |at: usize| {
        !part_of_word(line[..at].chars().next_back()) && !part_of_word(line[at + word.len()..].chars().next())
    };
    line.match_indices(word).filter(|(at, _)| is_whole(*at)).count()
}

fn refused(path: &str, text: &str) -> Vec<String> {
    let complaint = |number: usize, (word, remedy): (&str, &str)| format!("{path}:{number}: `{word}`: {remedy}");
    prose(path, text)
        .into_iter()
        .flat_map(|(number, line)| {
            let found = REFUSED.into_iter().filter(move |(word, _)| count(&line, word) > 0);
            found.map(move |found| complaint(number, found)).collect::<Vec<_>>()
        })
        .collect()
}

/// Bounded words and all words of a file.
fn measure(path: &str, text: &str) -> (usize, usize) {
    let lines = prose(path, text);
    let bounded = lines.iter().map(|(_, line)| BOUNDED.iter().map(|word| count(line, word)).sum::<usize>()).sum();
    let is_english = |word: &&str| word.len() > 1 && word.chars().all(|c| c.is_ascii_alphabetic());
    let words = |line: &str| line.split(|c: char| !c.is_alphanumeric()).filter(is_english).count();
    (bounded, lines.iter().map(|(_, line)| words(line)).sum())
}

fn written() -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> =
        ["src", "tests", "benches", "web", "miniprogram"].iter().flat_map(|folder| read_all(folder, "rs")).collect();
    files.extend(read_all("src", "lua"));
    files.extend(read_all("web", "js").into_iter().filter(|(path, _)| !path.starts_with("web/vendor")));
    files.extend(read_all("miniprogram", "js"));
    files.extend(read_all("scripts", "").into_iter().filter(|(path, _)| !path.contains('.')));
    files.extend(read_all("docs", "md"));
    files.extend(super::repository_root::documents());
    files
}

#[test]
fn comments_and_documents_are_plain_english() {
    let files = written();
    let complaints: Vec<String> = files.iter().flat_map(|(path, text)| refused(path, text)).collect();
    super::assert_no_violations(&complaints);
    let counts = files.iter().map(|(path, text)| measure(path, text));
    let (bounded, words) = counts.fold((0, 0), |sum, file| (sum.0 + file.0, sum.1 + file.1));
    assert!(words > 30_000, "only {words} words were read");
    assert!(
        bounded * 10_000 <= MAX_BOUNDED * words,
        "{bounded} of {words} words are among {BOUNDED:?}, more than {MAX_BOUNDED} of 10,000: write plainer sentences"
    );
}

#[test]
fn a_refused_word_is_found_with_its_line_but_not_in_code() {
    // The mark of the inline comment is inserted, so that this line is none.
    let text = format!(
        "let anew = \"whoever\";\n/// Whoever asks.\nlet x = 1; {} lest\n{} `anew` is a name here, and renewal a word.\n",
        "//", "//"
    );
    let complaints = refused("src/a.rs", &text);
    assert_eq!(complaints.len(), 2, "{complaints:?}");
    assert!(complaints[0].starts_with("src/a.rs:2: `whoever`"));
    assert!(complaints[1].starts_with("src/a.rs:3: `lest`"));
    assert_eq!(refused("a.md", "She\n```\nshe\n```\n").len(), 1);
    assert_eq!(refused("scripts/a", "#!/bin/she\necho she # hers\n").len(), 1);
}

#[test]
fn bounded_words_are_counted_against_all_words() {
    assert_eq!(measure("a.md", "Nobody waits, and nobody's `nobody` is not at all slow."), (3, 9));
}
