//! Counts acknowledged writes that are lost, for faults that permit it.

use futures_util::{StreamExt, stream};
use jiff::Timestamp;

use crate::cli::harness::ApiClient;
use crate::faults::answer_log::{AnswerLog, ResidentLog};
use crate::faults::test_site::LoadTarget;
use crate::faults::verification::check_claim;

/// The number of lost writes.
#[derive(Debug, Default)]
pub(super) struct LostWrites {
    /// The number of acknowledged answers.
    pub(super) acknowledged: u64,
    /// When each lost stamp had been acknowledged.
    pub(super) stamps: Vec<Timestamp>,
    /// The number of claims that differ from their answers.
    pub(super) claims: u64,
}

/// Compares the server with every acknowledged answer.
pub(super) async fn count_lost(target: &LoadTarget, api: &ApiClient, answer_log: &AnswerLog) -> LostWrites {
    let results = answer_log.residents.iter().map(|resident| count_lost_of(target, api, resident));
    let results: Vec<LostWrites> = stream::iter(results).buffer_unordered(8).collect().await;
    let mut all = LostWrites::default();
    for one in results {
        all.acknowledged += one.acknowledged;
        all.claims += one.claims;
        all.stamps.extend(one.stamps);
    }
    all
}

async fn count_lost_of(target: &LoadTarget, api: &ApiClient, resident: &ResidentLog) -> LostWrites {
    let (_, passport) = api.get(&resident.token, "/v1/me/passport").await;
    let (_, claims) = api.get(&resident.token, "/v1/me/claims").await;
    let mut lost = LostWrites::default();
    for (point, at) in &resident.stamps {
        lost.acknowledged += 1;
        let has = |stamps: &Vec<_>| {
            stamps.iter().any(|stamp: &serde_json::Value| stamp["point"] == **point && stamp["at"] == **at)
        };
        if !passport["stamps"].as_array().is_some_and(has) {
            lost.stamps.push(resident.acknowledged_at[point]);
        }
    }
    for (gift, claim_log) in &resident.claims {
        lost.acknowledged += claim_log.steps.len() as u64;
        let now = claims["claims"].as_array().and_then(|all| all.iter().find(|claim| claim["gift"] == **gift));
        lost.claims += u64::from(check_claim(claim_log, now, target.clock_steps).is_err());
    }
    lost
}
