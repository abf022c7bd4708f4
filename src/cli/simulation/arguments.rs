//! Command-line flags of the simulation.

use std::num::NonZeroU32;

/// Up to this many people, the simulation runs at full speed. Larger crowds run slower, because a rehearsal should
/// exercise the server, not overload it.
const FULL_SPEED_PEOPLE: u32 = 5_000;
/// Default speed, with simulated volunteers and with a human at the booth.
const DEFAULT_SPEED: u32 = 120;
const DEFAULT_SPEED_BY_HAND: u32 = 20;

/// A crowd of simulated people.
#[derive(Clone, Debug, Default, clap::Args)]
#[group(id = "Crowd")]
pub(crate) struct Arguments {
    /// Simulate this many people, from 1 to 20000: residents, families, paper passports, a few fraud attempts. At the
    /// end their counts are compared with the server's; if they differ, the exit code is 1.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub(crate) crowd: Option<u32>,
    /// How many times as fast as real time the people and the clock run, from 1 to 600. Default: 120, so the afternoon
    /// of a few hundred passes in two minutes; with --booths-by-hand, 20.
    #[arg(long, value_name = "F", requires = "crowd", value_parser = clap::value_parser!(u32).range(1..=600))]
    speed: Option<u32>,
    /// The seed of the crowd; the same seed generates the same crowd.
    #[arg(long, value_name = "S", requires = "crowd", default_value_t = 1)]
    pub(crate) seed: u64,
    /// The number of simulated volunteers per booth, from 1 to 50. Without it, enough for the crowd.
    #[arg(long, value_name = "N", requires = "crowd", value_parser = clap::value_parser!(u16).range(1..=50))]
    pub(crate) volunteers: Option<u16>,
    /// Confirm the vouchers yourself: the crowd queues until you confirm them as a volunteer. Simulated volunteers
    /// still serve paper passports.
    #[arg(long, requires = "crowd", conflicts_with = "volunteers")]
    pub(crate) booths_by_hand: bool,
    /// End when the simulation ends, instead of serving on.
    #[arg(long, requires = "crowd")]
    pub(crate) once: bool,
}

impl Arguments {
    /// The speed factor for this many people.
    pub(crate) fn speed(&self, people: u32) -> NonZeroU32 {
        let default_speed = if self.booths_by_hand { DEFAULT_SPEED_BY_HAND } else { DEFAULT_SPEED };
        let scaled = default_speed.saturating_mul(FULL_SPEED_PEOPLE) / people.max(FULL_SPEED_PEOPLE);
        NonZeroU32::new(self.speed.unwrap_or(scaled)).unwrap_or(NonZeroU32::MIN)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests may panic")]
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
    fn flags_out_of_range_are_rejected() {
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
        assert_eq!(parse("").unwrap().crowd, None);
        assert_eq!(parse("--crowd 20000").unwrap().crowd, Some(20_000));
    }

    #[test]
    fn large_crowds_run_slower() {
        let speed = |words: &str, people| parse(words).unwrap().speed(people).get();
        assert_eq!([300, 5_000, 10_000, 20_000].map(|people| speed("--crowd 9", people)), [120, 120, 60, 30]);
        assert_eq!(speed("--crowd 9 --booths-by-hand", 300), 20);
        assert_eq!(speed("--crowd 9 --speed 1", 20_000), 1);
    }
}
