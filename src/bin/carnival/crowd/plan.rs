//! Who comes, and when: drawn from a seed, so that a rehearsal can be repeated.

use fastrand::Rng;

/// People who go the way together.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Party {
    /// Which of all parties.
    pub(super) number: usize,
    /// How many paper passports it carries, and the first of them.
    pub(super) cards: std::ops::Range<usize>,
    /// Whether there is a phone.
    pub(super) phone: bool,
    /// When it comes, in the carnival's minutes after the beginning.
    pub(super) arrives_min: f64,
    /// What it tries that it should not.
    pub(super) cheat: Option<Cheat>,
    /// What all its further choices are drawn from.
    pub(super) seed: u64,
}

impl Party {
    /// How many passports are stamped for it.
    pub(super) fn people(&self) -> u64 {
        self.cards.len() as u64 + u64::from(self.phone)
    }
}

/// What somebody tries who wants more than is hers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cheat {
    /// A poster's code with another ending.
    ForgedCode,
    /// The poster of another carnival.
    OtherCarnival,
    /// A claim without a stamp.
    NotEarned,
    /// A photo of the tablet, some minutes later.
    OldTablet,
    /// One voucher, shown twice.
    VoucherTwice,
    /// A friend's photo of a poster far away, within a minute.
    TwoPlaces,
}

impl Cheat {
    /// All of them.
    pub(super) const ALL: [Cheat; 6] = [
        Cheat::ForgedCode,
        Cheat::OtherCarnival,
        Cheat::NotEarned,
        Cheat::OldTablet,
        Cheat::VoucherTwice,
        Cheat::TwoPlaces,
    ];
}

/// How many there are of each sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sorts {
    /// Residents alone with a phone.
    pub(super) alone: usize,
    /// Families with a phone.
    pub(super) families: usize,
    /// Paper passports on their phones.
    pub(super) on_phones: usize,
    /// Paper passports by themselves.
    pub(super) paper: usize,
}

impl Sorts {
    /// Of these parties.
    pub(super) fn of(parties: &[Party]) -> Sorts {
        let mut sorts = Sorts::default();
        for party in parties {
            match (party.phone, party.cards.len()) {
                (true, 0) => sorts.alone += 1,
                (true, cards) => {
                    sorts.families += 1;
                    sorts.on_phones += cards;
                }
                (false, cards) => sorts.paper += cards,
            }
        }
        sorts
    }
}

/// The longest that a crowd takes to come, in the carnival's minutes; a small one comes one a minute.
const COMING_MIN: u32 = 120;
/// From how many people on some cheat, and one of each kind for so many more.
const CHEATS_FROM: u32 = 20;
const PEOPLE_A_CHEAT: u32 = 150;

/// So many people in parties: most alone with a phone, some families, some with a paper passport alone.
pub(super) fn parties(people: u32, seed: u64) -> Vec<Party> {
    let mut chance = Rng::with_seed(seed);
    let coming = f64::from(people.min(COMING_MIN));
    let (mut parties, mut left, mut card) = (Vec::new(), people as usize, 0);
    while left > 0 {
        let (phone, cards) = match chance.u32(0..100) {
            0..62 => (true, 0),
            62..85 => (true, chance.usize(1..=3).min(left - 1)),
            _ => (false, 1),
        };
        // Half-way between the first and the last most come: a rush, as there is one on every such day.
        let arrives_min = f64::midpoint(chance.f64(), chance.f64()) * coming;
        let (cards, seed) = (card..card + cards, chance.u64(..));
        card = cards.end;
        let party = Party { number: parties.len(), cards, phone, arrives_min, cheat: None, seed };
        left = left.saturating_sub(usize::from(party.phone) + party.cards.len());
        parties.push(party);
    }
    choose_cheats(&mut parties, people, &mut chance);
    parties
}

fn choose_cheats(parties: &mut [Party], people: u32, chance: &mut Rng) {
    if people < CHEATS_FROM {
        return;
    }
    let of_each = (people / PEOPLE_A_CHEAT).max(1) as usize;
    let mut alone: Vec<&mut Party> = parties.iter_mut().filter(|party| party.phone && party.cards.is_empty()).collect();
    chance.shuffle(&mut alone);
    let cheats = Cheat::ALL.into_iter().flat_map(|cheat| std::iter::repeat_n(cheat, of_each));
    for (party, cheat) in alone.into_iter().zip(cheats) {
        party.cheat = Some(cheat);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_in_one_party_and_has_a_card_of_his_own() {
        for people in [1, 2, 19, 300, 20_000] {
            let parties = parties(people, 7);
            assert_eq!(parties.iter().map(Party::people).sum::<u64>(), u64::from(people));
            let Sorts { alone, families, on_phones, paper } = Sorts::of(&parties);
            assert_eq!(alone + families + on_phones + paper, people as usize);
            let cards: Vec<usize> = parties.iter().flat_map(|party| party.cards.clone()).collect();
            assert_eq!(cards, (0..cards.len()).collect::<Vec<_>>());
            let cheats = |wanted| parties.iter().filter(|party| party.cheat == Some(wanted)).count();
            let of_each = if people < CHEATS_FROM { 0 } else { (people / PEOPLE_A_CHEAT).max(1) };
            assert_eq!(Cheat::ALL.map(cheats), [of_each as usize; 6], "{people}");
        }
    }

    #[test]
    fn a_seed_draws_the_same_crowd_again() {
        assert_eq!(parties(300, 1), parties(300, 1));
        assert_ne!(parties(300, 1), parties(300, 2));
    }
}
