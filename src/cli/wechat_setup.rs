//! WeChat services built from the settings: login and message push.

use std::path::Path;

use crate::actions::LoginProvider;
use crate::actions::personal_data::replay_cache::PushHandler;
use crate::config::Settings;
use crate::messages::commands::CommandMessage as Message;
use crate::rules::lang::Lang;
use crate::wechat::incoming_push::{PushSetupError, PushVerifier};
use crate::wechat::{Credentials, LoginClient, SecretString};

use super::check;
use super::console::{CliError, say, warn};

/// Environment variables with the app's secret, and with the token and the key of the message push.
const APP_SECRET: &str = "CARNIVAL_WECHAT_SECRET";
const PUSH_TOKEN: &str = "CARNIVAL_WECHAT_PUSH_TOKEN";
const PUSH_KEY: &str = "CARNIVAL_WECHAT_PUSH_KEY";

/// Login through WeChat, and the message push.
pub(crate) struct WeChatServices {
    /// Exchanges a login code for an openid.
    pub(crate) login_provider: LoginProvider,
    /// Handles pushed messages; `None` if the push is not configured.
    pub(crate) push_handler: Option<PushHandler>,
}

impl WeChatServices {
    /// No WeChat services.
    pub(crate) fn disabled(login_provider: LoginProvider) -> WeChatServices {
        WeChatServices { login_provider, push_handler: None }
    }
}

/// Builds the services according to the settings.
pub(crate) fn from_settings(settings: &Settings, lang: Lang) -> Result<WeChatServices, CliError> {
    let login_provider = LoginProvider::WeChat(Box::new(client(settings, lang)?));
    Ok(WeChatServices { login_provider, push_handler: push_handler(settings, lang)? })
}

/// A secret from the environment variable, else from the file, else `None`.
fn secret(variable: &str, file: &Path, lang: Lang) -> Result<Option<SecretString>, CliError> {
    let text = match std::env::var(variable) {
        Ok(text) if !text.trim().is_empty() => text,
        _ if !file.as_os_str().is_empty() => check::read_text(file, lang)?,
        _ => String::new(),
    };
    Ok(Some(text.trim()).filter(|text| !text.is_empty()).map(|text| SecretString::new(text.to_owned())))
}

fn client(settings: &Settings, lang: Lang) -> Result<LoginClient, CliError> {
    let configured = &settings.wechat;
    let secret = secret(APP_SECRET, &configured.app_secret_file, lang)?;
    let (false, Some(secret)) = (configured.app_id.is_empty(), secret) else {
        return Err(say(lang, &Message::WeChatMissing).into());
    };
    let credentials = Credentials { app_id: configured.app_id.clone(), secret };
    Ok(LoginClient::new(&configured.client(), credentials)?)
}

fn push_handler(settings: &Settings, lang: Lang) -> Result<Option<PushHandler>, CliError> {
    let configured = &settings.wechat;
    let token = secret(PUSH_TOKEN, &configured.push_token_file, lang)?;
    let key = secret(PUSH_KEY, &configured.push_key_file, lang)?;
    let (token, key) = match (token, key) {
        (None, None) => return Ok(None),
        (None, Some(_)) => return Err(say(lang, &Message::PushTokenMissing).into()),
        (Some(token), key) => (token, key),
    };
    let verifier = PushVerifier::new(&configured.app_id, token, key.as_ref()).map_err(|error| match error {
        PushSetupError::Token => say(lang, &Message::PushTokenInvalid),
        PushSetupError::Key => say(lang, &Message::PushKeyInvalid),
    })?;
    if key.is_none() {
        warn(&say(lang, &Message::PushNotEncrypted));
    }
    Ok(Some(PushHandler::new(verifier)))
}
