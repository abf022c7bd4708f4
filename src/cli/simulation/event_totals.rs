//! Counts that the crowd and the server must agree on.

use std::collections::BTreeMap;

/// Counts by name.
pub(super) type CountsByName = BTreeMap<String, u64>;

/// What happened, as counted by one side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct EventTotals {
    /// Passports with a stamp.
    pub(super) people: u64,
    /// Stamps by point.
    pub(super) stamps: CountsByName,
    /// Stamps by day and hour: `2023-04-14 10`.
    pub(super) hours: CountsByName,
    /// Claimed gifts by gift.
    pub(super) claims: CountsByName,
    /// Gifts handed over by gift.
    pub(super) redeemed: CountsByName,
    /// Refusals by code.
    pub(super) refusals: CountsByName,
    /// Pairs of stamps too far apart for the time between them.
    pub(super) suspicions: u64,
}

impl EventTotals {
    /// The increase since `before`.
    pub(super) fn since(&self, before: &EventTotals) -> EventTotals {
        let less = |now: &CountsByName, before: &CountsByName| {
            let left = |(name, count): (&String, &u64)| {
                (name.clone(), count.saturating_sub(before.get(name).copied().unwrap_or(0)))
            };
            now.iter().map(left).collect()
        };
        EventTotals {
            people: self.people.saturating_sub(before.people),
            stamps: less(&self.stamps, &before.stamps),
            hours: less(&self.hours, &before.hours),
            claims: less(&self.claims, &before.claims),
            redeemed: less(&self.redeemed, &before.redeemed),
            refusals: less(&self.refusals, &before.refusals),
            suspicions: self.suspicions.saturating_sub(before.suspicions),
        }
    }
}

/// Adds to the count of a name.
pub(super) fn add_count(counts: &mut CountsByName, name: &str, more: u64) {
    *counts.entry(name.to_owned()).or_default() += more;
}
