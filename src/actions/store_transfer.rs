//! Export and import of a whole store, with verification.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Seek, Write};

use futures_util::join;
use jiff::Timestamp;

use super::carnival::current_carnival::{self, LoadError};
use crate::store::export::MaintenanceStore;
use crate::store::export::entry::ExportEntry;
use crate::store::export::file::{ExportHeader, ExportReader, ExportWriter, Footer, InvalidExport};
use crate::store::export::traversal::{ExportError, traverse};
use crate::store::record_kinds::Marker;
use crate::store::{ControlRecord, RecordKind, StoreError};
use crate::tokens::Secrets;

/// Why a transfer failed, in whole or in part.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No carnival can be loaded from the store.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The export cannot be written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The export is damaged.
    #[error(transparent)]
    InvalidExport(#[from] InvalidExport),
    /// The store could not be exported.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The target store is not empty.
    #[error("the store is not empty")]
    NotEmpty,
    /// The export has another number of shards.
    #[error("{exported} shards in the export, {configured} in the settings")]
    ShardMismatch {
        /// Shards of the export.
        exported: u16,
        /// Shards in the settings.
        configured: u16,
    },
    /// The records were created with another secret.
    #[error("another secret `{0}`")]
    SecretMismatch(&'static str),
    /// The imported store differs from the export.
    #[error("the imported store differs from the export")]
    VerificationFailed,
}

/// Exports a whole store; `progress` receives the number of entries so far.
///
/// # Errors
/// An empty store, one that fails or changes during the export; errors of `out`.
pub async fn export<W: Write + Send>(
    store: &dyn MaintenanceStore,
    out: W,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<(Footer, W), TransferError> {
    // Only the id is needed, so the relief at some moment does not matter.
    let (current, _) = current_carnival::load(store, Timestamp::MIN).await?;
    let header = ExportHeader::new(current.carnival.id.clone(), store.shards());
    let mut writer = ExportWriter::new(out, &header)?;
    let mut count = 0;
    traverse(store, &mut |entries| {
        count += entries.len() as u64;
        progress(count);
        writer.put(&entries)
    })
    .await?;
    Ok(writer.finish()?)
}

/// An export that was read in full and verified.
#[derive(Debug)]
pub struct VerifiedExport {
    /// First line of the export.
    pub header: ExportHeader,
    /// Totals and hash of the export.
    pub footer: Footer,
    markers: BTreeMap<String, u64>,
}

impl VerifiedExport {
    /// Checks that this export can be imported with these secrets and this number of shards.
    ///
    /// # Errors
    /// Another number of shards; a secret that the records were not created with.
    pub fn check_target(&self, shards: u16, secrets: Option<&Secrets>) -> Result<(), TransferError> {
        let exported = self.header.shards;
        if exported != shards {
            return Err(TransferError::ShardMismatch { exported, configured: shards });
        }
        let Some(secrets) = secrets else {
            return Ok(());
        };
        for (name, secret) in [("codes", &secrets.codes), ("identity", &secrets.identity)] {
            if self.markers.get(name).is_some_and(|marker| *marker != secret.fingerprint()) {
                return Err(TransferError::SecretMismatch(name));
            }
        }
        Ok(())
    }
}

/// Reads a whole export and verifies every line, the counts and the hash.
///
/// # Errors
/// Any deviation from a well-formed export.
pub fn check(file: impl Read, progress: &mut (dyn FnMut(u64) + Send)) -> Result<VerifiedExport, InvalidExport> {
    let mut reader = ExportReader::new(BufReader::new(file))?;
    let (mut markers, mut count) = (BTreeMap::new(), 0);
    while let Some(entry) = reader.next_entry()? {
        count += 1;
        progress(count);
        if let ExportEntry::Record { kind: RecordKind::Marker, key, version, value } = entry {
            let value = value.get().to_owned();
            let marker: Option<Marker> =
                ControlRecord { kind: RecordKind::Marker, key: key.clone(), version, value }.decode().ok();
            markers.extend(marker.map(|marker| (key, marker.value)));
        }
    }
    let footer = reader.footer().cloned().ok_or(InvalidExport::Truncated)?;
    Ok(VerifiedExport { header: reader.header, footer, markers })
}

/// Entries that are imported at a time: on the embedded store, those of a commit.
const IMPORT_BATCH_SIZE: usize = 20_000;

/// Imports a verified export into an empty store, then exports the store again to verify it. The store cannot be
/// opened before the end, so a partial import is never served.
///
/// # Errors
/// A store that is not empty; one that fails, or differs from the export afterwards; a file that changed since its
/// verification.
pub async fn import(
    store: &dyn MaintenanceStore,
    mut file: impl Read + Seek + Send,
    verified: &VerifiedExport,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<(), TransferError> {
    if !store.is_empty().await? || !store.begin_import().await? {
        return Err(TransferError::NotEmpty);
    }
    file.rewind()?;
    let mut reader = ExportReader::new(BufReader::new(file))?;
    let mut count = 0;
    let mut entries = next_batch(&mut reader, IMPORT_BATCH_SIZE)?;
    while !entries.is_empty() {
        count += entries.len() as u64;
        // Reads the next batch while the store writes this one.
        let (put, next) = join!(store.import(entries), async { next_batch(&mut reader, IMPORT_BATCH_SIZE) });
        put?;
        progress(count);
        entries = next?;
    }
    let (footer, _) = export(store, io::sink(), progress).await?;
    if footer != verified.footer || reader.footer() != Some(&verified.footer) {
        return Err(TransferError::VerificationFailed);
    }
    store.end_import().await?;
    Ok(())
}

/// Reads the next batch of at most `max_entries` entries.
fn next_batch(reader: &mut ExportReader<impl BufRead>, max_entries: usize) -> Result<Vec<ExportEntry>, InvalidExport> {
    std::iter::from_fn(|| reader.next_entry().transpose()).take(max_entries).collect()
}
