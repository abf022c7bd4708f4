//! No file imports another that, over any number of steps, imports it: else neither can be read, tested or moved alone.
//!
//! A `mod` or a `pub use` is no import: a `mod.rs` that only gathers what its files define stands outside of circles. What is defined in a `mod.rs` itself counts as any other.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{File, House};

/// From each file to those that it imports, with the line of the first such import.
type Imports<'a> = BTreeMap<&'a str, BTreeMap<&'a str, usize>>;

/// A complaint for each circle found; a house without any has none, but not all that overlap are listed.
pub(super) fn circles(house: &House) -> Vec<String> {
    let imports = house.files().map(|file| (file.path.as_str(), imports_of(house, file))).collect();
    let mut done = BTreeSet::new();
    let mut complaints = Vec::new();
    for file in house.files() {
        walk(&imports, &mut vec![&file.path], &mut done, &mut complaints);
    }
    complaints
}

fn imports_of<'a>(house: &'a House, file: &File) -> BTreeMap<&'a str, usize> {
    let mut imports = BTreeMap::new();
    for mention in file.mentions.iter().filter(|mention| mention.exported_as.is_none()) {
        let target = house.resolve(file, mention).and_then(|path| house.file_of(&path));
        if let Some(target) = target.filter(|target| target.path != file.path) {
            imports.entry(target.path.as_str()).or_insert(mention.line);
        }
    }
    imports
}

/// Goes on from the last file of `way`; each file is gone on from once.
fn walk<'a>(imports: &Imports<'a>, way: &mut Vec<&'a str>, done: &mut BTreeSet<&'a str>, complaints: &mut Vec<String>) {
    let Some(here) = way.last().copied() else {
        return;
    };
    if !done.insert(here) {
        return;
    }
    for next in imports[here].keys() {
        if let Some(start) = way.iter().position(|file| file == next) {
            complaints.push(complaint(imports, &way[start..]));
        } else {
            way.push(next);
            walk(imports, way, done, complaints);
            way.pop();
        }
    }
}

fn complaint(imports: &Imports, circle: &[&str]) -> String {
    let nexts = circle.iter().cycle().skip(1);
    let steps = circle.iter().zip(nexts).map(|(from, to)| format!("{from}:{} imports {to}", imports[from][to]));
    let steps: Vec<String> = steps.collect();
    format!("a circle: {}; move what they share into a file that imports neither", steps.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(sources: &[(&str, &str)]) -> Vec<String> {
        let owned = |(path, source): &(&str, &str)| ((*path).to_owned(), (*source).to_owned());
        circles(&House::new(sources.iter().map(owned).collect()))
    }

    #[test]
    fn a_circle_is_told_with_its_lines() {
        let told = complaints(&[
            ("src/rules/a.rs", "use super::b::B;"),
            ("src/rules/b.rs", "\nuse crate::rules::c;"),
            ("src/rules/c.rs", "fn c() { super::a::a() }"),
        ]);
        assert_eq!(
            told,
            [
                "a circle: src/rules/a.rs:1 imports src/rules/b.rs, src/rules/b.rs:2 imports src/rules/c.rs, src/rules/c.rs:1 imports src/rules/a.rs; move what they share into a file that imports neither"
            ]
        );
    }

    #[test]
    fn a_parent_that_only_gathers_is_in_no_circle() {
        let parent = "mod a; mod b; pub use a::A; pub use self::b::{B, C as D};";
        let told = complaints(&[
            ("src/rules/mod.rs", parent),
            ("src/rules/a.rs", "use super::B; use super::b;"),
            ("src/rules/b.rs", ""),
        ]);
        assert_eq!(told, Vec::<String>::new());
    }

    #[test]
    fn re_exports_do_not_hide_a_circle() {
        let told = complaints(&[
            ("src/rules/mod.rs", "mod a; mod b; pub use a::A; pub use b::{B, C as D};"),
            ("src/rules/a.rs", "use crate::rules::D;"),
            ("src/rules/b.rs", "use super::A;"),
        ]);
        assert_eq!(told.len(), 1, "{told:?}");
    }

    #[test]
    fn what_the_parent_defines_and_uses_can_close_a_circle() {
        let child = ("src/store/embedded.rs", "use super::Store;");
        let defines = "mod embedded; pub trait Store {} ";
        assert_eq!(complaints(&[("src/store/mod.rs", defines), child]).len(), 0);
        let uses = "mod embedded; pub trait Store {} fn open() { embedded::Embedded::open() }";
        assert_eq!(complaints(&[("src/store/mod.rs", uses), child]).len(), 1);
    }
}
