//! Imports point right along the map, and rooms side by side leave one another alone.

use super::source_tree::SourceTree;

/// The map, for messages.
const MAP: &str = "main → config → http → actions → {store, tokens, pictures, wechat} → rules";

/// Each room and how far right it is.
const LAYERS: [(&str, u8); 9] = [
    ("main", 0),
    ("config", 1),
    ("http", 2),
    ("actions", 3),
    ("store", 4),
    ("tokens", 4),
    ("pictures", 4),
    ("wechat", 4),
    ("rules", 5),
];

/// Imports that are allowed nevertheless: from, to, and why.
const EXCEPTIONS: [(&str, &str, &str); 0] = [];

fn rank(layer: &str) -> Option<u8> {
    LAYERS.iter().find(|(name, _)| *name == layer).map(|(_, rank)| *rank)
}

/// A complaint for each import that points left or sideways, and for each file in no room.
pub(super) fn find_violations(tree: &SourceTree) -> Vec<String> {
    let mut violations = Vec::new();
    for file in tree.files() {
        // The crate's root only declares the rooms.
        let Some(from) = file.module.first() else {
            continue;
        };
        let Some(from_rank) = rank(from) else {
            violations.push(format!(
                "{}:1: `{from}` is no room of the map ({MAP}); move the file into one, or draw it into the map",
                file.path
            ));
            continue;
        };
        for path_use in &file.path_uses {
            let target = tree.resolve(file, path_use);
            let Some(to) = target.as_ref().and_then(|path| path.first()) else {
                continue;
            };
            let allowed = EXCEPTIONS.iter().any(|(a, b, _)| a == from && b == to);
            let right = rank(to).is_none_or(|to_rank| to == from || to_rank > from_rank);
            if !right && !allowed {
                violations.push(format!(
                    "{}:{}: `{from}` must not import `{to}` ({}); imports point right along {MAP}: move what both need to the right, or take it as an argument",
                    file.path, path_use.line, path_use.path.join("::")
                ));
            }
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violations(path: &str, source: &str) -> Vec<String> {
        let others = ["src/lib.rs", "src/http/mod.rs", "src/http/error.rs", "src/store/mod.rs", "src/rules/ids.rs"];
        let mut sources: Vec<_> = others.map(|path| (path.to_owned(), String::new())).into();
        sources.push((path.to_owned(), source.to_owned()));
        find_violations(&SourceTree::new(sources))
    }

    #[test]
    fn right_is_allowed() {
        let none: [String; 0] = [];
        assert_eq!(violations("src/main.rs", "use carnival::{http, rules::ids};"), none);
        assert_eq!(violations("src/http/pages.rs", "use super::error::E; use crate::rules::ids::Id;"), none);
        assert_eq!(violations("src/store/redis.rs", "use redis::Script; use crate::rules::ids::Id;"), none);
    }

    #[test]
    fn left_is_told_with_its_line() {
        let reported = violations("src/rules/check_in.rs", "\nuse super::ids::Id;\nuse crate::{rules::ids, store};");
        assert_eq!(reported.len(), 1, "{reported:?}");
        assert!(reported[0].starts_with("src/rules/check_in.rs:3: `rules` must not import `store` (crate::store);"));
    }

    #[test]
    fn left_through_super_or_in_code_is_told() {
        for source in [
            "use super::super::http::error;",
            "fn a() { crate::http::b() }",
            "pub use crate::config;",
            "mod a { use super::super::super::http; }",
        ] {
            assert_eq!(violations("src/store/keys.rs", source).len(), 1, "{source}");
        }
    }

    #[test]
    fn sideways_is_told() {
        assert_eq!(violations("src/tokens/mod.rs", "use crate::store::Store;").len(), 1);
        assert_eq!(violations("src/wechat.rs", "use crate::pictures::Qr;").len(), 1);
    }

    #[test]
    fn the_program_is_left_of_all() {
        assert_eq!(violations("src/http/server.rs", "use crate::main::Arguments;").len(), 1);
        assert_eq!(violations("src/config.rs", "use crate::http::Settings;").len(), 0);
    }

    #[test]
    fn the_program_may_have_more_files() {
        let source = "use carnival::http; use crate::arguments::A; use super::serve;";
        assert_eq!(violations("src/bin/carnival/serve.rs", source).len(), 0);
    }

    #[test]
    fn a_room_that_nobody_drew_is_told() {
        assert!(violations("src/utils.rs", "")[0].contains("`utils` is no room"));
    }
}
