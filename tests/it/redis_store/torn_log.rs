//! Guards against a crash that truncates Redis' append-only file inside a script: the part before the cut would count
//! again after a restart, and a gift could be given beyond its stock.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use carnival::store::Store;
use carnival::store::redis::RedisStore;
use serde_json::json;

use super::single;
use crate::servers::redis_server::RedisServer;
use crate::test_app::{Answer, Client, TestApp, TestAppOptions};

async fn app_on(server: &RedisServer) -> TestApp {
    let (store, warnings) = RedisStore::open(&single(server)).await.unwrap();
    assert_eq!(warnings, []);
    let store: Arc<dyn Store> = Arc::new(store);
    TestApp::start_with(TestAppOptions { store: Some(store), ..TestAppOptions::default() }).await
}

/// The number of redeemed postcards in Redis.
fn redeemed(server: &RedisServer) -> String {
    let key = server.command(&["KEYS", "*:g1}:numbers"]);
    server.command(&["HGET", &key, "redeemed"])
}

/// The end of the command that starts here in a log of commands, each an array of bulk strings.
fn end_of_command(log: &[u8], start: usize) -> usize {
    let number = |at: &mut usize| {
        let end = *at + log[*at..].iter().position(|byte| *byte == b'\r').unwrap();
        let number: usize = std::str::from_utf8(&log[*at + 1..end]).unwrap().parse().unwrap();
        *at = end + 2;
        number
    };
    let mut at = start;
    for _ in 0..number(&mut at) {
        at += number(&mut at) + 2;
    }
    at
}

/// The end of the first command that changes the counter of redeemed gifts in the transaction that starts here.
fn end_of_counting(log: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        let command = &log[at..end_of_command(log, at)];
        if command == b"*1\r\n$4\r\nEXEC\r\n" {
            return None;
        }
        at += command.len();
        if command.windows(8).any(|word| word == b"redeemed") {
            return Some(at);
        }
    }
}

/// Truncates the log a few bytes after the first command of its last transaction that changes a counter. The server may
/// have written hints in a later transaction.
fn truncate_log(folder: &Path) {
    let newest = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let newest = newest.filter(|path| path.to_string_lossy().ends_with(".incr.aof")).max().unwrap();
    let log = fs::read(&newest).unwrap();
    let multi = b"*1\r\n$5\r\nMULTI\r\n";
    let mut starts = (0..log.len()).rev().filter(|at| log[*at..].starts_with(multi));
    let end = starts.find_map(|start| end_of_counting(&log, start)).unwrap();
    fs::write(&newest, &log[..end + 5]).unwrap();
}

async fn void(organiser: &Client<'_>, id: &str) -> Answer {
    let body = json!({ "reason": "扫错了人", "nonce": "nonce-0002" });
    organiser.post(&format!("/v1/booth/redemptions/{id}/void"), body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_truncated_inside_a_script_is_repaired_and_nothing_counts_twice() {
    let mut server = RedisServer::start_shipped();
    let app = app_on(&server).await;
    let ana = app.resident("ana").await;
    for point in ["space-1", "space-2", "space-3"] {
        ana.scan(point).await;
    }
    let claim = ana.post("/v1/me/claims", json!({ "gift": "postcards" })).await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    let body = json!({ "vouchers": [claim.body["id"]], "nonce": "nonce-0001" });
    let done = wang.post("/v1/booth/redemptions", body).await;
    let id = done.body["results"][0]["claim"]["redemption"]["id"].as_str().unwrap().to_owned();
    assert_eq!(redeemed(&server), "1");
    let chen = app.organiser("陈社工").await;
    assert_eq!(void(&chen, &id).await.status, 200);
    assert_eq!(redeemed(&server), "0");
    drop(app);

    // The void's transaction is truncated after `HINCRBY … redeemed -1`.
    server.kill();
    truncate_log(&server.append_only_folder());
    let log = server.fail_to_restart();
    assert!(log.contains("redis-check-aof --fix"), "{log}");
    server.restart();
    assert_eq!(redeemed(&server), "1", "the void was not acknowledged");

    let app = app_on(&server).await;
    let chen = app.organiser("陈社工").await;
    assert_eq!(void(&chen, &id).await.status, 200);
    for _ in 0..2 {
        assert_eq!(redeemed(&server), "0");
        server.restart();
    }
}
