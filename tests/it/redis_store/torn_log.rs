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

/// The end of the `nth` command (from 0) in a log of commands, each an array of bulk strings.
fn end_of_command(log: &[u8], start: usize, nth: usize) -> usize {
    let number = |at: &mut usize| {
        let end = *at + log[*at..].iter().position(|byte| *byte == b'\r').unwrap();
        let number: usize = std::str::from_utf8(&log[*at + 1..end]).unwrap().parse().unwrap();
        *at = end + 2;
        number
    };
    let mut at = start;
    for _ in 0..=nth {
        for _ in 0..number(&mut at) {
            at += number(&mut at) + 2;
        }
    }
    at
}

/// Truncates the log a few bytes after the first command of its last transaction that changes a counter.
fn truncate_log(folder: &Path) {
    let newest = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let newest = newest.filter(|path| path.to_string_lossy().ends_with(".incr.aof")).max().unwrap();
    let log = fs::read(&newest).unwrap();
    let multi = b"*1\r\n$5\r\nMULTI\r\n";
    let start = log.windows(multi.len()).rposition(|window| window == multi).unwrap();
    let counted = (0..100).find(|nth| {
        let command = &log[if *nth == 0 { start } else { end_of_command(&log, start, nth - 1) }..];
        command[..end_of_command(command, 0, 0)].windows(8).any(|word| word == b"redeemed")
    });
    let end = end_of_command(&log, start, counted.unwrap());
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
