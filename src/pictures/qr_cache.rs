//! Cache of QR codes: vouchers are displayed repeatedly and a tablet reloads its code, and creating a code costs more
//! than the rest of the request.

use std::sync::Arc;

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, UnitWeighter};

use super::{Qr, QrError};

/// Maximum number of codes. A code takes about 1 KB.
const CAPACITY: usize = 4_096;

/// The recently and often used codes, by text.
#[derive(Debug)]
pub struct QrCache(Cache<String, Arc<Qr>>);

impl Default for QrCache {
    fn default() -> QrCache {
        // New entries take the place of the oldest, except of those that were requested meanwhile: by default the library
        // reserves nearly all of the capacity for its first entries.
        let options = OptionsBuilder::new()
            .shards(1)
            .hot_allocation(0.0)
            .estimated_items_capacity(CAPACITY)
            .weight_capacity(CAPACITY as u64)
            .build();
        QrCache(options.map_or_else(
            |_| Cache::new(CAPACITY),
            |options| {
                Cache::with_options(options, UnitWeighter, DefaultHashBuilder::default(), DefaultLifecycle::default())
            },
        ))
    }
}

impl QrCache {
    /// The code of a text, from the cache or created.
    ///
    /// # Errors
    /// As [`Qr::new`].
    pub fn get(&self, text: &str) -> Result<Arc<Qr>, QrError> {
        self.0.get_or_insert_with(text, || Qr::new(text).map(Arc::new))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_created_once() {
        let codes = QrCache::default();
        let first = codes.get("014738296").unwrap();
        assert!(Arc::ptr_eq(&first, &codes.get("014738296").unwrap()));
        assert_eq!(first.rows(), Qr::new("014738296").unwrap().rows());
        assert_ne!(first.rows(), codes.get("473829106").unwrap().rows());
    }

    #[test]
    fn requested_codes_stay_cached_and_others_are_dropped() {
        let codes = QrCache::default();
        let requested = codes.get("014738296").unwrap();
        let other = codes.get("473829106").unwrap();
        // Stands for as many other codes, which would take too long to create in a test.
        for number in 0..CAPACITY * 3 {
            codes.0.insert(format!("other {number}"), Arc::clone(&other));
            codes.get("014738296").unwrap();
        }
        assert!(Arc::ptr_eq(&requested, &codes.get("014738296").unwrap()));
        assert!(codes.0.peek("473829106").is_none() && codes.0.len() <= CAPACITY);
    }
}
