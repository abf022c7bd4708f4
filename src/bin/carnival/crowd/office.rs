//! What the server says: the organisers' summary, what is available, and the gift ledger.

use std::collections::BTreeSet;

use serde_json::Value;

use super::books::Ask;
use super::line::Silence;
use super::numbers::{Counts, Numbers, count};
use super::world::World;

/// A gift as the summary has it now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stock {
    /// How many there were.
    pub(super) all: u64,
    /// How many are set aside.
    pub(super) held: u64,
    /// How many were handed over and not undone.
    pub(super) redeemed: u64,
    /// How many can still be claimed.
    pub(super) left: u64,
}

/// What the server says, of the crowd and of everybody else.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    /// The summary's numbers.
    pub(super) numbers: Numbers,
    /// The summary's gifts, by id, in the order of the carnival.
    pub(super) stocks: Vec<(String, Stock)>,
    /// Stamps and passports as everybody is told.
    pub(super) available: (u64, u64),
    /// What everybody is told is left, by gift.
    pub(super) available_left: Counts,
    /// What the ledger says was handed over, by gift.
    pub(super) ledger: Counts,
    /// How many staff sessions there are.
    pub(super) staff: u64,
}

/// Asks for all of it. `days` are those of which the hours are wanted.
pub(super) async fn ask(world: &World, days: &BTreeSet<String>) -> Result<Told, Silence> {
    let read = async |path: &str| Ok(world.line.ask(Ask::Read, &world.organiser, path, None).await?.body);
    let summary: Value = read("/v1/organiser/summary").await?;
    let mut told = Told { numbers: numbers(&summary), stocks: stocks(&summary), ..Told::default() };
    for day in days {
        let of_day = read(&format!("/v1/organiser/summary?day={day}")).await?;
        for hour in list(&of_day["hours"]["hours"]) {
            let name = format!("{day} {}", text(&hour["hour"]).get(..2).unwrap_or_default());
            count(&mut told.numbers.hours, &name, number(&hour["stamps"]));
        }
    }
    let now = read("/v1/availability").await?;
    told.available = (number(&now["stamps"]), number(&now["passports"]));
    told.available_left = list(&now["gifts"]).map(|gift| (text(&gift["gift"]), number(&gift["left"]))).collect();
    told.ledger = ledger(world, &read("/v1/organiser/ledger.csv").await?);
    let staff = read("/v1/organiser/staff").await?;
    told.staff = list(&staff["invitations"]).map(|invitation| number(&invitation["taken"])).sum();
    Ok(told)
}

/// The numbers in a summary, but for the hours.
pub(super) fn numbers(summary: &Value) -> Numbers {
    let mut numbers = Numbers {
        people: number(&summary["totals"]["people"]),
        suspicions: number(&summary["suspicions"]["count"]),
        ..Numbers::default()
    };
    for point in list(&summary["routes"]).flat_map(|route| list(&route["points"])) {
        count(&mut numbers.stamps, &text(&point["point"]), number(&point["stamps"]));
    }
    for gift in list(&summary["gifts"]) {
        count(&mut numbers.claims, &text(&gift["gift"]), number(&gift["claims"]));
        let redeemed = list(&gift["places"]).map(|place| number(&place["redeemed"])).sum();
        count(&mut numbers.redeemed, &text(&gift["gift"]), redeemed);
    }
    for refusal in list(&summary["refusals"]) {
        count(&mut numbers.refusals, &text(&refusal["code"]), number(&refusal["count"]));
    }
    numbers
}

fn stocks(summary: &Value) -> Vec<(String, Stock)> {
    let stock = |gift: &Value| Stock {
        all: number(&gift["stock"]),
        held: number(&gift["held"]),
        redeemed: number(&gift["redeemed"]),
        left: number(&gift["left"]),
    };
    list(&summary["gifts"]).map(|gift| (text(&gift["gift"]), stock(gift))).collect()
}

/// Handed over by gift, all days and places together. The sheet names gifts as people do.
fn ledger(world: &World, sheet: &Value) -> Counts {
    let mut reader = csv::Reader::from_reader(sheet.as_str().unwrap_or_default().as_bytes());
    let mut redeemed = Counts::new();
    for row in reader.records().flatten() {
        let gift = world.gifts.iter().find(|gift| Some(gift.name.as_str()) == row.get(1));
        if let (Some(gift), Some(Ok(count_there))) = (gift, row.get(5).map(str::parse)) {
            count(&mut redeemed, &gift.id, count_there);
        }
    }
    redeemed
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
