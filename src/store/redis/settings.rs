//! The settings of the Redis store.

use std::fmt;

/// The settings of the Redis store.
#[derive(Clone)]
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
    /// The number of passport shards; fixed at the first start.
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
