//! The test harness: a real server on a free port with a fresh store, and clients for each role.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use carnival::actions::caches::{ClosedDaysCache, VersionListCache};
use carnival::actions::carnival::current_carnival;
use carnival::actions::clock::Clock;
use carnival::actions::personal_data::replay_cache::PushHandler;
use carnival::actions::prints::printed_codes;
use carnival::actions::prints::render_pool::RenderPool;
use carnival::actions::staff::InvitationTerms;
use carnival::actions::staff::invitations::invite;
use carnival::actions::staff::waiting_room::WaitingRoom;
use carnival::actions::{App, AppSettings, CurrentCarnivalCell, HintBuffer, LoginProvider};
use carnival::config::Settings;
use carnival::http::{MetricsServer, Server};
use carnival::pictures::artwork::ArtworkSource;
use carnival::rules::ids::PointId;
use carnival::rules::staff::roles::{Role, Station};
use carnival::store::Store;
use carnival::store::embedded::{Options, open_embedded};
use carnival::store::redis::{RedisStore, Settings as RedisSettings};
use carnival::tokens::{Codes, Jwt, Pseudonyms, Secret};
use jiff::SignedDuration;
use jiff::civil::DateTime;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::openapi_checker::assert_documented;
use crate::servers::redis_server::RedisServer;

/// A time when route `play` is running, all its seven points are open and gifts are handed out.
pub(crate) const MORNING: &str = "2023-04-14T10:00";

/// Timeout of the calls to Redis. On a busy machine they may take longer than the default allows; the tests of that limit
/// set their own.
pub(crate) const STORE_TIMEOUT_MS: u64 = 20_000;

/// The secret that signs tokens.
pub(crate) const JWT_SECRET: &str = "2a3f-jwt-7d6c5b4a3f2e1d0c9b8a7f6e5d4c3b2a1f";

/// A server and its store.
pub(crate) struct TestApp {
    pub(crate) base: String,
    pub(crate) app: Arc<App>,
    clock: Arc<AtomicI64>,
    http: reqwest::Client,
    /// The base URL of the metrics server, if it runs.
    pub(crate) metrics: Option<String>,
    /// The server stops when this is dropped.
    _stop: oneshot::Sender<()>,
    _folder: Option<TempDir>,
}

/// Differences from the default test server.
#[derive(Default)]
pub(crate) struct TestAppOptions {
    /// A carnival file instead of the sample.
    pub(crate) carnival: Option<String>,
    /// A store instead of a fresh embedded one.
    pub(crate) store: Option<Arc<dyn Store>>,
    /// A login provider instead of the rehearsal's.
    pub(crate) log_in: Option<LoginProvider>,
    /// The handler of WeChat pushes, if configured.
    pub(crate) pushes: Option<PushHandler>,
    /// Artwork instead of the sample's.
    pub(crate) artwork: Option<ArtworkSource>,
    /// Whether to start the metrics server.
    pub(crate) metrics: bool,
    /// Changes the default settings.
    pub(crate) settings: Option<fn(&mut Settings)>,
}

impl TestApp {
    /// The sample carnival on a fresh embedded store, on the morning of the second day.
    pub(crate) async fn start() -> TestApp {
        TestApp::start_with(TestAppOptions::default()).await
    }

    /// The sample carnival on Redis.
    pub(crate) async fn start_on_redis(server: &RedisServer) -> TestApp {
        TestApp::start_on_nodes(vec![server.url()], false).await
    }

    /// As [`TestApp::start_on_redis`], on a single server or a cluster.
    pub(crate) async fn start_on_nodes(urls: Vec<String>, cluster: bool) -> TestApp {
        let settings =
            RedisSettings { urls, cluster, shards: 4, timeout_ms: STORE_TIMEOUT_MS, ..RedisSettings::default() };
        let store: Arc<dyn Store> = Arc::new(RedisStore::open(&settings).await.unwrap().0);
        TestApp::start_with(TestAppOptions { store: Some(store), ..TestAppOptions::default() }).await
    }

    pub(crate) async fn start_with(options: TestAppOptions) -> TestApp {
        // Shown if the test fails: a refusal does not say why the store refused. Another test of this process may have
        // installed it first.
        let warnings = tracing_subscriber::fmt().with_max_level(tracing::Level::WARN).with_writer(std::io::stderr);
        let _installed = warnings.try_init();
        let (store, folder) = if let Some(store) = options.store {
            (store, None)
        } else {
            let folder = tempfile::tempdir().unwrap();
            let store = open_embedded(folder.path(), Options { shards: 4, ..Options::default() }).await.unwrap();
            (store, Some(folder))
        };
        let sample = include_str!("../../config/carnival-2023.toml");
        let text = options.carnival.as_deref().unwrap_or(sample);
        let clock = Arc::new(AtomicI64::new(0));
        let now = Clock::Manual(Arc::clone(&clock));
        let current = current_carnival::load_or_seed(store.as_ref(), text, now.now()).await.unwrap().0;
        let mut settings = Settings::defaults().unwrap();
        settings.http.listen = "127.0.0.1:0".parse().unwrap();
        settings.http.workers = 2;
        // A busy machine may draw for longer than the default; the tests of the limit set their own.
        settings.http.request_timeout_ms = 60_000;
        // The tests set the clock, so nothing may be cached between two moments.
        settings.http.availability_cache_ms = 0;
        settings.http.summary_cache_ms = 0;
        if let Some(change) = options.settings {
            change(&mut settings);
        }
        let secret = |text: &str| Secret::new(text).unwrap();
        let id = current.carnival.id.clone();
        let app = Arc::new(App {
            store,
            clock: now,
            codes: Codes::new(&secret("0c1d-codes-9f8e7a6b5c4d3e2f1a0b9c8d7e6f5a4b"), &id, 180),
            pseudonyms: Pseudonyms::new(&secret("1b2e-names-8e7d6c5b4a3f2e1d0c9b8a7f6e5d4c3b")),
            jwt: Jwt::new(&secret(JWT_SECRET), &[], &id, 43_200).unwrap(),
            login_provider: options.log_in.unwrap_or(LoginProvider::Rehearsal),
            push_handler: options.pushes,
            render_pool: RenderPool::new(settings.pictures, options.artwork.unwrap_or(ArtworkSource::Sample)),
            settings: AppSettings {
                public_url: "https://carnival.example".to_owned(),
                staff_session: SignedDuration::from_hours(16),
                suspicious_kmh: settings.carnival.suspicious_kmh,
                idle_after: SignedDuration::from_mins(i64::from(settings.carnival.idle_minutes)),
            },
            current: CurrentCarnivalCell::new(current),
            hints: HintBuffer::default(),
            closed_days: ClosedDaysCache::default(),
            version_list: VersionListCache::default(),
            waiting_room: WaitingRoom::default(),
        });
        let scrapes = options.metrics.then(|| MetricsServer::bind("127.0.0.1:0".parse().unwrap()).unwrap());
        let metrics = scrapes.as_ref().map(|scrapes| format!("http://{}", scrapes.address().unwrap()));
        let server = Server::bind(settings.http, Arc::clone(&app), false).unwrap().with_metrics(scrapes);
        let base = format!("http://{}", server.address().unwrap());
        let (ends, ended) = oneshot::channel();
        std::thread::spawn(move || carnival::http::block_on(server.run(async { drop(ended.await) })));
        // Another test of this process may have installed it first.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
        let started = TestApp { base, app, clock, http, metrics, _stop: ends, _folder: folder };
        started.at(MORNING);
        started
    }

    /// Sets the clock to a local time of the carnival.
    pub(crate) fn at(&self, local: &str) {
        let local: DateTime = local.parse().unwrap();
        let at = local.to_zoned(self.app.current().carnival.time_zone.clone()).unwrap();
        self.clock.store(at.timestamp().as_millisecond(), Ordering::Relaxed);
    }

    /// A client without a token.
    pub(crate) fn anonymous(&self) -> Client<'_> {
        Client { app: self, token: None }
    }

    /// A client with this token.
    pub(crate) fn with_token(&self, token: &str) -> Client<'_> {
        Client { app: self, token: Some(token.to_owned()) }
    }

    /// Logs in a resident.
    pub(crate) async fn resident(&self, name: &str) -> Client<'_> {
        let answer = self.anonymous().post("/v1/sessions/wechat", json!({ "code": name })).await;
        self.with_token(answer.body["token"].as_str().unwrap())
    }

    /// Opens a volunteer's session at this booth.
    pub(crate) async fn volunteer(&self, name: &str, booth: &str) -> Client<'_> {
        self.staff(name, Role::Volunteer, Some(Station::Booth(booth.parse().unwrap()))).await
    }

    /// Opens an organiser's session.
    pub(crate) async fn organiser(&self, name: &str) -> Client<'_> {
        self.staff(name, Role::Organiser, None).await
    }

    pub(crate) async fn staff(&self, name: &str, role: Role, place: Option<Station>) -> Client<'_> {
        let invitation = self.invitation(role, place, 1).await;
        let answer = self.arrive(&invitation, name, 1, "arrival-0001").await;
        self.with_token(answer.body["token"].as_str().unwrap())
    }

    /// Comes on duty with an invitation on one of several devices.
    pub(crate) async fn arrive(&self, invitation: &str, name: &str, device: u32, nonce: &str) -> Answer {
        self.anonymous().post("/v1/sessions/staff", arrival(invitation, name, device, nonce)).await
    }

    /// Creates an invitation that is valid for a day, and returns its link.
    pub(crate) async fn invitation(&self, role: Role, place: Option<Station>, uses: u16) -> String {
        let until = self.app.now().checked_add(SignedDuration::from_hours(24)).unwrap();
        let (fixed_until, approval, roster) = (true, false, None);
        let terms = InvitationTerms { role, place, uses, until, fixed_until, approval, roster };
        invite(&self.app, terms, None).await.unwrap().link
    }

    /// The link of a point's printed code.
    pub(crate) fn printed_code(&self, point: &str) -> String {
        let id: PointId = point.parse().unwrap();
        printed_codes::printed(&self.app, &self.app.current())
            .into_iter()
            .find(|code| code.point.id == id)
            .unwrap()
            .link
    }

    /// Creates paper passports, and returns their links.
    pub(crate) async fn paper_passports(&self, count: u32) -> Vec<String> {
        printed_codes::paper_passports(&self.app, count, None)
            .await
            .unwrap()
            .into_iter()
            .map(|card| card.link)
            .collect()
    }
}

/// The body of an arrival.
pub(crate) fn arrival(invitation: &str, name: &str, device: u32, nonce: &str) -> Value {
    json!({ "invitation": invitation, "name": name, "nonce": nonce, "device": device_secret(device) })
}

/// The secret of a device.
pub(crate) fn device_secret(device: u32) -> String {
    format!("secret-of-the-device-{device:04}")
}

/// A client of the test server, with at most one token.
pub(crate) struct Client<'a> {
    app: &'a TestApp,
    pub(crate) token: Option<String>,
}

/// A received answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    /// The value of a header, or an empty string.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The content type, without its parameters.
    pub(crate) fn media_type(&self) -> &str {
        self.header("content-type").split(';').next().unwrap()
    }

    /// Status and body, for snapshots.
    pub(crate) fn status_and_body(&self) -> Value {
        json!({ "status": self.status, "body": self.body })
    }

    /// Status and stable error code.
    pub(crate) fn refusal(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or("-"))
    }
}

impl Client<'_> {
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    /// Checks in with the printed code of a point.
    pub(crate) async fn scan(&self, point: &str) -> Answer {
        self.post("/v1/check-ins", json!({ "code": self.app.printed_code(point) })).await
    }

    /// Checks in at points of route `play`.
    pub(crate) async fn scan_first(&self, points: usize) {
        for point in 1..=points {
            let answer = self.scan(&format!("space-{point}")).await;
            assert_eq!(answer.status, 201, "space-{point}: {answer:?}");
        }
    }

    /// Claims a gift, and returns its voucher.
    pub(crate) async fn claim(&self, gift: &str) -> String {
        let answer = self.post("/v1/me/claims", json!({ "gift": gift })).await;
        answer.body["id"].as_str().unwrap_or_else(|| panic!("no claim: {answer:?}")).to_owned()
    }

    /// Redeems vouchers.
    pub(crate) async fn redeem(&self, vouchers: &[&str], nonce: &str) -> Answer {
        self.post("/v1/booth/redemptions", json!({ "vouchers": vouchers, "nonce": nonce })).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.request(method.clone(), path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_documented(method.as_str(), path, answer.status, answer.media_type(), &answer.body);
        answer
    }

    /// A prepared request.
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.app.http.request(method, format!("{}{path}", self.app.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }
}

impl Answer {
    pub(crate) async fn of(response: reqwest::Response) -> Answer {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer { status, headers, body }
    }
}
