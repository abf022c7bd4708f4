//! Compares the crowd's counts with the server's.

use std::collections::BTreeSet;

use super::event_totals::{CountsByName, EventTotals};
use super::server_totals::ServerTotals;

/// A compared quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantity {
    /// Passports with a stamp.
    People,
    /// Stamps at a point.
    Stamps,
    /// Stamps in an hour.
    Hours,
    /// Gifts claimed.
    Claims,
    /// Gifts handed over.
    Redeemed,
    /// Refusals by code.
    Refusals,
    /// Suspicions.
    Suspicions,
    /// Stamps: the summary's number and the public one.
    AvailableStamps,
    /// Passports with a stamp: the summary's number and the public one.
    AvailablePeople,
    /// What is left of a gift: computed from the summary's numbers, and the public number.
    Left,
    /// Gifts handed over: the summary's number and the ledger's.
    Ledger,
}

impl Quantity {
    /// Whether both numbers come from the server.
    pub(super) fn is_server_internal(self) -> bool {
        matches!(self, Quantity::AvailableStamps | Quantity::AvailablePeople | Quantity::Left | Quantity::Ledger)
    }
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
        crowd: &EventTotals,
        uncertain: &CountsByName,
        before: &ServerTotals,
        server_totals: &ServerTotals,
        crowd_sessions: u64,
    ) -> Reconciliation {
        let server = server_totals.totals.since(&before.totals);
        let row = |quantity, crowd, server| TotalsRow { quantity, name: String::new(), crowd, uncertain: 0, server };
        let mut rows = vec![row(Quantity::People, crowd.people, server.people)];
        rows.extend(by_name(Quantity::Stamps, &crowd.stamps, &server.stamps));
        rows.extend(by_name(Quantity::Hours, &crowd.hours, &server.hours));
        rows.extend(by_name(Quantity::Claims, &crowd.claims, &server.claims));
        rows.extend(by_name(Quantity::Redeemed, &crowd.redeemed, &server.redeemed));
        let refusals = by_name(Quantity::Refusals, &crowd.refusals, &server.refusals);
        rows.extend(refusals.map(|row| TotalsRow { uncertain: uncertain.get(&row.name).copied().unwrap_or(0), ..row }));
        rows.push(row(Quantity::Suspicions, crowd.suspicions, server.suspicions));
        rows.extend(internal_rows(server_totals));
        let outsiders = server_totals.staff_sessions - before.staff_sessions.min(server_totals.staff_sessions)
            > crowd_sessions
            || server.people > crowd.people;
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

/// One row per name that either side knows, except those that are zero on both.
fn by_name<'a>(
    quantity: Quantity,
    crowd: &'a CountsByName,
    server: &'a CountsByName,
) -> impl Iterator<Item = TotalsRow> + use<'a> {
    let names: BTreeSet<&String> = crowd.keys().chain(server.keys()).collect();
    let of = |counts: &CountsByName, name: &String| counts.get(name).copied().unwrap_or(0);
    let row = move |name: &String| TotalsRow {
        quantity,
        name: name.clone(),
        crowd: of(crowd, name),
        uncertain: 0,
        server: of(server, name),
    };
    names.into_iter().map(row).filter(|row| row.crowd + row.server > 0)
}

/// Compares the summary with the public numbers and with the ledger.
fn internal_rows(server_totals: &ServerTotals) -> Vec<TotalsRow> {
    let row = |quantity, name: &str, crowd, server| TotalsRow {
        quantity,
        name: name.to_owned(),
        crowd,
        uncertain: 0,
        server,
    };
    let stamps = server_totals.totals.stamps.values().sum();
    let mut rows = vec![
        row(Quantity::AvailableStamps, "", stamps, server_totals.public_totals.0),
        row(Quantity::AvailablePeople, "", server_totals.totals.people, server_totals.public_totals.1),
    ];
    for (gift, stock) in &server_totals.stocks {
        let left = stock.all.saturating_sub(stock.redeemed + stock.held);
        // A gift closed by the organisers has none left to claim, even if it has stock.
        let left = if stock.left == 0 { 0 } else { left };
        rows.push(row(Quantity::Left, gift, left, server_totals.public_left.get(gift).copied().unwrap_or(0)));
        let redeemed = server_totals.totals.redeemed.get(gift).copied().unwrap_or(0);
        rows.push(row(Quantity::Ledger, gift, redeemed, server_totals.ledger.get(gift).copied().unwrap_or(0)));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::super::server_totals::GiftStock;
    use super::*;

    fn counts(pairs: &[(&str, u64)]) -> CountsByName {
        pairs.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    }

    fn crowd() -> EventTotals {
        EventTotals {
            people: 3,
            stamps: counts(&[("space-1", 3), ("space-2", 2)]),
            hours: counts(&[("2023-04-14 10", 5)]),
            claims: counts(&[("postcards", 2)]),
            redeemed: counts(&[("postcards", 1)]),
            refusals: counts(&[("point_closed", 1)]),
            suspicions: 0,
        }
    }

    fn server_totals() -> ServerTotals {
        ServerTotals {
            totals: crowd(),
            stocks: vec![("postcards".to_owned(), GiftStock { all: 500, held: 1, redeemed: 1, left: 498 })],
            public_totals: (5, 3),
            public_left: counts(&[("postcards", 498)]),
            ledger: counts(&[("postcards", 1)]),
            staff_sessions: 2,
        }
    }

    fn compare(server_totals: &ServerTotals) -> Reconciliation {
        Reconciliation::compare(&crowd(), &CountsByName::new(), &ServerTotals::default(), server_totals, 2)
    }

    #[test]
    fn equal_counts_agree_and_earlier_counts_are_subtracted() {
        let reconciliation = compare(&server_totals());
        assert!(reconciliation.agrees(), "{reconciliation:?}");
        assert_eq!(reconciliation.rows_of(Quantity::Stamps).count(), 2);
        let before = server_totals();
        let mut now = server_totals();
        now.totals.stamps = counts(&[("space-1", 6), ("space-2", 4)]);
        now.totals.hours = counts(&[("2023-04-14 10", 10)]);
        now.totals.claims = counts(&[("postcards", 4)]);
        now.totals.redeemed = counts(&[("postcards", 2)]);
        now.totals.refusals = counts(&[("point_closed", 2)]);
        now.totals.people = 6;
        now.public_totals = (10, 6);
        now.ledger = counts(&[("postcards", 2)]);
        now.staff_sessions = 4;
        assert!(Reconciliation::compare(&crowd(), &CountsByName::new(), &before, &now, 2).agrees());
    }

    #[test]
    fn a_lost_stamp_is_a_contradiction_even_with_outsiders() {
        let mut lost = server_totals();
        lost.totals.stamps = counts(&[("space-1", 3), ("space-2", 1)]);
        lost.public_totals.0 = 4;
        lost.staff_sessions = 9;
        let reconciliation = compare(&lost);
        assert!(!reconciliation.agrees());
        let wrong: Vec<&TotalsRow> = reconciliation.rows.iter().filter(|row| !reconciliation.accepts(row)).collect();
        let row =
            TotalsRow { quantity: Quantity::Stamps, name: "space-2".to_owned(), crowd: 2, uncertain: 0, server: 1 };
        assert_eq!((wrong, row.agreement()), (vec![&row], Agreement::Contradiction));
    }

    #[test]
    fn a_surplus_needs_outsiders() {
        let mut more = server_totals();
        more.totals.redeemed = counts(&[("postcards", 2)]);
        more.ledger = counts(&[("postcards", 2)]);
        assert!(!compare(&more).agrees(), "a gift was handed over twice");
        more.staff_sessions = 3;
        assert!(compare(&more).agrees(), "a volunteer took part");
    }

    #[test]
    fn refusals_with_a_lost_response_may_count_once_more() {
        let mut more = server_totals();
        more.totals.refusals = counts(&[("point_closed", 2)]);
        assert!(!compare(&more).agrees());
        let uncertain = counts(&[("point_closed", 1)]);
        assert!(Reconciliation::compare(&crowd(), &uncertain, &ServerTotals::default(), &more, 2).agrees());
    }

    #[test]
    fn contradictions_of_the_server_are_found() {
        let mut odd = server_totals();
        odd.ledger = counts(&[("postcards", 2)]);
        odd.staff_sessions = 9;
        assert!(!compare(&odd).agrees(), "the ledger");
        let mut odd = server_totals();
        odd.public_left = counts(&[("postcards", 499)]);
        assert!(!compare(&odd).agrees(), "gifts left");
    }
}
