//! Exports and imports between every pair of stores, in both directions.

use carnival::actions::{store_problems, store_transfer};
use carnival::rules::gifts::claim_lifecycle::{Claim, ClaimEvent};
use carnival::rules::staff::StaffSession;
use carnival::rules::statistics::tally::Tally;
use carnival::store::export::MaintenanceStore;
use carnival::store::export::entry::ExportEntry;
use carnival::store::export::file::{ExportReader, ExportWriter};
use carnival::store::record::StockLogEntry;
use carnival::store::redis::{RedisStore, Settings};
use carnival::store::{ClaimOutcome, ControlStore, LogId, RecordKind, StockOutcome, control_records, record};
use tempfile::TempDir;

use super::{SHARDS, embedded, exported, import, write_every_kind_of_record};
use crate::servers::redis_cluster::RedisCluster;
use crate::servers::redis_server::RedisServer;
use crate::store_suite::fixtures::{
    ClaimResult, at, claim, counters, gift, holder, hour, log_entries, nonce, redeem, session, staff_session, stamp,
    stock,
};
use crate::store_suite::gifts::{first_step, plain_claim};

async fn redis(server: &RedisServer, prefix: &str) -> RedisStore {
    let settings =
        Settings { urls: vec![server.url()], shards: SHARDS, prefix: prefix.to_owned(), ..Settings::default() };
    RedisStore::open(&settings).await.unwrap().0
}

/// Checks that the imported store continues from the same state: no gift is given twice and nothing is counted twice.
async fn assert_store_continues(store: &dyn MaintenanceStore) {
    assert_eq!(store.control().await.unwrap().version, 2);
    assert_eq!(store.take_serials(1).await.unwrap().get(), 51);
    assert_eq!(stamp(store, holder(1), &[1, 4, 5], 9000).await.new.len(), 1);
    assert_eq!(stamp(store, holder(1), &[5], 9001).await.passport.stamps.last().unwrap().nth, 6);
    assert_eq!(counters(store).await["passports"], 65);
    let repeat = StockLogEntry {
        reason: carnival::rules::gifts::stock::StockReason::Damaged,
        change: -2,
        booth: Some("east".parse().unwrap()),
        note: "箱子 \"3\"".to_owned(),
        by: "陈社工".to_owned(),
        at: at(6),
        session: Some(session(1)),
        nonce: Some(nonce(12)),
    };
    let now = stock(store, 500).await;
    assert_eq!((now.stock, now.redeemed, now.held), (19, 1, 5));
    assert!(
        matches!(store.change_stock(gift(1), &repeat).await.unwrap(), StockOutcome::Updated(told) if told.stock == 19)
    );
    let other = StockLogEntry { change: -3, ..repeat };
    assert_eq!(store.change_stock(gift(1), &other).await.unwrap(), StockOutcome::NonceReused);
    assert_eq!(log_entries(store, LogId::Stock(gift(1))).await.len(), 4);
    let held = claim(store, 6, 500).await.stored();
    redeem(store, held.voucher, 1, nonce(20), 501).await.stored();
    let again = redeem(store, held.voucher, 2, nonce(21), 502).await;
    assert!(matches!(again, ClaimResult::Refused(_)), "{again:?}");
    // The voucher of an erased claim stays taken.
    let log = log_entries(store, LogId::Gift(gift(1))).await;
    let log = log.iter().map(|entry| record::decode_claim_entry(entry).unwrap());
    let erased = log.into_iter().find(|entry| entry.event == ClaimEvent::Erased).unwrap();
    let again = Claim { voucher: erased.voucher, ..plain_claim(1, 77, 0) };
    assert_eq!(store.change_claim(&first_step(77, &again)).await.unwrap(), ClaimOutcome::VoucherTaken);
    let staff = control_records::read_all::<StaffSession>(store).await.unwrap();
    assert_eq!(staff[&session(1)], staff_session(1, "王阿姨"));
    assert!(staff[&session(2)].end.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_embedded_store_to_redis_and_back() {
    let (first, second) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let server = RedisServer::start();
    let old = embedded(first.path());
    write_every_kind_of_record(&old).await;
    let bytes = exported(&old).await;
    let in_redis = redis(&server, "moved").await;
    import(&in_redis, &bytes).await.unwrap();
    assert!(exported(&in_redis).await == bytes, "the export of an import is identical");
    let again = embedded(second.path());
    import(&again, &exported(&in_redis).await).await.unwrap();
    assert!(exported(&again).await == bytes);
    for store in [&old as &dyn MaintenanceStore, &in_redis, &again] {
        assert_store_continues(store).await;
    }
    let text = String::from_utf8(bytes).unwrap();
    let kinds: Vec<&str> = text.lines().map(|line| line.split('"').nth(1).unwrap()).collect();
    let mut sections = kinds.clone();
    sections.dedup();
    assert_eq!(sections[..8].join(" "), "carnival_export record published generation serials refused seen stamped");
    for kind in RecordKind::iter() {
        let is_in = text.contains(&format!("{{\"record\":{{\"kind\":\"{}\"", kind.name()));
        assert_eq!(is_in, kind.declaration().exported, "{kind:?}");
    }
    for kind in ["passport", "cards", "stamp", "gift", "gone", "claim", "claim_step", "stock_step", "tally"] {
        assert!(kinds.contains(&kind), "{kind}");
    }
    assert_eq!(kinds.last(), Some(&"end"));
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_embedded_store_to_a_cluster_and_to_redis() {
    let folder = TempDir::new().unwrap();
    let (six, server) = (RedisCluster::start(), RedisServer::start());
    let old = embedded(folder.path());
    write_every_kind_of_record(&old).await;
    let bytes = exported(&old).await;
    // Every write of the import reaches a replica before it counts as done.
    let settings =
        Settings { urls: six.urls(), cluster: true, shards: SHARDS, wait_replicas: 1, ..Settings::default() };
    let in_cluster = RedisStore::open(&settings).await.unwrap().0;
    import(&in_cluster, &bytes).await.unwrap();
    assert!(exported(&in_cluster).await == bytes);
    let in_redis = redis(&server, "moved").await;
    import(&in_redis, &exported(&in_cluster).await).await.unwrap();
    assert!(exported(&in_redis).await == bytes);
    assert_store_continues(&in_cluster).await;
    assert_store_continues(&in_redis).await;
}

/// The same export in the format of an earlier version, which counted passports by the hour too.
fn as_written_by_an_earlier_version(bytes: &[u8]) -> Vec<u8> {
    let mut reader = ExportReader::new(bytes).unwrap();
    let mut writer = ExportWriter::new(Vec::new(), &reader.header).unwrap();
    let earlier = ExportEntry::Tally { name: Tally::Passports(hour()), count: 65 };
    let sort_key = earlier.sort_key(SHARDS).unwrap();
    let mut is_in = false;
    while let Some(entry) = reader.next_entry().unwrap() {
        if !is_in && entry.sort_key(SHARDS).unwrap() > sort_key {
            writer.put(std::slice::from_ref(&earlier)).unwrap();
            is_in = true;
        }
        writer.put(&[entry]).unwrap();
    }
    assert!(is_in);
    writer.finish().unwrap().1
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_of_an_earlier_version_is_imported() {
    let (first, second) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (old, server) = (embedded(first.path()), RedisServer::start());
    write_every_kind_of_record(&old).await;
    let bytes = as_written_by_an_earlier_version(&exported(&old).await);
    let (new, in_redis) = (embedded(second.path()), redis(&server, "moved").await);
    for store in [&new as &dyn MaintenanceStore, &in_redis] {
        import(store, &bytes).await.unwrap();
        assert!(exported(store).await == bytes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_with_only_a_carnival_is_transferred() {
    let (first, second) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let old = embedded(first.path());
    let nothing = store_transfer::export(&old, Vec::new(), &mut |_| {}).await.unwrap_err();
    assert!(store_problems::transfer_error(&nothing, carnival::rules::lang::Lang::En).contains("nothing to export"));
    old.publish(0, &crate::store_suite::fixtures::published(super::SAMPLE, 1), &[]).await.unwrap();
    let bytes = exported(&old).await;
    let new = embedded(second.path());
    import(&new, &bytes).await.unwrap();
    assert!(exported(&new).await == bytes);
}
