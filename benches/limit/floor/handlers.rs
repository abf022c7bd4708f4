//! The floor's routes, named like the program's.

use actix_web::web::{Data, Json, ServiceConfig, post};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::Floor;

/// Registers them.
pub(super) fn configure(app: &mut ServiceConfig) {
    app.route("/v1/check-ins", post().to(check_in));
}

#[derive(Deserialize)]
struct Scan {
    code: String,
}

#[derive(Serialize)]
struct Stamp<'a> {
    point: &'a str,
    at: &'a str,
    beyond: &'a str,
}

#[derive(Serialize)]
struct CheckedIn<'a> {
    new: bool,
    stamp: Option<Stamp<'a>>,
    stamps: Vec<Stamp<'a>>,
    beyond: &'a str,
}

async fn check_in(floor: Data<Floor>, request: HttpRequest, body: Json<Scan>) -> HttpResponse {
    let Some(resident) = floor.checks.bearer(&request) else { return HttpResponse::Unauthorized().finish() };
    let Some(point) = floor.checks.point(&body.code) else { return HttpResponse::NotFound().finish() };
    let at = jiff::Timestamp::now().as_millisecond();
    let (new, stamps) = floor.store.stamp(&resident, point, format!("{at} p")).await;
    let stamp = |(point, at)| Stamp { point, at, beyond: &floor.stamp_beyond };
    let number = point.to_string();
    let own = stamps.iter().find(|(point, _)| *point == number);
    let mut answer = if new { HttpResponse::Created() } else { HttpResponse::Ok() };
    answer.json(CheckedIn {
        new,
        stamp: own.map(|(point, at)| stamp((point.as_str(), at.as_str()))),
        stamps: stamps.iter().map(|(point, at)| stamp((point.as_str(), at.as_str()))).collect(),
        beyond: &floor.beyond,
    })
}
