//! `/v1/organiser/….csv`: reports as CSV files for spreadsheet programs, streamed while the store is read.

use actix_web::web::{Bytes, Query};
use futures_util::stream::try_unfold;
use tracing::error;

use actix_web::http::header::DispositionType;

use crate::actions::statistics::reports::{self, Filters, Report, ReportStream};
use crate::http::api::prelude::*;
use crate::http::extract::request_info::lang;

const ONE_DAY: &str = "One day, also one before or after the carnival";
const ONE_GIFT: &str = "One gift, by its id";
const CSV: &str = "CSV in UTF-8 with a byte-order mark, streamed; if the connection breaks off, the file is incomplete";

/// Every stamp: time, route, point, passport number, kind (a rain stamp or not), source, and the volunteer who recorded it by hand.
#[utoipa::path(tag = "organiser", params(
    ("day" = Option<String>, Query, format = Date, description = ONE_DAY, example = "2023-04-14"),
    ("point" = Option<String>, Query, description = "One point, by its id", example = "space-1"),
), responses((status = 200, description = CSV, body = String, content_type = "text/csv")),
    extensions(("x-problems" = json!([REPORT, "point_unknown"]))))]
#[get("/v1/organiser/check-ins.csv")]
pub async fn get_check_ins(_: OnDuty<Organiser>, request: HttpRequest) -> ApiResult {
    download(&request, Report::CheckIns).await
}

/// Every redemption and every void: time, gift, voucher, redemption id, booth, volunteer, reason.
#[utoipa::path(tag = "organiser", params(
    ("day" = Option<String>, Query, format = Date, description = ONE_DAY, example = "2023-04-14"),
    ("gift" = Option<String>, Query, description = ONE_GIFT, example = "postcards"),
    ("booth" = Option<String>, Query, description = "One booth, by its id: redemptions at this booth", example = "market-play"),
), responses((status = 200, description = CSV, body = String, content_type = "text/csv")),
    extensions(("x-problems" = json!([REPORT, "gift_unknown", "booth_unknown"]))))]
#[get("/v1/organiser/redemptions.csv")]
pub async fn get_redemptions(_: OnDuty<Organiser>, request: HttpRequest) -> ApiResult {
    download(&request, Report::Redemptions).await
}

/// Every stock movement: time, gift, reason, change, place, organiser, and the resulting total stock.
#[utoipa::path(tag = "organiser", params(
    ("day" = Option<String>, Query, format = Date, description = ONE_DAY, example = "2023-04-14"),
    ("gift" = Option<String>, Query, description = ONE_GIFT, example = "postcards"),
), responses((status = 200, description = CSV, body = String, content_type = "text/csv")),
    extensions(("x-problems" = json!([REPORT, "gift_unknown"]))))]
#[get("/v1/organiser/stock.csv")]
pub async fn get_movements(_: OnDuty<Organiser>, request: HttpRequest) -> ApiResult {
    download(&request, Report::Stock).await
}

/// The gift ledger (礼品收发存): by day, gift and place, opening + in - redeemed + voided - damaged = closing.
#[utoipa::path(tag = "organiser", params(
    ("day" = Option<String>, Query, format = Date, description = ONE_DAY, example = "2023-04-14"),
    ("gift" = Option<String>, Query, description = ONE_GIFT, example = "postcards"),
), responses((status = 200, description = CSV, body = String, content_type = "text/csv")),
    extensions(("x-problems" = json!([REPORT, "gift_unknown"]))))]
#[get("/v1/organiser/ledger.csv")]
pub async fn get_ledger(_: OnDuty<Viewer>, request: HttpRequest) -> ApiResult {
    download(&request, Report::Ledger).await
}

/// The hours of staff: name, role, place, on duty from and to, hours, and who corrected them.
#[utoipa::path(tag = "organiser", params(
    ("day" = Option<String>, Query, format = Date, description = ONE_DAY, example = "2023-04-14"),
), responses((status = 200, description = CSV, body = String, content_type = "text/csv")),
    extensions(("x-problems" = json!([REPORT]))))]
#[get("/v1/organiser/hours.csv")]
pub async fn get_hours(_: OnDuty<Organiser>, request: HttpRequest) -> ApiResult {
    download(&request, Report::Hours).await
}

async fn download(request: &HttpRequest, report: Report) -> ApiResult {
    let app = &state(request).app;
    let lang = lang(request);
    let open = reports::open(app, report, filters(request, report)?, lang).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(views::content_disposition(
            DispositionType::Attachment,
            &open.file_name(Lang::ASCII),
            &open.file_name(lang),
        ))
        .insert_header(("content-language", lang.tag()))
        .streaming(try_unfold(open, next_chunk)))
}

/// The next chunk of a report. A failure aborts the connection, so that a partial file is not mistaken for a whole one.
async fn next_chunk(mut open: ReportStream) -> Result<Option<(Bytes, ReportStream)>, crate::actions::Error> {
    match open.next_chunk().await {
        Ok(chunk) => Ok(chunk.map(|chunk| (Bytes::from(chunk), open))),
        Err(cause) => {
            error!(%cause, "a report was aborted");
            Err(cause)
        }
    }
}

/// The filters of a report. Unknown ones are rejected: ignoring one would return all rows where a part was requested.
fn known_filters(report: Report) -> &'static [&'static str] {
    match report {
        Report::CheckIns => &["day", "point"],
        Report::Redemptions => &["day", "gift", "booth"],
        Report::Stock | Report::Ledger => &["day", "gift"],
        Report::Hours => &["day"],
    }
}

fn filters(request: &HttpRequest, report: Report) -> Result<Filters, ApiError> {
    let query = Query::<Vec<(String, String)>>::from_query(request.query_string());
    let mut filters = Filters::default();
    for (name, value) in query.map_err(|error| ApiError::malformed(error.to_string()))?.into_inner() {
        if name == "lang" {
            continue;
        }
        let known_filters = known_filters(report);
        if !known_filters.contains(&name.as_str()) {
            let allowed = known_filters.join(", ");
            return Err(ApiError::malformed(format!("unknown parameter {name:?}; allowed: {allowed}")));
        }
        match name.as_str() {
            _ if value.is_empty() => {}
            "day" => {
                let day = reports::parse_day(&value).ok_or_else(|| ApiError::malformed("day: such as 2023-04-14"))?;
                filters.day = Some(day);
            }
            "point" => filters.point = Some(value.parse().map_err(|_| CarnivalRefusal::PointUnknown)?),
            "gift" => filters.gift = Some(value.parse().map_err(|_| GiftRefusal::GiftUnknown)?),
            _ => filters.booth = Some(value.parse().map_err(|_| CarnivalRefusal::BoothUnknown)?),
        }
    }
    Ok(filters)
}
