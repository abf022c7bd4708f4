//! A TCP proxy between a program and its server that a test can reset, stall and slow down.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;

/// The state of the proxied connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum LinkState {
    /// Forwards bytes unchanged.
    #[default]
    Normal,
    /// Delays bytes in both directions.
    Slow(Duration),
    /// Accepts connections and forwards nothing; buffered bytes arrive when the state is normal again.
    Held,
    /// Forwards requests and drops their replies. A connection that lost a reply is reset at the next change of state,
    /// because its stream has a gap.
    DropsReplies,
}

/// A listener in front of a server.
pub(crate) struct TcpProxy {
    port: u16,
    /// The number of connections so far.
    connection_count: Arc<AtomicUsize>,
    state: watch::Sender<LinkState>,
    resets: watch::Sender<u64>,
    /// Connections before this number carry nothing any more.
    blackholed: watch::Sender<usize>,
    end: watch::Sender<bool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl TcpProxy {
    /// Starts a proxy in front of the server at this address, such as `127.0.0.1:6379`.
    pub(crate) fn in_front_of(server: &str) -> Self {
        let server: SocketAddr = server.parse().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let connection_count = Arc::new(AtomicUsize::new(0));
        let (state, resets) = (watch::channel(LinkState::Normal).0, watch::channel(0).0);
        let (blackholed, end) = (watch::channel(0).0, watch::channel(false).0);
        let task = ProxyTask {
            server,
            connection_count: Arc::clone(&connection_count),
            state: state.subscribe(),
            resets: resets.subscribe(),
            blackholed: blackholed.subscribe(),
        };
        let mut ended = end.subscribe();
        // On a separate thread, because a test may block.
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                tokio::select! {
                    () = task.accept(listener) => {}
                    _ = ended.changed() => {}
                }
            });
        });
        Self { port, connection_count, state, resets, blackholed, end, thread: Some(thread) }
    }

    /// Its address as a Redis URL.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Changes the state, also of open connections.
    pub(crate) fn set(&self, state: LinkState) {
        self.state.send_replace(state);
    }

    /// Resets every open connection; new ones work at once.
    pub(crate) fn reset_connections(&self) {
        self.resets.send_modify(|resets| *resets += 1);
    }

    /// Open connections carry nothing any more and get no error, as when a firewall drops their state; new ones work.
    pub(crate) fn blackhole(&self) {
        self.blackholed.send_replace(self.connection_count());
    }

    /// The number of connections so far.
    pub(crate) fn connection_count(&self) -> usize {
        self.connection_count.load(Ordering::SeqCst)
    }
}

impl Drop for TcpProxy {
    fn drop(&mut self) {
        self.end.send_replace(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[derive(Clone)]
struct ProxyTask {
    server: SocketAddr,
    connection_count: Arc<AtomicUsize>,
    state: watch::Receiver<LinkState>,
    resets: watch::Receiver<u64>,
    blackholed: watch::Receiver<usize>,
}

impl ProxyTask {
    async fn accept(self, listener: std::net::TcpListener) {
        let listener = TcpListener::from_std(listener).unwrap();
        while let Ok((client, _)) = listener.accept().await {
            let task = self.clone();
            tokio::spawn(async move {
                let number = task.connection_count.fetch_add(1, Ordering::SeqCst);
                // If the server is down or disconnects, only this connection ends.
                let _ = task.connection(number, client).await;
            });
        }
    }

    async fn connection(&self, number: usize, client: TcpStream) -> io::Result<()> {
        let mut blackholed = self.blackholed.clone();
        let mut resets = self.resets.clone();
        resets.mark_unchanged();
        client.set_nodelay(true)?;
        // On drop both ends get a reset, as from a machine that went down.
        client.set_zero_linger()?;
        let server = TcpStream::connect(self.server).await?;
        server.set_nodelay(true)?;
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        let reply_lost = AtomicBool::new(false);
        let mut up = pin!(self.carry(from_client, to_server, None));
        let mut down = pin!(self.carry(from_server, to_client, Some(&reply_lost)));
        tokio::select! {
            _ = resets.changed() => return Ok(()),
            done = &mut up => return done,
            done = &mut down => return done,
            _ = blackholed.wait_for(|before| number < *before) => {}
        }
        // Both ends stay open, and nothing moves.
        let _ = resets.changed().await;
        Ok(())
    }

    /// Forwards bytes in one direction; `reply_lost` is given for the direction of replies.
    async fn carry(
        &self,
        mut from: OwnedReadHalf,
        mut to: OwnedWriteHalf,
        reply_lost: Option<&AtomicBool>,
    ) -> io::Result<()> {
        let mut state = self.state.clone();
        let mut bytes = vec![0; 64 * 1024];
        loop {
            let read = tokio::select! {
                read = from.read(&mut bytes) => read?,
                _ = state.changed(), if reply_lost.is_some_and(|reply_lost| reply_lost.load(Ordering::SeqCst)) => {
                    return Err(io::ErrorKind::ConnectionReset.into());
                }
            };
            if read == 0 {
                return Ok(());
            }
            let now = *state.borrow_and_update();
            match (now, reply_lost) {
                (LinkState::Normal, _) | (LinkState::DropsReplies, None) => {}
                (LinkState::Slow(later), _) => sleep(later).await,
                (LinkState::Held, _) => {
                    // The sender ends only with this proxy.
                    let _ = state.wait_for(|now| *now != LinkState::Held).await;
                }
                (LinkState::DropsReplies, Some(reply_lost)) => {
                    reply_lost.store(true, Ordering::SeqCst);
                    continue;
                }
            }
            to.write_all(&bytes[..read]).await?;
        }
    }
}
