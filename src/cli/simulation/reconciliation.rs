//! Fetches the server's counts, from the organisers' summary, the public availability and the gift ledger, and compares
//! them with the crowd's.

use std::collections::BTreeSet;

use crate::http::api::answers::{GiftNumbers, SummaryView};
use crate::http::api::client;

use super::http_client::RequestFailed;
use super::stats::{CountsByName, Quantity, Stats, Totals, add_count};
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
    pub(super) totals: Totals,
    /// The summary's gifts by id, in the carnival's order.
    pub(super) stocks: Vec<(String, GiftStock)>,
    /// Public numbers of stamps and of passports with a stamp.
    public_totals: (u64, u64),
    /// Public numbers of gifts left, by gift.
    public_left: CountsByName,
    /// Gifts handed over according to the ledger, by gift.
    ledger: CountsByName,
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
        let stock = |gift: GiftNumbers| {
            let [all, held, redeemed, left] = [gift.stock, gift.held, gift.redeemed, gift.left].map(u64::from);
            (gift.gift.gift, GiftStock { all, held, redeemed, left })
        };
        Ok(ServerTotals {
            totals,
            stocks: summary.gifts.into_iter().map(stock).collect(),
            public_totals: (now.stamps, now.passports),
            public_left: now.gifts.into_iter().map(|gift| (gift.gift, gift.left.into())).collect(),
            ledger: ledger_counts(venue, &ledger),
            staff_sessions: staff.invitations.iter().map(|invitation| invitation.taken as u64).sum(),
        })
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
fn ledger_counts(venue: &Venue, ledger: &str) -> CountsByName {
    let mut reader = csv::Reader::from_reader(ledger.as_bytes());
    let mut redeemed = CountsByName::new();
    for row in reader.records().flatten() {
        let gift = venue.gifts.iter().find(|gift| Some(gift.name.as_str()) == row.get(1));
        if let (Some(gift), Some(Ok(redeemed_there))) = (gift, row.get(5).map(str::parse)) {
            add_count(&mut redeemed, &gift.id, redeemed_there);
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

/// The result of comparing a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Agreement {
    /// The counts agree.
    Equal,
    /// The server has more. Allowed if people outside the crowd took part.
    ServerHasMore(u64),
    /// The server has less than the crowd observed, or contradicts itself.
    Contradiction,
}

impl TotalsRow {
    /// Compares the two counts.
    pub(super) fn agreement(&self) -> Agreement {
        let most = self.crowd + self.uncertain;
        match self.server {
            server if (self.crowd..=most).contains(&server) => Agreement::Equal,
            server if server > most && !self.quantity.is_server_internal() => Agreement::ServerHasMore(server - most),
            _ => Agreement::Contradiction,
        }
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
        let compared: BTreeSet<_> = crowd.keys().chain(server.keys()).collect();
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
        match row.agreement() {
            Agreement::Equal => true,
            Agreement::ServerHasMore(_) => self.outsiders,
            Agreement::Contradiction => false,
        }
    }

    /// The rows of one quantity.
    pub(super) fn rows_of(&self, quantity: Quantity) -> impl Iterator<Item = &TotalsRow> {
        self.rows.iter().filter(move |row| row.quantity == quantity)
    }
}

/// Compares the summary with the public numbers and with the ledger.
fn internal_rows(server: &ServerTotals) -> Vec<TotalsRow> {
    let row = |quantity, name: &str, crowd, server| TotalsRow {
        quantity,
        name: name.to_owned(),
        crowd,
        uncertain: 0,
        server,
    };
    let stamps = server.totals.of(Quantity::Stamps).map(|(_, count)| count).sum();
    let mut rows = vec![
        row(Quantity::AvailableStamps, "", stamps, server.public_totals.0),
        row(Quantity::AvailablePeople, "", server.totals.get(Quantity::People, ""), server.public_totals.1),
    ];
    for (gift, stock) in &server.stocks {
        let left = stock.all.saturating_sub(stock.redeemed + stock.held);
        // A gift closed by the organisers has none left to claim, even if it has stock.
        let left = if stock.left == 0 { 0 } else { left };
        let of = |counts: &CountsByName| counts.get(gift).copied().unwrap_or(0);
        rows.push(row(Quantity::Left, gift, left, of(&server.public_left)));
        rows.push(row(Quantity::Ledger, gift, server.totals.get(Quantity::Redeemed, gift), of(&server.ledger)));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

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

    fn counts(count: u64) -> CountsByName {
        CountsByName::from([("postcards".to_owned(), count)])
    }

    fn server_totals() -> ServerTotals {
        ServerTotals {
            totals: totals(1),
            stocks: vec![("postcards".to_owned(), GiftStock { all: 500, held: 1, redeemed: 1, left: 498 })],
            public_totals: (5, 3),
            public_left: counts(498),
            ledger: counts(1),
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
        let now = ServerTotals {
            totals: totals(2),
            public_totals: (10, 6),
            ledger: counts(2),
            staff_sessions: 4,
            ..server_totals()
        };
        assert!(compare_with(Totals::default(), &server_totals(), &now).agrees());
    }

    #[test]
    fn a_lost_stamp_is_a_contradiction_even_with_outsiders() {
        let lost = ServerTotals {
            totals: with(totals(1), STAMPS_AT_2, 1),
            public_totals: (4, 3),
            staff_sessions: 9,
            ..server_totals()
        };
        let reconciliation = compare(&lost);
        assert!(!reconciliation.agrees());
        let wrong: Vec<&TotalsRow> = reconciliation.rows.iter().filter(|row| !reconciliation.accepts(row)).collect();
        let row =
            TotalsRow { quantity: Quantity::Stamps, name: "space-2".to_owned(), crowd: 2, uncertain: 0, server: 1 };
        assert_eq!((wrong, row.agreement()), (vec![&row], Agreement::Contradiction));
    }

    #[test]
    fn a_surplus_needs_outsiders() {
        let mut more = ServerTotals { totals: with(totals(1), REDEEMED, 2), ledger: counts(2), ..server_totals() };
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
        let odd = ServerTotals { ledger: counts(2), staff_sessions: 9, ..server_totals() };
        assert!(!compare(&odd).agrees(), "the ledger");
        let odd = ServerTotals { public_left: counts(499), ..server_totals() };
        assert!(!compare(&odd).agrees(), "gifts left");
    }
}
