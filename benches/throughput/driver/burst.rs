//! One gift that all want at 12:00: 50,000 claims within one second for 500 gifts.
//!
//! Whatever the machine does, exactly 500 must get one and all must be answered; and how long they waited is told,
//! each from the moment at which she pressed the button.

use std::collections::BTreeMap;

use super::Options;
use super::deployment::{Deployment, StoreKind, Subject};
use crate::load::Job;
use crate::resident_requests;
use crate::results;

/// Who want it, and how many there are.
const CLAIMS: u32 = 50_000;
const GIFTS: usize = 500;
/// Over so many connections.
const CONNECTIONS: usize = 1_000;

/// Measures, prints, and fails unless exactly as many got one as there are.
pub(super) fn measure(options: &Options) {
    let mut rows = Vec::new();
    for kind in [StoreKind::Embedded, StoreKind::Redis] {
        if options.includes(&format!("burst on {kind}")) {
            rows.push(one(options, kind));
        }
    }
    if !rows.is_empty() {
        let head = ["store", "got one", "were told that it is gone", "last answer, s", "p50 s", "p99 s", "longest s"];
        results::print(&format!("{CLAIMS} claims within a second for {GIFTS} gifts"), &head, rows);
    }
}

fn one(options: &Options, kind: StoreKind) -> Vec<String> {
    let deployment = Deployment::set(options, Subject::Program, kind, &[]);
    deployment.prepare("", resident_requests::check_ins(1, CLAIMS, 0..1, false));
    let requests = resident_requests::claims(1, CLAIMS, "bag");
    let job = deployment.job(CONNECTIONS, &[201, 409], requests);
    let outcome = deployment.send(Job { rate: Some(f64::from(CLAIMS)), ..job });
    let gone = usize::try_from(CLAIMS).unwrap() - GIFTS;
    assert_eq!(outcome.statuses, BTreeMap::from([(201, GIFTS), (409, gone)]), "a gift was given twice, or not at all");
    let told = |ms: f64| format!("{:.2}", ms / 1e3);
    let mut row = vec![kind.to_string(), GIFTS.to_string(), gone.to_string(), format!("{:.2}", outcome.seconds)];
    row.extend([outcome.p50_ms, outcome.p99_ms, outcome.max_ms].map(told));
    row
}
