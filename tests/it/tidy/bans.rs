//! What may be named in which room: who touches the network, the disk, the clock and chance is known.

use super::source::{File, House, Mention};

/// Something that only some rooms may name.
struct Ban {
    /// The beginning of a path from another crate, or (without a crate) the end of one, such as `Timestamp::now`.
    path: &'static [&'static str],
    rooms: Rooms,
    remedy: &'static str,
}

enum Rooms {
    /// Everywhere but here.
    AllBut(&'static str),
    /// Only here.
    In(&'static str),
}

const PURE: &str = "rules are pure: take the value as an argument";
const HTTP: &str = "only `http` knows actix: let it call you";
const STORE: &str = "only `store` knows how things are kept: add to its contract";
const WECHAT: &str = "only what WeChat prescribes needs it: nothing of ours rests on it";
const TOKENS: &str = "only `tokens` signs and verifies: ask it";

const BANS: [Ban; 30] = [
    ban(&["actix_web"], Rooms::AllBut("http"), HTTP),
    ban(&["actix_http"], Rooms::AllBut("http"), HTTP),
    ban(&["actix_rt"], Rooms::AllBut("http"), HTTP),
    ban(&["utoipa_actix_web"], Rooms::AllBut("http"), HTTP),
    ban(&["redis"], Rooms::AllBut("store"), STORE),
    ban(&["redb"], Rooms::AllBut("store"), STORE),
    ban(&["jsonwebtoken"], Rooms::AllBut("tokens"), TOKENS),
    ban(&["hmac"], Rooms::AllBut("tokens"), TOKENS),
    ban(&["metrics_exporter_prometheus"], Rooms::AllBut("http"), "only `http` serves: measure with `metrics`"),
    ban(&["aes"], Rooms::AllBut("wechat"), WECHAT),
    ban(&["cbc"], Rooms::AllBut("wechat"), WECHAT),
    ban(&["sha1"], Rooms::AllBut("wechat"), WECHAT),
    ban(&["quick_xml"], Rooms::AllBut("wechat"), WECHAT),
    ban(&["metrics"], Rooms::In("rules"), PURE),
    ban(&["reqwest"], Rooms::In("rules"), PURE),
    ban(&["rustls"], Rooms::In("rules"), PURE),
    ban(&["tokio"], Rooms::In("rules"), PURE),
    ban(&["futures_util"], Rooms::In("rules"), PURE),
    ban(&["async_trait"], Rooms::In("rules"), PURE),
    ban(&["getrandom"], Rooms::In("rules"), PURE),
    ban(&["std", "fs"], Rooms::In("rules"), PURE),
    ban(&["std", "net"], Rooms::In("rules"), PURE),
    ban(&["std", "env"], Rooms::In("rules"), PURE),
    ban(&["std", "process"], Rooms::In("rules"), PURE),
    ban(&["std", "thread"], Rooms::In("rules"), PURE),
    ban(&["SystemTime"], Rooms::In("rules"), PURE),
    ban(&["Instant"], Rooms::In("rules"), PURE),
    ban(&["Timestamp", "now"], Rooms::In("rules"), PURE),
    ban(&["Zoned", "now"], Rooms::In("rules"), PURE),
    ban(&["TimeZone", "system"], Rooms::In("rules"), PURE),
];

const fn ban(path: &'static [&'static str], rooms: Rooms, remedy: &'static str) -> Ban {
    Ban { path, rooms, remedy }
}

impl Ban {
    fn applies_in(&self, room: &str) -> bool {
        match self.rooms {
            Rooms::AllBut(allowed) => room != allowed,
            Rooms::In(forbidden) => room == forbidden,
        }
    }

    fn is_broken_by(&self, path: &[String]) -> bool {
        let is_type = self.path[0].starts_with(char::is_uppercase);
        let ends = path.len().saturating_sub(self.path.len());
        // A type can come from anywhere; a crate is the first word only, so that our own `store::redis` is not meant.
        let starts = if is_type { 0..=ends } else { 0..=0 };
        starts
            .into_iter()
            .any(|start| path[start..].iter().zip(self.path).filter(|(a, b)| a == *b).count() == self.path.len())
    }
}

/// A complaint for each name in a room where it does not belong.
pub(super) fn broken(house: &House) -> Vec<String> {
    house.files().flat_map(|file| broken_in(house, file)).collect()
}

fn broken_in(house: &House, file: &File) -> Vec<String> {
    let room = file.module.first().map_or("", String::as_str);
    let foreign = |mention: &&Mention| house.resolve(file, mention).is_none();
    let mut complaints: Vec<String> = Vec::new();
    for mention in file.mentions.iter().filter(foreign) {
        let broken = BANS.iter().filter(|ban| ban.applies_in(room) && ban.is_broken_by(&mention.path));
        complaints.extend(broken.map(|ban| {
            let named = mention.path.join("::");
            format!("{}:{}: `{room}` must not name `{named}`; {}", file.path, mention.line, ban.remedy)
        }));
    }
    if let (Some(line), "rules") = (file.first_async, room) {
        complaints.push(format!("{}:{line}: `rules` must not be async; {PURE}", file.path));
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(path: &str, source: &str) -> usize {
        let sources = [(path, source), ("src/store/redis.rs", "")];
        let sources = sources.map(|(path, source)| (path.to_owned(), source.to_owned()));
        broken(&House::new(sources.into())).len()
    }

    #[test]
    fn rules_know_no_clock_no_chance_and_no_outside() {
        for source in [
            "use std::{fs, fmt};",
            "use std::time::SystemTime;",
            "fn a() { std::time::Instant::now(); }",
            "fn a() { Timestamp::now(); }",
            "fn a() -> Zoned { jiff::Zoned::now() }",
            "use std::net::IpAddr;",
            "use tokio::sync::Mutex;",
            "fn a() { getrandom::fill(&mut []); }",
            "async fn a() {}",
            "use redb as db;",
        ] {
            assert_eq!(complaints("src/rules/a.rs", source), 1, "{source}");
        }
    }

    #[test]
    fn rules_know_time_as_a_value() {
        let source = "use jiff::{Timestamp, Zoned};\nuse std::time::Duration;\nfn a(now: Timestamp) { Timestamp::from_second(1); }";
        assert_eq!(complaints("src/rules/a.rs", source), 0);
    }

    #[test]
    fn only_http_names_actix() {
        let source = "#[actix_web::main]\nasync fn main() {}";
        assert_eq!(complaints("src/main.rs", source), 1);
        assert_eq!(complaints("src/config.rs", source), 1);
        assert_eq!(complaints("src/http/mod.rs", source), 0);
    }

    #[test]
    fn only_the_store_names_databases() {
        assert_eq!(complaints("src/actions/mod.rs", "use redis::Script;"), 1);
        assert_eq!(complaints("src/store/embedded.rs", "use redb::Database;"), 0);
        assert_eq!(complaints("src/store/mod.rs", "use redis::Redis;"), 0, "our own file");
    }

    #[test]
    fn only_tokens_sign() {
        assert_eq!(complaints("src/http/auth.rs", "use jsonwebtoken::decode;"), 1);
        assert_eq!(complaints("src/actions/a.rs", "use hmac::{Hmac, Mac};"), 2);
        assert_eq!(complaints("src/tokens/mod.rs", "use hmac::Hmac;"), 0);
    }
}
