//! Guards against a program that is restarted because its store is down, or that receives traffic which it cannot
//! serve.

use std::sync::Arc;
use std::time::{Duration, Instant};

use carnival::store::Store;
use carnival::store::redis::{RedisStore, Settings};

use crate::servers::redis_server::RedisServer;
use crate::test_app::{TestApp, TestAppOptions};

#[tokio::test(flavor = "multi_thread")]
async fn a_program_without_its_store_is_healthy_but_not_ready() {
    let mut redis = RedisServer::start();
    let settings = Settings { urls: vec![redis.url()], shards: 4, ..Settings::default() };
    let store: Arc<dyn Store> = Arc::new(RedisStore::open(&settings).await.unwrap().0);
    let app = TestApp::start_with(TestAppOptions { store: Some(store), ..TestAppOptions::default() }).await;
    let stranger = app.anonymous();
    assert_eq!((stranger.get("/healthz").await.status, stranger.get("/readyz").await.status), (200, 200));

    redis.kill();
    let begun = Instant::now();
    let away = stranger.get("/readyz").await;
    assert!(begun.elapsed() < Duration::from_secs(20), "it promises two seconds: {:?}", begun.elapsed());
    assert_eq!((away.refusal(), away.header("retry-after")), ((503, "store_unavailable"), "2"));
    assert_eq!(stranger.get("/healthz").await.status, 200);
    // Routes that need no store are still served; a page that needs it answers with HTML.
    assert_eq!(stranger.get("/v1/carnival").await.status, 200);
    let invitation = stranger.get("/q/S4QZ7M2KX0V9T1B5G").await;
    assert_eq!((invitation.status, invitation.media_type(), invitation.header("retry-after")), (503, "text/html", "2"));

    redis.restart();
    let begun = Instant::now();
    while stranger.get("/readyz").await.status != 200 {
        assert!(begun.elapsed() < Duration::from_secs(20), "it does not reconnect to its store");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_store_is_ready() {
    let app = TestApp::start().await;
    let ready = app.anonymous().get("/readyz").await;
    assert_eq!((ready.status, ready.body["status"].as_str()), (200, Some("ok")));
}
