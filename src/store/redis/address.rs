//! Addresses and sockets of Redis servers.

use std::time::Duration;

use ::redis::io::tcp::TcpSettings;
use ::redis::{ConnectionInfo, IntoConnectionInfo, ProtocolVersion, RedisResult};

/// Deadline of one attempt to connect.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// A connection ends if sent data is not acknowledged for this long, for example after a cable was pulled.
#[cfg(target_os = "linux")]
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(5);

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
