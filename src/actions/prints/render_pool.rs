//! Bounded pool for rendering, off the request threads; rejects work when the queue is full.

use std::sync::Arc;

use serde::Deserialize;
use tokio::sync::Semaphore;

use crate::actions::error::{Error, Result};
use crate::pictures::Renderer;
use crate::pictures::artwork::ArtworkSource;

/// `[pictures]`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Pictures rendered at the same time.
    pub concurrency: u16,
    /// Maximum number of pictures waiting in the queue.
    pub queue_length: u16,
    /// Cache size in megabytes, for rendered pictures and decoded artwork.
    pub memory_mb: u16,
}

/// The render pool.
pub struct RenderPool {
    renderer: Arc<Renderer>,
    /// One permit for each job that runs or waits.
    slots: Arc<Semaphore>,
    /// One permit for each job that runs.
    workers: Arc<Semaphore>,
}

impl RenderPool {
    /// A pool for this artwork.
    #[must_use]
    pub fn new(settings: Settings, artwork: ArtworkSource) -> RenderPool {
        let concurrency = usize::from(settings.concurrency.max(1));
        RenderPool {
            renderer: Arc::new(Renderer::new(artwork, u64::from(settings.memory_mb) << 20)),
            slots: Arc::new(Semaphore::new(concurrency + usize::from(settings.queue_length))),
            workers: Arc::new(Semaphore::new(concurrency)),
        }
    }

    /// The renderer that all jobs share.
    #[must_use]
    pub fn renderer(&self) -> &Renderer {
        &self.renderer
    }

    /// Runs work of some milliseconds on a blocking thread, as soon as a worker is free.
    ///
    /// # Errors
    /// [`Error::PicturesBusy`] when the queue is full; [`Error::RenderFailed`] when the work panicked.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce(&Renderer) -> T + Send + 'static) -> Result<T> {
        let slot = Arc::clone(&self.slots).try_acquire_owned().map_err(|_| Error::PicturesBusy)?;
        let worker = Arc::clone(&self.workers).acquire_owned().await.map_err(|_| Error::PicturesBusy)?;
        let renderer = Arc::clone(&self.renderer);
        let task = tokio::task::spawn_blocking(move || {
            // Held until the work ends, even if the caller has stopped waiting.
            let _permits = (slot, worker);
            work(&renderer)
        });
        task.await.map_err(|cause| Error::RenderFailed(cause.to_string()))
    }
}
