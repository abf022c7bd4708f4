//! One connection with at most one request in flight.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::Instant;

use mio::net::TcpStream;
use mio::{Interest, Poll, Token};

/// The maximum length of an answer.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// An answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body_bytes: usize,
    /// When its request was due.
    pub(super) due: Instant,
}

/// A connection with at most one request in flight.
pub(super) struct Connection {
    stream: TcpStream,
    out: Vec<u8>,
    sent: usize,
    buffer: Vec<u8>,
    filled: usize,
    due: Option<Instant>,
}

impl Connection {
    /// Connects, and registers under `token`.
    pub(super) fn connect(address: SocketAddr, poll: &Poll, token: usize) -> Connection {
        let stream = std::net::TcpStream::connect(address).expect("the server listens");
        stream.set_nodelay(true).unwrap();
        stream.set_nonblocking(true).unwrap();
        let mut stream = TcpStream::from_std(stream);
        poll.registry().register(&mut stream, Token(token), Interest::READABLE | Interest::WRITABLE).unwrap();
        Connection { stream, out: Vec::with_capacity(2048), sent: 0, buffer: vec![0; 8192], filled: 0, due: None }
    }

    /// Sends a request that was due at `due`.
    pub(super) fn send(&mut self, head: &str, tail: &str, due: Instant) {
        self.out.clear();
        self.out.extend_from_slice(head.as_bytes());
        self.out.extend_from_slice(tail.as_bytes());
        (self.sent, self.filled, self.due) = (0, 0, Some(due));
        self.push();
    }

    /// Continues a partial write.
    pub(super) fn push(&mut self) {
        while self.due.is_some() && self.sent < self.out.len() {
            match self.stream.write(&self.out[self.sent..]) {
                Ok(count) => self.sent += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => panic!("a request could not be sent: {error}"),
            }
        }
    }

    /// Reads available bytes; returns the answer once it is complete.
    pub(super) fn pull(&mut self) -> Option<Answer> {
        let due = self.due?;
        loop {
            if self.filled == self.buffer.len() {
                assert!(self.filled < MAX_ANSWER_BYTES, "an answer is longer than {MAX_ANSWER_BYTES} bytes");
                self.buffer.resize(self.filled * 2, 0);
            }
            match self.stream.read(&mut self.buffer[self.filled..]) {
                Ok(0) => panic!("the server closed a connection in the middle of a request"),
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return None,
                Err(error) => panic!("an answer could not be read: {error}"),
            }
            if let Some((status, body_bytes)) = whole(&self.buffer[..self.filled]) {
                self.due = None;
                return Some(Answer { status, body_bytes, due });
            }
        }
    }

    /// Whether the received bytes contain this text.
    pub(super) fn has(&self, text: &str) -> bool {
        let received = &self.buffer[..self.filled];
        text.is_empty() || received.windows(text.len()).any(|part| part == text.as_bytes())
    }

    /// The received bytes, for messages.
    pub(super) fn received(&self) -> String {
        String::from_utf8_lossy(&self.buffer[..self.filled]).into_owned()
    }
}

/// Status and length of the body, if it is complete.
fn whole(bytes: &[u8]) -> Option<(u16, usize)> {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&bytes[..head + 2]).expect("a head of ASCII");
    let status = text.get(9..12).and_then(|status| status.parse().ok()).expect("a status line");
    let length = if matches!(status, 204 | 304) { 0 } else { length(text) };
    (bytes.len() >= head + 4 + length).then_some((status, length))
}

fn length(head: &str) -> usize {
    let value = head.split_once("content-length: ").map(|(_, rest)| rest.split_once("\r\n").map_or(rest, |(n, _)| n));
    value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("an answer without a length:\n{head}"))
}
