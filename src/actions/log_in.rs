//! A resident logs in.

use std::time::Instant;

use super::app::{App, LogIn, Result};
use crate::rules::carnival::LoginMethod;
use crate::tokens::jwt::IssuedToken;
use crate::wechat::{LoginClient, LoginError, LoginKind, OpenId};

/// A resident's token.
pub struct LoggedIn {
    /// The token and its end.
    pub issued: IssuedToken,
    /// Whether a stand-in answered in WeChat's place.
    pub rehearsal: bool,
}

/// Exchanges a login code for a token. Nothing is written: a passport begins with its first stamp.
///
/// # Errors
/// What WeChat said against it, or that it did not answer.
pub async fn log_in(app: &App, code: &str) -> Result<LoggedIn> {
    let current = app.current();
    let login = current.carnival.login;
    let (resident, rehearsal) = match &app.log_in {
        LogIn::WeChat(client) => {
            let openid = at_wechat(client, kind(login), code).await?;
            (app.identity.resident(login, openid.as_bytes()), false)
        }
        LogIn::Nobody => return Err(LoginError::Unreachable(None).into()),
        LogIn::Rehearsal => (app.identity.resident(login, format!("rehearsal:{}", code.trim()).as_bytes()), true),
    };
    metrics::counter!("carnival_logins_total", "outcome" => "ok").increment(1);
    Ok(LoggedIn { issued: app.jwt.issue_resident(resident, app.now())?, rehearsal })
}

async fn at_wechat(client: &LoginClient, kind: LoginKind, code: &str) -> std::result::Result<OpenId, LoginError> {
    let begun = Instant::now();
    let answer = client.login(kind, code).await;
    metrics::histogram!("carnival_login_seconds").record(begun.elapsed());
    if let Err(error) = &answer {
        metrics::counter!("carnival_logins_total", "outcome" => error.name()).increment(1);
    }
    answer
}

fn kind(login: LoginMethod) -> LoginKind {
    match login {
        LoginMethod::MiniProgram => LoginKind::MiniProgram,
        LoginMethod::Web => LoginKind::Web,
    }
}
