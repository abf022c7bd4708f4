//! Guards against a few clients with many slow connections that block a whole venue.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::harness::{RunningServer, Workspace};

const STRANGERS: usize = 2_000;
const HONEST: usize = 200;
/// How long an honest client retries: ten times the one or two seconds that it needs on an idle machine.
const HONEST_TIMEOUT: Duration = Duration::from_secs(20);

/// Behaviours of a slow client: what it sends at once, and then repeatedly.
const WAYS: [(&str, &str); 5] = [
    // It sends nothing.
    ("", ""),
    ("GET /v1/carnival HTTP/1.1\r\nhost: a\r\nx: ", "y"),
    ("POST /v1/sessions/wechat HTTP/1.1\r\nhost: a\r\ncontent-length: 9000\r\n\r\n{", " "),
    ("POST /v1/sessions/wechat HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n", "1\r\n \r\n"),
    // A complete request, then a second head that never ends.
    ("GET /healthz HTTP/1.1\r\nhost: a\r\n\r\nGET /healthz HTTP/1.1\r\nx: ", "y"),
];

fn served(most: &str) -> (Workspace, RunningServer) {
    // This process holds the other ends of the connections.
    assert!(carnival::http::raise_fd_limit(4_000) >= 4_000, "this machine allows too few open files (ulimit -n)");
    let mut workspace = Workspace::new();
    workspace.set("CARNIVAL__HTTP__MAX_CONNECTIONS", most);
    workspace.set("CARNIVAL__HTTP__LIMITS__FAILURES_PER_MINUTE", "1000000");
    let served = workspace.serve("serve");
    (workspace, served)
}

/// Keeps its connections as long as possible, and reconnects when one is closed.
fn dawdle(server: SocketAddr, (first, then): (&str, &str), count: usize, stop: &AtomicBool, dialled: &AtomicUsize) {
    let mut lines: Vec<TcpStream> = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        lines.retain_mut(|line| {
            let mut answer = [0; 512];
            let open = !matches!(line.read(&mut answer), Ok(0));
            open && (then.is_empty() || line.write_all(then.as_bytes()).is_ok())
        });
        while lines.len() < count && !stop.load(Ordering::Relaxed) {
            let Ok(mut line) = TcpStream::connect_timeout(&server, Duration::from_millis(200)) else { break };
            if line.set_nonblocking(true).is_ok() && line.write_all(first.as_bytes()).is_ok() {
                dialled.fetch_add(1, Ordering::Relaxed);
                lines.push(line);
            }
        }
        thread::sleep(Duration::from_millis(100));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_clients_are_served_beside_two_thousand_slow_connections() {
    let (workspace, served) = served("1000");
    let api = &served.api;
    let address: SocketAddr = api.base.trim_start_matches("http://").parse().unwrap();
    let poster = workspace.poster_links().remove(0);
    let mut tokens = Vec::new();
    for nth in 0..HONEST {
        tokens.push(api.resident(&workspace.wechat, &format!("honest-{nth}")).await);
    }
    let (stop, dialled) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let strangers = WAYS.map(|way| {
        let (stop, dialled) = (Arc::clone(&stop), Arc::clone(&dialled));
        thread::spawn(move || dawdle(address, way, STRANGERS / WAYS.len(), &stop, &dialled))
    });
    let begun = Instant::now();
    while dialled.load(Ordering::Relaxed) < STRANGERS {
        assert!(begun.elapsed() < Duration::from_secs(60), "only {} connected", dialled.load(Ordering::Relaxed));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut asked = tokio::task::JoinSet::new();
    for token in tokens {
        let (api, poster) = (api.clone(), poster.clone());
        asked.spawn(async move {
            // Like a phone: reconnect when a connection is closed. On a busy machine it can be closed several times
            // before the request is read.
            let (begun, mut attempts) = (Instant::now(), 0);
            while begun.elapsed() < HONEST_TIMEOUT {
                attempts += 1;
                match api.ask(&token, "/v1/check-ins", Some(json!({ "code": poster }))).await {
                    Ok((status, _)) if status == 201 || status == 200 => return Some(attempts),
                    _ => tokio::time::sleep(Duration::from_millis(100)).await,
                }
            }
            None
        });
    }
    let attempts = asked.join_all().await;
    stop.store(true, Ordering::Relaxed);
    for stranger in strangers {
        stranger.join().unwrap();
    }
    let let_in = attempts.iter().flatten().count();
    assert_eq!(let_in, HONEST, "attempts: {attempts:?}");
    // All of them, including those served while the slow connections were still open.
    assert_eq!(api.get("", "/healthz").await.0, 200);
}

/// Connections that send nothing.
struct SilentConnections {
    server: SocketAddr,
    lines: Vec<TcpStream>,
    /// How many the server has closed so far.
    closed: usize,
}

impl SilentConnections {
    fn remove_closed(&mut self) {
        let before = self.lines.len();
        self.lines.retain_mut(|line| !matches!(line.read(&mut [0; 512]), Ok(0)));
        self.closed += before - self.lines.len();
    }

    fn fill_up_to(&mut self, count: usize) {
        while self.lines.len() < count {
            let line = TcpStream::connect(self.server).unwrap();
            line.set_nonblocking(true).unwrap();
            self.lines.push(line);
        }
    }
}

/// Sends a request on an open connection, and reads the whole answer.
fn request_health(line: &mut TcpStream) -> std::io::Result<String> {
    line.write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n")?;
    let mut answer = Vec::new();
    loop {
        let mut part = [0; 1024];
        match line.read(&mut part)? {
            0 => return Err(ErrorKind::UnexpectedEof.into()),
            read => answer.extend_from_slice(&part[..read]),
        }
        let text = String::from_utf8_lossy(&answer).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.unwrap().parse().unwrap();
            if body.len() >= length {
                return Ok(text);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_connections_run_out_idle_ones_are_closed_before_active_ones() {
    let (_house, served) = served("80");
    let address: SocketAddr = served.api.base.trim_start_matches("http://").parse().unwrap();
    let begun = Instant::now();
    let mut silent = SilentConnections { server: address, lines: Vec::new(), closed: 0 };
    // Above three quarters of the limit of 80 the server closes idle connections until 60 are left. A new connection
    // counts as active, so the silent ones come first: of 81 connections at most 21 can still be new.
    while silent.closed == 0 {
        assert!(begun.elapsed() < Duration::from_secs(60), "none was closed");
        silent.fill_up_to(80);
        tokio::time::sleep(Duration::from_millis(20)).await;
        silent.remove_closed();
    }
    let mut asking = TcpStream::connect(address).unwrap();
    asking.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // More connections than fit, repeatedly, while one client is active. Between two of its requests at most 42
    // connections are younger than its own, and 60 are kept.
    while silent.closed < 100 {
        assert!(begun.elapsed() < Duration::from_secs(60), "{} were closed", silent.closed);
        let answer = request_health(&mut asking);
        let stays_open = answer.as_ref().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"));
        assert!(stays_open, "the active connection stays open: {answer:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
        silent.remove_closed();
        silent.fill_up_to(80);
    }
}

/// A refused request costs about as much CPU as an ordinary one. The limit is ten times that, because other load on the
/// machine makes each a little dearer.
#[test]
fn no_refused_request_is_expensive() {
    const TIMES: u64 = 300;
    let (_house, served) = served("1000");
    let address: SocketAddr = served.api.base.trim_start_matches("http://").parse().unwrap();
    let login = |headers: &str, body: &str| {
        let length = body.len();
        let head = "POST /v1/sessions/staff HTTP/1.1\r\nhost: a\r\nconnection: close\r\n";
        format!("{head}{headers}content-length: {length}\r\n\r\n{body}")
    };
    let sound = r#"{"invitation":"S4QZ7M2KX0V9T1B5G","name":"x","nonce":"nonce-0001"}"#;
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    bomb.write_all(&vec![b' '; 8 << 20]).unwrap();
    let bomb: String = bomb.finish().unwrap().into_iter().map(char::from).collect();
    let announced = "POST /v1/sessions/staff HTTP/1.1\r\nhost: a\r\ncontent-length: 999999999\r\n\r\n".to_owned();
    let forged =
        "GET /v1/me HTTP/1.1\r\nhost: a\r\nconnection: close\r\nauthorization: Bearer x.y.z\r\n\r\n".to_owned();
    let fields = format!("GET / HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(200));
    let cost = |request: &str| {
        let before = served.program.cpu();
        for _ in 0..TIMES {
            let mut line = TcpStream::connect(address).unwrap();
            // The server may close the connection early.
            let _cut = line.write_all(request.as_bytes());
            let mut status = [0; 12];
            let _reset = line.read(&mut status);
        }
        served.program.cpu() - before
    };
    let ordinary = cost(&login("", sound)).max(1);
    for (what, request) in [
        ("a forged token", forged),
        ("no JSON", login("", "{")),
        ("JSON 8,000 levels deep", login("", &"[".repeat(8_000))),
        ("a body of 17 KiB", login("", &" ".repeat(17 << 10))),
        ("a body announced with 1 GB", announced),
        ("a gzip bomb of 8 MiB", login("content-encoding: gzip\r\n", &bomb)),
        ("a head of 200 fields", fields),
        ("a head of 200 KiB", format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(200 << 10))),
    ] {
        let refused = cost(&request);
        assert!(refused < 10 * ordinary, "{what}: {refused} ticks of CPU, an ordinary request {ordinary}");
    }
}
