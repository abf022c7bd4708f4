//! Guards against people who were erased and stay in the files of Redis, which keep every command until they are
//! rewritten.

use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use carnival::actions::personal_data::log_rewrite;
use carnival::rules::carnival::LoginMethod;
use carnival::store::Store;
use carnival::store::redis::RedisStore;

use super::single;
use crate::servers::redis_server::RedisServer;
use crate::test_app::{TestApp, TestAppOptions};

/// Whether a file of the log names the resident.
fn is_named(server: &RedisServer, app: &TestApp, name: &str) -> bool {
    let openid = format!("rehearsal:{name}");
    let resident = app.app.pseudonyms.resident(LoginMethod::MiniProgram, openid.as_bytes()).to_string();
    let files = fs::read_dir(server.append_only_folder()).unwrap();
    // A file of an earlier rewrite may be deleted meanwhile.
    let contents = files.filter_map(|file| fs::read(file.unwrap().path()).ok()).collect::<Vec<_>>().concat();
    contents.windows(resident.len()).any(|text| text == resident.as_bytes())
}

/// Repeats what the program does every minute until nothing is left to forget.
async fn forget(app: &TestApp) {
    let begun = Instant::now();
    while app.app.store.erased_since().await.unwrap().is_some() {
        log_rewrite::rewrite_if_due(&app.app).await;
        assert!(begun.elapsed() < Duration::from_secs(60), "the rewrite does not end");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn erased_people_leave_the_files_of_redis_within_an_hour() {
    let mut server = RedisServer::start_shipped();
    let store: Arc<dyn Store> = Arc::new(RedisStore::open(&single(&server)).await.unwrap().0);
    let app =
        TestApp::start_with(TestAppOptions { store: Some(Arc::clone(&store)), ..TestAppOptions::default() }).await;
    for name in ["ana", "bob"] {
        app.resident(name).await.scan("space-1").await;
    }
    log_rewrite::rewrite_if_due(&app.app).await;
    assert_eq!(store.erased_since().await.unwrap(), None);
    assert_eq!(app.resident("ana").await.delete("/v1/me").await.status, 200);
    app.at("2023-04-14T10:40");
    assert_eq!(app.resident("bob").await.delete("/v1/me").await.status, 200);
    // At most once in fifty minutes, so not yet.
    log_rewrite::rewrite_if_due(&app.app).await;
    assert!(is_named(&server, &app, "ana") && is_named(&server, &app, "bob"), "they are still in the log");
    app.at("2023-04-14T10:50");
    forget(&app).await;
    assert!(!is_named(&server, &app, "ana") && !is_named(&server, &app, "bob"), "their traces are in the log");

    // A rewrite that a crash of Redis interrupts is begun again.
    app.resident("eve").await.scan("space-1").await;
    assert_eq!(app.resident("eve").await.delete("/v1/me").await.status, 200);
    app.at("2023-04-14T11:39");
    log_rewrite::rewrite_if_due(&app.app).await;
    assert!(is_named(&server, &app, "eve"));
    app.at("2023-04-14T11:40");
    log_rewrite::rewrite_if_due(&app.app).await;
    server.restart();
    let begun = Instant::now();
    while store.erased_since().await.is_err() {
        assert!(begun.elapsed() < Duration::from_secs(60), "the program does not reconnect");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    forget(&app).await;
    assert!(!is_named(&server, &app, "eve"));
}
