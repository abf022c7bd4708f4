//! The state of the whole carnival: versions, generations of printed codes, serials.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Result;
use crate::rules::carnival::relief::ReliefPeriods;
use crate::rules::ids::{CardSerial, Generation, GiftNumber, PassportNumber, PointNumber};

/// The state of the whole carnival.
#[async_trait]
pub trait ControlStore: Send + Sync {
    /// Checks that the store accepts writes now.
    async fn ping(&self) -> Result<()>;

    /// The current version, the generations of the printed codes, the blocked passports and the relief periods. Cheap, because every
    /// instance polls it each second.
    async fn control(&self) -> Result<ControlState>;

    /// The carnival of a version, or `None` if there is no such version.
    async fn published_version(&self, version: u64) -> Result<Option<PublishedVersion>>;

    /// Publishes a carnival as the version after `after`, with the initial stock of its gifts and one entry per gift
    /// in the stock log. A gift that already has a stock keeps it. Nothing changes if another publication was faster.
    /// Returns the version that is current afterwards; [`ControlStore::published_version`] tells whose text it is. The stock
    /// is written before the version becomes current, so that no instance serves a gift without a stock.
    async fn publish(&self, after: u64, published: &PublishedVersion, stock: &[(GiftNumber, u32)]) -> Result<u64>;

    /// Raises the generation of a point's printed code from `from` by one. Returns the generation that is valid
    /// afterwards, even if another caller raised it.
    async fn reissue(&self, point: PointNumber, from: Generation) -> Result<Generation>;

    /// Reserves `count` serials of paper passports that were never issued, and returns the first. Returns
    /// [`StoreError::Broken`](super::StoreError::Broken), and reserves none, if fewer are left.
    async fn take_serials(&self, count: u32) -> Result<CardSerial>;
}

/// A published carnival file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedVersion {
    /// 1 for the first, incremented by each publication.
    pub version: u64,
    /// The file as published (TOML).
    pub text: String,
    /// When it was published.
    pub at: Timestamp,
    /// By whom, as free text.
    pub by: String,
    /// How it was made.
    #[serde(default, skip_serializing_if = "PublicationSource::is_file")]
    pub source: PublicationSource,
}

/// How a version was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PublicationSource {
    /// A whole file was published. Its author has a copy of the text.
    #[default]
    File,
    /// Single entries were changed in a call of their own.
    Edit,
    /// An earlier version was published again.
    PutBack,
}

impl PublicationSource {
    /// Whether it was a file. It is not written, so that exports of earlier builds stay as they are.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_file(&self) -> bool {
        *self == PublicationSource::File
    }
}

/// The state that every instance polls each second.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlState {
    /// The current version; 0 in an empty store.
    pub version: u64,
    /// How often each printed code was replaced; points whose code was never replaced are absent.
    pub generations: BTreeMap<PointNumber, Generation>,
    /// Passports that get no gift before the holder has talked with an organiser.
    pub blocked_passports: BTreeSet<PassportNumber>,
    /// What closures took off what routes ask for.
    pub relief: ReliefPeriods,
}
