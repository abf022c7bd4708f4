//! The texts of a rehearsal's simulated crowd: its progress and its final report.

/// The texts of the simulation.
pub struct SimulationTexts {
    pub(crate) no_answer: &'static str,
    pub(crate) nothing_open: &'static str,
    /// People, speed factor, seed and volunteers of the crowd that comes.
    pub(crate) crowd_comes: fn(u32, u32, u64, usize) -> String,
    pub(crate) numbers_differ: &'static str,
    /// Between a heading and its items, and between items.
    pub(crate) colon: &'static str,
    pub(crate) comma: &'static str,

    // Progress.
    /// Time, arrived, people, departed, stamps, waiting, and the longest wait in minutes.
    pub(crate) people_now: fn(&str, u64, u64, u64, u64, u64, f64) -> String,
    pub(crate) at_points: &'static str,
    pub(crate) gifts_left: &'static str,
    pub(crate) refused: &'static str,
    pub(crate) to_confirm: fn(usize) -> String,

    // The final report.
    /// Residents alone, families, cards on their phones, and cards alone.
    pub(crate) who_came: fn(usize, usize, usize, usize) -> String,
    pub(crate) crowd: &'static str,
    pub(crate) server: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) others: &'static str,
    /// The names of the compared numbers, in the order of the report.
    pub(crate) quantities: [&'static str; 11],
    pub(crate) more_by_others: fn(u64) -> String,
    pub(crate) differs: &'static str,
    pub(crate) gifts: &'static str,
    /// The longest queue, the longest wait in minutes, and how many gave up.
    pub(crate) queues: fn(u64, f64, u64) -> String,
    pub(crate) frauds: &'static str,
    pub(crate) refused_because: fn(&str) -> String,
    pub(crate) stamped_with_suspicion: &'static str,
    pub(crate) stamped_without_location: &'static str,
    pub(crate) not_refused: &'static str,
    /// Lost responses, cut connections, and repetitions with another response.
    pub(crate) lost_responses: fn(u64, u64, usize) -> String,
    pub(crate) retries: fn(u64) -> String,
    pub(crate) unexpected_responses: &'static str,
    pub(crate) latencies: &'static str,
    /// The time of a booth's response, in seconds of the carnival.
    pub(crate) slow_machine: fn(f64) -> String,
    /// How many numbers agree, and whether people outside the crowd took part.
    pub(crate) agree: fn(usize, bool) -> String,
    /// How many of how many numbers differ.
    pub(crate) disagree: fn(usize, usize) -> String,

    // Labels.
    /// A short label of a refusal's code, if it has one.
    pub(crate) refusal: fn(&str) -> Option<&'static str>,
    /// Forged code, another carnival's, not earned, old photo, voucher twice, two places.
    pub(crate) fraud_kinds: [&'static str; 6],
    /// Log in, check in, claim, booth, read.
    pub(crate) request_kinds: [&'static str; 5],
}
