//! Login of residents.

use std::time::Instant;

use super::app::{App, LoginProvider, Result};
use crate::rules::carnival::LoginMethod;
use crate::tokens::jwt::IssuedToken;
use crate::wechat::{LoginClient, LoginError, OpenId};

/// Result of a login.
pub struct LoginResult {
    /// The token with its expiry.
    pub issued: IssuedToken,
    /// Whether a rehearsal's stand-in answered instead of WeChat.
    pub rehearsal: bool,
}

/// Exchanges a login code for a token. Writes nothing: a passport starts with its first stamp.
///
/// # Errors
/// WeChat rejected the code or did not answer.
pub async fn log_in(app: &App, code: &str) -> Result<LoginResult> {
    let current = app.current();
    let login = current.carnival.login;
    let (resident, rehearsal) = match &app.login_provider {
        LoginProvider::WeChat(client) => {
            let openid = exchange_code(client, login, code).await?;
            (app.pseudonyms.resident(login, openid.as_bytes()), false)
        }
        LoginProvider::Disabled => return Err(LoginError::Unreachable(None).into()),
        LoginProvider::Rehearsal => {
            (app.pseudonyms.resident(login, format!("rehearsal:{}", code.trim()).as_bytes()), true)
        }
    };
    metrics::counter!("carnival_logins_total", "outcome" => "ok").increment(1);
    Ok(LoginResult { issued: app.jwt.issue_resident(resident, app.now())?, rehearsal })
}

async fn exchange_code(
    client: &LoginClient,
    method: LoginMethod,
    code: &str,
) -> std::result::Result<OpenId, LoginError> {
    let started = Instant::now();
    let result = client.login(method, code).await;
    metrics::histogram!("carnival_login_seconds").record(started.elapsed());
    if let Err(error) = &result {
        metrics::counter!("carnival_logins_total", "outcome" => <&str>::from(error)).increment(1);
    }
    result
}
