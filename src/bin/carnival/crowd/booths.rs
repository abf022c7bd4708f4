//! The booths: people queue, and volunteers confirm one after the other; or the queue is left to whoever rehearses.

use std::sync::{Arc, PoisonError};
use std::time::Instant;

use fastrand::Rng;
use serde_json::{Value, json};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinSet;

use super::books::Ask;
use super::line::Silence;
use super::world::{World, on_duty};

/// How long people wait before they have enough of it, in the carnival's minutes.
pub(super) const PATIENCE_MIN: f64 = 60.0;
/// So many people at one booth keep one volunteer busy but not breathless.
const PEOPLE_A_VOLUNTEER: usize = 100;

/// What somebody wants at a booth.
pub(super) enum Errand {
    /// Gifts that were set aside on a phone.
    Voucher(String),
    /// Ink to be recorded, and whatever the card has earned.
    Card {
        /// The card's code.
        code: String,
        /// Points whose ink it bears.
        ink: Vec<String>,
    },
}

impl Errand {
    /// The voucher, where it is about one.
    pub(super) fn voucher(&self) -> Option<String> {
        match self {
            Errand::Voucher(voucher) => Some(voucher.clone()),
            Errand::Card { .. } => None,
        }
    }
}

/// What became of an errand: refused with a code, or done.
pub(super) type Done = Result<(), String>;

/// One booth's queue.
struct Queue {
    id: String,
    entrance: mpsc::UnboundedSender<Customer>,
}

struct Customer {
    errands: Vec<Errand>,
    /// Says that it is her turn, and then what became of it.
    turn: oneshot::Sender<()>,
    done: oneshot::Sender<Vec<Done>>,
}

/// All booths of today.
pub(super) struct Booths {
    queues: Vec<Queue>,
    /// Whether vouchers are left to whoever rehearses.
    pub(super) by_hand: bool,
    /// The vouchers that wait for her.
    shown: std::sync::Mutex<Vec<String>>,
}

impl Booths {
    /// Invites volunteers to each booth, who stay as long as the booths are there.
    pub(super) async fn staffed(
        world: &Arc<World>,
        people: u32,
        volunteers: Option<u16>,
        by_hand: bool,
    ) -> Result<(Booths, JoinSet<()>), Silence> {
        let enough = (people as usize).div_ceil(PEOPLE_A_VOLUNTEER * world.tables.len().max(1));
        let of_each = volunteers.map_or(enough.max(1), usize::from);
        let (mut queues, mut staff) = (Vec::new(), JoinSet::new());
        for (nth, table) in world.tables.iter().enumerate() {
            let body = json!({ "role": "volunteer", "booth": table.id, "uses": of_each, "nonce": format!("{}-b{nth}", world.run) });
            let invited = world.line.ask(Ask::Read, &world.organiser, "/v1/organiser/staff", Some(&body)).await?;
            let link = invited.body["link"].as_str().unwrap_or_default();
            let (entrance, queue) = mpsc::unbounded_channel();
            let queue = Arc::new(Mutex::new(queue));
            for who in 0..of_each {
                let nonce = format!("{}-v{nth}-{who}", world.run);
                let token = on_duty(&world.line, link, &format!("演练志愿者{}", who + 1), &nonce).await?;
                let chance = Rng::with_seed((nth * 1_000 + who) as u64);
                let volunteer = Volunteer { world: Arc::clone(world), table: nth, token, nonce, chance, served: 0 };
                staff.spawn(volunteer.work(Arc::clone(&queue)));
            }
            queues.push(Queue { id: table.id.clone(), entrance });
        }
        Ok((Booths { queues, by_hand, shown: std::sync::Mutex::default() }, staff))
    }

    /// One of the booths that hand out this gift; perhaps none of today's does.
    pub(super) fn that_has(&self, world: &World, gift: &str, chance: &mut Rng) -> Option<usize> {
        let fitting: Vec<usize> = (0..self.queues.len()).filter(|booth| self.has(world, *booth, gift)).collect();
        chance.choice(fitting)
    }

    /// Whether this booth hands it out.
    pub(super) fn has(&self, world: &World, booth: usize, gift: &str) -> bool {
        let gift = world.gifts.iter().find(|one| one.id == gift);
        gift.is_some_and(|gift| gift.booths.is_empty() || gift.booths.contains(&self.queues[booth].id))
    }

    /// Any of them, if there is one today.
    pub(super) fn any(&self, chance: &mut Rng) -> Option<usize> {
        chance.choice(0..self.queues.len())
    }

    /// Vouchers wait to be confirmed by hand.
    pub(super) fn show(&self, vouchers: &[(String, String)]) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.extend(vouchers.iter().map(|(voucher, _)| voucher.clone()));
    }

    /// One of them is confirmed, or its bearer had enough of waiting.
    pub(super) fn take_away(&self, voucher: &str) {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).retain(|one| one != voucher);
    }

    /// Those that wait, the first first.
    pub(super) fn waiting(&self) -> Vec<String> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Queues at a booth. Nothing is told to whoever has enough of waiting.
    pub(super) async fn visit(&self, world: &World, booth: usize, people: u64, errands: Vec<Errand>) -> Vec<Done> {
        let ((turn, called), (done, told)) = (oneshot::channel(), oneshot::channel());
        let since = Instant::now();
        world.line.books.open().queued(people);
        let queued = self.queues[booth].entrance.send(Customer { errands, turn, done }).is_ok();
        let called = tokio::time::timeout(world.long(PATIENCE_MIN), called).await;
        world.line.books.open().left_queue(people, world.minutes_since(since));
        if !queued || !matches!(called, Ok(Ok(()))) {
            world.line.books.open().walked_off += people;
            return Vec::new();
        }
        told.await.unwrap_or_default()
    }
}

struct Volunteer {
    world: Arc<World>,
    table: usize,
    token: String,
    nonce: String,
    chance: Rng,
    served: u64,
}

impl Volunteer {
    /// Serves one after the other, until the booth is taken down or an organiser sends her home.
    async fn work(mut self, queue: Arc<Mutex<mpsc::UnboundedReceiver<Customer>>>) {
        loop {
            let Some(customer) = queue.lock().await.recv().await else { return };
            // Who is gone by now has told nobody.
            if customer.turn.send(()).is_err() {
                continue;
            }
            let mut done = Vec::new();
            for errand in customer.errands {
                self.served += 1;
                let seconds = self.chance.f64() * 15.0 + 12.0;
                self.world.pass(seconds / 60.0).await;
                match self.serve(errand).await {
                    Ok(one) => done.push(one),
                    Err(Silence) => return,
                }
            }
            let _gone = customer.done.send(done);
        }
    }

    fn nonce(&self, step: usize) -> String {
        format!("{}-{}-{step}", self.nonce, self.served)
    }

    async fn serve(&mut self, errand: Errand) -> Result<Done, Silence> {
        match errand {
            Errand::Voucher(voucher) => self.confirm(&voucher).await,
            Errand::Card { code, ink } => self.serve_card(&code, &ink).await,
        }
    }

    async fn write(
        &mut self,
        path: &str,
        body: &Value,
        same: fn(&Value) -> Value,
    ) -> Result<super::line::Answer, Silence> {
        let world = Arc::clone(&self.world);
        world.line.write(&mut self.chance, (Ask::Booth, &self.token, path), body, same).await
    }

    async fn confirm(&mut self, voucher: &str) -> Result<Done, Silence> {
        let world = Arc::clone(&self.world);
        let look = json!({ "code": voucher });
        let look = world.line.ask(Ask::Booth, &self.token, "/v1/booth/lookups", Some(&look)).await?;
        if let Some(code) = look.refused() {
            return Ok(Err(code.to_owned()));
        }
        let body = json!({ "vouchers": [voucher], "nonce": self.nonce(0) });
        let answer = self.write("/v1/booth/redemptions", &body, same_redemption).await?;
        let result = &answer.body["results"][0];
        if result["redeemed"] == json!(true) {
            world.line.books.open().redeemed(result["claim"]["gift"].as_str().unwrap_or_default());
            return Ok(Ok(()));
        }
        Ok(Err(result["problem"]["code"].as_str().unwrap_or("unknown").to_owned()))
    }

    async fn serve_card(&mut self, code: &str, ink: &[String]) -> Result<Done, Silence> {
        let world = Arc::clone(&self.world);
        if !ink.is_empty() {
            self.record(code, ink).await?;
        }
        let look = json!({ "code": code });
        let look = world.line.ask(Ask::Booth, &self.token, "/v1/booth/lookups", Some(&look)).await?;
        let earned = look.body["passport"]["gifts"].as_array().cloned().unwrap_or_default();
        let held = look.body["claims"].as_array().cloned().unwrap_or_default();
        for (step, gift) in earned.iter().filter(|gift| gift["earned"] == json!(true)).enumerate() {
            let id = gift["gift"].as_str().unwrap_or_default();
            let had = held.iter().any(|claim| claim["gift"] == gift["gift"] && claim["state"] == json!("redeemed"));
            if had || !self.hands_out(id) {
                continue;
            }
            let body = json!({ "passport": code, "gift": id, "nonce": self.nonce(step + 10) });
            if self.write("/v1/booth/paper-redemptions", &body, same_redemption).await?.is_yes() {
                world.line.books.open().redeemed(id);
            }
        }
        Ok(Ok(()))
    }

    fn hands_out(&self, gift: &str) -> bool {
        let here = &self.world.tables[self.table].id;
        let gift = self.world.gifts.iter().find(|one| one.id == gift);
        gift.is_some_and(|gift| gift.booths.is_empty() || gift.booths.contains(here))
    }

    /// All at once; one refused point refuses all, and then each is tried by itself.
    async fn record(&mut self, code: &str, ink: &[String]) -> Result<(), Silence> {
        let all = json!({ "passport": code, "points": ink, "nonce": self.nonce(0) });
        let answer = self.write("/v1/booth/check-ins", &all, same_stamps).await?;
        let mut stamps = if answer.is_yes() { stamps_of(&answer.body) } else { Vec::new() };
        if !answer.is_yes() {
            for (step, point) in ink.iter().enumerate() {
                let one = json!({ "passport": code, "points": [point], "nonce": self.nonce(step + 1) });
                let answer = self.write("/v1/booth/check-ins", &one, same_stamps).await?;
                if answer.is_yes() {
                    stamps.extend(stamps_of(&answer.body));
                }
            }
        }
        let world = Arc::clone(&self.world);
        let mut books = world.line.books.open();
        for (nth, (point, at)) in stamps.iter().enumerate() {
            books.stamped(point, at, nth == 0);
        }
        Ok(())
    }
}

fn stamps_of(body: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let stamp = |one: &Value| (text(&one["point"]), text(&one["at"]));
    body["results"].as_array().into_iter().flatten().map(stamp).collect()
}

fn same_stamps(body: &Value) -> Value {
    body["results"].clone()
}

fn same_redemption(body: &Value) -> Value {
    let of = |claim: &Value| json!([claim["gift"], claim["redemption"]["id"]]);
    match body["results"].as_array() {
        Some(results) => results.iter().map(|one| json!([one["redeemed"], of(&one["claim"])])).collect(),
        None => of(body),
    }
}
