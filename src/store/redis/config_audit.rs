//! The audit of the configuration of Redis when the store is opened: could it lose acknowledged writes?

use std::collections::HashMap;

use ::redis::{Cmd, Value};

use super::client::classify;
use super::connection::Connection;
use super::reply_values::decode;
use crate::store::{Result, StoreError};

/// The oldest supported version of Redis.
const MIN_VERSION: (u32, u32) = (6, 2);

/// A risk of this configuration of Redis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigWarning {
    /// There is no append-only file.
    AofDisabled,
    /// The append-only file is synced once a second.
    SyncEverySecond,
    /// The operating system decides when the append-only file is synced.
    SyncByOs,
    /// The append-only file is not synced while it is rewritten.
    NoSyncOnRewrite,
    /// A log that was truncated inside a script is loaded, and half of that script may then take effect twice.
    LoadsTornLog,
    /// There are replicas, but writes do not wait for them.
    ReplicasNotAwaited,
    /// There are fewer replicas than writes wait for.
    TooFewReplicas {
        /// How many there are.
        have: u32,
        /// How many writes wait for.
        want: u32,
    },
    /// The configuration cannot be read.
    SettingsHidden,
    /// The version is older than the oldest supported one.
    Outdated {
        /// Its version.
        version: String,
    },
}

/// Why the store could not be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{self:?}")]
pub enum OpenError {
    /// A setting is invalid: which one, and why.
    Settings(String),
    /// Redis did not answer.
    Unavailable(String),
    /// Redis did not answer, for a reason that the audit found.
    Warned(ConfigWarning),
    /// The settings say cluster and this is a single server, or the other way round.
    WrongServerKind {
        /// Whether the server is part of a cluster.
        cluster: bool,
    },
    /// It would evict records when its memory is full.
    EvictionEnabled {
        /// Its `maxmemory-policy`.
        policy: String,
    },
    /// The store has another number of shards.
    ShardMismatch {
        /// The number that was written at the first start.
        stored: u16,
        /// The number in the settings.
        configured: u16,
    },
    /// The format of the records is unknown.
    UnknownFormat(String),
    /// An import under this prefix was interrupted.
    IncompleteImport {
        /// The prefix.
        prefix: String,
    },
    /// Retrying does not help.
    Broken(String),
}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> OpenError {
        match error {
            StoreError::Unavailable(why) => OpenError::Unavailable(why),
            StoreError::Broken(why) => OpenError::Broken(why),
        }
    }
}

/// Whether a server is part of a cluster; `None` if it does not report it.
pub(super) async fn is_cluster(connection: &Connection) -> Result<Option<bool>> {
    let info = connection.command(Cmd::new().arg("INFO").arg("server")).await.map_err(|e| classify(&e))?;
    Ok(read_info(info).get("redis_mode").map(|mode| mode == "cluster"))
}

/// Audits every master.
pub(super) async fn audit(
    connection: &Connection,
    wait_replicas: u32,
) -> std::result::Result<Vec<ConfigWarning>, OpenError> {
    let mut warnings = Vec::new();
    let from_all = async |cmd: &Cmd| connection.on_all_masters(cmd).await.map_err(|error| classify(&error));
    for info in from_all(Cmd::new().arg("INFO")).await? {
        check_info(&read_info(info), wait_replicas, &mut warnings);
    }
    for pattern in ["*append*", "aof-load-truncated", "maxmemory*"] {
        for config in from_all(Cmd::new().arg("CONFIG").arg("GET").arg(pattern)).await? {
            check_config(config, &mut warnings)?;
        }
    }
    // The masters of a cluster usually have the same configuration, so each warning is reported once.
    let mut reported = Vec::new();
    for warning in warnings {
        if !reported.contains(&warning) {
            reported.push(warning);
        }
    }
    Ok(reported)
}

pub(super) fn read_info(info: Value) -> HashMap<String, String> {
    let text: String = decode(info).unwrap_or_default();
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn check_info(info: &HashMap<String, String>, wait_replicas: u32, warnings: &mut Vec<ConfigWarning>) {
    let Some(version) = info.get("redis_version") else {
        warnings.push(ConfigWarning::SettingsHidden);
        return;
    };
    let mut parts = version.split('.').map_while(|part| part.parse::<u32>().ok());
    if (parts.next().unwrap_or_default(), parts.next().unwrap_or_default()) < MIN_VERSION {
        warnings.push(ConfigWarning::Outdated { version: version.clone() });
    }
    let have = info.get("connected_slaves").and_then(|count| count.parse().ok()).unwrap_or(0);
    if have < wait_replicas {
        warnings.push(ConfigWarning::TooFewReplicas { have, want: wait_replicas });
    }
    if have > 0 && wait_replicas == 0 {
        warnings.push(ConfigWarning::ReplicasNotAwaited);
    }
}

fn check_config(config: Value, warnings: &mut Vec<ConfigWarning>) -> std::result::Result<(), OpenError> {
    let Ok(config) = config.extract_error() else {
        warnings.push(ConfigWarning::SettingsHidden);
        return Ok(());
    };
    for (name, value) in decode::<Vec<(String, String)>>(config)? {
        match (name.as_str(), value.as_str()) {
            ("appendonly", "no") => warnings.push(ConfigWarning::AofDisabled),
            ("appendfsync", "everysec") => warnings.push(ConfigWarning::SyncEverySecond),
            ("appendfsync", "no") => warnings.push(ConfigWarning::SyncByOs),
            ("no-appendfsync-on-rewrite", "yes") => warnings.push(ConfigWarning::NoSyncOnRewrite),
            ("aof-load-truncated", "yes") => warnings.push(ConfigWarning::LoadsTornLog),
            ("maxmemory-policy", policy) if policy != "noeviction" => {
                return Err(OpenError::EvictionEnabled { policy: policy.to_owned() });
            }
            _ => {}
        }
    }
    Ok(())
}
