//! Promises about counters and logs.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use carnival::rules::statistics::tally::{Tally, TallyPeriod};
use carnival::store::shard::shard_of;
use carnival::store::{LogId, Store};

use super::fixtures::{
    at, concurrently, counters, gift, holder, hour, log_entries, number, point, routes, session, stamp,
    stamp_log_entries,
};

const HOUR: i64 = 3_600_000;

pub(crate) async fn a_shard_logs_its_stamps_in_order(store: Arc<dyn Store>) {
    for (place, ms) in [(2, 500), (1, 400), (3, 300)] {
        stamp(&*store, holder(1), &[place], ms).await;
    }
    let shard = shard_of(holder(1), store.shards());
    let n = number(500);
    let expected = [
        format!("1s {n} 1 2 {} p", at(500).as_millisecond()),
        format!("1s {n} 2 1 {} p", at(400).as_millisecond()),
        format!("1s {n} 3 3 {} p", at(300).as_millisecond()),
    ];
    assert_eq!(log_entries(&*store, LogId::Shard(shard)).await, expected);
    assert_eq!(stamp_log_entries(&*store).await.len(), 3, "other shards have no entries");
}

pub(crate) async fn log_entries_are_read_page_by_page(store: Arc<dyn Store>) {
    let points: Vec<u16> = (1..=25).collect();
    stamp(&*store, holder(1), &points, 0).await;
    let log = LogId::Shard(shard_of(holder(1), store.shards()));
    let whole = log_entries(&*store, log).await;
    assert_eq!(whole.len(), 25);
    let mut pages = Vec::new();
    for page in 0..3 {
        let page = store.log_entries(log, page * 10, 10).await.unwrap();
        assert!(page.len() <= 10);
        pages.extend(page);
    }
    assert_eq!(pages, whole);
    assert_eq!(store.log_entries(log, 25, 10).await.unwrap(), Vec::<String>::new());
    assert_eq!(store.log_entries(log, 24, 10).await.unwrap(), whole[24..]);
}

pub(crate) async fn counters_add_up_across_shards(store: Arc<dyn Store>) {
    concurrently(40, |n| {
        let store = Arc::clone(&store);
        async move { stamp(&*store, holder(n), &[1, 2], i64::from(n)).await }
    })
    .await;
    let shards: BTreeSet<u16> = (0..40).map(|n| shard_of(holder(n), store.shards())).collect();
    assert!(shards.len() > 1, "they are in several shards");
    let by_hour = [(1, 40), (2, 40)].map(|(n, count)| (Tally::Stamps(point(n), hour()), count));
    let mut expected: BTreeMap<Tally, u64> = by_hour.into();
    let (play, day) = (routes()[0].route.clone(), hour().day());
    let once = [
        Tally::UniqueRouteVisitorsOn(play.clone(), day),
        Tally::UniqueVisitorsOn(day),
        Tally::UniqueVisitorsIn(hour()),
    ];
    expected.extend(once.map(|tally| (tally, 40)));
    assert_eq!(store.tallies(TallyPeriod::ByHour).await.unwrap(), expected);
    let in_all =
        [Tally::AllStamps(point(1)), Tally::AllStamps(point(2)), Tally::AllPassports, Tally::UniqueRouteVisitors(play)];
    assert_eq!(store.tallies(TallyPeriod::AllTime).await.unwrap(), in_all.clone().map(|tally| (tally, 40)).into());
    // Reading single counters gives the same values.
    assert_eq!(store.tallies_since(day).await.unwrap(), expected);
    let tomorrow = "20230414".parse().unwrap();
    assert_eq!(store.tallies_since(tomorrow).await.unwrap(), BTreeMap::new());
    let [first, .., of_play] = in_all;
    let nothing = [Tally::AllStamps(point(9)), Tally::RedemptionsBy(gift(1), session(1))];
    let named = store.tallies_of(&[&[first.clone(), of_play.clone()], &nothing[..]].concat()).await.unwrap();
    assert_eq!(named, [(first, 40), (of_play, 40)].into());
}

/// A returning resident is counted again only for a new route, day or hour.
pub(crate) async fn people_are_counted_once_per_route_day_and_hour(store: Arc<dyn Store>) {
    let people = async |name: &str| counters(&*store).await.get(name).copied().unwrap_or(0);
    stamp(&*store, holder(1), &[1, 2], 0).await;
    stamp(&*store, holder(2), &[1, 8], 0).await;
    assert_eq!((people("people:play").await, people("people:active").await), (2, 1));
    assert_eq!((people("people-on:20230413").await, people("people-in:2023041312").await), (2, 2));
    // Stamps of yesterday and of an hour ago, relative to this suite's noon.
    stamp(&*store, holder(3), &[1], -13 * HOUR).await;
    let before = (people("people-on:20230413").await, people("people-in:2023041312").await);
    stamp(&*store, holder(3), &[3], -HOUR).await;
    stamp(&*store, holder(3), &[4], 5).await;
    let after = (people("people-on:20230413").await, people("people-in:2023041312").await);
    assert_eq!((after.0 - before.0, after.1 - before.1), (1, 2), "once for the day, twice for hours");
    assert_eq!((people("people:play").await, people("people:play:20230413").await), (3, 4));
    stamp(&*store, holder(3), &[30], 6).await;
    assert_eq!(people("people:play").await, 3, "a point of no route counts for none");
}
