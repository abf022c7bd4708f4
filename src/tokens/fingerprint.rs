//! How a store knows a secret again without keeping it.

use super::mac::digest;
use super::secrets::Secret;

impl Secret {
    /// A number that is the same for the same secret, and says nothing of it.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let digest = digest("carnival secret fingerprint v1", &[self.bytes()]);
        digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}
