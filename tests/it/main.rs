//! All tests that need more than one module, in one binary: it links once.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

/// A whole answer as an inline snapshot, with the random digits of vouchers struck out.
macro_rules! told {
    ($value:expr, @$snapshot:literal) => {{
        let value = $value;
        insta::with_settings!({ filters => vec![
            (r"\b\d{9}\b", "[voucher]"),
            (r"\b\d{3} \d{3} \d{3}\b", "[v o u]"),
        ] }, { insta::assert_json_snapshot!(value, @$snapshot) })
    }};
}

mod app;
mod archive;
mod books;
mod carnival_document;
mod check_ins;
mod claims;
mod cli;
mod companions;
mod document;
mod faults;
mod health;
mod limits;
mod login;
mod matrix;
mod me;
mod metrics;
mod office_staff;
mod openapi;
mod pages;
mod paper;
mod papers;
mod pictures;
mod postcards;
mod posters;
mod practice;
mod problems;
mod publish;
mod qr;
mod redemptions;
mod redis_store;
mod rights;
mod scans;
mod servers;
mod site_walk;
mod small;
mod staff;
mod store_embedded;
mod store_suite;
mod summary;
mod suspicions;
mod table;
mod three_days;
mod tidy;
mod walk;
mod wechat;
mod wechat_push;
mod wechat_server;
mod whatever;
