//! What was acknowledged, against what the server says afterwards and against the export.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use carnival::rules::ids::GiftNumber;
use carnival::rules::tally::Tally;
use carnival::store::archive::entry::Entry;
use carnival::store::record;
use futures_util::future::join_all;

use super::load::{Person, World};
use crate::cli::program::{House, told};

/// An acknowledged answer that is no longer true.
#[derive(Debug)]
pub(super) struct Lost {
    /// Whose, and what.
    pub(super) what: String,
    /// When it was acknowledged.
    pub(super) at: Instant,
}

/// How many answers were acknowledged that must still be true.
pub(super) fn acknowledged(people: &[Person]) -> usize {
    people.iter().map(|one| one.stamps.len() + one.claims.len() + usize::from(one.redemption.is_some())).sum()
}

/// Asks the server for everything that was acknowledged.
pub(super) async fn against_the_server(world: &World, people: &[Person]) -> Vec<Lost> {
    let mut lost = Vec::new();
    for some in people.chunks(32) {
        let checks = some.iter().filter(|one| !one.stamps.is_empty()).map(|one| of_person(world, one));
        lost.extend(join_all(checks).await.into_iter().flatten());
    }
    lost
}

async fn of_person(world: &World, one: &Person) -> Vec<Lost> {
    let mut lost = Vec::new();
    let passport = world.get(&one.token, "/v1/me/passport").await;
    let stamps: BTreeMap<&str, &str> = passport["stamps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stamp| (stamp["point"].as_str().unwrap(), stamp["at"].as_str().unwrap()))
        .collect();
    for (point, told) in &one.stamps {
        if stamps.get(point.as_str()) != Some(&told.what.as_str()) {
            lost.push(Lost { what: format!("{} at {point}: {}", one.name, told.what), at: told.at });
        }
    }
    let claims = world.get(&one.token, "/v1/me/claims").await;
    for (gift, told) in &one.claims {
        let kept = claims["claims"].as_array().unwrap().iter().find(|claim| claim["gift"] == gift.as_str());
        let voucher = kept.and_then(|claim| claim["id"].as_str());
        if voucher != Some(told.what.as_str()) {
            lost.push(Lost { what: format!("{}: {gift} {} is {voucher:?}", one.name, told.what), at: told.at });
        }
    }
    if let (Some((told, nonce)), Some(voucher)) = (&one.redemption, one.claims.get("badge")) {
        let again = world.redeem_again(&voucher.what, nonce).await;
        let result = &again["results"][0];
        if result["claim"]["redemption"]["id"] != told.what.as_str() {
            lost.push(Lost { what: format!("{}: redemption {}: {result}", one.name, told.what), at: told.at });
        }
    }
    lost
}

/// Exports, and says which invariants do not hold.
pub(super) fn invariants(house: &House, file: &str) -> Vec<String> {
    let path = house.path(file);
    told(&mut house.command(&["export", "--out", path.to_str().unwrap()]));
    let text = std::fs::read_to_string(path).unwrap();
    let mut books = Books::default();
    // The first line is the header's, the last the sum.
    text.lines().filter_map(|line| serde_json::from_str::<Entry>(line).ok()).for_each(|entry| books.enter(entry));
    books.judge()
}

#[derive(Default)]
struct Books {
    in_passports: BTreeSet<String>,
    in_log: Vec<String>,
    /// Stock, redeemed by the gift's own count, standing redemptions, by tallies.
    gifts: BTreeMap<GiftNumber, [i64; 4]>,
    vouchers: BTreeMap<String, usize>,
    stamps_told: BTreeMap<String, u64>,
}

impl Books {
    fn enter(&mut self, entry: Entry) {
        let count = |count: u64| i64::try_from(count).unwrap();
        match entry {
            Entry::Passport { lines, .. } => {
                let number = lines[0].rsplit_once(' ').unwrap().1;
                for line in &lines[1..] {
                    let (point, rest) = line.split_once(' ').unwrap();
                    let (nth, tail) = rest.split_once(' ').unwrap();
                    self.in_passports.insert(format!("1s {number} {nth} {point} {tail}"));
                }
            }
            Entry::Stamp { fact, .. } => self.in_log.push(fact),
            Entry::Gift { gift, stock, redeemed } => {
                let numbers = self.gifts.entry(gift).or_default();
                (numbers[0], numbers[1]) = (i64::from(stock), i64::from(redeemed));
            }
            Entry::Claim { record } => {
                let kept = record::read_claim(record.get().to_owned()).unwrap();
                *self.vouchers.entry(kept.claim.voucher.to_string()).or_default() += 1;
                let standing = kept.claim.numbered().filter(|(_, redemption)| redemption.voided.is_none()).count();
                assert!(standing <= 1, "two redemptions stand: {record}");
                self.gifts.entry(kept.claim.voucher.gift()).or_default()[2] += i64::try_from(standing).unwrap();
            }
            Entry::Tally { name: Tally::Redemptions(gift, ..), count: n } => {
                self.gifts.entry(gift).or_default()[3] += count(n);
            }
            Entry::Tally { name: Tally::Voids(gift, ..), count: n } => {
                self.gifts.entry(gift).or_default()[3] -= count(n);
            }
            Entry::Tally { name: Tally::AllStamps(point), count } => {
                self.stamps_told.insert(point.to_string(), count);
            }
            _ => {}
        }
    }

    fn judge(self) -> Vec<String> {
        let mut wrong = Vec::new();
        let log: BTreeSet<String> = self.in_log.iter().cloned().collect();
        if log.is_empty() || log.len() != self.in_log.len() {
            wrong.push(format!("{} facts, {} of them different", self.in_log.len(), log.len()));
        }
        wrong.extend(log.symmetric_difference(&self.in_passports).map(|fact| format!("only on one side: {fact}")));
        let mut by_point: BTreeMap<String, u64> = BTreeMap::new();
        for fact in &self.in_log {
            *by_point.entry(fact.split(' ').nth(3).unwrap().to_owned()).or_default() += 1;
        }
        if by_point != self.stamps_told {
            wrong.push(format!("counted {:?}, in the log {by_point:?}", self.stamps_told));
        }
        wrong.extend(self.vouchers.iter().filter(|(_, n)| **n > 1).map(|(voucher, _)| format!("{voucher} twice")));
        for (gift, [stock, redeemed, standing, told]) in self.gifts {
            if redeemed > stock || redeemed != standing || redeemed != told {
                wrong.push(format!("gift {gift}: stock {stock}, {redeemed} redeemed, {standing} stand, {told} told"));
            }
        }
        wrong
    }
}
