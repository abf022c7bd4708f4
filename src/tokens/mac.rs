//! Keyed hashes over unambiguous fields: HMAC-SHA256, keyed once and cloned for each use.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::secrets::Secret;

/// A key combined with a purpose.
#[derive(Clone)]
pub(super) struct Keyed(Hmac<Sha256>);

impl Keyed {
    /// Hashes with this key for one purpose. Hashes of different purposes are unrelated.
    pub(super) fn new(key: &Secret, purpose: &str) -> Keyed {
        Keyed(Hmac::new(&key_block(key.bytes()).into())).with(purpose.as_bytes())
    }

    /// Adds a field before all following ones.
    pub(super) fn with(mut self, field: &[u8]) -> Keyed {
        length_prefixed(field, |part| self.0.update(part));
        self
    }

    /// The hash of these fields.
    pub(super) fn hash(&self, fields: &[&[u8]]) -> [u8; 32] {
        let keyed = fields.iter().fold(self.clone(), |keyed, field| keyed.with(field));
        keyed.0.finalize().into_bytes().into()
    }

    /// The first 60 bits of the hash of these fields.
    pub(super) fn mac(&self, fields: &[&[u8]]) -> u64 {
        let hash = self.hash(fields);
        u64::from_be_bytes(std::array::from_fn(|at| hash[at])) >> 4
    }

    /// Whether this is the MAC of these fields. Compares both as one number, so that the time does not reveal how many
    /// bits of a guess were right.
    pub(super) fn verify(&self, fields: &[&[u8]], mac: u64) -> bool {
        self.mac(fields) ^ mac == 0
    }

    /// The first 128 bits of the hash of these fields.
    pub(super) fn pseudonym(&self, fields: &[&[u8]]) -> [u8; 16] {
        let hash = self.hash(fields);
        std::array::from_fn(|at| hash[at])
    }
}

/// The hash of a purpose and fields, without a key.
pub(super) fn digest(purpose: &str, fields: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for field in std::iter::once(purpose.as_bytes()).chain(fields.iter().copied()) {
        length_prefixed(field, |part| Digest::update(&mut hash, part));
    }
    hash.finalize().into()
}

/// Passes on the field's length in eight bytes and then the field, so that different lists of fields never give the
/// same bytes.
fn length_prefixed(field: &[u8], mut take: impl FnMut(&[u8])) {
    take(&(field.len() as u64).to_be_bytes());
    take(field);
}

/// The key block of HMAC (RFC 2104, section 2): the key padded with zeros to 64 bytes, a longer key hashed first.
/// `new_from_slice` does the same, but returns a `Result`.
fn key_block(key: &[u8]) -> [u8; 64] {
    let mut block = [0; 64];
    if key.len() <= block.len() {
        block[..key.len()].copy_from_slice(key);
    } else {
        block[..32].copy_from_slice(&Sha256::digest(key));
    }
    block
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
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn keys_of_any_length_match_the_library() {
        for length in [43, 64, 65, 200] {
            let key: Vec<u8> = (0_u8..).take(length).collect();
            let ours: Hmac<Sha256> = Hmac::new(&key_block(&key).into());
            let theirs = Hmac::<Sha256>::new_from_slice(&key).unwrap();
            assert_eq!(ours.finalize().into_bytes(), theirs.finalize().into_bytes(), "{length} bytes");
        }
    }

    #[test]
    fn field_boundaries_change_the_hash() {
        let one = digest("p", &[b"ab", b"c"]);
        assert_ne!(one, digest("p", &[b"a", b"bc"]));
        assert_ne!(one, digest("p", &[b"abc"]));
        assert_ne!(one, digest("pa", &[b"b", b"c"]));
    }
}
