//! A known load: walkers who check in, claim, have gifts confirmed and undone, and write down every
//! answer as it comes. Whoever gets none, or "ask again", asks again: the same, with the same nonce.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use carnival::rules::ids::Generation;
use carnival::tokens::{Codes, Secret};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::cli::program::{House, Served, told};

/// Between two steps of a walker.
const STEP: Duration = Duration::from_millis(15);

/// Before the same is asked again.
const AGAIN: Duration = Duration::from_millis(50);

/// With what codes are signed: so that posters need not be drawn first.
const CODES: &str = "0c1d-codes-9f8e7a6b5c4d3e2f1a0b9c8d7e6f5a4b";

/// Points at which a poster hangs.
const POINTS: u64 = 30;

/// Whom to ask, and what with.
pub(super) struct World {
    house: Arc<House>,
    http: reqwest::Client,
    base: String,
    posters: Vec<String>,
    volunteer: String,
}

/// A step that was acknowledged.
#[derive(Clone, Debug)]
pub(super) struct Told {
    /// What: a stamp's moment, a voucher, a redemption's id.
    pub(super) what: String,
    /// When the answer was here.
    pub(super) at: Instant,
}

/// A walker, and what was acknowledged.
#[derive(Clone, Debug, Default)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) token: String,
    /// By point.
    pub(super) stamps: BTreeMap<String, Told>,
    /// By gift, the voucher.
    pub(super) claims: BTreeMap<String, Told>,
    /// The redemption that was acknowledged last, with its nonce; none once an undoing was begun.
    pub(super) redemption: Option<(Told, String)>,
}

/// How the answers were.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Answered as asked.
    pub(super) done: usize,
    /// 503 with Retry-After: when it was asked, how long the answer took, and what was asked.
    pub(super) unavailable: Vec<(Instant, Duration, String)>,
    /// No answer.
    pub(super) closed: usize,
    /// Any other answer of 500 and above, and a 503 that says not when.
    pub(super) bare: Vec<String>,
    /// A refusal of what nobody may refuse.
    pub(super) wrong: Vec<String>,
}

impl World {
    /// A house made ready for a load: much of one gift, little of another.
    pub(super) fn prepare(house: &mut House) {
        let text = std::fs::read_to_string(house.path("carnival.toml")).unwrap();
        let scarce = "[[gifts]]\nid = \"lamp\"\nnumber = 2\nname = \"灯\"\nneeds = { stamps = 1 }\nstock = 25\n";
        house.write("carnival.toml", &(text.replace("stock = 50\n", "stock = 400000\n") + scarce));
        house.set("CARNIVAL_SECRET_CODES", CODES);
        house.set("CARNIVAL__HTTP__LIMITS__STAFF_PER_MINUTE", "1000000");
        house.set("CARNIVAL__HTTP__LIMITS__RESIDENT_PER_MINUTE", "100000");
        house.set("CARNIVAL__STORE__SHARDS", "16");
    }

    /// Makes the codes of the posters and invites a volunteer.
    pub(super) async fn of(house: Arc<House>, served: &Served) -> World {
        let id = "these-days".parse().unwrap();
        let codes = Codes::new(&Secret::new(CODES).unwrap(), &id, 180);
        let poster = |point: u64| codes.printed(point.try_into().unwrap(), Generation::FIRST);
        let posters = (1..=POINTS).map(poster).collect();
        let link = told(&mut house.command(&["invite", "--role", "volunteer", "--booth", "market"]));
        let (status, body) = served.people.accept(link.lines().next().unwrap(), "王阿姨").await;
        assert_eq!(status, 201, "{body}");
        let volunteer = body["token"].as_str().unwrap().to_owned();
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
        World { house, http, base: served.people.base.clone(), posters, volunteer }
    }

    /// Asks once.
    async fn once(&self, token: &str, path: &str, body: Option<&Value>) -> reqwest::Result<(u16, bool, Value)> {
        let url = format!("{}{path}", self.base);
        let request = match body {
            Some(body) => self.http.post(url).json(body),
            None => self.http.get(url),
        };
        let request = if token.is_empty() { request } else { request.bearer_auth(token) };
        let answer = request.send().await?;
        let (status, says_when) = (answer.status().as_u16(), answer.headers().contains_key("retry-after"));
        let text = answer.text().await?;
        Ok((status, says_when, serde_json::from_str(&text).unwrap_or(Value::String(text))))
    }

    /// Asks until it is answered; for the checks afterwards.
    pub(super) async fn get(&self, token: &str, path: &str) -> Value {
        self.until_answered(token, path, None).await
    }

    /// Confirms a voucher again, with the nonce that confirmed it.
    pub(super) async fn redeem_again(&self, voucher: &str, nonce: &str) -> Value {
        let body = json!({ "vouchers": [voucher], "nonce": nonce });
        self.until_answered(&self.volunteer, "/v1/booth/redemptions", Some(&body)).await
    }

    async fn until_answered(&self, token: &str, path: &str, body: Option<&Value>) -> Value {
        let begun = Instant::now();
        loop {
            match self.once(token, path, body).await {
                Ok((200, _, body)) => return body,
                other => assert!(begun.elapsed() < Duration::from_secs(60), "{path}: {other:?}"),
            }
            sleep(AGAIN).await;
        }
    }
}

/// The walkers.
pub(super) struct Load {
    shared: Arc<Shared>,
    walkers: Vec<JoinHandle<()>>,
}

struct Shared {
    world: World,
    stop: AtomicBool,
    next: AtomicUsize,
    seen: Mutex<Seen>,
    people: Mutex<Vec<Person>>,
}

impl Load {
    /// So many walk at a time, one person after the other.
    pub(super) fn start(world: World, walkers: usize) -> Load {
        let shared = Arc::new(Shared {
            world,
            stop: AtomicBool::new(false),
            next: AtomicUsize::new(0),
            seen: Mutex::default(),
            people: Mutex::default(),
        });
        let walk = |_| {
            let shared = Arc::clone(&shared);
            tokio::spawn(async move {
                while !shared.stopped() {
                    let number = shared.next.fetch_add(1, Ordering::SeqCst);
                    let mut person = Person { name: format!("walker-{number}"), ..Person::default() };
                    // Where it was stopped, all the same.
                    let _ = shared.walk(number, &mut person).await;
                    shared.people.lock().unwrap().push(person);
                }
            })
        };
        let walkers = (0..walkers).map(walk).collect();
        Load { shared, walkers }
    }

    /// How many steps were answered as asked.
    pub(super) fn done(&self) -> usize {
        self.shared.seen.lock().unwrap().done
    }

    /// Waits until so many more steps were answered, and says how long that took.
    pub(super) async fn until_done(&self, more: usize) -> Duration {
        let (begun, before) = (Instant::now(), self.done());
        while self.done() < before + more {
            assert!(begun.elapsed() < Duration::from_secs(60), "nobody is answered: {:?}", self.shared.last_words());
            sleep(Duration::from_millis(5)).await;
        }
        begun.elapsed()
    }

    /// Ends the walks: whom to ask, what was acknowledged, how the answers were.
    pub(super) async fn stop(self) -> (World, Vec<Person>, Seen) {
        self.shared.stop.store(true, Ordering::SeqCst);
        join_all(self.walkers).await;
        let Ok(shared) = Arc::try_unwrap(self.shared) else { panic!("a walker still walks") };
        (shared.world, shared.people.into_inner().unwrap(), shared.seen.into_inner().unwrap())
    }
}

impl Shared {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    fn last_words(&self) -> String {
        let seen = self.seen.lock().unwrap();
        format!("{} unavailable, {} closed, {:?}", seen.unavailable.len(), seen.closed, seen.bare.last())
    }

    /// Asks the same until it is answered; none when it is time to stop.
    async fn ask(&self, token: &str, path: &str, body: Value) -> Option<(u16, Value)> {
        sleep(STEP).await;
        loop {
            if self.stopped() {
                return None;
            }
            let begun = Instant::now();
            let answer = self.world.once(token, path, Some(&body)).await;
            if let Some(answered) = self.write_down(path, begun, answer) {
                return Some(answered);
            }
            sleep(AGAIN).await;
        }
    }

    fn write_down(
        &self,
        path: &str,
        begun: Instant,
        answer: reqwest::Result<(u16, bool, Value)>,
    ) -> Option<(u16, Value)> {
        let mut seen = self.seen.lock().unwrap();
        match answer {
            Ok((503, true, _)) => seen.unavailable.push((begun, begun.elapsed(), path.to_owned())),
            Ok((status, says_when, body)) if status >= 500 => {
                seen.bare.push(format!("{path}: {status} {says_when} {body}"));
            }
            Ok((status, _, body)) => {
                seen.done += 1;
                return Some((status, body));
            }
            Err(_) => seen.closed += 1,
        }
        None
    }

    fn wrong(&self, what: &str, status: u16, body: &Value) {
        self.seen.lock().unwrap().wrong.push(format!("{what}: {status} {body}"));
    }

    async fn walk(&self, number: usize, person: &mut Person) -> Option<()> {
        let code = json!({ "code": self.world.house.wechat.code_of(&person.name) });
        let (_, body) = self.ask("", "/v1/sessions/wechat", code).await?;
        let Some(token) = body["token"].as_str() else { return Some(()) };
        person.token = token.to_owned();
        for step in 0..4 {
            self.check_in(&self.world.posters[(number + step) % self.world.posters.len()], person).await?;
        }
        self.claim("badge", person).await?;
        self.redeem(&format!("confirm-{number}-1"), person).await?;
        if number.is_multiple_of(3) {
            self.undo(number, person).await?;
            self.redeem(&format!("confirm-{number}-2"), person).await?;
        }
        if number.is_multiple_of(4) {
            self.claim("lamp", person).await?;
        }
        Some(())
    }

    async fn check_in(&self, poster: &str, person: &mut Person) -> Option<()> {
        let (status, body) = self.ask(&person.token, "/v1/check-ins", json!({ "code": poster })).await?;
        match (status, &body["stamp"]["point"], &body["stamp"]["at"]) {
            (200 | 201, Value::String(point), Value::String(at)) => {
                person.stamps.insert(point.clone(), Told { what: at.clone(), at: Instant::now() });
            }
            _ => self.wrong("a check-in", status, &body),
        }
        Some(())
    }

    async fn claim(&self, gift: &str, person: &mut Person) -> Option<()> {
        let (status, body) = self.ask(&person.token, "/v1/me/claims", json!({ "gift": gift })).await?;
        match (status, &body["id"]) {
            (200 | 201, Value::String(voucher)) => {
                person.claims.insert(gift.to_owned(), Told { what: voucher.clone(), at: Instant::now() });
            }
            _ if gift == "lamp" && body["code"] == json!("gift_gone") => {}
            _ => self.wrong("a claim", status, &body),
        }
        Some(())
    }

    async fn redeem(&self, nonce: &str, person: &mut Person) -> Option<()> {
        let Some(voucher) = person.claims.get("badge") else { return Some(()) };
        let body = json!({ "vouchers": [voucher.what], "nonce": nonce });
        let (status, body) = self.ask(&self.world.volunteer, "/v1/booth/redemptions", body).await?;
        let result = &body["results"][0];
        match (&result["redeemed"], &result["claim"]["redemption"]["id"]) {
            (Value::Bool(true), Value::String(id)) => {
                let told = Told { what: id.clone(), at: Instant::now() };
                person.redemption = Some((told, nonce.to_owned()));
            }
            _ => self.wrong("a redemption", status, &body),
        }
        Some(())
    }

    async fn undo(&self, number: usize, person: &mut Person) -> Option<()> {
        let Some((told, _)) = person.redemption.take() else { return Some(()) };
        let path = format!("/v1/booth/redemptions/{}/void", told.what);
        let body = json!({ "reason": "扫错了人", "nonce": format!("undo-{number}-1") });
        let (status, body) = self.ask(&self.world.volunteer, &path, body).await?;
        if (status, &body["state"]) != (200, &json!("held")) {
            self.wrong("an undoing", status, &body);
        }
        Some(())
    }
}
