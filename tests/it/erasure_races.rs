//! Guards against a trace of an erased person that a write at the same moment leaves behind: each kind of write races an
//! erasure, and then the whole export is searched.

use std::collections::BTreeSet;
use std::num::NonZero;
use std::sync::Arc;
use std::time::{Duration, Instant};

use carnival::actions::store_transfer::{self, TransferError};
use carnival::rules::carnival::LoginMethod;
use carnival::rules::ids::{Holder, PassportNumber};
use carnival::store::Store;
use carnival::store::embedded::{EmbeddedStore, Options};
use carnival::store::export::MaintenanceStore;
use carnival::store::export::traversal::ExportError;
use carnival::store::redis::{RedisStore, Settings};
use carnival::tokens::Code;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::servers::redis_server::RedisServer;
use crate::test_app::{Answer, Client, TestApp, TestAppOptions};

/// How often each write races an erasure.
const ROUNDS: usize = 10;

/// What a person was, who is erased.
struct Erased {
    what: &'static str,
    holder: String,
    passport: String,
    vouchers: Vec<String>,
    /// The card that was on their phone.
    card: Option<String>,
}

/// The staff, and the people erased so far.
struct Race<'a> {
    app: &'a TestApp,
    wang: Client<'a>,
    chen: Client<'a>,
    erased: Vec<Erased>,
}

/// A resident with three stamps, or the bearer of a card with three.
struct Person<'a> {
    client: Option<Client<'a>>,
    /// The resident's own code, or the link of the card.
    code: String,
    holder: Holder,
}

impl<'a> Race<'a> {
    async fn resident(&self, what: &str, nth: usize) -> Person<'a> {
        let name = format!("{}-{nth}", what.replace(' ', "-"));
        let client = self.app.resident(&name).await;
        client.scan_first(3).await;
        let code = client.get("/v1/me/code").await.body["code"].as_str().unwrap().to_owned();
        let openid = format!("rehearsal:{name}");
        let holder = Holder::Resident(self.app.app.pseudonyms.resident(LoginMethod::MiniProgram, openid.as_bytes()));
        Person { client: Some(client), code, holder }
    }

    async fn card(&self, nonce: &str) -> Person<'a> {
        let code = self.app.paper_passports(1).await.remove(0);
        let ink = json!({ "passport": code, "points": ["space-1", "space-2", "space-3"], "nonce": nonce });
        assert_eq!(self.wang.post("/v1/booth/check-ins", ink).await.status, 200);
        let Ok(Code::Paper(serial)) = self.app.app.codes.read(&code, self.app.app.now()) else { panic!("{code}") };
        Person { client: None, code, holder: Holder::Paper(serial) }
    }

    /// Races a write and the erasure of a person, sent in alternating order.
    async fn run(
        &mut self,
        (what, nth): (&'static str, usize),
        person: &Person<'a>,
        vouchers: Vec<String>,
        write: impl Future<Output = Answer>,
    ) -> Answer {
        let passport = self.app.app.store.passport(person.holder).await.unwrap().unwrap().number.to_string();
        let erase = async {
            match &person.client {
                Some(client) if nth % 4 < 2 => client.delete("/v1/me").await,
                _ => {
                    let code = person.code.rsplit('/').next().unwrap();
                    self.chen.delete(&format!("/v1/organiser/residents/{code}")).await
                }
            }
        };
        let (erased, written) = if nth.is_multiple_of(2) {
            tokio::join!(erase, write)
        } else {
            let (written, erased) = tokio::join!(write, erase);
            (erased, written)
        };
        assert_eq!(erased.status, 200, "{what}: {erased:?}");
        assert!(written.status < 500 || written.status == 503, "{what}: {written:?}");
        let holder = match person.holder {
            Holder::Resident(resident) => format!("r{resident}"),
            Holder::Paper(serial) => format!("p{serial}"),
        };
        self.erased.push(Erased { what, holder, passport, vouchers, card: None });
        written
    }
}

fn found_in(answer: &Answer) -> Vec<String> {
    let id = answer.body["id"].as_str().or(answer.body["claim"]["id"].as_str());
    id.map(str::to_owned).into_iter().collect()
}

/// Each write races an erasure some times.
async fn race_every_write(app: &TestApp) -> Vec<Erased> {
    let (wang, chen) = (app.volunteer("王阿姨", "market-play").await, app.organiser("陈社工").await);
    let by = app.with_token(wang.token.as_deref().unwrap());
    let mut race = Race { app, wang, chen, erased: Vec::new() };
    for nth in 0..ROUNDS {
        let nonce = |what: &str| format!("{what}-{nth:04}");
        let person = race.resident("claim", nth).await;
        let client = person.client.as_ref().unwrap();
        let post = client.post("/v1/me/claims", json!({ "gift": "postcards" }));
        let written = race.run(("claim", nth), &person, Vec::new(), post).await;
        race.erased.last_mut().unwrap().vouchers = found_in(&written);

        let person = race.resident("release", nth).await;
        let client = person.client.as_ref().unwrap();
        let voucher = client.claim("postcards").await;
        let path = format!("/v1/me/claims/{voucher}");
        race.run(("release", nth), &person, vec![voucher], client.delete(&path)).await;

        let person = race.resident("hand-over by voucher", nth).await;
        let voucher = person.client.as_ref().unwrap().claim("postcards").await;
        let body = json!({ "vouchers": [voucher], "nonce": nonce("voucher") });
        let post = by.post("/v1/booth/redemptions", body);
        race.run(("hand-over by voucher", nth), &person, vec![voucher], post).await;

        let person = race.resident("hand-over by own code", nth).await;
        let body = json!({ "passport": person.code, "gift": "postcards", "nonce": nonce("own-code") });
        let written = race
            .run(("hand-over by own code", nth), &person, Vec::new(), by.post("/v1/booth/paper-redemptions", body))
            .await;
        race.erased.last_mut().unwrap().vouchers = found_in(&written);

        let person = race.card(&nonce("ink-card")).await;
        let body = json!({ "passport": person.code, "gift": "postcards", "nonce": nonce("card") });
        let written = race
            .run(("hand-over by card", nth), &person, Vec::new(), by.post("/v1/booth/paper-redemptions", body))
            .await;
        race.erased.last_mut().unwrap().vouchers = found_in(&written);

        let person = race.card(&nonce("ink-hand")).await;
        let body = json!({ "passport": person.code, "points": ["space-4"], "nonce": nonce("by-hand") });
        race.run(("stamp by hand", nth), &person, Vec::new(), by.post("/v1/booth/check-ins", body)).await;

        let person = race.resident("check-in", nth).await;
        let client = person.client.as_ref().unwrap();
        race.run(("check-in", nth), &person, Vec::new(), client.scan("space-5")).await;

        let person = race.resident("companion", nth).await;
        let client = person.client.as_ref().unwrap();
        let cards = app.paper_passports(2).await;
        client.post("/v1/me/companions", json!({ "passport": cards[0] })).await;
        let post = client.post("/v1/me/companions", json!({ "passport": cards[1] }));
        race.run(("companion", nth), &person, Vec::new(), post).await;
        let Ok(Code::Paper(serial)) = app.app.codes.read(&cards[0], app.app.now()) else { panic!("{}", cards[0]) };
        race.erased.last_mut().unwrap().card = Some(serial.to_string());

        let person = race.resident("void", nth).await;
        let voucher = person.client.as_ref().unwrap().claim("postcards").await;
        let body = json!({ "vouchers": [voucher], "nonce": nonce("to-void") });
        let done = by.post("/v1/booth/redemptions", body).await;
        let id = done.body["results"][0]["claim"]["redemption"]["id"].as_str().unwrap().to_owned();
        let body = json!({ "reason": "扫错了人", "nonce": nonce("void") });
        let path = format!("/v1/booth/redemptions/{id}/void");
        race.run(("void", nth), &person, vec![voucher], by.post(&path, body)).await;
    }
    race.erased
}

/// Exports once the server has ended, which may still write its hints.
async fn export(store: &dyn MaintenanceStore) -> String {
    let begun = Instant::now();
    loop {
        match store_transfer::export(store, Vec::new(), &mut |_| {}).await {
            Ok((_, bytes)) => return String::from_utf8(bytes).unwrap(),
            Err(TransferError::Export(ExportError::Changed)) if begun.elapsed() < Duration::from_secs(30) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

/// Searches the lines of an export for the erased people.
fn assert_named_nowhere(export: &str, erased: &[Erased]) {
    let lines: Vec<(&str, Value)> = export
        .lines()
        .filter(|line| !line.starts_with("{\"end\""))
        .map(|line| (line, serde_json::from_str(line).unwrap()))
        .collect();
    let number = |line: &Value| {
        line["passport"]["lines"][0].as_str().and_then(|head| head.strip_prefix("1 ")).map(str::to_owned)
    };
    let living: BTreeSet<String> = lines.iter().filter_map(|(_, line)| number(line)).collect();
    let mark = PassportNumber::from_bytes([0; 13]).to_string();
    for (text, line) in &lines {
        if let Some(passport) = line["claim"]["record"]["passport"].as_str() {
            assert!(passport == mark || living.contains(passport), "a claim of a passport that does not exist: {text}");
        }
    }
    for Erased { what, holder, passport, vouchers, card } in erased {
        for (text, line) in &lines {
            // Log entries name the number of a passport that nothing links to a person, and vouchers.
            let is_log = line["stamp"].is_object() || line["claim_step"].is_object();
            assert!(is_log || !text.contains(passport.as_str()), "{what}: the passport is named: {text}");
            for voucher in vouchers {
                assert!(is_log || !text.contains(voucher.as_str()), "{what}: the voucher is named: {text}");
            }
            if line["cards"]["resident"].as_str().is_some_and(|resident| format!("r{resident}") == *holder) {
                let cards = line["cards"]["cards"].as_array().unwrap();
                let is_kept = |card: &str| cards.iter().any(|one| one.to_string().trim_matches('"') == card);
                assert!(card.as_deref().is_none_or(|card| !is_kept(card)), "{what}: the card is kept: {text}");
            }
        }
    }
}

async fn app_on(store: Arc<dyn Store>) -> TestApp {
    let options = TestAppOptions {
        store: Some(store),
        settings: Some(|settings| {
            settings.http.limits.resident_per_minute = NonZero::<u32>::MAX;
            settings.http.limits.staff_per_minute = NonZero::<u32>::MAX;
            settings.http.shutdown_timeout_s = 1;
        }),
        ..TestAppOptions::default()
    };
    TestApp::start_with(options).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_beside_any_write_leaves_no_trace_on_the_embedded_store() {
    let folder = TempDir::new().unwrap();
    let store = Arc::new(EmbeddedStore::open(folder.path(), Options { shards: 4, ..Options::default() }).unwrap());
    let app = app_on(Arc::clone(&store) as Arc<dyn Store>).await;
    let erased = race_every_write(&app).await;
    drop(app);
    assert_named_nowhere(&export(&*store).await, &erased);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_beside_any_write_leaves_no_trace_on_redis() {
    let server = RedisServer::start();
    let settings = Settings { urls: vec![server.url()], shards: 8, ..Settings::default() };
    let store = Arc::new(RedisStore::open(&settings).await.unwrap().0);
    let app = app_on(Arc::clone(&store) as Arc<dyn Store>).await;
    let erased = race_every_write(&app).await;
    drop(app);
    assert_named_nowhere(&export(&*store).await, &erased);
}
