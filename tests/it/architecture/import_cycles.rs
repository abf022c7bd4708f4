//! No file imports another that, over any number of steps, imports it: else neither can be read, tested or moved alone.
//!
//! A `mod` or a `pub use` is no import: a `mod.rs` that only gathers what its files define stands outside of circles. What is defined in a `mod.rs` itself counts as any other.

use std::collections::{BTreeMap, BTreeSet};

use super::source_tree::{SourceFile, SourceTree};

/// From each file to those that it imports, with the line of the first such import.
type Imports<'a> = BTreeMap<&'a str, BTreeMap<&'a str, usize>>;

/// A complaint for each circle found; a house without any has none, but not all that overlap are listed.
pub(super) fn find_cycles(tree: &SourceTree) -> Vec<String> {
    let imports = tree.files().map(|file| (file.path.as_str(), imports_of(tree, file))).collect();
    let mut done = BTreeSet::new();
    let mut violations = Vec::new();
    for file in tree.files() {
        walk(&imports, &mut vec![&file.path], &mut done, &mut violations);
    }
    violations
}

fn imports_of<'a>(tree: &'a SourceTree, file: &SourceFile) -> BTreeMap<&'a str, usize> {
    let mut imports = BTreeMap::new();
    for path_use in file.path_uses.iter().filter(|path_use| path_use.exported_as.is_none()) {
        let target = tree.resolve(file, path_use).and_then(|path| tree.file_of(&path));
        if let Some(target) = target.filter(|target| target.path != file.path) {
            imports.entry(target.path.as_str()).or_insert(path_use.line);
        }
    }
    imports
}

/// Goes on from the last file of `way`; each file is gone on from once.
fn walk<'a>(imports: &Imports<'a>, way: &mut Vec<&'a str>, done: &mut BTreeSet<&'a str>, violations: &mut Vec<String>) {
    let Some(here) = way.last().copied() else {
        return;
    };
    if !done.insert(here) {
        return;
    }
    for next in imports[here].keys() {
        if let Some(start) = way.iter().position(|file| file == next) {
            violations.push(violation(imports, &way[start..]));
        } else {
            way.push(next);
            walk(imports, way, done, violations);
            way.pop();
        }
    }
}

fn violation(imports: &Imports, cycle: &[&str]) -> String {
    let nexts = cycle.iter().cycle().skip(1);
    let steps = cycle.iter().zip(nexts).map(|(from, to)| format!("{from}:{} imports {to}", imports[from][to]));
    let steps: Vec<String> = steps.collect();
    format!("a circle: {}; move what they share into a file that imports neither", steps.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violations(sources: &[(&str, &str)]) -> Vec<String> {
        let owned = |(path, source): &(&str, &str)| ((*path).to_owned(), (*source).to_owned());
        find_cycles(&SourceTree::new(sources.iter().map(owned).collect()))
    }

    #[test]
    fn a_circle_is_told_with_its_lines() {
        let reported = violations(&[
            ("src/rules/a.rs", "use super::b::B;"),
            ("src/rules/b.rs", "\nuse crate::rules::c;"),
            ("src/rules/c.rs", "fn c() { super::a::a() }"),
        ]);
        assert_eq!(
            reported,
            [
                "a circle: src/rules/a.rs:1 imports src/rules/b.rs, src/rules/b.rs:2 imports src/rules/c.rs, src/rules/c.rs:1 imports src/rules/a.rs; move what they share into a file that imports neither"
            ]
        );
    }

    #[test]
    fn a_parent_that_only_gathers_is_in_no_circle() {
        let parent = "mod a; mod b; pub use a::A; pub use self::b::{B, C as D};";
        let reported = violations(&[
            ("src/rules/mod.rs", parent),
            ("src/rules/a.rs", "use super::B; use super::b;"),
            ("src/rules/b.rs", ""),
        ]);
        assert_eq!(reported, Vec::<String>::new());
    }

    #[test]
    fn re_exports_do_not_hide_a_circle() {
        let reported = violations(&[
            ("src/rules/mod.rs", "mod a; mod b; pub use a::A; pub use b::{B, C as D};"),
            ("src/rules/a.rs", "use crate::rules::D;"),
            ("src/rules/b.rs", "use super::A;"),
        ]);
        assert_eq!(reported.len(), 1, "{reported:?}");
    }

    #[test]
    fn what_the_parent_defines_and_uses_can_close_a_circle() {
        let child = ("src/store/embedded.rs", "use super::Store;");
        let defines = "mod embedded; pub trait Store {} ";
        assert_eq!(violations(&[("src/store/mod.rs", defines), child]).len(), 0);
        let uses = "mod embedded; pub trait Store {} fn open() { embedded::Embedded::open() }";
        assert_eq!(violations(&[("src/store/mod.rs", uses), child]).len(), 1);
    }
}
