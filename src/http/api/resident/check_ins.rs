//! `POST /v1/check-ins`.

use crate::actions::check_ins::check_in::{self, CheckInResult};
use crate::http::api::prelude::*;
use crate::http::metrics;
use crate::rules::carnival::Location;
use crate::rules::check_ins::check_in::DeviceLocation;
use crate::rules::gifts::gift::unlocked_gifts;
use crate::rules::ids::Holder;

/// A check-in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckIn {
    /// The scanned text: the whole link or the bare code.
    #[schema(example = "https://carnival.example/q/P00A7K9M2X4Q8Z1T")]
    code: String,
    /// The phone's location, for points with a geofence.
    location: Option<LocationHint>,
    /// Who checks in: `me`, and serials of companions. If absent, only the resident.
    #[serde(rename = "for")]
    #[schema(min_items = 1, value_type = Option<Vec<CheckInSubject>>, example = json!(["me", "42"]))]
    party: Option<Vec<String>>,
}

/// `me`, or a companion's serial.
#[derive(ToSchema)]
#[schema(value_type = String, pattern = "^(me|[1-9][0-9]{0,6}|[12][0-9]{7}|3[0-2][0-9]{6})$", example = "me")]
#[expect(dead_code, reason = "only describes the schema")]
struct CheckInSubject(String);

/// The result of `wx.getLocation({type: 'gcj02'})`; additional fields are ignored. The location is never stored.
// The only request that accepts unknown fields: altitude, speed and others differ between phones, so a mini-program
// that works on its developer's phone would be rejected on others.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
pub struct LocationHint {
    /// Degrees north, GCJ-02.
    #[schema(minimum = -90, maximum = 90)]
    latitude: f64,
    /// Degrees east, GCJ-02.
    #[schema(minimum = -180, maximum = 180)]
    longitude: f64,
    /// Accuracy in metres.
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
    /// It existed before; `stamp` and `unlocked` are the same as the first time.
    AlreadyStamped,
}

/// A stamp and its effect.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CheckedInView {
    /// Whether the stamp is new.
    #[schema(example = "stamped")]
    pub outcome: StampOutcome,
    /// The stamp.
    pub stamp: Option<views::StampView>,
    /// Gifts that this stamp unlocked.
    pub unlocked: Vec<views::GiftName>,
    /// The passport, with this stamp.
    pub passport: views::PassportView,
}

/// A check-in for several people, with one result each.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PartyView {
    /// One result per entry of `for`, in its order.
    pub results: Vec<PartyResult>,
}

/// The result for one person.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PartyResult {
    /// `me` or the companion's serial.
    #[schema(example = "42")]
    #[serde(rename = "for")]
    pub whom: String,
    /// The stamp.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub stamped: Option<CheckedInView>,
    /// The reason, if there is no stamp.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// The result of a check-in; with `for`, one result per person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum CheckInResponse {
    /// Without `for`.
    One(Box<CheckedInView>),
    /// With `for`.
    Party(PartyView),
}

impl CheckInResponse {
    /// One result per person; `me` without `for`.
    #[must_use]
    pub fn results(self) -> Vec<PartyResult> {
        match self {
            CheckInResponse::One(stamped) => {
                vec![PartyResult { whom: "me".to_owned(), stamped: Some(*stamped), problem: None }]
            }
            CheckInResponse::Party(party) => party.results,
        }
    }
}

/// Checks in at a point: 201 for a new stamp, 200 if it existed before.
#[utoipa::path(tag = "resident", responses(
    (status = 201, description = "A new stamp; with `for`, at least one new stamp", body = CheckInResponse),
    (status = 200, description = "Stamped before, with the original time; with `for`, no new stamp", body = CheckInResponse),
), extensions(("x-problems" = json!([
    WINDOW, "code_unknown", "code_of_another_kind", "practice_code", "code_replaced", "display_code_too_old", "display_code_needed",
    "printed_code_needed", "too_far_away", "location_needed", "companion_unknown",
]))))]
#[post("/v1/check-ins")]
pub async fn create_check_in(resident: Resident, app: Data<App>, lang: Lang, body: Json<CheckIn>) -> ApiResult {
    let CheckIn { code, location, party } = body.0;
    let device_location = location.map(LocationHint::device_location).transpose()?;
    let Some(party) = party else {
        let outcome = check_in::check_in(&app, &resident, &code, device_location).await?;
        let mut answer = if outcome.new { HttpResponse::Created() } else { HttpResponse::Ok() };
        return Ok(answer.json(view(&outcome)));
    };
    let party = parse_party(&resident, &party)?;
    let results = check_in::check_in_for(&app, &resident, &code, device_location, &party).await?;
    party_response(results, lang)
}

/// One result per person; if all were refused, the last refusal is the response.
fn party_response(results: Vec<(Holder, crate::actions::Result<CheckInResult>)>, lang: Lang) -> ApiResult {
    let any_new = results.iter().any(|(_, result)| result.as_ref().is_ok_and(|outcome| outcome.new));
    let mut views = Vec::with_capacity(results.len());
    let mut refused = None;
    for (whom, result) in results {
        let whom = match whom {
            Holder::Resident(_) => "me".to_owned(),
            Holder::Paper(serial) => serial.to_string(),
        };
        match result {
            Ok(outcome) => views.push(PartyResult { whom, stamped: Some(view(&outcome)), problem: None }),
            // A store failure fails the whole request. The client retries it; stamps that were written stay.
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

fn parse_party(resident: &Resident, party: &[String]) -> Result<Vec<Holder>, ApiError> {
    let mut read: Vec<Holder> = Vec::with_capacity(party.len());
    for one in party {
        let one = match one.as_str() {
            "me" => Holder::Resident(resident.id()),
            serial => {
                Holder::Paper(serial.parse().map_err(|_| ApiError::malformed("for: \"me\" or a companion's serial"))?)
            }
        };
        if !read.contains(&one) {
            read.push(one);
        }
    }
    if read.is_empty() { Err(ApiError::malformed("for: must not be empty")) } else { Ok(read) }
}

fn view(outcome: &CheckInResult) -> CheckedInView {
    let current = &outcome.current;
    let unlocked = unlocked_gifts(&current.carnival, &outcome.passport, &[outcome.point], outcome.now);
    CheckedInView {
        outcome: if outcome.new { StampOutcome::Stamped } else { StampOutcome::AlreadyStamped },
        stamp: outcome.passport.stamp(outcome.point).map(|stamp| views::stamp(current, stamp)),
        unlocked: unlocked.into_iter().map(views::GiftName::from).collect(),
        passport: views::passport(current, Some(&outcome.passport)),
    }
}
