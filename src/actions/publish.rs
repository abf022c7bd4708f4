//! The carnival is changed while it runs: published, edited, put back.
//!
//! No publication is blind: the new carnival is compared with the one that counts, and published as
//! the version after that one alone. If somebody was quicker, it is judged again by theirs.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::app::{App, Error, Result};
use super::caches::VersionEntry;
use super::carnival_refresh::refresh;
use super::current_carnival::{CurrentCarnival, LoadError, initial_stock, load};
use crate::pictures::preflight;
use crate::rules::carnival::Carnival;
use crate::rules::carnival_file::edit::{CarnivalEdit, apply};
use crate::rules::carnival_file::parse;
use crate::rules::change::{CarnivalComparison, ChangeWarning, GiftStatus, compare};
use crate::rules::ids::GiftNumber;
use crate::rules::refusal::Refusal;
use crate::store::{PublishedVersion, StoreError};

/// How often a change is judged again because somebody was quicker.
const MAX_ATTEMPTS: usize = 16;

/// A carnival that counts now.
#[derive(Clone, Debug)]
pub struct Publication {
    /// What counts.
    pub current: Arc<CurrentCarnival>,
    /// Who published it.
    pub by: String,
    /// Whether this call published it; it counted before otherwise.
    pub changed: bool,
    /// What should be known of the change.
    pub warnings: Vec<ChangeWarning>,
}

impl From<LoadError> for Error {
    fn from(error: LoadError) -> Error {
        match error {
            LoadError::Store(error) => Error::Store(error),
            LoadError::Mistakes(mistakes) => Error::Mistakes(mistakes),
            LoadError::Behind { .. } => Error::Store(StoreError::Unavailable(error.to_string())),
            LoadError::Published(_) | LoadError::Empty => Error::Store(StoreError::Broken(error.to_string())),
        }
    }
}

/// Publishes a carnival file, in the name of whoever changes it. With `after`, only if that version
/// still counts. The text that counts already is published by nobody again.
///
/// # Errors
/// All mistakes of the text; all objections to the change; a refusal when another version counts than `after`.
pub async fn publish(app: &App, text: &str, by: &str, after: Option<u64>) -> Result<Publication> {
    app.ensure_store_current()?;
    let carnival = Arc::new(parse(text).map_err(Error::Mistakes)?);
    for _ in 0..MAX_ATTEMPTS {
        let (current, stored) = load(app.store.as_ref()).await?;
        if stored.text == text {
            return Ok(Publication { current: Arc::new(current), by: stored.by, changed: false, warnings: Vec::new() });
        }
        if after.is_some_and(|after| after != current.version) {
            let at = Box::new(current.carnival.zoned(stored.at));
            return Err(Refusal::CarnivalChanged { version: current.version, by: stored.by, at }.into());
        }
        let warnings = check_change(app, &current.carnival, &carnival).await?;
        check_printable(app, text, &current.carnival, &carnival).await?;
        if let Some((current, published_by)) = commit(app, &current, &carnival, text, by).await? {
            // Somebody else may have begun to publish the same text, and this call only ended it.
            let changed = published_by == by;
            return Ok(Publication { current: Arc::new(current), by: published_by, changed, warnings });
        }
    }
    Err(StoreError::Unavailable("others published again and again".to_owned()).into())
}

/// What would become of a publication, without it.
///
/// # Errors
/// As [`publish`].
pub async fn dry_run(app: &App, text: &str) -> Result<Vec<ChangeWarning>> {
    let carnival = Arc::new(parse(text).map_err(Error::Mistakes)?);
    let published = load(app.store.as_ref()).await?.0.carnival;
    let warnings = check_change(app, &published, &carnival).await?;
    check_printable(app, text, &published, &carnival).await?;
    Ok(warnings)
}

/// What is new must be drawn by this machine: its artwork lies here, and its names have letters.
async fn check_printable(app: &App, text: &str, published: &Arc<Carnival>, new: &Arc<Carnival>) -> Result<()> {
    let (text, published, new) = (text.to_owned(), Arc::clone(published), Arc::clone(new));
    let mistakes = app
        .render_pool
        .run(move |renderer| preflight::check(&text, &new, Some(&published), renderer.artwork()))
        .await?;
    if mistakes.is_empty() { Ok(()) } else { Err(Error::Mistakes(mistakes)) }
}

async fn check_change(app: &App, published: &Carnival, new: &Carnival) -> Result<Vec<ChangeWarning>> {
    let numbers: Vec<GiftNumber> = published.gifts.iter().map(|gift| gift.number).collect();
    let now = app.now();
    let states = app.store.gift_states(&numbers, now).await?;
    let gift_now = |state: crate::store::GiftState| GiftStatus { stock: state.stock.stock, held: state.stock.held };
    let gifts: BTreeMap<_, _> = numbers.into_iter().zip(states.into_iter().map(gift_now)).collect();
    let CarnivalComparison { blockers, warnings } = compare(published, new, &gifts, now);
    if blockers.is_empty() { Ok(warnings) } else { Err(Error::Blocked(blockers)) }
}

/// The new carnival as it counts, and in whose name; none if somebody was quicker, with another text.
async fn commit(
    app: &App,
    base: &CurrentCarnival,
    carnival: &Arc<Carnival>,
    text: &str,
    by: &str,
) -> Result<Option<(CurrentCarnival, String)>> {
    let version = base.version + 1;
    let ours = PublishedVersion { version, text: text.to_owned(), at: app.now(), by: by.to_owned() };
    app.store.publish(base.version, &ours, &initial_stock(carnival)).await?;
    let Some(stored) = app.store.published_version(version).await?.filter(|stored| stored.text == text) else {
        return Ok(None);
    };
    // This instance serves it at once; if that fails, the look of the next second does it.
    if let Err(cause) = refresh(app).await {
        tracing::warn!(%cause, version, "what was published is served in a moment");
    }
    Ok(Some((base.succeeds(version, stored.at, Arc::clone(carnival)), stored.by)))
}

/// Changes single entries of the carnival that counts, in the name of whoever does.
///
/// # Errors
/// A refusal for an unknown point or route; the mistakes and objections that the change would bring.
pub async fn edit(app: &App, edits: &[CarnivalEdit], by: &str) -> Result<Publication> {
    for _ in 0..MAX_ATTEMPTS {
        let (current, stored) = load(app.store.as_ref()).await?;
        let text = apply(&stored.text, edits)?;
        match publish(app, &text, by, Some(current.version)).await {
            // The change is made again, in what somebody else published meanwhile.
            Err(Error::Refused(Refusal::CarnivalChanged { .. })) => {}
            result => return result,
        }
    }
    Err(StoreError::Unavailable("others published again and again".to_owned()).into())
}

/// The newest versions, the one that counts first.
///
/// # Errors
/// Only when the store fails.
pub async fn versions(app: &App) -> Result<Vec<VersionEntry>> {
    Ok(app.version_list.newest(app.store.as_ref()).await?)
}

/// The version that counts, with its text.
///
/// # Errors
/// Only when the store fails.
pub async fn current_version(app: &App) -> Result<PublishedVersion> {
    Ok(load(app.store.as_ref()).await?.1)
}

/// A version as it was published.
///
/// # Errors
/// A refusal when there is none.
pub async fn version(app: &App, version: u64) -> Result<PublishedVersion> {
    Ok(app.store.published_version(version).await?.ok_or(Refusal::VersionUnknown)?)
}

/// Publishes an earlier version again, as the newest; judged like any other change.
///
/// # Errors
/// As [`publish`], and a refusal when there is no such version.
pub async fn roll_back(app: &App, earlier: u64, by: &str) -> Result<Publication> {
    let PublishedVersion { text, .. } = version(app, earlier).await?;
    publish(app, &text, by, None).await
}
