//! The lines of an export: one entry each, the same for every store.
//!
//! An entry is a JSON object with one field that names its kind. Records are copied as stored, so an export of an
//! import is the same, byte for byte.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use strum::IntoStaticStr;

use crate::rules::check_ins::passport::Passport;
use crate::rules::ids::{BoothId, CardSerial, Generation, GiftNumber, Holder, PointNumber, ResidentId, SessionId};
use crate::rules::statistics::tally::{RefusalTally, Tally};
use crate::store::keys::parse_holder;
use crate::store::shard::shard_of;
use crate::store::{ControlRecord, RecordKind, Result, StoreError, record};

/// A record as stored.
pub type RawRecord = Box<RawValue>;

/// One line.
#[derive(Clone, Debug, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case")]
pub enum ExportEntry {
    /// A low-traffic record.
    Record {
        /// Its kind.
        kind: RecordKind,
        /// Its key.
        key: String,
        /// How often it was written.
        version: u64,
        /// Its value.
        value: RawRecord,
    },
    /// A published version.
    Published {
        /// The version.
        record: RawRecord,
    },
    /// The generation of a printed code that was replaced.
    Generation {
        /// The point of the code.
        point: PointNumber,
        /// How often it was replaced.
        generation: Generation,
    },
    /// Serials of paper passports.
    Serials {
        /// The last one issued; 0 before the first.
        last: u64,
    },
    /// A count of refusals.
    Refused {
        /// The refusal: reason, point and hour.
        what: RefusalTally,
        /// How many.
        count: u64,
    },
    /// When a session was last seen.
    Seen {
        /// The session.
        session: SessionId,
        /// The time in milliseconds since 1970.
        ms: i64,
    },
    /// When a point last gave a stamp.
    Stamped {
        /// The point.
        point: PointNumber,
        /// The time in milliseconds since 1970.
        ms: i64,
    },
    /// A passport.
    Passport {
        /// The holder: `r` and a resident, or `p` and a serial.
        holder: String,
        /// Its head, then a line for each stamp, oldest first (see `record`).
        lines: Vec<String>,
    },
    /// The cards on a resident's phone.
    Cards {
        /// The resident.
        resident: ResidentId,
        /// The cards, by ascending serial.
        cards: Vec<CardSerial>,
    },
    /// The next entry of a shard's stamp log.
    Stamp {
        /// The shard.
        shard: u16,
        /// The log entry.
        fact: String,
    },
    /// A gift's numbers.
    Gift {
        /// The gift.
        gift: GiftNumber,
        /// The stock in total.
        stock: u32,
        /// How many are redeemed.
        redeemed: u32,
    },
    /// A booth where a gift is unavailable.
    Gone {
        /// The gift.
        gift: GiftNumber,
        /// The booth.
        booth: BoothId,
    },
    /// A claim; its voucher and its hold are derived from it.
    Claim {
        /// The claim.
        record: RawRecord,
    },
    /// The next entry of the log of a gift's claims.
    ClaimStep {
        /// The gift.
        gift: GiftNumber,
        /// The log entry.
        record: RawRecord,
    },
    /// The next entry of the log of a gift's stock.
    StockStep {
        /// The gift.
        gift: GiftNumber,
        /// The log entry.
        record: RawRecord,
    },
    /// A counter, summed over the whole store.
    Tally {
        /// Its name.
        name: Tally,
        /// Its value.
        count: u64,
    },
}

/// The position of an entry in the canonical order: section, shard or gift, kind, key. Keys increase strictly, except
/// that the entries of one log share a key and keep their own order.
pub type SortKey = (u8, u16, u8, Vec<u8>);

/// The section of passports.
const PASSPORTS: u8 = 9;

/// The order of holders within a shard: cards by serial, then residents.
#[must_use]
pub fn holder_sort_key(holder: Holder) -> (bool, [u8; 16]) {
    match holder {
        Holder::Paper(serial) => (false, u128::from(serial.get()).to_be_bytes()),
        Holder::Resident(resident) => (true, *resident.bytes()),
    }
}

/// A record's text, to be copied without a change.
///
/// # Errors
/// [`StoreError::Broken`] if it is not JSON.
pub fn raw_record(text: String) -> Result<RawRecord> {
    RawValue::from_string(text).map_err(|error| StoreError::Broken(format!("a record is not JSON: {error}")))
}

/// The lines of a passport, see [`ExportEntry::Passport`].
#[must_use]
pub fn passport_lines(passport: &Passport) -> Vec<String> {
    record::encode_passport(passport).lines().map(str::to_owned).collect()
}

impl ExportEntry {
    /// The name of its kind: of a low-traffic record its own kind, otherwise as in its line.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            ExportEntry::Record { kind, .. } => kind.name(),
            other => other.into(),
        }
    }

    /// Whether it is an entry of a log; log entries have no key.
    #[must_use]
    pub fn is_log_entry(&self) -> bool {
        matches!(self, ExportEntry::Stamp { .. } | ExportEntry::ClaimStep { .. } | ExportEntry::StockStep { .. })
    }

    /// Whether it comes before all entries of passports and gifts.
    ///
    /// # Errors
    /// As [`ExportEntry::sort_key`].
    pub(super) fn is_leading(&self, shards: u16) -> Result<bool> {
        self.sort_key(shards).map(|(section, ..)| section < PASSPORTS)
    }

    /// Its line, without the newline.
    ///
    /// # Errors
    /// None known; writing JSON can fail in principle.
    pub fn to_line(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|error| StoreError::Broken(error.to_string()))
    }

    /// Its position in a store with this number of shards. Decodes every record in it.
    ///
    /// # Errors
    /// [`StoreError::Broken`] if a record cannot be read or does not belong in its section.
    pub fn sort_key(&self, shards: u16) -> Result<SortKey> {
        let text = |value: &dyn std::fmt::Display| value.to_string().into_bytes();
        let big_endian = |number: u16| number.to_be_bytes().to_vec();
        Ok(match self {
            ExportEntry::Record { kind, key, version, value } => {
                let value = value.get().to_owned();
                ControlRecord { kind: *kind, key: key.clone(), version: *version, value }.check()?;
                (0, *kind as u16, 0, text(key))
            }
            ExportEntry::Published { record } => {
                (1, 0, 0, record::decode_published(record.get())?.version.to_be_bytes().into())
            }
            ExportEntry::Generation { point, .. } => (2, 0, 0, big_endian(point.get())),
            ExportEntry::Serials { last } => {
                let known = *last == 0 || CardSerial::try_from(*last).is_ok();
                known.then_some((3, 0, 0, Vec::new())).ok_or_else(|| broken("no such serial"))?
            }
            ExportEntry::Refused { what, .. } => (6, 0, 0, text(what)),
            ExportEntry::Seen { session, .. } => (7, 0, 0, text(session)),
            ExportEntry::Stamped { point, .. } => (8, 0, 0, big_endian(point.get())),
            ExportEntry::Passport { holder, lines } => {
                let holder = parse_holder(holder)?;
                let passport = record::decode_passport(&lines.join("\n"))?;
                if lines.len() < 2 || passport_lines(&passport) != *lines {
                    return Err(broken("the passport is not in canonical form"));
                }
                let (is_resident, id) = holder_sort_key(holder);
                (PASSPORTS, shard_of(holder, shards), 0, [&[u8::from(is_resident)], &id[..]].concat())
            }
            ExportEntry::Cards { resident, cards } => {
                if cards.is_empty() || !cards.is_sorted_by(|a, b| a < b) {
                    return Err(broken("the cards on a phone are not in order"));
                }
                (PASSPORTS, shard_of(Holder::Resident(*resident), shards), 1, resident.bytes().to_vec())
            }
            ExportEntry::Stamp { shard, .. } if *shard >= shards => return Err(broken("no such shard")),
            ExportEntry::Stamp { shard, fact } => {
                record::decode_shard_entry(fact).map(|_| (PASSPORTS, *shard, 2, Vec::new()))?
            }
            ExportEntry::Gift { gift, .. } => (10, gift.get().into(), 0, Vec::new()),
            ExportEntry::Gone { gift, booth } => (10, gift.get().into(), 1, booth.as_str().into()),
            ExportEntry::Claim { record } => {
                let stored = record::decode_claim(record.get().to_owned())?;
                (10, stored.claim.voucher.gift().get().into(), 2, stored.claimer.bytes().to_vec())
            }
            ExportEntry::ClaimStep { gift, record } => {
                record::decode_claim_entry(record.get()).map(|_| (10, gift.get().into(), 3, Vec::new()))?
            }
            ExportEntry::StockStep { gift, record } => {
                record::decode_stock_entry(record.get()).map(|_| (10, gift.get().into(), 4, Vec::new()))?
            }
            ExportEntry::Tally { name, .. } => (11, 0, 0, text(name)),
        })
    }
}

fn broken(what: &str) -> StoreError {
    StoreError::Broken(what.to_owned())
}
