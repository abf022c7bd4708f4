//! Check-ins: in a closed loop over 64 and 512 connections, and in an open loop of 5,000 a second.
//!
//! Every request is a new stamp. The residents of a run fill their passports point by point, so that answers contain
//! one to twenty stamps, 10.5 on average, for the baseline and the program alike. On a cluster once with one master and
//! once with three; compare the CPU time of one node, because all nodes share this machine's cores.

use super::Options;
use super::comparison::{Comparison, compare};
use super::deployment::{StoreKind, Subject};
use crate::resident_requests;
use crate::test_carnival::POINTS;

/// An estimated rate per second, for the length of a run.
const ESTIMATED_RATE: u32 = 20_000;
/// Check-ins per second in the open loop.
const OPEN_LOOP_RATE: u32 = 5_000;

/// One kind of load.
struct Variant {
    connections: usize,
    rate: Option<u32>,
    silent: bool,
    words: &'static str,
}

const VARIANTS: [Variant; 4] = [
    Variant { connections: 64, rate: None, silent: false, words: "64 connections" },
    Variant { connections: 512, rate: None, silent: false, words: "512 connections" },
    Variant { connections: 256, rate: Some(OPEN_LOOP_RATE), silent: false, words: "open loop of 5000 a second" },
    Variant { connections: 64, rate: None, silent: true, words: "64 connections, without request logs" },
];

/// Measures and prints.
pub(super) fn measure(options: &Options) {
    for kind in [StoreKind::Embedded, StoreKind::Redis] {
        for variant in &VARIANTS {
            run_variant(options, kind, variant);
        }
    }
    for masters in [1, 3] {
        run_variant(options, StoreKind::Cluster(masters), &VARIANTS[0]);
    }
}

fn run_variant(options: &Options, kind: StoreKind, variant: &Variant) {
    let residents = variant.rate.unwrap_or(ESTIMATED_RATE) * options.seconds / u32::from(POINTS);
    let silence = [("CARNIVAL__LOG__FILTER", "warn".to_owned())];
    compare(
        options,
        &Comparison {
            title: format!("check-ins on {kind}: {}", variant.words),
            kind,
            connections: variant.connections,
            rate: variant.rate,
            settings: if variant.silent { &silence } else { &[] },
            status: 201,
            must_contain: "",
            aims: (0.90, Some(1.15)),
            prepare: &|deployment| {
                resident_requests::check_ins(1, residents, 0..POINTS, deployment.subject == Subject::Baseline)
            },
        },
    );
}
