//! Checks the direction of imports between the layers; layers of the same rank must not import each other.

use super::source_tree::SourceTree;

/// The layers, for messages.
const LAYER_ORDER: &str = "cli → config → http → actions → {store, tokens, pictures, wechat} → messages → rules";

/// Each layer with its rank; imports go from lower to higher ranks.
const LAYER_RANKS: [(&str, u8); 11] = [
    ("main", 0),
    ("cli", 1),
    ("config", 2),
    ("http", 3),
    ("actions", 4),
    ("store", 5),
    ("tokens", 5),
    ("pictures", 5),
    ("wechat", 5),
    ("messages", 6),
    ("rules", 7),
];

/// Layers that return data only. Their callers ask for the words.
const WORDLESS_LAYERS: [&str; 3] = ["store", "tokens", "wechat"];

/// Exceptions: from, to, and the reason.
const EXCEPTIONS: [(&str, &str, &str); 0] = [];

fn rank(layer: &str) -> Option<u8> {
    LAYER_RANKS.iter().find(|(name, _)| *name == layer).map(|(_, rank)| *rank)
}

/// One violation per import in the wrong direction, and per file outside the layers.
pub(super) fn find_violations(tree: &SourceTree) -> Vec<String> {
    let mut violations = Vec::new();
    for file in tree.files() {
        // The crate root only declares the layers.
        let Some(from) = file.module.first() else {
            continue;
        };
        let Some(from_rank) = rank(from) else {
            violations.push(format!(
                "{}:1: `{from}` is not a layer ({LAYER_ORDER}); move the file into a layer, or add the layer to this test",
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
            if to == "messages" && WORDLESS_LAYERS.contains(&from.as_str()) {
                violations.push(format!(
                    "{}:{}: `{from}` must not import `messages`; return the data, and let the caller ask for the words",
                    file.path, path_use.line
                ));
            }
            let right = rank(to).is_none_or(|to_rank| to == from || to_rank > from_rank);
            if !right && !allowed {
                violations.push(format!(
                    "{}:{}: `{from}` must not import `{to}` ({}); imports point right along {LAYER_ORDER}: move the shared item to the right, or pass it as an argument",
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
    fn an_import_to_the_right_is_allowed() {
        let none: [String; 0] = [];
        assert_eq!(violations("src/main.rs", "fn main() { carnival::http::run() }"), none);
        assert_eq!(violations("src/cli/serve.rs", "use crate::{http, rules::ids};"), none);
        assert_eq!(violations("src/http/pages.rs", "use super::error::E; use crate::rules::ids::Id;"), none);
        assert_eq!(violations("src/store/redis.rs", "use redis::Script; use crate::rules::ids::Id;"), none);
    }

    #[test]
    fn an_import_to_the_left_is_reported_with_its_line() {
        let reported = violations("src/rules/check_in.rs", "\nuse super::ids::Id;\nuse crate::{rules::ids, store};");
        assert_eq!(reported.len(), 1, "{reported:?}");
        assert!(reported[0].starts_with("src/rules/check_in.rs:3: `rules` must not import `store` (crate::store);"));
    }

    #[test]
    fn an_import_to_the_left_through_super_or_in_code_is_reported() {
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
    fn an_import_between_equal_layers_is_reported() {
        assert_eq!(violations("src/tokens/mod.rs", "use crate::store::Store;").len(), 1);
        assert_eq!(violations("src/wechat.rs", "use crate::pictures::Qr;").len(), 1);
    }

    #[test]
    fn a_layer_that_returns_data_only_may_not_ask_for_words() {
        let source = "use crate::messages::messages;";
        assert_eq!(violations("src/tokens/jwt.rs", source).len(), 1);
        assert_eq!(violations("src/pictures/poster.rs", source).len(), 0);
    }

    #[test]
    fn the_program_has_the_lowest_rank() {
        assert_eq!(violations("src/http/server.rs", "use crate::cli::Arguments;").len(), 1);
        assert_eq!(violations("src/config.rs", "use crate::http::Settings;").len(), 0);
    }

    #[test]
    fn the_program_may_have_more_files() {
        let source = "use crate::http; use crate::cli::arguments::A; use super::serve;";
        assert_eq!(violations("src/cli/serve.rs", source).len(), 0);
    }

    #[test]
    fn an_unknown_layer_is_reported() {
        assert!(violations("src/utils.rs", "")[0].contains("`utils` is not a layer"));
    }
}
