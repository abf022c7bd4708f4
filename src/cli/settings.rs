//! The settings of a command: their file, and the checks that do not need the store.

use std::path::PathBuf;

use crate::config::Settings;
use crate::messages::commands::CommandMessage as Message;
use crate::rules::lang::Lang;

use super::console::{CliError, say, warn};

#[derive(clap::Args)]
pub(crate) struct ConfigFile {
    /// The settings file. Without it, the defaults and the environment apply.
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
}

impl ConfigFile {
    /// Loads and checks the settings.
    pub(crate) fn load(&self, lang: Lang) -> Result<Settings, CliError> {
        if let Some(file) = self.config.as_ref().filter(|file| !file.exists()) {
            return Err(say(lang, &Message::NoSettingsFile { file: &file.display() }).into());
        }
        Settings::load(self.config.as_deref())
            .map_err(|error| say(lang, &Message::SettingsWrong { error: &error }).into())
    }
}

/// Checks the URL that printed codes begin with. It is checked strictly because printed posters cannot be changed.
pub(crate) fn check_public_url(url: &str, lang: Lang) -> Result<(), CliError> {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let valid = host.is_some_and(|host| {
        !host.is_empty()
            && !host.ends_with('/')
            && host.bytes().all(|b| b.is_ascii_graphic() && !b"?#\"<>\\".contains(&b))
    });
    if url.is_empty() {
        return Err(say(lang, &Message::PublicUrlMissing).into());
    }
    if !valid {
        return Err(say(lang, &Message::PublicUrlInvalid { url }).into());
    }
    if url.starts_with("http://") {
        warn(&say(lang, &Message::PublicUrlNotHttps));
    }
    Ok(())
}
