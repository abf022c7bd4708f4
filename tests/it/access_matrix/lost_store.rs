//! Guards against answers from a store that lost what it held: an empty Redis looks like a carnival without stamps.

use std::sync::Arc;
use std::time::{Duration, Instant};

use carnival::actions::carnival::current_carnival::load_or_seed;
use carnival::store::Store;
use carnival::store::redis::{RedisStore, Settings};

use super::{Actors, status_and_code, table};
use crate::servers::redis_server::RedisServer;
use crate::test_app::{TestApp, TestAppOptions};

/// The routes that need no store: what the program itself knows, and a login, which writes nothing.
const WITHOUT_STORE: [&str; 5] =
    ["/healthz", "/q/{code}", "/v1/carnival", "/v1/pictures/{code}/{file}", "/v1/sessions/wechat"];

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_lost_its_records_is_unavailable_everywhere() {
    let server = RedisServer::start();
    let settings = Settings { urls: vec![server.url()], shards: 8, ..Settings::default() };
    let store: Arc<dyn Store> = Arc::new(RedisStore::open(&settings).await.unwrap().0);
    let options = TestAppOptions { store: Some(store), ..TestAppOptions::default() };
    let actors = Actors::prepare_on(TestApp::start_with(options).await).await;
    let app = &actors.app;
    let ana = app.with_token(&actors.resident);
    ana.scan("space-1").await;
    let postcard = ana.get("/v1/me/postcards/play").await;
    let picture = postcard.body["phone"].as_str().unwrap_or_else(|| panic!("{postcard:?}"));
    let picture = picture.strip_prefix("https://carnival.example").unwrap().to_owned();
    let invitation = app.invitation(carnival::rules::staff::roles::Role::Organiser, None, 1).await;

    server.command(&["FLUSHDB"]);
    wait_until_ready_answers(app, 503).await;
    for row in table().iter().filter(|row| !WITHOUT_STORE.contains(&row.path)) {
        // Their examples are refused before the store is read; see below.
        if ["/v1/postcards/{whose}/{signature}/{file}", "/v1/wechat/events", "/v1/sessions/staff"].contains(&row.path) {
            continue;
        }
        let clients = match row.who {
            "all" => vec![app.anonymous()],
            who => actors.tokens_by_permission(who).0.into_iter().map(|token| app.with_token(token)).collect(),
        };
        for client in clients {
            row.check_answer(&row.ask(&client).await, "503 store_unavailable", "on an empty store");
        }
    }
    let enter = crate::test_app::arrival(&invitation, "李社工", 9, "arrival-0009");
    for answer in [app.anonymous().get(&picture).await, app.anonymous().post("/v1/sessions/staff", enter).await] {
        assert_eq!(status_and_code(&answer), "503 store_unavailable", "{answer:?}");
    }
    assert_eq!(app.anonymous().get("/v1/carnival").await.status, 200);
    // Hints may be written before the loss is noticed, and lost.
    let keys = server.command(&["KEYS", "*"]);
    let written: Vec<&str> = keys.lines().filter(|key| !key.contains(":notes}")).collect();
    assert!(written.is_empty(), "nothing is written to the empty store: {written:?}");
}

/// Waits until `/readyz` answers with this status.
async fn wait_until_ready_answers(app: &TestApp, status: u16) {
    let begun = Instant::now();
    while app.anonymous().get("/readyz").await.status != status {
        assert!(begun.elapsed() < Duration::from_secs(30), "no {status} from /readyz");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_carnival_in_an_emptied_store_is_not_taken_for_the_old_one() {
    let server = RedisServer::start();
    let settings = Settings { urls: vec![server.url()], shards: 8, ..Settings::default() };
    let store: Arc<dyn Store> = Arc::new(RedisStore::open(&settings).await.unwrap().0);
    let options = TestAppOptions { store: Some(Arc::clone(&store)), ..TestAppOptions::default() };
    let app = TestApp::start_with(options).await;
    let ana = app.resident("ana").await;
    assert_eq!(ana.scan("space-1").await.status, 201);
    // The other database is empty.
    server.command(&["SWAPDB", "0", "1"]);
    wait_until_ready_answers(&app, 503).await;

    // As `carnival publish --list` does on an empty store, and as another instance does at its start.
    let later = app.app.now().checked_add(jiff::SignedDuration::from_mins(1)).unwrap();
    load_or_seed(store.as_ref(), include_str!("../../../config/carnival-2023.toml"), later).await.unwrap();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(2_500) {
        assert_eq!(status_and_code(&ana.get("/v1/me/passport").await), "503 store_unavailable");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    server.command(&["SWAPDB", "0", "1"]);
    wait_until_ready_answers(&app, 200).await;
    let passport = ana.get("/v1/me/passport").await;
    assert_eq!(passport.body["stamps"][0]["point"], "space-1", "{passport:?}");
}
