//! Connections that say nothing: let go of, before they keep others out.
//!
//! The framework bounds the first head of a connection, and nothing after it: not the second head,
//! not how slowly an answer is read. So each connection is known here with the time of its last sign
//! of life (it came, a head was complete, an answer was ready, a piece of one was taken), and is cut
//! when there was none for a while. When the house is nearly full, those go first that an address
//! holds beyond what others hold, its quietest before its busiest: a stranger with a thousand lines
//! pays before a venue with two hundred phones behind one address does, and a phone that is cut just
//! dials again. Lines of trusted proxies are never cut: behind them are many, and they look themselves.

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

use super::rate_limits::client_network;

/// The house is never let fuller than so many eighths, so that there is room until the next look.
const LOW_WATERMARK: (usize, usize) = (6, 8);
/// Beyond so many it is looked at once, and not only each second.
const HIGH_WATERMARK: (usize, usize) = (7, 8);
/// At most so often.
const MIN_REAP_INTERVAL_MS: u64 = 50;
/// Open files that a connection takes, and those that the rest of the program may need.
const FILES_PER_CONNECTION: u64 = 2;
const OTHER_FILES: u64 = 256;

/// All connections of this server.
pub struct ConnectionGuard {
    max_connections: usize,
    idle_timeout: Duration,
    trusted_proxies: Vec<IpNet>,
    started_at: Instant,
    next_id: AtomicU64,
    last_reap_ms: AtomicU64,
    open: Mutex<HashMap<u64, Weak<GuardedConnection>>>,
}

/// One of them.
pub struct GuardedConnection {
    id: u64,
    /// Alike for all that one line of a client can be.
    address: IpAddr,
    /// The same socket once more: the framework's own cannot be had.
    socket: TcpStream,
    last_active_ms: AtomicU64,
    busy: AtomicBool,
    guard: Arc<ConnectionGuard>,
}

impl ConnectionGuard {
    /// None yet; at most so many, and those are cut that give no sign of life for so long.
    #[must_use]
    pub fn new(max_connections: usize, idle_timeout: Duration, trusted_proxies: Vec<IpNet>) -> Arc<ConnectionGuard> {
        let started_at = Instant::now();
        let (next_id, last_reap_ms) = (AtomicU64::new(0), AtomicU64::new(0));
        Arc::new(ConnectionGuard {
            max_connections,
            idle_timeout,
            trusted_proxies,
            started_at,
            next_id,
            last_reap_ms,
            open: Mutex::default(),
        })
    }

    /// Meets a new one, as the framework hands it over. One that cannot be watched is served all the same.
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

    /// Cuts what has been silent for too long, and what is too much.
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
        // Before any of them is let go: the last who does so takes it off the list.
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

/// In the order in which they are cut: as if all addresses gave up one after the other, each its
/// quietest, until they hold alike.
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
    // Stable: of equal ranks, the quietest stands last, and goes first.
    ranked.reverse();
    ranked.sort_by_key(|(nth, _)| std::cmp::Reverse(*nth));
    ranked.into_iter().map(|(_, one)| one).collect()
}

impl GuardedConnection {
    /// A request came in whole.
    pub fn on_request(&self) {
        self.busy.store(true, Ordering::Relaxed);
        self.touch();
    }

    /// Its answer is ready.
    pub fn on_response(&self) {
        self.busy.store(false, Ordering::Relaxed);
        self.touch();
    }

    fn touch(&self) {
        self.last_active_ms.store(self.guard.now_ms(), Ordering::Relaxed);
    }

    fn close(&self) {
        // It may be gone already.
        let _already_closed = self.socket.shutdown(Shutdown::Both);
    }
}

impl Drop for GuardedConnection {
    fn drop(&mut self) {
        self.guard.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

/// The body, each of whose pieces is a sign of life if there are many.
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

/// How many connections this process may hold, of those that are wanted: the system counts open files, and
/// is asked for as many as that takes.
#[must_use]
pub fn raise_fd_limit(wanted: usize) -> usize {
    let files = (wanted as u64).saturating_mul(FILES_PER_CONNECTION).saturating_add(OTHER_FILES);
    // A system that does not say has none of these limits.
    let have = rlimit::increase_nofile_limit(files).unwrap_or(files);
    let room = have.saturating_sub(OTHER_FILES).max(OTHER_FILES) / FILES_PER_CONNECTION;
    wanted.min(usize::try_from(room).unwrap_or(usize::MAX))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
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
    fn who_holds_most_gives_up_first_and_the_quietest_of_his_before_his_busiest() {
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
        assert_eq!(order, [3, 5, 9, 1, 6, 2], "one /64 is one line");
    }

    #[actix_web::test]
    async fn a_line_that_gives_no_sign_of_life_is_cut_and_one_of_a_proxy_is_not() {
        for (trusted_proxies, closed) in [(vec![], true), (vec!["127.0.0.0/8".parse().unwrap()], false)] {
            let guard = ConnectionGuard::new(8, Duration::ZERO, trusted_proxies);
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let (stream, _) = listener.accept().unwrap();
            stream.set_nonblocking(true).unwrap();
            let stream = actix_web::rt::net::TcpStream::from_std(stream).unwrap();
            let mut data = Extensions::new();
            guard.register(&stream, &mut data);
            assert_eq!(guard.open.lock().unwrap().len(), 1);
            guard.reap();
            client.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
            let read = std::io::Read::read(&mut client, &mut [0]);
            assert_eq!(matches!(read, Ok(0)), closed, "{read:?}");
            drop(data);
            assert!(guard.open.lock().unwrap().is_empty());
        }
    }
}
