//! The examples of the document are what a server really said: this walks the whole way, writes down each request and answer, and puts steady values where chance has its hand.

use std::collections::BTreeMap;
use std::fs;

use carnival::actions::notes;
use carnival::pictures::Qr;
use carnival::rules::ids::PassportNumber;
use carnival::rules::roles::{Role, Station};
use carnival::rules::suspicion::{Suspicion, SuspicionId};
use carnival::rules::voucher::Voucher;
use carnival::store::Notes;
use reqwest::Method;
use serde_json::{Value, json};

use crate::test_app::{Answer, Client, TestApp};

const FILE: &str = "src/http/openapi/examples.json";
const RENEW: &str = "CARNIVAL_RENEW_EXAMPLES";

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_are_what_a_server_says() {
    let app = TestApp::start().await;
    let mut book = Book { app: &app, chance: Vec::new(), pages: BTreeMap::new() };
    walk(&mut book).await;
    let mut current = serde_json::to_string_pretty(&book.pages).unwrap();
    current.push('\n');
    let path = format!("{}/{FILE}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os(RENEW).is_some() {
        fs::write(&path, &current).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap();
    let how = format!("`{RENEW}=1 cargo test the_examples_are`, then `cargo run -- openapi > openapi.json`");
    assert!(committed == current, "{FILE} is not what a server says now: {how}");
}

/// By route, by `request` or status, by name.
type Pages = BTreeMap<String, BTreeMap<String, BTreeMap<String, Value>>>;

struct Book<'a> {
    app: &'a TestApp,
    /// What chance gave, and what stands for it.
    chance: Vec<(String, String)>,
    pages: Pages,
}

impl Book<'_> {
    /// Asks, and writes down what was asked and answered. `{…}` in the path stands for `id`.
    async fn ask(&mut self, who: &Client<'_>, route: (Method, &str, &str), name: &str, body: Option<Value>) -> Answer {
        let (method, template, id) = route;
        let (before, after) = template.split_once('{').unwrap_or((template, ""));
        let path = format!("{before}{id}{}", after.split_once('}').map_or("", |(_, after)| after));
        let answer = who.send(method.clone(), &path, body.clone()).await;
        assert!((200..300).contains(&answer.status), "{method} {path}: {answer:?}");
        self.meet(&answer.body);
        let page = self.pages.entry(format!("{method} {template}")).or_default();
        let mut write = |part: &str, value: Value| {
            page.entry(part.to_owned()).or_default().insert(name.to_owned(), value);
        };
        if let Some(body) = body {
            write("request", steady(self.app, &self.chance, &body));
        }
        if answer.status != 204 {
            write(&answer.status.to_string(), steady(self.app, &self.chance, &answer.body));
        }
        answer
    }

    /// Asks for a file, and writes down what was asked.
    async fn ask_for_file(&mut self, who: &Client<'_>, path: &str, name: &str, body: Value) {
        let answer = who.request(Method::POST, path).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let of_request = BTreeMap::from([("request".to_owned(), BTreeMap::from([(name.to_owned(), body)]))]);
        self.pages.insert(format!("POST {path}"), of_request);
    }

    /// Publishes the file that counts with one word changed; the request is no JSON.
    async fn publish(&mut self, who: &Client<'_>, name: &str) {
        const PATH: &str = "/v1/organiser/carnival";
        let text = who.get(PATH).await.body.as_str().unwrap().replacen("stock = 500", "stock = 520", 1);
        let answer = Answer::of(who.request(Method::PUT, PATH).body(text).send().await.unwrap()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let of_status = BTreeMap::from([("200".to_owned(), BTreeMap::from([(name.to_owned(), answer.body)]))]);
        self.pages.insert(format!("PUT {PATH}"), of_status);
    }

    /// Sends a photo of a code; the request is no JSON.
    async fn scan(&mut self, who: &Client<'_>, name: &str, code: &str) {
        const PATH: &str = "/v1/scans";
        let photo = Qr::new(code).unwrap().png(6).unwrap();
        let answer = Answer::of(who.request(Method::POST, PATH).body(photo).send().await.unwrap()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let page = self.pages.entry(format!("POST {PATH}")).or_default();
        page.entry("200".to_owned()).or_default().insert(name.to_owned(), answer.body);
    }

    /// Learns what is chance in an answer.
    fn meet(&mut self, body: &Value) {
        // Sheets name passports.
        let words = body.as_str().unwrap_or_default().split([',', '\r', '\n']);
        for number in words.filter(|word| word.parse::<PassportNumber>().is_ok()) {
            if !self.chance.iter().any(|(known, _)| known == number) {
                let nth = self.chance.len() % 10;
                self.chance.push((number.to_owned(), format!("7QZ4M0XK2V9T{nth}")));
            }
        }
        let mut stand_in = |actual: &Value, steady: &str| {
            if let Some(actual) = actual.as_str().filter(|actual| *actual != steady) {
                self.chance.push((actual.to_owned(), steady.to_owned()));
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
            for session in invitation["sessions"].as_array().into_iter().flatten() {
                stand_in(&session["id"], "8Q3ZK0V7T1M5XGBA");
            }
        }
        if let Some(actual) = body["id"].as_str().and_then(|id| id.parse::<Voucher>().ok()) {
            let same_gift = |(_, steady): &&(String, String)| {
                steady.parse::<Voucher>().is_ok_and(|steady| steady.gift() == actual.gift())
            };
            if !self.chance.iter().any(|(known, _)| *known == actual.to_string()) {
                let earlier = self.chance.iter().filter(same_gift).count();
                let steady = Voucher::new(actual.gift(), [473_829, 826_547, 305_118][earlier]);
                self.chance.push((actual.to_string(), steady.to_string()));
                self.chance.push((actual.grouped(), steady.grouped()));
            }
        }
    }
}

fn steady(app: &TestApp, chance: &[(String, String)], value: &Value) -> Value {
    let mut text = value.to_string();
    for (actual, steady) in chance {
        text = text.replace(actual, steady);
    }
    let mut value = serde_json::from_str(&text).unwrap();
    redraw(app, &mut value);
    value
}

/// Draws the pictures of what stands there now, and leaves out what only a rehearsal says.
fn redraw(app: &TestApp, value: &mut Value) {
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
            object.values_mut().for_each(|value| redraw(app, value));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| redraw(app, value)),
        _ => {}
    }
}

/// The first two of each list, so that the example can be read.
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

/// A volunteer with her training card.
async fn practise(book: &mut Book<'_>, wang: &Client<'_>) {
    let post = || Method::POST;
    let look = Some(json!({ "code": "000 000 013" }));
    book.ask(wang, (post(), "/v1/booth/lookups", ""), "a practice voucher", look).await;
    let practise = Some(json!({ "vouchers": ["000 000 013", "000 000 021"], "nonce": "c1d2e3f4-0012" }));
    book.ask(wang, (post(), "/v1/booth/redemptions", ""), "practised", practise).await;
    let void = Some(json!({ "reason": "练习", "nonce": "c1d2e3f4-0013" }));
    book.ask(wang, (post(), "/v1/booth/redemptions/{id}/void", "000000013-1"), "practised", void).await;
}

async fn walk(book: &mut Book<'_>) {
    let (get, post, put, delete) = (|| Method::GET, || Method::POST, || Method::PUT, || Method::DELETE);
    let app = book.app;
    let stranger = app.anonymous();

    let login = json!({ "code": "0a3kBqll2yYsBc4Qmlnl2ExTRf4kBql9" });
    let login = book.ask(&stranger, (post(), "/v1/sessions/wechat", ""), "logged in", Some(login)).await;
    let ana = app.with_token(login.body["token"].as_str().unwrap());
    let place = Station::Booth("market-play".parse().unwrap());
    let invitation = app.invitation(Role::Volunteer, Some(place), 3).await;
    book.chance.push((invitation.clone(), "https://carnival.example/q/S4QZ7M2KX0V9T1B5G".to_owned()));
    let accept = json!({ "invitation": invitation, "name": "王阿姨", "nonce": "f3b1c0de-tablet-7" });
    let accept = book.ask(&stranger, (post(), "/v1/sessions/staff", ""), "on duty", Some(accept)).await;
    let wang = app.with_token(accept.body["token"].as_str().unwrap());
    let cards = app.paper_passports(1).await;

    // A resident's day.
    let check_in = |point: &str| json!({ "code": app.printed_code(point) });
    let mut at_point = check_in("space-1");
    at_point["location"] = json!({ "latitude": 30.6821, "longitude": 104.1094, "accuracy": 25.0 });
    let here = (post(), "/v1/check-ins", "");
    book.scan(&ana, "a poster", &app.printed_code("space-1")).await;
    book.scan(&ana, "a paper passport", &cards[0]).await;
    book.ask(&ana, here.clone(), "a new stamp", Some(at_point)).await;
    app.at("2023-04-14T10:20");
    book.ask(&ana, here.clone(), "stamped before", Some(check_in("space-1"))).await;
    let card = json!({ "passport": cards[0] });
    let added = book.ask(&ana, (post(), "/v1/me/companions", ""), "a card", Some(card)).await;
    let serial = added.body["serial"].as_str().unwrap();
    let mut party = check_in("space-2");
    party["for"] = json!(["me", serial]);
    book.ask(&ana, here.clone(), "for several", Some(party.clone())).await;
    book.ask(&ana, here, "for several, stamped before", Some(party)).await;
    ana.scan("space-3").await;
    let gift = || Some(json!({ "gift": "postcards" }));
    let claim = book.ask(&ana, (post(), "/v1/me/claims", ""), "newly held", gift()).await;
    book.ask(&ana, (post(), "/v1/me/claims", ""), "held before", gift()).await;
    book.ask(&ana, (get(), "/v1/me/claims", ""), "one held", None).await;
    book.ask(&ana, (get(), "/v1/me/passport", ""), "three stamps", None).await;
    book.ask(&ana, (get(), "/v1/me/code", ""), "the code", None).await;
    book.ask(&ana, (get(), "/v1/me/postcards/{route}", "play"), "three stamps", None).await;
    let voucher = claim.body["id"].as_str().unwrap();

    // At the booth.
    app.at("2023-04-14T11:00");
    let look = |code: &str| Some(json!({ "code": code }));
    let at_booth = (post(), "/v1/booth/lookups", "");
    book.ask(&wang, at_booth.clone(), "a voucher", look(claim.body["voucher"].as_str().unwrap())).await;
    let redeem = Some(json!({ "vouchers": [voucher], "nonce": "c1d2e3f4-0001" }));
    let done = book.ask(&wang, (post(), "/v1/booth/redemptions", ""), "handed over", redeem).await;
    let again = Some(json!({ "vouchers": [voucher], "nonce": "c1d2e3f4-0002" }));
    book.ask(&wang, (post(), "/v1/booth/redemptions", ""), "handed over before", again).await;
    book.ask(&wang, at_booth.clone(), "a voucher that was handed over", look(voucher)).await;
    book.ask(&ana, (get(), "/v1/me", ""), "with a gift and a card", None).await;
    book.ask(&ana, (get(), "/v1/me/claims", ""), "one handed over", None).await;
    let id = done.body["results"][0]["claim"]["redemption"]["id"].as_str().unwrap();
    let void = Some(json!({ "reason": "扫错了人", "nonce": "c1d2e3f4-0003" }));
    book.ask(&wang, (post(), "/v1/booth/redemptions/{id}/void", id), "undone", void).await;
    book.ask(&ana, (delete(), "/v1/me/claims/{id}", voucher), "given back", None).await;

    practise(book, &wang).await;

    // A paper passport.
    let ink =
        Some(json!({ "passport": cards[0], "points": ["space-1", "space-2", "space-4"], "nonce": "c1d2e3f4-0004" }));
    book.ask(&wang, (post(), "/v1/booth/check-ins", ""), "three ink stamps", ink).await;
    let greeting = "儿子，妈妈走了三站，玩得开心！";
    let card = Some(json!({ "passport": cards[0], "route": "play", "greeting": greeting }));
    book.ask(&wang, (post(), "/v1/booth/postcards", ""), "to be printed", card).await;
    let hand = || Some(json!({ "passport": cards[0], "gift": "postcards", "nonce": "c1d2e3f4-0005" }));
    book.ask(&wang, (post(), "/v1/booth/paper-redemptions", ""), "handed over", hand()).await;
    book.ask(&wang, (post(), "/v1/booth/paper-redemptions", ""), "the same write again", hand()).await;
    book.ask(&wang, at_booth, "a paper passport", look(&cards[0])).await;
    book.ask(&ana, (delete(), "/v1/me/companions/{serial}", serial), "taken off", None).await;

    // The table, the tablet, the shift.
    let gone = Some(json!({ "available": false }));
    book.ask(&wang, (put(), "/v1/booth/gifts/{gift}/here", "postcards"), "gone here", gone).await;
    book.ask(&wang, (get(), "/v1/booth/summary", ""), "a shift", None).await;
    let place = Station::Point("space-1".parse().unwrap());
    let li = app.staff("李叔叔", Role::Volunteer, Some(place)).await;
    book.ask(&li, (get(), "/v1/booth/points/{point}/code", "space-1"), "the code of now", None).await;

    office(book, &wang).await;
    books(book).await;

    // Her rights.
    book.ask(&ana, (get(), "/v1/me/export", ""), "everything of mine", None).await;
    book.ask(&ana, (delete(), "/v1/me", ""), "forgotten", None).await;
    let chen = app.organiser("陈社工").await;
    let card = cards[0].rsplit('/').next().unwrap();
    book.ask(&chen, (delete(), "/v1/organiser/residents/{code}", card), "a card", None).await;

    // The office: rain, and the sun again.
    let rain = json!({ "reason": "因雨", "route_asks": "fewer", "notice": "今天下雨，社区美空间·第7站不开放。" });
    let closure = "/v1/organiser/points/{point}/closure";
    book.ask(&chen, (post(), closure, "space-7"), "closed for today", Some(rain)).await;
    let works = json!({ "until_further_notice": true, "reason": "修路", "route_asks": "same" });
    book.ask(&chen, (post(), closure, "centre-6"), "closed until further notice", Some(works)).await;
    book.ask(&chen, (delete(), closure, "space-7"), "open again", None).await;
    let leaked = Some(json!({ "code": app.printed_code("space-5") }));
    let reissue = (post(), "/v1/organiser/points/{point}/reissue", "space-5");
    book.ask(&chen, reissue, "a leaked poster", leaked).await;
    let days = json!({ "first_day": "2023-04-13", "last_day": "2023-04-18", "extra_days": ["2023-04-29"] });
    book.ask(&chen, (put(), "/v1/organiser/routes/{route}/days", "play"), "a day more", Some(days)).await;
    book.ask_for_file(&chen, "/v1/organiser/passports", "two pages", json!({ "count": 16 })).await;
    let notice = Some(json!({ "text": null }));
    book.ask(&chen, (put(), "/v1/organiser/notice", ""), "taken away", notice).await;
    book.ask(&chen, (get(), "/v1/organiser/carnival/versions", ""), "six versions", None).await;
    let back = "/v1/organiser/carnival/versions/{version}/put-back";
    book.ask(&chen, (post(), back, "3"), "an earlier version", None).await;
    book.publish(&chen, "published").await;

    everyone(book).await;
}

/// What needs no token.
async fn everyone(book: &mut Book<'_>) {
    let (get, stranger) = (|| Method::GET, book.app.anonymous());
    book.ask(&stranger, (get(), "/v1/availability", ""), "shortened", None).await;
    book.ask(&stranger, (get(), "/v1/carnival", ""), "shortened", None).await;
    for route in ["GET /v1/carnival", "GET /v1/availability", "GET /v1/organiser/summary"] {
        book.pages.get_mut(route).unwrap().values_mut().flat_map(BTreeMap::values_mut).for_each(shorten);
    }
    book.ask(&stranger, (get(), "/healthz", ""), "well", None).await;
    book.ask(&stranger, (get(), "/readyz", ""), "ready", None).await;
}

/// An organiser's stock and books, of what was done so far.
async fn books(book: &mut Book<'_>) {
    let zhou = book.app.organiser("周老师").await;
    let delivered = json!({ "change": 50, "reason": "delivered", "note": "印厂补货", "nonce": "c1d2e3f4-0006" });
    let route = (Method::PUT, "/v1/organiser/gifts/{gift}/stock", "postcards");
    book.ask(&zhou, route, "a delivery", Some(delivered)).await;
    for path in ["check-ins", "redemptions", "stock", "ledger"] {
        let path = format!("/v1/organiser/{path}.csv");
        book.ask(&zhou, (Method::GET, &path, "?day=2023-04-14"), "a sheet", None).await;
    }
}

/// What organisers look at and do.
async fn office(book: &mut Book<'_>, wang: &Client<'_>) {
    let (get, post, put, delete) = (|| Method::GET, || Method::POST, || Method::PUT, || Method::DELETE);
    let app = book.app;
    let scan = Some(json!({ "code": app.printed_code("space-1") }));
    book.ask(wang, (post(), "/v1/booth/poster-checks", ""), "the right poster", scan).await;
    app.at("2023-04-14T11:05");
    let chen = app.organiser("陈社工").await;
    let minutes = |after: i64| app.app.now() - jiff::SignedDuration::from_mins(60 - after);
    let id = SuspicionId { passport: "7N3ZK0V7T1M5X".parse().unwrap(), nth: 2 };
    let point = |number: u64| number.try_into().unwrap();
    let (from_at, to_at) = (minutes(0), minutes(2));
    let found = Suspicion { id: id.clone(), from: point(1), from_at, to: point(7), to_at, metres: 2_900 };
    app.app.store.note(&Notes { suspicions: [(id.clone(), found)].into(), ..Notes::default() }).await.unwrap();
    notes::flush(&app.app).await;
    book.ask(&chen, (get(), "/v1/organiser/summary", ""), "shortened", None).await;
    let hold = Some(json!({ "action": "hold" }));
    let suspicion = (put(), "/v1/organiser/suspicions/{id}", &*id.to_string());
    book.ask(&chen, suspicion, "held for a talk", hold).await;
    app.at("2023-04-14T11:10");
    let invite = json!({
        "role": "volunteer", "booth": "market-play", "uses": 3, "until": "2023-04-14T18:00:00+08:00",
        "nonce": "c1d2e3f4-0010",
    });
    let invited = book.ask(&chen, (post(), "/v1/organiser/staff", ""), "for a booth", Some(invite)).await;
    let invitation = invited.body["id"].as_str().unwrap();
    notes::flush(&app.app).await;
    book.ask(&chen, (get(), "/v1/organiser/staff", ""), "the staff", None).await;
    let link = Some(json!({ "until": "2023-04-15", "nonce": "c1d2e3f4-0011" }));
    book.ask(&chen, (post(), "/v1/organiser/staff/{id}/link", invitation), "until tomorrow", link).await;
    book.ask(&chen, (delete(), "/v1/organiser/staff/{id}", invitation), "ended", None).await;
}
