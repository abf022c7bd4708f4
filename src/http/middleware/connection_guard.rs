//! Closes idle connections, so that they do not use up the connection limit.
//!
//! The framework bounds only the first request head of a connection: neither later heads nor a slow reader of a response.
//! So the guard records each connection's last activity (accepted, head complete, response ready, chunk of a response
//! taken) and closes the connection after `idle_timeout`. Above the high watermark it evicts from the network with the
//! most connections first, the longest idle first: an attacker with a thousand connections loses them before a venue with
//! two hundred phones behind one address does, and a phone just reconnects. Connections of trusted proxies are exempt:
//! they carry many clients, and the proxies enforce their own timeouts.

use std::any::Any;
use std::collections::HashMap;
use std::net::{IpAddr, Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::Extensions;
use actix_web::web::Bytes;
use ipnet::IpNet;

use crate::http::rate_limit::client_network;

/// Target occupancy in eighths: evicting down to it leaves room until the next pass.
const LOW_WATERMARK: (usize, usize) = (6, 8);
/// Above this occupancy, in eighths, a new connection triggers a pass at once instead of within a second.
const HIGH_WATERMARK: (usize, usize) = (7, 8);
/// Minimum interval between such passes.
const MIN_REAP_INTERVAL_MS: u64 = 50;
/// Open files per connection (the framework's socket and the duplicate held here), and those for the rest of the program.
const FILES_PER_CONNECTION: u64 = 2;
const OTHER_FILES: u64 = 256;

/// All open connections of the server.
pub struct ConnectionGuard {
    max_connections: usize,
    idle_timeout: Duration,
    trusted_proxies: Vec<IpNet>,
    started_at: Instant,
    next_id: AtomicU64,
    last_reap_ms: AtomicU64,
    open: Mutex<HashMap<u64, Weak<GuardedConnection>>>,
}

/// One open connection.
pub struct GuardedConnection {
    id: u64,
    /// In canonical form: an IPv4-mapped IPv6 address is stored as IPv4.
    address: IpAddr,
    /// A duplicate of the socket, because the framework does not give access to its own.
    socket: TcpStream,
    last_active_ms: AtomicU64,
    busy: AtomicBool,
    guard: Arc<ConnectionGuard>,
}

impl ConnectionGuard {
    /// An empty guard. It keeps the number of connections below `max_connections` and closes those idle for `idle_timeout`.
    #[must_use]
    pub fn new(max_connections: usize, idle_timeout: Duration, trusted_proxies: Vec<IpNet>) -> Arc<ConnectionGuard> {
        Arc::new(ConnectionGuard {
            max_connections,
            idle_timeout,
            trusted_proxies,
            started_at: Instant::now(),
            next_id: AtomicU64::default(),
            last_reap_ms: AtomicU64::default(),
            open: Mutex::default(),
        })
    }

    /// Registers a new connection from the framework's `on_connect` hook. If the socket cannot be duplicated, the connection
    /// is served without a guard.
    pub fn register(self: &Arc<ConnectionGuard>, stream: &dyn Any, data: &mut Extensions) {
        let Some(stream) = stream.downcast_ref::<actix_web::rt::net::TcpStream>() else { return };
        let (Ok(peer), Ok(socket)) = (stream.peer_addr(), stream.as_fd().try_clone_to_owned()) else { return };
        let connection = Arc::new(GuardedConnection {
            id: self.next_id.fetch_add(1, Ordering::Relaxed),
            address: peer.ip().to_canonical(),
            socket: socket.into(),
            last_active_ms: AtomicU64::new(self.now_ms()),
            busy: AtomicBool::new(false),
            guard: Arc::clone(self),
        });
        let above_high_watermark = {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            open.insert(connection.id, Arc::downgrade(&connection));
            open.len() > self.watermark(HIGH_WATERMARK)
        };
        data.insert(connection);
        if above_high_watermark
            && self.now_ms().saturating_sub(self.last_reap_ms.load(Ordering::Relaxed)) >= MIN_REAP_INTERVAL_MS
        {
            self.reap();
        }
    }

    /// Closes idle connections, and evicts down to the low watermark.
    pub fn reap(&self) {
        let now = self.now_ms();
        self.last_reap_ms.store(now, Ordering::Relaxed);
        let mut open = self.evictable();
        let idle_timeout = u64::try_from(self.idle_timeout.as_millis()).unwrap_or(u64::MAX);
        open.retain(|one| {
            let alive = now.saturating_sub(one.last_active_ms.load(Ordering::Relaxed)) < idle_timeout;
            if !alive {
                one.close();
            }
            alive
        });
        let excess = open.len().saturating_sub(self.watermark(LOW_WATERMARK));
        for one in eviction_order(open).into_iter().take(excess) {
            one.close();
        }
    }

    fn evictable(&self) -> Vec<Arc<GuardedConnection>> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let mut evictable: Vec<_> = open.values().filter_map(Weak::upgrade).collect();
        // Release the lock before any of these is dropped: dropping the last reference locks the map to remove its entry.
        drop(open);
        evictable.retain(|one| !self.trusted_proxies.iter().any(|network| network.contains(&one.address)));
        evictable
    }

    fn watermark(&self, (part, of): (usize, usize)) -> usize {
        (self.max_connections * part / of).max(1)
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.started_at.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Sorts connections by eviction order: networks with the most connections give theirs up first, the longest idle first,
/// until all networks hold equally many.
fn eviction_order(mut open: Vec<Arc<GuardedConnection>>) -> Vec<Arc<GuardedConnection>> {
    let priority =
        |one: &Arc<GuardedConnection>| (one.busy.load(Ordering::Relaxed), one.last_active_ms.load(Ordering::Relaxed));
    open.sort_by_cached_key(|one| std::cmp::Reverse(priority(one)));
    let mut held: HashMap<IpAddr, usize> = HashMap::new();
    let mut ranked: Vec<(usize, Arc<GuardedConnection>)> = Vec::with_capacity(open.len());
    for one in open {
        let nth = held.entry(client_network(one.address)).or_default();
        *nth += 1;
        ranked.push((*nth, one));
    }
    // The sort is stable: among equal ranks, the longest idle stays in front.
    ranked.reverse();
    ranked.sort_by_key(|(nth, _)| std::cmp::Reverse(*nth));
    ranked.into_iter().map(|(_, one)| one).collect()
}

impl GuardedConnection {
    /// Marks the connection busy: a request head is complete, or a response is being streamed.
    pub fn on_request(&self) {
        self.busy.store(true, Ordering::Relaxed);
        self.touch();
    }

    /// Marks the connection idle: a response is ready, or its stream has ended.
    pub fn on_response(&self) {
        self.busy.store(false, Ordering::Relaxed);
        self.touch();
    }

    fn touch(&self) {
        self.last_active_ms.store(self.guard.now_ms(), Ordering::Relaxed);
    }

    fn close(&self) {
        // The peer may have closed it already.
        let _already_closed = self.socket.shutdown(Shutdown::Both);
    }
}

impl Drop for GuardedConnection {
    fn drop(&mut self) {
        self.guard.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

/// Wraps a streamed body so that each chunk counts as activity; other bodies pass unchanged.
pub fn guard_body(connection: Option<Arc<GuardedConnection>>, body: BoxBody) -> BoxBody {
    match connection {
        Some(connection) if matches!(body.size(), BodySize::Stream) => {
            connection.on_request();
            BoxBody::new(GuardedBody { body, connection })
        }
        _ => body,
    }
}

struct GuardedBody {
    body: BoxBody,
    connection: Arc<GuardedConnection>,
}

impl MessageBody for GuardedBody {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        self.connection.touch();
        Pin::new(&mut self.body).poll_next(cx)
    }
}

impl Drop for GuardedBody {
    fn drop(&mut self) {
        self.connection.on_response();
    }
}

/// Raises the limit of open files for `wanted` connections and returns how many the limit allows, at most `wanted`.
#[must_use]
pub fn raise_fd_limit(wanted: usize) -> usize {
    let files = (wanted as u64).saturating_mul(FILES_PER_CONNECTION).saturating_add(OTHER_FILES);
    // A system that cannot tell its limit has none.
    let have = rlimit::increase_nofile_limit(files).unwrap_or(files);
    let room = have.saturating_sub(OTHER_FILES).max(OTHER_FILES) / FILES_PER_CONNECTION;
    wanted.min(usize::try_from(room).unwrap_or(usize::MAX))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn connection(
        guard: &Arc<ConnectionGuard>,
        address: &str,
        last_active_ms: u64,
        busy: bool,
    ) -> Arc<GuardedConnection> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        Arc::new(GuardedConnection {
            id: last_active_ms,
            address: address.parse().unwrap(),
            socket: TcpStream::connect(listener.local_addr().unwrap()).unwrap(),
            last_active_ms: AtomicU64::new(last_active_ms),
            busy: AtomicBool::new(busy),
            guard: Arc::clone(guard),
        })
    }

    #[test]
    fn eviction_starts_with_the_largest_network_and_its_longest_idle_connection() {
        let guard = ConnectionGuard::new(8, Duration::from_secs(80), Vec::new());
        let open = vec![
            connection(&guard, "198.51.100.1", 1, false),
            connection(&guard, "2001:db8::1", 2, true),
            connection(&guard, "2001:db8::2", 3, false),
            connection(&guard, "2001:db8::3", 9, false),
            connection(&guard, "198.51.100.2", 5, false),
            connection(&guard, "198.51.100.2", 6, false),
        ];
        let order: Vec<u64> = eviction_order(open).iter().map(|one| one.id).collect();
        assert_eq!(order, [3, 5, 9, 1, 6, 2], "one /64 is one network");
    }

    #[actix_web::test]
    async fn an_idle_connection_is_closed_unless_it_is_a_trusted_proxys() {
        for (trusted_proxies, closed) in [(vec![], true), (vec!["127.0.0.0/8".parse().unwrap()], false)] {
            let guard = ConnectionGuard::new(8, Duration::ZERO, trusted_proxies);
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let (stream, _) = listener.accept().unwrap();
            let mut server = stream.try_clone().unwrap();
            stream.set_nonblocking(true).unwrap();
            let stream = actix_web::rt::net::TcpStream::from_std(stream).unwrap();
            let mut data = Extensions::new();
            guard.register(&stream, &mut data);
            assert_eq!(guard.open.lock().unwrap().len(), 1);
            guard.reap();
            // A write to a closed connection fails, and its client reads the end.
            let sent = std::io::Write::write(&mut server, b"1");
            assert_eq!(sent.is_err(), closed, "{sent:?}");
            client.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            let read = std::io::Read::read(&mut client, &mut [0]).unwrap();
            assert_eq!(read == 0, closed, "{read}");
            drop(data);
            assert!(guard.open.lock().unwrap().is_empty());
        }
    }
}
