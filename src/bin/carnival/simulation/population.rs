//! Who comes, and when: drawn from a seed, so that a rehearsal can be repeated.

use fastrand::Rng;

/// People who go the way together.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct VisitorGroup {
    /// Which of all parties.
    pub(super) number: usize,
    /// How many paper passports it carries, and the first of them.
    pub(super) cards: std::ops::Range<usize>,
    /// Whether there is a phone.
    pub(super) has_phone: bool,
    /// When it comes, in the carnival's minutes after the beginning.
    pub(super) arrives_after_minutes: f64,
    /// What it tries that it should not.
    pub(super) fraud: Option<FraudKind>,
    /// What all its further choices are drawn from.
    pub(super) seed: u64,
}

impl VisitorGroup {
    /// How many passports are stamped for it.
    pub(super) fn people(&self) -> u64 {
        self.cards.len() as u64 + u64::from(self.has_phone)
    }
}

/// What somebody tries who wants more than is hers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum FraudKind {
    /// A poster's code with another ending.
    ForgedCode,
    /// The poster of another carnival.
    OtherCarnival,
    /// A claim without a stamp.
    NotEarned,
    /// A photo of the tablet, some minutes later.
    OldDisplayCode,
    /// One voucher, shown twice.
    VoucherTwice,
    /// A friend's photo of a poster far away, within a minute.
    TwoPlaces,
}

impl FraudKind {
    /// All of them.
    pub(super) const ALL: [FraudKind; 6] = [
        FraudKind::ForgedCode,
        FraudKind::OtherCarnival,
        FraudKind::NotEarned,
        FraudKind::OldDisplayCode,
        FraudKind::VoucherTwice,
        FraudKind::TwoPlaces,
    ];
}

/// How many there are of each sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct GroupCounts {
    /// Residents alone with a phone.
    pub(super) singles: usize,
    /// Families with a phone.
    pub(super) families: usize,
    /// Paper passports on their phones.
    pub(super) companion_cards: usize,
    /// Paper passports by themselves.
    pub(super) paper_only: usize,
}

impl GroupCounts {
    /// Of these parties.
    pub(super) fn of(groups: &[VisitorGroup]) -> GroupCounts {
        let mut counts = GroupCounts::default();
        for group in groups {
            match (group.has_phone, group.cards.len()) {
                (true, 0) => counts.singles += 1,
                (true, cards) => {
                    counts.families += 1;
                    counts.companion_cards += cards;
                }
                (false, cards) => counts.paper_only += cards,
            }
        }
        counts
    }
}

/// The longest that a crowd takes to come, in the carnival's minutes; a small one comes one a minute.
const MAX_ARRIVAL_MINUTES: u32 = 120;
/// From how many people on some cheat, and one of each kind for so many more.
const MIN_PEOPLE_FOR_FRAUD: u32 = 20;
const PEOPLE_PER_FRAUD: u32 = 150;

/// So many people in parties: most alone with a phone, some families, some with a paper passport alone.
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
        // Half-way between the first and the last most come: a rush, as there is one on every such day.
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
    let frauds = FraudKind::ALL.into_iter().flat_map(|fraud| std::iter::repeat_n(fraud, of_each));
    for (group, fraud) in singles.into_iter().zip(frauds) {
        group.fraud = Some(fraud);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_in_one_party_and_has_a_card_of_his_own() {
        for people in [1, 2, 19, 300, 20_000] {
            let groups = generate_groups(people, 7);
            assert_eq!(groups.iter().map(VisitorGroup::people).sum::<u64>(), u64::from(people));
            let GroupCounts { singles, families, companion_cards, paper_only } = GroupCounts::of(&groups);
            assert_eq!(singles + families + companion_cards + paper_only, people as usize);
            let cards: Vec<usize> = groups.iter().flat_map(|group| group.cards.clone()).collect();
            assert_eq!(cards, (0..cards.len()).collect::<Vec<_>>());
            let frauds = |kind| groups.iter().filter(|group| group.fraud == Some(kind)).count();
            let of_each = if people < MIN_PEOPLE_FOR_FRAUD { 0 } else { (people / PEOPLE_PER_FRAUD).max(1) };
            assert_eq!(FraudKind::ALL.map(frauds), [of_each as usize; 6], "{people}");
        }
    }

    #[test]
    fn a_seed_draws_the_same_crowd_again() {
        assert_eq!(generate_groups(300, 1), generate_groups(300, 1));
        assert_ne!(generate_groups(300, 1), generate_groups(300, 2));
    }
}
