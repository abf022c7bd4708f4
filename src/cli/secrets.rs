//! The operator's secrets: from the settings and the environment, or from the folder of the embedded store.

use crate::config::{Settings, StoreKind};
use crate::messages::commands::CommandMessage as Message;
use crate::rules::lang::Lang;
use crate::tokens::Secrets;
use crate::tokens::secrets::SecretSources;

use super::console::{CliError, say};

/// The operator's secrets, or `None` where the embedded store creates its own.
pub(crate) fn configured_secrets(settings: &Settings, lang: Lang) -> Result<Option<Secrets>, CliError> {
    match (secrets_in_settings(settings, lang)?, settings.store.kind) {
        (None, StoreKind::Redis) => Err(say(lang, &Message::SecretsNeeded).into()),
        (configured, _) => Ok(configured),
    }
}

fn secrets_in_settings(settings: &Settings, lang: Lang) -> Result<Option<Secrets>, CliError> {
    let sources = SecretSources::new(settings.secrets.clone(), |name| std::env::var(name).ok());
    if sources.is_empty() {
        return Ok(None);
    }
    let secrets =
        Secrets::from_sources(&sources).map_err(|error| say(lang, &Message::SecretsWrong { error: &error }))?;
    Ok(Some(secrets))
}

/// The operator's secrets, or those in the folder of the embedded store. Creates none.
pub(crate) fn load_existing_secrets(settings: &Settings, lang: Lang) -> Result<Option<Secrets>, CliError> {
    let folder = &settings.store.embedded.folder;
    match secrets_in_settings(settings, lang)? {
        None if settings.store.kind == StoreKind::Embedded && folder.join("secrets").exists() => {
            Ok(Some(Secrets::load(folder)?))
        }
        configured => Ok(configured),
    }
}
