//! Whether the crowd and the server agree, number by number.

use std::collections::BTreeSet;

use super::numbers::{Counts, Numbers};
use super::office::Told;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Passports with a stamp.
    People,
    /// Stamps, at a point.
    Stamps,
    /// Stamps, in an hour.
    Hours,
    /// Gifts set aside.
    Claims,
    /// Gifts handed over.
    Redeemed,
    /// Refusals of a reason.
    Refusals,
    /// Suspicions.
    Suspicions,
    /// Stamps that everybody is told of, beside the summary's.
    AvailableStamps,
    /// Passports, the same.
    AvailablePeople,
    /// What is left of a gift by the summary's own numbers, beside what everybody is told.
    Left,
    /// Gifts handed over by the summary, beside the ledger.
    Ledger,
}

impl What {
    /// Whether the server is held against itself.
    pub(super) fn is_servers_own(self) -> bool {
        matches!(self, What::AvailableStamps | What::AvailablePeople | What::Left | What::Ledger)
    }
}

/// One number, as both know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// What.
    pub(super) what: What,
    /// Of which point, hour, gift or reason; empty for all.
    pub(super) of: String,
    /// What the crowd knows, or what the server said first.
    pub(super) crowd: u64,
    /// How many more it may be, because answers were lost.
    pub(super) perhaps: u64,
    /// What the server says.
    pub(super) server: u64,
}

/// How the two stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Alike.
    Agrees,
    /// The server has more: of somebody who took part beside the crowd, if there was one.
    More(u64),
    /// The server has less than it told the crowd, or contradicts itself.
    Wrong,
}

impl Row {
    /// How the two stand.
    pub(super) fn standing(&self) -> Standing {
        let most = self.crowd + self.perhaps;
        match self.server {
            server if (self.crowd..=most).contains(&server) => Standing::Agrees,
            server if server > most && !self.what.is_servers_own() => Standing::More(server - most),
            _ => Standing::Wrong,
        }
    }
}

/// All that was compared.
#[derive(Clone, Debug, Default)]
pub(super) struct Verdict {
    /// Number by number.
    pub(super) rows: Vec<Row>,
    /// Whether others than the crowd took part.
    pub(super) others: bool,
}

impl Verdict {
    /// Compares what the crowd knows with what the server says since the crowd came. `ours` is how many staff
    /// sessions are the crowd's: one more is a person who took part, and may have done more than the crowd knows.
    pub(super) fn of(crowd: &Numbers, perhaps: &Counts, before: &Told, told: &Told, ours: u64) -> Verdict {
        let server = told.numbers.since(&before.numbers);
        let row = |what, crowd, server| Row { what, of: String::new(), crowd, perhaps: 0, server };
        let mut rows = vec![row(What::People, crowd.people, server.people)];
        rows.extend(by_name(What::Stamps, &crowd.stamps, &server.stamps));
        rows.extend(by_name(What::Hours, &crowd.hours, &server.hours));
        rows.extend(by_name(What::Claims, &crowd.claims, &server.claims));
        rows.extend(by_name(What::Redeemed, &crowd.redeemed, &server.redeemed));
        let refusals = by_name(What::Refusals, &crowd.refusals, &server.refusals);
        rows.extend(refusals.map(|row| Row { perhaps: perhaps.get(&row.of).copied().unwrap_or(0), ..row }));
        rows.push(row(What::Suspicions, crowd.suspicions, server.suspicions));
        rows.extend(with_itself(told));
        let others = told.staff - before.staff.min(told.staff) > ours || server.people > crowd.people;
        Verdict { rows, others }
    }

    /// Whether nothing contradicts the crowd.
    pub(super) fn agrees(&self) -> bool {
        self.rows.iter().all(|row| self.is_fine(row))
    }

    /// Whether a row does not contradict the crowd.
    pub(super) fn is_fine(&self, row: &Row) -> bool {
        match row.standing() {
            Standing::Agrees => true,
            Standing::More(_) => self.others,
            Standing::Wrong => false,
        }
    }

    /// The rows of one kind.
    pub(super) fn of_kind(&self, what: What) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.what == what)
    }
}

/// The names that either knows, but for those that both count as nothing.
fn by_name<'a>(what: What, crowd: &'a Counts, server: &'a Counts) -> impl Iterator<Item = Row> + use<'a> {
    let names: BTreeSet<&String> = crowd.keys().chain(server.keys()).collect();
    let of = |counts: &Counts, name: &String| counts.get(name).copied().unwrap_or(0);
    let row = move |name: &String| Row {
        what,
        of: name.clone(),
        crowd: of(crowd, name),
        perhaps: 0,
        server: of(server, name),
    };
    names.into_iter().map(row).filter(|row| row.crowd + row.server > 0)
}

/// The summary beside what everybody is told, and beside the ledger.
fn with_itself(told: &Told) -> Vec<Row> {
    let row = |what, of: &str, crowd, server| Row { what, of: of.to_owned(), crowd, perhaps: 0, server };
    let stamps = told.numbers.stamps.values().sum();
    let mut rows = vec![
        row(What::AvailableStamps, "", stamps, told.available.0),
        row(What::AvailablePeople, "", told.numbers.people, told.available.1),
    ];
    for (gift, stock) in &told.stocks {
        let left = stock.all.saturating_sub(stock.redeemed + stock.held);
        // A gift that the organisers closed has none left to claim, whatever lies in the storeroom.
        let left = if stock.left == 0 { 0 } else { left };
        rows.push(row(What::Left, gift, left, told.available_left.get(gift).copied().unwrap_or(0)));
        let redeemed = told.numbers.redeemed.get(gift).copied().unwrap_or(0);
        rows.push(row(What::Ledger, gift, redeemed, told.ledger.get(gift).copied().unwrap_or(0)));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::super::office::Stock;
    use super::*;

    fn counts(pairs: &[(&str, u64)]) -> Counts {
        pairs.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    }

    fn crowd() -> Numbers {
        Numbers {
            people: 3,
            stamps: counts(&[("space-1", 3), ("space-2", 2)]),
            hours: counts(&[("2023-04-14 10", 5)]),
            claims: counts(&[("postcards", 2)]),
            redeemed: counts(&[("postcards", 1)]),
            refusals: counts(&[("point_closed", 1)]),
            suspicions: 0,
        }
    }

    fn told() -> Told {
        Told {
            numbers: crowd(),
            stocks: vec![("postcards".to_owned(), Stock { all: 500, held: 1, redeemed: 1, left: 498 })],
            available: (5, 3),
            available_left: counts(&[("postcards", 498)]),
            ledger: counts(&[("postcards", 1)]),
            staff: 2,
        }
    }

    fn compare(told: &Told) -> Verdict {
        Verdict::of(&crowd(), &Counts::new(), &Told::default(), told, 2)
    }

    #[test]
    fn the_same_agrees_and_what_was_there_before_is_not_the_crowds() {
        let verdict = compare(&told());
        assert!(verdict.agrees(), "{verdict:?}");
        assert_eq!(verdict.of_kind(What::Stamps).count(), 2);
        let before = told();
        let mut now = told();
        now.numbers.stamps = counts(&[("space-1", 6), ("space-2", 4)]);
        now.numbers.hours = counts(&[("2023-04-14 10", 10)]);
        now.numbers.claims = counts(&[("postcards", 4)]);
        now.numbers.redeemed = counts(&[("postcards", 2)]);
        now.numbers.refusals = counts(&[("point_closed", 2)]);
        now.numbers.people = 6;
        now.available = (10, 6);
        now.ledger = counts(&[("postcards", 2)]);
        now.staff = 4;
        assert!(Verdict::of(&crowd(), &Counts::new(), &before, &now, 2).agrees());
    }

    #[test]
    fn a_stamp_that_was_told_and_is_not_there_is_wrong_whoever_else_took_part() {
        let mut lost = told();
        lost.numbers.stamps = counts(&[("space-1", 3), ("space-2", 1)]);
        lost.available.0 = 4;
        lost.staff = 9;
        let verdict = compare(&lost);
        assert!(!verdict.agrees());
        let wrong: Vec<&Row> = verdict.rows.iter().filter(|row| !verdict.is_fine(row)).collect();
        let row = Row { what: What::Stamps, of: "space-2".to_owned(), crowd: 2, perhaps: 0, server: 1 };
        assert_eq!((wrong, row.standing()), (vec![&row], Standing::Wrong));
    }

    #[test]
    fn more_than_the_crowd_did_is_somebody_elses_or_wrong() {
        let mut more = told();
        more.numbers.redeemed = counts(&[("postcards", 2)]);
        more.ledger = counts(&[("postcards", 2)]);
        assert!(!compare(&more).agrees(), "a gift was given twice");
        more.staff = 3;
        assert!(compare(&more).agrees(), "a volunteer took part");
    }

    #[test]
    fn refusals_before_a_lost_answer_may_count_once_more() {
        let mut more = told();
        more.numbers.refusals = counts(&[("point_closed", 2)]);
        assert!(!compare(&more).agrees());
        let perhaps = counts(&[("point_closed", 1)]);
        assert!(Verdict::of(&crowd(), &perhaps, &Told::default(), &more, 2).agrees());
    }

    #[test]
    fn a_server_that_contradicts_itself_is_wrong() {
        let mut odd = told();
        odd.ledger = counts(&[("postcards", 2)]);
        odd.staff = 9;
        assert!(!compare(&odd).agrees(), "the ledger");
        let mut odd = told();
        odd.available_left = counts(&[("postcards", 499)]);
        assert!(!compare(&odd).agrees(), "what is left");
    }
}
