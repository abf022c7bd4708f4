//! The current carnival: an empty store is seeded from the carnival file; afterwards the published version is loaded.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use crate::rules::carnival::closures::{self, DayClosure};
use crate::rules::carnival::relief::{Relief, ReliefPeriods};
use crate::rules::carnival::{Carnival, Route};
use crate::rules::carnival_file::version_line::ReceivedFile;
use crate::rules::carnival_file::{self, Mistake};
use crate::rules::ids::{Generation, GiftNumber, PassportNumber, PointNumber};
use crate::store::control_records::{self, Existing};
use crate::store::{
    ControlState, ControlStore, PublicationSource, PublishedVersion, RecordKind, RecordStore, RoutePoints, Store,
    StoreError,
};

/// Author of the first version, which comes from the file.
pub const FILE_AUTHOR: &str = "carnival file";

/// The published carnival, and state that changes with it.
#[derive(Clone, Debug)]
pub struct CurrentCarnival {
    /// The version in the store.
    pub version: u64,
    /// Time of publication.
    pub published_at: Timestamp,
    /// The carnival.
    pub carnival: Arc<Carnival>,
    /// The points of each route.
    pub routes: Arc<[RoutePoints]>,
    /// Generation of each reissued printed code.
    pub generations: BTreeMap<PointNumber, Generation>,
    /// Passports whose gifts are blocked until a talk with an organiser.
    pub blocked_passports: BTreeSet<PassportNumber>,
    /// The relief periods; the carnival has what they take off now.
    pub relief_periods: Arc<ReliefPeriods>,
    /// When they next take something off.
    pub next_relief: Option<Timestamp>,
}

impl CurrentCarnival {
    /// The generation of a point's printed code.
    #[must_use]
    pub fn generation(&self, point: PointNumber) -> Generation {
        self.generations.get(&point).copied().unwrap_or(Generation::FIRST)
    }

    /// The successor of this carnival after another version is published.
    pub(in crate::actions) fn succeeds(
        &self,
        version: u64,
        published_at: Timestamp,
        carnival: Arc<Carnival>,
    ) -> CurrentCarnival {
        CurrentCarnival { version, published_at, routes: routes(&carnival), carnival, ..self.clone() }
    }

    /// The same carnival with what these periods take off at `now`.
    pub(in crate::actions) fn with_relief(self, periods: Arc<ReliefPeriods>, now: Timestamp) -> CurrentCarnival {
        let relief = Relief::in_force(&periods, now);
        let next_relief = Relief::next_effect(&periods, now);
        let carnival = if relief == self.carnival.relief {
            self.carnival
        } else {
            Arc::new(Carnival { relief, ..Carnival::clone(&self.carnival) })
        };
        CurrentCarnival { carnival, relief_periods: periods, next_relief, ..self }
    }

    /// Whether a period takes something off by now that the carnival does not have yet.
    pub(in crate::actions) fn lacks_relief(&self, now: Timestamp) -> bool {
        self.next_relief.is_some_and(|next| next <= now)
    }
}

/// Why no carnival could be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The given file has mistakes.
    #[error("the carnival file has {} mistakes", .0.len())]
    Mistakes(Vec<Mistake>),
    /// The published file has mistakes: an earlier version of the program accepted it.
    #[error("the published carnival has {} mistakes for this version of the program", .0.len())]
    Published(Vec<Mistake>),
    /// The store is stale: it holds an older version than this process has seen, or none. It came up empty or from an
    /// old copy.
    #[error("the store holds version {stored} of the carnival, but version {last_seen} was published before")]
    Behind {
        /// Version in the store.
        stored: u64,
        /// Newest version that this process has seen.
        last_seen: u64,
    },
    /// The store is stale: this version in it is not the one that this process has seen. It came up empty or from an old
    /// copy, and another program published in it.
    #[error("the store holds another version {0} of the carnival than was published before")]
    Replaced(u64),
    /// The store holds no carnival and no file was given.
    #[error("the store holds no carnival yet")]
    Empty,
}

/// Seeds an empty store with the carnival file, or loads the published version.
///
/// # Errors
/// Mistakes in the file, even if the store does not need it; a store that fails.
pub async fn load_or_seed(
    store: &dyn Store,
    text: &str,
    now: Timestamp,
) -> Result<(CurrentCarnival, PublishedVersion), LoadError> {
    let carnival = carnival_file::parse(text).map_err(LoadError::Mistakes)?;
    if store.control().await?.version == 0 {
        let ReceivedFile { text, .. } = ReceivedFile::parse(text);
        let (by, source) = (FILE_AUTHOR.to_owned(), PublicationSource::File);
        let published = PublishedVersion { version: 1, text, at: now, by, source };
        store.publish(0, &published, &initial_stock(&carnival)).await?;
    }
    // Also after a publication that was interrupted before its closures were recorded.
    for _ in 0..control_records::MAX_ATTEMPTS {
        let loaded = load(store, now).await?;
        if !settle(store, &loaded.0.carnival, None, now).await? {
            return Ok(loaded);
        }
    }
    Err(control_records::contended().into())
}

/// Loads the published carnival.
///
/// # Errors
/// An empty store; a store that fails; a published file that this program cannot parse.
pub async fn load(store: &dyn ControlStore, now: Timestamp) -> Result<(CurrentCarnival, PublishedVersion), LoadError> {
    load_version(store, store.control().await?, now).await
}

/// Loads the published carnival of a control state that was already read.
///
/// # Errors
/// As [`load`].
pub async fn load_version(
    store: &dyn ControlStore,
    control: ControlState,
    now: Timestamp,
) -> Result<(CurrentCarnival, PublishedVersion), LoadError> {
    let published = store.published_version(control.version).await?.ok_or(LoadError::Empty)?;
    let carnival = carnival_file::parse(&published.text).map_err(LoadError::Published)?;
    let current = CurrentCarnival {
        version: control.version,
        published_at: published.at,
        routes: routes(&carnival),
        carnival: Arc::new(carnival),
        generations: control.generations,
        blocked_passports: control.blocked_passports,
        relief_periods: Arc::default(),
        next_relief: None,
    };
    Ok((current.with_relief(Arc::new(control.relief), now), published))
}

/// Writes the relief periods that follow from this carnival, and from a closure that was just published. Returns whether
/// there was something to write; then the caller reads what is published and settles again, so that a publication or a
/// write in between is not missed.
///
/// # Errors
/// Only when the store fails.
pub(in crate::actions) async fn settle(
    store: &dyn RecordStore,
    carnival: &Carnival,
    closure: Option<&DayClosure>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let stored = store.records(RecordKind::Relief).await?;
    let periods = closures::settle(carnival, &control_records::parsed(&stored)?, closure, now);
    let changes = control_records::changes_to(&stored, &periods, Existing::Replaced)?;
    if !changes.is_empty() {
        store.change_records(&changes).await?;
    }
    Ok(!changes.is_empty())
}

fn routes(carnival: &Carnival) -> Arc<[RoutePoints]> {
    let points = |route: &Route| carnival.points_of(&route.id).map(|point| point.number).collect();
    carnival.routes.iter().map(|route| RoutePoints::new(route.id.clone(), points(route))).collect()
}

/// The initial stock of each gift, from the carnival file.
pub(in crate::actions) fn initial_stock(carnival: &Carnival) -> Vec<(GiftNumber, u32)> {
    carnival.gifts.iter().map(|gift| (gift.number, gift.stock)).collect()
}
