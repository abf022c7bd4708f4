//! Names, units and descriptions of all metrics, and the counters of HTTP requests.
//!
//! All layers record through the `metrics` facade; this catalogue describes their metrics. The handles of requests are
//! cached per route, so that recording formats no text. Labels hold no personal data and no client-chosen values: a route
//! is its pattern, a method one of the known ones.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use metrics::{Counter, Histogram, Unit};

use super::errors::ApiError;
use crate::actions;

/// Name and description of every counter.
const COUNTERS: [(&str, &str); 8] = [
    ("carnival_http_requests_total", "Requests, by route pattern, method and status."),
    ("carnival_refusals_total", "Refusals, by code; also those of single vouchers in a request."),
    ("carnival_store_errors_total", "Failed store calls, by call and by whether the failure may be transient."),
    ("carnival_logins_total", "Logins of residents, by outcome: ok, or WeChat's error."),
    ("carnival_stamps_total", "Stamps given, and requests for stamps that existed (repeated)."),
    ("carnival_claims_total", "Transitions of claims: claimed, renewed, released, redeemed, voided."),
    ("carnival_claims_repeated_total", "Repeated requests for claim transitions that had taken place before."),
    ("carnival_pushes_total", "WeChat push messages, by outcome."),
];

/// Name, unit and description of every gauge.
const GAUGES: [(&str, Unit, &str); 4] = [
    ("carnival_version", Unit::Count, "The version of the carnival that this instance serves."),
    (
        "carnival_store_behind",
        Unit::Count,
        "1 while the store holds less than this instance has seen; nothing is written then.",
    ),
    ("carnival_build_info", Unit::Count, "Always 1; the label holds the version of the program."),
    ("process_start_time_seconds", Unit::Seconds, "When the program started, in seconds since 1970."),
];

/// Name, unit, description and buckets of every histogram.
const HISTOGRAMS: [(&str, Unit, &str, &[f64]); 5] = [
    ("carnival_http_request_seconds", Unit::Seconds, "Duration of a request, by route pattern.", SECONDS),
    ("carnival_store_seconds", Unit::Seconds, "Duration of a store call, by call.", SECONDS),
    ("carnival_store_commit_seconds", Unit::Seconds, "Duration of a commit of the embedded store.", SECONDS),
    ("carnival_store_commit_commands", Unit::Count, "Write commands per commit of the embedded store.", COMMIT_SIZES),
    ("carnival_login_seconds", Unit::Seconds, "Duration of calls to WeChat for logins.", SECONDS),
];

const SECONDS: &[f64] = &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
const COMMIT_SIZES: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0];

/// The name and buckets of every histogram.
pub(super) fn buckets() -> impl Iterator<Item = (&'static str, &'static [f64])> {
    HISTOGRAMS.into_iter().map(|(name, _, _, buckets)| (name, buckets))
}

/// Registers the descriptions of all metrics.
pub(super) fn describe() {
    for (name, meaning) in COUNTERS {
        metrics::describe_counter!(name, Unit::Count, meaning);
    }
    for (name, unit, meaning) in GAUGES {
        metrics::describe_gauge!(name, unit, meaning);
    }
    for (name, unit, meaning, _) in HISTOGRAMS {
        metrics::describe_histogram!(name, unit, meaning);
    }
}

/// Counts a refusal.
pub(super) fn count_refusal(code: &'static str) {
    metrics::counter!("carnival_refusals_total", "code" => code).increment(1);
}

/// Counts a refusal of one item in a request whose response is a success.
pub(super) fn count_partial_refusal(error: &ApiError) {
    if let ApiError::Action(actions::Error::Refused(refusal)) = error {
        count_refusal(refusal.code());
    }
}

/// Label of requests without a matching route.
const NO_ROUTE: &str = "none";

/// Metric handles of one worker thread, by route.
#[derive(Default)]
pub(super) struct RequestMetrics(RefCell<HashMap<String, RouteMetrics>>);

struct RouteMetrics {
    seconds: Histogram,
    counters: Vec<(&'static str, StatusCode, Counter)>,
}

impl RequestMetrics {
    /// Records a response.
    pub(super) fn record(&self, route: Option<&str>, method: &Method, status: StatusCode, took: Duration) {
        let mut routes = self.0.borrow_mut();
        let name = route.unwrap_or(NO_ROUTE);
        if let Some(route) = routes.get_mut(name) {
            return route.record(name, method_label(method), status, took);
        }
        let seconds = metrics::histogram!("carnival_http_request_seconds", "route" => name.to_owned());
        let route = routes.entry(name.to_owned()).or_insert(RouteMetrics { seconds, counters: Vec::new() });
        route.record(name, method_label(method), status, took);
    }
}

impl RouteMetrics {
    fn record(&mut self, name: &str, method: &'static str, status: StatusCode, took: Duration) {
        self.seconds.record(took);
        if let Some((.., counter)) = self.counters.iter().find(|(m, s, _)| (*m, *s) == (method, status)) {
            return counter.increment(1);
        }
        let labels =
            [("route", name.to_owned()), ("method", method.to_owned()), ("status", status.as_str().to_owned())];
        let counter = metrics::counter!("carnival_http_requests_total", &labels);
        counter.increment(1);
        self.counters.push((method, status, counter));
    }
}

/// A label per known method; all others share one, because clients can invent methods.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
