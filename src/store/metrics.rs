//! How long calls of a store take, and how they fail: alike for every store.

use std::time::Instant;

use super::{Result, StoreError};

/// Whether a call is answered with what stands or changes it.
#[derive(Clone, Copy, Debug)]
pub(super) enum CallKind {
    /// Nothing changes.
    Read,
    /// Answered when what it changed is kept.
    Write,
}

/// Measures a call.
pub(super) async fn timed<T>(call: CallKind, work: impl Future<Output = Result<T>>) -> Result<T> {
    let call = match call {
        CallKind::Read => "read",
        CallKind::Write => "write",
    };
    let begun = Instant::now();
    let answer = work.await;
    metrics::histogram!("carnival_store_seconds", "call" => call).record(begun.elapsed());
    if let Err(error) = &answer {
        let kind = match error {
            StoreError::Unavailable(_) => "unavailable",
            StoreError::Broken(_) => "broken",
        };
        metrics::counter!("carnival_store_errors_total", "call" => call, "kind" => kind).increment(1);
    }
    answer
}
