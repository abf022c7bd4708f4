//! The store: atomic primitives, one trait per feature ([`Store`] is their sum), with two implementations, an embedded
//! one (`redb`) and one for Redis and Redis Cluster.
//!
//! Every write is one atomic step and idempotent: a repeat returns the same result and changes nothing. Every method
//! returns within a bounded time. The store knows no eligibility, no opening hours and no clock: it counts, compares
//! and stores. Every write it has acknowledged survives a crash of the program; on Redis, as far as the configuration
//! of Redis allows, which is audited when the store is opened.

mod control;
pub mod control_records;
mod counters;
pub mod deadline;
pub mod embedded;
mod erasures;
pub mod export;
mod gifts;
mod hints;
mod keys;
mod metrics;
mod passports;
pub mod record;
pub mod record_kinds;
pub mod redis;
pub mod shard;

use serde::{Deserialize, Serialize};

pub use self::control::{ControlState, ControlStore, PublicationSource, PublishedVersion};
pub use self::control_records::{ControlRecord, RecordChange, RecordStore};
pub use self::counters::{CounterStore, LogId};
pub use self::erasures::ErasureStore;
pub use self::gifts::{ClaimChange, ClaimOutcome, GiftState, GiftStore, Stock, StockOutcome, StoredClaim};
pub use self::hints::{HintStore, Hints};
pub use self::passports::{NewStamps, PassportChange, PassportOutcome, PassportStore, RoutePoints, StampsOutcome};
pub use self::record_kinds::{PassportPrint, PosterCheck, RecordKind, Reissue, Resolution, StoredSuspicion};

/// A whole store.
pub trait Store:
    PassportStore + GiftStore + ControlStore + RecordStore + CounterStore + HintStore + ErasureStore
{
}

impl<S> Store for S where
    S: PassportStore + GiftStore + ControlStore + RecordStore + CounterStore + HintStore + ErasureStore
{
}

/// Why a store call failed.
#[derive(Clone, Debug, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum StoreError {
    /// The outcome is unknown. Retrying is safe and may succeed soon.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// Retrying does not help: a record cannot be read, or the store has another format.
    #[error("the store is broken: {0}")]
    Broken(String),
}

/// The result of a store call.
pub type Result<T> = std::result::Result<T, StoreError>;

/// The result of joining something with limited room: a card joins a phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JoinOutcome<T> {
    /// Joined now or earlier; a repeat returns the value stored the first time.
    Joined(T),
    /// No room is left.
    Full,
}
