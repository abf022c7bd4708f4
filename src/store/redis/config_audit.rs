//! The audit of the configuration of Redis when the store is opened: could it lose acknowledged writes?

use std::collections::HashMap;
use std::fmt;

use ::redis::aio::ConnectionLike;
use ::redis::{Cmd, Value};

use super::client::classify;
use super::connection::Connection;
use super::reply_values;
use crate::rules::lang::Lang;
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

impl ConfigWarning {
    /// The warning as one sentence for the operator.
    #[must_use]
    pub fn say(&self, lang: Lang) -> String {
        let (zh, en) = match self {
            ConfigWarning::AofDisabled => (
                "Redis 没有写日志（appendonly no）：它一停，上次快照以后的盖章、领取和核销全部丢失。".into(),
                "Redis keeps no log (`appendonly no`): when it stops, every stamp, claim and redemption since its last snapshot is lost.".into(),
            ),
            ConfigWarning::SyncEverySecond => (
                "Redis 每秒才把日志写入磁盘（appendfsync everysec）：断电时，最后一两秒已答复的盖章、领取和核销会丢失。".into(),
                "Redis syncs its log to disk once a second (`appendfsync everysec`): after a power failure, the last one or two seconds of stamps, claims and redemptions are lost.".into(),
            ),
            ConfigWarning::SyncByOs => (
                "Redis 何时把日志写入磁盘由系统决定（appendfsync no）：断电时，最后约半分钟已答复的盖章、领取和核销会丢失。".into(),
                "The operating system decides when the log of Redis is synced to disk (`appendfsync no`): after a power failure, about the last half minute of stamps, claims and redemptions is lost.".into(),
            ),
            ConfigWarning::NoSyncOnRewrite => (
                "Redis 重写日志期间不写入磁盘（no-appendfsync-on-rewrite yes）：此时断电，这段时间已答复的内容会丢失。".into(),
                "Redis does not sync its log to disk while it rewrites it (`no-appendfsync-on-rewrite yes`): after a power failure during that time, everything acknowledged in it is lost.".into(),
            ),
            ConfigWarning::LoadsTornLog => (
                "Redis 会加载断在半路的日志（aof-load-truncated yes）：崩溃之后再重启，半条写入可能被算两次，礼物会多发；请改为 no。".into(),
                "Redis loads a log that was truncated inside a write (`aof-load-truncated yes`): after the next restart half of that write may count twice, and gifts may be given beyond their stock. Set it to no.".into(),
            ),
            ConfigWarning::ReplicasNotAwaited => (
                "答复不等待副本（wait_replicas = 0）：副本接替主节点时，主节点最后答复的内容会丢失。".into(),
                "Answers do not wait for replicas (`wait_replicas = 0`): when a replica takes over, the last writes that the master acknowledged are lost.".into(),
            ),
            ConfigWarning::TooFewReplicas { have, want } => (
                format!("答复要等待 {want} 个副本，现在只有 {have} 个：副本齐全之前，所有写入都会被拒绝。"),
                format!("Answers wait for {want} replicas, but there are only {have}: every write is rejected until the others are there."),
            ),
            ConfigWarning::SettingsHidden => (
                "Redis 不允许查看它的设置（CONFIG GET、INFO），没人确认过断电后数据是否还在；请对照 config/redis.conf。".into(),
                "Redis does not allow its settings to be read (CONFIG GET, INFO), so it is unknown whether acknowledged writes survive a crash: compare the settings with config/redis.conf.".into(),
            ),
            ConfigWarning::Outdated { version } => (
                format!("Redis {version} 早于本程序所支持的 6.2 版，请升级。"),
                format!("Redis {version} is older than 6.2, the oldest supported version: please upgrade."),
            ),
        };
        lang.pick(zh, en)
    }
}

/// Why the store could not be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
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

impl OpenError {
    /// The reason as one sentence for the operator.
    #[must_use]
    pub fn say(&self, lang: Lang) -> String {
        let (zh, en) = match self {
            OpenError::Warned(warning) => return warning.say(lang),
            OpenError::Settings(what) => {
                (format!("Redis 设置有误：{what}。"), format!("The settings of Redis cannot be used: {what}."))
            }
            OpenError::Unavailable(why) => {
                (format!("Redis 没有应答：{why}。"), format!("Redis does not answer: {why}."))
            }
            OpenError::WrongServerKind { cluster: true } => (
                "这个 Redis 属于集群，请设置 store.redis.cluster = true。".into(),
                "This Redis is part of a cluster: set store.redis.cluster = true.".into(),
            ),
            OpenError::WrongServerKind { cluster: false } => (
                "这个 Redis 不属于集群，请设置 store.redis.cluster = false。".into(),
                "This Redis is not part of a cluster: set store.redis.cluster = false.".into(),
            ),
            OpenError::EvictionEnabled { policy } => (
                format!("Redis 内存满时会丢弃记录（maxmemory-policy {policy}），请改为 noeviction。"),
                format!(
                    "Redis would evict records when its memory is full (`maxmemory-policy {policy}`): set it to noeviction."
                ),
            ),
            OpenError::ShardMismatch { stored, configured } => (
                format!("这些记录分在 {stored} 个分片里，设置却是 {configured}；请把 store.shards 改回 {stored}。"),
                format!(
                    "The records have {stored} shards, but the settings say {configured}: set store.shards back to {stored}."
                ),
            ),
            OpenError::UnknownFormat(stored) => (
                format!(
                    "这些记录的格式是 {stored}，本程序不认识：请用写入它的版本导出（carnival export），再用本版本导入。"
                ),
                format!(
                    "The records have format {stored}, which is unknown to this program: export them with the version that wrote them (carnival export), and import that."
                ),
            ),
            OpenError::IncompleteImport { prefix } => (
                format!("导入到这里的数据没有完成：请删除所有以 {{{prefix}: 开头的键，再导入一次。"),
                format!(
                    "An import into this Redis was interrupted: delete every key that begins with {{{prefix}: and import again."
                ),
            ),
            OpenError::Broken(why) => (format!("Redis 无法使用：{why}。"), format!("Redis cannot be used: {why}.")),
        };
        lang.pick(zh, en)
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.say(Lang::En))
    }
}

impl std::error::Error for OpenError {}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> OpenError {
        match error {
            StoreError::Unavailable(why) => OpenError::Unavailable(why),
            StoreError::Broken(why) => OpenError::Broken(why),
        }
    }
}

/// Whether a server is part of a cluster; `None` if it does not report it.
pub(super) async fn is_cluster(connection: &mut Connection) -> Result<Option<bool>> {
    let info = connection.req_packed_command(Cmd::new().arg("INFO").arg("server")).await.map_err(|e| classify(&e))?;
    Ok(read_info(info).get("redis_mode").map(|mode| mode == "cluster"))
}

/// Audits every master.
pub(super) async fn audit(
    connection: &mut Connection,
    wait_replicas: u32,
) -> std::result::Result<Vec<ConfigWarning>, OpenError> {
    let mut warnings = Vec::new();
    for info in connection.on_all_masters(Cmd::new().arg("INFO")).await.map_err(|error| classify(&error))? {
        check_info(&read_info(info), wait_replicas, &mut warnings);
    }
    for pattern in ["*append*", "aof-load-truncated", "maxmemory*"] {
        for config in connection
            .on_all_masters(Cmd::new().arg("CONFIG").arg("GET").arg(pattern))
            .await
            .map_err(|error| classify(&error))?
        {
            check_config(config, &mut warnings)?;
        }
    }
    // The masters of a cluster usually have the same configuration, so each warning is reported once.
    let mut reported = Vec::new();
    warnings.retain(|warning| {
        !reported.contains(warning) && {
            reported.push(warning.clone());
            true
        }
    });
    Ok(warnings)
}

fn read_info(info: Value) -> HashMap<String, String> {
    let text = reply_values::text(info).unwrap_or_default();
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
    for (name, value) in reply_values::pairs(config)? {
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
