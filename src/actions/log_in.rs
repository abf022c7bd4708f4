//! A resident logs in.

use super::app::{App, LogIn, Result};
use crate::rules::carnival::Login;
use crate::tokens::jwt::Issued;
use crate::wechat::{Kind, LoginError};

/// A resident's token.
pub struct LoggedIn {
    /// The token and its end.
    pub issued: Issued,
    /// Whether a stand-in answered in WeChat's place.
    pub rehearsal: bool,
}

/// Exchanges a login code for a token. Nothing is written: a passport begins with its first stamp.
///
/// # Errors
/// What WeChat said against it, or that it did not answer.
pub async fn log_in(app: &App, code: &str) -> Result<LoggedIn> {
    let live = app.live();
    let login = live.carnival.login;
    let (resident, rehearsal) = match &app.log_in {
        LogIn::WeChat(client) => {
            let openid = client.login(kind(login), code).await?;
            (app.identity.resident(login, openid.as_bytes()), false)
        }
        LogIn::Nobody => return Err(LoginError::Unreachable(None).into()),
        LogIn::Rehearsal => (app.identity.resident(login, format!("rehearsal:{}", code.trim()).as_bytes()), true),
    };
    Ok(LoggedIn { issued: app.jwt.issue_resident(resident, app.now())?, rehearsal })
}

fn kind(login: Login) -> Kind {
    match login {
        Login::MiniProgram => Kind::MiniProgram,
        Login::Web => Kind::Web,
    }
}
