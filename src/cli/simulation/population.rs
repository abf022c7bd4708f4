//! The simulated population: who comes, when, and who attempts a fraud. Generated from a seed, so that it is
//! repeatable.

use fastrand::Rng;
use strum::VariantArray;

/// People who visit together.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct VisitorGroup {
    /// Index of the group.
    pub(super) number: usize,
    /// Indices of its paper passports.
    pub(super) cards: std::ops::Range<usize>,
    /// Whether the group has a phone.
    pub(super) has_phone: bool,
    /// Arrival, in carnival minutes after the start.
    pub(super) arrives_after_minutes: f64,
    /// The fraud that it attempts.
    pub(super) fraud: Option<FraudKind>,
    /// The seed of its further choices.
    pub(super) seed: u64,
}

impl VisitorGroup {
    /// The number of passports of the group, one per person.
    pub(super) fn people(&self) -> u64 {
        self.cards.len() as u64 + u64::from(self.has_phone)
    }
}

/// Kinds of fraud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, VariantArray)]
pub(super) enum FraudKind {
    /// A printed code with another last character.
    ForgedCode,
    /// A printed code of another carnival.
    OtherCarnival,
    /// A claim without a stamp.
    NotEarned,
    /// A photo of a display code, minutes old.
    OldDisplayCode,
    /// One voucher, redeemed twice.
    VoucherTwice,
    /// A friend's photo of a distant poster, within a minute.
    TwoPlaces,
}

/// The number of groups and cards of each type.
#[derive(Clone, Copy, Debug)]
pub(super) struct GroupCounts {
    /// Residents alone with a phone.
    pub(super) singles: usize,
    /// Families with a phone.
    pub(super) families: usize,
    /// Paper passports carried on a family's phone.
    pub(super) companion_cards: usize,
    /// Paper passports without a phone.
    pub(super) paper_only: usize,
}

impl GroupCounts {
    /// Counts the groups by type.
    pub(super) fn of(groups: &[VisitorGroup]) -> GroupCounts {
        let count = |of: fn(&VisitorGroup) -> usize| groups.iter().map(of).sum();
        GroupCounts {
            singles: count(|group| usize::from(group.has_phone && group.cards.is_empty())),
            families: count(|group| usize::from(group.has_phone && !group.cards.is_empty())),
            companion_cards: count(|group| if group.has_phone { group.cards.len() } else { 0 }),
            paper_only: count(|group| if group.has_phone { 0 } else { group.cards.len() }),
        }
    }
}

/// Maximum duration of the arrivals in carnival minutes. A smaller crowd arrives at one person a minute.
const MAX_ARRIVAL_MINUTES: u32 = 120;
/// Smaller crowds have no fraud.
const MIN_PEOPLE_FOR_FRAUD: u32 = 20;
/// There is one fraud of each kind per this number of people, and at least one.
const PEOPLE_PER_FRAUD: u32 = 150;

/// Generates the groups: most are one resident with a phone, some are families, some are a paper passport alone.
pub(super) fn generate_groups(people: u32, seed: u64) -> Vec<VisitorGroup> {
    let mut rng = Rng::with_seed(seed);
    let arrival_minutes = f64::from(people.min(MAX_ARRIVAL_MINUTES));
    let (mut groups, mut remaining, mut card) = (Vec::new(), people as usize, 0);
    while remaining > 0 {
        let (has_phone, cards) = match rng.u32(0..100) {
            0..62 => (true, 0),
            62..85 => (true, rng.usize(1..=3).min(remaining - 1)),
            _ => (false, 1),
        };
        // The arrivals peak halfway: a rush, as on every carnival day.
        let arrives_after_minutes = f64::midpoint(rng.f64(), rng.f64()) * arrival_minutes;
        let (cards, seed) = (card..card + cards, rng.u64(..));
        card = cards.end;
        let group = VisitorGroup { number: groups.len(), cards, has_phone, arrives_after_minutes, fraud: None, seed };
        remaining = remaining.saturating_sub(usize::from(group.has_phone) + group.cards.len());
        groups.push(group);
    }
    assign_fraud(&mut groups, people, &mut rng);
    groups
}

fn assign_fraud(groups: &mut [VisitorGroup], people: u32, rng: &mut Rng) {
    if people < MIN_PEOPLE_FOR_FRAUD {
        return;
    }
    let of_each = (people / PEOPLE_PER_FRAUD).max(1) as usize;
    let mut singles: Vec<&mut VisitorGroup> =
        groups.iter_mut().filter(|group| group.has_phone && group.cards.is_empty()).collect();
    rng.shuffle(&mut singles);
    let frauds = FraudKind::VARIANTS.iter().flat_map(|fraud| std::iter::repeat_n(*fraud, of_each));
    for (group, fraud) in singles.into_iter().zip(frauds) {
        group.fraud = Some(fraud);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_person_is_in_one_group_and_each_card_is_used_once() {
        for people in [1, 2, 19, 300, 20_000] {
            let groups = generate_groups(people, 7);
            assert_eq!(groups.iter().map(VisitorGroup::people).sum::<u64>(), u64::from(people));
            let GroupCounts { singles, families, companion_cards, paper_only } = GroupCounts::of(&groups);
            assert_eq!(singles + families + companion_cards + paper_only, people as usize);
            let cards: Vec<usize> = groups.iter().flat_map(|group| group.cards.clone()).collect();
            assert_eq!(cards, (0..cards.len()).collect::<Vec<_>>());
            let frauds = |kind: &FraudKind| groups.iter().filter(|group| group.fraud == Some(*kind)).count();
            let of_each = if people < MIN_PEOPLE_FOR_FRAUD { 0 } else { (people / PEOPLE_PER_FRAUD).max(1) };
            let frauds: Vec<usize> = FraudKind::VARIANTS.iter().map(frauds).collect();
            assert_eq!(frauds, [of_each as usize; 6], "{people}");
        }
    }

    #[test]
    fn the_same_seed_generates_the_same_groups() {
        assert_eq!(generate_groups(300, 1), generate_groups(300, 1));
        assert_ne!(generate_groups(300, 1), generate_groups(300, 2));
    }
}
