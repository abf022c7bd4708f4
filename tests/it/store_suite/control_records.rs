//! Promises about low-traffic records. The declaration of each kind is compared with what happens.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use carnival::actions::check_ins::suspicion_resolution;
use carnival::actions::store_identity;
use carnival::rules::carnival::relief::{ClosedDay, PeriodId, ReliefPeriod, TimeSpan};
use carnival::rules::check_ins::suspicion::{Suspicion, SuspicionDecision, SuspicionId};
use carnival::rules::ids::{Generation, PassportNumber};
use carnival::rules::staff::Invitation;
use carnival::rules::staff::invitation::RosterEntry;
use carnival::store::control_records::{self, Existing};
use carnival::store::record_kinds::{Beyond, Block, Fate, Marker, RecordValue};
use carnival::store::{
    PassportPrint, PosterCheck, RecordKind, Reissue, Resolution, Result, Store, StoreError, StoredSuspicion,
};

use super::fixtures::{at, concurrently, device, device_id, invitation, number, point, session, staff_session};

/// The name of a staff member in the samples.
const NAME: &str = "陈社工";

fn suspicion(passport: PassportNumber) -> Suspicion {
    let id = SuspicionId { passport, nth: 2 };
    Suspicion { id, from: point(1), from_at: at(0), to: point(2), to_at: at(60_000), metres: 1_900 }
}

fn invitation_of_roster(n: u32) -> Invitation {
    let roster = Some(RosterEntry { name: NAME.parse().unwrap(), shift: None, line: 1, lines: 1 });
    Invitation { roster, ..invitation(n) }
}

async fn put_all<T: RecordValue>(store: &dyn Store, values: impl Iterator<Item = (T::Key, T)>) -> Result<()> {
    control_records::put(store, &values.collect(), Existing::Kept).await
}

/// Stores samples, numbered in the order of their age. A new kind needs a sample here.
async fn put_samples(store: &dyn Store, kind: RecordKind, numbers: std::ops::RangeInclusive<usize>) -> Result<()> {
    let numbers = || numbers.clone().map(|n| u32::try_from(n).unwrap());
    match kind {
        RecordKind::Marker => {
            put_all(store, numbers().map(|n| (format!("marker-{n}"), Marker { value: n.into() }))).await
        }
        RecordKind::Block => put_all(store, numbers().map(|n| (number(n), Block {}))).await,
        RecordKind::PosterCheck => {
            let check = PosterCheck { generation: Generation::FIRST, at: at(0), by: NAME.parse().unwrap() };
            // One more than there are points: the limit cannot be exceeded.
            let numbers = numbers().filter_map(|n| u64::from(n).try_into().ok());
            put_all(store, numbers.map(|point| (point, check.clone()))).await
        }
        RecordKind::Reissue => {
            let reissue = |n: u32| (format!("1-session-{n}"), Reissue { from: Generation::FIRST, at: at(n.into()) });
            put_all(store, numbers().map(reissue)).await
        }
        RecordKind::PassportPrint => {
            let print = |n: u32| PassportPrint { first: 7.try_into().unwrap(), count: 8, at: at(n.into()) };
            put_all(store, numbers().map(|n| (format!("session-{n}"), print(n)))).await
        }
        RecordKind::Invitation => put_all(store, numbers().map(|n| (invitation(n).id, invitation_of_roster(n)))).await,
        RecordKind::StaffDevice => put_all(store, numbers().map(|n| (device_id(n), device(n, NAME)))).await,
        RecordKind::StaffSession => put_all(store, numbers().map(|n| (session(n), staff_session(n, NAME)))).await,
        RecordKind::Suspicion => {
            suspicion_resolution::store_new(
                store,
                numbers().map(|n| Suspicion { to_at: at(n.into()), ..suspicion(number(n)) }).collect(),
            )
            .await
        }
        RecordKind::Relief => put_all(store, numbers().map(period)).await,
    }
}

fn period(nth: u32) -> (PeriodId, ReliefPeriod) {
    let hours = vec![TimeSpan { from: at(0), to: at(3_600_000) }];
    let (day, route_points) = (jiff::civil::date(2023, 4, 13), vec![point(7), point(8)]);
    let closed_day = Some(ClosedDay { day, hours, route_points, keep_away: nth.is_multiple_of(2) });
    let period = ReliefPeriod { point: point(7), from: at(0), to: Some(at(nth.into())), closed_day };
    (PeriodId { point: point(7), nth: u16::try_from(nth).unwrap() }, period)
}

pub(crate) async fn relief_periods_are_part_of_the_control_state(store: Arc<dyn Store>) {
    assert!(store.control().await.unwrap().relief.is_empty());
    put_samples(&*store, RecordKind::Relief, 1..=3).await.unwrap();
    assert_eq!(store.control().await.unwrap().relief, (1..=3).map(period).collect());
    let (id, mut ended) = period(2);
    ended.to = Some(at(77));
    control_records::put(&*store, &[(id, ended.clone())].into(), Existing::Replaced).await.unwrap();
    assert_eq!(store.control().await.unwrap().relief[&id], ended);
}

pub(crate) async fn each_kind_of_record_is_bounded_as_declared(store: Arc<dyn Store>) {
    for kind in RecordKind::iter() {
        let limit = kind.declaration().limit;
        put_samples(&*store, kind, 1..=limit).await.unwrap();
        let full = store.records(kind).await.unwrap();
        assert_eq!(full.len(), limit, "{kind:?}");
        let more = put_samples(&*store, kind, limit + 1..=limit + limit / 10 + 1).await;
        let after = store.records(kind).await.unwrap();
        match kind.declaration().beyond {
            Beyond::Refuse if kind == RecordKind::PosterCheck => assert_eq!(after, full),
            Beyond::Refuse => {
                assert!(matches!(more, Err(StoreError::Broken(_))), "{kind:?}: {more:?}");
                assert_eq!(after, full);
            }
            Beyond::DropOldest(_) => {
                more.unwrap();
                assert_eq!(after.len(), limit, "{kind:?}");
                assert!(after.iter().all(|record| *record != full[0]), "the oldest is removed");
            }
        }
    }
}

pub(crate) async fn each_kind_of_record_is_erased_and_purged_as_declared(store: Arc<dyn Store>) {
    for kind in RecordKind::iter() {
        put_samples(&*store, kind, 1..=9).await.unwrap();
    }
    suspicion_resolution::store_resolution(&*store, &suspicion(number(3)).id, &resolution(SuspicionDecision::Seen))
        .await
        .unwrap();
    let erased: PassportNumber = number(2);
    control_records::erase(&*store, &erased).await.unwrap();
    for kind in RecordKind::iter() {
        let (declared, records) = (kind.declaration(), store.records(kind).await.unwrap());
        let names_staff = records.iter().any(|record| record.value.contains(NAME));
        assert_eq!(names_staff, declared.names_staff, "{kind:?}");
        assert!(!declared.names_staff || declared.purge == Fate::Removed, "a purge leaves no name: {kind:?}");
        let left = if declared.erasure == Fate::Removed { 8 } else { 9 };
        assert_eq!(records.len(), left, "{kind:?}");
        assert!(left == 9 || records.iter().all(|record| !record.is_of(&erased)), "{kind:?}");
    }
    let removed = control_records::purge(&*store).await.unwrap();
    let mut gone = 0;
    for kind in RecordKind::iter() {
        let left = store.records(kind).await.unwrap().len();
        match kind.declaration().purge {
            Fate::Kept => assert_eq!(left, 9, "{kind:?}"),
            Fate::Removed => assert_eq!(left, 0, "{kind:?}"),
        }
        gone += if left == 0 { if kind.declaration().erasure == Fate::Removed { 8 } else { 9 } } else { 0 };
    }
    assert_eq!(removed, gone);
}

pub(crate) async fn a_record_changes_only_as_it_was_read(store: Arc<dyn Store>) {
    let (key, marker) = ("rehearsal".to_owned(), |value| Marker { value });
    control_records::put(&*store, &[(key.clone(), marker(0))].into(), Existing::Kept).await.unwrap();
    let read = store.record(RecordKind::Marker, &key).await.unwrap().unwrap();
    assert_eq!((read.version, read.decode::<Marker>().unwrap()), (1, marker(0)));
    let results = concurrently(10, |n| {
        let (store, change) = (Arc::clone(&store), read.replaced_by(&marker(u64::from(n) + 1)).unwrap());
        async move { (store.change_records(std::slice::from_ref(&change)).await.unwrap(), change) }
    })
    .await;
    let winners: Vec<_> = results.into_iter().filter(|(won, _)| *won).map(|(_, change)| change).collect();
    assert_eq!(winners.len(), 1);
    assert!(store.change_records(&winners).await.unwrap(), "a repeat changes nothing");
    let now = store.record(RecordKind::Marker, &key).await.unwrap().unwrap();
    assert_eq!((now.version, store.records(RecordKind::Marker).await.unwrap()), (2, vec![now.clone()]));
    // All or none.
    assert!(!store.change_records(&[now.removed(), read.removed()]).await.unwrap());
    assert_eq!(store.record(RecordKind::Marker, &key).await.unwrap(), Some(now.clone()));
    assert!(store.change_records(&[now.removed()]).await.unwrap());
    assert_eq!(store.record(RecordKind::Marker, &key).await.unwrap(), None);
}

pub(crate) async fn the_first_value_of_a_suspicion_counts(store: Arc<dyn Store>) {
    let found = suspicion(number(3));
    for metres in [found.metres, 1] {
        suspicion_resolution::store_new(&*store, vec![Suspicion { metres, ..found.clone() }]).await.unwrap();
    }
    let stored = StoredSuspicion { suspicion: found.clone(), resolution: None };
    assert_eq!(control_records::read(&*store, &found.id).await.unwrap(), Some(stored));
    let unknown = suspicion(number(4)).id;
    assert_eq!(control_records::read::<StoredSuspicion>(&*store, &unknown).await.unwrap(), None);
    let resolved =
        suspicion_resolution::store_resolution(&*store, &unknown, &resolution(SuspicionDecision::Hold)).await.unwrap();
    assert_eq!((resolved, store.control().await.unwrap().blocked_passports.len()), (None, 0));
}

fn resolution(action: SuspicionDecision) -> Resolution {
    Resolution { action, by: NAME.parse().unwrap(), at: at(1) }
}

pub(crate) async fn the_first_value_of_a_marker_wins(store: Arc<dyn Store>) {
    assert_eq!(store_identity::init_marker(&*store, "codes", u64::MAX).await.unwrap(), u64::MAX);
    assert_eq!(store_identity::init_marker(&*store, "codes", 7).await.unwrap(), u64::MAX);
    assert_eq!(store_identity::init_marker(&*store, "identity", 7).await.unwrap(), 7);
}

pub(crate) async fn the_newest_suspicions_and_the_resolved_ones_are_kept(store: Arc<dyn Store>) {
    let later = |n: u32| Suspicion { to_at: at(60_000 + i64::from(n)), ..suspicion(number(n)) };
    let settled = Resolution { action: SuspicionDecision::Hold, by: "陈社工".parse().unwrap(), at: at(0) };
    let most = u32::try_from(RecordKind::Suspicion.declaration().limit).unwrap();
    let note = async |from: u32, to: u32| {
        suspicion_resolution::store_new(&*store, (from..=to).map(later).collect()).await.unwrap();
    };
    note(1, 9).await;
    suspicion_resolution::store_resolution(&*store, &later(3).id, &settled).await.unwrap().unwrap();
    note(10, most).await;
    let all = async || control_records::read_all::<StoredSuspicion>(&*store).await.unwrap();
    assert_eq!(all().await.len(), most as usize);
    note(most + 1, most + 500).await;
    let stored = all().await;
    assert_eq!(stored.len(), most as usize + 1);
    assert!(stored.contains_key(&later(3).id), "a held passport can still be released");
    assert!(!stored.contains_key(&later(500).id) && stored.contains_key(&later(501).id));
}

pub(crate) async fn a_passport_is_held_until_it_is_released(store: Arc<dyn Store>) {
    let found = suspicion(number(3));
    let id = found.id.clone();
    suspicion_resolution::store_new(&*store, vec![found.clone()]).await.unwrap();
    let waiting = async || store.control().await.unwrap().blocked_passports.into_iter().collect::<Vec<_>>();
    for (action, waits) in [
        (SuspicionDecision::Seen, vec![]),
        (SuspicionDecision::Hold, vec![number(3)]),
        (SuspicionDecision::Hold, vec![number(3)]),
        (SuspicionDecision::Seen, vec![number(3)]),
        (SuspicionDecision::Release, vec![]),
    ] {
        let settled = Resolution { action, by: "陈社工".parse().unwrap(), at: at(1) };
        let resolved = suspicion_resolution::store_resolution(&*store, &id, &settled).await.unwrap();
        assert_eq!(resolved.as_ref(), Some(&found));
        assert_eq!(waiting().await, waits, "{action:?}");
        let stored: Option<StoredSuspicion> = control_records::read(&*store, &id).await.unwrap();
        assert_eq!(stored.unwrap().resolution, Some(settled));
    }
}

pub(crate) async fn the_last_poster_check_counts(store: Arc<dyn Store>) {
    for (generation, ms) in [(0, 5), (1, 9)] {
        let generation = u64::try_into(generation).unwrap();
        let check = PosterCheck { generation, at: at(ms), by: "李叔叔".parse().unwrap() };
        let checks = [(point(7), check)].into();
        control_records::put(&*store, &checks, Existing::Replaced).await.unwrap();
        assert_eq!(control_records::read_all::<PosterCheck>(&*store).await.unwrap(), checks);
    }
}
