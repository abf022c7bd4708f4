//! Guards against a crash that truncates Redis' append-only file inside a script: the part before the cut would count
//! again after a restart, and a gift could be given beyond its stock.

use std::sync::Arc;

use carnival::store::redis::{ConfigWarning, RedisStore};
use carnival::store::{LogId, Store};
use serde_json::json;

use super::single;
use crate::servers::append_only_log::AppendOnlyLog;
use crate::servers::redis_server::RedisServer;
use crate::test_app::{Answer, Client, TestApp, TestAppOptions};

async fn app_on(server: &RedisServer) -> TestApp {
    let (store, warnings) = RedisStore::open(&single(server)).await.unwrap();
    assert!(warnings.is_empty() || warnings == [ConfigWarning::LoadsTornLog], "{warnings:?}");
    let store: Arc<dyn Store> = Arc::new(store);
    TestApp::start_with(TestAppOptions { store: Some(store), ..TestAppOptions::default() }).await
}

/// The number of redeemed postcards in Redis.
fn redeemed(server: &RedisServer) -> String {
    let key = server.command(&["KEYS", "*:g1}:numbers"]);
    server.command(&["HGET", &key, "redeemed"])
}

/// The end of the command that changes the count of redeemed gifts, in the last transaction that has one. The server may
/// have written hints in a later transaction.
fn end_of_counting(log: &AppendOnlyLog) -> usize {
    let counts = |command: &[u8]| command.windows(12).any(|word| word == b"\r\nredeemed\r\n");
    let transactions = log.transactions(0);
    let commands = transactions.iter().rev().flat_map(|transaction| log.commands(transaction));
    commands.into_iter().find(|(_, command)| counts(command)).unwrap().0.end
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

    // The void's transaction is truncated after `HSET … redeemed 0`.
    server.kill();
    let log = AppendOnlyLog::read(&server.append_only_folder());
    log.write(&log.bytes[..end_of_counting(&log) + 5]);
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

/// A Redis that loads a torn log all the same runs the first half of a script in front of the next one. Values that are
/// written whole, and a log entry that comes last, make that harmless once the request is repeated.
#[tokio::test(flavor = "multi_thread")]
async fn half_a_stamp_that_runs_twice_is_one_stamp() {
    let mut server = RedisServer::start_with(&["--aof-load-truncated", "yes"]);
    for (nth, point) in ["space-1", "space-2", "space-3", "space-4"].into_iter().enumerate() {
        let app = app_on(&server).await;
        assert_eq!(app.resident("ana").await.scan(point).await.status, 201);
        drop(app);
        server.kill();
        let log = AppendOnlyLog::read(&server.append_only_folder());
        let transactions = log.transactions(0);
        let stamp = transactions.iter().rev().map(|transaction| log.commands(transaction));
        let is_stamp =
            |commands: &Vec<(_, &[u8])>| commands.iter().any(|(_, command)| command.starts_with(b"*3\r\n$3\r\nSET"));
        let stamp = stamp.into_iter().find(is_stamp).unwrap();
        // After each command but the last, which appends the log entry.
        log.write(&log.bytes[..stamp[nth.min(stamp.len() - 2)].0.end + 5]);
        server.restart_unrepaired();
        let app = app_on(&server).await;
        app.resident("ana").await.scan(point).await;
        for _ in 0..2 {
            let ana = app.resident("ana").await;
            let stamps = ana.get("/v1/me/passport").await.body["stamps"].as_array().unwrap().len();
            let mut entries = 0;
            for shard in 0..app.app.store.shards() {
                entries += app.app.store.log_entries(LogId::Shard(shard), 0, 100).await.unwrap().len();
            }
            let counted = app.anonymous().get("/v1/availability").await.body["stamps"].clone();
            assert_eq!((stamps, entries, counted), (nth + 1, nth + 1, json!(nth + 1)), "cut after command {nth}");
            server.restart_unrepaired();
        }
    }
}
