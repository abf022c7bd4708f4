//! The flags of a crowd.

use std::num::NonZeroU32;

/// Up to so many people an afternoon passes in two minutes; more take longer, because the server is
/// to be rehearsed, not tried to its limit.
const FULL_SPEED_PEOPLE: u32 = 5_000;
/// How fast, for people and with somebody at the booth by hand.
const DEFAULT_SPEED: u32 = 120;
const DEFAULT_SPEED_BY_HAND: u32 = 20;

/// A crowd of simulated people.
#[derive(Clone, Debug, Default, clap::Args)]
#[group(id = "Crowd")]
pub(crate) struct Arguments {
    /// Let so many simulated people come, from 1 to 20000: residents, families, paper passports, a few cheats. At the
    /// end their numbers are compared with the server's; if they do not agree, the exit code is 1.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=20_000))]
    crowd: Option<u32>,
    /// How many times as fast as life they and the clock go, from 1 to 600. Without it, 120: the afternoon of a
    /// few hundred passes in two minutes. By hand, 20.
    #[arg(long, value_name = "F", requires = "crowd", value_parser = clap::value_parser!(u32).range(1..=600))]
    speed: Option<u32>,
    /// What the crowd is drawn from; the same seed draws the same crowd.
    #[arg(long, value_name = "S", requires = "crowd", default_value_t = 1)]
    seed: u64,
    /// How many simulated volunteers stand at each booth, from 1 to 50. Without it, enough.
    #[arg(long, value_name = "N", requires = "crowd", value_parser = clap::value_parser!(u16).range(1..=50))]
    volunteers: Option<u16>,
    /// Leave the vouchers to you: the crowd queues until you confirm them as a volunteer. Paper passports
    /// are still served by simulated volunteers.
    #[arg(long, requires = "crowd", conflicts_with = "volunteers")]
    booths_by_hand: bool,
    /// End when the crowd has gone home, instead of serving on.
    #[arg(long, requires = "crowd")]
    once: bool,
}

impl Arguments {
    /// How many people come, if any.
    pub(crate) fn people(&self) -> Option<u32> {
        self.crowd
    }

    /// How many times as fast as life.
    pub(crate) fn speed(&self, people: u32) -> NonZeroU32 {
        let default_speed = if self.booths_by_hand { DEFAULT_SPEED_BY_HAND } else { DEFAULT_SPEED };
        let scaled = default_speed.saturating_mul(FULL_SPEED_PEOPLE) / people.max(FULL_SPEED_PEOPLE);
        NonZeroU32::new(self.speed.unwrap_or(scaled)).unwrap_or(NonZeroU32::MIN)
    }

    /// What it is drawn from.
    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    /// How many volunteers stand at each booth.
    pub(crate) fn volunteers(&self) -> Option<u16> {
        self.volunteers
    }

    /// Whether vouchers are left to whoever rehearses.
    pub(crate) fn by_hand(&self) -> bool {
        self.booths_by_hand
    }

    /// Whether the rehearsal ends with the crowd.
    pub(crate) fn once(&self) -> bool {
        self.once
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn parse(words: &str) -> Result<Arguments, String> {
        let words = ["rehearse"].into_iter().chain(words.split_whitespace());
        Line::try_parse_from(words).map(|line| line.arguments).map_err(|error| error.to_string())
    }

    #[test]
    fn a_crowd_has_bounds_and_says_them() {
        for (words, message) in [
            ("--crowd 0", "0 is not in 1..=20000"),
            ("--crowd 20001", "20001 is not in 1..=20000"),
            ("--crowd many", "invalid digit"),
            ("--crowd 5 --speed 0", "0 is not in 1..=600"),
            ("--crowd 5 --speed 601", "601 is not in 1..=600"),
            ("--crowd 5 --volunteers 51", "51 is not in 1..=50"),
            ("--crowd 5 --volunteers 1 --booths-by-hand", "cannot be used with"),
            ("--once", "--crowd <N>"),
            ("--seed 3", "--crowd <N>"),
        ] {
            let error = parse(words).unwrap_err();
            assert!(error.contains(message), "{words}: {error}");
        }
        assert_eq!(parse("").unwrap().people(), None);
        assert_eq!(parse("--crowd 20000").unwrap().people(), Some(20_000));
    }

    #[test]
    fn a_few_hundred_take_two_minutes_and_more_take_longer() {
        let speed = |words: &str, people| parse(words).unwrap().speed(people).get();
        assert_eq!([300, 5_000, 10_000, 20_000].map(|people| speed("--crowd 9", people)), [120, 120, 60, 30]);
        assert_eq!(speed("--crowd 9 --booths-by-hand", 300), 20);
        assert_eq!(speed("--crowd 9 --speed 1", 20_000), 1);
    }
}
