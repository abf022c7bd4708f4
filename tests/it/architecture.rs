//! Enforces the layering rules by reading the sources. Each violation names the file, the line and the remedy.

mod import_cycles;
mod languages;
mod layers;
mod lexer;
mod plain_english;
mod repository_files;
mod repository_root;
mod restricted_paths;
mod source_tree;

use repository_files::{read_all, unfinished_work};
use source_tree::SourceTree;

/// Maximum length of a source file.
const MAX_LINES: usize = 450;

fn tree() -> SourceTree {
    SourceTree::new(read_all("src", "rs"))
}

fn assert_no_violations(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

#[test]
fn the_sources_are_found() {
    let tree = tree();
    assert!(tree.files().any(|file| file.path == "src/lib.rs"));
    assert!(tree.files().any(|file| file.path == "src/wechat/mod.rs"));
}

#[test]
fn imports_point_one_way_only() {
    assert_no_violations(&layers::find_violations(&tree()));
}

#[test]
fn only_the_catalogues_choose_a_language() {
    assert_no_violations(&languages::find_violations(&tree()));
}

#[test]
fn each_layer_uses_only_its_own_crates() {
    assert_no_violations(&restricted_paths::find_violations(&tree()));
}

#[test]
fn files_have_no_import_cycles() {
    assert_no_violations(&import_cycles::find_cycles(&tree()));
}

#[test]
fn each_file_starts_with_a_module_comment() {
    let files = ["src", "tests", "benches"].map(|folder| read_all(folder, "rs"));
    let violations: Vec<String> = files
        .iter()
        .flatten()
        .filter(|(_, text)| !text.starts_with("//! "))
        .map(|(path, _)| format!("{path}:1: start the file with `//!` and a sentence that states its purpose"))
        .collect();
    assert_no_violations(&violations);
}

#[test]
fn no_source_file_exceeds_the_maximum_length() {
    let violations: Vec<String> = read_all("src", "rs")
        .iter()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > MAX_LINES)
        .map(|(path, lines)| {
            format!(
                "{path}:{MAX_LINES}: {lines} lines; split it by responsibility into files of at most {MAX_LINES} lines"
            )
        })
        .collect();
    assert_no_violations(&violations);
}

#[test]
fn the_program_only_calls_the_library() {
    let main = std::fs::read_to_string("src/main.rs").unwrap();
    assert!(main.lines().count() <= 30, "src/main.rs has {} lines; move code into src/cli/", main.lines().count());
}

#[test]
fn no_unfinished_work_is_left() {
    let violations: Vec<String> = ["src", "tests", "scripts", ".ci"]
        .iter()
        .flat_map(|folder| read_all(folder, ""))
        .flat_map(|(path, text)| unfinished_work(&path, &text))
        .collect();
    assert_no_violations(&violations);
}
