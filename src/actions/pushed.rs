//! WeChat tells us something: that somebody withdrew what she allowed, or closed her account.

use super::app::{App, Error, Result};
use super::erase::erase_openid;
use super::pushes::Pushes;
use crate::wechat::push::{PushEvent, PushParams, PushRejection, VerifiedPush};

/// Why a push was not done.
#[derive(Debug)]
pub enum NotDone {
    /// It was not believed, or not understood.
    Rejected(PushRejection),
    /// It was, and the step failed; WeChat asks again.
    Step(Error),
}

/// Whether it is WeChat that asks for the address.
///
/// # Errors
/// Forged or stale.
pub fn check(app: &App, pushes: &Pushes, envelope: &PushParams) -> std::result::Result<(), NotDone> {
    pushes.inbox.verify_address(envelope, app.now()).map_err(not_taken)
}

/// Takes a push, and does what it asks for; the same again is taken, and nothing is done.
///
/// # Errors
/// Why it is not believed, not understood, or not done. What failed is not remembered as done.
pub async fn receive(
    app: &App,
    pushes: &Pushes,
    envelope: &PushParams,
    body: &[u8],
) -> std::result::Result<(), NotDone> {
    let now = app.now();
    let VerifiedPush { push, replay_id: mark } = pushes.inbox.verify(envelope, body, now).map_err(not_taken)?;
    if pushes.seen.has(&mark, now) {
        metrics::counter!("carnival_pushes_total", "outcome" => "again").increment(1);
        return Ok(());
    }
    let outcome = if push == PushEvent::Other { "other" } else { "erased" };
    on_push(app, push).await.map_err(NotDone::Step)?;
    pushes.seen.add(mark, now);
    metrics::counter!("carnival_pushes_total", "outcome" => outcome).increment(1);
    Ok(())
}

async fn on_push(app: &App, push: PushEvent) -> Result<()> {
    match push {
        PushEvent::Erase { openid, at } => erase_openid(app, openid.as_bytes(), at).await,
        PushEvent::Other => Ok(()),
    }
}

fn not_taken(why: PushRejection) -> NotDone {
    let outcome = match why {
        PushRejection::Forged => "forged",
        PushRejection::Stale => "stale",
        PushRejection::Malformed(_) => "malformed",
    };
    metrics::counter!("carnival_pushes_total", "outcome" => outcome).increment(1);
    NotDone::Rejected(why)
}
