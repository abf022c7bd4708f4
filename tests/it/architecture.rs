//! Guards the map of the house: nobody chooses import circles or a rule that reads the clock, they creep in. This reads the sources and says file, line and what to do.

mod import_cycles;
mod layers;
mod lexer;
mod repository_files;
mod restricted_paths;
mod source_tree;

use repository_files::{read_all, unfinished_work};
use source_tree::SourceTree;

/// The longest source file that can still be read in one go.
const LINES_MAX: usize = 450;

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
fn each_room_names_only_the_crates_that_are_its_own() {
    assert_no_violations(&restricted_paths::find_violations(&tree()));
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    assert_no_violations(&import_cycles::find_cycles(&tree()));
}

#[test]
fn each_file_opens_with_what_it_is_for() {
    let files = ["src", "tests", "benches"].map(|folder| read_all(folder, "rs"));
    let violations: Vec<String> = files
        .iter()
        .flatten()
        .filter(|(_, text)| !text.starts_with("//! "))
        .map(|(path, _)| format!("{path}:1: open the file with `//!` and a sentence of what it is for"))
        .collect();
    assert_no_violations(&violations);
}

#[test]
fn no_source_file_is_too_long_to_be_read() {
    let violations: Vec<String> = read_all("src", "rs")
        .iter()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(path, lines)| {
            format!(
                "{path}:{LINES_MAX}: {lines} lines; split it along what it does, so that each has {LINES_MAX} at most"
            )
        })
        .collect();
    assert_no_violations(&violations);
}

#[test]
fn nothing_is_left_unfinished() {
    let violations: Vec<String> = ["src", "tests", "scripts", ".ci"]
        .iter()
        .flat_map(|folder| read_all(folder, ""))
        .flat_map(|(path, text)| unfinished_work(&path, &text))
        .collect();
    assert_no_violations(&violations);
}
