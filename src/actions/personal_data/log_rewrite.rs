//! Has the store rewrite its files within an hour of an erasure, so that they hold nothing of the erased person.

use jiff::SignedDuration;

use crate::actions::app::App;
use crate::store::{Result, Store};

/// How long after an erasure the files are rewritten. A rewrite covers all erasures so far, so this is also how often it
/// happens at most; the rest of the hour is for the rewrite itself.
const DELAY: SignedDuration = SignedDuration::from_mins(50);

/// Begins a rewrite if one is due, or completes one. Called every minute.
pub async fn rewrite_if_due(app: &App) {
    if app.ensure_store_current().is_err() {
        return;
    }
    if let Err(cause) = try_rewrite(&*app.store, app).await {
        tracing::warn!(%cause, "the log of the store could not be rewritten, and still holds people who were erased");
    }
}

async fn try_rewrite(store: &dyn Store, app: &App) -> Result<()> {
    let since = store.erased_since().await?;
    if since.is_some_and(|since| app.now().duration_since(since) >= DELAY) {
        store.rewrite_files().await
    } else {
        Ok(())
    }
}
