//! The table of all routes. The OpenAPI document is generated from the same table.

use actix_web::HttpRequest;
use actix_web::web::{self, ServiceConfig};
use utoipa::OpenApi;

use super::api::booth::{desk, lookups, poster_checks, redemptions};
use super::api::operator::{codes, passports, publications};
use super::api::organiser::{
    carnival_edits, code_reissue, printables, publish, reports, staff, stock, summary, suspicions,
};
use super::api::public::{availability, carnival, code_pictures, health, photo_scans, sessions};
use super::api::resident::{check_ins, claims, me, personal_data, postcards};
use super::api::wechat::events;
use super::errors::{ApiError, RequestError};
use super::openapi::{self, RecordedExamples};
use super::pages;

/// From one list: what the server registers, and what the handlers declare for the document.
macro_rules! routes {
    ($($module:ident::$handler:ident,)*) => {
        fn register_routes(config: &mut ServiceConfig) {
            config$(.service($module::$handler))*;
        }

        #[derive(OpenApi)]
        #[openapi(paths($($module::$handler,)*))]
        struct Declared;
    };
}

routes! {
    carnival::get_carnival,
    availability::get_availability,
    sessions::log_in_with_wechat,
    sessions::accept_invitation,
    check_ins::create_check_in,
    me::get_me,
    me::get_passport,
    me::get_own_code,
    me::add_companion,
    me::remove_companion,
    personal_data::export_me,
    personal_data::erase_me,
    personal_data::erase_resident,
    claims::create_claim,
    claims::list_claims,
    claims::release_claim,
    lookups::look_up_code,
    redemptions::redeem_vouchers,
    redemptions::void_redemption,
    redemptions::redeem_for_paper,
    desk::record_stamps,
    desk::set_gift_availability,
    desk::get_display_code,
    desk::get_shift,
    publish::publish_carnival,
    publish::get_carnival_file,
    publish::list_versions,
    publish::get_version,
    publish::roll_back_version,
    carnival_edits::close_point,
    carnival_edits::reopen_point,
    code_reissue::reissue_code,
    carnival_edits::move_route,
    carnival_edits::set_notice,
    stock::put_stock,
    reports::get_check_ins,
    reports::get_redemptions,
    reports::get_movements,
    reports::get_ledger,
    poster_checks::check_poster,
    photo_scans::scan_photo,
    summary::get_summary,
    suspicions::resolve_suspicion,
    staff::invite_staff,
    staff::list_staff,
    staff::end_staff,
    staff::renew_staff_link,
    printables::get_poster,
    printables::get_posters,
    printables::print_passports,
    printables::get_volunteer_card,
    code_pictures::get_picture,
    postcards::get_postcard,
    postcards::get_booth_postcard,
    postcards::get_postcard_picture,
    pages::open_code,
    events::verify_push_address,
    events::receive_push,
    health::get_health,
    health::get_readiness,
}

/// Registers the routes of a private socket: those for operators only, and all others.
pub fn configure_private(config: &mut ServiceConfig) {
    config
        .service(codes::list_codes)
        .service(passports::create_passports)
        .service(publications::publish_file)
        .service(publications::publish_version);
    configure(config);
}

/// Registers the server's routes: those of the document, the document itself, and the default for all others.
pub fn configure(config: &mut ServiceConfig) {
    register_routes(config);
    openapi::serve(config);
    config.default_service(web::to(|request: HttpRequest| {
        // The path is known, but not with this method.
        let allow = request.match_pattern().and_then(|path| openapi::committed::allowed_methods(&path));
        let request_error = allow.map_or(RequestError::NoRoute, |allow| RequestError::Method { allow });
        async move { Err::<&str, _>(ApiError::Request(request_error)) }
    }));
}

/// The OpenAPI document, with the examples of the committed one.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    openapi::complete_document(Declared::openapi(), None)
}

/// The document as committed in `openapi.json`, with new examples if they are given.
#[must_use]
pub fn openapi_json(examples: Option<&RecordedExamples>) -> String {
    openapi::to_pretty_json(&openapi::complete_document(Declared::openapi(), examples))
}
