//! Promises about versions, reissued codes and serials.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::sync::Arc;

use carnival::rules::ids::Generation;
use carnival::store::{Store, StoreError};

use super::fixtures::{at, concurrently, gift, point, published, stock_numbers};

pub(crate) async fn one_of_several_concurrent_publications_wins(store: Arc<dyn Store>) {
    let versions = concurrently(20, |n| {
        let store = Arc::clone(&store);
        async move { store.publish(0, &published(&format!("text {n}"), 1), &[(gift(1), 10)]).await.unwrap() }
    })
    .await;
    assert!(versions.iter().all(|version| *version == 1), "{versions:?}");
    assert_eq!(store.control().await.unwrap().version, 1);
    let text = store.published_version(1).await.unwrap().unwrap().text;
    assert!(text.starts_with("text "), "{text}");
    assert_eq!(store.published_version(2).await.unwrap(), None);
    assert_eq!(store.gift_states(&[gift(1)], at(0)).await.unwrap()[0].stock, stock_numbers(10, 0, 0));
}

pub(crate) async fn versions_count_up_and_stock_is_seeded_once(store: Arc<dyn Store>) {
    let (first, second) = (published("第一版", 1), published("第二版\n", 2));
    assert_eq!(store.publish(0, &first, &[(gift(1), 10), (gift(2), 0)]).await.unwrap(), 1);
    assert_eq!(store.publish(1, &second, &[(gift(1), 99), (gift(2), 99), (gift(3), 7)]).await.unwrap(), 2);
    assert_eq!(store.control().await.unwrap().version, 2);
    assert_eq!(store.published_version(1).await.unwrap(), Some(first));
    assert_eq!(store.published_version(2).await.unwrap(), Some(second));
    let states = store.gift_states(&[gift(1), gift(2), gift(3)], at(0)).await.unwrap();
    let stocks: Vec<u32> = states.iter().map(|state| state.stock.stock).collect();
    assert_eq!(stocks, [10, 0, 7], "a stock of 0 is a stock too");
}

pub(crate) async fn a_late_publication_changes_nothing(store: Arc<dyn Store>) {
    store.publish(0, &published("one", 1), &[]).await.unwrap();
    store.publish(1, &published("two", 2), &[]).await.unwrap();
    assert_eq!(store.publish(0, &published("late", 1), &[(gift(4), 9)]).await.unwrap(), 2);
    assert_eq!(store.publish(7, &published("early", 8), &[(gift(4), 9)]).await.unwrap(), 2);
    assert_eq!(store.published_version(1).await.unwrap().unwrap().text, "one");
    assert_eq!(store.published_version(8).await.unwrap(), None);
    assert_eq!(store.gift_states(&[gift(4)], at(0)).await.unwrap()[0].stock, stock_numbers(0, 0, 0));
}

pub(crate) async fn concurrent_reissues_raise_the_generation_by_one(store: Arc<dyn Store>) {
    let generation = |n: u64| Generation::try_from(n).unwrap();
    let raised = concurrently(20, |_| {
        let store = Arc::clone(&store);
        async move { store.reissue(point(3), Generation::FIRST).await.unwrap() }
    })
    .await;
    assert!(raised.iter().all(|raised| *raised == generation(1)), "{raised:?}");
    assert_eq!(store.reissue(point(3), generation(1)).await.unwrap(), generation(2));
    assert_eq!(store.reissue(point(3), Generation::FIRST).await.unwrap(), generation(2), "a lost race");
    assert_eq!(store.reissue(point(200), Generation::FIRST).await.unwrap(), generation(1));
    let generations = store.control().await.unwrap().generations;
    assert_eq!(generations, [(point(3), generation(2)), (point(200), generation(1))].into());
    for n in 2..63 {
        assert_eq!(store.reissue(point(3), generation(n)).await.unwrap(), generation(n + 1));
    }
    assert_eq!(store.reissue(point(3), generation(63)).await.unwrap(), generation(63), "all serials are used");
}

pub(crate) async fn serials_never_repeat(store: Arc<dyn Store>) {
    let taken = concurrently(30, |n| {
        let store = Arc::clone(&store);
        async move { (store.take_serials(n % 7 + 1).await.unwrap().get(), n % 7 + 1) }
    })
    .await;
    let all: Vec<u32> = taken.iter().flat_map(|(first, count)| *first..*first + *count).collect();
    let distinct: BTreeSet<u32> = all.iter().copied().collect();
    assert_eq!(distinct.len(), all.len());
    assert_eq!(distinct.first(), Some(&1));
}

pub(crate) async fn serials_end(store: Arc<dyn Store>) {
    assert_eq!(store.take_serials(0x1FF_FFFE).await.unwrap().get(), 1);
    for count in [2, 0x1FF_FFFF, u32::MAX] {
        assert!(matches!(store.take_serials(count).await, Err(StoreError::Broken(_))));
    }
    assert_eq!(store.take_serials(1).await.unwrap().get(), 0x1FF_FFFF, "the last serial is still available");
    assert!(matches!(store.take_serials(1).await, Err(StoreError::Broken(_))));
}
