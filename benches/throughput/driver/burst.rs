//! A burst at 12:00: 50,000 claims within one second for 500 gifts.
//!
//! Exactly 500 must succeed and all must be answered; latencies count from the moment at which each claim was due.

use std::collections::BTreeMap;

use super::Options;
use super::deployment::{Deployment, StoreKind, Subject};
use crate::load::Job;
use crate::resident_requests;
use crate::round_statistics;

/// The number of claims, and the stock.
const CLAIMS: u32 = 50_000;
const GIFTS: usize = 500;
/// The number of connections.
const CONNECTIONS: usize = 1_000;

/// Measures and prints; panics unless exactly the stock is claimed.
pub(super) fn measure(options: &Options) {
    let mut rows = Vec::new();
    for kind in [StoreKind::Embedded, StoreKind::Redis] {
        if options.includes(&format!("burst on {kind}")) {
            rows.push(one(options, kind));
        }
    }
    if !rows.is_empty() {
        let head = ["store", "succeeded", "refused as sold out", "last answer, s", "p50 s", "p99 s", "longest s"];
        round_statistics::print(&format!("{CLAIMS} claims within a second for {GIFTS} gifts"), &head, rows);
    }
}

fn one(options: &Options, kind: StoreKind) -> Vec<String> {
    let deployment = Deployment::set(options, Subject::Program, kind, &[]);
    deployment.prepare("", resident_requests::check_ins(1, CLAIMS, 0..1, false));
    let requests = resident_requests::claims(1, CLAIMS, "bag");
    let job = deployment.job(CONNECTIONS, &[201, 409], requests);
    let outcome = deployment.send(Job { rate: Some(f64::from(CLAIMS)), ..job });
    let gone = usize::try_from(CLAIMS).unwrap() - GIFTS;
    assert_eq!(
        outcome.statuses,
        BTreeMap::from([(201, GIFTS), (409, gone)]),
        "the number of successful claims differs from the stock"
    );
    let as_seconds = |ms: f64| format!("{:.2}", ms / 1e3);
    let mut row = vec![kind.to_string(), GIFTS.to_string(), gone.to_string(), format!("{:.2}", outcome.seconds)];
    row.extend([outcome.p50_ms, outcome.p99_ms, outcome.max_ms].map(as_seconds));
    row
}
