//! What every step needs, and how a step ends.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Mutex, MutexGuard};

use super::caches::{ClosedDaysCache, VersionListCache};
use super::clock::Clock;
use super::current_carnival::CurrentCarnival;
use super::hint_buffer::HintBuffer;
use super::render_pool::{RenderError, RenderPool};
use super::replay_cache::PushHandler;
use crate::rules::carnival_file::Mistake;
use crate::rules::change::ChangeBlocker;
use crate::rules::refusal::Refusal;
use crate::store::{Store, StoreError};
use crate::tokens::jwt::SigningError;
use crate::tokens::random::RandomnessError;
use crate::tokens::{Codes, Identity, Jwt};
use crate::wechat::{self, LoginError};

/// Why a step was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule said no.
    #[error("refused: {}", .0.code())]
    Refused(Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// WeChat did not log the resident in.
    #[error(transparent)]
    Login(#[from] LoginError),
    /// So many pictures are being made that another one would have to wait too long.
    #[error("too many pictures are being made")]
    PicturesBusy,
    /// A picture could not be made, for a reason that nobody foresaw.
    #[error("a picture could not be made: {0}")]
    RenderFailed(String),
    /// A carnival file has mistakes.
    #[error("the carnival file has {} mistakes", .0.len())]
    Mistakes(Vec<Mistake>),
    /// A carnival cannot take the place of the one that counts.
    #[error("the change of the carnival is refused for {} reasons", .0.len())]
    Blocked(Vec<ChangeBlocker>),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Error {
        Error::Refused(refusal)
    }
}

impl From<RenderError> for Error {
    fn from(error: RenderError) -> Error {
        match error {
            RenderError::Busy => Error::PicturesBusy,
            RenderError::Aborted(why) => Error::RenderFailed(why),
        }
    }
}

impl From<RandomnessError> for Error {
    fn from(error: RandomnessError) -> Error {
        Error::Store(StoreError::Unavailable(error.to_string()))
    }
}

impl From<SigningError> for Error {
    fn from(error: SigningError) -> Error {
        Error::Store(StoreError::Broken(error.to_string()))
    }
}

/// What a step answers.
pub type Result<T> = std::result::Result<T, Error>;

/// How the carnival is run, beyond what the carnival file says.
#[derive(Clone, Debug)]
pub struct AppSettings {
    /// What a plain camera opens begins with this: `https://carnival.example`.
    pub public_url: String,
    /// How long a staff session lasts.
    pub staff_session: SignedDuration,
    /// Whoever comes faster from point to point is a suspicion, in km/h; 0 for none.
    pub suspicious_kmh: u32,
    /// A point that is open and gave no stamp for so long is silent.
    pub silent_after: SignedDuration,
}

/// Who turns a login code into an openid.
pub enum LoginProvider {
    /// WeChat's servers.
    WeChat(Box<wechat::LoginClient>),
    /// A rehearsal's stand-in: the code is the name of whoever plays a resident.
    Rehearsal,
    /// Nobody: the command line logs no resident in.
    Disabled,
}

/// What every step needs. Made from its parts: `App { store, …, current: CurrentCarnivalCell::new(current) }`.
pub struct App {
    /// What is kept.
    pub store: Arc<dyn Store>,
    /// What time it is.
    pub clock: Clock,
    /// Makes and reads codes.
    pub codes: Codes,
    /// Keyed hashes that stand for people.
    pub identity: Identity,
    /// Makes and reads tokens.
    pub jwt: Jwt,
    /// Turns a login code into a resident.
    pub login_provider: LoginProvider,
    /// What WeChat pushes, where that is set up.
    pub push_handler: Option<PushHandler>,
    /// Makes pictures.
    pub render_pool: RenderPool,
    /// How it is run.
    pub settings: AppSettings,
    /// The carnival that counts; see [`App::current`].
    pub current: CurrentCarnivalCell,
    /// What is noted until it is written down; begins as [`HintBuffer::default`].
    pub hints: HintBuffer,
    /// The counters of days that are over; begins as [`ClosedDaysCache::default`].
    pub closed_days: ClosedDaysCache,
    /// Versions of the carnival that were looked up; begins as [`VersionListCache::default`].
    pub version_list: VersionListCache,
}

/// The carnival that counts, and can be replaced by another while it is read.
pub struct CurrentCarnivalCell {
    current: RwLock<Arc<CurrentCarnival>>,
    /// The store was seen to hold less than it did: nothing may be told as done from it.
    stale: AtomicBool,
    /// Held while somebody looks what counts.
    refresh_lock: Mutex<()>,
}

impl CurrentCarnivalCell {
    /// Begins with this one.
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
    /// The carnival that counts now.
    #[must_use]
    pub fn current(&self) -> Arc<CurrentCarnival> {
        Arc::clone(&self.current.current.read().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// One looks at a time: what was read before another went live would look like a store that lost something.
    pub(super) async fn refresh_lock(&self) -> MutexGuard<'_, ()> {
        self.current.refresh_lock.lock().await
    }

    pub(super) fn replace_carnival(&self, current: CurrentCarnival) {
        *self.current.current.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(current);
    }

    pub(super) fn mark_stale(&self, stale: bool) {
        self.current.stale.store(stale, Ordering::Relaxed);
    }

    /// Whether the store still holds what it held; one that came up empty must not be written to.
    ///
    /// # Errors
    /// Unavailable when it does not, until an operator brings back what was there.
    pub fn ensure_store_current(&self) -> Result<()> {
        if self.current.stale.load(Ordering::Relaxed) {
            return Err(StoreError::Unavailable("it lost what it held".to_owned()).into());
        }
        Ok(())
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// A random part for a voucher.
pub(super) fn random_u32() -> Result<u32> {
    Ok(getrandom::u32().map_err(RandomnessError::from)?)
}
