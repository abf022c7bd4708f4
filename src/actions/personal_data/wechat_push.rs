//! Handles WeChat pushes: a resident withdrew a permission or closed their account.

use super::erasure::erase_openid;
use super::replay_cache::PushHandler;
use crate::actions::app::{App, Error};
use crate::wechat::incoming_push::{PushEvent, PushParams, PushRejection, VerifiedPush};

/// Why a push was not handled.
#[derive(Debug)]
pub enum PushError {
    /// The push is not authentic, not fresh, or malformed.
    Rejected(PushRejection),
    /// The push is valid but its action failed; WeChat repeats the push.
    Action(Error),
}

/// Verifies WeChat's request that checks the push address.
///
/// # Errors
/// Rejected as forged or stale.
pub fn check(app: &App, handler: &PushHandler, envelope: &PushParams) -> std::result::Result<(), PushError> {
    handler.verifier.verify_address(envelope, app.now()).map_err(rejected)
}

/// Verifies a push and handles it. A replay is accepted without effect.
///
/// # Errors
/// Why the push is rejected or failed. A failed push is not recorded as handled, so its repetition is handled.
pub async fn receive(
    app: &App,
    handler: &PushHandler,
    envelope: &PushParams,
    body: &[u8],
) -> std::result::Result<(), PushError> {
    app.ensure_store_current().map_err(PushError::Action)?;
    let now = app.now();
    let VerifiedPush { push, replay_id: mark } = handler.verifier.verify(envelope, body, now).map_err(rejected)?;
    if handler.replay_cache.contains(&mark, now) {
        metrics::counter!("carnival_pushes_total", "outcome" => "repeated").increment(1);
        return Ok(());
    }
    let outcome = match push {
        PushEvent::Erase { openid, at } => {
            erase_openid(app, openid.as_bytes(), at).await.map_err(PushError::Action)?;
            "erased"
        }
        PushEvent::Other => "other",
    };
    handler.replay_cache.insert(mark, now);
    metrics::counter!("carnival_pushes_total", "outcome" => outcome).increment(1);
    Ok(())
}

fn rejected(rejection: PushRejection) -> PushError {
    metrics::counter!("carnival_pushes_total", "outcome" => <&str>::from(rejection)).increment(1);
    PushError::Rejected(rejection)
}
