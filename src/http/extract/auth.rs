//! Extractors: the bearer token of a request as one of the three roles. `tokens` verifies the token.
//!
//! The role is the first argument of a handler, and its extractor is ready immediately. The body of a request without
//! the right token is therefore never read.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest};

use crate::http::errors::ApiError;
use crate::http::rate_limit::rate_limits::RateLimits;
use crate::http::state::state;
use crate::rules::refusals::AccessRefusal;
use crate::tokens::{Bearer, Organiser, Resident, Staff, TokenError};

/// Any valid token, of any role.
impl FromRequest for Bearer {
    type Error = ApiError;
    type Future = Ready<Result<Bearer, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(bearer(request).and_then(|bearer| {
            match &bearer {
                Bearer::Resident(resident) => limits(request).check_resident(resident.id()),
                Bearer::Volunteer(volunteer) => limits(request).check_staff(volunteer.session()),
                Bearer::Organiser(organiser) => limits(request).check_staff(organiser.session()),
            }?;
            Ok(bearer)
        }))
    }
}

impl FromRequest for Resident {
    type Error = ApiError;
    type Future = Ready<Result<Resident, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(bearer(request).and_then(|bearer| match bearer {
            Bearer::Resident(resident) => {
                limits(request).check_resident(resident.id()).map(|()| resident).map_err(ApiError::from)
            }
            Bearer::Volunteer(_) | Bearer::Organiser(_) => Err(AccessRefusal::NotYourRole.into()),
        }))
    }
}

impl FromRequest for Staff {
    type Error = ApiError;
    type Future = Ready<Result<Staff, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(bearer(request).and_then(|bearer| {
            let staff = match bearer {
                Bearer::Volunteer(volunteer) => Staff::Volunteer(volunteer),
                Bearer::Organiser(organiser) => Staff::Organiser(organiser),
                Bearer::Resident(_) => return Err(AccessRefusal::NotYourRole.into()),
            };
            limits(request).check_staff(staff.session())?;
            Ok(staff)
        }))
    }
}

impl FromRequest for Organiser {
    type Error = ApiError;
    type Future = Ready<Result<Organiser, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(bearer(request).and_then(|bearer| {
            let Bearer::Organiser(organiser) = bearer else { return Err(AccessRefusal::NotYourRole.into()) };
            limits(request).check_staff(organiser.session())?;
            Ok(organiser)
        }))
    }
}

fn bearer(request: &HttpRequest) -> Result<Bearer, ApiError> {
    let state = state(request);
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let Some(header) = headers.next() else {
        if !state.private {
            return Err(AccessRefusal::TokenMissing.into());
        }
        state.app.ensure_store_current()?;
        return Ok(Bearer::Organiser(Organiser::operator()));
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

fn limits(request: &HttpRequest) -> &RateLimits {
    &state(request).limits
}
