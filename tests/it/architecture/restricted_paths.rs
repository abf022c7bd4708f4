//! Restricts which layers may use which crates and types, so that access to the network, disk, clock and randomness
//! stays in known places.

use super::source_tree::{PathUse, SourceFile, SourceTree};

/// A path that only some layers may use.
struct Restriction {
    /// The start of a path from another crate, or (without a crate) the end of one, such as `Timestamp::now`.
    path: &'static [&'static str],
    scope: Scope,
    remedy: &'static str,
}

enum Scope {
    /// Forbidden in every layer except this one.
    AllBut(&'static str),
    /// Forbidden only in this layer.
    In(&'static str),
}

const PURE: &str = "rules are pure: take the value as an argument";
const HTTP: &str = "only `http` uses actix: let it call this code";
const STORE: &str = "only `store` accesses databases: extend its traits";
const WECHAT: &str = "only WeChat's protocol needs it: do not use it elsewhere";
const TOKENS: &str = "only `tokens` signs and verifies: call it";

const RESTRICTIONS: [Restriction; 29] = [
    restriction(&["actix_web"], Scope::AllBut("http"), HTTP),
    restriction(&["actix_http"], Scope::AllBut("http"), HTTP),
    restriction(&["actix_rt"], Scope::AllBut("http"), HTTP),
    restriction(&["redis"], Scope::AllBut("store"), STORE),
    restriction(&["redb"], Scope::AllBut("store"), STORE),
    restriction(&["jsonwebtoken"], Scope::AllBut("tokens"), TOKENS),
    restriction(&["ring", "hmac"], Scope::AllBut("tokens"), TOKENS),
    restriction(
        &["metrics_exporter_prometheus"],
        Scope::AllBut("http"),
        "only `http` serves metrics: record with `metrics`",
    ),
    restriction(&["aes"], Scope::AllBut("wechat"), WECHAT),
    restriction(&["cbc"], Scope::AllBut("wechat"), WECHAT),
    restriction(&["ring", "digest", "SHA1_FOR_LEGACY_USE_ONLY"], Scope::AllBut("wechat"), WECHAT),
    restriction(&["quick_xml"], Scope::AllBut("wechat"), WECHAT),
    restriction(&["metrics"], Scope::In("rules"), PURE),
    restriction(&["reqwest"], Scope::In("rules"), PURE),
    restriction(&["rustls"], Scope::In("rules"), PURE),
    restriction(&["tokio"], Scope::In("rules"), PURE),
    restriction(&["futures_util"], Scope::In("rules"), PURE),
    restriction(&["async_trait"], Scope::In("rules"), PURE),
    restriction(&["ring"], Scope::In("rules"), PURE),
    restriction(&["std", "fs"], Scope::In("rules"), PURE),
    restriction(&["std", "net"], Scope::In("rules"), PURE),
    restriction(&["std", "env"], Scope::In("rules"), PURE),
    restriction(&["std", "process"], Scope::In("rules"), PURE),
    restriction(&["std", "thread"], Scope::In("rules"), PURE),
    restriction(&["SystemTime"], Scope::In("rules"), PURE),
    restriction(&["Instant"], Scope::In("rules"), PURE),
    restriction(&["Timestamp", "now"], Scope::In("rules"), PURE),
    restriction(&["Zoned", "now"], Scope::In("rules"), PURE),
    restriction(&["TimeZone", "system"], Scope::In("rules"), PURE),
];

const fn restriction(path: &'static [&'static str], scope: Scope, remedy: &'static str) -> Restriction {
    Restriction { path, scope, remedy }
}

impl Restriction {
    fn applies_in(&self, layer: &str) -> bool {
        match self.scope {
            Scope::AllBut(allowed) => layer != allowed,
            Scope::In(forbidden) => layer == forbidden,
        }
    }

    fn forbids(&self, path: &[String]) -> bool {
        let is_type = self.path[0].starts_with(char::is_uppercase);
        let ends = path.len().saturating_sub(self.path.len());
        // A type can be imported from anywhere; a crate is the first segment, so that our own `store::redis` does not
        // match.
        let starts = if is_type { 0..=ends } else { 0..=0 };
        starts
            .into_iter()
            .any(|start| path[start..].iter().zip(self.path).filter(|(a, b)| a == *b).count() == self.path.len())
    }
}

/// One violation per use of a path in a layer that must not use it.
pub(super) fn find_violations(tree: &SourceTree) -> Vec<String> {
    tree.files().flat_map(|file| violations_in(tree, file)).collect()
}

fn violations_in(tree: &SourceTree, file: &SourceFile) -> Vec<String> {
    let layer = file.module.first().map_or("", String::as_str);
    let foreign = |path_use: &&PathUse| tree.resolve(file, path_use).is_none();
    let mut violations: Vec<String> = Vec::new();
    for path_use in file.path_uses.iter().filter(foreign) {
        let violated = RESTRICTIONS
            .iter()
            .filter(|restriction| restriction.applies_in(layer) && restriction.forbids(&path_use.path));
        violations.extend(violated.map(|restriction| {
            let named = path_use.path.join("::");
            format!("{}:{}: `{layer}` must not name `{named}`; {}", file.path, path_use.line, restriction.remedy)
        }));
    }
    if let (Some(line), "rules") = (file.first_async, layer) {
        violations.push(format!("{}:{line}: `rules` must not be async; {PURE}", file.path));
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violations(path: &str, source: &str) -> usize {
        let sources = [(path, source), ("src/store/redis.rs", "")];
        let sources = sources.map(|(path, source)| (path.to_owned(), source.to_owned()));
        find_violations(&SourceTree::new(sources.into())).len()
    }

    #[test]
    fn rules_use_no_clock_randomness_or_io() {
        for source in [
            "use std::{fs, fmt};",
            "use std::time::SystemTime;",
            "fn a() { std::time::Instant::now(); }",
            "fn a() { Timestamp::now(); }",
            "fn a() -> Zoned { jiff::Zoned::now() }",
            "use std::net::IpAddr;",
            "use tokio::sync::Mutex;",
            "fn a() { ring::rand::SystemRandom::new(); }",
            "async fn a() {}",
            "use redb as db;",
        ] {
            assert_eq!(violations("src/rules/a.rs", source), 1, "{source}");
        }
    }

    #[test]
    fn rules_may_use_time_as_a_value() {
        let source = "use jiff::{Timestamp, Zoned};\nuse std::time::Duration;\nfn a(now: Timestamp) { Timestamp::from_second(1); }";
        assert_eq!(violations("src/rules/a.rs", source), 0);
    }

    #[test]
    fn only_http_uses_actix() {
        let source = "#[actix_web::main]\nasync fn main() {}";
        assert_eq!(violations("src/main.rs", source), 1);
        assert_eq!(violations("src/config.rs", source), 1);
        assert_eq!(violations("src/http/mod.rs", source), 0);
    }

    #[test]
    fn only_the_store_uses_databases() {
        assert_eq!(violations("src/actions/mod.rs", "use redis::Script;"), 1);
        assert_eq!(violations("src/store/embedded.rs", "use redb::Database;"), 0);
        assert_eq!(violations("src/store/mod.rs", "use redis::Redis;"), 0, "our own file");
    }

    #[test]
    fn only_tokens_sign() {
        assert_eq!(violations("src/http/auth.rs", "use jsonwebtoken::decode;"), 1);
        assert_eq!(violations("src/actions/a.rs", "use ring::hmac::{Key, sign};"), 2);
        assert_eq!(violations("src/tokens/mod.rs", "use ring::hmac::Key;"), 0);
    }
}
