//! The settings of the Redis store, and the addresses and sockets of its servers.

use std::fmt;
use std::time::Duration;

use ::redis::io::tcp::TcpSettings;
use ::redis::{ConnectionInfo, IntoConnectionInfo, ProtocolVersion, RedisResult};

/// Deadline of one attempt to connect.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// A connection ends if sent data is not acknowledged for this long, for example after a cable was pulled.
#[cfg(target_os = "linux")]
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(5);

/// The settings of the Redis store.
#[derive(Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `redis://[user:password@]host:port`: one for a single server, some of its nodes for a cluster.
    pub urls: Vec<String>,
    /// Whether the servers form a Redis Cluster.
    pub cluster: bool,
    /// The prefix of all keys; carnivals that share a Redis have different ones.
    pub prefix: String,
    /// How many replicas must have a write, or a claim that is read, before the call returns. They get at most a
    /// second; otherwise the call fails as unavailable.
    pub wait_replicas: u32,
    /// The deadline of a call in milliseconds.
    pub timeout_ms: u64,
    /// The number of passport shards; fixed at the first start. A settings file says it for both stores at once.
    #[serde(skip)]
    pub shards: u16,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            urls: vec!["redis://127.0.0.1:6379".to_owned()],
            cluster: false,
            prefix: "carnival".to_owned(),
            wait_replicas: 0,
            timeout_ms: 2000,
            shards: 64,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let urls: Vec<String> = self.urls.iter().map(|url| redact_url(url)).collect();
        f.debug_struct("Settings")
            .field("urls", &urls)
            .field("cluster", &self.cluster)
            .field("prefix", &self.prefix)
            .field("wait_replicas", &self.wait_replicas)
            .field("timeout_ms", &self.timeout_ms)
            .field("shards", &self.shards)
            .finish()
    }
}

/// A URL that may be logged: everything before the last `@` and after the address is omitted, because a password may
/// be there. A text that is not a URL becomes `…`.
pub(super) fn redact_url(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return "…".to_owned();
    };
    let (user, address) = rest.rsplit_once('@').map_or(("", rest), |(_, address)| ("…@", address));
    let address = address.split(['/', '?', '#']).next().unwrap_or_default();
    format!("{scheme}://{user}{address}")
}

/// Parses a URL; replies use version 2 of the protocol.
pub(super) fn parse_url(url: &str) -> RedisResult<ConnectionInfo> {
    let info = url.into_connection_info()?;
    let redis = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP2);
    Ok(info.set_redis_settings(redis).set_tcp_settings(tcp_settings()))
}

/// The socket options.
pub(super) fn tcp_settings() -> TcpSettings {
    // Without it, a small request waits for the acknowledgement of the previous one.
    let settings = TcpSettings::default().set_nodelay(true);
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(TCP_USER_TIMEOUT);
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_printed() {
        for url in [
            "redis://:s3cret@10.0.0.7:6379/0",
            "redis://ana:s3cret@10.0.0.7:6379",
            "redis://ana:s3/cret@s3cret@10.0.0.7:6379",
            "redis://10.0.0.7:6379/0?password=s3cret",
            "s3cret",
        ] {
            let settings = Settings { urls: vec![url.to_owned()], ..Settings::default() };
            let shown = format!("{settings:?}");
            assert!(!shown.contains("s3"), "{shown}");
        }
        assert_eq!(redact_url("redis://ana:s3cret@10.0.0.7:6379/0"), "redis://…@10.0.0.7:6379");
    }
}
