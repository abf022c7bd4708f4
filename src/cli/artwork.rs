//! Location of the carnival's artwork files.

use std::path::Path;

use crate::actions::App;
use crate::config::Settings;
use crate::messages::messages;
use crate::pictures::artwork::ArtworkSource;
use crate::rules::carnival_file::{ArtworkProblem, Mistake, MistakeKind};
use crate::rules::lang::Lang;

use super::console::warn;

/// Warns about missing artwork files. Not an error: postcards then use the generated design, and another instance may
/// have the files.
pub(crate) fn warn_missing(app: &App, lang: Lang) {
    let (current, source) = (app.current(), app.render_pool.renderer().artwork());
    for path in current.carnival.artwork().into_iter().filter(|path| !source.has(path)) {
        let what = MistakeKind::UnusableArtwork { file: path.clone(), because: ArtworkProblem::NotFound };
        warn(&messages(lang).mistake(&Mistake::for_print(1, what)));
    }
}

/// The folder of the configured carnival file.
pub(crate) fn from_settings(settings: &Settings) -> ArtworkSource {
    folder_of(&settings.carnival.file)
}

/// The folder of a carnival file, which holds its artwork.
pub(crate) fn folder_of(file: &Path) -> ArtworkSource {
    ArtworkSource::Folder(file.parent().map(Path::to_path_buf).unwrap_or_default())
}
