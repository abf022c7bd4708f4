//! Check-ins: in a closed loop over 64 and 512 connections, and in an open loop of 5,000 a second.
//!
//! Every request is a new stamp. The residents of a run fill their passports point by point, so that answers carry
//! one to twenty stamps, 10.5 on average, for the floor and the program alike. In a cluster, once over one master and
//! once over three: what one node can do is told by its CPU time, because all nodes share this machine's cores.

use super::Options;
use super::shape::{Shape, compare};
use super::stage::{Kind, Who};
use crate::carnival::POINTS;
use crate::people;

/// What a machine like this does in a second, by which the length of a run is guessed.
const ABOUT_A_SECOND: u32 = 20_000;
/// Check-ins a second in the open loop.
const OPEN: u32 = 5_000;

/// One way to ask for them.
struct Way {
    connections: usize,
    rate: Option<u32>,
    silent: bool,
    words: &'static str,
}

const WAYS: [Way; 4] = [
    Way { connections: 64, rate: None, silent: false, words: "64 connections" },
    Way { connections: 512, rate: None, silent: false, words: "512 connections" },
    Way { connections: 256, rate: Some(OPEN), silent: false, words: "open loop of 5000 a second" },
    Way { connections: 64, rate: None, silent: true, words: "64 connections and no line in the log per request" },
];

/// Measures and prints.
pub(super) fn measure(options: &Options) {
    for kind in [Kind::Embedded, Kind::Redis] {
        for way in &WAYS {
            ask(options, kind, way);
        }
    }
    for masters in [1, 3] {
        ask(options, Kind::Cluster(masters), &WAYS[0]);
    }
}

fn ask(options: &Options, kind: Kind, way: &Way) {
    let residents = way.rate.unwrap_or(ABOUT_A_SECOND) * options.seconds / u32::from(POINTS);
    let silence = [("CARNIVAL__LOG__FILTER", "warn".to_owned())];
    compare(
        options,
        &Shape {
            title: format!("check-ins on {kind}: {}", way.words),
            kind,
            connections: way.connections,
            rate: way.rate,
            settings: if way.silent { &silence } else { &[] },
            status: 201,
            must: "",
            aims: (0.90, Some(1.15)),
            prepare: &|stage| people::check_ins(1, residents, 0..POINTS, stage.who == Who::Floor),
        },
    );
}
