//! `carnival export` and `carnival import`.

use std::fs::File;
use std::io::{BufWriter, ErrorKind};
use std::path::{Path, PathBuf};

use crate::actions::store_problems;
use crate::actions::store_transfer::{self, TransferError};
use crate::config::StoreKind;
use crate::messages::commands::CommandMessage as Message;
use crate::rules::lang::Lang;
use crate::store::export::file::Footer;
use crate::store::export::format_1;

use super::console::{CliError, create_private_file, info, print_line, progress, say};
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
    let file = create_private_file(&partial).map_err(|cause| match cause.kind() {
        ErrorKind::AlreadyExists => say(lang, &Message::ExportRunning { file: &partial.display() }),
        _ => say(lang, &Message::ExportUnwritable { file: &partial.display(), cause: &cause }),
    })?;
    let mut progress = progress(say(lang, &Message::RecordsExported));
    let exported = store_transfer::export(store.as_ref(), BufWriter::new(file.as_file()), &mut progress).await;
    let (seal, _) = exported.map_err(|unmoved| store_problems::transfer_error(&unmoved, lang))?;
    // Check again: the file may have been created during the export.
    partial_path(&out, lang)?;
    let renamed = file.as_file().sync_all().and_then(|()| file.persist(&out).map_err(|failed| failed.error));
    renamed.map_err(|cause| say(lang, &Message::ExportUnwritable { file: &out.display(), cause: &cause }))?;
    print_line(&summary(&seal));
    print_line(&say(lang, &Message::Exported { count: &seal.entries(), file: &out.display() }));
    Ok(())
}

/// The path of the temporary file next to `out`. Fails if `out` exists.
fn partial_path(out: &Path, lang: Lang) -> Result<PathBuf, CliError> {
    if out.exists() {
        return Err(say(lang, &Message::ExportExists { file: &out.display() }).into());
    }
    let mut name = out.file_name().unwrap_or_default().to_owned();
    if name.is_empty() {
        return Err(say(lang, &Message::NotAFileName { file: &out.display() }).into());
    }
    name.push(".part");
    Ok(out.with_file_name(name))
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
    let checked = store_transfer::check(&mut file, &mut progress(say(lang, &Message::RecordsChecked)));
    let sound = checked.map_err(|unsound| describe(unsound.into()))?;
    let secrets = load_existing_secrets(&settings, lang)?;
    sound.check_target(settings.store.shards, secrets.as_ref()).map_err(describe)?;
    let store = store_access::open_exclusive(&settings, lang).await?;
    let mut progress = progress(say(lang, &Message::RecordsVerified));
    store_transfer::import(store.as_ref(), &mut file, &sound, &mut progress).await.map_err(describe)?;
    print_line(&summary(&sound.footer));
    print_line(&say(lang, &Message::Imported { count: &sound.footer.entries() }));
    if secrets.is_none() {
        let folder = settings.store.embedded.folder.join("secrets");
        info(&match settings.store.kind {
            StoreKind::Embedded => say(lang, &Message::BringSecretsToFolder { folder: &folder.display() }),
            StoreKind::Redis => say(lang, &Message::BringSecrets),
        });
    }
    Ok(())
}
