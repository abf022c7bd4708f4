//! `POST /v1/check-ins`.

use actix_web::{HttpRequest, HttpResponse, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{ApiError, Problem};
use super::json_body::Json;
use super::metrics;
use super::request_info::{self, count_failure};
use super::state::state;
use super::views;
use crate::actions::check_in::{self, CheckedIn, For};
use crate::rules::carnival::Location;
use crate::rules::check_in::DeviceLocation;
use crate::rules::lang::Lang;
use crate::rules::passport;
use crate::tokens::Resident;

/// A check-in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckIn {
    /// What was scanned: the whole link or the bare code.
    #[schema(example = "https://carnival.example/q/P00A7K9M2X4Q8Z1T")]
    code: String,
    /// Where the phone says it is, for points that ask.
    location: Option<LocationHint>,
    /// Whom it is for, if not for the resident alone: `me`, and serials of companions.
    #[serde(rename = "for")]
    #[schema(min_items = 1, value_type = Option<Vec<CheckInSubject>>, example = json!(["me", "42"]))]
    party: Option<Vec<String>>,
}

/// `me`, or a companion's serial.
#[derive(ToSchema)]
#[schema(value_type = String, pattern = "^(me|[1-9][0-9]{0,6}|[12][0-9]{7}|3[0-2][0-9]{6})$", example = "me")]
#[expect(dead_code, reason = "the document's words for it")]
struct CheckInSubject(String);

/// What `wx.getLocation({type: 'gcj02'})` answers, whole: what else is in it is skipped. A hint; it is never kept.
// The one place that takes unknown fields: altitude, speed and the rest differ from phone to phone,
// so a mini-program that works on its developer's would be refused on others.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
pub struct LocationHint {
    /// Degrees north, GCJ-02.
    #[schema(minimum = -90, maximum = 90)]
    latitude: f64,
    /// Degrees east, GCJ-02.
    #[schema(minimum = -180, maximum = 180)]
    longitude: f64,
    /// How far off it may be, in metres.
    #[serde(default)]
    #[schema(minimum = 0)]
    accuracy: f64,
}

/// Whether a stamp is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StampOutcome {
    /// New.
    Stamped,
    /// It was there before; stamp and `unlocked` are as they were the first time.
    AlreadyStamped,
}

/// A stamp, and what it did.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CheckedInView {
    /// Whether it is new.
    #[schema(example = "stamped")]
    outcome: StampOutcome,
    /// The stamp.
    stamp: Option<views::StampView>,
    /// Gifts that this stamp unlocked.
    unlocked: Vec<views::GiftName>,
    /// The passport with it.
    passport: views::PassportView,
}

/// A check-in for several: one result each, in the order asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartyView {
    /// One for each in `for`.
    results: Vec<PartyResult>,
}

/// What became of one of several.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartyResult {
    /// `me` or the companion's serial.
    #[schema(example = "42")]
    #[serde(rename = "for")]
    whom: String,
    /// The stamp.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    stamped: Option<CheckedInView>,
    /// Or why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem>,
}

/// What a check-in answers: for the resident alone, or with `for` a result each.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "the document's words for either answer")]
enum CheckInResponse {
    /// Without `for`.
    One(CheckedInView),
    /// With `for`.
    Party(PartyView),
}

/// Checks in: 201 for a new stamp, 200 when it was there before.
#[utoipa::path(tag = "resident", request_body = CheckIn, responses(
    (status = 201, description = "Stamped; with `for`, at least one of them newly", body = CheckInResponse),
    (status = 200, description = "Already stamped, with the first time; with `for`, none of them newly", body = CheckInResponse),
))]
#[post("/v1/check-ins")]
pub async fn create_check_in(
    resident: Resident,
    request: HttpRequest,
    body: Json<CheckIn>,
) -> Result<HttpResponse, ApiError> {
    let app = &state(&request).app;
    let CheckIn { code, location, party } = body.0;
    let device_location = location.map(LocationHint::device_location).transpose()?;
    let Some(party) = party else {
        let outcome =
            check_in::check_in(app, &resident, &code, device_location).await.map_err(|e| count_failure(&request, e))?;
        let mut answer = if outcome.new { HttpResponse::Created() } else { HttpResponse::Ok() };
        return Ok(answer.json(view(&outcome)));
    };
    let party = parse_party(&party)?;
    let results = check_in::check_in_for(app, &resident, &code, device_location, &party)
        .await
        .map_err(|e| count_failure(&request, e))?;
    party_response(results, request_info::lang(&request))
}

/// One result each; if all were refused alike, that refusal is the answer.
fn party_response(
    results: Vec<(For, crate::actions::Result<CheckedIn>)>,
    lang: Lang,
) -> Result<HttpResponse, ApiError> {
    let any_new = results.iter().any(|(_, result)| result.as_ref().is_ok_and(|outcome| outcome.new));
    let mut views = Vec::with_capacity(results.len());
    let mut refused = None;
    for (whom, result) in results {
        let whom = match whom {
            For::Me => "me".to_owned(),
            For::Companion(serial) => serial.to_string(),
        };
        match result {
            Ok(outcome) => views.push(PartyResult { whom, stamped: Some(view(&outcome)), problem: None }),
            // A store that fails is no result: the client asks again, and what was stamped stays.
            Err(error @ crate::actions::Error::Store(_)) => return Err(error.into()),
            Err(error) => {
                let error = ApiError::from(error);
                views.push(PartyResult { whom, stamped: None, problem: Some(Problem::of(&error, lang)) });
                refused = Some(error);
            }
        }
    }
    match refused {
        Some(error) if views.iter().all(|view| view.problem.is_some()) => Err(error),
        refused => {
            refused.iter().for_each(metrics::count_partial_refusal);
            let mut answer = if any_new { HttpResponse::Created() } else { HttpResponse::Ok() };
            Ok(answer.json(PartyView { results: views }))
        }
    }
}

impl LocationHint {
    fn device_location(self) -> Result<DeviceLocation, ApiError> {
        let LocationHint { latitude, longitude, accuracy } = self;
        let sound = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude) && accuracy >= 0.0;
        if sound {
            Ok(DeviceLocation { location: Location { latitude, longitude }, accuracy_m: accuracy })
        } else {
            Err(ApiError::malformed("location: latitude −90 to 90, longitude −180 to 180, accuracy from 0"))
        }
    }
}

fn parse_party(party: &[String]) -> Result<Vec<For>, ApiError> {
    let mut read: Vec<For> = Vec::with_capacity(party.len());
    for one in party {
        let one = match one.as_str() {
            "me" => For::Me,
            serial => {
                For::Companion(serial.parse().map_err(|_| ApiError::malformed("for: \"me\" or a companion's serial"))?)
            }
        };
        if !read.contains(&one) {
            read.push(one);
        }
    }
    if read.is_empty() { Err(ApiError::malformed("for: nobody is named")) } else { Ok(read) }
}

fn view(outcome: &CheckedIn) -> CheckedInView {
    let current = &outcome.current;
    let unlocked = passport::gifts_unlocked_by(&current.carnival, &outcome.passport, &[outcome.point]);
    CheckedInView {
        outcome: if outcome.new { StampOutcome::Stamped } else { StampOutcome::AlreadyStamped },
        stamp: outcome.passport.stamp(outcome.point).map(|stamp| views::stamp(current, stamp)),
        unlocked: unlocked.into_iter().map(views::GiftName::from).collect(),
        passport: views::passport(current, Some(&outcome.passport)),
    }
}
