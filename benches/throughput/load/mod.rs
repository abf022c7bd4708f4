//! The load generator: requests that were made before the clock starts, over plain sockets in one thread.
//!
//! Closed loop: every connection sends its next request when it has its answer. Open loop: requests leave at a
//! given rate, and what an answer took is counted from when its request was to leave, so that a server which
//! stands still is charged for all who would have come meanwhile.

mod connection;
mod run;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// What is sent, where and how.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    /// The server.
    pub(crate) address: SocketAddr,
    /// How many connections.
    pub(crate) connections: usize,
    /// Requests a second in an open loop; a closed loop without.
    pub(crate) rate: Option<f64>,
    /// So many answers come before the clock starts.
    pub(crate) warm: usize,
    /// Statuses that are expected; any other ends the run.
    pub(crate) statuses: Vec<u16>,
    /// Processes whose CPU time is counted meanwhile.
    pub(crate) pids: Vec<u32>,
    /// What every answer's body must contain.
    pub(crate) must_contain: String,
    /// What stands behind this in an answer's body, up to a quotation mark, is kept; empty for nothing.
    pub(crate) capture: String,
    /// What is sent.
    pub(crate) requests: Requests,
}

/// Requests in the order in which they are sent, each a beginning and an end.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Requests {
    /// Beginnings: a request line and headers.
    pub(crate) heads: Vec<String>,
    /// Ends: the last headers and a body.
    pub(crate) tails: Vec<String>,
    /// Which beginning with which end.
    pub(crate) order: Vec<(u32, u32)>,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// Answers after the warming.
    pub(crate) answers: usize,
    /// From the first of them to the last, in seconds.
    pub(crate) seconds: f64,
    /// How often each status came, the warming included.
    pub(crate) statuses: BTreeMap<u16, usize>,
    /// Bytes of an answer's body, on average.
    pub(crate) body_bytes: f64,
    /// Microseconds of CPU of the generator itself per answer.
    pub(crate) own_cpu_us: f64,
    /// Microseconds of CPU per answer of each process that was watched.
    pub(crate) cpu_us: Vec<f64>,
    /// Bytes that each of them sent to the disk per answer.
    pub(crate) written_bytes: Vec<f64>,
    /// Milliseconds that answers took: the median, one in a hundred, one in a thousand, the longest.
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) p999_ms: f64,
    pub(crate) max_ms: f64,
    /// What was to be kept of each answer, in the order in which they came.
    pub(crate) captured: Vec<String>,
}

impl Outcome {
    /// Answers a second.
    pub(crate) fn rate(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
        let answers = self.answers as f64;
        answers / self.seconds
    }
}

/// Does the job in a file, and prints the outcome.
pub(crate) fn run(job: &str) {
    let job: Job = serde_json::from_slice(&std::fs::read(Path::new(job)).unwrap()).unwrap();
    let outcome = run::LoadRun::begin(&job).run();
    println!("{}", serde_json::to_string(&outcome).unwrap());
}
