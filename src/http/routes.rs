//! All routes, as one table. The document is made from the same table.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use actix_web::HttpRequest;
use actix_web::web::{self, Bytes, ServiceConfig};
use utoipa_actix_web::service_config::ServiceConfig as Documented;

use super::error::{ApiError, BadInput};
use super::{
    availability, books, booth, carnival, changes, check_ins, claims, health, lookups, me, openapi, pages, pictures,
    postcards, poster_checks, prints, publish, reissue, rights, scans, sessions, staff, stock, summary, suspicions,
    table, wechat_events,
};

/// Every route that the document describes.
fn documented(config: &mut Documented) {
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
        .service(rights::export_me)
        .service(rights::erase_me)
        .service(rights::erase_resident)
        .service(claims::create_claim)
        .service(claims::list_claims)
        .service(claims::release_claim)
        .service(lookups::look_up_code)
        .service(booth::redeem_vouchers)
        .service(booth::void_redemption)
        .service(booth::redeem_for_paper)
        .service(table::record_stamps)
        .service(table::set_here)
        .service(table::get_display_code)
        .service(table::get_shift)
        .service(publish::publish_carnival)
        .service(publish::get_published)
        .service(publish::list_versions)
        .service(publish::get_version)
        .service(publish::put_back_version)
        .service(changes::close_point)
        .service(changes::open_point)
        .service(reissue::reissue_code)
        .service(changes::move_route)
        .service(changes::set_notice)
        .service(stock::put_stock)
        .service(books::get_check_ins)
        .service(books::get_redemptions)
        .service(books::get_movements)
        .service(books::get_ledger)
        .service(poster_checks::check_poster)
        .service(scans::read_photo)
        .service(summary::get_summary)
        .service(suspicions::settle_suspicion)
        .service(staff::invite_staff)
        .service(staff::list_staff)
        .service(staff::end_staff)
        .service(staff::renew_staff_link)
        .service(prints::get_poster)
        .service(prints::get_posters)
        .service(prints::make_passports)
        .service(prints::get_volunteer_card)
        .service(pictures::get_picture)
        .service(postcards::get_postcard)
        .service(postcards::find_postcard)
        .service(postcards::get_postcard_picture)
        .service(pages::open_code)
        .service(wechat_events::check_push_address)
        .service(wechat_events::take_push)
        .service(health::get_health)
        .service(health::get_readiness);
}

/// The routes of a server: those of the document, the document itself, and the answer to all others.
pub fn configure(config: &mut ServiceConfig) {
    documented(&mut Documented::new(config));
    openapi::serve(config, MADE.text.clone());
    config.default_service(web::to(|request: HttpRequest| {
        // A path that is known was asked for with another method.
        let allow = request.match_pattern().and_then(|path| MADE.allowed.get(&path).cloned());
        let bad = allow.map_or(BadInput::NoRoute, |allow| BadInput::Method { allow });
        async move { Err::<&str, _>(ApiError::Bad(bad)) }
    }));
}

/// What is made of the document: once, not by each worker, because it takes some megabytes.
struct Made {
    text: Bytes,
    allowed: BTreeMap<String, String>,
}

static MADE: LazyLock<Made> = LazyLock::new(|| {
    let document = document();
    Made { text: openapi::short(&document), allowed: openapi::allowed_methods(&document) }
});

/// The OpenAPI document.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    use utoipa_actix_web::AppExt;
    let (_, bare) = actix_web::App::new().into_utoipa_app().configure(documented).split_for_parts();
    openapi::complete(bare)
}

/// The document as it is committed.
#[must_use]
pub fn written() -> String {
    openapi::written(&document())
}
