//! `POST /v1/sessions/wechat`: exchanges a login code for a resident's token.

use crate::actions::login;
use crate::http::api::prelude::*;

/// A resident's login.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WeChatLogin {
    /// The code from `wx.login`; in a rehearsal, any name.
    #[schema(example = "0b3Xyz…")]
    code: String,
}

/// A token.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct TokenView {
    /// The token for `Authorization: Bearer …`.
    #[schema(example = "eyJhbGciOiJIUzI1NiIs…")]
    pub token: String,
    /// When the token expires; then log in again.
    #[schema(example = "2023-04-14T22:00:00+08:00")]
    pub expires_at: String,
    /// Only in a rehearsal: a note that WeChat was not contacted.
    #[schema(example = "这是演练：没有联系微信，登录码就是演练者的名字。")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rehearsal: Option<String>,
}

/// Logs a resident in with WeChat. There are no refresh tokens: the mini-program logs in again, silently.
#[utoipa::path(tag = "resident", responses(
    (status = 201, description = "Logged in", body = TokenView),
), extensions(("x-problems" = json!([
    "login_code_invalid", "login_code_used", "login_refused", "login_too_often", "login_unavailable",
    "login_failed", "too_many_tries",
]))))]
#[post("/v1/sessions/wechat")]
pub async fn log_in_with_wechat(app: Data<App>, lang: Lang, body: Json<WeChatLogin>) -> ApiResult {
    let login = login::log_in(&app, &body.0.code).await?;
    let note = messages(lang).texts().answers.rehearsal_login;
    Ok(HttpResponse::Created().json(TokenView {
        expires_at: views::local_time(&app.current(), login.issued.expires_at),
        token: login.issued.token,
        rehearsal: login.rehearsal.then(|| note.to_owned()),
    }))
}
