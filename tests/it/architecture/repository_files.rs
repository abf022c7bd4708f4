//! Reads the text files of the repository.

use std::fs;
use std::path::Path;

/// Every text file below `folder` with this extension (any, if empty), with its path from the repository root, sorted.
pub(super) fn read_all(folder: &str, extension: &str) -> Vec<(String, String)> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(top, Path::new(folder), &mut files);
    files.retain(|(path, _)| extension.is_empty() || path.ends_with(&format!(".{extension}")));
    files.sort();
    files
}

fn collect(top: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    // A missing folder contains no files.
    let entries = fs::read_dir(top.join(folder)).into_iter().flatten();
    for entry in entries.map(Result::unwrap) {
        let path = folder.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            collect(top, &path, files);
        } else if let Ok(text) = fs::read_to_string(top.join(&path)) {
            files.push((path.to_str().unwrap().to_owned(), text));
        }
    }
}

/// One violation per line of `text` with a marker of unfinished work.
pub(super) fn unfinished_work(path: &str, text: &str) -> Vec<String> {
    // In halves, so that this file does not contain the markers.
    let marks = [["TO", "DO"], ["FIX", "ME"], ["to", "do!"], ["unimpl", "emented!"]];
    let marks = marks.map(|halves| halves.concat());
    let marked = |line: &str| marks.iter().find(|mark| has_word(line, mark)).cloned();
    (1..)
        .zip(text.lines())
        .filter_map(|(number, line)| Some((number, marked(line)?)))
        .map(|(number, mark)| format!("{path}:{number}: `{mark}`: finish it, or remove it and report it"))
        .collect()
}

fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let part_of_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !part_of_word(before) && (word.ends_with('!') || !part_of_word(after))
    })
}

#[test]
fn unfinished_work_is_reported_with_its_line() {
    let halves = ["fn a() {\n    to", "do!()\n} // TO", "DO: b\nlet xTO", "DO = 1;"];
    let violations = unfinished_work("src/a.rs", &halves.concat());
    assert_eq!(violations.len(), 2, "{violations:?}");
    assert!(violations[0].starts_with("src/a.rs:2: "));
    assert!(violations[1].starts_with("src/a.rs:3: "));
}
