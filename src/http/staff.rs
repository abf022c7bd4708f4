//! `/v1/organiser/staff`: who works at the carnival, invited, on duty, ended.

use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::booth_desk::{ShiftGift, shift_gifts};
use super::error::ApiError;
use super::json_body::{Json, OptionalJson, optional_integer};
use super::sessions::StationView;
use super::state::state;
use super::views;
use crate::actions::current_carnival::CurrentCarnival;
use crate::actions::office::{self, StaffList};
use crate::actions::staff::{self, Ended, Invited};
use crate::rules::ids::Nonce;
use crate::rules::invitation_terms::{InvitationError, InvitationRequest, InvitationTerms, USES_RANGE};
use crate::rules::refusal::Refusal;
use crate::rules::roles::{Role, Station};
use crate::store::{StoredInvitation, StoredSession};
use crate::tokens::Organiser;

/// An invitation to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InviteStaff {
    /// `volunteer` or `organiser`.
    #[schema(value_type = String, example = "volunteer")]
    role: Role,
    /// The booth where a volunteer will work,
    #[schema(example = "market-play")]
    booth: Option<String>,
    /// or the point. Organisers work everywhere and have neither.
    point: Option<String>,
    /// How many may accept it, 1 to 1000; one if nothing is said.
    #[schema(minimum = 1, maximum = 1000)]
    #[serde(default, deserialize_with = "optional_integer")]
    uses: Option<u16>,
    /// Until when it can be accepted: a day, to its end, or a time. For 24 hours if nothing is said.
    #[schema(example = "2023-04-14T18:00:00+08:00")]
    until: Option<String>,
    /// Made by the client for this write: ask again with the same one when an answer was lost, and the link is the same.
    #[schema(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]{8,64}$", example = "c1d2e3f4-0010")]
    nonce: Option<Nonce>,
}

/// A link for the same place again.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStaffLink {
    /// Until when it can be accepted; for as long as the one before if nothing is said.
    #[schema(example = "2023-04-15")]
    until: Option<String>,
    /// Made by the client for this write, as above.
    #[schema(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]{8,64}$", example = "c1d2e3f4-0011")]
    nonce: Option<Nonce>,
}

/// A new invitation, with the only copy of its link.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct NewInvitationView {
    /// Its id, by which it can be ended.
    #[schema(example = "V1M5TEG2GXXR9VG9")]
    id: String,
    /// What the invited open. It is shown only now.
    #[schema(example = "https://carnival.example/q/S4QZ…")]
    link: String,
    /// The role that it gives.
    #[schema(value_type = String, example = "volunteer")]
    role: Role,
    /// Where the invited will work.
    place: Option<StationView>,
    /// How many may accept it.
    uses: u16,
    /// Until when it can be accepted.
    #[schema(example = "2023-04-14T18:00:00+08:00")]
    until: String,
}

/// The staff.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct StaffView {
    /// Newest first.
    invitations: Vec<InvitationView>,
}

/// An invitation and who came of it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct InvitationView {
    /// Its id.
    #[schema(example = "V1M5TEG2GXXR9VG9")]
    id: String,
    /// The role that it gives.
    #[schema(value_type = String, example = "volunteer")]
    role: Role,
    /// Where the invited work.
    place: Option<StationView>,
    /// How many may accept it.
    uses: u16,
    /// How many did.
    taken: usize,
    /// When it was made.
    #[schema(example = "2023-04-14T08:00:00+08:00")]
    made_at: String,
    /// Until when it can be accepted.
    #[schema(example = "2023-04-14T18:00:00+08:00")]
    until: String,
    /// When an organiser ended it.
    ended: Option<String>,
    /// Whether it can be accepted now.
    open: bool,
    /// Who accepted it.
    sessions: Vec<StaffSessionView>,
}

/// One person on duty with one device.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct StaffSessionView {
    /// The session's id.
    #[schema(example = "8Q3ZK0V7T1M5XGBA")]
    id: String,
    /// What she calls herself.
    #[schema(example = "王阿姨")]
    name: String,
    /// Since when she is on duty.
    #[schema(example = "2023-04-14T08:10:00+08:00")]
    begun: String,
    /// Until when, if no organiser ends it.
    #[schema(example = "2023-04-15T00:10:00+08:00")]
    until: String,
    /// When she last did or looked at something, a few seconds late; none if never.
    last_seen: Option<String>,
    /// When an organiser ended it.
    ended: Option<String>,
    /// Whether she is on duty now.
    on_duty: bool,
    /// Stamps that she recorded by hand.
    stamps: u64,
    /// Gifts that she confirmed or undid.
    gifts: Vec<ShiftGift>,
}

/// Invites staff. The link is shown once; of it, the store keeps a hash.
#[utoipa::path(tag = "organiser", request_body = InviteStaff, responses(
    (status = 201, description = "Invited", body = NewInvitationView),
))]
#[post("/v1/organiser/staff")]
pub async fn invite_staff(
    organiser: Organiser,
    request: HttpRequest,
    body: Json<InviteStaff>,
) -> Result<HttpResponse, ApiError> {
    let app = &state(&request).app;
    let session = staff::on_duty(app, &organiser.into()).await?;
    let InviteStaff { role, booth, point, uses, until, nonce } = body.0;
    let wanted = InvitationRequest {
        role,
        booth: booth.map(|booth| booth.parse().map_err(|_| Refusal::BoothUnknown)).transpose()?,
        point: point.map(|point| point.parse().map_err(|_| Refusal::PointUnknown)).transpose()?,
        uses: uses.unwrap_or(1),
        until: until.as_deref(),
    };
    let current = app.current();
    let offer =
        InvitationTerms::validate(&current.carnival, wanted, app.now()).map_err(|why| invitation_error(&why))?;
    let invited = office::invite(app, &session, offer, nonce.as_ref()).await?;
    Ok(HttpResponse::Created()
        .insert_header(("cache-control", "no-store"))
        .json(new_invitation_view(&current, invited)))
}

fn invitation_error(why: &InvitationError) -> ApiError {
    match why {
        InvitationError::UnknownBooth(_) => Refusal::BoothUnknown.into(),
        InvitationError::UnknownPoint(_) => Refusal::PointUnknown.into(),
        InvitationError::StationMismatch => {
            ApiError::malformed("a volunteer needs a booth or a point, an organiser has neither")
        }
        InvitationError::UsesOutOfRange => {
            ApiError::malformed(format!("uses: {} to {}", USES_RANGE.start(), USES_RANGE.end()))
        }
        InvitationError::UntilUnreadable => {
            ApiError::malformed("until: a day such as 2023-04-14, or a time such as 2023-04-14T18:00:00+08:00")
        }
        InvitationError::UntilPast => ApiError::malformed("until: it is in the past"),
    }
}

fn new_invitation_view(current: &CurrentCarnival, invited: Invited) -> NewInvitationView {
    let Invited { invitation, link } = invited;
    NewInvitationView {
        id: invitation.id.to_string(),
        link,
        role: invitation.role,
        place: invitation.place.as_ref().map(|place| StationView::of(current, place)),
        uses: invitation.uses,
        until: views::local_time(current, invitation.until),
    }
}

/// All invitations, who came of them, when they were last seen and what they did.
#[utoipa::path(tag = "organiser", responses((status = 200, description = "The staff", body = StaffView)))]
#[get("/v1/organiser/staff")]
pub async fn list_staff(organiser: Organiser, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let app = &state(&request).app;
    staff::on_duty(app, &organiser.into()).await?;
    let list = office::list(app).await?;
    let invitations = list.invitations.iter().map(|stored| invitation_view(&list, stored)).collect();
    Ok(HttpResponse::Ok().json(StaffView { invitations }))
}

fn invitation_view(list: &StaffList, stored: &StoredInvitation) -> InvitationView {
    let StoredInvitation { invitation, ended, sessions } = stored;
    let at = |moment| views::local_time(&list.current, moment);
    let is_open = ended.is_none()
        && invitation.check_acceptable(list.now).is_ok()
        && sessions.len() < usize::from(invitation.uses);
    InvitationView {
        id: invitation.id.to_string(),
        role: invitation.role,
        place: invitation.place.as_ref().map(|place| StationView::of(&list.current, place)),
        uses: invitation.uses,
        taken: sessions.len(),
        made_at: at(invitation.made_at),
        until: at(invitation.until),
        ended: ended.map(at),
        open: is_open,
        sessions: sessions.iter().map(|stored| session_view(list, stored)).collect(),
    }
}

fn session_view(list: &StaffList, stored: &StoredSession) -> StaffSessionView {
    let StoredSession { session, ended } = stored;
    let at = |moment| views::local_time(&list.current, moment);
    let shift = list.shifts.get(&session.id).cloned().unwrap_or_default();
    StaffSessionView {
        id: session.id.to_string(),
        name: session.name.to_string(),
        begun: at(session.begun),
        until: at(session.until),
        last_seen: list.seen.get(&session.id).copied().map(at),
        ended: ended.map(at),
        on_duty: session.check_active(*ended, list.now).is_ok(),
        stamps: shift.stamps,
        gifts: shift_gifts(&list.current, &shift),
    }
}

/// Ends an invitation with its sessions, or one session: refused from the next request on. Asking again does no harm.
#[utoipa::path(tag = "organiser",
    params(("id" = String, Path, description = "The id of an invitation or of a session")),
    responses((status = 204, description = "Ended")))]
#[delete("/v1/organiser/staff/{id}")]
pub async fn end_staff(
    organiser: Organiser,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let app = &state(&request).app;
    staff::on_duty(app, &organiser.into()).await?;
    match staff::end(app, &id).await? {
        Ended::Invitation(..) | Ended::Session(_) => Ok(HttpResponse::NoContent().finish()),
        Ended::Unknown => Err(Refusal::StaffUnknown.into()),
    }
}

/// A new link in one tap, for the same role and place: as many uses as the invitation had, or one for whoever's session it is.
#[utoipa::path(tag = "organiser", request_body = NewStaffLink,
    params(("id" = String, Path, description = "The id of an invitation or of a session")),
    responses((status = 201, description = "Invited anew; the one before stays as it is", body = NewInvitationView)))]
#[post("/v1/organiser/staff/{id}/link")]
pub async fn renew_staff_link(
    organiser: Organiser,
    request: HttpRequest,
    id: web::Path<String>,
    body: OptionalJson<NewStaffLink>,
) -> Result<HttpResponse, ApiError> {
    let app = &state(&request).app;
    let session = staff::on_duty(app, &organiser.into()).await?;
    let NewStaffLink { until, nonce } = body.0.unwrap_or_default();
    let former = office::former(app, &id).await?;
    let (current, now) = (app.current(), app.now());
    let (booth, point) = match former.invitation.place.clone() {
        Some(Station::Booth(booth)) => (Some(booth), None),
        Some(Station::Point(point)) => (None, Some(point)),
        None => (None, None),
    };
    let usual = former.until(now).to_string();
    let until = Some(until.as_deref().unwrap_or(&usual));
    let wanted = InvitationRequest { role: former.invitation.role, booth, point, uses: former.uses, until };
    let offer = InvitationTerms::validate(&current.carnival, wanted, now).map_err(|why| invitation_error(&why))?;
    let invited = office::invite(app, &session, offer, nonce.as_ref()).await?;
    Ok(HttpResponse::Created()
        .insert_header(("cache-control", "no-store"))
        .json(new_invitation_view(&current, invited)))
}
