//! Where pictures are made: off the threads that answer, a few at a time, and never more waiting than can be served.

use std::sync::Arc;

use serde::Deserialize;
use tokio::sync::Semaphore;

use crate::pictures::Renderer;
use crate::pictures::artwork::ArtworkSource;

/// Why work was not done.
#[derive(Debug, thiserror::Error)]
pub enum NotMade {
    /// So much waits that more would have to wait too long.
    #[error("too many pictures are being made")]
    Busy,
    /// The work itself broke off.
    #[error("{0}")]
    BrokenOff(String),
}

/// `[pictures]`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How many pictures are made at a time.
    pub at_once: u16,
    /// How many more may wait for their turn.
    pub waiting: u16,
    /// Megabytes for pictures and artwork that were made before.
    pub memory_mb: u16,
}

/// Where pictures are made.
pub struct Press {
    renderer: Arc<Renderer>,
    /// A place for everyone who is served or waits.
    places: Arc<Semaphore>,
    /// A turn for everyone who is served.
    turns: Arc<Semaphore>,
}

impl Press {
    /// A press for this artwork.
    #[must_use]
    pub fn new(settings: Settings, artwork: ArtworkSource) -> Press {
        let at_once = usize::from(settings.at_once.max(1));
        Press {
            renderer: Arc::new(Renderer::new(artwork, u64::from(settings.memory_mb) << 20)),
            places: Arc::new(Semaphore::new(at_once + usize::from(settings.waiting))),
            turns: Arc::new(Semaphore::new(at_once)),
        }
    }

    /// Where they are drawn.
    #[must_use]
    pub fn renderer(&self) -> &Renderer {
        &self.renderer
    }

    /// Does work that takes milliseconds on a thread of its own, when its turn has come.
    ///
    /// # Errors
    /// When too many wait; what the work itself answers is handed on.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Renderer) -> T + Send + 'static,
    ) -> Result<T, NotMade> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| NotMade::Busy)?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| NotMade::Busy)?;
        let renderer = Arc::clone(&self.renderer);
        let done = tokio::task::spawn_blocking(move || {
            // Held until the work is over, also when nobody waits for it any more.
            let _held = (place, turn);
            work(&renderer)
        });
        done.await.map_err(|cause| NotMade::BrokenOff(cause.to_string()))
    }
}
