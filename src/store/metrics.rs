//! Metrics of store calls, the same for every store.

use std::time::Instant;

use super::{Result, StoreError};

/// Whether a call reads or writes.
#[derive(Clone, Copy, Debug)]
pub(super) enum CallKind {
    /// Nothing changes.
    Read,
    /// Returns after the change is durable.
    Write,
}

/// Records duration and failure of a call.
pub(super) async fn timed<T>(call: CallKind, work: impl Future<Output = Result<T>>) -> Result<T> {
    let call = match call {
        CallKind::Read => "read",
        CallKind::Write => "write",
    };
    let started = Instant::now();
    let result = work.await;
    metrics::histogram!("carnival_store_seconds", "call" => call).record(started.elapsed());
    if let Err(error) = &result {
        let kind = match error {
            StoreError::Unavailable(_) => "unavailable",
            StoreError::Broken(_) => "broken",
        };
        metrics::counter!("carnival_store_errors_total", "call" => call, "kind" => kind).increment(1);
    }
    result
}
