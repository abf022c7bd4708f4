//! The lines of an export: one entry each, the same whatever the store.
//!
//! An entry is a JSON object with one field that names its kind. Records are copied as they are
//! written in stores, so an export of an import is the same, byte for byte.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::rules::ids::{
    BoothId, CardSerial, Generation, GiftNumber, Holder, PassportNumber, PointNumber, ResidentId, SessionId,
};
use crate::rules::passport::{Passport, Stamp};
use crate::rules::suspicion::SuspicionId;
use crate::rules::tally::{RefusalTally, Tally};
use crate::store::keys::holder_named;
use crate::store::shard::shard_of;
use crate::store::{Result, StoreError, record};

/// A record as it is written in stores.
pub type Record = Box<RawValue>;

/// One line.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Entry {
    /// What the store is marked with.
    Mark {
        /// Of what.
        name: String,
        /// The mark.
        value: u64,
    },
    /// A published version.
    Published {
        /// The version.
        record: Record,
    },
    /// A printed code that was replaced.
    Generation {
        /// Whose code.
        point: PointNumber,
        /// How often.
        generation: Generation,
    },
    /// A passport whose gifts wait.
    Waits {
        /// Its number.
        passport: PassportNumber,
    },
    /// When a poster was last seen.
    Poster {
        /// Where.
        point: PointNumber,
        /// By whom.
        record: Record,
    },
    /// What was done about a suspicion.
    Settled {
        /// Which.
        suspicion: SuspicionId,
        /// What.
        record: Record,
    },
    /// Serials of paper passports.
    Serials {
        /// The last one given out.
        last: u64,
    },
    /// An invitation.
    Invitation {
        /// The invitation.
        record: Record,
        /// When it was ended.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ended: Option<Timestamp>,
    },
    /// A staff session, which names its invitation and the nonce that began it.
    Session {
        /// The session.
        record: Record,
        /// When it was ended.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ended: Option<Timestamp>,
    },
    /// A count of refusals.
    Refused {
        /// Of what.
        what: RefusalTally,
        /// How many.
        count: u64,
    },
    /// When a session was last seen.
    Seen {
        /// Which.
        session: SessionId,
        /// The millisecond.
        ms: i64,
    },
    /// When a point last gave a stamp.
    Stamped {
        /// Which.
        point: PointNumber,
        /// The millisecond.
        ms: i64,
    },
    /// A suspicion.
    Suspicion {
        /// The suspicion.
        record: Record,
    },
    /// A passport.
    Passport {
        /// Whose: `r` and a resident, or `p` and a serial.
        holder: String,
        /// Its head, then a line for each stamp, in order (see `record`).
        lines: Vec<String>,
    },
    /// The cards on a resident's phone.
    Cards {
        /// Whose phone.
        resident: ResidentId,
        /// The cards, by serial.
        cards: Vec<CardSerial>,
    },
    /// The next fact of a shard's log.
    Stamp {
        /// The shard.
        shard: u16,
        /// The fact.
        fact: String,
    },
    /// A gift's numbers.
    Gift {
        /// Which gift.
        gift: GiftNumber,
        /// How many there were in all.
        stock: u32,
        /// How many are redeemed.
        redeemed: u32,
    },
    /// A booth at which a gift is gone for now.
    Gone {
        /// Which gift.
        gift: GiftNumber,
        /// Where.
        booth: BoothId,
    },
    /// A claim; its voucher and its hold follow from it.
    Claim {
        /// The claim.
        record: Record,
    },
    /// The next fact of the log of a gift's claims.
    ClaimStep {
        /// Which gift.
        gift: GiftNumber,
        /// The fact.
        record: Record,
    },
    /// The next fact of the log of a gift's stock.
    StockStep {
        /// Which gift.
        gift: GiftNumber,
        /// The fact.
        record: Record,
    },
    /// A counter, added up over the whole store.
    Tally {
        /// Its name.
        name: Tally,
        /// How many.
        count: u64,
    },
}

/// Where an entry stands in the one order: section, shard or gift, kind, key. Of two that follow each
/// other the second stands after the first; facts of one log stand in one place, in their own order.
pub type Place = (u8, u16, u8, Vec<u8>);

/// The order of holders within a shard: cards by serial, then residents.
#[must_use]
pub fn holder_order(holder: Holder) -> (bool, [u8; 16]) {
    match holder {
        Holder::Paper(serial) => (false, u128::from(serial.get()).to_be_bytes()),
        Holder::Resident(resident) => (true, *resident.bytes()),
    }
}

/// A record's text, to be copied as it is.
///
/// # Errors
/// Broken when it is no JSON.
pub fn raw(text: String) -> Result<Record> {
    RawValue::from_string(text).map_err(|error| StoreError::Broken(format!("a record is no JSON: {error}")))
}

/// A passport as lines.
#[must_use]
pub fn passport_lines(passport: &Passport) -> Vec<String> {
    let stamp = |stamp: &Stamp| format!("{} {} {}", stamp.point, stamp.nth, record::stamp_tail(stamp.at, &stamp.how));
    std::iter::once(record::passport_head(&passport.number)).chain(passport.stamps.iter().map(stamp)).collect()
}

impl Entry {
    /// The name of its kind, as it stands in its line.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Entry::Mark { .. } => "mark",
            Entry::Published { .. } => "published",
            Entry::Generation { .. } => "generation",
            Entry::Waits { .. } => "waits",
            Entry::Poster { .. } => "poster",
            Entry::Settled { .. } => "settled",
            Entry::Serials { .. } => "serials",
            Entry::Invitation { .. } => "invitation",
            Entry::Session { .. } => "session",
            Entry::Refused { .. } => "refused",
            Entry::Seen { .. } => "seen",
            Entry::Stamped { .. } => "stamped",
            Entry::Suspicion { .. } => "suspicion",
            Entry::Passport { .. } => "passport",
            Entry::Cards { .. } => "cards",
            Entry::Stamp { .. } => "stamp",
            Entry::Gift { .. } => "gift",
            Entry::Gone { .. } => "gone",
            Entry::Claim { .. } => "claim",
            Entry::ClaimStep { .. } => "claim_step",
            Entry::StockStep { .. } => "stock_step",
            Entry::Tally { .. } => "tally",
        }
    }

    /// Whether it is a fact of a log: such have no key of their own.
    #[must_use]
    pub fn is_fact(&self) -> bool {
        matches!(self, Entry::Stamp { .. } | Entry::ClaimStep { .. } | Entry::StockStep { .. })
    }

    /// Its line, without the end.
    ///
    /// # Errors
    /// None that is known of; writing JSON can fail in principle.
    pub fn line(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|error| StoreError::Broken(error.to_string()))
    }

    /// Where it stands in a store of so many shards. Every record in it is read.
    ///
    /// # Errors
    /// Broken when a record cannot be read, or is not where it belongs.
    pub fn place(&self, shards: u16) -> Result<Place> {
        let text = |value: &dyn std::fmt::Display| value.to_string().into_bytes();
        let big = |number: u16| number.to_be_bytes().to_vec();
        Ok(match self {
            Entry::Mark { name, .. } => (0, 0, 0, text(name)),
            Entry::Published { record } => {
                (1, 0, 0, record::read_published(record.get())?.version.to_be_bytes().into())
            }
            Entry::Generation { point, .. } => (2, 0, 0, big(point.get())),
            Entry::Waits { passport } => (3, 0, 0, text(passport)),
            Entry::Poster { point, record } => {
                record::read_poster_check(record.get())?;
                (4, 0, 0, big(point.get()))
            }
            Entry::Settled { suspicion, record } => {
                record::read_settled(record.get())?;
                (5, 0, 0, text(suspicion))
            }
            Entry::Serials { last } => {
                let known = *last == 0 || CardSerial::try_from(*last).is_ok();
                known.then_some((6, 0, 0, Vec::new())).ok_or_else(|| broken("there is no such serial"))?
            }
            Entry::Invitation { record, .. } => (7, 0, 0, text(&record::read_invitation(record.get())?.id)),
            Entry::Session { record, .. } => (8, 0, 0, text(&record::read_session(record.get())?.id)),
            Entry::Refused { what, .. } => (9, 0, 0, text(what)),
            Entry::Seen { session, .. } => (10, 0, 0, text(session)),
            Entry::Stamped { point, .. } => (11, 0, 0, big(point.get())),
            Entry::Suspicion { record } => (12, 0, 0, text(&record::read_suspicion(record.get())?.id)),
            Entry::Passport { .. } | Entry::Cards { .. } | Entry::Stamp { .. } => self.in_shard(shards)?,
            Entry::Tally { name, .. } => (15, 0, 0, text(name)),
            _ => self.of_gift()?,
        })
    }

    fn in_shard(&self, shards: u16) -> Result<Place> {
        Ok(match self {
            Entry::Passport { holder, lines } => {
                let holder = holder_named(holder).ok_or_else(|| broken("a holder cannot be read"))?;
                let passport = record::read_passport(&lines.join("\n"))?;
                if passport.stamps.is_empty() || passport_lines(&passport) != *lines {
                    return Err(broken("a passport is not as it is written"));
                }
                let (is_resident, id) = holder_order(holder);
                let mut key = vec![u8::from(is_resident)];
                key.extend(id);
                (13, shard_of(holder, shards), 0, key)
            }
            Entry::Cards { resident, cards } => {
                if cards.is_empty() || !cards.is_sorted_by(|a, b| a < b) {
                    return Err(broken("the cards on a phone are not in order"));
                }
                (13, shard_of(Holder::Resident(*resident), shards), 1, resident.bytes().to_vec())
            }
            Entry::Stamp { shard, fact } if *shard < shards => {
                record::read_stamp_fact(fact)?;
                (13, *shard, 2, Vec::new())
            }
            _ => return Err(broken("there is no such shard")),
        })
    }

    fn of_gift(&self) -> Result<Place> {
        Ok(match self {
            Entry::Gone { gift, booth } => (14, gift.get().into(), 1, booth.as_str().into()),
            Entry::Claim { record } => {
                let kept = record::read_claim(record.get().to_owned())?;
                (14, kept.claim.voucher.gift().get().into(), 2, kept.claimer.bytes().to_vec())
            }
            Entry::ClaimStep { gift, record } => {
                record::read_claim_fact(record.get())?;
                (14, gift.get().into(), 3, Vec::new())
            }
            Entry::StockStep { gift, record } => {
                record::read_stock_fact(record.get())?;
                (14, gift.get().into(), 4, Vec::new())
            }
            Entry::Gift { gift, .. } => (14, gift.get().into(), 0, Vec::new()),
            _ => return Err(broken("an entry of no section")),
        })
    }
}

fn broken(what: &str) -> StoreError {
    StoreError::Broken(what.to_owned())
}
