//! Where pictures are made: off the threads that answer, a few at a time, and never more waiting than can be served.

use std::sync::Arc;

use serde::Deserialize;
use tokio::sync::Semaphore;

use crate::pictures::Renderer;
use crate::pictures::artwork::ArtworkSource;

/// Why work was not done.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// So much waits that more would have to wait too long.
    #[error("too many pictures are being made")]
    Busy,
    /// The work itself broke off.
    #[error("{0}")]
    Aborted(String),
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
pub struct RenderPool {
    renderer: Arc<Renderer>,
    /// A place for everyone who is served or waits.
    slots: Arc<Semaphore>,
    /// A turn for everyone who is served.
    workers: Arc<Semaphore>,
}

impl RenderPool {
    /// A press for this artwork.
    #[must_use]
    pub fn new(settings: Settings, artwork: ArtworkSource) -> RenderPool {
        let concurrency = usize::from(settings.at_once.max(1));
        RenderPool {
            renderer: Arc::new(Renderer::new(artwork, u64::from(settings.memory_mb) << 20)),
            slots: Arc::new(Semaphore::new(concurrency + usize::from(settings.waiting))),
            workers: Arc::new(Semaphore::new(concurrency)),
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
    ) -> Result<T, RenderError> {
        let slot = Arc::clone(&self.slots).try_acquire_owned().map_err(|_| RenderError::Busy)?;
        let worker = Arc::clone(&self.workers).acquire_owned().await.map_err(|_| RenderError::Busy)?;
        let renderer = Arc::clone(&self.renderer);
        let task = tokio::task::spawn_blocking(move || {
            // Held until the work is over, also when nobody waits for it any more.
            let _permits = (slot, worker);
            work(&renderer)
        });
        task.await.map_err(|cause| RenderError::Aborted(cause.to_string()))
    }
}
