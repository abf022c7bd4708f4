//! WeChat tells us something: that somebody withdrew what she allowed, or closed her account.

use super::app::{App, Error, Result};
use super::erasure::erase_openid;
use super::replay_cache::PushHandler;
use crate::wechat::push::{PushEvent, PushParams, PushRejection, VerifiedPush};

/// Why a push was not done.
#[derive(Debug)]
pub enum PushError {
    /// It was not believed, or not understood.
    Rejected(PushRejection),
    /// It was, and the step failed; WeChat asks again.
    Action(Error),
}

/// Whether it is WeChat that asks for the address.
///
/// # Errors
/// Forged or stale.
pub fn check(app: &App, handler: &PushHandler, envelope: &PushParams) -> std::result::Result<(), PushError> {
    handler.verifier.verify_address(envelope, app.now()).map_err(rejected)
}

/// Takes a push, and does what it asks for; the same again is taken, and nothing is done.
///
/// # Errors
/// Why it is not believed, not understood, or not done. What failed is not remembered as done.
pub async fn receive(
    app: &App,
    handler: &PushHandler,
    envelope: &PushParams,
    body: &[u8],
) -> std::result::Result<(), PushError> {
    let now = app.now();
    let VerifiedPush { push, replay_id: mark } = handler.verifier.verify(envelope, body, now).map_err(rejected)?;
    if handler.replay_cache.contains(&mark, now) {
        metrics::counter!("carnival_pushes_total", "outcome" => "again").increment(1);
        return Ok(());
    }
    let outcome = if push == PushEvent::Other { "other" } else { "erased" };
    handle(app, push).await.map_err(PushError::Action)?;
    handler.replay_cache.insert(mark, now);
    metrics::counter!("carnival_pushes_total", "outcome" => outcome).increment(1);
    Ok(())
}

async fn handle(app: &App, push: PushEvent) -> Result<()> {
    match push {
        PushEvent::Erase { openid, at } => erase_openid(app, openid.as_bytes(), at).await,
        PushEvent::Other => Ok(()),
    }
}

fn rejected(rejection: PushRejection) -> PushError {
    let outcome = match rejection {
        PushRejection::Forged => "forged",
        PushRejection::Stale => "stale",
        PushRejection::Malformed(_) => "malformed",
    };
    metrics::counter!("carnival_pushes_total", "outcome" => outcome).increment(1);
    PushError::Rejected(rejection)
}
