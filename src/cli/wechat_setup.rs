//! WeChat services built from the settings: login and message push.

use std::path::Path;

use crate::actions::LoginProvider;
use crate::actions::personal_data::replay_cache::PushHandler;
use crate::config::Settings;
use crate::rules::lang::Lang;
use crate::wechat::push::{PushSetupError, PushVerifier};
use crate::wechat::{Credentials, LoginClient, SecretString};

use super::check;
use super::console::{CliError, warn};

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
        return Err(lang
            .pick(
                "缺少微信小程序的 AppID 或密钥：请设置 wechat.app_id，并用 wechat.app_secret_file 或环境变量 CARNIVAL_WECHAT_SECRET 给出密钥。只想试试？运行 carnival rehearse。",
                "WeChat's app is missing: set wechat.app_id, and give its secret by wechat.app_secret_file or CARNIVAL_WECHAT_SECRET. Only trying? Run carnival rehearse.",
            )
            .into());
    };
    let credentials = Credentials { app_id: configured.app_id.clone(), secret };
    Ok(LoginClient::new(&configured.client(), credentials)?)
}

fn push_handler(settings: &Settings, lang: Lang) -> Result<Option<PushHandler>, CliError> {
    let configured = &settings.wechat;
    let token = secret(PUSH_TOKEN, &configured.push_token_file, lang)?;
    let key = secret(PUSH_KEY, &configured.push_key_file, lang)?;
    match (token, key) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(lang
            .pick(
                "给出了消息推送的 EncodingAESKey，却没有令牌：请用 wechat.push_token_file 或环境变量 CARNIVAL_WECHAT_PUSH_TOKEN 给出。",
                "The message push has an EncodingAESKey but no token: set wechat.push_token_file or CARNIVAL_WECHAT_PUSH_TOKEN.",
            )
            .into()),
        (Some(token), key) => match PushVerifier::new(&configured.app_id, token, key.as_ref()) {
            Ok(inbox) => {
                if key.is_none() {
                    warn(lang.pick(
                        "微信的消息推送没有加密：有人截到一个地址，五分钟内就能冒充微信。请在微信后台选择安全模式，并给出 EncodingAESKey。",
                        "WeChat's pushes are not encrypted: anyone who obtains the URL of one can impersonate WeChat for five minutes. Choose the safe mode in WeChat's console, and set its EncodingAESKey.",
                    ));
                }
                Ok(Some(PushHandler::new(inbox)))
            }
            Err(PushSetupError::Token) => Err(lang
                .pick(
                    "消息推送的令牌（Token）要有 16 到 32 个字母和数字：太短的会被猜出。请在微信后台和这里都换成一个长的。",
                    "The token of the message push must have 16 to 32 letters and digits, because shorter ones can be guessed: choose a long one in WeChat's console and here.",
                )
                .into()),
            Err(PushSetupError::Key) => Err(lang
                .pick(
                    "消息推送的 EncodingAESKey 不对：微信后台给出的有 43 个字母和数字。",
                    "The EncodingAESKey of the message push is invalid: WeChat's console shows 43 letters and digits.",
                )
                .into()),
        },
    }
}
