//! Finds import cycles between files: files in a cycle cannot be read, tested or moved separately.
//!
//! A `mod` or a `pub use` is not an import, so a `mod.rs` that only declares and re-exports is in no cycle. Items
//! defined in a `mod.rs` count like any others.

use std::collections::{BTreeMap, BTreeSet};

use super::source_tree::{SourceFile, SourceTree};

/// Maps each file to its imports, with the line of the first such import.
type Imports<'a> = BTreeMap<&'a str, BTreeMap<&'a str, usize>>;

/// One violation per cycle found. Not every overlapping cycle is listed.
pub(super) fn find_cycles(tree: &SourceTree) -> Vec<String> {
    let imports = tree.files().map(|file| (file.path.as_str(), imports_of(tree, file))).collect();
    let mut done = BTreeSet::new();
    let mut violations = Vec::new();
    for file in tree.files() {
        search(&imports, &mut vec![&file.path], &mut done, &mut violations);
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

/// Depth-first search from the last file of `trail`; each file is visited once.
fn search<'a>(
    imports: &Imports<'a>,
    trail: &mut Vec<&'a str>,
    done: &mut BTreeSet<&'a str>,
    violations: &mut Vec<String>,
) {
    let Some(here) = trail.last().copied() else {
        return;
    };
    if !done.insert(here) {
        return;
    }
    for next in imports[here].keys() {
        if let Some(start) = trail.iter().position(|file| file == next) {
            violations.push(violation(imports, &trail[start..]));
        } else {
            trail.push(next);
            search(imports, trail, done, violations);
            trail.pop();
        }
    }
}

fn violation(imports: &Imports, cycle: &[&str]) -> String {
    let nexts = cycle.iter().cycle().skip(1);
    let steps = cycle.iter().zip(nexts).map(|(from, to)| format!("{from}:{} imports {to}", imports[from][to]));
    let steps: Vec<String> = steps.collect();
    format!("import cycle: {}; move the shared items into a file that imports neither", steps.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violations(sources: &[(&str, &str)]) -> Vec<String> {
        let owned = |(path, source): &(&str, &str)| ((*path).to_owned(), (*source).to_owned());
        find_cycles(&SourceTree::new(sources.iter().map(owned).collect()))
    }

    #[test]
    fn a_cycle_is_reported_with_its_lines() {
        let reported = violations(&[
            ("src/rules/a.rs", "use super::b::B;"),
            ("src/rules/b.rs", "\nuse crate::rules::c;"),
            ("src/rules/c.rs", "fn c() { super::a::a() }"),
        ]);
        assert_eq!(
            reported,
            [
                "import cycle: src/rules/a.rs:1 imports src/rules/b.rs, src/rules/b.rs:2 imports src/rules/c.rs, src/rules/c.rs:1 imports src/rules/a.rs; move the shared items into a file that imports neither"
            ]
        );
    }

    #[test]
    fn a_parent_that_only_re_exports_is_in_no_cycle() {
        let parent = "mod a; mod b; pub use a::A; pub use self::b::{B, C as D};";
        let reported = violations(&[
            ("src/rules/mod.rs", parent),
            ("src/rules/a.rs", "use super::B; use super::b;"),
            ("src/rules/b.rs", ""),
        ]);
        assert_eq!(reported, Vec::<String>::new());
    }

    #[test]
    fn re_exports_do_not_hide_a_cycle() {
        let reported = violations(&[
            ("src/rules/mod.rs", "mod a; mod b; pub use a::A; pub use b::{B, C as D};"),
            ("src/rules/a.rs", "use crate::rules::D;"),
            ("src/rules/b.rs", "use super::A;"),
        ]);
        assert_eq!(reported.len(), 1, "{reported:?}");
    }

    #[test]
    fn a_parents_own_items_can_close_a_cycle() {
        let child = ("src/store/embedded.rs", "use super::Store;");
        let defines = "mod embedded; pub trait Store {} ";
        assert_eq!(violations(&[("src/store/mod.rs", defines), child]).len(), 0);
        let uses = "mod embedded; pub trait Store {} fn open() { embedded::Embedded::open() }";
        assert_eq!(violations(&[("src/store/mod.rs", uses), child]).len(), 1);
    }
}
