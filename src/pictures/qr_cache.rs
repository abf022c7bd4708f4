//! Cache of QR codes: vouchers are displayed repeatedly and a tablet reloads its code, and creating a code costs as
//! much as twenty check-ins.

use std::collections::HashMap;
use std::mem::take;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Qr, QrError};

/// Capacity of one generation: at least this many recent codes stay cached, at most twice as many. A code takes about 1
/// KB.
const GENERATION_CAPACITY: usize = 2_048;

/// The most recently used codes, by text.
///
/// Two generations instead of an LRU list: a full young generation becomes the old one, and the codes of the previous
/// old generation that were not requested since are dropped.
#[derive(Debug, Default)]
pub struct QrCache(Mutex<Generations>);

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<String, Arc<Qr>>,
    old: HashMap<String, Arc<Qr>>,
}

impl QrCache {
    /// The code of a text, from the cache or created.
    ///
    /// # Errors
    /// As [`Qr::new`].
    pub fn get(&self, text: &str) -> Result<Arc<Qr>, QrError> {
        if let Some(cached) = self.find(text) {
            return Ok(cached);
        }
        // Created outside the lock: two concurrent requests create it twice, and no other request waits for them.
        let qr = Arc::new(Qr::new(text)?);
        self.insert(text, &qr);
        Ok(qr)
    }

    fn find(&self, text: &str) -> Option<Arc<Qr>> {
        let generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(young) = generations.young.get(text) {
            return Some(Arc::clone(young));
        }
        let old = Arc::clone(generations.old.get(text)?);
        drop(generations);
        self.insert(text, &old);
        Some(old)
    }

    fn insert(&self, text: &str, code: &Arc<Qr>) {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if generations.young.len() >= GENERATION_CAPACITY {
            generations.old = take(&mut generations.young);
        }
        generations.young.insert(text.to_owned(), Arc::clone(code));
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
        for number in 0..GENERATION_CAPACITY * 3 {
            codes.insert(&format!("other {number}"), &other);
            codes.get("014738296").unwrap();
        }
        assert!(Arc::ptr_eq(&requested, &codes.get("014738296").unwrap()));
        let generations = codes.0.lock().unwrap();
        assert!(!generations.young.contains_key("473829106") && !generations.old.contains_key("473829106"));
        assert!(generations.young.len() <= GENERATION_CAPACITY && generations.old.len() <= GENERATION_CAPACITY);
    }
}
