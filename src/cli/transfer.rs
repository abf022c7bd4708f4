//! `carnival export` and `carnival import`.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, ErrorKind};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::actions::store_problems;
use crate::actions::store_transfer::{self, TransferError};
use crate::config::StoreKind;
use crate::rules::lang::Lang;
use crate::store::export::file::Footer;

use super::bootstrap::{self, ConfigFile};
use super::console::{CliError, Progress, info, print_line};
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
    let mut progress = Progress::new(lang.pick("已导出的记录", "records exported"));
    let exported =
        store_transfer::export(store.as_ref(), BufWriter::new(&temp_file.file), &mut |count| progress.update(count))
            .await;
    let (seal, _) = exported.map_err(|unmoved| store_problems::transfer_error(&unmoved, lang))?;
    temp_file.persist(&out, lang)?;
    print_line(&summary(&seal));
    print_line(&lang.pick(
        format!("已导出 {} 条记录：{}。密钥不在其中。", seal.entries(), out.display()),
        format!("Exported {} records to {}. The secrets are not in it.", seal.entries(), out.display()),
    ));
    Ok(())
}

/// The path of the temporary file next to `out`. Fails if `out` exists.
fn partial_path(out: &Path, lang: Lang) -> Result<PathBuf, CliError> {
    let shown = out.display();
    if out.exists() {
        return Err(lang
            .pick(
                format!("{shown} 已经存在，不会覆盖。请换一个文件名。"),
                format!("{shown} already exists and is not overwritten: choose another name."),
            )
            .into());
    }
    let mut name = out.file_name().unwrap_or_default().to_owned();
    if name.is_empty() {
        return Err(lang.pick(format!("{shown} 不是文件名。"), format!("{shown} is not a file name.")).into());
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
            ErrorKind::AlreadyExists => lang.pick(
                format!("{shown} 已经存在：另一个导出在进行，或者上次中断了。若已中断，请删除它再导出。"),
                format!("{shown} exists: another export is running, or one was interrupted. If it was interrupted, remove the file and export again."),
            ),
            _ => lang.pick(format!("写不了 {shown}：{cause}。"), format!("{shown} cannot be written: {cause}.")),
        })?;
        Ok(TempFile { file, path, persisted: false })
    }

    /// Syncs the file to disk and renames it to its final name.
    fn persist(mut self, out: &Path, lang: Lang) -> Result<(), CliError> {
        // Check again: the file may have been created during the export.
        partial_path(out, lang)?;
        let renamed = self.file.sync_all().and_then(|()| std::fs::rename(&self.path, out));
        renamed.map_err(|cause| {
            let shown = out.display();
            lang.pick(format!("写不了 {shown}：{cause}。"), format!("{shown} cannot be written: {cause}."))
        })?;
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
    let mut file = File::open(&path).map_err(|cause| {
        lang.pick(format!("打不开 {shown}：{cause}。"), format!("{shown} cannot be read: {cause}."))
    })?;
    let mut progress = Progress::new(lang.pick("已检查的记录", "records checked"));
    let checked = store_transfer::check(&mut file, &mut |count| progress.update(count));
    let sound = checked.map_err(|unsound| describe(unsound.into()))?;
    let secrets = bootstrap::load_existing_secrets(&settings, lang)?;
    sound.check_target(settings.store.shards, secrets.as_ref()).map_err(describe)?;
    let store = store_access::open_exclusive(&settings, lang).await?;
    let mut progress = Progress::new(lang.pick("已写入或复核的记录", "records written or verified"));
    store_transfer::import(store.as_ref(), &mut file, &sound, &mut |count| progress.update(count))
        .await
        .map_err(describe)?;
    print_line(&summary(&sound.footer));
    print_line(&lang.pick(
        format!("已导入 {} 条记录，逐条复核，与文件一致。", sound.footer.entries()),
        format!("Imported {} records; read back, they match the file.", sound.footer.entries()),
    ));
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
            lang.pick(
                format!("文件里没有密钥。请把原来的密钥一起搬来：放进 {folder}，或用 CARNIVAL_SECRET_CODES、CARNIVAL_SECRET_IDENTITY 和 CARNIVAL_SECRET_JWT 给出。"),
                format!("The file holds no secrets. Bring the old ones: put them into {folder}, or set CARNIVAL_SECRET_CODES, CARNIVAL_SECRET_IDENTITY and CARNIVAL_SECRET_JWT."),
            )
        }
        StoreKind::Redis => lang.pick(
            "文件里没有密钥。请给出原来的密钥：CARNIVAL_SECRET_CODES、CARNIVAL_SECRET_IDENTITY 和 CARNIVAL_SECRET_JWT；内置存储的密钥在它的文件夹的 secrets 里。".to_owned(),
            "The file holds no secrets. Set the old ones with CARNIVAL_SECRET_CODES, CARNIVAL_SECRET_IDENTITY and CARNIVAL_SECRET_JWT; those of an embedded store are in `secrets` in its folder.".to_owned(),
        ),
    }
}
