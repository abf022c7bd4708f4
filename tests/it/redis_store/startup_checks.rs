//! Checks at startup: a Redis that may lose records, or records in another format, must be reported; passwords must not
//! be printed.

use carnival::actions::store_problems::redis_open_error;
use carnival::rules::lang::Lang;
use carnival::store::redis::{ConfigWarning, OpenError, RedisStore, Settings};

use super::{open_store, single};
use crate::servers::child_process::free_port;
use crate::servers::redis_server::RedisServer;

async fn refused(settings: &Settings) -> OpenError {
    RedisStore::open(settings).await.map(|(_, warnings)| warnings).unwrap_err()
}

async fn warnings_of(arguments: &[&str]) -> Vec<ConfigWarning> {
    let server = RedisServer::start_with(arguments);
    RedisStore::open(&single(&server)).await.unwrap().1
}

#[tokio::test]
async fn the_shipped_configuration_has_no_warnings() {
    let start_shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/config/redis.conf");
    let settings: Vec<String> = std::fs::read_to_string(start_shipped)
        .unwrap()
        .lines()
        .filter(|line| !line.starts_with('#') && !line.starts_with("bind") && !line.is_empty())
        .flat_map(|line| {
            let (name, value) = line.split_once(' ').unwrap();
            [format!("--{name}"), value.trim_matches('"').to_owned()]
        })
        .collect();
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    assert_eq!(warnings_of(&settings).await, []);
}

#[tokio::test]
async fn configurations_that_may_lose_records_are_reported() {
    assert_eq!(warnings_of(&["--appendfsync", "everysec"]).await, [ConfigWarning::SyncEverySecond]);
    assert_eq!(warnings_of(&["--appendfsync", "no"]).await, [ConfigWarning::SyncByOs]);
    assert_eq!(warnings_of(&["--appendonly", "no"]).await, [ConfigWarning::AofDisabled]);
    assert_eq!(warnings_of(&["--no-appendfsync-on-rewrite", "yes"]).await, [ConfigWarning::NoSyncOnRewrite]);
    assert_eq!(warnings_of(&["--aof-load-truncated", "yes"]).await, [ConfigWarning::LoadsTornLog]);
}

#[tokio::test]
async fn an_unreadable_configuration_is_reported() {
    let server = RedisServer::start();
    server.command(&["ACL", "SETUSER", "ana", "on", ">s3cret", "~*", "+@all", "-config"]);
    let settings = Settings { urls: vec![server.url().replace("://", "://ana:s3cret@")], ..single(&server) };
    let (store, warnings) = RedisStore::open(&settings).await.unwrap();
    assert_eq!(warnings, [ConfigWarning::SettingsHidden]);
    assert!(!format!("{store:?} {settings:?}").contains("s3cret"));
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_not_printed() {
    let server = RedisServer::start();
    server.command(&["CONFIG", "SET", "requirepass", "other"]);
    let settings = Settings { urls: vec![server.url().replace("://", "://:s3cret@")], ..single(&server) };
    let error = refused(&settings).await;
    assert!(matches!(error, OpenError::Unavailable(_)), "{error}");
    assert!(!format!("{error} {error:?} {}", redis_open_error(&error, Lang::Zh)).contains("s3cret"));
    let settings = Settings { urls: vec!["redis://:s3cret@[".to_owned()], ..settings };
    let error = refused(&settings).await;
    assert!(matches!(error, OpenError::Settings(_)), "{error}");
    assert!(!format!("{error:?}").contains("s3cret"));
}

#[tokio::test]
async fn an_evicting_policy_is_refused() {
    let server = RedisServer::start_with(&["--maxmemory-policy", "allkeys-lru"]);
    assert_eq!(refused(&single(&server)).await, OpenError::EvictionEnabled { policy: "allkeys-lru".to_owned() });
}

#[tokio::test]
async fn another_number_of_shards_is_refused() {
    let server = RedisServer::start();
    open_store(&single(&server)).await;
    let error = refused(&Settings { shards: 9, ..single(&server) }).await;
    assert_eq!(error, OpenError::ShardMismatch { stored: 8, configured: 9 });
    open_store(&Settings { shards: 9, prefix: "another".to_owned(), ..single(&server) }).await;
}

#[tokio::test]
async fn another_format_is_refused() {
    let server = RedisServer::start();
    open_store(&single(&server)).await;
    server.command(&["HSET", "{carnival:control}:meta", "format", "9"]);
    assert_eq!(refused(&single(&server)).await, OpenError::UnknownFormat("9".to_owned()));
}

#[tokio::test]
async fn a_cluster_and_a_single_server_are_not_confused() {
    let server = RedisServer::start();
    let error = refused(&Settings { cluster: true, ..single(&server) }).await;
    assert_eq!(error, OpenError::WrongServerKind { cluster: false });
    // The default cluster port, 10,000 above, may be in use.
    let bus = free_port().to_string();
    let node = RedisServer::start_with(&["--cluster-enabled", "yes", "--cluster-port", &bus]);
    assert_eq!(refused(&single(&node)).await, OpenError::WrongServerKind { cluster: true });
}

#[tokio::test]
async fn an_unreachable_redis_is_reported() {
    let server = RedisServer::start();
    let settings = single(&server);
    drop(server);
    assert!(matches!(refused(&settings).await, OpenError::Unavailable(_)));
}

#[tokio::test]
async fn invalid_settings_are_reported() {
    for settings in [
        Settings { urls: vec![], ..Settings::default() },
        Settings { prefix: "{a}".to_owned(), ..Settings::default() },
        Settings { shards: 0, ..Settings::default() },
        Settings { timeout_ms: 0, ..Settings::default() },
        Settings { urls: vec!["127.0.0.1:6379".to_owned()], ..Settings::default() },
    ] {
        assert!(matches!(refused(&settings).await, OpenError::Settings(_)), "{settings:?}");
    }
}
