//! What was acknowledged and is not so, where that may happen: counted, not asserted.

use futures_util::{StreamExt, stream};
use jiff::Timestamp;

use crate::cli::harness::ApiClient;
use crate::faults::answer_log::{AnswerLog, ResidentLog};
use crate::faults::test_site::LoadTarget;
use crate::faults::verification::check_claim;

/// How much of how much.
#[derive(Debug, Default)]
pub(super) struct LostWrites {
    /// Answers that were written down.
    pub(super) of: u64,
    /// When each stamp had been acknowledged that is lost.
    pub(super) stamps: Vec<Timestamp>,
    /// Claims that are not as they were told.
    pub(super) claims: u64,
}

/// Asks the server for everything that was told.
pub(super) async fn count_lost(target: &LoadTarget, api: &ApiClient, answer_log: &AnswerLog) -> LostWrites {
    let looks = answer_log.residents.iter().map(|resident| look(target, api, resident));
    let looks: Vec<LostWrites> = stream::iter(looks).buffer_unordered(8).collect().await;
    let mut all = LostWrites::default();
    for one in looks {
        all.of += one.of;
        all.claims += one.claims;
        all.stamps.extend(one.stamps);
    }
    all
}

async fn look(target: &LoadTarget, api: &ApiClient, resident: &ResidentLog) -> LostWrites {
    let (_, passport) = api.get(&resident.token, "/v1/me/passport").await;
    let (_, claims) = api.get(&resident.token, "/v1/me/claims").await;
    let mut lost = LostWrites::default();
    for (point, at) in &resident.stamps {
        lost.of += 1;
        let has = |stamps: &Vec<_>| {
            stamps.iter().any(|stamp: &serde_json::Value| stamp["point"] == **point && stamp["at"] == **at)
        };
        if !passport["stamps"].as_array().is_some_and(has) {
            lost.stamps.push(resident.acknowledged_at[point]);
        }
    }
    for (gift, claim_log) in &resident.claims {
        lost.of += claim_log.steps.len() as u64;
        let now = claims["claims"].as_array().and_then(|all| all.iter().find(|claim| claim["gift"] == **gift));
        lost.claims += u64::from(check_claim(claim_log, now, target.clock_steps).is_err());
    }
    lost
}
