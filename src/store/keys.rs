//! Every key in Redis, and its hash tag.
//!
//! A Redis Cluster places a key by the text between its braces. All keys of one write share a tag, so that the write
//! is one step on one node. `PREFIX` is a setting, `carnival` by default.
//!
//! | key | type | fields or members → values |
//! |---|---|---|
//! | `{PREFIX:sN}:p:HOLDER` | string | a passport of shard N: its head and a line for each stamp (see `record`); HOLDER is `r` and the resident, or `p` and the serial |
//! | `{PREFIX:sN}:log` | list | log entries of stamps and of undone stamps, oldest first |
//! | `{PREFIX:sN}:totals` · `…:hours:DAY` | hash | counter → count: of all time, and by the hour of a day |
//! | `{PREFIX:sN}:holders` | set | HOLDER of each passport |
//! | `{PREFIX:sN}:c:RESIDENT` | set | serials of the cards on a resident's phone |
//! | `{PREFIX:sN}:carers` | set | each RESIDENT with a card on the phone |
//! | `{PREFIX:gN}:claims` | hash | claimant → claim of gift N |
//! | `{PREFIX:gN}:vouchers` | hash | voucher → claimant |
//! | `{PREFIX:gN}:erased` | set | vouchers of erased claims, which are never drawn again |
//! | `{PREFIX:gN}:holds` | zset | claimant → the millisecond at which a claim that is not redeemed ends |
//! | `{PREFIX:gN}:numbers` | hash | `stock`, `redeemed` → count |
//! | `{PREFIX:gN}:gone` | set | booths where the gift is unavailable |
//! | `{PREFIX:gN}:log` | list | log entries of claims, oldest first |
//! | `{PREFIX:gN}:stock` | list | log entries of stock changes, oldest first |
//! | `{PREFIX:gN}:totals` · `…:hours:DAY` | hash | as above |
//! | `{PREFIX:gN}:stock_writes` | hash | session and nonce of each stock change → its content, kept as long as its log entry |
//! | `{PREFIX:control}:meta` | hash | `format` → number of the storage format, `shards` → number of shards, `importing` → 1 during an import |
//! | `{PREFIX:control}:now` | hash | `version` → the current one, POINT → generation of its printed code |
//! | `{PREFIX:control}:records:KIND` | hash | low-traffic records of a kind: key → version and value (see `record_kinds`) |
//! | `{PREFIX:control}:versions` | hash | version → published carnival |
//! | `{PREFIX:control}:erasures` | hash | `since`, `rewriting` → the millisecond of the first erasure that the files of Redis still show (see `redis/erasures.rs`) |
//! | `{PREFIX:control}:draft` | hash | an unfinished publication: `version`, `record`, GIFT → initial stock |
//! | `{PREFIX:control}:days` | set | each DAY with counters |
//! | `{PREFIX:control}:serials` | string | the last serial issued |
//! | `{PREFIX:notes}:refused` · `…:seen` · `…:stamped` | hash | hints, which may be lost: counter → count, session → ms, POINT → ms |

use std::fmt::Display;

use super::record_kinds::RecordKind;
use super::{LogId, Result, StoreError};
use crate::rules::ids::{GiftNumber, Holder, ResidentId};
use crate::rules::statistics::tally::LocalDay;

/// The KEYS of `change_stock.lua`.
pub(super) const STOCK_KEYS: [&str; 4] = ["numbers", "holds", "stock_writes", "stock"];
/// The KEYS of `seed_stock.lua`.
pub(super) const SEED_STOCK_KEYS: [&str; 2] = ["numbers", "stock"];
/// The KEYS of `anonymise_claim.lua`.
pub(super) const ANONYMISE_CLAIM_KEYS: [&str; 3] = ["claims", "vouchers", "erased"];
/// The KEYS of `drop_claim.lua`.
pub(super) const DROP_CLAIM_KEYS: [&str; 5] = ["claims", "vouchers", "holds", "log", "erased"];
/// The KEYS of `gift_state.lua`.
pub(super) const GIFT_STATE_KEYS: [&str; 3] = ["numbers", "holds", "gone"];
/// The KEYS of `publish_begin.lua` and `publish_finish.lua`.
pub(super) const PUBLICATION_KEYS: [&str; 3] = ["now", "draft", "versions"];
/// The KEYS of `record_hints.lua`.
pub(super) const HINT_KEYS: [&str; 3] = ["refused", "seen", "stamped"];

/// The name of a day's hourly counters. One hash per day, so that reading today does not read the other days.
pub(super) fn hours(day: LocalDay) -> String {
    format!("hours:{day}")
}

/// Builds the keys of one prefix.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    prefix: String,
}

/// The keys of one hash tag.
pub(super) struct TaggedKeys(String);

/// The name of a holder in keys and sets.
pub(super) fn holder_name(holder: Holder) -> String {
    match holder {
        Holder::Resident(resident) => format!("r{resident}"),
        Holder::Paper(serial) => format!("p{serial}"),
    }
}

/// The inverse of [`holder_name`].
pub(super) fn parse_holder(name: &str) -> Result<Holder> {
    let holder = match name.split_at_checked(1) {
        Some(("r", resident)) => resident.parse().ok().map(Holder::Resident),
        Some(("p", serial)) => serial.parse().ok().map(Holder::Paper).filter(|holder| holder_name(*holder) == name),
        _ => None,
    };
    holder.ok_or_else(|| StoreError::Broken("a holder cannot be read".to_owned()))
}

impl Keys {
    pub(super) fn new(prefix: &str) -> Keys {
        Keys { prefix: prefix.to_owned() }
    }

    /// The text that all hash tags begin with.
    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Whether a prefix is printable and leaves the hash tags intact.
    pub(super) fn is_valid_prefix(prefix: &str) -> bool {
        (1..=64).contains(&prefix.len()) && prefix.bytes().all(|b| b.is_ascii_graphic() && b != b'{' && b != b'}')
    }

    fn tag(&self, of: impl Display) -> String {
        format!("{{{}:{of}}}", self.prefix)
    }

    pub(super) fn shard(&self, shard: u16) -> TaggedKeys {
        TaggedKeys(self.tag(format_args!("s{shard}")))
    }

    pub(super) fn gift(&self, gift: GiftNumber) -> TaggedKeys {
        TaggedKeys(self.tag(format_args!("g{gift}")))
    }

    pub(super) fn control(&self) -> TaggedKeys {
        TaggedKeys(self.tag("control"))
    }

    pub(super) fn hints(&self) -> TaggedKeys {
        TaggedKeys(self.tag("notes"))
    }

    pub(super) fn log(&self, log: LogId) -> String {
        match log {
            LogId::Shard(shard) => self.shard(shard).key("log"),
            LogId::Gift(gift) => self.gift(gift).key("log"),
            LogId::Stock(gift) => self.gift(gift).key("stock"),
        }
    }
}

impl TaggedKeys {
    /// A key with a fixed name.
    pub(super) fn key(&self, name: &str) -> String {
        [self.0.as_str(), ":", name].concat()
    }

    /// Keys with fixed names.
    pub(super) fn keys<const N: usize>(&self, names: [&str; N]) -> [String; N] {
        names.map(|name| self.key(name))
    }

    /// The key of a passport of this shard.
    pub(super) fn passport(&self, holder: Holder) -> String {
        [self.0.as_str(), ":p:", &holder_name(holder)].concat()
    }

    /// The key of the cards on a phone, of this shard.
    pub(super) fn companions(&self, resident: ResidentId) -> String {
        format!("{}:c:{resident}", self.0)
    }

    /// The KEYS of `stamp.lua`.
    pub(super) fn stamp_keys(&self, holder: Holder, day: LocalDay) -> [String; 5] {
        [self.passport(holder), self.key("log"), self.key("totals"), self.key(&hours(day)), self.key("holders")]
    }

    /// The KEYS of `change_passport.lua`.
    pub(super) fn change_passport_keys(&self, holder: Holder, days: &[LocalDay]) -> Vec<String> {
        let passport = [self.passport(holder), self.key("log"), self.key("totals")];
        passport.into_iter().chain(days.iter().map(|day| self.key(&hours(*day)))).collect()
    }

    /// The KEYS of `erase_passport.lua`.
    pub(super) fn erase_passport_keys(&self, holder: Holder) -> [String; 2] {
        [self.passport(holder), self.key("holders")]
    }

    /// The KEYS of `add_companion.lua` and `remove_companion.lua`.
    pub(super) fn companion_keys(&self, resident: ResidentId) -> [String; 2] {
        [self.companions(resident), self.key("carers")]
    }

    /// The KEYS of `change_claim.lua`.
    pub(super) fn claim_keys(&self, day: LocalDay) -> [String; 8] {
        self.keys(["claims", "vouchers", "holds", "numbers", "log", "totals", &hours(day), "erased"])
    }

    /// The low-traffic records of a kind.
    pub(super) fn records(&self, kind: RecordKind) -> String {
        format!("{}:records:{}", self.0, kind.name())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use ::redis::cluster_routing::Slot;

    fn one_slot(keys: &[String]) -> bool {
        keys.iter().all(|key| Slot::for_key(key) == Slot::for_key(&keys[0]))
    }

    #[test]
    fn all_keys_of_one_write_share_a_slot() {
        let keys = Keys::new("carnival");
        let resident = ResidentId::new([7; 16]);
        let shard = keys.shard(63);
        let day: LocalDay = "20230413".parse().unwrap();
        assert!(one_slot(&shard.stamp_keys(Holder::Resident(resident), day)));
        assert!(one_slot(&shard.change_passport_keys(Holder::Resident(resident), &[day])));
        assert!(one_slot(&shard.erase_passport_keys(Holder::Resident(resident))));
        assert!(one_slot(&shard.companion_keys(resident)));
        let gift = GiftNumber::try_from(99).unwrap();
        let of_gift = keys.gift(gift);
        let all = [
            &of_gift.claim_keys(day)[..],
            &of_gift.keys(STOCK_KEYS),
            &of_gift.keys(GIFT_STATE_KEYS),
            &[keys.log(LogId::Gift(gift))],
        ];
        assert!(one_slot(&all.concat()));
        assert!(one_slot(
            &[&of_gift.keys(SEED_STOCK_KEYS)[..], &of_gift.keys(DROP_CLAIM_KEYS), &of_gift.keys(ANONYMISE_CLAIM_KEYS)]
                .concat()
        ));
        assert!(one_slot(&keys.control().keys(PUBLICATION_KEYS)));
        assert!(one_slot(&RecordKind::iter().map(|kind| keys.control().records(kind)).collect::<Vec<_>>()));
        assert!(one_slot(&keys.hints().keys(HINT_KEYS)));
    }

    #[test]
    fn shards_use_different_slots() {
        let keys = Keys::new("carnival");
        let logs: Vec<String> = (0..64).map(|shard| keys.log(LogId::Shard(shard))).collect();
        assert!(!one_slot(&logs));
    }

    #[test]
    fn a_prefix_cannot_break_the_tags() {
        assert!(Keys::is_valid_prefix("carnival") && Keys::is_valid_prefix("test:7"));
        assert!(!Keys::is_valid_prefix("") && !Keys::is_valid_prefix("a{b") && !Keys::is_valid_prefix("a}b"));
        assert!(!Keys::is_valid_prefix("a b"));
    }
}
