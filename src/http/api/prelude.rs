//! What most handlers use: how a route is declared, who asks, what it answers.

pub use std::sync::Arc;

pub use actix_web::web::{self, Data, Path};
pub use actix_web::{HttpRequest, HttpResponse, delete, get, post, put};
pub use serde::{Deserialize, Serialize};
pub use utoipa::{IntoParams, ToSchema};

pub use super::views;
pub use crate::actions::App;
pub use crate::actions::carnival::current_carnival::CurrentCarnival;
pub use crate::actions::staff::OnDuty;
pub use crate::http::errors::{ApiError, ApiResult, Problem, RequestError};
pub use crate::http::extract::body::Json;
pub use crate::http::extract::path::{
    DevicePath, GiftPath, InvitationPath, PointPath, RoutePath, StaffPath, VersionPath,
};
pub use crate::http::openapi::problems::{
    CHANGE, GREETING, INVITATION, PASSPORT, PICTURE, PUSH, REPORT, STAFF_NAME, STORE, TERMS, WINDOW,
};
pub use crate::http::state::state;
pub use crate::messages::messages;
pub use crate::rules::ids::{BoothId, GiftId, Nonce, PointId, RouteId};
pub use crate::rules::lang::Lang;
pub use crate::rules::refusals::{CarnivalRefusal, CheckInRefusal, CodeRefusal, GiftRefusal, Refusal, StaffRefusal};
pub use crate::tokens::{Organiser, Resident, Viewer, Volunteer};
