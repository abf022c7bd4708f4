//! Keyed hashes over unambiguous fields: HMAC-SHA256, keyed once and cloned for each use.

use ring::digest::{Context, SHA256};
use ring::hmac;

use super::secrets::Secret;

/// A key combined with a purpose.
#[derive(Clone)]
pub(super) struct Keyed(hmac::Context);

impl Keyed {
    /// Hashes with this key for one purpose. Hashes of different purposes are unrelated.
    pub(super) fn new(key: &Secret, purpose: &str) -> Keyed {
        Keyed(hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key.bytes()))).with(purpose.as_bytes())
    }

    /// Adds a field before all following ones.
    pub(super) fn with(mut self, field: &[u8]) -> Keyed {
        length_prefixed(field, |part| self.0.update(part));
        self
    }

    /// The hash of these fields.
    pub(super) fn hash(&self, fields: &[&[u8]]) -> [u8; 32] {
        let keyed = fields.iter().fold(self.clone(), |keyed, field| keyed.with(field));
        first_bytes(keyed.0.sign().as_ref())
    }

    /// The first 60 bits of the hash of these fields.
    pub(super) fn mac(&self, fields: &[&[u8]]) -> u64 {
        u64::from_be_bytes(first_bytes(&self.hash(fields))) >> 4
    }

    /// Whether this is the MAC of these fields. Compares both as one number, so that the time does not reveal how many
    /// bits of a guess were right.
    pub(super) fn verify(&self, fields: &[&[u8]], mac: u64) -> bool {
        self.mac(fields) ^ mac == 0
    }

    /// The first 128 bits of the hash of these fields.
    pub(super) fn pseudonym(&self, fields: &[&[u8]]) -> [u8; 16] {
        first_bytes(&self.hash(fields))
    }
}

/// The hash of a purpose and fields, without a key.
pub(super) fn digest(purpose: &str, fields: &[&[u8]]) -> [u8; 32] {
    let mut hash = Context::new(&SHA256);
    for field in std::iter::once(purpose.as_bytes()).chain(fields.iter().copied()) {
        length_prefixed(field, |part| hash.update(part));
    }
    first_bytes(hash.finish().as_ref())
}

/// The first bytes of a hash, which is never shorter.
fn first_bytes<const N: usize>(hash: &[u8]) -> [u8; N] {
    std::array::from_fn(|at| hash[at])
}

/// Passes on the field's length in eight bytes and then the field, so that different lists of fields never give the
/// same bytes.
fn length_prefixed(field: &[u8], mut take: impl FnMut(&[u8])) {
    take(&(field.len() as u64).to_be_bytes());
    take(field);
}

impl Secret {
    /// A number that is equal for equal secrets and reveals nothing about them.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let digest = digest("carnival secret fingerprint v1", &[self.bytes()]);
        digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_boundaries_change_the_hash() {
        let one = digest("p", &[b"ab", b"c"]);
        assert_ne!(one, digest("p", &[b"a", b"bc"]));
        assert_ne!(one, digest("p", &[b"abc"]));
        assert_ne!(one, digest("pa", &[b"b", b"c"]));
    }
}
