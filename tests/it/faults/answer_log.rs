//! What clients wrote down: each answer as it arrived, and what was asked without an answer.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

/// What one resident was told.
#[derive(Debug, Default)]
pub(crate) struct ResidentLog {
    pub(crate) name: String,
    /// Good to ask for her passport afterwards.
    pub(crate) token: String,
    /// Points at which she was told *stamped*, and when that was.
    pub(crate) stamps: BTreeMap<String, String>,
    /// When the answers that said so were here.
    pub(crate) acknowledged_at: BTreeMap<String, Timestamp>,
    /// Points at which she asked and got no answer: may be stamped, or not.
    pub(crate) unconfirmed: BTreeSet<String>,
    /// By gift.
    pub(crate) claims: BTreeMap<String, ClaimLog>,
    /// Gifts that she was told were gone.
    pub(crate) sold_out: BTreeSet<String>,
}

impl ResidentLog {
    /// Somebody who has one stamp, by the answer that said so.
    pub(crate) fn stamped(token: &str, point: &str, answer: &Value) -> ResidentLog {
        let at = answer["stamp"]["at"].as_str().unwrap().to_owned();
        let stamps = BTreeMap::from([(point.to_owned(), at)]);
        ResidentLog { name: "somebody".to_owned(), token: token.to_owned(), stamps, ..ResidentLog::default() }
    }
}

/// What was told of one claim. Steps were asked for one after the other, so at most one is unsure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ClaimLog {
    /// None when the claim itself is unsure.
    pub(crate) voucher: Option<String>,
    pub(crate) steps: Vec<ClaimStep>,
    /// Asked for last, without an answer.
    pub(crate) unconfirmed: Option<ClaimStep>,
}

/// A step in the life of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ClaimStep {
    Claimed,
    Released,
    /// With the nonce, and when, as it was told.
    Redeemed {
        nonce: String,
        at: String,
    },
    Voided {
        nonce: String,
    },
}

/// What all of them were told, and how it went.
#[derive(Debug, Default)]
pub(crate) struct AnswerLog {
    pub(crate) residents: Vec<ResidentLog>,
    /// Answers that said that something was done.
    pub(crate) acknowledged: u64,
    /// Requests without a whole answer.
    pub(crate) unanswered: u64,
    /// Of these, answers that began and broke off.
    pub(crate) broken_off: u64,
    /// Clear refusals for the moment: 503 with `Retry-After`.
    pub(crate) refused: u64,
    /// Logins that were refused because WeChat did not answer well.
    pub(crate) logins_refused: u64,
    /// The longest that one of these took.
    pub(crate) longest_refusal: Duration,
    pub(crate) longest_login_refusal: Duration,
    /// The longest that an answer took that said something was done.
    pub(crate) longest_answer: Duration,
    /// Answers that must not be, each in full.
    pub(crate) wrong: Vec<String>,
}

impl AnswerLog {
    /// Adds what another client wrote down.
    pub(crate) fn add(&mut self, other: AnswerLog) {
        self.residents.extend(other.residents);
        self.acknowledged += other.acknowledged;
        self.unanswered += other.unanswered;
        self.broken_off += other.broken_off;
        self.refused += other.refused;
        self.logins_refused += other.logins_refused;
        self.longest_refusal = self.longest_refusal.max(other.longest_refusal);
        self.longest_login_refusal = self.longest_login_refusal.max(other.longest_login_refusal);
        self.longest_answer = self.longest_answer.max(other.longest_answer);
        self.wrong.extend(other.wrong);
    }

    pub(crate) fn stamps(&self) -> usize {
        self.residents.iter().map(|resident| resident.stamps.len()).sum()
    }
}
