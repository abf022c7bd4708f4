//! Fetches the server's counts, from the organisers' summary, the public availability and the gift ledger, and compares
//! them with the crowd's.

use std::collections::BTreeSet;

use crate::http::api::answers::{GiftNumbers, SummaryView};
use crate::http::api::client;

use super::http_client::RequestFailed;
use super::stats::{Quantity, Stats, Totals};
use super::venue::Venue;

/// The server's counts of everything that happened, by the crowd and by others.
#[derive(Debug, Default)]
pub(super) struct ServerTotals {
    /// The summary's counts.
    pub(super) totals: Totals,
    /// The summary's gifts, in the carnival's order.
    pub(super) gifts: Vec<GiftNumbers>,
    /// What the public availability and the ledger state: the counts of [`Quantity::is_server_internal`].
    others: Totals,
    /// The number of staff sessions.
    staff_sessions: u64,
}

impl ServerTotals {
    /// Fetches the counts; stamps by hour only for `days`.
    pub(super) async fn fetch(venue: &Venue, days: &BTreeSet<String>) -> Result<ServerTotals, RequestFailed> {
        let (http, token) = (&venue.client, venue.organiser_token.as_str());
        let summary = http.read(token, &client::summary(None)).await?;
        let mut totals = totals_of(&summary);
        for day in days {
            for hour in http.read(token, &client::summary(Some(day))).await?.hours.hours {
                let name = format!("{day} {}", hour.hour.get(..2).unwrap_or_default());
                totals.add(Quantity::Hours, &name, hour.stamps);
            }
        }
        let now = http.read("", &client::availability()).await?;
        let ledger = http.answer(token, &client::ledger()).await?.text;
        let staff = http.read(token, &client::staff()).await?;
        let mut others = ledger_counts(venue, &ledger);
        others.add(Quantity::AvailableStamps, "", now.stamps);
        others.add(Quantity::AvailablePeople, "", now.passports);
        for gift in now.gifts {
            others.add(Quantity::Left, &gift.gift, gift.left.into());
        }
        let staff_sessions = staff.invitations.iter().map(|invitation| u64::from(invitation.taken)).sum();
        Ok(ServerTotals { totals, gifts: summary.gifts, others, staff_sessions })
    }
}

/// The counts of a summary, without the hours.
fn totals_of(summary: &SummaryView) -> Totals {
    let mut totals = Totals::default();
    totals.add(Quantity::People, "", summary.totals.people);
    totals.add(Quantity::Suspicions, "", summary.suspicions.count as u64);
    for point in summary.routes.iter().flat_map(|route| &route.points) {
        totals.add(Quantity::Stamps, &point.point.point, point.stamps);
    }
    for gift in &summary.gifts {
        totals.add(Quantity::Claims, &gift.gift.gift, gift.claims);
        totals.add(Quantity::Redeemed, &gift.gift.gift, gift.places.iter().map(|place| place.redeemed).sum());
    }
    for refusal in &summary.refusals {
        totals.add(Quantity::Refusals, &refusal.code, refusal.count);
    }
    totals
}

/// Gifts handed over by gift, summed over days and places. The CSV names gifts by their display name.
fn ledger_counts(venue: &Venue, ledger: &str) -> Totals {
    let mut reader = csv::Reader::from_reader(ledger.as_bytes());
    let mut redeemed = Totals::default();
    for row in reader.records().flatten() {
        let gift = venue.gifts.iter().find(|gift| Some(gift.name.as_str()) == row.get(1));
        if let (Some(gift), Some(Ok(redeemed_there))) = (gift, row.get(5).map(str::parse)) {
            redeemed.add(Quantity::Ledger, &gift.id, redeemed_there);
        }
    }
    redeemed
}

/// One quantity as counted by both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TotalsRow {
    /// The quantity.
    pub(super) quantity: Quantity,
    /// The point, hour, gift or refusal code; empty for a total.
    pub(super) name: String,
    /// The crowd's count, or the server's first number.
    pub(super) crowd: u64,
    /// How much higher the server's count may be, because responses were lost.
    pub(super) uncertain: u64,
    /// The server's count.
    pub(super) server: u64,
}

impl TotalsRow {
    /// How much more the server has than it may; allowed if people outside the crowd took part. `None` if it has less
    /// than the crowd observed, or contradicts itself.
    pub(super) fn surplus(&self) -> Option<u64> {
        let surplus = self.server.checked_sub(self.crowd)?.saturating_sub(self.uncertain);
        (surplus == 0 || !self.quantity.is_server_internal()).then_some(surplus)
    }
}

/// The result of the comparison.
#[derive(Clone, Debug, Default)]
pub(super) struct Reconciliation {
    /// One row per quantity and name.
    pub(super) rows: Vec<TotalsRow>,
    /// Whether people outside the crowd took part.
    pub(super) outsiders: bool,
}

impl Reconciliation {
    /// Compares the crowd's counts with the server's since `before`. `crowd_sessions` is the number of the crowd's own
    /// staff sessions: another session means that people outside the crowd took part, so the server may have more than
    /// the crowd knows.
    pub(super) fn compare(
        stats: &Stats,
        before: &ServerTotals,
        server_totals: &ServerTotals,
        crowd_sessions: u64,
    ) -> Reconciliation {
        let (crowd, server) = (&stats.totals, server_totals.totals.since(&before.totals));
        let compared: BTreeSet<_> = crowd.0.keys().chain(server.0.keys()).collect();
        let row = |(quantity, name): &(Quantity, String)| TotalsRow {
            quantity: *quantity,
            name: name.clone(),
            crowd: crowd.get(*quantity, name),
            uncertain: stats.uncertain.get(*quantity, name),
            server: server.get(*quantity, name),
        };
        let mut rows: Vec<TotalsRow> = compared.into_iter().map(row).collect();
        rows.retain(|row| row.name.is_empty() || row.crowd + row.server > 0);
        rows.extend(internal_rows(server_totals));
        let outsiders = server_totals.staff_sessions.saturating_sub(before.staff_sessions) > crowd_sessions
            || server.get(Quantity::People, "") > crowd.get(Quantity::People, "");
        Reconciliation { rows, outsiders }
    }

    /// Whether no row contradicts the crowd.
    pub(super) fn agrees(&self) -> bool {
        self.rows.iter().all(|row| self.accepts(row))
    }

    /// Whether a row does not contradict the crowd.
    pub(super) fn accepts(&self, row: &TotalsRow) -> bool {
        row.surplus().is_some_and(|surplus| surplus == 0 || self.outsiders)
    }

    /// The rows of one quantity.
    pub(super) fn rows_of(&self, quantity: Quantity) -> impl Iterator<Item = &TotalsRow> {
        self.rows.iter().filter(move |row| row.quantity == quantity)
    }
}

/// Compares the summary with the public numbers and with the ledger.
fn internal_rows(server: &ServerTotals) -> Vec<TotalsRow> {
    let stamps = server.totals.of(Quantity::Stamps).map(|(_, count)| count).sum();
    let people = server.totals.get(Quantity::People, "");
    let mut expected = vec![(Quantity::AvailableStamps, "", stamps), (Quantity::AvailablePeople, "", people)];
    for GiftNumbers { gift, stock, held, redeemed, left, .. } in &server.gifts {
        // A gift closed by the organisers has none left to claim, even if it has stock.
        let left = if *left == 0 { 0 } else { stock.saturating_sub(redeemed + held) };
        expected.push((Quantity::Left, &gift.gift, left.into()));
        expected.push((Quantity::Ledger, &gift.gift, server.totals.get(Quantity::Redeemed, &gift.gift)));
    }
    let row = |(quantity, name, crowd): (Quantity, &str, u64)| {
        let server = server.others.get(quantity, name);
        TotalsRow { quantity, name: name.to_owned(), crowd, uncertain: 0, server }
    };
    expected.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::api::views::GiftName;

    const STAMPS_AT_2: (Quantity, &str) = (Quantity::Stamps, "space-2");
    const REDEEMED: (Quantity, &str) = (Quantity::Redeemed, "postcards");
    const REFUSALS: (Quantity, &str) = (Quantity::Refusals, "point_closed");

    /// The crowd's counts, this many times.
    fn totals(times: u64) -> Totals {
        let mut totals = Totals::default();
        for ((quantity, name), count) in [
            ((Quantity::People, ""), 3),
            ((Quantity::Stamps, "space-1"), 3),
            (STAMPS_AT_2, 2),
            ((Quantity::Hours, "2023-04-14 10"), 5),
            ((Quantity::Claims, "postcards"), 2),
            (REDEEMED, 1),
            (REFUSALS, 1),
            ((Quantity::Suspicions, ""), 0),
        ] {
            totals.add(quantity, name, count * times);
        }
        totals
    }

    fn with(mut totals: Totals, (quantity, name): (Quantity, &str), count: u64) -> Totals {
        totals.0.insert((quantity, name.to_owned()), count);
        totals
    }

    /// What the public availability and the ledger state: stamps, people, gifts left, gifts handed over.
    fn others(counts: [u64; 4]) -> Totals {
        let quantities = [Quantity::AvailableStamps, Quantity::AvailablePeople, Quantity::Left, Quantity::Ledger];
        let named = quantities.into_iter().zip(["", "", "postcards", "postcards"]);
        named.zip(counts).fold(Totals::default(), |totals, (named, count)| with(totals, named, count))
    }

    fn server_totals() -> ServerTotals {
        let gift = GiftName { gift: "postcards".to_owned(), name: String::new() };
        let (gone_at, places) = (Vec::new(), Vec::new());
        ServerTotals {
            totals: totals(1),
            gifts: vec![GiftNumbers { gift, stock: 500, held: 1, redeemed: 1, left: 498, claims: 2, gone_at, places }],
            others: others([5, 3, 498, 1]),
            staff_sessions: 2,
        }
    }

    fn compare_with(uncertain: Totals, before: &ServerTotals, server: &ServerTotals) -> Reconciliation {
        Reconciliation::compare(&Stats { totals: totals(1), uncertain, ..Stats::default() }, before, server, 2)
    }

    fn compare(server: &ServerTotals) -> Reconciliation {
        compare_with(Totals::default(), &ServerTotals::default(), server)
    }

    #[test]
    fn equal_counts_agree_and_earlier_counts_are_subtracted() {
        let reconciliation = compare(&server_totals());
        assert!(reconciliation.agrees(), "{reconciliation:?}");
        assert_eq!(reconciliation.rows_of(Quantity::Stamps).count(), 2);
        let now =
            ServerTotals { totals: totals(2), others: others([10, 6, 498, 2]), staff_sessions: 4, ..server_totals() };
        assert!(compare_with(Totals::default(), &server_totals(), &now).agrees());
    }

    #[test]
    fn a_lost_stamp_is_a_contradiction_even_with_outsiders() {
        let lost = ServerTotals {
            totals: with(totals(1), STAMPS_AT_2, 1),
            others: others([4, 3, 498, 1]),
            staff_sessions: 9,
            ..server_totals()
        };
        let reconciliation = compare(&lost);
        assert!(!reconciliation.agrees());
        let wrong: Vec<&TotalsRow> = reconciliation.rows.iter().filter(|row| !reconciliation.accepts(row)).collect();
        let row =
            TotalsRow { quantity: Quantity::Stamps, name: "space-2".to_owned(), crowd: 2, uncertain: 0, server: 1 };
        assert_eq!((wrong, row.surplus()), (vec![&row], None));
    }

    #[test]
    fn a_surplus_needs_outsiders() {
        let mut more =
            ServerTotals { totals: with(totals(1), REDEEMED, 2), others: others([5, 3, 498, 2]), ..server_totals() };
        assert!(!compare(&more).agrees(), "a gift was handed over twice");
        more.staff_sessions = 3;
        assert!(compare(&more).agrees(), "a volunteer took part");
    }

    #[test]
    fn refusals_with_a_lost_response_may_count_once_more() {
        let more = ServerTotals { totals: with(totals(1), REFUSALS, 2), ..server_totals() };
        assert!(!compare(&more).agrees());
        let uncertain = with(Totals::default(), REFUSALS, 1);
        assert!(compare_with(uncertain, &ServerTotals::default(), &more).agrees());
    }

    #[test]
    fn contradictions_of_the_server_are_found() {
        let odd = ServerTotals { others: others([5, 3, 498, 2]), staff_sessions: 9, ..server_totals() };
        assert!(!compare(&odd).agrees(), "the ledger");
        let odd = ServerTotals { others: others([5, 3, 499, 1]), ..server_totals() };
        assert!(!compare(&odd).agrees(), "gifts left");
    }
}
