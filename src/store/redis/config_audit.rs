//! What is looked at when the store opens: could this Redis lose what it answers?

use std::collections::HashMap;
use std::fmt;

use ::redis::aio::ConnectionLike;
use ::redis::{Cmd, Value};

use super::client::classify;
use super::connection::Connection;
use super::decode;
use crate::rules::lang::Lang;
use crate::store::{Result, StoreError};

/// The oldest Redis that this program was written for.
const MIN_VERSION: (u32, u32) = (6, 2);

/// What could be lost, or fail, with this Redis as it is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigWarning {
    /// It keeps no log.
    AofDisabled,
    /// It brings its log to disk once a second.
    SyncEverySecond,
    /// It leaves it to the system when its log comes to disk.
    SyncByOs,
    /// It does not bring its log to disk while it rewrites it.
    NoSyncOnRewrite,
    /// It loads a log that was cut off inside a script, and may then run half of that script twice.
    LoadsTornLog,
    /// Replicas stand by, and answers do not wait for them.
    ReplicasNotAwaited,
    /// There are fewer replicas than answers wait for.
    TooFewReplicas {
        /// How many there are.
        have: u32,
        /// How many answers wait for.
        want: u32,
    },
    /// It does not let itself be looked at.
    SettingsHidden,
    /// It is older than what this program was written for.
    Outdated {
        /// Its version.
        version: String,
    },
}

impl ConfigWarning {
    /// The warning in one sentence.
    #[must_use]
    pub fn say(&self, lang: Lang) -> String {
        let (zh, en) = match self {
            ConfigWarning::AofDisabled => (
                "Redis 没有写日志（appendonly no）：它一停，上次快照以后的盖章、领取和核销全部丢失。".into(),
                "Redis keeps no log (`appendonly no`): when it stops, every stamp, claim and redemption since its last snapshot is lost.".into(),
            ),
            ConfigWarning::SyncEverySecond => (
                "Redis 每秒才把日志写入磁盘（appendfsync everysec）：断电时，最后一两秒已答复的盖章、领取和核销会丢失。".into(),
                "Redis brings its log to disk once a second (`appendfsync everysec`): when the power fails, the last one or two seconds of stamps, claims and redemptions are lost.".into(),
            ),
            ConfigWarning::SyncByOs => (
                "Redis 何时把日志写入磁盘由系统决定（appendfsync no）：断电时，最后约半分钟已答复的盖章、领取和核销会丢失。".into(),
                "Redis leaves it to the system when its log comes to disk (`appendfsync no`): when the power fails, about the last half minute of stamps, claims and redemptions is lost.".into(),
            ),
            ConfigWarning::NoSyncOnRewrite => (
                "Redis 重写日志期间不写入磁盘（no-appendfsync-on-rewrite yes）：此时断电，这段时间已答复的内容会丢失。".into(),
                "Redis does not bring its log to disk while it rewrites it (`no-appendfsync-on-rewrite yes`): when the power fails then, what was answered in that time is lost.".into(),
            ),
            ConfigWarning::LoadsTornLog => (
                "Redis 会加载断在半路的日志（aof-load-truncated yes）：崩溃之后再重启，半条写入可能被算两次，礼物会多发；请改为 no。".into(),
                "Redis loads a log that was cut off inside a write (`aof-load-truncated yes`): at the next restart half of that write may count twice, and a gift may be given beyond its stock. Set it to no.".into(),
            ),
            ConfigWarning::ReplicasNotAwaited => (
                "答复不等待副本（wait_replicas = 0）：副本接替主节点时，主节点最后答复的内容会丢失。".into(),
                "Answers do not wait for replicas (`wait_replicas = 0`): when a replica takes over, what the master answered last is lost.".into(),
            ),
            ConfigWarning::TooFewReplicas { have, want } => (
                format!("答复要等待 {want} 个副本，现在只有 {have} 个：副本齐全之前，所有写入都会被拒绝。"),
                format!("Answers wait for {want} replicas and there are {have}: every write is refused until the others are there."),
            ),
            ConfigWarning::SettingsHidden => (
                "Redis 不允许查看它的设置（CONFIG GET、INFO），没人确认过断电后数据是否还在；请对照 config/redis.conf。".into(),
                "Redis does not let its settings be seen (CONFIG GET, INFO), so nobody knows whether what it answers outlives a crash; compare them with config/redis.conf.".into(),
            ),
            ConfigWarning::Outdated { version } => (
                format!("Redis {version} 早于本程序所支持的 6.2 版，请升级。"),
                format!("Redis {version} is older than 6.2, the oldest that this program was written for: please upgrade."),
            ),
        };
        lang.pick(zh, en)
    }
}

/// Why the store did not open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// A setting cannot be used; which, and why.
    Settings(String),
    /// No answer.
    Unavailable(String),
    /// No answer, for a reason that was warned of.
    Warned(ConfigWarning),
    /// A cluster was expected and a single server found, or the other way round.
    WrongServerKind {
        /// Whether the server is part of a cluster.
        cluster: bool,
    },
    /// It would throw records away when its memory is full.
    EvictionEnabled {
        /// Its `maxmemory-policy`.
        policy: String,
    },
    /// Passports were spread over another number of shards.
    ShardMismatch {
        /// The number that was written at first start.
        stored: u16,
        /// The number in the settings.
        configured: u16,
    },
    /// Its records are of another format.
    UnknownFormat(String),
    /// An import under this prefix broke off.
    IncompleteImport {
        /// The prefix.
        prefix: String,
    },
    /// Something is wrong that asking again does not mend.
    Broken(String),
}

impl OpenError {
    /// The reason in one sentence.
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
                    "Redis would throw records away when its memory is full (`maxmemory-policy {policy}`): set it to noeviction."
                ),
            ),
            OpenError::ShardMismatch { stored, configured } => (
                format!("这些记录分在 {stored} 个分片里，设置却是 {configured}；请把 store.shards 改回 {stored}。"),
                format!(
                    "The passports are spread over {stored} shards and the settings say {configured}: set store.shards back to {stored}."
                ),
            ),
            OpenError::UnknownFormat(stored) => (
                format!(
                    "这些记录的格式是 {stored}，本程序不认识：请用写入它的版本导出（carnival export），再用本版本导入。"
                ),
                format!(
                    "The records have format {stored}, which this program does not know: export them with the version that wrote them (carnival export), and import that."
                ),
            ),
            OpenError::IncompleteImport { prefix } => (
                format!("导入到这里的数据没有完成：请删除所有以 {{{prefix}: 开头的键，再导入一次。"),
                format!(
                    "An import into this Redis broke off: delete every key that begins with {{{prefix}: and import again."
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

/// Whether a server says that it is part of a cluster; none if it does not say.
pub(super) async fn is_cluster(connection: &mut Connection) -> Result<Option<bool>> {
    let info = connection.req_packed_command(Cmd::new().arg("INFO").arg("server")).await.map_err(|e| classify(&e))?;
    Ok(read_info(info).get("redis_mode").map(|mode| mode == "cluster"))
}

/// Looks at every master.
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
    // The masters of a cluster are mostly set alike.
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
    let text = decode::text(info).unwrap_or_default();
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
    for (name, value) in decode::pairs(config)? {
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
