//! Check-ins: in a closed loop over 64 and 512 connections, and in an open loop of 5,000 a second.
//!
//! Every request is a new stamp. The residents of a run fill their passports point by point, so that answers carry
//! one to twenty stamps, 10.5 on average, for the floor and the program alike. In a cluster, once over one master and
//! once over three: what one node can do is told by its CPU time, because all nodes share this machine's cores.

use super::Options;
use super::comparison::{Comparison, compare};
use super::deployment::{StoreKind, Subject};
use crate::resident_requests;
use crate::test_carnival::POINTS;

/// What a machine like this does in a second, by which the length of a run is guessed.
const ESTIMATED_RATE: u32 = 20_000;
/// Check-ins a second in the open loop.
const OPEN_LOOP_RATE: u32 = 5_000;

/// One way to ask for them.
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
    Variant { connections: 64, rate: None, silent: true, words: "64 connections and no line in the log per request" },
];

/// Measures and prints.
pub(super) fn measure(options: &Options) {
    for kind in [StoreKind::Embedded, StoreKind::Redis] {
        for variant in &VARIANTS {
            ask(options, kind, variant);
        }
    }
    for masters in [1, 3] {
        ask(options, StoreKind::Cluster(masters), &VARIANTS[0]);
    }
}

fn ask(options: &Options, kind: StoreKind, variant: &Variant) {
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
