//! Somebody with a phone, alone or with the family's paper passports on it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fastrand::Rng;
use serde_json::{Value, json};

use super::books::Ask;
use super::booths::{Booths, Done, Errand, PATIENCE_MIN};
use super::line::{Answer, Silence};
use super::plan::Party;
use super::world::World;

/// How many of a hundred set a gift aside when they may.
const CLAIM_OF_100: u32 = 92;
/// How often a phone looks whether its voucher was confirmed, in the carnival's minutes.
const LOOK_MIN: f64 = 0.5;

/// The phone and who holds it.
pub(super) struct Phone {
    /// What she sees.
    pub(super) world: Arc<World>,
    /// Where gifts are.
    pub(super) booths: Arc<Booths>,
    /// Who goes with her.
    pub(super) party: Party,
    /// What her choices are drawn from.
    pub(super) chance: Rng,
    /// When her own stamps were given, by point.
    pub(super) stamps: BTreeMap<String, String>,
    /// Vouchers that were confirmed.
    pub(super) confirmed: Vec<String>,
    token: String,
    serials: Vec<String>,
    /// Stamps of everybody on this phone, by holder and point.
    stamped: BTreeSet<(String, String)>,
    /// Gifts that she may have and did nothing about yet.
    earned: Vec<String>,
    /// Gifts that she decided on.
    decided: BTreeSet<String>,
    /// Vouchers that wait to be confirmed, with their gifts.
    vouchers: Vec<(String, String)>,
}

impl Phone {
    /// Logs in, and puts the family's cards on the phone.
    pub(super) async fn begin(
        world: Arc<World>,
        booths: Arc<Booths>,
        party: Party,
        chance: Rng,
    ) -> Result<Phone, Silence> {
        let mut phone = Phone {
            world,
            booths,
            party,
            chance,
            stamps: BTreeMap::new(),
            confirmed: Vec::new(),
            token: String::new(),
            serials: Vec::new(),
            stamped: BTreeSet::new(),
            earned: Vec::new(),
            decided: BTreeSet::new(),
            vouchers: Vec::new(),
        };
        phone.log_in().await?;
        for card in phone.party.cards.clone() {
            let body = json!({ "passport": phone.world.cards[card] });
            let line = &phone.world.line;
            let added = line.ask(Ask::LogIn, &phone.token, "/v1/me/companions", Some(&body)).await?;
            phone.serials.push(added.body["serial"].as_str().unwrap_or_default().to_owned());
        }
        Ok(phone)
    }

    async fn log_in(&mut self) -> Result<(), Silence> {
        let body = json!({ "code": format!("{}-{}", self.world.run, self.party.number) });
        let answer = self.world.line.ask(Ask::LogIn, "", "/v1/sessions/wechat", Some(&body)).await?;
        answer.body["token"].as_str().unwrap_or_default().clone_into(&mut self.token);
        Ok(())
    }

    /// A write of hers; her login may have come to its end.
    async fn write(
        &mut self,
        ask: Ask,
        path: &str,
        body: &Value,
        same: fn(&Value) -> Value,
    ) -> Result<Answer, Silence> {
        let world = Arc::clone(&self.world);
        // A cheat's answers are all read: what became of it is to be told.
        let answer = match self.party.cheat {
            None => world.line.write(&mut self.chance, (ask, &self.token, path), body, same).await?,
            Some(_) => world.line.ask(ask, &self.token, path, Some(body)).await?,
        };
        if answer.refused() != Some("token_expired") {
            return Ok(answer);
        }
        self.log_in().await?;
        world.line.ask(ask, &self.token, path, Some(body)).await
    }

    /// Scans a code. What is not refused is in the books.
    pub(super) async fn check_in(&mut self, code: &str, location: Value) -> Result<Done, Silence> {
        let mut body = json!({ "code": code });
        if !location.is_null() {
            body["location"] = location;
        }
        if !self.serials.is_empty() {
            body["for"] = ["me"].into_iter().chain(self.serials.iter().map(String::as_str)).collect();
        }
        let answer = self.write(Ask::CheckIn, "/v1/check-ins", &body, same_stamps).await?;
        if let Some(code) = answer.refused() {
            return Ok(Err(code.to_owned()));
        }
        match answer.body["results"].as_array() {
            Some(results) => results.iter().for_each(|one| self.stamped(one["for"].as_str().unwrap_or("me"), one)),
            None => self.stamped("me", &answer.body),
        }
        Ok(Ok(()))
    }

    fn stamped(&mut self, whom: &str, result: &Value) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (point, at) = (text(&result["stamp"]["point"]), text(&result["stamp"]["at"]));
        // Refused for this one alone, and told so.
        if point.is_empty() {
            return;
        }
        let first = !self.stamped.iter().any(|(holder, _)| holder == whom);
        if self.stamped.insert((whom.to_owned(), point.clone())) {
            self.world.line.books.open().stamped(&point, &at, first);
        }
        if whom == "me" {
            self.stamps.insert(point, at);
            let gifts = result["passport"]["gifts"].as_array().into_iter().flatten();
            let earned = gifts.filter(|gift| gift["earned"] == json!(true)).map(|gift| text(&gift["gift"]));
            self.earned = earned.filter(|gift| !self.decided.contains(gift)).collect();
        }
    }

    /// Sets aside what was earned, if she likes it.
    pub(super) async fn claim_earned(&mut self) -> Result<(), Silence> {
        for gift in std::mem::take(&mut self.earned) {
            self.decided.insert(gift.clone());
            let somewhere = self.booths.that_has(&self.world, &gift, &mut self.chance).is_some();
            if somewhere && self.chance.u32(0..100) < CLAIM_OF_100 {
                // Gone for today, or closed: she was told.
                let _told = self.claim(&gift).await?;
            }
        }
        Ok(())
    }

    /// Asks for a gift.
    pub(super) async fn claim(&mut self, gift: &str) -> Result<Done, Silence> {
        let answer =
            self.write(Ask::Claim, "/v1/me/claims", &json!({ "gift": gift }), |body| body["id"].clone()).await?;
        if let Some(code) = answer.refused() {
            return Ok(Err(code.to_owned()));
        }
        self.world.line.books.open().claimed(gift);
        self.vouchers.push((answer.body["id"].as_str().unwrap_or_default().to_owned(), gift.to_owned()));
        Ok(Ok(()))
    }

    /// How many vouchers wait to be confirmed.
    pub(super) fn has_vouchers(&self) -> bool {
        !self.vouchers.is_empty()
    }

    /// Goes to the booths with everything, and waits there.
    pub(super) async fn visit_booths(&mut self, with_cards: bool) -> Result<(), Silence> {
        let mut visits: BTreeMap<usize, Vec<Errand>> = BTreeMap::new();
        if with_cards && let Some(booth) = self.booths.any(&mut self.chance) {
            for card in self.party.cards.clone() {
                let code = self.world.cards[card].clone();
                visits.entry(booth).or_default().push(Errand::Card { code, ink: Vec::new() });
            }
        }
        let vouchers = std::mem::take(&mut self.vouchers);
        if self.booths.by_hand {
            self.wait_for_hand(vouchers).await?;
        } else {
            for (voucher, gift) in vouchers {
                let planned = visits.keys().next().copied();
                let booth = planned.filter(|booth| self.booths.has(&self.world, *booth, &gift));
                if let Some(booth) = booth.or_else(|| self.booths.that_has(&self.world, &gift, &mut self.chance)) {
                    visits.entry(booth).or_default().push(Errand::Voucher(voucher));
                }
            }
        }
        for (booth, errands) in visits {
            let shown: Vec<Option<String>> = errands.iter().map(Errand::voucher).collect();
            let done = self.booths.visit(&self.world, booth, self.party.people(), errands).await;
            let confirmed = shown.into_iter().zip(done).filter(|(_, done)| done.is_ok());
            self.confirmed.extend(confirmed.filter_map(|(voucher, _)| voucher));
        }
        Ok(())
    }

    /// Shows the vouchers to whoever rehearses, and looks now and then whether they are confirmed.
    async fn wait_for_hand(&mut self, mut vouchers: Vec<(String, String)>) -> Result<(), Silence> {
        let (world, since) = (Arc::clone(&self.world), std::time::Instant::now());
        if vouchers.is_empty() {
            return Ok(());
        }
        self.booths.show(&vouchers);
        world.line.books.open().queued(self.party.people());
        let mut listened = Ok(());
        while !vouchers.is_empty() && world.minutes_since(since) < PATIENCE_MIN {
            world.pass(LOOK_MIN).await;
            let mine = world.line.ask(Ask::Read, &self.token, "/v1/me/claims", None).await;
            let Ok(mine) = mine else {
                listened = Err(Silence);
                break;
            };
            let redeemed = |id: &str| {
                let mut claims = mine.body["claims"].as_array().into_iter().flatten();
                claims.any(|claim| claim["id"] == json!(id) && claim["state"] == json!("redeemed"))
            };
            vouchers.retain(|(voucher, gift)| {
                let done = redeemed(voucher);
                if done {
                    world.line.books.open().redeemed(gift);
                    self.booths.take_away(voucher);
                    self.confirmed.push(voucher.clone());
                }
                !done
            });
        }
        for (voucher, _) in &vouchers {
            self.booths.take_away(voucher);
        }
        let mut books = world.line.books.open();
        books.left_queue(self.party.people(), world.minutes_since(since));
        books.walked_off += if vouchers.is_empty() { 0 } else { self.party.people() };
        listened
    }
}

fn same_stamps(body: &Value) -> Value {
    let of = |one: &Value| json!([one["for"], one["stamp"], one["unlocked"]]);
    match body["results"].as_array() {
        Some(results) => results.iter().map(of).collect(),
        None => of(body),
    }
}
