//! The table of all routes. The OpenAPI document is generated from the same table.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use actix_web::HttpRequest;
use actix_web::web::{self, Bytes, ServiceConfig};
use utoipa_actix_web::service_config::ServiceConfig as DocumentedConfig;

use super::api::booth::{desk, lookups, poster_checks, redemptions};
use super::api::organiser::{
    carnival_edits, code_reissue, printables, publish, reports, staff, stock, summary, suspicions,
};
use super::api::public::{availability, carnival, code_pictures, health, photo_scans, sessions};
use super::api::resident::{check_ins, claims, me, personal_data, postcards};
use super::api::wechat::events;
use super::errors::{ApiError, RequestError};
use super::{openapi, pages};

/// Registers every route of the document.
fn register_routes(config: &mut DocumentedConfig) {
    config
        .service(carnival::get_carnival)
        .service(availability::get_availability)
        .service(sessions::log_in_with_wechat)
        .service(sessions::accept_invitation)
        .service(check_ins::create_check_in)
        .service(me::get_me)
        .service(me::get_passport)
        .service(me::get_own_code)
        .service(me::add_companion)
        .service(me::remove_companion)
        .service(personal_data::export_me)
        .service(personal_data::erase_me)
        .service(personal_data::erase_resident)
        .service(claims::create_claim)
        .service(claims::list_claims)
        .service(claims::release_claim)
        .service(lookups::look_up_code)
        .service(redemptions::redeem_vouchers)
        .service(redemptions::void_redemption)
        .service(redemptions::redeem_for_paper)
        .service(desk::record_stamps)
        .service(desk::set_gift_availability)
        .service(desk::get_display_code)
        .service(desk::get_shift)
        .service(publish::publish_carnival)
        .service(publish::get_carnival_file)
        .service(publish::list_versions)
        .service(publish::get_version)
        .service(publish::roll_back_version)
        .service(carnival_edits::close_point)
        .service(carnival_edits::reopen_point)
        .service(code_reissue::reissue_code)
        .service(carnival_edits::move_route)
        .service(carnival_edits::set_notice)
        .service(stock::put_stock)
        .service(reports::get_check_ins)
        .service(reports::get_redemptions)
        .service(reports::get_movements)
        .service(reports::get_ledger)
        .service(poster_checks::check_poster)
        .service(photo_scans::scan_photo)
        .service(summary::get_summary)
        .service(suspicions::resolve_suspicion)
        .service(staff::invite_staff)
        .service(staff::list_staff)
        .service(staff::end_staff)
        .service(staff::renew_staff_link)
        .service(printables::get_poster)
        .service(printables::get_posters)
        .service(printables::print_passports)
        .service(printables::get_volunteer_card)
        .service(code_pictures::get_picture)
        .service(postcards::get_postcard)
        .service(postcards::get_booth_postcard)
        .service(postcards::get_postcard_picture)
        .service(pages::open_code)
        .service(events::verify_push_address)
        .service(events::receive_push)
        .service(health::get_health)
        .service(health::get_readiness);
}

/// Registers the server's routes: those of the document, the document itself, and the default for all others.
pub fn configure(config: &mut ServiceConfig) {
    register_routes(&mut DocumentedConfig::new(config));
    openapi::serve(config, SERVED_DOCUMENT.text.clone());
    config.default_service(web::to(|request: HttpRequest| {
        // The path is known, but not with this method.
        let allow = request.match_pattern().and_then(|path| SERVED_DOCUMENT.allowed.get(&path).cloned());
        let request_error = allow.map_or(RequestError::NoRoute, |allow| RequestError::Method { allow });
        async move { Err::<&str, _>(ApiError::Request(request_error)) }
    }));
}

/// The document in the forms that the server needs. Shared by all workers, because it takes some megabytes.
struct ServedDocument {
    text: Bytes,
    allowed: BTreeMap<String, String>,
}

static SERVED_DOCUMENT: LazyLock<ServedDocument> = LazyLock::new(|| {
    let document = document();
    ServedDocument { text: openapi::to_compact_json(&document), allowed: openapi::allowed_methods(&document) }
});

/// The OpenAPI document.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    use utoipa_actix_web::AppExt;
    let (_, bare) = actix_web::App::new().into_utoipa_app().configure(register_routes).split_for_parts();
    openapi::complete_document(bare)
}

/// The document as committed in `openapi.json`.
#[must_use]
pub fn openapi_json() -> String {
    openapi::to_pretty_json(&document())
}
