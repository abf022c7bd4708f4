//! The carnival is changed while it runs: published, edited, put back.
//!
//! No publication is blind: the new carnival is compared with the one that counts, and published as
//! the version after that one alone. If somebody was quicker, it is judged again by theirs.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::app::{App, Error, Result};
use super::current_carnival::{CurrentCarnival, LoadError, read, stock};
use super::refresh::refresh;
use super::remembered::Version;
use crate::pictures::preflight;
use crate::rules::carnival::Carnival;
use crate::rules::carnival_file::edit::{CarnivalEdit, apply};
use crate::rules::carnival_file::parse;
use crate::rules::change::{CarnivalComparison, ChangeWarning, GiftStatus, compare};
use crate::rules::ids::GiftNumber;
use crate::rules::refusal::Refusal;
use crate::store::{PublishedVersion, StoreError};

/// How often a change is judged again because somebody was quicker.
const ROUNDS: usize = 16;

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
    pub notes: Vec<ChangeWarning>,
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
    app.trusted()?;
    let carnival = Arc::new(parse(text).map_err(Error::Mistakes)?);
    for _ in 0..ROUNDS {
        let (current, kept) = read(app.store.as_ref()).await?;
        if kept.text == text {
            return Ok(Publication { current: Arc::new(current), by: kept.by, changed: false, notes: Vec::new() });
        }
        if after.is_some_and(|after| after != current.version) {
            let at = Box::new(current.carnival.zoned(kept.at));
            return Err(Refusal::CarnivalChanged { version: current.version, by: kept.by, at }.into());
        }
        let notes = judge(app, &current.carnival, &carnival).await?;
        can_be_printed(app, text, &current.carnival, &carnival).await?;
        if let Some((current, published_by)) = take_place(app, &current, &carnival, text, by).await? {
            // Somebody else may have begun to publish the same text, and this call only ended it.
            let changed = published_by == by;
            return Ok(Publication { current: Arc::new(current), by: published_by, changed, notes });
        }
    }
    Err(StoreError::Unavailable("others published again and again".to_owned()).into())
}

/// What would become of a publication, without it.
///
/// # Errors
/// As [`publish`].
pub async fn look(app: &App, text: &str) -> Result<Vec<ChangeWarning>> {
    let carnival = Arc::new(parse(text).map_err(Error::Mistakes)?);
    let counts = read(app.store.as_ref()).await?.0.carnival;
    let notes = judge(app, &counts, &carnival).await?;
    can_be_printed(app, text, &counts, &carnival).await?;
    Ok(notes)
}

/// What is new must be drawn by this machine: its artwork lies here, and its names have letters.
async fn can_be_printed(app: &App, text: &str, counts: &Arc<Carnival>, new: &Arc<Carnival>) -> Result<()> {
    let (text, counts, new) = (text.to_owned(), Arc::clone(counts), Arc::clone(new));
    let found = app.press.run(move |renderer| preflight::check(&text, &new, Some(&counts), renderer.artwork())).await?;
    if found.is_empty() { Ok(()) } else { Err(Error::Mistakes(found)) }
}

async fn judge(app: &App, counts: &Carnival, new: &Carnival) -> Result<Vec<ChangeWarning>> {
    let numbers: Vec<GiftNumber> = counts.gifts.iter().map(|gift| gift.number).collect();
    let now = app.now();
    let states = app.store.gift_states(&numbers, now).await?;
    let there = |state: crate::store::GiftState| GiftStatus { stock: state.stock.stock, held: state.stock.held };
    let gifts: BTreeMap<_, _> = numbers.into_iter().zip(states.into_iter().map(there)).collect();
    let CarnivalComparison { blockers: objections, warnings: notes } = compare(counts, new, &gifts, now);
    if objections.is_empty() { Ok(notes) } else { Err(Error::Objections(objections)) }
}

/// The new carnival as it counts, and in whose name; none if somebody was quicker, with another text.
async fn take_place(
    app: &App,
    base: &CurrentCarnival,
    carnival: &Arc<Carnival>,
    text: &str,
    by: &str,
) -> Result<Option<(CurrentCarnival, String)>> {
    let version = base.version + 1;
    let mine = PublishedVersion { version, text: text.to_owned(), at: app.now(), by: by.to_owned() };
    app.store.publish(base.version, &mine, &stock(carnival)).await?;
    let Some(kept) = app.store.published_version(version).await?.filter(|kept| kept.text == text) else {
        return Ok(None);
    };
    // This instance serves it at once; if that fails, the look of the next second does it.
    if let Err(cause) = refresh(app).await {
        tracing::warn!(%cause, version, "what was published is served in a moment");
    }
    Ok(Some((base.succeeds(version, kept.at, Arc::clone(carnival)), kept.by)))
}

/// Changes single entries of the carnival that counts, in the name of whoever does.
///
/// # Errors
/// A refusal for an unknown point or route; the mistakes and objections that the change would bring.
pub async fn edit(app: &App, edits: &[CarnivalEdit], by: &str) -> Result<Publication> {
    for _ in 0..ROUNDS {
        let (current, kept) = read(app.store.as_ref()).await?;
        let text = apply(&kept.text, edits)?;
        match publish(app, &text, by, Some(current.version)).await {
            // The change is made again, in what somebody else published meanwhile.
            Err(Error::Refused(Refusal::CarnivalChanged { .. })) => {}
            done => return done,
        }
    }
    Err(StoreError::Unavailable("others published again and again".to_owned()).into())
}

/// The newest versions, the one that counts first.
///
/// # Errors
/// Only when the store fails.
pub async fn versions(app: &App) -> Result<Vec<Version>> {
    Ok(app.heads.newest(app.store.as_ref()).await?)
}

/// The version that counts, with its text.
///
/// # Errors
/// Only when the store fails.
pub async fn counting(app: &App) -> Result<PublishedVersion> {
    Ok(read(app.store.as_ref()).await?.1)
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
pub async fn put_back(app: &App, earlier: u64, by: &str) -> Result<Publication> {
    let PublishedVersion { text, .. } = version(app, earlier).await?;
    publish(app, &text, by, None).await
}
