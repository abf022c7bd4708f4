//! The baseline's routes, with the program's paths.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use actix_web::web::{Bytes, Data, Json, ServiceConfig, get, post};
use actix_web::{HttpRequest, HttpResponse};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Baseline, Claim, Stamps};

/// Registers the routes.
pub(super) fn configure(app: &mut ServiceConfig) {
    app.route("/v1/check-ins", post().to(check_in))
        .route("/v1/me/claims", post().to(claim))
        .route("/v1/booth/redemptions", post().to(redeem))
        .route("/v1/me", get().to(me))
        .route("/v1/carnival", get().to(carnival));
}

#[derive(Deserialize)]
struct Scan {
    code: String,
}

#[derive(Serialize)]
struct Stamp<'a> {
    point: &'a str,
    at: &'a str,
    filler: &'a str,
}

#[derive(Serialize)]
struct Passport<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    stamp: Option<Stamp<'a>>,
    stamps: Vec<Stamp<'a>>,
    filler: &'a str,
}

async fn check_in(baseline: Data<Baseline>, request: HttpRequest, body: Json<Scan>) -> HttpResponse {
    let Some(resident) = baseline.token_and_code.bearer(&request) else { return HttpResponse::Unauthorized().finish() };
    let Some(point) = baseline.token_and_code.point(&body.code) else { return HttpResponse::NotFound().finish() };
    let at = Timestamp::now().as_millisecond();
    let (new, stamps) = baseline.store.stamp(&resident, point, format!("{at} p")).await;
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    answer(&baseline, status, &stamps, Some(point), &baseline.filler.check_in)
}

#[derive(Deserialize)]
struct Wanted {
    gift: String,
}

#[derive(Serialize)]
struct Claimed<'a> {
    redeemed: bool,
    voucher: &'a str,
    gift: &'a str,
    filler: &'a str,
}

async fn claim(baseline: Data<Baseline>, request: HttpRequest, body: Json<Wanted>) -> HttpResponse {
    let Some(resident) = baseline.token_and_code.bearer(&request) else { return HttpResponse::Unauthorized().finish() };
    let now_ms = Timestamp::now().as_millisecond();
    let until_ms = now_ms + 3_600_000;
    let voucher = baseline.next_voucher();
    let record =
        format!("1 {resident} {voucher} {now_ms} {until_ms} and as much again as the program writes of a claim");
    baseline.store.claim(Claim { resident, voucher: voucher.clone(), record, now_ms, until_ms }).await;
    HttpResponse::Created().json(Claimed {
        redeemed: false,
        voucher: &voucher,
        gift: &body.gift,
        filler: &baseline.filler.claim,
    })
}

#[derive(Deserialize)]
struct Vouchers {
    vouchers: Vec<String>,
    nonce: String,
}

async fn redeem(baseline: Data<Baseline>, request: HttpRequest, body: Json<Vouchers>) -> HttpResponse {
    let Some(session) = baseline.token_and_code.bearer(&request) else { return HttpResponse::Unauthorized().finish() };
    let Vouchers { mut vouchers, nonce } = body.into_inner();
    let Some(voucher) = vouchers.pop() else { return HttpResponse::BadRequest().finish() };
    baseline.store.redeem(voucher.clone(), session).await;
    HttpResponse::Ok().json(Claimed {
        redeemed: true,
        voucher: &voucher,
        gift: &nonce,
        filler: &baseline.filler.redemption,
    })
}

async fn me(baseline: Data<Baseline>, request: HttpRequest) -> HttpResponse {
    let Some(resident) = baseline.token_and_code.bearer(&request) else { return HttpResponse::Unauthorized().finish() };
    let stamps = baseline.store.me(resident).await;
    answer(&baseline, StatusCode::OK, &stamps, None, &baseline.filler.me)
}

/// A document that was rendered and compressed before.
async fn carnival(baseline: Data<Baseline>, request: HttpRequest) -> HttpResponse {
    if request.headers().get(IF_NONE_MATCH).is_some_and(|known| known == "\"made\"") {
        return HttpResponse::NotModified().insert_header((ETAG, "\"made\"")).finish();
    }
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header((CONTENT_ENCODING, "gzip"))
        .insert_header((ETAG, "\"made\""))
        .body(Bytes::clone(&baseline.document))
}

fn answer(baseline: &Baseline, status: StatusCode, stamps: &Stamps, own: Option<u16>, filler: &str) -> HttpResponse {
    let own = own.map(|point| point.to_string());
    let own = own.and_then(|own| stamps.iter().find(|(point, _)| *point == own));
    HttpResponse::build(status).json(Passport {
        stamp: own.map(|one| view(baseline, one)),
        stamps: stamps.iter().map(|one| view(baseline, one)).collect(),
        filler,
    })
}

fn view<'a>(baseline: &'a Baseline, (point, at): &'a (String, String)) -> Stamp<'a> {
    Stamp { point, at, filler: &baseline.filler.stamp }
}
