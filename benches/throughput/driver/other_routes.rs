//! The other common requests: claims on one gift, redemptions, a resident's page, the carnival; each against a baseline
//! of the same form. 64 connections, closed loop.

use std::time::Duration;

use carnival::http::api::client::{self, ApiClient};
use tokio::runtime::Runtime;

use super::Options;
use super::comparison::{Comparison, compare};
use super::deployment::{Deployment, StoreKind, Subject};
use crate::load::Requests;
use crate::resident_requests::{self, head, tail, tokens};

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
    let call = |(number, voucher): (usize, &String)| client::redeem(&[voucher], &format!("scanner-{number:08}"));
    let calls: Vec<_> = vouchers.iter().enumerate().map(call).collect();
    let order = (0..u32::try_from(calls.len()).unwrap()).map(|at| (0, at)).collect();
    Requests { heads: vec![head(&calls[0], &token)], tails: calls.iter().map(tail).collect(), order }
}

/// Accepts an invitation, and returns the volunteer's token.
fn volunteer(deployment: &Deployment) -> String {
    let printed = deployment.run_command("invite", &["--role", "volunteer", "--booth", "market"]);
    let invitation = printed.lines().find(|line| line.starts_with("https://")).expect("an invitation");
    let call = client::accept_invitation(invitation, "阿姨", "load-driver-tablet-0123456789", "arrival-0001");
    let api = ApiClient::new(Duration::from_secs(20)).unwrap();
    let base = format!("http://{}", deployment.address());
    let answer = Runtime::new().unwrap().block_on(api.send(&base, "", &call)).expect("an answer");
    answer.read().expect("a session").token
}

/// The pages of a thousand residents with ten stamps and a claim, repeatedly.
fn pages(deployment: &Deployment, count: u32) -> Requests {
    const RESIDENTS: u32 = 1000;
    deployment.prepare("", resident_requests::check_ins(1, RESIDENTS, 0..10, deployment.subject == Subject::Baseline));
    deployment.prepare("", resident_requests::claims(1, RESIDENTS, "badge"));
    let heads = tokens(1, RESIDENTS).iter().map(|token| head(&client::me(), token)).collect();
    let order = (0..count).map(|number| (number % RESIDENTS, 0)).collect();
    Requests { heads, tails: vec![tail(&client::me())], order }
}

/// The carnival as every phone requests it.
fn documents(deployment: &Deployment, count: u32, known: bool) -> Requests {
    let head = head(&client::carnival(), "") + "accept-encoding: gzip\r\n";
    let url = format!("http://{}/v1/carnival", deployment.address());
    let fetch = async {
        let http = reqwest::Client::builder().no_proxy().build()?;
        http.get(url).header("accept-encoding", "gzip").send().await
    };
    let answer = Runtime::new().unwrap().block_on(fetch).expect("an answer");
    let tag = answer.headers()["etag"].to_str().expect("a tag").to_owned();
    let tail = if known { format!("if-none-match: {tag}\r\n\r\n") } else { tail(&client::carnival()) };
    Requests { heads: vec![head], tails: vec![tail], order: (0..count).map(|_| (0, 0)).collect() }
}
