//! The kinds of low-traffic records, each declared in one place: how many there may be, whether they name a person, and
//! what erasure, purge and export do with them.
//!
//! A value holds no phone number and no count, and no name but that of a staff member. A new kind is a variant with its
//! declaration and the type of its values here, and the action that uses it; stores, export, import, erasure and purge
//! treat all kinds alike.

use std::fmt::Display;
use std::str::FromStr;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use strum::{EnumIter, IntoEnumIterator, IntoStaticStr};

use super::{Result, StoreError, record};
use crate::rules::carnival::relief::{PeriodId, ReliefPeriod};
use crate::rules::check_ins::suspicion::{Suspicion, SuspicionDecision, SuspicionId};
use crate::rules::ids::{CardSerial, DeviceId, Generation, InvitationId, PassportNumber, PointNumber, SessionId};
use crate::rules::staff::staff_name::StaffName;
use crate::rules::staff::{Invitation, StaffDevice, StaffSession};

/// A kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RecordKind {
    /// What the store must be opened with, by name; written at the first start.
    Marker,
    /// Passports that get no gift before their holder has talked with an organiser, by number. All of them are part
    /// of [`ControlState`](super::ControlState).
    Block,
    /// The last check of each poster, by point.
    PosterCheck,
    /// Suspicions with their resolutions, by id.
    Suspicion,
    /// Printed codes that were replaced with a nonce, by the write.
    Reissue,
    /// Print runs of paper passports, by the write.
    PassportPrint,
    /// Invitations of staff, by id. Those of a roster name a person.
    Invitation,
    /// Devices that came with an invitation, by id, with the name typed last.
    StaffDevice,
    /// Sessions of staff, by id, with the typed name and the hours.
    StaffSession,
    /// Relief periods, by point and number. All of them are part of [`ControlState`](super::ControlState).
    Relief,
}

/// What holds for all records of a kind.
#[derive(Clone, Copy, Debug)]
pub struct Declaration {
    /// How many are stored at most; a few more when several callers write at once.
    pub limit: usize,
    /// What happens beyond the limit.
    pub beyond: Beyond,
    /// Whether a value has the name of a staff member, as entered.
    pub names_staff: bool,
    /// What erasing a passport does with the records whose key is its number, or begins with it and a hyphen.
    pub erasure: Fate,
    /// What the purge after the carnival does.
    pub purge: Fate,
    /// Whether an export has them.
    pub exported: bool,
    /// Checks a key and a value.
    pub(super) check: fn(&str, &str) -> Result<()>,
}

/// What happens beyond the limit of a kind.
#[derive(Clone, Copy, Debug)]
pub enum Beyond {
    /// No further record is stored.
    Refuse,
    /// The oldest are removed. The function returns the age of a value as a time, or `None` for one that is not
    /// removed and does not count.
    DropOldest(fn(&str) -> Result<Option<Timestamp>>),
}

/// What happens to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It stays.
    Kept,
    /// It is removed.
    Removed,
}

impl RecordKind {
    /// What holds for all records of this kind.
    #[must_use]
    pub fn declaration(self) -> Declaration {
        let kept = Declaration {
            limit: 16,
            beyond: Beyond::Refuse,
            names_staff: false,
            erasure: Fate::Kept,
            purge: Fate::Kept,
            exported: true,
            check: check::<Marker>,
        };
        match self {
            RecordKind::Marker => kept,
            RecordKind::Block => Declaration {
                limit: 10_000,
                erasure: Fate::Removed,
                purge: Fate::Removed,
                check: check::<Block>,
                ..kept
            },
            RecordKind::PosterCheck => Declaration {
                limit: *PointNumber::RANGE.end() as usize,
                names_staff: true,
                purge: Fate::Removed,
                check: check::<PosterCheck>,
                ..kept
            },
            RecordKind::Reissue => Declaration {
                limit: 2_000,
                beyond: Beyond::DropOldest(|value| Ok(Some(decode::<Reissue>(value)?.at))),
                purge: Fate::Removed,
                check: check::<Reissue>,
                ..kept
            },
            RecordKind::PassportPrint => Declaration {
                limit: 2_000,
                beyond: Beyond::DropOldest(|value| Ok(Some(decode::<PassportPrint>(value)?.at))),
                purge: Fate::Removed,
                check: check::<PassportPrint>,
                ..kept
            },
            // More than organisers can look through. Resolved ones stay, so that a passport can still be released.
            RecordKind::Suspicion => Declaration {
                limit: 2_000,
                beyond: Beyond::DropOldest(|value| {
                    let StoredSuspicion { suspicion, resolution } = decode(value)?;
                    Ok(resolution.is_none().then_some(suspicion.to_at))
                }),
                names_staff: true,
                erasure: Fate::Removed,
                purge: Fate::Removed,
                check: check::<StoredSuspicion>,
                ..kept
            },
            RecordKind::Invitation => Declaration {
                limit: 5_000,
                names_staff: true,
                purge: Fate::Removed,
                check: check::<Invitation>,
                ..kept
            },
            RecordKind::StaffDevice => Declaration {
                limit: 10_000,
                names_staff: true,
                purge: Fate::Removed,
                check: check::<StaffDevice>,
                ..kept
            },
            RecordKind::StaffSession => Declaration {
                limit: 20_000,
                names_staff: true,
                purge: Fate::Removed,
                check: check::<StaffSession>,
                ..kept
            },
            // Never removed, because gifts were earned with them. Enough for a closure of each point on several days.
            RecordKind::Relief => Declaration { limit: 5_000, check: check::<ReliefPeriod>, ..kept },
        }
    }

    /// All kinds, in the order of an export.
    pub fn iter() -> impl Iterator<Item = RecordKind> + Send {
        <RecordKind as IntoEnumIterator>::iter()
    }

    /// Its name in keys and exports.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A value that is stored as a record.
pub trait RecordValue: Serialize + DeserializeOwned + Send + Sync {
    /// The kind of the record.
    const KIND: RecordKind;
    /// What its key is made of.
    type Key: Display + FromStr + Ord + Send + Sync;
}

macro_rules! record_values {
    ($($value:ident: $key:ty;)*) => {
        $(impl RecordValue for $value {
            const KIND: RecordKind = RecordKind::$value;
            type Key = $key;
        })*
    };
}
record_values! {
    Marker: String;
    Block: PassportNumber;
    PosterCheck: PointNumber;
    Reissue: String;
    PassportPrint: String;
    Invitation: InvitationId;
    StaffDevice: DeviceId;
    StaffSession: SessionId;
}

impl RecordValue for ReliefPeriod {
    const KIND: RecordKind = RecordKind::Relief;
    type Key = PeriodId;
}

impl RecordValue for StoredSuspicion {
    const KIND: RecordKind = RecordKind::Suspicion;
    type Key = SuspicionId;
}

/// What the store must be opened with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    /// A number.
    pub value: u64,
}

/// An organiser stops hand-overs to a passport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {}

/// A poster was seen in place at its point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PosterCheck {
    /// The generation of the code on the poster.
    pub generation: Generation,
    /// When it was seen.
    pub at: Timestamp,
    /// The staff member's name as entered.
    pub by: StaffName,
}

/// A write that replaces the printed code of a point. Its key holds point, staff session and nonce, so that a repeated
/// request replaces nothing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reissue {
    /// The generation that it replaces.
    pub from: Generation,
    /// When.
    pub at: Timestamp,
}

/// A write that takes serials for paper passports. Its key holds staff session and nonce, so that a repeated request prints
/// the same cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassportPrint {
    /// The first serial.
    pub first: CardSerial,
    /// How many.
    pub count: u32,
    /// When.
    pub at: Timestamp,
}

/// A suspicion, and what an organiser decided about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredSuspicion {
    /// The suspicion.
    #[serde(flatten)]
    pub suspicion: Suspicion,
    /// The decision; the last one counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Resolution>,
}

/// What an organiser decided about a suspicion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// The decision.
    pub action: SuspicionDecision,
    /// The organiser's name as entered.
    pub by: StaffName,
    /// When.
    pub at: Timestamp,
}

/// Reads a value.
pub(super) fn decode<T: RecordValue>(value: &str) -> Result<T> {
    record::from_json(T::KIND.name(), value)
}

/// Reads a key.
pub(super) fn parse_key<T: RecordValue>(key: &str) -> Result<T::Key> {
    key.parse().map_err(|_| StoreError::Broken(format!("the key of a record cannot be read: {key:?}")))
}

fn check<T: RecordValue>(key: &str, value: &str) -> Result<()> {
    parse_key::<T>(key)?;
    decode::<T>(value).map(|_| ())
}
