//! The other common requests: claims on one gift, redemptions, a resident's page, the carnival; each against a baseline
//! of the same form. 64 connections, closed loop.

use super::Options;
use super::comparison::{Comparison, compare};
use super::deployment::{Deployment, StoreKind, Subject};
use super::single_request::{self, body, header};
use crate::load::Requests;
use crate::resident_requests::{self, head, json_tail, tokens};

/// An estimated rate per second, for the length of a run.
const ESTIMATED_RATE: u32 = 8_000;

/// Measures and prints.
pub(super) fn measure(options: &Options) {
    let count = ESTIMATED_RATE * options.seconds;
    for kind in [StoreKind::Embedded, StoreKind::Redis] {
        run_one(options, kind, "claims on one gift", 201, &|deployment| claims(deployment, count));
        run_one(options, kind, "redemptions", 200, &|deployment| redemptions(deployment, count));
        run_one(options, kind, "a resident's page", 200, &|deployment| pages(deployment, count));
    }
    run_one(options, StoreKind::Embedded, "the carnival", 200, &|deployment| documents(deployment, count * 5, false));
    run_one(options, StoreKind::Embedded, "the carnival, known already", 304, &|deployment| {
        documents(deployment, count * 5, true)
    });
}

fn run_one(options: &Options, kind: StoreKind, what: &str, status: u16, prepare: &dyn Fn(&Deployment) -> Requests) {
    let title = format!("{what} on {kind}");
    let (connections, rate, settings, aims) = (64, None, &[][..], (0.85, None));
    let must_contain = if what == "redemptions" { "\"redeemed\":true" } else { "" };
    compare(options, &Comparison { title, kind, connections, rate, settings, status, must_contain, aims, prepare });
}

/// A claim by each of many residents, who have one stamp.
fn claims(deployment: &Deployment, count: u32) -> Requests {
    deployment.prepare("", resident_requests::check_ins(1, count, 0..1, deployment.subject == Subject::Baseline));
    resident_requests::claims(1, count, "badge")
}

/// The redemption of each of these claims, by one volunteer.
fn redemptions(deployment: &Deployment, count: u32) -> Requests {
    let vouchers = deployment.prepare("\"voucher\":\"", claims(deployment, count));
    let token = match deployment.subject {
        Subject::Baseline => tokens(2, 1).remove(0),
        Subject::Program => volunteer(deployment),
    };
    let tail = |(number, voucher): (usize, &String)| {
        json_tail(&format!("{{\"vouchers\":[\"{voucher}\"],\"nonce\":\"scanner-{number:08}\"}}"))
    };
    let tails: Vec<_> = vouchers.iter().enumerate().map(tail).collect();
    let order = (0..u32::try_from(tails.len()).unwrap()).map(|at| (0, at)).collect();
    Requests { heads: vec![head("POST", "/v1/booth/redemptions", &token)], tails, order }
}

/// Accepts an invitation, and returns the volunteer's token.
fn volunteer(deployment: &Deployment) -> String {
    let printed = deployment.run_command("invite", &["--role", "volunteer", "--booth", "market"]);
    let invitation = printed.lines().find(|line| line.starts_with("https://")).expect("an invitation");
    let wanted = format!("{{\"invitation\":\"{invitation}\",\"name\":\"阿姨\",\"nonce\":\"tablet-0001\"}}");
    let head = "POST /v1/sessions/staff HTTP/1.1\r\nhost: carnival.example\r\n";
    let answer = single_request::send(deployment.address(), &format!("{head}{}", json_tail(&wanted)));
    let answer: serde_json::Value = serde_json::from_str(body(&answer)).expect("a session");
    answer["token"].as_str().expect("a token").to_owned()
}

/// The pages of a thousand residents with ten stamps and a claim, repeatedly.
fn pages(deployment: &Deployment, count: u32) -> Requests {
    const RESIDENTS: u32 = 1000;
    deployment.prepare("", resident_requests::check_ins(1, RESIDENTS, 0..10, deployment.subject == Subject::Baseline));
    deployment.prepare("", resident_requests::claims(1, RESIDENTS, "badge"));
    let heads = tokens(1, RESIDENTS).iter().map(|token| head("GET", "/v1/me", token)).collect();
    let order = (0..count).map(|number| (number % RESIDENTS, 0)).collect();
    Requests { heads, tails: vec!["\r\n".to_owned()], order }
}

/// The carnival as every phone requests it.
fn documents(deployment: &Deployment, count: u32, known: bool) -> Requests {
    let wanted = "GET /v1/carnival HTTP/1.1\r\nhost: carnival.example\r\naccept-encoding: gzip\r\n";
    let answer = single_request::send(deployment.address(), &format!("{wanted}\r\n"));
    let tag = header(&answer, "etag").expect("a tag").to_owned();
    let tail = if known { format!("if-none-match: {tag}\r\n\r\n") } else { "\r\n".to_owned() };
    Requests { heads: vec![wanted.to_owned()], tails: vec![tail], order: (0..count).map(|_| (0, 0)).collect() }
}
