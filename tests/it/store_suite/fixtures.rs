//! Fixtures of the suite: ids, times, and claim steps that follow the rules.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use carnival::rules::carnival::relief::Relief;
use carnival::rules::carnival::{Carnival, DateRange, LoginMethod};
use carnival::rules::check_ins::passport::StampSource;
use carnival::rules::gifts::claim_lifecycle::{self, Claim, ClaimEvent, StaffActor, Transition, VoidRequest};
use carnival::rules::gifts::voucher::{RedemptionId, Voucher};
use carnival::rules::ids::{
    CardSerial, ClaimantId, DeviceId, GiftNumber, Holder, Nonce, PassportNumber, PointNumber, ResidentId, SessionId,
};
use carnival::rules::refusals::Refusal;
use carnival::rules::staff::device::BegunSession;
use carnival::rules::staff::roles::Role;
use carnival::rules::staff::{DeviceState, Invitation, StaffDevice, StaffSession};
use carnival::rules::statistics::tally::{LocalHour, LocalMoment, Tally, TallyPeriod};
use carnival::store::{
    ClaimChange, ClaimOutcome, LogId, NewStamps, PublicationSource, PublishedVersion, RoutePoints, StampsOutcome,
    Stock, Store, StoredClaim,
};
use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::TimeZone;
use tokio::sync::Barrier;

/// Milliseconds after noon of the carnival's first day.
pub(crate) fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_681_372_800_000 + ms).unwrap()
}

pub(crate) fn hour() -> LocalHour {
    LocalHour::of(date(2023, 4, 13).at(12, 0, 0, 0))
}

pub(crate) fn moment(ms: i64) -> LocalMoment {
    LocalMoment { at: at(ms), hour: hour(), hour_began: at(0), day_began: at(-12 * 3_600_000) }
}

/// Two routes, with the points 1 to 7 and 8 to 13.
pub(crate) fn routes() -> [RoutePoints; 2] {
    let route = |id: &str, points: std::ops::RangeInclusive<u16>| {
        RoutePoints::new(id.parse().unwrap(), points.map(point).collect())
    };
    [route("play", 1..=7), route("active", 8..=13)]
}

pub(crate) fn resident(n: u32) -> ResidentId {
    ResidentId::new(u128::from(n).to_be_bytes())
}

pub(crate) fn holder(n: u32) -> Holder {
    Holder::Resident(resident(n))
}

pub(crate) fn card(n: u32) -> CardSerial {
    CardSerial::try_from(u64::from(n)).unwrap()
}

pub(crate) fn number(n: u32) -> PassportNumber {
    format!("{n:013}").parse().unwrap()
}

pub(crate) fn point(n: u16) -> PointNumber {
    PointNumber::try_from(u64::from(n)).unwrap()
}

pub(crate) fn gift(n: u8) -> GiftNumber {
    GiftNumber::try_from(u64::from(n)).unwrap()
}

pub(crate) fn claimer(n: u32) -> ClaimantId {
    ClaimantId::new(u128::from(n).to_be_bytes())
}

/// An invitation for two devices.
pub(crate) fn invitation(n: u32) -> Invitation {
    Invitation {
        id: format!("{n:016}").parse().unwrap(),
        role: Role::Organiser,
        place: None,
        uses: 2,
        until: at(10),
        made_at: at(0),
        approval: false,
        taken: 0,
        waiting: 0,
        roster: None,
        ended: None,
    }
}

pub(crate) fn device_id(n: u32) -> DeviceId {
    format!("{n:016}").parse().unwrap()
}

/// A device of invitation 1, with the session of the same number.
pub(crate) fn device(n: u32, name: &str) -> StaffDevice {
    StaffDevice {
        invitation: invitation(1).id,
        state: DeviceState::Admitted,
        name: name.parse().unwrap(),
        since: at(0),
        asked: None,
        place: None,
        sessions: vec![BegunSession { nonce: nonce(n), id: session(n) }],
    }
}

/// A session with invitation 1, on the device of the same number.
pub(crate) fn staff_session(n: u32, name: &str) -> StaffSession {
    StaffSession {
        id: session(n),
        invitation: invitation(1).id,
        device: device_id(n),
        role: Role::Organiser,
        place: None,
        name: name.parse().unwrap(),
        nonce: nonce(n),
        begun: at(0),
        until: at(10),
        end: None,
        corrected: None,
    }
}

pub(crate) fn session(n: u32) -> SessionId {
    format!("{n:016}").parse().unwrap()
}

pub(crate) fn nonce(n: u32) -> Nonce {
    format!("nonce-{n}-of-the-suite").parse().unwrap()
}

pub(crate) fn staff_actor(n: u32) -> StaffActor {
    StaffActor { session: session(n), name: "王阿姨".parse().unwrap(), place: Some("booth/east".parse().unwrap()) }
}

/// Runs `count` tasks that start together; returns their results in no order.
pub(crate) async fn concurrently<T, F>(count: u32, task: impl Fn(u32) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let start = Arc::new(Barrier::new(count as usize));
    let begun: Vec<_> = (0..count)
        .map(|n| {
            let (start, task) = (Arc::clone(&start), task(n));
            tokio::spawn(async move {
                start.wait().await;
                task.await
            })
        })
        .collect();
    let mut answers = Vec::new();
    for task in begun {
        answers.push(task.await.unwrap());
    }
    answers
}

/// Stamps with printed codes; `ms` also determines the new passport's number.
pub(crate) async fn stamp(store: &dyn Store, holder: Holder, points: &[u16], ms: i64) -> StampsOutcome {
    stamp_from(store, holder, points, &StampSource::Printed, ms).await
}

pub(crate) async fn stamp_from(
    store: &dyn Store,
    holder: Holder,
    points: &[u16],
    how: &StampSource,
    ms: i64,
) -> StampsOutcome {
    store.stamp(&new_stamps(holder, points, how, false, ms)).await.unwrap()
}

/// Rain stamps.
pub(crate) async fn stamp_in_the_rain(
    store: &dyn Store,
    holder: Holder,
    points: &[u16],
    how: &StampSource,
    ms: i64,
) -> StampsOutcome {
    store.stamp(&new_stamps(holder, points, how, true, ms)).await.unwrap()
}

fn new_stamps(holder: Holder, points: &[u16], how: &StampSource, rain: bool, ms: i64) -> NewStamps {
    let points: Vec<PointNumber> = points.iter().copied().map(point).collect();
    let new_number = number(u32::try_from(ms.rem_euclid(1_000_000)).unwrap());
    NewStamps { holder, new_number, points, routes: routes().into(), how: how.clone(), rain, moment: moment(ms) }
}

/// All counters by name.
pub(crate) async fn counters(store: &dyn Store) -> BTreeMap<String, u64> {
    let mut tallies = store.tallies(TallyPeriod::AllTime).await.unwrap();
    tallies.extend(store.tallies(TallyPeriod::ByHour).await.unwrap());
    tallies.into_iter().map(|(tally, count)| (tally.to_string(), count)).collect()
}

pub(crate) async fn log_entries(store: &dyn Store, log: LogId) -> Vec<String> {
    store.log_entries(log, 0, 10_000).await.unwrap()
}

/// The log entries of all shards, in the order of the shards.
pub(crate) async fn stamp_log_entries(store: &dyn Store) -> Vec<String> {
    let mut all = Vec::new();
    for shard in 0..store.shards() {
        all.extend(log_entries(store, LogId::Shard(shard)).await);
    }
    all
}

/// Publishes the next version, with this stock of gift 1.
pub(crate) async fn publish_with_stock(store: &dyn Store, stock: u32) {
    let version = store.control().await.unwrap().version;
    let after = store.publish(version, &published("text", version + 1), &[(gift(1), stock)]).await.unwrap();
    assert_eq!(after, version + 1);
}

pub(crate) fn published(text: &str, version: u64) -> PublishedVersion {
    PublishedVersion {
        version,
        text: text.to_owned(),
        at: at(0),
        by: "an organiser".to_owned(),
        source: PublicationSource::Edit,
    }
}

/// The stock numbers of gift 1 at a time. Panics if more is promised than there is.
pub(crate) async fn stock(store: &dyn Store, ms: i64) -> Stock {
    let stock = store.gift_states(&[gift(1)], at(ms)).await.unwrap()[0].stock;
    assert!(stock.redeemed + stock.held <= stock.stock, "more promised than there is: {stock:?}");
    stock
}

pub(crate) fn stock_numbers(stock: u32, redeemed: u32, held: u32) -> Stock {
    Stock { stock, redeemed, held }
}

/// The result of a claim step.
#[derive(Debug, PartialEq)]
pub(crate) enum ClaimResult {
    /// Stored like this.
    Stored(Claim),
    /// None left.
    SoldOut,
    /// Refused by a rule.
    Refused(Refusal),
}

impl ClaimResult {
    pub(crate) fn stored(self) -> Claim {
        match self {
            ClaimResult::Stored(claim) => claim,
            other => panic!("not kept: {other:?}"),
        }
    }

    pub(crate) fn is_stored(&self) -> bool {
        matches!(self, ClaimResult::Stored(_))
    }
}

/// The hold time here, in milliseconds.
pub(crate) const HOLD: i64 = 1000;

/// Claims gift 1, or renews the claim.
pub(crate) async fn claim(store: &dyn Store, who: u32, ms: i64) -> ClaimResult {
    let stored = store.claims(&[(gift(1), claimer(who))]).await.unwrap().remove(0);
    let tallies = [Tally::Claims(gift(1), hour())];
    let write = Write { claimer: claimer(who), by: None, ms, tallies: &tallies };
    write_until_accepted(store, &write, stored, |stored| {
        claim_lifecycle::claim(stored, next_voucher(), &number(who), at(ms), at(ms + HOLD), &carnival())
    })
    .await
}

/// Releases the claim.
pub(crate) async fn release(store: &dyn Store, who: u32, ms: i64) -> ClaimResult {
    let stored = store.claims(&[(gift(1), claimer(who))]).await.unwrap().remove(0);
    let write = Write { claimer: claimer(who), by: None, ms, tallies: &[] };
    write_until_accepted(store, &write, stored, |stored| claim_lifecycle::release(stored.unwrap(), at(ms), &carnival()))
        .await
}

/// Redeems a voucher.
pub(crate) async fn redeem(store: &dyn Store, voucher: Voucher, by: u32, nonce: Nonce, ms: i64) -> ClaimResult {
    let stored = store.claim_by_voucher(voucher).await.unwrap().unwrap();
    redeem_read(store, stored, by, nonce, ms).await
}

/// The same, based on a record that was read before.
pub(crate) async fn redeem_read(store: &dyn Store, stored: StoredClaim, by: u32, nonce: Nonce, ms: i64) -> ClaimResult {
    let hand = staff_actor(by);
    let tallies = [Tally::Redemptions(gift(1), hand.place.clone(), hour()), Tally::RedemptionsBy(gift(1), session(by))];
    let write = Write { claimer: stored.claimer, by: Some(&hand), ms, tallies: &tallies };
    write_until_accepted(store, &write, Some(stored), |stored| {
        claim_lifecycle::redeem(stored.unwrap(), hand.clone(), nonce.clone(), at(ms), &carnival())
    })
    .await
}

/// Voids the `nth` redemption of a voucher.
pub(crate) async fn void(store: &dyn Store, voucher: Voucher, nth: u16, by: u32, nonce: Nonce, ms: i64) -> ClaimResult {
    let stored = store.claim_by_voucher(voucher).await.unwrap().unwrap();
    let hand = staff_actor(by);
    let tallies = [Tally::VoidsBy(gift(1), session(by))];
    let write = Write { claimer: stored.claimer, by: Some(&hand), ms, tallies: &tallies };
    write_until_accepted(store, &write, Some(stored), |stored| {
        let undo =
            VoidRequest {
                by: hand.clone(), role: Role::Volunteer, reason: "按错了".to_owned(), nonce: nonce.clone()
            };
        claim_lifecycle::void(stored.unwrap(), RedemptionId { voucher, nth }, undo, at(ms), at(ms + HOLD), &carnival())
    })
    .await
}

struct Write<'a> {
    claimer: ClaimantId,
    by: Option<&'a StaffActor>,
    ms: i64,
    tallies: &'a [Tally],
}

/// Evaluates and writes until the store accepts a step that is based on its current record.
async fn write_until_accepted(
    store: &dyn Store,
    write: &Write<'_>,
    mut stored: Option<StoredClaim>,
    rule: impl Fn(Option<&Claim>) -> Result<Transition, Refusal>,
) -> ClaimResult {
    loop {
        let (claim, needs_left, event) = match rule(stored.as_ref().map(|stored| &stored.claim)) {
            Ok(Transition::Unchanged(claim)) => return ClaimResult::Stored(claim),
            Ok(Transition::Changed { claim, needs_left, event }) => (claim, needs_left, event),
            Err(refusal) => return ClaimResult::Refused(refusal),
        };
        let seen = stored.as_ref().map(|stored| stored.record.as_str());
        match store.change_claim(&change(write, seen, &claim, needs_left, event)).await.unwrap() {
            ClaimOutcome::Updated => return ClaimResult::Stored(claim),
            ClaimOutcome::Conflict(now) => stored = now,
            ClaimOutcome::SoldOut => return ClaimResult::SoldOut,
            ClaimOutcome::VoucherTaken => {}
        }
    }
}

fn change<'a>(
    write: &Write<'a>,
    seen: Option<&'a str>,
    claim: &'a Claim,
    needs_left: bool,
    event: ClaimEvent,
) -> ClaimChange<'a> {
    let Write { claimer, by, ms, tallies } = *write;
    ClaimChange { claimer, expected: seen, claim, needs_left, event, by, at: at(ms), tallies }
}

/// A voucher of gift 1. Each is drawn twice, so that conflicts with used vouchers occur.
fn next_voucher() -> Voucher {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    Voucher::new(gift(1), NEXT.fetch_add(1, Ordering::Relaxed) / 2)
}

/// The smallest carnival for the claim rules.
pub(crate) fn carnival() -> Carnival {
    Carnival {
        id: "suite".parse().unwrap(),
        name: "Suite".to_owned(),
        theme: None,
        town: None,
        time_zone: TimeZone::fixed(jiff::tz::offset(8)),
        days: DateRange { first: date(2023, 4, 13), last: date(2023, 4, 30) },
        login: LoginMethod::MiniProgram,
        notice: None,
        notice_until: None,
        privacy: None,
        routes: vec![],
        points: vec![],
        activities: vec![],
        gifts: vec![],
        booths: vec![],
        day_marks: vec![],
        relief: Relief::default(),
    }
}
