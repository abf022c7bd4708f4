//! Assignment of passports to shards. The same in every store, so that exports are the same.

use crate::rules::ids::Holder;

/// Offset basis and prime of 32-bit FNV-1a.
const BASIS: u32 = 0x811C_9DC5;
const PRIME: u32 = 0x0100_0193;

/// The shard of a holder's passport, from 0 to `shards - 1`: FNV-1a over `r` and the sixteen bytes of a resident, or
/// `p` and the serial of a card as four big-endian bytes, modulo `shards`. Every store contains the result, so a
/// change would move every passport.
#[must_use]
pub fn shard_of(holder: Holder, shards: u16) -> u16 {
    let hash = match holder {
        Holder::Resident(id) => fnv(fnv(BASIS, b"r"), id.bytes()),
        Holder::Paper(serial) => fnv(fnv(BASIS, b"p"), &serial.get().to_be_bytes()),
    };
    let shard = hash % u32::from(shards.max(1));
    u16::try_from(shard).unwrap_or_default()
}

fn fnv(hash: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use crate::rules::ids::{CardSerial, ResidentId};

    #[test]
    fn shard_numbers_never_change() {
        let paper = |serial| Holder::Paper(CardSerial::try_from(serial).unwrap());
        let resident = |byte| Holder::Resident(ResidentId::new([byte; 16]));
        let shards = [paper(1), paper(2), paper(1000), resident(0), resident(7)].map(|holder| shard_of(holder, 64));
        assert_eq!(shards, [12, 5, 44, 21, 37]);
    }

    #[test]
    fn passports_spread_evenly() {
        let mut count = [0_u32; 64];
        for serial in 1..=6400 {
            let holder = Holder::Paper(CardSerial::try_from(serial).unwrap());
            count[usize::from(shard_of(holder, 64))] += 1;
        }
        assert!(count.iter().all(|n| (50..=150).contains(n)), "{count:?}");
    }
}
