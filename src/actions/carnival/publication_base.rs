//! The base of a publication, and what the publication would undo of the changes made since.

use crate::actions::app::{App, Error, Result};
use crate::rules::carnival_file::undone_changes::{
    AttributedChange, UndoneChange, UndonePublication, changed_parts, undone_changes,
};
use crate::rules::refusals::CarnivalRefusal;
use crate::store::{PublishedVersion, StoreError};
use crate::tokens::confirmation::confirmation;

use super::current_carnival::CurrentCarnival;

/// The version from which a new file was made.
#[derive(Clone, Copy, Debug)]
pub(super) enum PublicationBase<'a> {
    /// This version, as the file or the request says.
    Version(u64),
    /// The last version that this author published from a file; the first version if they published none.
    LastOf(&'a str),
}

/// Checks that a new text undoes no change that was made since its base, or that its author confirmed the list.
///
/// # Errors
/// [`Error::Undone`] with the list; a refusal if there is no such base.
pub(super) async fn ensure_nothing_undone(
    app: &App,
    (current, stored): (&CurrentCarnival, &PublishedVersion),
    base: PublicationBase<'_>,
    text: &str,
    confirm: Option<&str>,
) -> Result<()> {
    let base = match base {
        PublicationBase::Version(version) => version,
        PublicationBase::LastOf(author) => app.version_list.last_file_of(app.store.as_ref(), author).await?,
    };
    if base == stored.version {
        return Ok(());
    }
    let based_on = app.store.published_version(base).await?;
    let based_on = based_on.ok_or_else(|| CarnivalRefusal::BaseUnknown { base: base.to_string() })?;
    let undone = undone_changes(&based_on.text, &stored.text, text);
    let ids: Vec<String> = undone.iter().map(|change| change.part.to_string()).collect();
    let expected = confirmation(stored.version, &ids, text);
    if undone.is_empty() || confirm == Some(expected.as_str()) {
        return Ok(());
    }
    let changes = attributed(app, current, stored, base, undone).await?;
    let version = stored.version;
    Err(Error::Undone(Box::new(UndonePublication { version, base, changes, confirm: expected })))
}

/// Finds the last version that made each change, from the newest back to the base.
async fn attributed(
    app: &App,
    current: &CurrentCarnival,
    stored: &PublishedVersion,
    base: u64,
    mut open: Vec<UndoneChange>,
) -> Result<Vec<AttributedChange>> {
    let (mut later, mut found) = (stored.clone(), Vec::new());
    while later.version > base && !open.is_empty() {
        let missing = || StoreError::Broken(format!("version {} is missing", later.version - 1));
        let earlier = app.store.published_version(later.version - 1).await?.ok_or_else(missing)?;
        let changed = changed_parts(&earlier.text, &later.text);
        let made_here = |change: &UndoneChange| changed.iter().any(|part| change.part.includes(part));
        let (here, before): (Vec<_>, Vec<_>) = open.into_iter().partition(made_here);
        found.extend(here.into_iter().map(|change| AttributedChange {
            change,
            version: later.version,
            by: later.by.clone(),
            at: current.carnival.zoned(later.at),
        }));
        (open, later) = (before, earlier);
    }
    Ok(found)
}
