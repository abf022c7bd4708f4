//! `POST /v1/sessions/staff`: exchanges an invitation for the token of a volunteer or an organiser.

use crate::actions::staff;
use crate::http::api::prelude::*;
use crate::rules::staff::roles::{Role, StaffName, Station};

/// Accepting an invitation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StaffLogin {
    /// The invitation's link or code.
    #[schema(example = "https://carnival.example/q/S4QZ…")]
    invitation: String,
    /// The person's name: 1 to 20 characters.
    #[schema(value_type = String, min_length = 1, max_length = 20, pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$", example = "王阿姨")]
    name: StaffName,
    /// Generated once by the device and stored there, so that opening the same link again opens the same session.
    #[schema(value_type = String, example = "f3b1c0de-tablet-7")]
    nonce: Nonce,
}

/// A staff member's token.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct StaffTokenView {
    /// The token for `Authorization: Bearer …`.
    #[schema(example = "eyJhbGciOiJIUzI1NiIs…")]
    pub token: String,
    /// When the session ends, unless an organiser ends it earlier.
    #[schema(example = "2023-04-15T02:00:00+08:00")]
    pub expires_at: String,
    /// The session's id, with which an organiser can end it.
    #[schema(example = "8Q3ZK0V7T1M5XGBA")]
    pub session: String,
    /// The role.
    #[schema(value_type = String, example = "volunteer")]
    pub role: Role,
    /// The person's name.
    #[schema(value_type = String)]
    pub name: StaffName,
    /// The booth or point; none for organisers, who work everywhere.
    pub place: Option<StationView>,
}

/// A booth or a point.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct StationView {
    /// The booth's id; or
    #[schema(example = "market-play")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booth: Option<String>,
    /// the point's id.
    #[schema(example = "space-1")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point: Option<String>,
    /// Its name.
    #[schema(example = "时光音乐友邻荟兑换台")]
    pub name: String,
}

impl std::fmt::Display for StationView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.booth, &self.point) {
            (Some(booth), _) => write!(f, "booth/{booth}"),
            (None, Some(point)) => write!(f, "point/{point}"),
            (None, None) => f.write_str("-"),
        }
    }
}

impl StationView {
    /// A station, with its name in the published carnival.
    #[must_use]
    pub fn of(current: &CurrentCarnival, place: &Station) -> StationView {
        let (booth, point) = match place {
            Station::Booth(id) => (Some(id.to_string()), None),
            Station::Point(id) => (None, Some(id.to_string())),
        };
        StationView { booth, point, name: current.carnival.station_name(place) }
    }
}

/// Accepts an invitation. A repeated request with the same nonce opens the same session and uses up nothing.
#[utoipa::path(tag = "staff", responses(
    (status = 201, description = "On duty", body = StaffTokenView),
), extensions(("x-problems" = json!([
    STORE, "invitation_unknown", "invitation_over", "invitation_used_up", "session_ended", "token_expired",
    "code_of_another_kind", "practice_code", "too_many_tries",
]))))]
#[post("/v1/sessions/staff")]
pub async fn accept_invitation(app: Data<App>, body: Json<StaffLogin>) -> ApiResult {
    let StaffLogin { invitation, name, nonce } = body.0;
    let login = staff::accept(&app, &invitation, name, nonce).await?;
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
