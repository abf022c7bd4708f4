//! Changes of the carnival while it runs: publish, edit, roll back.
//!
//! Optimistic concurrency: a new carnival is compared with the published one and written as the next version of
//! exactly that one. After a conflict it is compared again, with the version that won; `publication_base` finds what it
//! would undo.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::carnival_refresh::refresh;
use super::current_carnival::{CurrentCarnival, LoadError, initial_stock, load, settle};
use super::publication_base::{PublicationBase, ensure_nothing_undone};
use crate::actions::app::{App, Error, Result};
use crate::actions::caches::VersionEntry;
use crate::pictures::{Renderer, preflight};
use crate::rules::carnival::Carnival;
use crate::rules::carnival::change::{CarnivalComparison, ChangeWarning, GiftStatus, compare};
use crate::rules::carnival::closures::DayClosure;
use crate::rules::carnival_file::edit::{CarnivalEdit, apply};
use crate::rules::carnival_file::parse;
use crate::rules::carnival_file::version_line::ReceivedFile;
use crate::rules::ids::GiftNumber;
use crate::rules::refusals::CarnivalRefusal;
use crate::store::{GiftState, PublicationSource, PublishedVersion, StoreError};

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
            LoadError::Behind { .. } | LoadError::Replaced(_) => {
                Error::Store(StoreError::Unavailable(error.to_string()))
            }
            LoadError::Published(_) | LoadError::Empty => Error::Store(StoreError::Broken(error.to_string())),
        }
    }
}

/// Publishes a carnival file in the name of `by`. Text that is already published is not published again. The file's
/// version line names the version that it was made from; without one, it is the last that `by` published from a file.
///
/// # Errors
/// All mistakes of the text; what was changed since that version and would be undone, unless `confirm` is the code of
/// that list; all blockers of the change.
pub async fn publish(app: &App, received: &str, by: &str, confirm: Option<&str>) -> Result<Publication> {
    let published = NewVersion::of_file(received, by, confirm)?.publish(app).await?;
    follow_closures(app, published, None).await
}

/// Writes the relief periods that follow from what is published now. `closure` is a closure that was just published.
async fn follow_closures(app: &App, published: Publication, closure: Option<&DayClosure>) -> Result<Publication> {
    for _ in 0..MAX_ATTEMPTS {
        refresh(app).await?;
        let newest = app.current();
        if !settle(app.store.as_ref(), &newest.carnival, closure, app.now()).await? {
            let is_newest = newest.version == published.current.version;
            let current = if is_newest { newest } else { Arc::clone(&published.current) };
            return Ok(Publication { current, ..published });
        }
    }
    Err(contended())
}

/// Result of a publication, without publishing.
///
/// # Errors
/// As [`publish`].
pub async fn dry_run(app: &App, received: &str, by: &str, confirm: Option<&str>) -> Result<Vec<ChangeWarning>> {
    let new = NewVersion::of_file(received, by, confirm)?;
    let (current, stored) = load(app.store.as_ref(), app.now()).await?;
    if stored.text == new.text { Ok(Vec::new()) } else { new.check(app, &current, &stored).await }
}

/// Publishes an earlier version again as the newest one; checked like a file that was made from it.
///
/// # Errors
/// As [`publish`], and a refusal if there is no such version.
pub async fn roll_back(app: &App, earlier: u64, by: &str, confirm: Option<&str>) -> Result<Publication> {
    let PublishedVersion { text, .. } = version(app, earlier).await?;
    let base = Some(PublicationBase::Version(earlier));
    let new = NewVersion { base, confirm, ..NewVersion::of_text(&text, by, PublicationSource::PutBack)? };
    follow_closures(app, new.publish(app).await?, None).await
}

/// Applies edits to single entries of the published carnival, in the name of `by`. `closure` is the closure for one day
/// among them.
///
/// # Errors
/// A refusal for an unknown point or route; the mistakes and blockers that the change would bring.
pub async fn edit(app: &App, edits: &[CarnivalEdit], closure: Option<&DayClosure>, by: &str) -> Result<Publication> {
    app.ensure_store_current()?;
    for _ in 0..MAX_ATTEMPTS {
        let (current, stored) = load(app.store.as_ref(), app.now()).await?;
        let text = apply(&stored.text, edits)?;
        // After a conflict, the edits are applied to the version that won.
        let new = NewVersion::of_text(&text, by, PublicationSource::Edit)?;
        if let Some(publication) = new.replace(app, &current, &stored).await? {
            return follow_closures(app, publication, closure).await;
        }
    }
    Err(contended())
}

/// What edits would make of the published carnival. The publication is the current one, with the warnings of the change
/// and whether it would change anything.
///
/// # Errors
/// As [`edit`].
pub async fn preview(app: &App, edits: &[CarnivalEdit], by: &str) -> Result<(Publication, Arc<Carnival>)> {
    let (current, stored) = load(app.store.as_ref(), app.now()).await?;
    let text = apply(&stored.text, edits)?;
    let new = NewVersion::of_text(&text, by, PublicationSource::Edit)?;
    let changed = text != stored.text;
    let warnings = if changed { new.check(app, &current, &stored).await? } else { Vec::new() };
    let edited = new.with_relief_of(&current);
    Ok((Publication { current: Arc::new(current), by: stored.by, changed, warnings }, edited))
}

fn contended() -> Error {
    StoreError::Unavailable("too many conflicting publications".to_owned()).into()
}

/// A text that shall become the next version.
struct NewVersion<'a> {
    /// The text as its author sent it, for the lines of its mistakes.
    received: &'a str,
    /// The text without its version line.
    text: String,
    carnival: Arc<Carnival>,
    by: &'a str,
    source: PublicationSource,
    /// None for an edit of the published text, which undoes nothing.
    base: Option<PublicationBase<'a>>,
    confirm: Option<&'a str>,
}

impl<'a> NewVersion<'a> {
    fn of_text(text: &'a str, by: &'a str, source: PublicationSource) -> Result<NewVersion<'a>> {
        let carnival = Arc::new(parse(text).map_err(Error::Mistakes)?);
        Ok(NewVersion { received: text, text: text.to_owned(), carnival, by, source, base: None, confirm: None })
    }

    fn of_file(received: &'a str, by: &'a str, confirm: Option<&'a str>) -> Result<NewVersion<'a>> {
        let ReceivedFile { base, text } = ReceivedFile::parse(received);
        let base = match base {
            None => PublicationBase::LastOf(by),
            Some(Ok(version)) => PublicationBase::Version(version),
            Some(Err(written)) => return Err(CarnivalRefusal::BaseUnknown { base: written }.into()),
        };
        let of_text = NewVersion::of_text(received, by, PublicationSource::File)?;
        Ok(NewVersion { text, base: Some(base), confirm, ..of_text })
    }

    /// The new carnival with what closures have taken off; no publication gives it back.
    fn with_relief_of(&self, current: &CurrentCarnival) -> Arc<Carnival> {
        Arc::new(Carnival { relief: current.carnival.relief.clone(), ..Carnival::clone(&self.carnival) })
    }

    async fn publish(&self, app: &App) -> Result<Publication> {
        app.ensure_store_current()?;
        for _ in 0..MAX_ATTEMPTS {
            let (current, stored) = load(app.store.as_ref(), app.now()).await?;
            if let Some(publication) = self.replace(app, &current, &stored).await? {
                return Ok(publication);
            }
        }
        Err(contended())
    }

    /// Publishes it as the successor of this version. Returns none if another publication was faster.
    async fn replace(
        &self,
        app: &App,
        current: &CurrentCarnival,
        stored: &PublishedVersion,
    ) -> Result<Option<Publication>> {
        if stored.text == self.text {
            let (current, by) = (Arc::new(current.clone()), stored.by.clone());
            return Ok(Some(Publication { current, by, changed: false, warnings: Vec::new() }));
        }
        let warnings = self.check(app, current, stored).await?;
        let published = self.commit(app, current).await?;
        Ok(published.map(|(current, by)| {
            // Another writer may have started to publish the same text, and this call only completed it.
            let changed = by == self.by;
            Publication { current: Arc::new(current), by, changed, warnings }
        }))
    }

    /// Checks that it may replace this version.
    async fn check(
        &self,
        app: &App,
        current: &CurrentCarnival,
        stored: &PublishedVersion,
    ) -> Result<Vec<ChangeWarning>> {
        if let Some(base) = self.base {
            ensure_nothing_undone(app, (current, stored), base, &self.text, self.confirm).await?;
        }
        compare_with(app, self.received, &current.carnival, &self.with_relief_of(current)).await
    }

    /// Writes the next version. Returns the new current carnival and its author, or none if another text won.
    async fn commit(&self, app: &App, current: &CurrentCarnival) -> Result<Option<(CurrentCarnival, String)>> {
        let version = current.version + 1;
        let (text, by, source) = (self.text.clone(), self.by.to_owned(), self.source);
        let ours = PublishedVersion { version, text, at: app.now(), by, source };
        app.store.publish(current.version, &ours, &initial_stock(&self.carnival)).await?;
        let Some(stored) = app.store.published_version(version).await?.filter(|stored| stored.text == ours.text) else {
            return Ok(None);
        };
        // Serves the version here at once; if this fails, the next periodic refresh does it.
        if let Err(cause) = refresh(app).await {
            tracing::warn!(%cause, version, "the published version takes effect with the next refresh");
        }
        Ok(Some((current.succeeds(version, stored.at, self.with_relief_of(current)), stored.by)))
    }
}

/// Compares a new carnival with the published one. Also checks that this machine can render what is new: the artwork
/// exists and the fonts have the characters of all names.
async fn compare_with(
    app: &App,
    text: &str,
    published: &Arc<Carnival>,
    new: &Arc<Carnival>,
) -> Result<Vec<ChangeWarning>> {
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

/// A page of the published versions, newest first: those before the version `before`, or the newest ones.
///
/// # Errors
/// Only when the store fails.
pub async fn versions(app: &App, before: Option<u64>) -> Result<Vec<VersionEntry>> {
    Ok(app.version_list.page(app.store.as_ref(), before).await?)
}

/// The published version, with its text.
///
/// # Errors
/// Only when the store fails.
pub async fn current_version(app: &App) -> Result<PublishedVersion> {
    Ok(load(app.store.as_ref(), app.now()).await?.1)
}

/// One version as it was published.
///
/// # Errors
/// A refusal if there is none.
pub async fn version(app: &App, version: u64) -> Result<PublishedVersion> {
    Ok(app.store.published_version(version).await?.ok_or(CarnivalRefusal::VersionUnknown)?)
}
