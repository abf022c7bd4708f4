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

use super::limits::one_line;

/// The house is never let fuller than so many eighths, so that there is room until the next look.
const NEARLY_FULL: (usize, usize) = (6, 8);
/// Beyond so many it is looked at once, and not only each second.
const FULL: (usize, usize) = (7, 8);
/// At most so often.
const LOOK_MS: u64 = 50;
/// Open files that a connection takes, and those that the rest of the program may need.
const FILES_PER_CONNECTION: u64 = 2;
const OTHER_FILES: u64 = 256;

/// All connections of this server.
pub struct Connections {
    most: usize,
    quiet: Duration,
    trusted: Vec<IpNet>,
    began: Instant,
    next: AtomicU64,
    looked_ms: AtomicU64,
    open: Mutex<HashMap<u64, Weak<Connection>>>,
}

/// One of them.
pub struct Connection {
    id: u64,
    /// Alike for all that one line of a client can be.
    address: IpAddr,
    /// The same socket once more: the framework's own cannot be had.
    line: TcpStream,
    alive_ms: AtomicU64,
    busy: AtomicBool,
    all: Arc<Connections>,
}

impl Connections {
    /// None yet; at most so many, and those are cut that give no sign of life for so long.
    #[must_use]
    pub fn new(most: usize, quiet: Duration, trusted: Vec<IpNet>) -> Arc<Connections> {
        let began = Instant::now();
        let (next, looked_ms) = (AtomicU64::new(0), AtomicU64::new(0));
        Arc::new(Connections { most, quiet, trusted, began, next, looked_ms, open: Mutex::default() })
    }

    /// Meets a new one, as the framework hands it over. One that cannot be watched is served all the same.
    pub fn meet(self: &Arc<Connections>, stream: &dyn Any, data: &mut Extensions) {
        let Some(stream) = stream.downcast_ref::<actix_web::rt::net::TcpStream>() else { return };
        let (Ok(peer), Ok(line)) = (stream.peer_addr(), stream.as_fd().try_clone_to_owned()) else { return };
        let connection = Arc::new(Connection {
            id: self.next.fetch_add(1, Ordering::Relaxed),
            address: peer.ip().to_canonical(),
            line: line.into(),
            alive_ms: AtomicU64::new(self.now_ms()),
            busy: AtomicBool::new(false),
            all: Arc::clone(self),
        });
        let full = {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            open.insert(connection.id, Arc::downgrade(&connection));
            open.len() > self.eighths(FULL)
        };
        data.insert(connection);
        if full && self.now_ms().saturating_sub(self.looked_ms.load(Ordering::Relaxed)) >= LOOK_MS {
            self.look();
        }
    }

    /// Cuts what has been silent for too long, and what is too much.
    pub fn look(&self) {
        let now = self.now_ms();
        self.looked_ms.store(now, Ordering::Relaxed);
        let mut open = self.all();
        let quiet = u64::try_from(self.quiet.as_millis()).unwrap_or(u64::MAX);
        open.retain(|one| {
            let alive = now.saturating_sub(one.alive_ms.load(Ordering::Relaxed)) < quiet;
            if !alive {
                one.cut();
            }
            alive
        });
        let beyond = open.len().saturating_sub(self.eighths(NEARLY_FULL));
        for one in first_to_go(open).into_iter().take(beyond) {
            one.cut();
        }
    }

    fn all(&self) -> Vec<Arc<Connection>> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = open.values().filter_map(Weak::upgrade).collect();
        // Before any of them is let go: the last who does so takes it off the list.
        drop(open);
        all.retain(|one| !self.trusted.iter().any(|network| network.contains(&one.address)));
        all
    }

    fn eighths(&self, (part, of): (usize, usize)) -> usize {
        (self.most * part / of).max(1)
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// In the order in which they are cut: as if all addresses gave up one after the other, each its
/// quietest, until they hold alike.
fn first_to_go(mut open: Vec<Arc<Connection>>) -> Vec<Arc<Connection>> {
    let sign = |one: &Arc<Connection>| (one.busy.load(Ordering::Relaxed), one.alive_ms.load(Ordering::Relaxed));
    open.sort_by_cached_key(|one| std::cmp::Reverse(sign(one)));
    let mut held: HashMap<IpAddr, usize> = HashMap::new();
    let mut ranked: Vec<(usize, Arc<Connection>)> = Vec::with_capacity(open.len());
    for one in open {
        let nth = held.entry(one_line(one.address)).or_default();
        *nth += 1;
        ranked.push((*nth, one));
    }
    // Stable: of equal ranks, the quietest stands last, and goes first.
    ranked.reverse();
    ranked.sort_by_key(|(nth, _)| std::cmp::Reverse(*nth));
    ranked.into_iter().map(|(_, one)| one).collect()
}

impl Connection {
    /// A request came in whole.
    pub fn asked(&self) {
        self.busy.store(true, Ordering::Relaxed);
        self.lives();
    }

    /// Its answer is ready.
    pub fn answered(&self) {
        self.busy.store(false, Ordering::Relaxed);
        self.lives();
    }

    fn lives(&self) {
        self.alive_ms.store(self.all.now_ms(), Ordering::Relaxed);
    }

    fn cut(&self) {
        // It may be gone already.
        let _gone = self.line.shutdown(Shutdown::Both);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.all.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

/// The body, each of whose pieces is a sign of life if there are many.
pub fn watched(connection: Option<Arc<Connection>>, body: BoxBody) -> BoxBody {
    match connection {
        Some(connection) if matches!(body.size(), BodySize::Stream) => {
            connection.asked();
            BoxBody::new(Sending { body, connection })
        }
        _ => body,
    }
}

struct Sending {
    body: BoxBody,
    connection: Arc<Connection>,
}

impl MessageBody for Sending {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        self.connection.lives();
        Pin::new(&mut self.body).poll_next(cx)
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.connection.answered();
    }
}

/// How many connections this process may hold, of those that are wanted: the system counts open files, and
/// is asked for as many as that takes.
#[must_use]
pub fn room_for(wanted: usize) -> usize {
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

    fn connection(all: &Arc<Connections>, address: &str, alive_ms: u64, busy: bool) -> Arc<Connection> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        Arc::new(Connection {
            id: alive_ms,
            address: address.parse().unwrap(),
            line: TcpStream::connect(listener.local_addr().unwrap()).unwrap(),
            alive_ms: AtomicU64::new(alive_ms),
            busy: AtomicBool::new(busy),
            all: Arc::clone(all),
        })
    }

    #[test]
    fn who_holds_most_gives_up_first_and_the_quietest_of_his_before_his_busiest() {
        let all = Connections::new(8, Duration::from_secs(80), Vec::new());
        let open = vec![
            connection(&all, "198.51.100.1", 1, false),
            connection(&all, "2001:db8::1", 2, true),
            connection(&all, "2001:db8::2", 3, false),
            connection(&all, "2001:db8::3", 9, false),
            connection(&all, "198.51.100.2", 5, false),
            connection(&all, "198.51.100.2", 6, false),
        ];
        let order: Vec<u64> = first_to_go(open).iter().map(|one| one.id).collect();
        assert_eq!(order, [3, 5, 9, 1, 6, 2], "one /64 is one line");
    }

    #[actix_web::test]
    async fn a_line_that_gives_no_sign_of_life_is_cut_and_one_of_a_proxy_is_not() {
        for (trusted, cut) in [(vec![], true), (vec!["127.0.0.0/8".parse().unwrap()], false)] {
            let all = Connections::new(8, Duration::ZERO, trusted);
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let (stream, _) = listener.accept().unwrap();
            stream.set_nonblocking(true).unwrap();
            let stream = actix_web::rt::net::TcpStream::from_std(stream).unwrap();
            let mut data = Extensions::new();
            all.meet(&stream, &mut data);
            assert_eq!(all.open.lock().unwrap().len(), 1);
            all.look();
            client.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
            let read = std::io::Read::read(&mut client, &mut [0]);
            assert_eq!(matches!(read, Ok(0)), cut, "{read:?}");
            drop(data);
            assert!(all.open.lock().unwrap().is_empty());
        }
    }
}
