//! Guards against an import that loses, duplicates or alters records, accepts a damaged file or leaves a half-imported
//! store in service, and against a purge that leaves personal data behind.

mod failures;
mod format_1;
mod purge;
mod round_trips;

use std::io::Cursor;
use std::path::Path;

use carnival::actions::check_ins::suspicion_resolution;
use carnival::actions::store_identity;
use carnival::actions::store_transfer::{self, TransferError, VerifiedExport};
use carnival::rules::carnival::relief::{ClosedDay, PeriodId, ReliefPeriod};
use carnival::rules::check_ins::passport::StampSource;
use carnival::rules::check_ins::suspicion::{Suspicion, SuspicionDecision, SuspicionId};
use carnival::rules::gifts::stock::StockReason;
use carnival::rules::ids::{BoothId, Generation, Holder};
use carnival::rules::staff::Invitation;
use carnival::rules::staff::session::EndedBy;
use carnival::rules::statistics::tally::RefusalTally;
use carnival::store::control_records::{self, Existing};
use carnival::store::embedded::{EmbeddedStore, Options};
use carnival::store::export::MaintenanceStore;
use carnival::store::record::StockLogEntry;
use carnival::store::{Hints, PassportPrint, PosterCheck, Reissue, Resolution};

use crate::store_suite::fixtures::{
    at, card, claim, device, device_id, gift, holder, hour, invitation, nonce, number, point, published, redeem,
    release, resident, session, staff_session, stamp, stamp_from, stamp_in_the_rain, void,
};

const SAMPLE: &str = include_str!("../../config/carnival-2023.toml");

pub(crate) const SHARDS: u16 = 8;

fn embedded(folder: &Path) -> EmbeddedStore {
    EmbeddedStore::open(folder, Options { shards: SHARDS, ..Options::default() }).unwrap()
}

/// Returns the bytes of an export.
pub(crate) async fn exported(store: &dyn MaintenanceStore) -> Vec<u8> {
    let mut reported = 0;
    let (seal, bytes) = store_transfer::export(store, Vec::new(), &mut |so_far| reported = so_far).await.unwrap();
    assert_eq!(reported, seal.entries());
    bytes
}

fn verified(bytes: &[u8]) -> VerifiedExport {
    store_transfer::check(bytes, &mut |_| {}).unwrap()
}

async fn import(store: &dyn MaintenanceStore, bytes: &[u8]) -> Result<(), TransferError> {
    store_transfer::import(store, Cursor::new(bytes), &verified(bytes), &mut |_| {}).await
}

/// Writes at least one record of every kind.
pub(crate) async fn write_every_kind_of_record(store: &dyn MaintenanceStore) {
    for (name, mark) in [("codes", u64::MAX), ("identity", 7), ("rehearsal", 0)] {
        store_identity::init_marker(store, name, mark).await.unwrap();
    }
    let route_points = vec![point(2), point(3)];
    let closed = ClosedDay { day: jiff::civil::date(2023, 4, 14), hours: Vec::new(), route_points, keep_away: true };
    for (nth, closed_day) in [(1, None), (2, Some(closed))] {
        let period = ReliefPeriod { point: point(3), from: at(5), to: Some(at(9)), closed_day };
        let records = [(PeriodId { point: point(3), nth }, period)].into();
        control_records::put(store, &records, Existing::Kept).await.unwrap();
    }
    store.publish(0, &published(SAMPLE, 1), &[(gift(1), 20), (gift(2), 0)]).await.unwrap();
    store.publish(1, &published(SAMPLE, 2), &[(gift(1), 99), (gift(3), 5)]).await.unwrap();
    store.reissue(point(3), Generation::FIRST).await.unwrap();
    store.take_serials(50).await.unwrap();
    for who in 1..=60 {
        stamp(store, holder(who), &[1, 2, 3], i64::from(who)).await;
    }
    let hand = StampSource::Hand { session: session(1), nonce: nonce(70), day: Some(jiff::civil::date(2023, 4, 13)) };
    for serial in 1..=5 {
        stamp_from(store, Holder::Paper(card(serial)), &[1, 9], &hand, 1000 + i64::from(serial)).await;
        store.add_companion(resident(serial % 2), card(serial), 5).await.unwrap();
    }
    stamp(store, holder(1), &[4, 8], 5000).await;
    stamp_in_the_rain(store, holder(2), &[5], &hand, 6000).await;
    stamp_in_the_rain(store, holder(3), &[5], &StampSource::Display, 6001).await;
    store.erase_passport(holder(60)).await.unwrap();
    gifts(store).await;
    staff(store).await;
    write_hints(store).await;
}

async fn gifts(store: &dyn MaintenanceStore) {
    let mut vouchers = Vec::new();
    for who in 1..=8 {
        vouchers.push(claim(store, who, 0).await.stored().voucher);
    }
    redeem(store, vouchers[0], 1, nonce(1), 1).await.stored();
    redeem(store, vouchers[1], 1, nonce(2), 2).await.stored();
    void(store, vouchers[1], 1, 1, nonce(3), 3).await.stored();
    release(store, 3, 4).await.stored();
    // This claim lapsed and is renewed.
    claim(store, 4, 2000).await.stored();
    let seen = store.claim_by_voucher(vouchers[4]).await.unwrap().unwrap();
    store.drop_claim(&seen, at(5)).await.unwrap();
    store.set_gift_available(gift(1), &"east".parse().unwrap(), false).await.unwrap();
    store.set_gift_available(gift(1), &"market".parse().unwrap(), false).await.unwrap();
    let east: BoothId = "east".parse().unwrap();
    for (n, reason, change) in
        [(11, StockReason::Moved, 4), (12, StockReason::Damaged, -2), (13, StockReason::Correction, 1)]
    {
        let change = StockLogEntry {
            reason,
            change,
            booth: Some(east.clone()),
            note: "箱子 \"3\"".to_owned(),
            by: "陈社工".to_owned(),
            at: at(6),
            session: Some(session(1)),
            nonce: Some(nonce(n)),
        };
        store.change_stock(gift(1), &change).await.unwrap();
    }
}

async fn staff(store: &dyn MaintenanceStore) {
    let ended = Invitation { ended: Some(at(6)), ..invitation(2) };
    let all = [(invitation(1).id, invitation(1)), (ended.id.clone(), ended)].into();
    control_records::put(store, &all, Existing::Kept).await.unwrap();
    let devices = [1, 2].map(|n| (device_id(n), device(n, "王阿姨"))).into();
    control_records::put(store, &devices, Existing::Kept).await.unwrap();
    let left = staff_session(2, "王阿姨").ended(EndedBy::Leaving, at(5));
    let sessions = [(session(1), staff_session(1, "王阿姨")), (session(2), left)].into();
    control_records::put(store, &sessions, Existing::Kept).await.unwrap();
}

async fn write_hints(store: &dyn MaintenanceStore) {
    let suspicion = |n, nth| {
        let id = SuspicionId { passport: number(n), nth };
        Suspicion { id, from: point(1), from_at: at(0), to: point(2), to_at: at(60_000), metres: 1_900 }
    };
    let mut write_hints = Hints::default();
    for (points, count) in [(None, 1), (Some(point(7)), 3), (Some(point(12)), 2)] {
        write_hints
            .refusals
            .insert(RefusalTally { point: points, code: "code_replaced".to_owned(), hour: hour() }, count);
    }
    write_hints.last_seen.insert(session(1), at(500));
    write_hints.last_stamped.insert(point(7), at(500));
    write_hints.last_stamped.insert(point(12), at(400));
    store.record_hints(&write_hints).await.unwrap();
    suspicion_resolution::store_new(store, vec![suspicion(2, 2), suspicion(2, 10), suspicion(3, 2)]).await.unwrap();
    let settled = Resolution { action: SuspicionDecision::Hold, by: "陈社工".parse().unwrap(), at: at(1) };
    for nth in [2, 10] {
        suspicion_resolution::store_resolution(store, &suspicion(2, nth).id, &settled).await.unwrap().unwrap();
    }
    let check = PosterCheck { generation: Generation::FIRST, at: at(1), by: "李叔叔".parse().unwrap() };
    control_records::put(store, &[(point(7), check)].into(), Existing::Replaced).await.unwrap();
    let reissue = ("7-session-1".to_owned(), Reissue { from: Generation::FIRST, at: at(1) });
    control_records::put(store, &[reissue].into(), Existing::Kept).await.unwrap();
    let print = ("session-1".to_owned(), PassportPrint { first: 7.try_into().unwrap(), count: 8, at: at(1) });
    control_records::put(store, &[print].into(), Existing::Kept).await.unwrap();
}
