//! Extractors: who asks. `tokens` verifies the bearer token, and the store says whether a staff session is still active.
//!
//! The role is the type of a handler's first argument. Its token is verified and counted against the rate limit before
//! the other arguments are polled, so the body of a request without the right token is never read. The staff session is
//! read while the body arrives.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;

use crate::actions::staff::OnDuty;
use crate::http::errors::ApiError;
use crate::http::state::state;
use crate::rules::refusals::AccessRefusal;
use crate::tokens::{Bearer, Colleague, Resident, StaffRole, StaffToken, TokenError};

impl FromRequest for Resident {
    type Error = ApiError;
    type Future = Ready<Result<Resident, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(bearer(request).and_then(|bearer| match bearer {
            Bearer::Resident(resident) => resident_within_limit(request, resident),
            Bearer::Staff(_) => Err(AccessRefusal::NotYourRole.into()),
        }))
    }
}

impl<R: StaffRole + 'static> FromRequest for OnDuty<R> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<OnDuty<R>, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let staff = bearer(request).and_then(|bearer| staff_within_limit(request, bearer));
        let app = Arc::clone(&state(request).app);
        Box::pin(async move { Ok(OnDuty::check(&app, &staff?).await?) })
    }
}

/// A resident, or a person on duty; not a tablet.
pub struct AnyRole;

impl FromRequest for AnyRole {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<AnyRole, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let staff = bearer(request).and_then(|bearer| match bearer {
            Bearer::Resident(resident) => resident_within_limit(request, resident).map(|_| None),
            staff @ Bearer::Staff(_) => staff_within_limit::<Colleague>(request, staff).map(Some),
        });
        let app = Arc::clone(&state(request).app);
        Box::pin(async move {
            if let Some(staff) = staff? {
                OnDuty::check(&app, &staff).await?;
            }
            Ok(AnyRole)
        })
    }
}

fn resident_within_limit(request: &HttpRequest, resident: Resident) -> Result<Resident, ApiError> {
    state(request).limits.check_resident(resident.id())?;
    Ok(resident)
}

fn staff_within_limit<R: StaffRole>(request: &HttpRequest, bearer: Bearer) -> Result<R, ApiError> {
    let Bearer::Staff(token) = bearer else { return Err(AccessRefusal::NotYourRole.into()) };
    let staff = R::of(token).ok_or(AccessRefusal::NotYourRole)?;
    state(request).limits.check_staff(staff.token().session())?;
    Ok(staff)
}

fn bearer(request: &HttpRequest) -> Result<Bearer, ApiError> {
    let state = state(request);
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let Some(header) = headers.next() else {
        if !state.private {
            return Err(AccessRefusal::TokenMissing.into());
        }
        state.app.ensure_store_current()?;
        return Ok(Bearer::Staff(StaffToken::operator()));
    };
    if headers.next().is_some() {
        // With two headers, a proxy in front of the server may have checked the other one.
        return Err(AccessRefusal::TokenInvalid.into());
    }
    let header = header.to_str().map_err(|_| AccessRefusal::TokenInvalid)?;
    let (scheme, token) = header.split_once(' ').ok_or(AccessRefusal::TokenInvalid)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(AccessRefusal::TokenInvalid.into());
    }
    let app = &state.app;
    app.ensure_store_current()?;
    app.jwt.read(token.trim(), app.now()).map_err(|error| match error {
        TokenError::Expired => AccessRefusal::TokenExpired.into(),
        TokenError::Invalid => AccessRefusal::TokenInvalid.into(),
    })
}
