//! Application state shared by all actions, and their settings.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use super::caches::{ClosedDaysCache, VersionListCache};
use super::carnival::current_carnival::CurrentCarnival;
use super::clock::Clock;
pub use super::error::{Error, Result};
use super::personal_data::replay_cache::PushHandler;
use super::prints::render_pool::RenderPool;
use super::staff::waiting_room::WaitingRoom;
use super::statistics::hint_buffer::HintBuffer;
use crate::store::{Store, StoreError};
use crate::tokens::random;
use crate::tokens::{Codes, Jwt, Pseudonyms};
use crate::wechat;

/// How the carnival is operated, apart from the carnival file.
#[derive(Clone, Debug)]
pub struct AppSettings {
    /// Base URL of the links in printed codes, such as `https://carnival.example`.
    pub public_url: String,
    /// Lifetime of a staff session.
    pub staff_session: SignedDuration,
    /// Two stamps become a suspicion if the walk between their points was faster than this, in km/h; 0 turns
    /// suspicions off.
    pub suspicious_kmh: u32,
    /// An open point without a new stamp for this long is reported as silent; zero turns the report off.
    pub idle_after: SignedDuration,
}

/// Exchanges a login code for an openid.
pub enum LoginProvider {
    /// WeChat's servers.
    WeChat(Box<wechat::LoginClient>),
    /// A rehearsal's stand-in: the code is the name of a simulated resident.
    Rehearsal,
    /// No login: the command line logs no resident in.
    Disabled,
}

/// Application state. Built from its parts: `App { store, …, current: CurrentCarnivalCell::new(current) }`.
pub struct App {
    /// All records.
    pub store: Arc<dyn Store>,
    /// The current time.
    pub clock: Clock,
    /// Creates and parses codes.
    pub codes: Codes,
    /// Keyed hashes that stand for people.
    pub pseudonyms: Pseudonyms,
    /// Issues and verifies tokens.
    pub jwt: Jwt,
    /// Exchanges login codes.
    pub login_provider: LoginProvider,
    /// Verifies WeChat pushes, if they are configured.
    pub push_handler: Option<PushHandler>,
    /// Renders pictures.
    pub render_pool: RenderPool,
    /// Operational settings.
    pub settings: AppSettings,
    /// The current carnival; read it with [`App::current`].
    pub current: CurrentCarnivalCell,
    /// Hints that are not yet in the store; starts as [`HintBuffer::default`].
    pub hints: HintBuffer,
    /// Counters of past days; starts as [`ClosedDaysCache::default`].
    pub closed_days: ClosedDaysCache,
    /// Published versions for the list; starts as [`VersionListCache::default`].
    pub version_list: VersionListCache,
    /// Devices that wait for an organiser; starts as [`WaitingRoom::default`].
    pub waiting_room: WaitingRoom,
}

/// The current carnival. It can be replaced while it is read.
pub struct CurrentCarnivalCell {
    current: RwLock<Arc<CurrentCarnival>>,
    /// The store does not hold the version that this process has seen, so no answer may rely on it.
    pub(super) stale: AtomicBool,
    /// Lets one refresh run at a time. Otherwise a refresh that has read the store, while another one loads a newer
    /// version, would compare old with new and take the store for stale.
    pub(super) refresh_lock: Mutex<()>,
}

impl CurrentCarnivalCell {
    /// Starts with this carnival.
    #[must_use]
    pub fn new(current: CurrentCarnival) -> CurrentCarnivalCell {
        CurrentCarnivalCell {
            current: RwLock::new(Arc::new(current)),
            stale: AtomicBool::new(false),
            refresh_lock: Mutex::new(()),
        }
    }
}

impl App {
    /// The current carnival, with what closures take off now.
    #[must_use]
    pub fn current(&self) -> Arc<CurrentCarnival> {
        let current = Arc::clone(&self.current.current.read().unwrap_or_else(PoisonError::into_inner));
        let now = self.now();
        if !current.lacks_relief(now) {
            return current;
        }
        let periods = Arc::clone(&current.relief_periods);
        let updated = Arc::new(CurrentCarnival::clone(&current).with_relief(periods, now));
        let mut held = self.current.current.write().unwrap_or_else(PoisonError::into_inner);
        // Otherwise another caller was faster.
        if Arc::ptr_eq(&held, &current) {
            *held = Arc::clone(&updated);
        }
        updated
    }

    pub(super) fn replace_carnival(&self, current: CurrentCarnival) {
        *self.current.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(current);
    }

    /// Checks that the store is not older than what this process has seen. A store that came up empty or from an old
    /// copy must not be written to.
    ///
    /// # Errors
    /// Unavailable while the store is stale, until an operator restores the records.
    pub fn ensure_store_current(&self) -> Result<()> {
        if self.current.stale.load(Ordering::Relaxed) {
            return Err(StoreError::Unavailable("the store holds less than before".to_owned()).into());
        }
        Ok(())
    }

    /// The current time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// Random part of a voucher.
pub(super) fn random_u32() -> Result<u32> {
    Ok(u32::from_ne_bytes(random::bytes()?))
}
