//! Metrics of store calls, the same for every store.

use std::time::Instant;

use strum::IntoStaticStr;

use super::Result;

/// Whether a call reads or writes.
#[derive(Clone, Copy, Debug, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(super) enum CallKind {
    /// Nothing changes.
    Read,
    /// Returns after the change is durable.
    Write,
}

/// Records duration and failure of a call.
pub(super) async fn timed<T>(call: CallKind, work: impl Future<Output = Result<T>>) -> Result<T> {
    let call: &str = call.into();
    let started = Instant::now();
    let result = work.await;
    metrics::histogram!("carnival_store_seconds", "call" => call).record(started.elapsed());
    if let Err(error) = &result {
        let kind: &str = error.into();
        metrics::counter!("carnival_store_errors_total", "call" => call, "kind" => kind).increment(1);
    }
    result
}
