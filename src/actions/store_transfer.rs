//! Moving house: everything out of one store, checked, into another.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Seek, Write};

use futures_util::join;

use super::current_carnival::{self, LoadError};
use crate::rules::lang::Lang;
use crate::store::StoreError;
use crate::store::export::MaintenanceStore;
use crate::store::export::entry::ExportEntry;
use crate::store::export::file::{ExportHeader, ExportReader, ExportWriter, Footer, InvalidExport};
use crate::store::export::traversal::{ExportError, traverse};
use crate::tokens::Secrets;

/// Why nothing was moved, or not all of it.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No carnival can be read from it.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The export cannot be written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The export is not as it was written.
    #[error(transparent)]
    InvalidExport(#[from] InvalidExport),
    /// Somebody wrote to the store meanwhile.
    #[error("the store changed while it was read")]
    StoreChanged,
    /// There is something in the store to be moved into.
    #[error("the store is not empty")]
    NotEmpty,
    /// The export is of another number of shards.
    #[error("{exported} shards in the export, {configured} in the settings")]
    ShardMismatch {
        /// That of the export.
        exported: u16,
        /// That of the settings.
        configured: u16,
    },
    /// A secret is not the one that the records were made with.
    #[error("another secret `{0}`")]
    SecretMismatch(&'static str),
    /// What was written is not what was read.
    #[error("the store holds something else than the export")]
    VerificationFailed,
}

impl From<ExportError> for TransferError {
    fn from(broke: ExportError) -> TransferError {
        match broke {
            ExportError::Store(error) => TransferError::Store(error),
            ExportError::Io(error) => TransferError::Io(error),
            ExportError::Changed => TransferError::StoreChanged,
        }
    }
}

impl TransferError {
    /// The reason, and what to do.
    #[must_use]
    pub fn say(&self, lang: Lang) -> String {
        let (zh, en) = match self {
            TransferError::InvalidExport(unsound) => return unsound.say(lang),
            TransferError::Load(LoadError::Empty) => {
                ("这里还没有嘉年华，没有可导出的数据。".to_owned(), "There is no carnival in this store: nothing to export.".to_owned())
            }
            TransferError::StoreChanged => (
                "导出期间数据有变化，导出作废。请先停掉所有 carnival serve，再导出一次。".to_owned(),
                "The records changed while they were read, so the export is void: stop every `carnival serve` first, then export again.".to_owned(),
            ),
            TransferError::NotEmpty => (
                "要导入到的地方已经有数据，什么也没有写入。请换一个空的文件夹或另一个前缀。".to_owned(),
                "There are records already where this should be imported, so nothing was written. Take an empty folder or another prefix.".to_owned(),
            ),
            TransferError::ShardMismatch { exported, configured } => (
                format!("导出的数据分在 {exported} 个分片里，设置却是 {configured}，什么也没有写入。请设置 store.shards = {exported}。"),
                format!("The export is spread over {exported} shards and the settings say {configured}, so nothing was written: set store.shards = {exported}."),
            ),
            TransferError::SecretMismatch(name) => (
                format!("密钥 {name} 与这些数据开始时用的不同，什么也没有写入。请给出原来的密钥。"),
                format!("The secret `{name}` is not the one that these records were begun with, so nothing was written. Give the old one."),
            ),
            TransferError::VerificationFailed => (
                "导入后的数据与文件不一致，这个存储不能使用。请清空后再导入一次。".to_owned(),
                "What is in the store now is not what the file holds, so the store cannot be used: empty it and import again.".to_owned(),
            ),
            TransferError::Store(_) | TransferError::Load(_) | TransferError::Io(_) => (format!("没有完成：{self}。"), format!("It was not done: {self}.")),
        };
        lang.pick(zh, en)
    }
}

/// Writes everything that a store holds; `progress` is told how many entries so far.
///
/// # Errors
/// A store that is empty, fails or changes meanwhile; what `out` says.
pub async fn export<W: Write + Send>(
    store: &dyn MaintenanceStore,
    out: W,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<(Footer, W), TransferError> {
    let (current, _) = current_carnival::load(store).await?;
    let header = ExportHeader::new(current.carnival.id.clone(), store.shards());
    let mut writer = ExportWriter::new(out, &header)?;
    let mut count = 0;
    traverse(store, |entries| {
        count += entries.len() as u64;
        progress(count);
        writer.put(&entries)
    })
    .await?;
    Ok(writer.finish()?)
}

/// An export that was read from its beginning to its end, and found sound.
#[derive(Debug)]
pub struct VerifiedExport {
    /// Its first line.
    pub header: ExportHeader,
    /// What it holds.
    pub footer: Footer,
    markers: BTreeMap<String, u64>,
}

impl VerifiedExport {
    /// Whether it can be opened with these secrets, on so many shards.
    ///
    /// # Errors
    /// Other shards; a secret that its records were not made with.
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

/// Reads a whole export and checks every line, the counts and the hash.
///
/// # Errors
/// Whatever is not as it was written.
pub fn check(file: impl Read, progress: &mut (dyn FnMut(u64) + Send)) -> Result<VerifiedExport, InvalidExport> {
    let mut reader = ExportReader::new(BufReader::new(file))?;
    let (mut markers, mut count) = (BTreeMap::new(), 0);
    while let Some(entry) = reader.next_entry()? {
        count += 1;
        progress(count);
        if let ExportEntry::Mark { name, value } = entry {
            markers.insert(name, value);
        }
    }
    let footer = reader.footer().cloned().ok_or(InvalidExport::Truncated)?;
    Ok(VerifiedExport { header: reader.header, footer, markers })
}

/// Writes an export that was found sound into an empty store, and reads it all again. Until the end
/// nobody can open the store, so one in which this broke off is never served.
///
/// # Errors
/// A store that is not empty; one that fails, or holds something else afterwards; a file that is
/// another than before.
pub async fn import(
    store: &dyn MaintenanceStore,
    mut file: impl Read + Seek + Send,
    sound: &VerifiedExport,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<(), TransferError> {
    if !store.is_empty().await? || !store.begin_import().await? {
        return Err(TransferError::NotEmpty);
    }
    file.rewind()?;
    let mut reader = ExportReader::new(BufReader::new(file))?;
    let mut count = 0;
    let mut entries = next_batch(&mut reader, store.batch_size())?;
    while !entries.is_empty() {
        count += entries.len() as u64;
        // The next are read while the store puts these on disk.
        let (put, next) = join!(store.import(entries), async { next_batch(&mut reader, store.batch_size()) });
        put?;
        progress(count);
        entries = next?;
    }
    let (footer, _) = export(store, io::sink(), progress).await?;
    if footer != sound.footer || reader.footer() != Some(&sound.footer) {
        return Err(TransferError::VerificationFailed);
    }
    store.end_import().await?;
    Ok(())
}

/// The next entries, so many at most.
fn next_batch(reader: &mut ExportReader<impl BufRead>, max_entries: usize) -> Result<Vec<ExportEntry>, InvalidExport> {
    let mut entries = Vec::with_capacity(max_entries);
    while entries.len() < max_entries
        && let Some(entry) = reader.next_entry()?
    {
        entries.push(entry);
    }
    Ok(entries)
}
