//! Guards the map of the house: nobody chooses import circles or a rule that reads the clock, they creep in. This reads the sources and says file, line and what to do.

mod bans;
mod circles;
mod directions;
mod files;
mod source;
mod tokens;

use files::{lines_with_unfinished_work, read_all};
use source::House;

/// The longest source file that can still be read in one go.
const LINES_MAX: usize = 450;

fn house() -> House {
    House::new(read_all("src", "rs"))
}

fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn the_sources_are_found() {
    let house = house();
    assert!(house.files().any(|file| file.path == "src/lib.rs"));
    assert!(house.files().any(|file| file.path == "src/wechat/mod.rs"));
}

#[test]
fn imports_point_one_way_only() {
    assert_none(&directions::wrong_ways(&house()));
}

#[test]
fn each_room_names_only_the_crates_that_are_its_own() {
    assert_none(&bans::broken(&house()));
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    assert_none(&circles::circles(&house()));
}

#[test]
fn each_file_opens_with_what_it_is_for() {
    let files = ["src", "tests", "benches"].map(|folder| read_all(folder, "rs"));
    let complaints: Vec<String> = files
        .iter()
        .flatten()
        .filter(|(_, text)| !text.starts_with("//! "))
        .map(|(path, _)| format!("{path}:1: open the file with `//!` and a sentence of what it is for"))
        .collect();
    assert_none(&complaints);
}

#[test]
fn no_source_file_is_too_long_to_be_read() {
    let complaints: Vec<String> = read_all("src", "rs")
        .iter()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(path, lines)| {
            format!(
                "{path}:{LINES_MAX}: {lines} lines; split it along what it does, so that each has {LINES_MAX} at most"
            )
        })
        .collect();
    assert_none(&complaints);
}

#[test]
fn nothing_is_left_unfinished() {
    let complaints: Vec<String> = ["src", "tests", "scripts", ".ci"]
        .iter()
        .flat_map(|folder| read_all(folder, ""))
        .flat_map(|(path, text)| lines_with_unfinished_work(&path, &text))
        .collect();
    assert_none(&complaints);
}
