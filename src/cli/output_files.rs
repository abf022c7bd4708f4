//! Files and folders that commands write.

use std::path::Path;

use crate::rules::lang::Lang;

use super::console::CliError;

/// Creates the output folder if it does not exist.
pub(crate) fn make_folder(out: &Path, lang: Lang) -> Result<(), CliError> {
    std::fs::create_dir_all(out).map_err(|cause| cannot_write(out, &cause, lang))
}

/// The error for a file or folder that cannot be written.
pub(crate) fn cannot_write(path: &Path, cause: &std::io::Error, lang: Lang) -> CliError {
    let path = path.display();
    lang.pick(format!("写不进 {path}：{cause}"), format!("{path} cannot be written: {cause}")).into()
}
