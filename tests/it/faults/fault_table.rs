//! What a run showed, a row for each fault.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use super::answer_log::AnswerLog;
use super::verification::Verified;

/// How often a fault happens in this run: `short` in the tests, `long` in `scripts/faults`.
pub(crate) fn rounds(short: u32, long: u32) -> u32 {
    match std::env::var("CARNIVAL_FAULTS") {
        Err(_) => short,
        Ok(word) if word == "long" => long,
        Ok(factor) => {
            short * factor.parse::<u32>().unwrap_or_else(|_| panic!("CARNIVAL_FAULTS is \"long\" or a number"))
        }
    }
}

/// One fault, as it went.
#[derive(Debug, Default)]
pub(crate) struct FaultRow {
    /// Of the file that keeps it, and its place in the table: `10-kill`.
    pub(crate) key: &'static str,
    pub(crate) fault: String,
    pub(crate) rounds: u32,
    /// Answers that were checked, and those of them that were not true.
    pub(crate) checked: u64,
    pub(crate) lost: u64,
    pub(crate) unanswered: u64,
    pub(crate) refused: u64,
    pub(crate) longest_recovery: Duration,
    pub(crate) longest_refusal: Duration,
    /// What else is worth telling.
    pub(crate) remark: String,
}

impl FaultRow {
    /// A row of what a ledger holds, after it was checked.
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

    /// Keeps it for the table: in the folder `CARNIVAL_FAULTS_REPORT`, or among the build's files.
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
