//! Every instance looks each second whether something else counts by now.

use super::app::App;
use super::live::{Live, LiveError, read_version};
use crate::store::Control;

/// Looks whether something else counts by now. Every instance does so each second.
///
/// # Errors
/// As [`read_version`], and for a store that lost what it held; what counted before goes on.
pub async fn refresh(app: &App) -> Result<(), LiveError> {
    let _looking = app.looking().await;
    let control = app.store.control().await?;
    let live = app.live();
    metrics::gauge!("carnival_store_behind").set(u32::from(control.version < live.version));
    app.store_is_behind(control.version < live.version);
    if control.version < live.version {
        return Err(LiveError::Behind { kept: control.version, seen: live.version });
    }
    if control.version != live.version {
        let now = read_version(app.store.as_ref(), control).await?.0;
        tracing::info!(version = now.version, before = live.version, "another version of the carnival counts now");
        app.go_live(now);
    } else if control.generations != live.generations || control.waiting != live.waiting {
        let Control { generations, waiting, .. } = control;
        app.go_live(Live { generations, waiting, ..Live::clone(&live) });
    }
    metrics::gauge!("carnival_version").set(u32::try_from(app.live().version).unwrap_or(u32::MAX));
    Ok(())
}
