//! Integration tests: everything that needs more than one module, in one binary, so that it links once.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

/// Compares a value with an inline snapshot; vouchers, which are random, are masked.
macro_rules! assert_answer_snapshot {
    ($value:expr, @$snapshot:literal) => {{
        let value = $value;
        insta::with_settings!({ filters => vec![
            (r"\b\d{9}\b", "[voucher]"),
            (r"\b\d{3} \d{3} \d{3}\b", "[v o u]"),
        ] }, { insta::assert_json_snapshot!(value, @$snapshot) })
    }};
}

mod access_matrix;
mod architecture;
mod booth_desk;
mod carnival_endpoint;
mod check_ins;
mod claims;
mod cli;
mod companions;
mod documentation;
mod embedded_store;
mod end_to_end;
mod erasure_races;
mod error_responses;
mod export_import;
mod faults;
mod health;
mod last_evening;
mod login;
mod me;
mod metrics;
mod nonces;
mod openapi;
mod openapi_checker;
mod pages;
mod paper_passports;
mod personal_data;
mod photo_scans;
mod postcards;
mod poster_checks;
mod posters;
mod practice_vouchers;
mod publication;
mod publication_base;
mod qr_decoder;
mod qr_pictures;
mod rain;
mod rate_limits;
mod redemptions;
mod redis_store;
mod reports;
mod robustness;
mod servers;
mod small_carnival;
mod staff_admin;
mod staff_sessions;
mod stamp_undo;
mod store_suite;
mod summary;
mod suspicions;
mod test_app;
mod three_day_scenario;
mod wechat_client;
mod wechat_push;
mod wechat_stub;
