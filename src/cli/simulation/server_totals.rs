//! The server's counts: from the organisers' summary, the public availability and the gift ledger.

use std::collections::BTreeSet;

use serde_json::Value;

use super::client_stats::RequestKind;
use super::event_totals::{CountsByName, EventTotals, add_count};
use super::http_client::RequestFailed;
use super::venue::Venue;

/// A gift's numbers in the summary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct GiftStock {
    /// Stock in total.
    pub(super) all: u64,
    /// Claimed and on hold.
    pub(super) held: u64,
    /// Redeemed and not voided.
    pub(super) redeemed: u64,
    /// Left to claim.
    pub(super) left: u64,
}

/// The server's counts of everything that happened, by the crowd and by others.
#[derive(Clone, Debug, Default)]
pub(super) struct ServerTotals {
    /// The summary's counts.
    pub(super) totals: EventTotals,
    /// The summary's gifts by id, in the carnival's order.
    pub(super) stocks: Vec<(String, GiftStock)>,
    /// Public numbers of stamps and of passports with a stamp.
    pub(super) public_totals: (u64, u64),
    /// Public numbers of gifts left, by gift.
    pub(super) public_left: CountsByName,
    /// Gifts handed over according to the ledger, by gift.
    pub(super) ledger: CountsByName,
    /// The number of staff sessions.
    pub(super) staff_sessions: u64,
}

/// Fetches the counts; stamps by hour only for `days`.
pub(super) async fn fetch(venue: &Venue, days: &BTreeSet<String>) -> Result<ServerTotals, RequestFailed> {
    let read =
        async |path: &str| Ok(venue.client.request(RequestKind::Read, &venue.organiser_token, path, None).await?.body);
    let summary: Value = read("/v1/organiser/summary").await?;
    let mut fetched =
        ServerTotals { totals: parse_totals(&summary), stocks: stocks(&summary), ..ServerTotals::default() };
    for day in days {
        let of_day = read(&format!("/v1/organiser/summary?day={day}")).await?;
        for hour in list(&of_day["hours"]["hours"]) {
            let name = format!("{day} {}", text(&hour["hour"]).get(..2).unwrap_or_default());
            add_count(&mut fetched.totals.hours, &name, number(&hour["stamps"]));
        }
    }
    let now = read("/v1/availability").await?;
    fetched.public_totals = (number(&now["stamps"]), number(&now["passports"]));
    fetched.public_left = list(&now["gifts"]).map(|gift| (text(&gift["gift"]), number(&gift["left"]))).collect();
    fetched.ledger = ledger(venue, &read("/v1/organiser/ledger.csv").await?);
    let staff = read("/v1/organiser/staff").await?;
    fetched.staff_sessions = list(&staff["invitations"]).map(|invitation| number(&invitation["taken"])).sum();
    Ok(fetched)
}

/// The counts of a summary, without the hours.
pub(super) fn parse_totals(summary: &Value) -> EventTotals {
    let mut totals = EventTotals {
        people: number(&summary["totals"]["people"]),
        suspicions: number(&summary["suspicions"]["count"]),
        ..EventTotals::default()
    };
    for point in list(&summary["routes"]).flat_map(|route| list(&route["points"])) {
        add_count(&mut totals.stamps, &text(&point["point"]), number(&point["stamps"]));
    }
    for gift in list(&summary["gifts"]) {
        add_count(&mut totals.claims, &text(&gift["gift"]), number(&gift["claims"]));
        let redeemed = list(&gift["places"]).map(|place| number(&place["redeemed"])).sum();
        add_count(&mut totals.redeemed, &text(&gift["gift"]), redeemed);
    }
    for refusal in list(&summary["refusals"]) {
        add_count(&mut totals.refusals, &text(&refusal["code"]), number(&refusal["count"]));
    }
    totals
}

fn stocks(summary: &Value) -> Vec<(String, GiftStock)> {
    let stock = |gift: &Value| GiftStock {
        all: number(&gift["stock"]),
        held: number(&gift["held"]),
        redeemed: number(&gift["redeemed"]),
        left: number(&gift["left"]),
    };
    list(&summary["gifts"]).map(|gift| (text(&gift["gift"]), stock(gift))).collect()
}

/// Gifts handed over by gift, summed over days and places. The CSV names gifts by their display name.
fn ledger(venue: &Venue, csv_text: &Value) -> CountsByName {
    let mut reader = csv::Reader::from_reader(csv_text.as_str().unwrap_or_default().as_bytes());
    let mut redeemed = CountsByName::new();
    for row in reader.records().flatten() {
        let gift = venue.gifts.iter().find(|gift| Some(gift.name.as_str()) == row.get(1));
        if let (Some(gift), Some(Ok(redeemed_there))) = (gift, row.get(5).map(str::parse)) {
            add_count(&mut redeemed, &gift.id, redeemed_there);
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
