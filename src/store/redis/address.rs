//! How a server is reached.

use std::time::Duration;

use ::redis::io::tcp::TcpSettings;
use ::redis::{ConnectionInfo, IntoConnectionInfo, ProtocolVersion, RedisResult};

/// One try to connect takes at most so long.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// What was sent and not acknowledged for so long ends the connection: a cable was pulled.
#[cfg(target_os = "linux")]
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(5);

/// Reads a URL; the answers are read as the second version of the protocol writes them.
pub(super) fn parse_url(url: &str) -> RedisResult<ConnectionInfo> {
    let info = url.into_connection_info()?;
    let redis = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP2);
    Ok(info.set_redis_settings(redis).set_tcp_settings(tcp_settings()))
}

/// How sockets are set.
pub(super) fn tcp_settings() -> TcpSettings {
    // Without it a small request waits for the acknowledgement of the one before.
    let settings = TcpSettings::default().set_nodelay(true);
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(TCP_USER_TIMEOUT);
    settings
}
