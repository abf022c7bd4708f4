//! The results of a run: one table row per fault.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use super::answer_log::AnswerLog;
use super::verification::Verified;

/// The number of rounds: `short` in the tests, `long` in `scripts/faults`.
pub(crate) fn rounds(short: u32, long: u32) -> u32 {
    match std::env::var("CARNIVAL_FAULTS") {
        Err(_) => short,
        Ok(word) if word == "long" => long,
        Ok(factor) => {
            short * factor.parse::<u32>().unwrap_or_else(|_| panic!("CARNIVAL_FAULTS must be \"long\" or a number"))
        }
    }
}

/// The results of one fault.
#[derive(Debug, Default)]
pub(crate) struct FaultRow {
    /// The name of its file, which also sorts the table: `10-kill`.
    pub(crate) key: &'static str,
    pub(crate) fault: String,
    pub(crate) rounds: u32,
    /// The number of verified answers, and of those found false.
    pub(crate) checked: u64,
    pub(crate) lost: u64,
    pub(crate) unanswered: u64,
    pub(crate) refused: u64,
    pub(crate) longest_recovery: Duration,
    pub(crate) longest_refusal: Duration,
    /// Further remarks.
    pub(crate) remark: String,
}

impl FaultRow {
    /// A row for a verified answer log.
    pub(crate) fn new(
        key: &'static str,
        fault: &str,
        rounds: u32,
        answer_log: &AnswerLog,
        verified: &Verified,
    ) -> FaultRow {
        FaultRow {
            key,
            fault: fault.to_owned(),
            rounds,
            checked: verified.answers,
            lost: 0,
            unanswered: answer_log.unanswered,
            refused: answer_log.refused,
            longest_recovery: Duration::ZERO,
            longest_refusal: answer_log.longest_refusal,
            remark: String::new(),
        }
    }

    /// Saves it in the folder `CARNIVAL_FAULTS_REPORT`, or in the build's folder.
    pub(crate) fn save(&self) {
        let folder = std::env::var_os("CARNIVAL_FAULTS_REPORT")
            .map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("faults"), PathBuf::from);
        fs::create_dir_all(&folder).unwrap();
        let ms = |time: Duration| if time.is_zero() { "–".to_owned() } else { format!("{} ms", time.as_millis()) };
        let row = format!(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} |\n",
            self.fault,
            self.rounds,
            self.checked,
            self.lost,
            self.unanswered,
            self.refused,
            ms(self.longest_recovery),
            ms(self.longest_refusal),
            self.remark,
        );
        fs::write(folder.join(format!("{}.row", self.key)), row).unwrap();
    }
}
