//! Verifies each logged answer, against the server and against an export.

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use super::answer_log::{AnswerLog, ClaimLog, ClaimStep, ResidentLog};
use super::parsed_export::ParsedExport;
use super::test_site::{GIFTS, LoadTarget, STOCK, TestSite};
use crate::cli::harness::{ApiClient, RunningProgram};

/// The result of a verification.
#[derive(Debug, Default)]
pub(crate) struct Verified {
    /// The number of logged answers that are true.
    pub(crate) answers: u64,
    /// Each passport as the server returns it: point and time of each stamp, in order.
    passports: Vec<Vec<(u16, String)>>,
}

/// Compares every logged answer with the server; panics on differences.
pub(crate) async fn verify_server(target: &LoadTarget, api: &ApiClient, answer_log: &AnswerLog) -> Verified {
    assert!(
        answer_log.wrong.is_empty(),
        "{} unexpected answers: {:#?}",
        answer_log.wrong.len(),
        first_five(&answer_log.wrong)
    );
    let results = answer_log.residents.iter().map(|resident| verify_resident(target, api, resident));
    let results: Vec<Result<VerifiedResident, String>> = stream::iter(results).buffer_unordered(8).collect().await;
    let (mut verified, mut untrue) = (Verified::default(), Vec::new());
    let mut redeemed = [0_u64; GIFTS.len()];
    for verify_resident in results {
        match verify_resident {
            Ok(verify_resident) => {
                verified.answers += verify_resident.answers;
                verified.passports.push(verify_resident.passport);
                for (all, one) in redeemed.iter_mut().zip(verify_resident.redeemed) {
                    *all += one;
                }
            }
            Err(error) => untrue.push(error),
        }
    }
    assert!(untrue.is_empty(), "{} false answers: {:#?}", untrue.len(), first_five(&untrue));
    let stamps: usize = verified.passports.iter().map(Vec::len).sum();
    verify_summary(target, api, stamps, redeemed).await;
    verified
}

fn first_five(all: &[String]) -> &[String] {
    &all[..all.len().min(5)]
}

/// The verified state of one resident.
struct VerifiedResident {
    answers: u64,
    passport: Vec<(u16, String)>,
    redeemed: [u64; GIFTS.len()],
}

async fn verify_resident(
    target: &LoadTarget,
    api: &ApiClient,
    resident: &ResidentLog,
) -> Result<VerifiedResident, String> {
    let (status, passport) = api.get(&resident.token, "/v1/me/passport").await;
    let stamps = passport["stamps"].as_array().filter(|_| status == 200);
    let stamps = stamps.ok_or_else(|| format!("{}: {status} {passport}", resident.name))?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let stored: BTreeMap<String, String> =
        stamps.iter().map(|stamp| (text(&stamp["point"]), text(&stamp["at"]))).collect();
    if stored.len() != stamps.len() {
        return Err(format!("{} has a point twice: {passport}", resident.name));
    }
    for (point, at) in &resident.stamps {
        if stored.get(point) != Some(at) {
            return Err(format!("{} got {point} at {at}, and has {:?}", resident.name, stored.get(point)));
        }
    }
    if let Some(point) =
        stored.keys().find(|point| !resident.stamps.contains_key(*point) && !resident.unconfirmed.contains(*point))
    {
        return Err(format!("{} has {point} without a request", resident.name));
    }
    let mut redeemed = [0; GIFTS.len()];
    let (_, claims) = api.get(&resident.token, "/v1/me/claims").await;
    let mut answers = resident.stamps.len();
    for (gift, redeemed) in GIFTS.iter().zip(&mut redeemed) {
        let now = claims["claims"].as_array().and_then(|all| all.iter().find(|claim| claim["gift"] == *gift));
        let Some(claim_log) = resident.claims.get(*gift) else {
            if now.is_some() {
                return Err(format!("{} has an unacknowledged claim on {gift}: {claims}", resident.name));
            }
            continue;
        };
        check_claim(claim_log, now, target.clock_steps)
            .map_err(|why| format!("{}, {gift}: {why}: logged {claim_log:?}, is {now:?}", resident.name))?;
        *redeemed = u64::from(now.is_some_and(|now| now["state"] == "redeemed"));
        answers += claim_log.steps.len();
        if let Some(voucher) = &claim_log.voucher {
            verify_booth_view(target, api, voucher, now)
                .await
                .map_err(|why| format!("{}, {gift}: {why}", resident.name))?;
        }
    }
    let number = |point: &str| point.trim_start_matches("p-").parse().unwrap_or_default();
    let passport = stamps.iter().map(|stamp| (number(&text(&stamp["point"])), text(&stamp["at"]))).collect();
    Ok(VerifiedResident { answers: answers as u64, passport, redeemed })
}

/// Checks that the booth's look-up agrees with the resident's own view.
async fn verify_booth_view(
    target: &LoadTarget,
    api: &ApiClient,
    voucher: &str,
    now: Option<&Value>,
) -> Result<(), String> {
    let (status, seen) = api.post(&target.tablet, "/v1/booth/lookups", json!({ "code": voucher })).await;
    let (seen, now) = (&seen["claims"][0], now.ok_or("no claim")?);
    let same = ["id", "gift", "state", "claimed_at", "redemption"].iter().all(|field| seen[field] == now[field]);
    if status == 200 && same { Ok(()) } else { Err(format!("the booth sees {status} {seen}, the resident {now}")) }
}

/// The claim's state must follow from the acknowledged steps, with or without the unconfirmed one.
pub(super) fn check_claim(claim_log: &ClaimLog, now: Option<&Value>, clock_steps: bool) -> Result<(), &'static str> {
    let Some(now) = now else {
        return if claim_log.steps.is_empty() { Ok(()) } else { Err("lost") };
    };
    if claim_log.voucher.as_ref().is_some_and(|voucher| now["id"] != **voucher) {
        return Err("another voucher");
    }
    let further =
        claim_log.unconfirmed.clone().map(|step| claim_log.steps.iter().cloned().chain([step]).collect::<Vec<_>>());
    let as_acknowledged = !claim_log.steps.is_empty() && follows_from(&claim_log.steps, now, clock_steps);
    if as_acknowledged || further.is_some_and(|steps| follows_from(&steps, now, clock_steps)) {
        Ok(())
    } else {
        Err("another state")
    }
}

fn follows_from(steps: &[ClaimStep], now: &Value, clock_steps: bool) -> bool {
    let times = steps.iter().filter(|step| matches!(step, ClaimStep::Redeemed { .. })).count();
    let state = match steps.last() {
        Some(ClaimStep::Claimed | ClaimStep::Voided { .. }) => "held",
        Some(ClaimStep::Released) => "lapsed",
        Some(ClaimStep::Redeemed { .. }) => "redeemed",
        None => return false,
    };
    let redemption = match steps.last() {
        Some(ClaimStep::Redeemed { at, .. }) => {
            let id = format!("{}-{times}", now["id"].as_str().unwrap_or_default());
            now["redemption"]["id"] == id && (at.is_empty() || now["redemption"]["at"] == **at)
        }
        _ => now["redemption"].is_null(),
    };
    // A release at a later time ends the hold then, also if the clock was set back since.
    let held_again = clock_steps && state == "lapsed" && now["state"] == "held";
    (now["state"] == state || held_again) && redemption
}

/// The organisers' totals must equal the sum over all residents. They may be two seconds old.
async fn verify_summary(target: &LoadTarget, api: &ApiClient, stamps: usize, redeemed: [u64; GIFTS.len()]) {
    let totals = |summary: &Value| {
        let points = summary["routes"].as_array().unwrap().iter().flat_map(|route| route["points"].as_array().unwrap());
        let stamps: u64 = points.map(|point| point["stamps"].as_u64().unwrap()).sum();
        let gift = |field: &str, n: usize| summary["gifts"][n][field].as_u64().unwrap();
        for (n, stock) in STOCK.iter().enumerate() {
            assert_eq!(gift("stock", n), u64::from(*stock));
            let promised = gift("held", n) + gift("redeemed", n);
            // A hold that had lapsed by a clock that was ahead revives when the clock is set back, although its gift
            // may be promised again. Redemptions never exceed the stock.
            let fits = promised <= gift("stock", n) || target.clock_steps;
            assert!(fits && gift("redeemed", n) <= gift("stock", n), "{summary}");
            assert_eq!(gift("left", n), gift("stock", n).saturating_sub(promised), "{summary}");
        }
        (usize::try_from(stamps).unwrap(), [gift("redeemed", 0), gift("redeemed", 1)])
    };
    let begun = std::time::Instant::now();
    let mut now = totals(&target.summary(api).await);
    while now != (stamps, redeemed) && begun.elapsed() < std::time::Duration::from_secs(20) {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        now = totals(&target.summary(api).await);
    }
    assert_eq!(now, (stamps, redeemed), "left: the summary; right: the sum of all passports and claims");
}

/// Verifies against the server, stops it, and verifies against an export. Requires a steady clock.
pub(crate) async fn verify_all(
    site: &TestSite,
    api: &ApiClient,
    program: &mut RunningProgram,
    answer_log: &AnswerLog,
) -> Verified {
    let verified = verify_server(site, api, answer_log).await;
    TestSite::stop(program);
    verify_export(&site.export(), answer_log, &verified, true);
    verified
}

/// Verifies against an export, with all its invariants. `steady`: the clock was never set back, so that people are
/// counted once per day and hour.
pub(crate) fn verify_export(text: &str, answer_log: &AnswerLog, verified: &Verified, steady: bool) {
    let export = ParsedExport::read(text);
    export.assert_consistent(steady);
    export.assert_claims_have_passports();
    export.assert_passports(&verified.passports);
    for (n, stock) in STOCK.iter().enumerate() {
        export.assert_within_stock(n, *stock, steady);
    }
    for resident in &answer_log.residents {
        for gone in &resident.sold_out {
            let n = GIFTS.iter().position(|gift| gift == gone).unwrap();
            assert!(export.claims_of(n) >= STOCK[n] as usize, "{} was refused {gone} too early", resident.name);
        }
        for claim_log in resident.claims.values() {
            export
                .check_recorded_claim(claim_log)
                .unwrap_or_else(|why| panic!("{}: {why}: {claim_log:?}", resident.name));
        }
    }
}
