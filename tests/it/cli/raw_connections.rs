//! What the HTTP layer does with the bytes of a connection: unreadable heads, and answers that nobody reads.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::harness::{RunningServer, Workspace};

/// Generous, because other tests run on the same cores.
const TIMEOUT: Duration = Duration::from_secs(60);

fn address(served: &RunningServer) -> SocketAddr {
    served.api.base.trim_start_matches("http://").parse().unwrap()
}

fn connect(server: SocketAddr) -> TcpStream {
    let line = TcpStream::connect(server).unwrap();
    line.set_read_timeout(Some(TIMEOUT)).unwrap();
    line
}

/// Sends a request, and reads until the server closes the connection.
fn answer_until_closed(server: SocketAddr, request: &str) -> String {
    let mut line = connect(server);
    // The server may close the connection before it has read everything. Then its answer is read, and a reset follows.
    let _cut = line.write_all(request.as_bytes());
    let (mut answer, mut part) = (Vec::new(), [0; 4096]);
    loop {
        match line.read(&mut part) {
            Ok(0) => break,
            Ok(read) => answer.extend_from_slice(&part[..read]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
            Err(error) => panic!("the connection stays open: {error}"),
        }
    }
    String::from_utf8(answer).unwrap()
}

/// The API document describes these refusals.
#[test]
fn an_unreadable_head_is_refused_without_a_body_and_the_connection_is_closed() {
    let served = Workspace::new().serve("serve");
    let get = "GET /healthz HTTP/1.1\r\n";
    let post = "POST /v1/sessions/staff HTTP/1.1\r\nhost: a\r\n";
    for (what, request, status) in [
        ("no host", format!("{get}\r\n"), 400),
        ("two hosts", format!("{get}host: a\r\nhost: b\r\n\r\n"), 400),
        ("two framings", format!("{post}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n"), 400),
        ("two lengths", format!("{post}content-length: 4\r\ncontent-length: 5\r\n\r\n"), 400),
        ("no request line", "hello\r\n\r\n".to_owned(), 400),
        ("a field without a colon", format!("{get}host: a\r\nhello\r\n\r\n"), 400),
        ("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), 400),
        ("97 fields", format!("{get}host: a\r\n{}\r\n", "x: y\r\n".repeat(96)), 431),
        ("a field of 128 KiB", format!("{get}host: a\r\nx: {}", "y".repeat(128 << 10)), 431),
        // It never ends.
        ("a slow head", format!("{get}host: a\r\nx: "), 408),
    ] {
        let answer = answer_until_closed(address(&served), &request);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{what}: {answer}");
        assert!(answer.ends_with("\r\n\r\n") && answer.matches("\r\n\r\n").count() == 1, "{what}: {answer}");
        let mut fields: Vec<_> =
            answer.trim_end().lines().skip(1).map(|line| line.split(": ").next().unwrap()).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["connection", "content-length", "date"], "{what}: {answer}");
    }
    // As much as fits is a request like any other.
    for fields in ["x: y\r\n".repeat(94), format!("x: {}\r\n", "y".repeat(100 << 10))] {
        let answer =
            answer_until_closed(address(&served), &format!("{get}host: a\r\nconnection: close\r\n{fields}\r\n"));
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("\r\nx-request-id: "), "{answer}");
    }
}

/// Waits until the server has answered each connection as far as it takes answers, and works no more.
fn wait_until_stalled(served: &RunningServer, lines: &[TcpStream]) {
    let begun = Instant::now();
    for line in lines {
        assert!(line.peek(&mut [0]).unwrap() > 0, "no answer");
    }
    let (mut cpu, mut since) = (served.program.cpu(), Instant::now());
    while since.elapsed() < Duration::from_millis(500) {
        assert!(begun.elapsed() < TIMEOUT, "the server still works");
        std::thread::sleep(Duration::from_millis(20));
        let now = served.program.cpu();
        if now > cpu {
            (cpu, since) = (now, Instant::now());
        }
    }
}

/// A client with a small receive buffer, so that the answers it does not read wait in the server.
fn connect_narrowly(server: SocketAddr) -> TcpStream {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let connected = tokio::runtime::Handle::current().block_on(socket.connect(server)).unwrap();
    let line = connected.into_std().unwrap();
    line.set_nonblocking(false).unwrap();
    line.set_read_timeout(Some(TIMEOUT)).unwrap();
    line
}

/// A connection with unread answers costs the server a write buffer and the requests that wait, not the answers.
#[test]
fn unread_answers_do_not_fill_the_memory() {
    const CONNECTIONS: usize = 200;
    /// About six times what was measured. A copy of the shortest of these answers would exceed it.
    const LIMIT_KB_EACH: u64 = 400;
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _entered = runtime.enter();
    let mut workspace = Workspace::new();
    workspace.set("CARNIVAL__HTTP__MAX_CONNECTIONS", "1000");
    let served = workspace.serve("serve");
    for path in ["/docs/swagger-ui-es-bundle-core.js", "/v1/openapi.json", "/docs/swagger-ui-bundle.js"] {
        let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n");
        // The first answer reads pages of the program into memory, and makes what all answers share.
        let first = answer_until_closed(address(&served), &request.replace("host: a", "host: a\r\nconnection: close"));
        assert!(first.len() as u64 > LIMIT_KB_EACH << 10, "{path} has {} bytes", first.len());
        let before = served.program.memory_kb();
        let mut lines: Vec<TcpStream> = (0..CONNECTIONS).map(|_| connect_narrowly(address(&served))).collect();
        // More than the operating system takes for a connection.
        for line in &mut lines {
            line.write_all(request.repeat(10).as_bytes()).unwrap();
        }
        wait_until_stalled(&served, &lines);
        let grown = served.program.memory_kb().saturating_sub(before) / CONNECTIONS as u64;
        assert!(grown < LIMIT_KB_EACH, "{path}: {grown} KB a connection");
    }
}
