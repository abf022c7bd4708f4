//! The clients' log: each received answer, and each request without an answer.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

/// The answers that one resident received.
#[derive(Debug, Default)]
pub(crate) struct ResidentLog {
    pub(crate) name: String,
    /// A token to read the passport afterwards.
    pub(crate) token: String,
    /// Points whose stamp was acknowledged, with its time.
    pub(crate) stamps: BTreeMap<String, String>,
    /// When each of these answers arrived.
    pub(crate) acknowledged_at: BTreeMap<String, Timestamp>,
    /// Points with a request but no answer: stamped or not.
    pub(crate) unconfirmed: BTreeSet<String>,
    /// Keyed by gift.
    pub(crate) claims: BTreeMap<String, ClaimLog>,
    /// Gifts that were reported as sold out.
    pub(crate) sold_out: BTreeSet<String>,
}

impl ResidentLog {
    /// A resident with one acknowledged stamp.
    pub(crate) fn stamped(token: &str, point: &str, answer: &Value) -> ResidentLog {
        let at = answer["stamp"]["at"].as_str().unwrap().to_owned();
        let stamps = BTreeMap::from([(point.to_owned(), at)]);
        ResidentLog { name: "somebody".to_owned(), token: token.to_owned(), stamps, ..ResidentLog::default() }
    }
}

/// The acknowledged steps of one claim. Steps are requested one after the other, so at most one is unconfirmed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ClaimLog {
    /// None if the claim itself is unconfirmed.
    pub(crate) voucher: Option<String>,
    pub(crate) steps: Vec<ClaimStep>,
    /// The last step, if it was requested without an answer.
    pub(crate) unconfirmed: Option<ClaimStep>,
}

/// A step in the life of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ClaimStep {
    Claimed,
    Released,
    /// With its nonce and its acknowledged time.
    Redeemed {
        nonce: String,
        at: String,
    },
    Voided {
        nonce: String,
    },
}

/// The merged log of all clients, with statistics.
#[derive(Debug, Default)]
pub(crate) struct AnswerLog {
    pub(crate) residents: Vec<ResidentLog>,
    /// Successful answers.
    pub(crate) acknowledged: u64,
    /// Requests without a complete answer.
    pub(crate) unanswered: u64,
    /// Of these, answers that were cut off.
    pub(crate) broken_off: u64,
    /// 503 answers with `Retry-After`.
    pub(crate) refused: u64,
    /// Logins refused because of a WeChat failure.
    pub(crate) logins_refused: u64,
    /// The longest time until a 503.
    pub(crate) longest_refusal: Duration,
    pub(crate) longest_login_refusal: Duration,
    /// The longest time until a successful answer.
    pub(crate) longest_answer: Duration,
    /// Unexpected answers, in full.
    pub(crate) wrong: Vec<String>,
}

impl AnswerLog {
    /// Adds the log of another client.
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
