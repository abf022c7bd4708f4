//! Promises about hints.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use carnival::rules::statistics::tally::RefusalTally;
use carnival::store::{Hints, Store};

use super::fixtures::{at, hour, point, session};

pub(crate) async fn hints_add_up_and_later_times_replace_earlier_ones(store: Arc<dyn Store>) {
    let refused = RefusalTally { point: Some(point(7)), code: "code_replaced".to_owned(), hour: hour() };
    let mut notes = Hints::default();
    notes.refusals.insert(refused.clone(), 3);
    notes.refusals.insert(RefusalTally { point: None, ..refused.clone() }, 1);
    notes.last_seen.insert(session(1), at(500));
    notes.last_stamped.insert(point(7), at(500));
    store.record_hints(&notes).await.unwrap();
    assert_eq!(store.hints().await.unwrap(), notes);
    notes.last_seen.insert(session(1), at(400));
    notes.last_stamped.insert(point(7), at(600));
    store.record_hints(&notes).await.unwrap();
    let now = store.hints().await.unwrap();
    assert_eq!(
        (now.refusals[&refused], now.last_seen[&session(1)], now.last_stamped[&point(7)]),
        (6, at(500), at(600))
    );
    assert_eq!(store.last_seen().await.unwrap(), now.last_seen);
}
