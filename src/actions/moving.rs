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
pub enum Unmoved {
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
    Unsound(#[from] InvalidExport),
    /// Somebody wrote to the store meanwhile.
    #[error("the store changed while it was read")]
    Changed,
    /// There is something in the store to be moved into.
    #[error("the store is not empty")]
    NotEmpty,
    /// The export is of another number of shards.
    #[error("{kept} shards in the export, {wanted} in the settings")]
    OtherShards {
        /// That of the export.
        kept: u16,
        /// That of the settings.
        wanted: u16,
    },
    /// A secret is not the one that the records were made with.
    #[error("another secret `{0}`")]
    OtherSecret(&'static str),
    /// What was written is not what was read.
    #[error("the store holds something else than the export")]
    Differs,
}

impl From<ExportError> for Unmoved {
    fn from(broke: ExportError) -> Unmoved {
        match broke {
            ExportError::Store(error) => Unmoved::Store(error),
            ExportError::Io(error) => Unmoved::Io(error),
            ExportError::Changed => Unmoved::Changed,
        }
    }
}

impl Unmoved {
    /// The reason, and what to do.
    #[must_use]
    pub fn say(&self, lang: Lang) -> String {
        let (zh, en) = match self {
            Unmoved::Unsound(unsound) => return unsound.say(lang),
            Unmoved::Load(LoadError::Empty) => {
                ("这里还没有嘉年华，没有可导出的数据。".to_owned(), "There is no carnival in this store: nothing to export.".to_owned())
            }
            Unmoved::Changed => (
                "导出期间数据有变化，导出作废。请先停掉所有 carnival serve，再导出一次。".to_owned(),
                "The records changed while they were read, so the export is void: stop every `carnival serve` first, then export again.".to_owned(),
            ),
            Unmoved::NotEmpty => (
                "要导入到的地方已经有数据，什么也没有写入。请换一个空的文件夹或另一个前缀。".to_owned(),
                "There are records already where this should be imported, so nothing was written. Take an empty folder or another prefix.".to_owned(),
            ),
            Unmoved::OtherShards { kept, wanted } => (
                format!("导出的数据分在 {kept} 个分片里，设置却是 {wanted}，什么也没有写入。请设置 store.shards = {kept}。"),
                format!("The export is spread over {kept} shards and the settings say {wanted}, so nothing was written: set store.shards = {kept}."),
            ),
            Unmoved::OtherSecret(name) => (
                format!("密钥 {name} 与这些数据开始时用的不同，什么也没有写入。请给出原来的密钥。"),
                format!("The secret `{name}` is not the one that these records were begun with, so nothing was written. Give the old one."),
            ),
            Unmoved::Differs => (
                "导入后的数据与文件不一致，这个存储不能使用。请清空后再导入一次。".to_owned(),
                "What is in the store now is not what the file holds, so the store cannot be used: empty it and import again.".to_owned(),
            ),
            Unmoved::Store(_) | Unmoved::Load(_) | Unmoved::Io(_) => (format!("没有完成：{self}。"), format!("It was not done: {self}.")),
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
) -> Result<(Footer, W), Unmoved> {
    let (current, _) = current_carnival::read(store).await?;
    let header = ExportHeader::new(current.carnival.id.clone(), store.shards());
    let mut writer = ExportWriter::new(out, &header)?;
    let mut so_far = 0;
    traverse(store, |entries| {
        so_far += entries.len() as u64;
        progress(so_far);
        writer.put(&entries)
    })
    .await?;
    Ok(writer.finish()?)
}

/// An export that was read from its beginning to its end, and found sound.
#[derive(Debug)]
pub struct Sound {
    /// Its first line.
    pub header: ExportHeader,
    /// What it holds.
    pub seal: Footer,
    marks: BTreeMap<String, u64>,
}

impl Sound {
    /// Whether it can be opened with these secrets, on so many shards.
    ///
    /// # Errors
    /// Other shards; a secret that its records were not made with.
    pub fn fits(&self, shards: u16, secrets: Option<&Secrets>) -> Result<(), Unmoved> {
        let kept = self.header.shards;
        if kept != shards {
            return Err(Unmoved::OtherShards { kept, wanted: shards });
        }
        let Some(secrets) = secrets else {
            return Ok(());
        };
        for (name, secret) in [("codes", &secrets.codes), ("identity", &secrets.identity)] {
            if self.marks.get(name).is_some_and(|mark| *mark != secret.fingerprint()) {
                return Err(Unmoved::OtherSecret(name));
            }
        }
        Ok(())
    }
}

/// Reads a whole export and checks every line, the counts and the hash.
///
/// # Errors
/// Whatever is not as it was written.
pub fn check(file: impl Read, progress: &mut (dyn FnMut(u64) + Send)) -> Result<Sound, InvalidExport> {
    let mut reader = ExportReader::new(BufReader::new(file))?;
    let (mut marks, mut so_far) = (BTreeMap::new(), 0);
    while let Some(entry) = reader.next_entry()? {
        so_far += 1;
        progress(so_far);
        if let ExportEntry::Mark { name, value } = entry {
            marks.insert(name, value);
        }
    }
    let seal = reader.footer().cloned().ok_or(InvalidExport::Truncated)?;
    Ok(Sound { header: reader.header, seal, marks })
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
    sound: &Sound,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<(), Unmoved> {
    if !store.is_empty().await? || !store.begin_import().await? {
        return Err(Unmoved::NotEmpty);
    }
    file.rewind()?;
    let mut reader = ExportReader::new(BufReader::new(file))?;
    let mut so_far = 0;
    let mut entries = some(&mut reader, store.batch_size())?;
    while !entries.is_empty() {
        so_far += entries.len() as u64;
        // The next are read while the store puts these on disk.
        let (put, next) = join!(store.import(entries), async { some(&mut reader, store.batch_size()) });
        put?;
        progress(so_far);
        entries = next?;
    }
    let (seal, _) = export(store, io::sink(), progress).await?;
    if seal != sound.seal || reader.footer() != Some(&sound.seal) {
        return Err(Unmoved::Differs);
    }
    store.end_import().await?;
    Ok(())
}

/// The next entries, so many at most.
fn some(reader: &mut ExportReader<impl BufRead>, most: usize) -> Result<Vec<ExportEntry>, InvalidExport> {
    let mut entries = Vec::with_capacity(most);
    while entries.len() < most
        && let Some(entry) = reader.next_entry()?
    {
        entries.push(entry);
    }
    Ok(entries)
}
