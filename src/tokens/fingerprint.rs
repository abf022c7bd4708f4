//! Fingerprints, by which a store recognises a secret without storing it.

use super::mac::digest;
use super::secrets::Secret;

impl Secret {
    /// A number that is equal for equal secrets and reveals nothing about them.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let digest = digest("carnival secret fingerprint v1", &[self.bytes()]);
        digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}
