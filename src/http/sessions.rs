//! `POST /v1/sessions/…`: a login code or an invitation becomes a token.

use actix_web::{HttpRequest, HttpResponse, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::ApiError;
use super::json_body::Json;
use super::request_info::{count_failure, lang};
use super::state::state;
use super::views;
use crate::actions::{log_in, staff};
use crate::rules::ids::Nonce;
use crate::rules::roles::{Role, StaffName, Station};

/// A resident's login.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WeChatLogin {
    /// What `wx.login` gave; in a rehearsal, any name.
    #[schema(example = "0b3Xyz…")]
    code: String,
}

/// A token.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct TokenView {
    /// Goes into `Authorization: Bearer …`.
    #[schema(example = "eyJhbGciOiJIUzI1NiIs…")]
    token: String,
    /// Until when it is good; then log in again.
    #[schema(example = "2023-04-14T22:00:00+08:00")]
    expires_at: String,
    /// In a rehearsal alone: that a stand-in answered in WeChat's place.
    #[schema(example = "这是演练：没有联系微信，登录码就是演练者的名字。")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rehearsal: Option<String>,
}

/// Logs a resident in with WeChat. There are no refresh tokens: log in again, silently.
#[utoipa::path(tag = "resident", request_body = WeChatLogin, responses(
    (status = 201, description = "Logged in", body = TokenView),
))]
#[post("/v1/sessions/wechat")]
pub async fn log_in_with_wechat(request: HttpRequest, body: Json<WeChatLogin>) -> Result<HttpResponse, ApiError> {
    let app = &state(&request).app;
    let login = log_in::log_in(app, &body.0.code).await.map_err(|e| count_failure(&request, e))?;
    let note = lang(&request).pick(
        "这是演练：没有联系微信，登录码就是演练者的名字。",
        "A rehearsal: WeChat was not asked, and the login code is the name of whoever plays a resident.",
    );
    Ok(HttpResponse::Created().json(TokenView {
        expires_at: views::local_time(&app.current(), login.issued.expires_at),
        token: login.issued.token,
        rehearsal: login.rehearsal.then(|| note.to_owned()),
    }))
}

/// Accepting an invitation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StaffLogin {
    /// The invitation: its link or its code.
    #[schema(example = "https://carnival.example/q/S4QZ…")]
    invitation: String,
    /// What she calls herself: 1 to 20 characters.
    #[schema(value_type = String, min_length = 1, max_length = 20, pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$", example = "王阿姨")]
    name: StaffName,
    /// Made once by the device and kept there: the same link opened again simply opens.
    #[schema(value_type = String, pattern = "^[A-Za-z0-9_-]{8,64}$", example = "f3b1c0de-tablet-7")]
    nonce: Nonce,
}

/// A staff member's token.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct StaffTokenView {
    /// Goes into `Authorization: Bearer …`.
    #[schema(example = "eyJhbGciOiJIUzI1NiIs…")]
    token: String,
    /// Until when the session lasts, if no organiser ends it.
    #[schema(example = "2023-04-15T02:00:00+08:00")]
    expires_at: String,
    /// The session's id, by which an organiser can end it.
    #[schema(example = "8Q3ZK0V7T1M5XGBA")]
    session: String,
    /// What she may do.
    #[schema(value_type = String, example = "volunteer")]
    role: Role,
    /// What she calls herself.
    #[schema(value_type = String)]
    name: StaffName,
    /// Where she works; organisers work everywhere.
    place: Option<StationView>,
}

/// A booth or a point.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct StationView {
    /// The booth's id,
    #[schema(example = "market-play")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    booth: Option<String>,
    /// or the point's.
    #[schema(example = "space-1")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    point: Option<String>,
    /// Its name.
    #[schema(example = "时光音乐友邻荟兑换台")]
    name: String,
}

impl StationView {
    /// A place, as the carnival names it now.
    #[must_use]
    pub fn of(current: &crate::actions::current_carnival::CurrentCarnival, place: &Station) -> StationView {
        let (booth, point) = match place {
            Station::Booth(id) => (Some(id.to_string()), None),
            Station::Point(id) => (None, Some(id.to_string())),
        };
        StationView { booth, point, name: current.carnival.station_name(place) }
    }
}

/// Accepts an invitation. Asking again with the same nonce opens the same session and uses nothing up.
#[utoipa::path(tag = "staff", request_body = StaffLogin, responses(
    (status = 201, description = "On duty", body = StaffTokenView),
))]
#[post("/v1/sessions/staff")]
pub async fn accept_invitation(request: HttpRequest, body: Json<StaffLogin>) -> Result<HttpResponse, ApiError> {
    let app = &state(&request).app;
    let StaffLogin { invitation, name, nonce } = body.0;
    let login = staff::accept(app, &invitation, name, nonce).await.map_err(|e| count_failure(&request, e))?;
    let current = app.current();
    Ok(HttpResponse::Created().json(StaffTokenView {
        expires_at: views::local_time(&current, login.issued.expires_at),
        token: login.issued.token,
        session: login.session.id.to_string(),
        role: login.session.role,
        place: login.session.place.as_ref().map(|place| StationView::of(&current, place)),
        name: login.session.name,
    }))
}
