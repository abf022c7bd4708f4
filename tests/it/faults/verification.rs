//! Whether each written-down answer is true: asked of the server, and read in an export.

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use super::answer_log::{AnswerLog, ClaimLog, ClaimStep, ResidentLog};
use super::parsed_export::ParsedExport;
use super::test_site::{GIFTS, LoadTarget, STOCK, TestSite};
use crate::cli::harness::{ApiClient, RunningProgram};

/// How much was compared.
#[derive(Debug, Default)]
pub(crate) struct Verified {
    /// Answers that were written down and are true.
    pub(crate) answers: u64,
    /// Each passport as the server gives it: point and time of each stamp, in order.
    passports: Vec<Vec<(u16, String)>>,
}

/// Asks the server for everything that was told. Fails the test with what is not so.
pub(crate) async fn verify_server(target: &LoadTarget, api: &ApiClient, answer_log: &AnswerLog) -> Verified {
    assert!(
        answer_log.wrong.is_empty(),
        "{} answers that must not be: {:#?}",
        answer_log.wrong.len(),
        first(&answer_log.wrong)
    );
    let looks = answer_log.residents.iter().map(|resident| look(target, api, resident));
    let looks: Vec<Result<Look, String>> = stream::iter(looks).buffer_unordered(8).collect().await;
    let (mut verified, mut untrue) = (Verified::default(), Vec::new());
    let mut redeemed = [0_u64; GIFTS.len()];
    for look in looks {
        match look {
            Ok(look) => {
                verified.answers += look.answers;
                verified.passports.push(look.passport);
                for (all, one) in redeemed.iter_mut().zip(look.redeemed) {
                    *all += one;
                }
            }
            Err(error) => untrue.push(error),
        }
    }
    assert!(untrue.is_empty(), "{} told and not so: {:#?}", untrue.len(), first(&untrue));
    let stamps: usize = verified.passports.iter().map(Vec::len).sum();
    summary(target, api, stamps, redeemed).await;
    verified
}

fn first(all: &[String]) -> &[String] {
    &all[..all.len().min(5)]
}

/// What was seen of one person, and agrees with what she was told.
struct Look {
    answers: u64,
    passport: Vec<(u16, String)>,
    redeemed: [u64; GIFTS.len()],
}

async fn look(target: &LoadTarget, api: &ApiClient, resident: &ResidentLog) -> Result<Look, String> {
    let (status, passport) = api.get(&resident.token, "/v1/me/passport").await;
    let stamps = passport["stamps"].as_array().filter(|_| status == 200);
    let stamps = stamps.ok_or_else(|| format!("{}: {status} {passport}", resident.name))?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let kept: BTreeMap<String, String> =
        stamps.iter().map(|stamp| (text(&stamp["point"]), text(&stamp["at"]))).collect();
    if kept.len() != stamps.len() {
        return Err(format!("{} has a point twice: {passport}", resident.name));
    }
    for (point, at) in &resident.stamps {
        if kept.get(point) != Some(at) {
            return Err(format!("{} was told {point} at {at}, and has {:?}", resident.name, kept.get(point)));
        }
    }
    if let Some(point) =
        kept.keys().find(|point| !resident.stamps.contains_key(*point) && !resident.unconfirmed.contains(*point))
    {
        return Err(format!("{} has {point}, and never asked for it", resident.name));
    }
    let mut redeemed = [0; GIFTS.len()];
    let (_, claims) = api.get(&resident.token, "/v1/me/claims").await;
    let mut answers = resident.stamps.len();
    for (gift, redeemed) in GIFTS.iter().zip(&mut redeemed) {
        let now = claims["claims"].as_array().and_then(|all| all.iter().find(|claim| claim["gift"] == *gift));
        let Some(claim_log) = resident.claims.get(*gift) else {
            if now.is_some() {
                return Err(format!("{} has a claim on {gift}, and was told there is none: {claims}", resident.name));
            }
            continue;
        };
        check_claim(claim_log, now, target.clock_steps)
            .map_err(|why| format!("{}, {gift}: {why}: told {claim_log:?}, is {now:?}", resident.name))?;
        *redeemed = u64::from(now.is_some_and(|now| now["state"] == "redeemed"));
        answers += claim_log.steps.len();
        if let Some(voucher) = &claim_log.voucher {
            booth(target, api, voucher, now).await.map_err(|why| format!("{}, {gift}: {why}", resident.name))?;
        }
    }
    let number = |point: &str| point.trim_start_matches("p-").parse().unwrap_or_default();
    let passport = stamps.iter().map(|stamp| (number(&text(&stamp["point"])), text(&stamp["at"]))).collect();
    Ok(Look { answers: answers as u64, passport, redeemed })
}

/// The booth sees a voucher as its bearer does.
async fn booth(target: &LoadTarget, api: &ApiClient, voucher: &str, now: Option<&Value>) -> Result<(), String> {
    let (status, seen) = api.post(&target.tablet, "/v1/booth/lookups", json!({ "code": voucher })).await;
    let (seen, now) = (&seen["claims"][0], now.ok_or("no claim")?);
    let same = ["id", "gift", "state", "claimed_at", "redemption"].iter().all(|field| seen[field] == now[field]);
    if status == 200 && same { Ok(()) } else { Err(format!("the booth sees {status} {seen}, its bearer {now}")) }
}

/// A claim is as it was told, or as it was told with the one unsure step done, whole.
pub(super) fn check_claim(claim_log: &ClaimLog, now: Option<&Value>, clock_steps: bool) -> Result<(), &'static str> {
    let Some(now) = now else {
        return if claim_log.steps.is_empty() { Ok(()) } else { Err("lost") };
    };
    if claim_log.voucher.as_ref().is_some_and(|voucher| now["id"] != **voucher) {
        return Err("another voucher");
    }
    let further =
        claim_log.unconfirmed.clone().map(|step| claim_log.steps.iter().cloned().chain([step]).collect::<Vec<_>>());
    let as_told = !claim_log.steps.is_empty() && stands(&claim_log.steps, now, clock_steps);
    if as_told || further.is_some_and(|steps| stands(&steps, now, clock_steps)) { Ok(()) } else { Err("another state") }
}

fn stands(steps: &[ClaimStep], now: &Value, clock_steps: bool) -> bool {
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
    // A hold that was given back at a later hour ends then, also when the clock was set back since.
    let held_again = clock_steps && state == "lapsed" && now["state"] == "held";
    (now["state"] == state || held_again) && redemption
}

/// The organisers' numbers are those of all residents together. They may be two seconds old.
async fn summary(target: &LoadTarget, api: &ApiClient, stamps: usize, redeemed: [u64; GIFTS.len()]) {
    let totals = |summary: &Value| {
        let points = summary["routes"].as_array().unwrap().iter().flat_map(|route| route["points"].as_array().unwrap());
        let stamps: u64 = points.map(|point| point["stamps"].as_u64().unwrap()).sum();
        let gift = |field: &str, n: usize| summary["gifts"][n][field].as_u64().unwrap();
        for (n, stock) in STOCK.iter().enumerate() {
            assert_eq!(gift("stock", n), u64::from(*stock));
            let promised = gift("held", n) + gift("redeemed", n);
            // A hold that had ended by a clock that was ahead goes on when the clock is set back, though its gift may
            // be somebody else's by then. What was handed over never exceeds the stock all the same.
            let fits = promised <= gift("stock", n) || target.clock_steps;
            assert!(fits && gift("redeemed", n) <= gift("stock", n), "{summary}");
            assert_eq!(gift("left", n), gift("stock", n).saturating_sub(promised), "{summary}");
        }
        (usize::try_from(stamps).unwrap(), [gift("redeemed", 0), gift("redeemed", 1)])
    };
    let begun = std::time::Instant::now();
    let mut now = totals(&target.summary(api).await);
    while now != (stamps, redeemed) && begun.elapsed() < std::time::Duration::from_secs(5) {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        now = totals(&target.summary(api).await);
    }
    assert_eq!(now, (stamps, redeemed), "the summary against all passports and claims");
}

/// Both, with the server stopped in between. The clock was steady.
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

/// Reads the same in an export, and every invariant with it. `steady`: the clock was never set back, so that people are
/// counted once for each day and hour.
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
            assert!(export.claims_of(n) >= STOCK[n] as usize, "{} was told that {gone} is gone", resident.name);
        }
        for claim_log in resident.claims.values() {
            export
                .check_recorded_claim(claim_log)
                .unwrap_or_else(|why| panic!("{}: {why}: {claim_log:?}", resident.name));
        }
    }
}
