//! The store in Redis or a Redis Cluster.
//!
//! Every write is one script or one command in one hash slot (see `keys.rs`), so it is one atomic step on one node.
//! Acknowledged writes survive a crash as far as Redis is configured for it; the configuration is audited when the
//! store is opened. `config/redis.conf` is a configuration that keeps all of them.

mod client;
mod cluster;
mod config_audit;
mod connection;
mod control;
mod control_records;
mod counters;
mod erasures;
mod export;
mod gifts;
mod hints;
mod import;
mod passports;
mod purge;
mod reconnecting_connection;
mod reply_values;
mod script;
mod settings;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use ::redis::Cmd;
use futures_util::future::try_join_all;
use tokio::time::timeout;

pub use self::config_audit::{ConfigWarning, OpenError};
pub use self::settings::Settings;

use self::client::{RedisClient, ReplicatedWriters};
use self::connection::Connection;
use super::Result;
use super::keys::Keys;
use crate::rules::statistics::tally::LocalDay;

/// The format of the keys and of their values.
const FORMAT: &str = "3";

/// The field that is present during an import; such a store cannot be opened.
const IMPORTING: &str = "importing";

/// Maximum number of shards, because counters are read shard by shard.
const MAX_SHARDS: u16 = 1024;

/// Maximum number of writes that wait for replicas at the same time.
const MAX_REPLICATED_WRITES: usize = 8;

/// The deadline of opening, as a multiple of the deadline of a call.
const OPEN_TIMEOUT_CALLS: u32 = 5;

/// The store in Redis or a Redis Cluster.
pub struct RedisStore {
    client: RedisClient,
    keys: Keys,
    shards: u16,
    /// The days that this process added to the set of days with counters.
    days: Mutex<BTreeSet<LocalDay>>,
    /// The servers whose log this process is rewriting.
    rewrite: Mutex<Option<Vec<String>>>,
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").field("keys", &self.keys).field("shards", &self.shards).finish_non_exhaustive()
    }
}

impl RedisStore {
    /// Connects, audits the configuration of Redis, and checks that the records have our format.
    ///
    /// # Errors
    /// Redis is unavailable or of another kind than the settings say, it evicts keys, or its records have another
    /// format or another number of shards.
    pub async fn open(settings: &Settings) -> std::result::Result<(RedisStore, Vec<ConfigWarning>), OpenError> {
        validate(settings)?;
        let limit = Duration::from_millis(settings.timeout_ms);
        let opening = timeout(limit * OPEN_TIMEOUT_CALLS, open(settings, limit));
        opening.await.map_err(|_| OpenError::Unavailable("it takes too long".to_owned()))?
    }

    /// Writes format and number of shards at the first start; compares them later.
    async fn check_format(&self) -> std::result::Result<(), OpenError> {
        let key = self.keys.control().key("meta");
        let cmd = Cmd::hmget(&key, &["format", "shards", IMPORTING]);
        let [mut format, mut shards, importing]: [Option<String>; 3] = self.client.read(&cmd).await?;
        if format.is_none() || shards.is_none() {
            self.client.write::<()>(&Cmd::hset_nx(&key, "shards", self.shards)).await?;
            self.client.write::<()>(&Cmd::hset_nx(&key, "format", FORMAT)).await?;
            [format, shards, _] = self.client.read(&cmd).await?;
        }
        let (format, shards) = (format.unwrap_or_default(), shards.unwrap_or_default());
        if format != FORMAT {
            return Err(OpenError::UnknownFormat(format));
        }
        let stored = reply_values::parse("the number of shards", &shards)?;
        if stored != self.shards {
            return Err(OpenError::ShardMismatch { stored, configured: self.shards });
        }
        if importing.is_some() {
            return Err(OpenError::IncompleteImport { prefix: self.keys.prefix().to_owned() });
        }
        Ok(())
    }
}

fn validate(settings: &Settings) -> std::result::Result<(), OpenError> {
    let wrong = |what: &str| Err(OpenError::Settings(what.to_owned()));
    if settings.urls.is_empty() || (!settings.cluster && settings.urls.len() > 1) {
        return wrong("a single Redis needs exactly one URL, a cluster one or more");
    }
    if !Keys::is_valid_prefix(&settings.prefix) {
        return wrong("the prefix must consist of 1 to 64 visible ASCII characters without braces");
    }
    if !(1..=MAX_SHARDS).contains(&settings.shards) {
        return wrong("the number of shards must be between 1 and 1024");
    }
    if !(100..=60_000).contains(&settings.timeout_ms) {
        return wrong("the timeout must be between 100 and 60,000 milliseconds");
    }
    match settings.urls.iter().find(|url| settings::parse_url(url).is_err()) {
        Some(url) => Err(OpenError::Settings(format!("{} is not a Redis URL", settings::redact_url(url)))),
        None => Ok(()),
    }
}

async fn open(
    settings: &Settings,
    limit: Duration,
) -> std::result::Result<(RedisStore, Vec<ConfigWarning>), OpenError> {
    let first = connect_first_available(settings).await?;
    let connection = if settings.cluster { connect(settings).await? } else { first };
    let warnings = config_audit::audit(&connection, settings.wait_replicas).await?;
    let writers = writers(settings).await?;
    let client = RedisClient::new(connection, writers, limit);
    let keys = Keys::new(&settings.prefix);
    let redis = RedisStore { client, keys, shards: settings.shards, days: Mutex::default(), rewrite: Mutex::default() };
    match redis.check_format().await {
        Ok(()) => Ok((redis, warnings)),
        // The first start writes. If replicas are missing, they are the reason why it fails.
        Err(why) => {
            let too_few = warnings.into_iter().find(|warning| matches!(warning, ConfigWarning::TooFewReplicas { .. }));
            Err(too_few.filter(|_| matches!(why, OpenError::Unavailable(_))).map_or(why, OpenError::Warned))
        }
    }
}

/// A plain connection to the first server that answers, to find out whether the servers form a cluster.
async fn connect_first_available(settings: &Settings) -> std::result::Result<Connection, OpenError> {
    let mut why = String::new();
    for url in &settings.urls {
        match Connection::single(url).await {
            Ok(connection) => {
                return match config_audit::is_cluster(&connection).await? {
                    Some(cluster) if cluster != settings.cluster => Err(OpenError::WrongServerKind { cluster }),
                    _ => Ok(connection),
                };
            }
            Err(error) => why = format!("{}: {error}", settings::redact_url(url)),
        }
    }
    Err(OpenError::Unavailable(why))
}

async fn connect(settings: &Settings) -> Result<Connection> {
    let connection = match settings.urls.as_slice() {
        [url] if !settings.cluster => Connection::single(url).await,
        urls => Connection::cluster(urls).await,
    };
    connection.map_err(|error| client::classify(&error))
}

async fn writers(settings: &Settings) -> Result<Option<ReplicatedWriters>> {
    if settings.wait_replicas == 0 {
        return Ok(None);
    }
    let connections = try_join_all((0..MAX_REPLICATED_WRITES).map(|_| connect(settings))).await?;
    Ok(Some(ReplicatedWriters::new(connections, settings.wait_replicas)))
}
