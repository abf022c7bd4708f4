//! Codes that were made before: a voucher is looked at again and again, a tablet's code by every reload, and making one costs as much as twenty check-ins.

use std::collections::HashMap;
use std::mem::take;
use std::sync::{Arc, Mutex, PoisonError};

use super::{PictureError, Qr};

/// How many are kept at least once they were made; at most twice as many. One takes about 1 KB.
const KEPT: usize = 2_048;

/// Codes by their text, the latest ones.
///
/// Two generations instead of a list by age: when the young one is full it becomes the old one, and what nobody asked for meanwhile is dropped with the old one before it.
#[derive(Debug, Default)]
pub struct KeptCodes(Mutex<Generations>);

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<String, Arc<Qr>>,
    old: HashMap<String, Arc<Qr>>,
}

impl KeptCodes {
    /// The code of a text, made now or before.
    ///
    /// # Errors
    /// As [`Qr::new`].
    pub fn get(&self, text: &str) -> Result<Arc<Qr>, PictureError> {
        if let Some(kept) = self.find(text) {
            return Ok(kept);
        }
        // Made outside of the lock: two who ask at once make it twice, and nobody waits for a third.
        let made = Arc::new(Qr::new(text)?);
        self.keep(text, &made);
        Ok(made)
    }

    fn find(&self, text: &str) -> Option<Arc<Qr>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(young) = kept.young.get(text) {
            return Some(Arc::clone(young));
        }
        let old = Arc::clone(kept.old.get(text)?);
        drop(kept);
        self.keep(text, &old);
        Some(old)
    }

    fn keep(&self, text: &str, code: &Arc<Qr>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.young.len() >= KEPT {
            kept.old = take(&mut kept.young);
        }
        kept.young.insert(text.to_owned(), Arc::clone(code));
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_made_once() {
        let codes = KeptCodes::default();
        let first = codes.get("014738296").unwrap();
        assert!(Arc::ptr_eq(&first, &codes.get("014738296").unwrap()));
        assert_eq!(first.rows(), Qr::new("014738296").unwrap().rows());
        assert_ne!(first.rows(), codes.get("473829106").unwrap().rows());
    }

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let codes = KeptCodes::default();
        let asked_for = codes.get("014738296").unwrap();
        let other = codes.get("473829106").unwrap();
        // As if so many others had been made; making them takes too long for a test.
        for number in 0..KEPT * 3 {
            codes.keep(&format!("other {number}"), &other);
            codes.get("014738296").unwrap();
        }
        assert!(Arc::ptr_eq(&asked_for, &codes.get("014738296").unwrap()));
        let kept = codes.0.lock().unwrap();
        assert!(!kept.young.contains_key("473829106") && !kept.old.contains_key("473829106"));
        assert!(kept.young.len() <= KEPT && kept.old.len() <= KEPT);
    }
}
