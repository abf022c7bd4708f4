//! Logins: the latency that the program adds to a WeChat server that answers in 50 ms.
//!
//! The stub is called directly and through the program, alternately; 16 connections, so that no request waits for a
//! core.

use std::net::{SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use actix_web::web::Query;
use actix_web::{App, HttpResponse, HttpServer, web};
use carnival::http::api::client;
use serde::Deserialize;

use super::Options;
use super::deployment::{Deployment, StoreKind, Subject};
use crate::load::{Job, Requests};
use crate::resident_requests::{head, tail};
use crate::round_statistics::{self, Rounds, met};

const TITLE: &str = "logins with a WeChat server that answers in 50 ms";
/// The stub's delay.
const STUB_DELAY: Duration = Duration::from_millis(50);
const CONNECTIONS: usize = 16;
/// The maximum that the program may add, in milliseconds.
const AIM: f64 = 1.0;

/// Measures and prints.
pub(super) fn measure(options: &Options) {
    if !options.includes(TITLE) {
        return;
    }
    let address = start_wechat_stub();
    let count = options.seconds * 300;
    let (mut direct, mut through) = (Rounds::default(), Rounds::default());
    for _ in 0..options.rounds {
        let base = [("CARNIVAL__WECHAT__BASE_URL", format!("http://{address}"))];
        let deployment = Deployment::set(options, Subject::Program, StoreKind::Embedded, &base);
        let job = deployment.job(CONNECTIONS, &[200], calls(count));
        direct.push(deployment.send(Job { address, warm: 32, ..job }).p50_ms);
        let job = deployment.job(CONNECTIONS, &[201], logins(count));
        through.push(deployment.send(Job { warm: 32, ..job }).p50_ms);
    }
    let added = through.minus(&direct);
    let row = [
        direct.formatted(2),
        through.formatted(2),
        added.formatted(2),
        format!("≤ {AIM:.2}"),
        met(added.median() <= AIM),
    ];
    let head = ["the stub, p50 ms", "through the program, p50 ms", "added, ms", "aim", "met"];
    round_statistics::print(TITLE, &head, vec![row.to_vec()]);
}

fn calls(count: u32) -> Requests {
    let head = "GET /sns/jscode2session?js_code=".to_owned();
    let tail = |number| format!("{number} HTTP/1.1\r\nhost: wechat\r\n\r\n");
    Requests { heads: vec![head], tails: (0..count).map(tail).collect(), order: (0..count).map(|at| (0, at)).collect() }
}

fn logins(count: u32) -> Requests {
    let call = |number| client::log_in(&format!("code-of-{number}"));
    let tails = (0..count).map(|number| tail(&call(number))).collect();
    Requests { heads: vec![head(&call(0), "")], tails, order: (0..count).map(|at| (0, at)).collect() }
}

#[derive(Deserialize)]
struct Call {
    js_code: String,
}

/// Starts a stub of WeChat's server in a thread of this process.
fn start_wechat_stub() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let answer = async |call: Query<Call>| {
            tokio::time::sleep(STUB_DELAY).await;
            let openid = &call.js_code;
            HttpResponse::Ok().json(serde_json::json!({ "openid": format!("o-{openid}"), "session_key": "k" }))
        };
        let server = move || App::new().route("/sns/jscode2session", web::get().to(answer));
        let running = HttpServer::new(server).workers(1).disable_signals().listen(listener).unwrap().run();
        actix_web::rt::System::new().block_on(running).unwrap();
    });
    address
}
