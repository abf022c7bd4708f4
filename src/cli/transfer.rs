//! `carnival export` and `carnival import`.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, ErrorKind};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::actions::store_problems;
use crate::actions::store_transfer::{self, TransferError};
use crate::config::StoreKind;
use crate::messages::commands::CommandMessage as Message;
use crate::rules::lang::Lang;
use crate::store::export::file::Footer;
use crate::store::export::format_1;

use super::console::{CliError, Progress, info, print_line, say};
use super::secrets::load_existing_secrets;
use super::settings::ConfigFile;
use super::store_access;

#[derive(clap::Args)]
pub(crate) struct ExportArguments {
    #[command(flatten)]
    config: ConfigFile,
    /// The file to write; it must not exist. It holds names of staff and keyed hashes of residents, so only its owner
    /// can read it.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(clap::Args)]
pub(crate) struct ImportArguments {
    #[command(flatten)]
    config: ConfigFile,
    /// A file written by `carnival export`.
    file: PathBuf,
}

/// Runs `carnival export`.
pub(crate) async fn export(arguments: ExportArguments, lang: Lang) -> Result<(), CliError> {
    let ExportArguments { config, out } = arguments;
    let settings = config.load(lang)?;
    let partial = partial_path(&out, lang)?;
    let store = store_access::open_existing(&settings, lang).await?;
    let temp_file = TempFile::new(partial, lang)?;
    let mut progress = Progress::new(say(lang, &Message::RecordsExported));
    let exported =
        store_transfer::export(store.as_ref(), BufWriter::new(&temp_file.file), &mut |count| progress.update(count))
            .await;
    let (seal, _) = exported.map_err(|unmoved| store_problems::transfer_error(&unmoved, lang))?;
    temp_file.persist(&out, lang)?;
    print_line(&summary(&seal));
    print_line(&say(lang, &Message::Exported { count: &seal.entries(), file: &out.display() }));
    Ok(())
}

/// The path of the temporary file next to `out`. Fails if `out` exists.
fn partial_path(out: &Path, lang: Lang) -> Result<PathBuf, CliError> {
    let shown = out.display();
    if out.exists() {
        return Err(say(lang, &Message::ExportExists { file: &shown }).into());
    }
    let mut name = out.file_name().unwrap_or_default().to_owned();
    if name.is_empty() {
        return Err(say(lang, &Message::NotAFileName { file: &shown }).into());
    }
    name.push(".part");
    Ok(out.with_file_name(name))
}

/// A file under a temporary name, removed unless it is persisted.
struct TempFile {
    file: File,
    path: PathBuf,
    persisted: bool,
}

impl TempFile {
    fn new(path: PathBuf, lang: Lang) -> Result<TempFile, CliError> {
        let shown = path.display();
        let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let file = opened.map_err(|cause| match cause.kind() {
            ErrorKind::AlreadyExists => say(lang, &Message::ExportRunning { file: &shown }),
            _ => say(lang, &Message::ExportUnwritable { file: &shown, cause: &cause }),
        })?;
        Ok(TempFile { file, path, persisted: false })
    }

    /// Syncs the file to disk and renames it to its final name.
    fn persist(mut self, out: &Path, lang: Lang) -> Result<(), CliError> {
        // Check again: the file may have been created during the export.
        partial_path(out, lang)?;
        let renamed = self.file.sync_all().and_then(|()| std::fs::rename(&self.path, out));
        renamed.map_err(|cause| say(lang, &Message::ExportUnwritable { file: &out.display(), cause: &cause }))?;
        self.persisted = true;
        Ok(())
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        if !self.persisted {
            // The error that prevented persisting was already returned.
            let _left = std::fs::remove_file(&self.path);
        }
    }
}

/// Formats the counts and the hash, one per line.
fn summary(seal: &Footer) -> String {
    let counts = seal.counts.iter().map(|(kind, count)| format!("  {kind:<12} {count}\n"));
    format!("{}  sha256       {}", counts.collect::<String>(), seal.sha256)
}

/// Runs `carnival import`.
pub(crate) async fn import(arguments: ImportArguments, lang: Lang) -> Result<(), CliError> {
    let ImportArguments { config, file: path } = arguments;
    let settings = config.load(lang)?;
    let shown = path.display().to_string();
    let describe = |unmoved: TransferError| match unmoved {
        TransferError::InvalidExport(unsound) => format!("{shown}: {}", store_problems::invalid_export(&unsound, lang)),
        unmoved => store_problems::transfer_error(&unmoved, lang),
    };
    let file =
        File::open(&path).map_err(|cause| say(lang, &Message::ExportUnreadable { file: &shown, cause: &cause }))?;
    let mut file = format_1::in_current_format(file).map_err(|unsound| describe(unsound.into()))?;
    let mut progress = Progress::new(say(lang, &Message::RecordsChecked));
    let checked = store_transfer::check(&mut file, &mut |count| progress.update(count));
    let sound = checked.map_err(|unsound| describe(unsound.into()))?;
    let secrets = load_existing_secrets(&settings, lang)?;
    sound.check_target(settings.store.shards, secrets.as_ref()).map_err(describe)?;
    let store = store_access::open_exclusive(&settings, lang).await?;
    let mut progress = Progress::new(say(lang, &Message::RecordsVerified));
    store_transfer::import(store.as_ref(), &mut file, &sound, &mut |count| progress.update(count))
        .await
        .map_err(describe)?;
    print_line(&summary(&sound.footer));
    print_line(&say(lang, &Message::Imported { count: &sound.footer.entries() }));
    if secrets.is_none() {
        info(&secrets_reminder(&settings, lang));
    }
    Ok(())
}

fn secrets_reminder(settings: &crate::config::Settings, lang: Lang) -> String {
    match settings.store.kind {
        StoreKind::Embedded => {
            let folder = settings.store.embedded.folder.join("secrets");
            let folder = folder.display();
            say(lang, &Message::BringSecretsToFolder { folder: &folder })
        }
        StoreKind::Redis => say(lang, &Message::BringSecrets),
    }
}
