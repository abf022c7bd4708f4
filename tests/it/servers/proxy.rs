//! A line between a program and its server that a test can cut, silence and slow down.

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

/// How the line is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Weather {
    /// As if it were not there.
    #[default]
    Clear,
    /// Bytes come this much later, in either direction.
    Slow(Duration),
    /// It accepts and forwards nothing; what was sent meanwhile arrives when it is clear again.
    Held,
    /// Requests arrive; their answers are thrown away, and a line that lost some never comes to
    /// life again: it is cut with the next weather, as a stream with a hole must be.
    Mute,
}

/// One listener before one server.
pub(crate) struct Proxy {
    port: u16,
    /// How many lines there have been.
    dialled: Arc<AtomicUsize>,
    weather: watch::Sender<Weather>,
    cuts: watch::Sender<u64>,
    /// Lines before this one carry nothing any more.
    stranded: watch::Sender<usize>,
    end: watch::Sender<bool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Proxy {
    /// Stands before the server at this address, such as `127.0.0.1:6379`.
    pub(crate) fn before(server: &str) -> Self {
        let server: SocketAddr = server.parse().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let dialled = Arc::new(AtomicUsize::new(0));
        let (weather, cuts) = (watch::channel(Weather::Clear).0, watch::channel(0).0);
        let (stranded, end) = (watch::channel(0).0, watch::channel(false).0);
        let house = House {
            server,
            dialled: Arc::clone(&dialled),
            weather: weather.subscribe(),
            cuts: cuts.subscribe(),
            stranded: stranded.subscribe(),
        };
        let mut ended = end.subscribe();
        // On a thread of its own: a test may block, its line must not.
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                tokio::select! {
                    () = house.accept(listener) => {}
                    _ = ended.changed() => {}
                }
            });
        });
        Self { port, dialled, weather, cuts, stranded, end, thread: Some(thread) }
    }

    /// Where the program finds it, as a URL of Redis.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Changes the weather, also for lines that stand.
    pub(crate) fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }

    /// Resets every line that stands; the next can be dialled at once.
    pub(crate) fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Whatever stands carries nothing any more and is told nothing, as when a firewall forgot it;
    /// lines that are dialled from now on are in order.
    pub(crate) fn strand(&self) {
        self.stranded.send_replace(self.dialled());
    }

    /// How many lines there have been.
    pub(crate) fn dialled(&self) -> usize {
        self.dialled.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.end.send_replace(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[derive(Clone)]
struct House {
    server: SocketAddr,
    dialled: Arc<AtomicUsize>,
    weather: watch::Receiver<Weather>,
    cuts: watch::Receiver<u64>,
    stranded: watch::Receiver<usize>,
}

impl House {
    async fn accept(self, listener: std::net::TcpListener) {
        let listener = TcpListener::from_std(listener).unwrap();
        while let Ok((client, _)) = listener.accept().await {
            let house = self.clone();
            tokio::spawn(async move {
                let number = house.dialled.fetch_add(1, Ordering::SeqCst);
                // That the server is away, or went, ends this line and nothing else.
                let _ = house.line(number, client).await;
            });
        }
    }

    async fn line(&self, number: usize, client: TcpStream) -> io::Result<()> {
        let mut stranded = self.stranded.clone();
        let mut cuts = self.cuts.clone();
        cuts.mark_unchanged();
        client.set_nodelay(true)?;
        // Dropped, either end is told by a reset, as from a machine that went away.
        client.set_zero_linger()?;
        let server = TcpStream::connect(self.server).await?;
        server.set_nodelay(true)?;
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        let holed = AtomicBool::new(false);
        let mut up = pin!(self.carry(from_client, to_server, None));
        let mut down = pin!(self.carry(from_server, to_client, Some(&holed)));
        tokio::select! {
            _ = cuts.changed() => return Ok(()),
            done = &mut up => return done,
            done = &mut down => return done,
            _ = stranded.wait_for(|before| number < *before) => {}
        }
        // Both ends are held, and nothing moves.
        let _ = cuts.changed().await;
        Ok(())
    }

    /// Carries bytes one way; `holed` is for the way of the answers.
    async fn carry(
        &self,
        mut from: OwnedReadHalf,
        mut to: OwnedWriteHalf,
        holed: Option<&AtomicBool>,
    ) -> io::Result<()> {
        let mut weather = self.weather.clone();
        let mut bytes = vec![0; 64 * 1024];
        loop {
            let read = tokio::select! {
                read = from.read(&mut bytes) => read?,
                _ = weather.changed(), if holed.is_some_and(|holed| holed.load(Ordering::SeqCst)) => {
                    return Err(io::ErrorKind::ConnectionReset.into());
                }
            };
            if read == 0 {
                return Ok(());
            }
            let now = *weather.borrow_and_update();
            match (now, holed) {
                (Weather::Clear, _) | (Weather::Mute, None) => {}
                (Weather::Slow(later), _) => sleep(later).await,
                (Weather::Held, _) => {
                    // An end of the sender would be an end of this house.
                    let _ = weather.wait_for(|now| *now != Weather::Held).await;
                }
                (Weather::Mute, Some(holed)) => {
                    holed.store(true, Ordering::SeqCst);
                    continue;
                }
            }
            to.write_all(&bytes[..read]).await?;
        }
    }
}
