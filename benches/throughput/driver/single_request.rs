//! Single requests, for the preparation.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

/// Sends one request; returns head and body of the answer as text.
pub(super) fn send(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let (line, rest) = request.split_once("\r\n").expect("a request line");
    write!(stream, "{line}\r\nconnection: close\r\n{rest}").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// The body of an answer.
pub(super) fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

/// A header of an answer.
pub(super) fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let lines = answer.lines().take_while(|line| !line.is_empty());
    let named = lines.filter_map(|line| line.split_once(": ")).find(|(own, _)| own.eq_ignore_ascii_case(name));
    named.map(|(_, value)| value)
}
