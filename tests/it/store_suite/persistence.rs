//! The promise that all records survive a restart.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use carnival::rules::ids::Generation;
use carnival::store::control_records::{self, Existing};
use carnival::store::record_kinds::RecordValue;
use carnival::store::{LogId, RecordKind, Store};
use futures_util::future::join_all;

use super::StoreFixture;
use super::fixtures::{
    ClaimResult, at, card, claim, claimer, counters, device, device_id, gift, holder, invitation, log_entries, nonce,
    point, publish_with_stock, redeem, resident, session, staff_session, stamp, stamp_log_entries,
};

pub(crate) async fn all_records_survive_reopening(fixture: impl StoreFixture) {
    let before = {
        let store = fixture.store();
        fill(&*store).await;
        read_all(&*store).await
    };
    let fixture = fixture.reopen().await;
    let store = fixture.store();
    assert_eq!(read_all(&*store).await, before);
    // Counters continue from their values.
    assert_eq!(store.take_serials(1).await.unwrap().get(), 6);
    assert_eq!(stamp(&*store, holder(1), &[1, 2, 3], 50).await.new, [point(3)]);
    assert_eq!(stamp_log_entries(&*store).await.len(), 3);
    assert_eq!(claim(&*store, 3, 0).await, ClaimResult::SoldOut);
}

async fn fill(store: &dyn Store) {
    publish_with_stock(store, 2).await;
    store.reissue(point(3), Generation::FIRST).await.unwrap();
    store.take_serials(5).await.unwrap();
    stamp(store, holder(1), &[1, 2], 0).await;
    store.add_companion(resident(1), card(4), 5).await.unwrap();
    let voucher = claim(store, 1, 0).await.stored().voucher;
    claim(store, 2, 0).await.stored();
    redeem(store, voucher, 1, nonce(1), 1).await.stored();
    store.set_gift_available(gift(1), &"east".parse().unwrap(), false).await.unwrap();
    put(store, invitation(1).id, invitation(1)).await;
    put(store, device_id(1), device(1, "陈社工")).await;
    put(store, session(1), staff_session(1, "陈社工")).await;
}

async fn put<T: RecordValue>(store: &dyn Store, key: T::Key, value: T) {
    control_records::put(store, &[(key, value)].into(), Existing::Replaced).await.unwrap();
}

/// Reads everything that `fill` wrote.
async fn read_all(store: &dyn Store) -> String {
    let control = store.control().await.unwrap();
    let published = store.published_version(1).await.unwrap();
    let passport = store.passport(holder(1)).await.unwrap();
    let companions = store.companions(resident(1)).await.unwrap();
    let claims = store.claims(&[(gift(1), claimer(1)), (gift(1), claimer(2))]).await.unwrap();
    let by_voucher = store.claim_by_voucher(claims[0].as_ref().unwrap().claim.voucher).await.unwrap();
    let gifts = store.gift_states(&[gift(1)], at(1)).await.unwrap();
    let staff = [RecordKind::Invitation, RecordKind::StaffDevice, RecordKind::StaffSession];
    let staff = join_all(staff.map(|kind| store.records(kind))).await;
    let logs = (stamp_log_entries(store).await, log_entries(store, LogId::Gift(gift(1))).await);
    let tallies = counters(store).await;
    let rest = (by_voucher, gifts, staff, logs, tallies);
    format!("{control:#?} {published:#?} {passport:#?} {companions:#?} {claims:#?} {rest:#?}")
}
