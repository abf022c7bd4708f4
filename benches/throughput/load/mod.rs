//! The load generator: sends prepared requests over plain sockets in one thread.
//!
//! Closed loop: every connection sends its next request when it has its answer. Open loop: requests are due at a given
//! rate, and latency counts from the due time, so that a server which stalls is charged for all requests that were due
//! in that time.

mod connection;
mod run;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// A load to generate.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    /// The server's address.
    pub(crate) address: SocketAddr,
    /// The number of connections.
    pub(crate) connections: usize,
    /// Requests per second in an open loop; None for a closed loop.
    pub(crate) rate: Option<f64>,
    /// The number of warm-up answers.
    pub(crate) warm: usize,
    /// The expected statuses; any other aborts the run.
    pub(crate) statuses: Vec<u16>,
    /// Processes whose CPU time is measured.
    pub(crate) pids: Vec<u32>,
    /// A text that every answer's body must contain.
    pub(crate) must_contain: String,
    /// Captures the value after this text in each answer's body, up to a quotation mark; empty for none.
    pub(crate) capture: String,
    /// The requests.
    pub(crate) requests: Requests,
}

/// Requests in the order of sending, each composed of a head and a tail.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Requests {
    /// Heads: a request line and headers.
    pub(crate) heads: Vec<String>,
    /// Tails: the last headers and a body.
    pub(crate) tails: Vec<String>,
    /// Pairs of indices: head and tail.
    pub(crate) order: Vec<(u32, u32)>,
}

/// The measurements.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// Answers after the warm-up.
    pub(crate) answers: usize,
    /// The time from the first of them to the last, in seconds.
    pub(crate) seconds: f64,
    /// The count of each status, including the warm-up.
    pub(crate) statuses: BTreeMap<u16, usize>,
    /// The mean length of an answer's body, in bytes.
    pub(crate) body_bytes: f64,
    /// CPU time of the generator per answer, in microseconds.
    pub(crate) own_cpu_us: f64,
    /// CPU time of each measured process per answer, in microseconds.
    pub(crate) cpu_us: Vec<f64>,
    /// Bytes that each of them wrote to disk per answer.
    pub(crate) written_bytes: Vec<f64>,
    /// Latencies in milliseconds: median, 99th and 99.9th percentile, maximum.
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) p999_ms: f64,
    pub(crate) max_ms: f64,
    /// The captured values, in the order of the answers.
    pub(crate) captured: Vec<String>,
}

impl Outcome {
    /// Answers per second.
    pub(crate) fn rate(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
        let answers = self.answers as f64;
        answers / self.seconds
    }
}

/// Runs the job in a file, and prints the outcome.
pub(crate) fn run(job: &str) {
    let job: Job = serde_json::from_slice(&std::fs::read(Path::new(job)).unwrap()).unwrap();
    let outcome = run::LoadRun::begin(&job).run();
    println!("{}", serde_json::to_string(&outcome).unwrap());
}
