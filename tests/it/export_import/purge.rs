//! A purge removes all personal data and keeps the counts.

use carnival::actions::personal_data::purge::{self, PurgeError};
use carnival::store::embedded::{EmbeddedStore, Options};
use carnival::store::export::MaintenanceStore;
use carnival::store::redis::{RedisStore, Settings};
use carnival::store::{LogId, RecordKind};
use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::TimeZone;
use tempfile::TempDir;

use super::{SHARDS, embedded, exported, import, write_every_kind_of_record};
use crate::servers::redis_server::RedisServer;
use crate::store_suite::fixtures::{counters, gift, holder, log_entries, number, resident, stock};

/// A local time of the carnival.
fn local_time(day: i8, hour: i8) -> Timestamp {
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    date(2023, 4, day).at(hour, 0, 0, 0).to_zoned(zone).unwrap().timestamp()
}

/// Identifiers of persons. Passport numbers start at 10, because lower numbers occur in the session ids of the suite,
/// which identify no person once the sessions are deleted.
fn names() -> Vec<String> {
    let mut names: Vec<String> = ["王阿姨", "陈社工", "李叔叔", "an organiser"].map(str::to_owned).to_vec();
    names.extend((10..60).map(|who| number(who).to_string()));
    names.extend((1..60).map(|who| format!("r{}", resident(who))));
    names
}

fn contains_bytes(bytes: &[u8], name: &str) -> bool {
    bytes.windows(name.len()).any(|window| window == name.as_bytes())
}

async fn assert_purged(store: &dyn MaintenanceStore) {
    let (tallies, movements) = (counters(store).await, log_entries(store, LogId::Stock(gift(1))).await);
    let last_day = purge::plan(store, local_time(30, 23)).await;
    let before = exported(store).await;
    assert!(matches!(last_day, Err(PurgeError::NotOver { .. })), "{last_day:?}");
    let early = purge::purge(store, local_time(30, 23), &mut |_| {}).await;
    assert!(matches!(early, Err(PurgeError::NotOver { last_day }) if last_day == date(2023, 4, 30)));
    let after = Timestamp::from_second(local_time(30, 23).as_second() + 3600).unwrap();
    let plan = purge::plan(store, after).await.unwrap();
    assert_eq!((plan.counts.passports, plan.counts.claims, plan.sessions, plan.suspicions), (64, 7, 2, 3));
    assert!(exported(store).await == before, "a plan changes nothing");
    let mut deleted = 0;
    purge::purge(store, after, &mut |so_far| deleted = so_far).await.unwrap();
    assert!(deleted > 0);

    assert!(store.passport(holder(1)).await.unwrap().is_none());
    assert!(store.companions(resident(1)).await.unwrap().is_empty());
    assert_eq!(counters(store).await, tallies);
    let now = stock(store, 0).await;
    assert_eq!((now.stock, now.redeemed, now.held), (19, 1, 0));
    assert_eq!(log_entries(store, LogId::Stock(gift(1))).await.len(), movements.len());
    assert_eq!(store.take_serials(1).await.unwrap().get(), 51, "a card's serial is never reused");
    assert_eq!(store.control().await.unwrap().version, 2);
    for kind in [RecordKind::Invitation, RecordKind::StaffDevice, RecordKind::StaffSession] {
        assert_eq!(store.records(kind).await.unwrap(), [], "{kind:?}");
    }
    purge::purge(store, after, &mut |_| {}).await.unwrap();
    let bytes = exported(store).await;
    for name in names() {
        assert!(contains_bytes(&before, &name), "{name} is missing before the purge");
        assert!(!contains_bytes(&bytes, &name), "{name} remains");
    }
    let nothing = purge::purge(store, after, &mut |_| {}).await.unwrap();
    assert_eq!((nothing.counts.passports, nothing.counts.stamp_entries, nothing.counts.claim_entries), (0, 0, 0));
    assert!(exported(store).await == bytes, "a second purge changes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_removes_identifiers_from_the_embedded_store_and_its_file() {
    let (folder, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let store = embedded(folder.path());
    write_every_kind_of_record(&store).await;
    assert_purged(&store).await;
    let bytes = exported(&store).await;
    drop(store);
    let options = Options { shards: SHARDS, ..Options::default() };
    EmbeddedStore::compact(folder.path(), options).unwrap();
    let file = std::fs::read(folder.path().join("carnival.redb")).unwrap();
    for name in names() {
        assert!(!contains_bytes(&file, &name), "{name} remains in the file");
    }
    let store = embedded(folder.path());
    assert!(exported(&store).await == bytes, "the counts are kept");
    let moved = embedded(other.path());
    import(&moved, &bytes).await.unwrap();
    assert!(exported(&moved).await == bytes, "a purged carnival can be imported");
    let refused = EmbeddedStore::compact(folder.path(), options).unwrap_err().to_string();
    assert!(refused.contains("in use by another program"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_removes_identifiers_from_redis_and_its_append_only_file() {
    let server = RedisServer::start();
    let settings = Settings { urls: vec![server.url()], shards: SHARDS, ..Settings::default() };
    let store = RedisStore::open(&settings).await.unwrap().0;
    write_every_kind_of_record(&store).await;
    assert_purged(&store).await;
    store.rewrite_aof().await.unwrap();
    let keys = server.command(&["KEYS", "*"]);
    assert!(!keys.contains(":p:") && !keys.contains(":c:") && !keys.contains(":i:"), "{keys}");
}
