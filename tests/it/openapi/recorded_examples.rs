//! Records the OpenAPI document's examples from a real server: runs through all features, records each request and
//! answer, and replaces random values by fixed ones.

use std::collections::BTreeMap;
use std::fs;

use carnival::actions::check_ins::suspicion_resolution;
use carnival::actions::statistics::hint_recording;
use carnival::pictures::Qr;
use carnival::rules::check_ins::suspicion::{Suspicion, SuspicionId};
use carnival::rules::gifts::voucher::Voucher;
use carnival::rules::ids::PassportNumber;
use carnival::rules::staff::roles::{Role, Station};
use reqwest::Method;
use serde_json::{Value, json};

use crate::test_app::{Answer, Client, TestApp};

/// The secret of a device.
const DEVICE: &str = "8f14e45fceea167a5a36dedd4bea2543";
const RENEW: &str = "CARNIVAL_RENEW_OPENAPI";
/// How the document is made: its examples come from this test, the rest from the program.
pub(super) const HOW: &str = "run `CARNIVAL_RENEW_OPENAPI=1 cargo test --test it the_examples_match`, then commit it";

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_match_a_servers_answers() {
    let app = TestApp::start().await;
    let mut recorder = Recorder { app: &app, random_values: Vec::new(), pages: BTreeMap::new() };
    record_resident_and_booth_routes(&mut recorder).await;
    let current = carnival::http::routes::openapi_json(Some(&recorder.pages));
    let path = format!("{}/openapi.json", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os(RENEW).is_some() {
        fs::write(&path, &current).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap();
    assert!(committed == current, "the examples in openapi.json differ from a server's answers: {HOW}");
}

/// Keyed by route, by `request` or status, by name.
type Examples = BTreeMap<String, BTreeMap<String, BTreeMap<String, Value>>>;

struct Recorder<'a> {
    app: &'a TestApp,
    /// Random values with their replacements.
    random_values: Vec<(String, String)>,
    pages: Examples,
}

impl Recorder<'_> {
    /// Sends a request, and records it with its answer. `{…}` in the path is replaced by `id`, which may end in a query.
    async fn ask(&mut self, who: &Client<'_>, route: (Method, &str, &str), name: &str, body: Option<Value>) -> Answer {
        let (method, template, id) = route;
        let (before, after) = template.split_once('{').unwrap_or((template, ""));
        let (id, query) = id.split_at(id.find('?').unwrap_or(id.len()));
        let path = format!("{before}{id}{}{query}", after.split_once('}').map_or("", |(_, after)| after));
        let answer = who.send(method.clone(), &path, body.clone()).await;
        assert!((200..300).contains(&answer.status), "{method} {path}: {answer:?}");
        self.collect_random_values(&answer.body);
        let page = self.pages.entry(format!("{method} {template}")).or_default();
        let mut write = |part: &str, value: Value| {
            page.entry(part.to_owned()).or_default().insert(name.to_owned(), value);
        };
        if let Some(body) = body {
            write("request", fix_random_values(self.app, &self.random_values, &body));
        }
        if answer.status != 204 {
            write(&answer.status.to_string(), fix_random_values(self.app, &self.random_values, &answer.body));
        }
        answer
    }

    /// Requests a file, and records the request.
    async fn ask_for_file(&mut self, who: &Client<'_>, path: &str, name: &str, body: Value) {
        let answer = who.request(Method::POST, path).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let of_request = BTreeMap::from([("request".to_owned(), BTreeMap::from([(name.to_owned(), body)]))]);
        self.pages.insert(format!("POST {path}"), of_request);
    }

    /// Publishes the current file with one change; the request is not JSON.
    async fn publish(&mut self, who: &Client<'_>, name: &str) {
        const PATH: &str = "/v1/organiser/carnival";
        let text = who.get(PATH).await.body.as_str().unwrap().replacen("stock = 500", "stock = 520", 1);
        let answer = Answer::of(who.request(Method::PUT, PATH).body(text).send().await.unwrap()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let of_status = BTreeMap::from([("200".to_owned(), BTreeMap::from([(name.to_owned(), answer.body)]))]);
        self.pages.insert(format!("PUT {PATH}"), of_status);
    }

    /// Undoes a stamp that was recorded too much.
    async fn undo_stamp(&mut self, who: &Client<'_>, card: &str) {
        let ink = json!({ "passport": card, "points": ["space-5"], "nonce": "c1d2e3f4-0008" });
        assert_eq!(who.post("/v1/booth/check-ins", ink).await.status, 200);
        let body = json!({ "passport": card, "point": "space-5", "reason": "看错了点位", "nonce": "c1d2e3f4-0007" });
        self.ask(who, (Method::POST, "/v1/booth/check-ins/undo", ""), "the wrong point", Some(body)).await;
    }

    /// Puts the third version back, and confirms what this undoes.
    async fn put_back(&mut self, who: &Client<'_>, name: &str) {
        let listed = who.post("/v1/organiser/carnival/versions/3/put-back", json!({})).await;
        let confirmed = format!("3?confirm={}", listed.body["confirm"].as_str().unwrap());
        let back = "/v1/organiser/carnival/versions/{version}/put-back";
        self.ask(who, (Method::POST, back, &confirmed), name, None).await;
    }

    /// Sends a photo of a code; the request is not JSON.
    async fn scan(&mut self, who: &Client<'_>, name: &str, code: &str) {
        const PATH: &str = "/v1/scans";
        let photo = Qr::new(code).unwrap().png(6).unwrap();
        let answer = Answer::of(who.request(Method::POST, PATH).body(photo).send().await.unwrap()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let page = self.pages.entry(format!("POST {PATH}")).or_default();
        page.entry("200".to_owned()).or_default().insert(name.to_owned(), answer.body);
    }

    /// Collects the random values of an answer.
    fn collect_random_values(&mut self, body: &Value) {
        // CSV reports contain passport numbers.
        let words = body.as_str().unwrap_or_default().split([',', '\r', '\n']);
        for number in words.filter(|word| word.parse::<PassportNumber>().is_ok()) {
            if !self.random_values.iter().any(|(known, _)| known == number) {
                let nth = self.random_values.len() % 10;
                self.random_values.push((number.to_owned(), format!("7QZ4M0XK2V9T{nth}")));
            }
        }
        let mut stand_in = |actual: &Value, fix_random_values: &str| {
            if let Some(actual) = actual.as_str().filter(|actual| *actual != fix_random_values) {
                self.random_values.push((actual.to_owned(), fix_random_values.to_owned()));
            }
        };
        stand_in(&body["token"], "eyJhbGciOiJIUzI1NiIsImtpZCI6…");
        stand_in(&body["session"], "8Q3ZK0V7T1M5XGBA");
        stand_in(&body["passport"]["number"], "8Q3ZK0V7T1M5X");
        if body["link"].as_str().is_some_and(|link| link.contains("/q/S")) {
            stand_in(&body["link"], "https://carnival.example/q/S4QZ7M2KX0V9T1B5G");
            stand_in(&body["id"], "V1M5TEG2GXXR9VG9");
        }
        for invitation in body["invitations"].as_array().into_iter().flatten() {
            stand_in(&invitation["id"], "V1M5TEG2GXXR9VG9");
            stand_in(&invitation["link"], "https://carnival.example/q/S4QZ7M2KX0V9T1B5G");
            for device in invitation["devices"].as_array().into_iter().flatten() {
                stand_in(&device["id"], "0W6K3NZ8QH5T2MCJ");
            }
            for session in invitation["sessions"].as_array().into_iter().flatten() {
                stand_in(&session["id"], "8Q3ZK0V7T1M5XGBA");
            }
        }
        if let Some(actual) = body["id"].as_str().and_then(|id| id.parse::<Voucher>().ok()) {
            let same_gift = |(_, fix_random_values): &&(String, String)| {
                fix_random_values
                    .parse::<Voucher>()
                    .is_ok_and(|fix_random_values| fix_random_values.gift() == actual.gift())
            };
            if !self.random_values.iter().any(|(known, _)| *known == actual.to_string()) {
                let earlier = self.random_values.iter().filter(same_gift).count();
                let fix_random_values = Voucher::new(actual.gift(), [473_829, 826_547, 305_118][earlier]);
                self.random_values.push((actual.to_string(), fix_random_values.to_string()));
                self.random_values.push((actual.grouped(), fix_random_values.grouped()));
            }
        }
    }
}

fn fix_random_values(app: &TestApp, random_values: &[(String, String)], value: &Value) -> Value {
    let mut text = value.to_string();
    for (actual, fix_random_values) in random_values {
        text = text.replace(actual, fix_random_values);
    }
    let mut value = serde_json::from_str(&text).unwrap();
    redraw_codes(app, &mut value);
    value
}

/// Redraws the QR rows for the replaced codes, and removes what only a rehearsal adds.
fn redraw_codes(app: &TestApp, value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.remove("rehearsal");
            if let (Some(id), true) = (object.get("id").and_then(Value::as_str), object.contains_key("rows")) {
                let id = id.to_owned();
                let signature = app.app.codes.sign_picture(&id, app.app.now());
                object.insert("rows".to_owned(), json!(Qr::new(&id).unwrap().rows()));
                for form in ["svg", "png"] {
                    let link = format!("https://carnival.example/v1/pictures/{id}/{signature}.{form}");
                    object.insert(form.to_owned(), json!(link));
                }
            }
            object.values_mut().for_each(|value| redraw_codes(app, value));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| redraw_codes(app, value)),
        _ => {}
    }
}

/// Shortens each list to two elements, for readability.
fn shorten(value: &mut Value) {
    match value {
        Value::Array(values) => {
            values.truncate(2);
            values.iter_mut().for_each(shorten);
        }
        Value::Object(object) => object.values_mut().for_each(shorten),
        _ => {}
    }
}

/// A volunteer with the practice vouchers.
async fn record_practice(recorder: &mut Recorder<'_>, wang: &Client<'_>) {
    let post = || Method::POST;
    let lookup = Some(json!({ "code": "000 000 013", "practice": true }));
    recorder.ask(wang, (post(), "/v1/booth/lookups", ""), "a practice voucher", lookup).await;
    let record_practice =
        Some(json!({ "vouchers": ["000 000 013", "000 000 021"], "nonce": "c1d2e3f4-0012", "practice": true }));
    recorder.ask(wang, (post(), "/v1/booth/redemptions", ""), "practised", record_practice).await;
    let void = Some(json!({ "reason": "练习", "nonce": "c1d2e3f4-0013", "practice": true }));
    recorder.ask(wang, (post(), "/v1/booth/redemptions/{id}/void", "000000013-1"), "practised", void).await;
}

async fn record_resident_and_booth_routes(recorder: &mut Recorder<'_>) {
    let (get, post, put, delete) = (|| Method::GET, || Method::POST, || Method::PUT, || Method::DELETE);
    let app = recorder.app;
    let stranger = app.anonymous();

    let login = json!({ "code": "0a3kBqll2yYsBc4Qmlnl2ExTRf4kBql9" });
    let login = recorder.ask(&stranger, (post(), "/v1/sessions/wechat", ""), "logged in", Some(login)).await;
    let ana = app.with_token(login.body["token"].as_str().unwrap());
    let place = Station::Booth("market-play".parse().unwrap());
    let invitation = app.invitation(Role::Volunteer, Some(place), 3).await;
    recorder.random_values.push((invitation.clone(), "https://carnival.example/q/S4QZ7M2KX0V9T1B5G".to_owned()));
    let accept = json!({ "invitation": invitation, "name": "王阿姨", "nonce": "f3b1c0de-arrival-7", "device": DEVICE });
    let accept = recorder.ask(&stranger, (post(), "/v1/sessions/staff", ""), "on duty", Some(accept)).await;
    let wang = app.with_token(accept.body["token"].as_str().unwrap());
    let cards = app.paper_passports(1).await;

    // A resident's requests.
    let check_in = |point: &str| json!({ "code": app.printed_code(point) });
    let mut at_point = check_in("space-1");
    at_point["location"] = json!({ "latitude": 30.6821, "longitude": 104.1094, "accuracy": 25.0 });
    let here = (post(), "/v1/check-ins", "");
    recorder.scan(&ana, "a poster", &app.printed_code("space-1")).await;
    recorder.scan(&ana, "a paper passport", &cards[0]).await;
    recorder.ask(&ana, here.clone(), "a new stamp", Some(at_point)).await;
    app.at("2023-04-14T10:20");
    recorder.ask(&ana, here.clone(), "stamped before", Some(check_in("space-1"))).await;
    let card = json!({ "passport": cards[0] });
    let added = recorder.ask(&ana, (post(), "/v1/me/companions", ""), "a card", Some(card)).await;
    let serial = added.body["serial"].as_str().unwrap();
    let mut party = check_in("space-2");
    party["for"] = json!(["me", serial]);
    recorder.ask(&ana, here.clone(), "for several", Some(party.clone())).await;
    recorder.ask(&ana, here, "for several, stamped before", Some(party)).await;
    ana.scan("space-3").await;
    let gift = || Some(json!({ "gift": "postcards" }));
    let claim = recorder.ask(&ana, (post(), "/v1/me/claims", ""), "newly held", gift()).await;
    recorder.ask(&ana, (post(), "/v1/me/claims", ""), "held before", gift()).await;
    recorder.ask(&ana, (get(), "/v1/me/claims", ""), "one held", None).await;
    recorder.ask(&ana, (get(), "/v1/me/passport", ""), "three stamps", None).await;
    recorder.ask(&ana, (get(), "/v1/me/code", ""), "the code", None).await;
    recorder.ask(&ana, (get(), "/v1/me/postcards/{route}", "play"), "three stamps", None).await;
    let voucher = claim.body["id"].as_str().unwrap();

    // The booth's requests.
    app.at("2023-04-14T11:00");
    let lookup = |code: &str| Some(json!({ "code": code }));
    let at_booth = (post(), "/v1/booth/lookups", "");
    recorder.ask(&wang, at_booth.clone(), "a voucher", lookup(claim.body["voucher"].as_str().unwrap())).await;
    let redeem = Some(json!({ "vouchers": [voucher], "nonce": "c1d2e3f4-0001" }));
    let done = recorder.ask(&wang, (post(), "/v1/booth/redemptions", ""), "handed over", redeem).await;
    let again = Some(json!({ "vouchers": [voucher], "nonce": "c1d2e3f4-0002" }));
    recorder.ask(&wang, (post(), "/v1/booth/redemptions", ""), "handed over before", again).await;
    recorder.ask(&wang, at_booth.clone(), "a voucher that was handed over", lookup(voucher)).await;
    recorder.ask(&ana, (get(), "/v1/me", ""), "with a gift and a card", None).await;
    recorder.ask(&ana, (get(), "/v1/me/claims", ""), "one handed over", None).await;
    let id = done.body["results"][0]["claim"]["redemption"]["id"].as_str().unwrap();
    let void = Some(json!({ "reason": "扫错了人", "nonce": "c1d2e3f4-0003" }));
    recorder.ask(&wang, (post(), "/v1/booth/redemptions/{id}/void", id), "undone", void).await;
    recorder.ask(&ana, (delete(), "/v1/me/claims/{id}", voucher), "given back", None).await;

    record_practice(recorder, &wang).await;

    // Paper passports.
    let ink =
        Some(json!({ "passport": cards[0], "points": ["space-1", "space-2", "space-4"], "nonce": "c1d2e3f4-0004" }));
    recorder.ask(&wang, (post(), "/v1/booth/check-ins", ""), "three ink stamps", ink).await;
    recorder.undo_stamp(&wang, &cards[0]).await;
    let greeting = "儿子，妈妈走了三站，玩得开心！";
    let card = Some(json!({ "passport": cards[0], "route": "play", "greeting": greeting }));
    recorder.ask(&wang, (post(), "/v1/booth/postcards", ""), "to be printed", card).await;
    let hand = || Some(json!({ "passport": cards[0], "gift": "postcards", "nonce": "c1d2e3f4-0005" }));
    recorder.ask(&wang, (post(), "/v1/booth/paper-redemptions", ""), "handed over", hand()).await;
    recorder.ask(&wang, (post(), "/v1/booth/paper-redemptions", ""), "the same write again", hand()).await;
    recorder.ask(&wang, at_booth, "a paper passport", lookup(&cards[0])).await;
    recorder.ask(&ana, (delete(), "/v1/me/companions/{serial}", serial), "taken off", None).await;

    // Gift availability, display code and shift.
    let gone = Some(json!({ "available": false }));
    recorder.ask(&wang, (put(), "/v1/booth/gifts/{gift}/here", "postcards"), "gone here", gone).await;
    recorder.ask(&wang, (get(), "/v1/booth/summary", ""), "a shift", None).await;
    let place = Station::Point("space-1".parse().unwrap());
    let li = app.staff("李叔叔", Role::Volunteer, Some(place)).await;
    recorder.ask(&li, (get(), "/v1/booth/points/{point}/code", "space-1"), "the code of now", None).await;

    record_organiser_routes(recorder, &wang).await;
    record_reports(recorder).await;
    record_personal_data_and_edits(recorder, &ana, &cards[0]).await;
}

async fn record_personal_data_and_edits(recorder: &mut Recorder<'_>, ana: &Client<'_>, card: &str) {
    let (get, post, put, delete) = (|| Method::GET, || Method::POST, || Method::PUT, || Method::DELETE);
    let app = recorder.app;
    recorder.ask(ana, (get(), "/v1/me/export", ""), "everything of mine", None).await;
    recorder.ask(ana, (delete(), "/v1/me", ""), "forgotten", None).await;
    let chen = app.organiser("陈社工").await;
    let card = card.rsplit('/').next().unwrap();
    recorder.ask(&chen, (delete(), "/v1/organiser/residents/{code}", card), "a card", None).await;

    // The organiser's edits.
    let rain = json!({ "reason": "因雨", "relief": true, "notice": "今天下雨，社区美空间·第7站不开放。" });
    let closure = "/v1/organiser/points/{point}/closure";
    recorder.ask(&chen, (post(), closure, "space-7"), "closed for today", Some(rain)).await;
    let works = json!({ "until_further_notice": true, "reason": "修路" });
    recorder.ask(&chen, (post(), closure, "centre-6"), "closed until further notice", Some(works)).await;
    recorder.ask(&chen, (delete(), closure, "space-7"), "open again", None).await;
    let leaked = Some(json!({ "code": app.printed_code("space-5") }));
    let reissue = (post(), "/v1/organiser/points/{point}/reissue", "space-5");
    recorder.ask(&chen, reissue, "a leaked poster", leaked).await;
    let days = json!({ "first_day": "2023-04-19", "last_day": "2023-04-24", "extra_days": ["2023-04-29"] });
    recorder.ask(&chen, (put(), "/v1/organiser/routes/{route}/days", "active"), "a day more", Some(days)).await;
    let cards = json!({ "count": 16, "nonce": "print-0001" });
    recorder.ask_for_file(&chen, "/v1/organiser/passports", "two pages", cards).await;
    let notice = Some(json!({ "text": null }));
    recorder.ask(&chen, (put(), "/v1/organiser/notice", ""), "taken away", notice).await;
    recorder.ask(&chen, (get(), "/v1/organiser/carnival/versions", ""), "six versions", None).await;
    recorder.put_back(&chen, "an earlier version").await;
    recorder.publish(&chen, "published").await;

    record_public_routes(recorder).await;
}

/// Requests without a token.
async fn record_public_routes(recorder: &mut Recorder<'_>) {
    let (get, stranger) = (|| Method::GET, recorder.app.anonymous());
    recorder.ask(&stranger, (get(), "/v1/availability", ""), "shortened", None).await;
    recorder.ask(&stranger, (get(), "/v1/carnival", ""), "shortened", None).await;
    for route in ["GET /v1/carnival", "GET /v1/availability", "GET /v1/organiser/summary"] {
        recorder.pages.get_mut(route).unwrap().values_mut().flat_map(BTreeMap::values_mut).for_each(shorten);
    }
    recorder.ask(&stranger, (get(), "/healthz", ""), "well", None).await;
    recorder.ask(&stranger, (get(), "/readyz", ""), "ready", None).await;
}

/// Stock changes and reports.
async fn record_reports(recorder: &mut Recorder<'_>) {
    let zhou = recorder.app.organiser("周老师").await;
    let delivered = json!({ "change": 50, "reason": "delivered", "note": "印厂补货", "nonce": "c1d2e3f4-0006" });
    let route = (Method::PUT, "/v1/organiser/gifts/{gift}/stock", "postcards");
    recorder.ask(&zhou, route, "a delivery", Some(delivered)).await;
    for path in ["check-ins", "redemptions", "stock", "ledger"] {
        let path = format!("/v1/organiser/{path}.csv");
        recorder.ask(&zhou, (Method::GET, &path, "?day=2023-04-14"), "a sheet", None).await;
    }
}

/// Further organiser requests.
async fn record_organiser_routes(recorder: &mut Recorder<'_>, wang: &Client<'_>) {
    let (get, post, put, delete) = (|| Method::GET, || Method::POST, || Method::PUT, || Method::DELETE);
    let app = recorder.app;
    let scan = Some(json!({ "code": app.printed_code("space-1") }));
    recorder.ask(wang, (post(), "/v1/booth/poster-checks", ""), "the right poster", scan).await;
    app.at("2023-04-14T11:05");
    let chen = app.organiser("陈社工").await;
    let minutes = |after: i64| app.app.now() - jiff::SignedDuration::from_mins(60 - after);
    let id = SuspicionId { passport: "7N3ZK0V7T1M5X".parse().unwrap(), nth: 2 };
    let point = |number: u64| number.try_into().unwrap();
    let (from_at, to_at) = (minutes(0), minutes(2));
    let found = Suspicion { id: id.clone(), from: point(1), from_at, to: point(7), to_at, metres: 2_900 };
    suspicion_resolution::store_new(&*app.app.store, vec![found]).await.unwrap();
    hint_recording::flush(&app.app).await;
    recorder.ask(&chen, (get(), "/v1/organiser/summary", ""), "shortened", None).await;
    let hold = Some(json!({ "action": "hold" }));
    let suspicion = (put(), "/v1/organiser/suspicions/{id}", &*id.to_string());
    recorder.ask(&chen, suspicion, "held for a talk", hold).await;
    app.at("2023-04-14T11:10");
    let invite = json!({
        "role": "volunteer", "booth": "market-play", "uses": 3, "until": "2023-04-14T18:00:00+08:00",
        "nonce": "c1d2e3f4-0010",
    });
    let invited = recorder.ask(&chen, (post(), "/v1/organiser/staff", ""), "for a booth", Some(invite)).await;
    let invitation = invited.body["id"].as_str().unwrap();
    record_arrivals(recorder, &chen, &recorder.app.anonymous()).await;
    hint_recording::flush(&app.app).await;
    recorder.ask(&chen, (get(), "/v1/organiser/staff", ""), "the staff", None).await;
    let link = Some(json!({ "until": "2023-04-15", "nonce": "c1d2e3f4-0011" }));
    recorder.ask(&chen, (post(), "/v1/organiser/staff/{id}/link", invitation), "until tomorrow", link).await;
    let renew = Some(json!({ "until": "2023-04-18", "uses": 4 }));
    recorder.ask(&chen, (put(), "/v1/organiser/staff/{id}", invitation), "renewed", renew).await;
    recorder.ask(&chen, (delete(), "/v1/organiser/staff/{id}", invitation), "ended", None).await;
}

/// A roster, an arrival that waits for an organiser, and a shift that ends.
async fn record_arrivals(recorder: &mut Recorder<'_>, chen: &Client<'_>, stranger: &Client<'_>) {
    let (post, put, delete) = (|| Method::POST, || Method::PUT, || Method::DELETE);
    recorder.app.at("2023-04-14T11:11");
    let lines = "王阿姨，market-play，4月15日 9:00-13:00\n李叔叔，space-1";
    let roster = || json!({ "lines": lines, "nonce": "c1d2e3f4-0014" });
    recorder.ask(chen, (post(), "/v1/organiser/roster", ""), "two volunteers", Some(roster())).await;
    recorder.ask_for_file(chen, "/v1/organiser/roster/sheet", "two volunteers", roster()).await;
    recorder.app.at("2023-04-14T11:12");
    let shared = json!({ "role": "volunteer", "uses": 9, "approval": true, "nonce": "c1d2e3f4-0015" });
    let shared = recorder.ask(chen, (post(), "/v1/organiser/staff", ""), "a shared link", Some(shared)).await;
    let arrival = || {
        json!({
            "invitation": shared.body["link"], "name": "赵姐", "nonce": "f3b1c0de-arrival-8",
            "device": "45c48cce2e2d7fbdea1afc51c7c6ad26",
        })
    };
    let sessions = "/v1/sessions/staff";
    recorder.ask(stranger, (post(), sessions, ""), "waits for an organiser", Some(arrival())).await;
    let listed = chen.get("/v1/organiser/staff").await.body;
    recorder.collect_random_values(&listed);
    let listed = listed["invitations"].clone();
    let waiting = listed.as_array().unwrap().iter().find(|one| one["id"] == shared.body["id"]).unwrap();
    let device = waiting["devices"][0]["id"].as_str().unwrap();
    let admit = Some(json!({ "admit": true, "booth": "market-play" }));
    recorder.ask(chen, (put(), "/v1/organiser/staff-devices/{device}", device), "admitted", admit).await;
    let zhao = recorder.ask(stranger, (post(), sessions, ""), "admitted", Some(arrival())).await;
    let session = zhao.body["session"].as_str().unwrap();
    let zhao = recorder.app.with_token(zhao.body["token"].as_str().unwrap());
    recorder.ask(&zhao, (delete(), "/v1/sessions/staff/own", ""), "off duty", None).await;
    let hours = Some(json!({ "from": "2023-04-14T09:00:00+08:00", "to": "2023-04-14T11:00:00+08:00" }));
    recorder.ask(chen, (put(), "/v1/organiser/staff/{id}/hours", session), "corrected", hours).await;
}
