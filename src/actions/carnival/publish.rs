//! Changes of the carnival while it runs: publish, edit, roll back.
//!
//! Optimistic concurrency: a new carnival is compared with the published one and written as the next version of
//! exactly that one. After a conflict it is compared again, with the version that won.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::carnival_refresh::refresh;
use super::current_carnival::{CurrentCarnival, LoadError, initial_stock, load};
use crate::actions::app::{App, Error, Result};
use crate::actions::caches::VersionEntry;
use crate::pictures::{Renderer, preflight};
use crate::rules::carnival::Carnival;
use crate::rules::carnival::change::{CarnivalComparison, ChangeWarning, GiftStatus, compare};
use crate::rules::carnival_file::edit::{CarnivalEdit, apply};
use crate::rules::carnival_file::parse;
use crate::rules::ids::GiftNumber;
use crate::rules::refusals::{CarnivalRefusal, Refusal};
use crate::store::{GiftState, PublishedVersion, StoreError};

/// Maximum number of attempts after conflicts.
const MAX_ATTEMPTS: usize = 16;

/// Result of a publication.
#[derive(Clone, Debug)]
pub struct Publication {
    /// The published carnival.
    pub current: Arc<CurrentCarnival>,
    /// Author of that version.
    pub by: String,
    /// Whether this call published it; otherwise the same text was already published.
    pub changed: bool,
    /// Consequences that the author should know.
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

/// Publishes a carnival file in the name of `by`. With `after`, only if that version is still the newest. Text that
/// is already published is not published again.
///
/// # Errors
/// All mistakes of the text; all blockers of the change; a refusal if the newest version is not `after`.
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
            return Err(CarnivalRefusal::CarnivalChanged { version: current.version, by: stored.by, at }.into());
        }
        let warnings = check(app, text, &current.carnival, &carnival).await?;
        if let Some((current, published_by)) = commit(app, &current, &carnival, text, by).await? {
            // Another writer may have started to publish the same text, and this call only completed it.
            let changed = published_by == by;
            return Ok(Publication { current: Arc::new(current), by: published_by, changed, warnings });
        }
    }
    Err(StoreError::Unavailable("too many conflicting publications".to_owned()).into())
}

/// Result of a publication, without publishing.
///
/// # Errors
/// As [`publish`].
pub async fn dry_run(app: &App, text: &str) -> Result<Vec<ChangeWarning>> {
    let carnival = Arc::new(parse(text).map_err(Error::Mistakes)?);
    let published = load(app.store.as_ref()).await?.0.carnival;
    check(app, text, &published, &carnival).await
}

/// Compares a new carnival with the published one. Also checks that this machine can render what is new: the artwork
/// exists and the fonts have the characters of all names.
async fn check(app: &App, text: &str, published: &Arc<Carnival>, new: &Arc<Carnival>) -> Result<Vec<ChangeWarning>> {
    let numbers: Vec<GiftNumber> = published.gifts.iter().map(|gift| gift.number).collect();
    let now = app.now();
    let states = app.store.gift_states(&numbers, now).await?;
    let gift_now = |state: GiftState| GiftStatus { stock: state.stock.stock, held: state.stock.held };
    let gifts: BTreeMap<_, _> = numbers.into_iter().zip(states.into_iter().map(gift_now)).collect();
    let CarnivalComparison { blockers, warnings } = compare(published, new, &gifts, now);
    if !blockers.is_empty() {
        return Err(Error::Blocked(blockers));
    }
    let (text, published, new) = (text.to_owned(), Arc::clone(published), Arc::clone(new));
    let unprintable = move |renderer: &Renderer| preflight::check(&text, &new, Some(&published), renderer.artwork());
    let mistakes = app.render_pool.run(unprintable).await?;
    if mistakes.is_empty() { Ok(warnings) } else { Err(Error::Mistakes(mistakes)) }
}

/// Writes the next version. Returns the new current carnival and its author, or none if another text won.
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
    // Serves the version here at once; if this fails, the next periodic refresh does it.
    if let Err(cause) = refresh(app).await {
        tracing::warn!(%cause, version, "the published version takes effect with the next refresh");
    }
    Ok(Some((base.succeeds(version, stored.at, Arc::clone(carnival)), stored.by)))
}

/// Applies edits to single entries of the published carnival, in the name of `by`.
///
/// # Errors
/// A refusal for an unknown point or route; the mistakes and blockers that the change would bring.
pub async fn edit(app: &App, edits: &[CarnivalEdit], by: &str) -> Result<Publication> {
    for _ in 0..MAX_ATTEMPTS {
        let (current, stored) = load(app.store.as_ref()).await?;
        let text = apply(&stored.text, edits)?;
        match publish(app, &text, by, Some(current.version)).await {
            // Another version was published in between: apply the edits to it.
            Err(Error::Refused(Refusal::Carnival(CarnivalRefusal::CarnivalChanged { .. }))) => {}
            result => return result,
        }
    }
    Err(StoreError::Unavailable("too many conflicting publications".to_owned()).into())
}

/// The newest versions, newest first.
///
/// # Errors
/// Only when the store fails.
pub async fn versions(app: &App) -> Result<Vec<VersionEntry>> {
    Ok(app.version_list.newest(app.store.as_ref()).await?)
}

/// The published version, with its text.
///
/// # Errors
/// Only when the store fails.
pub async fn current_version(app: &App) -> Result<PublishedVersion> {
    Ok(load(app.store.as_ref()).await?.1)
}

/// One version as it was published.
///
/// # Errors
/// A refusal if there is none.
pub async fn version(app: &App, version: u64) -> Result<PublishedVersion> {
    Ok(app.store.published_version(version).await?.ok_or(CarnivalRefusal::VersionUnknown)?)
}

/// Publishes an earlier version again as the newest one; checked like any other change.
///
/// # Errors
/// As [`publish`], and a refusal if there is no such version.
pub async fn roll_back(app: &App, earlier: u64, by: &str) -> Result<Publication> {
    let PublishedVersion { text, .. } = version(app, earlier).await?;
    publish(app, &text, by, None).await
}
