//! Where the carnival's artwork lies.

use std::path::Path;

use carnival::actions::App;
use carnival::config::Settings;
use carnival::pictures::artwork::Source;
use carnival::pictures::proof::proof;
use carnival::rules::lang::Lang;

use super::terminal::complain;

/// Another instance may have it: postcards are drawn all the same, with what the program has itself.
pub(crate) fn tell_of_unusable(app: &App, lang: Lang) {
    let live = app.live();
    for mistake in proof("", &live.carnival, None, app.press.studio().artwork()).mistakes {
        complain(&mistake.say(lang));
    }
}

/// Artwork lies in the folder of the carnival file.
pub(crate) fn beside_file(settings: &Settings) -> Source {
    folder_of(&settings.carnival.file)
}

/// The folder of a carnival file, for its artwork.
pub(crate) fn folder_of(file: &Path) -> Source {
    Source::Folder(file.parent().map(Path::to_path_buf).unwrap_or_default())
}
