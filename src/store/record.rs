//! The stored form of each record, with its version; the same in every store.
//!
//! A stamp is short text, because there are millions: `3 1681372800000 p` (the third stamp of its passport, the time
//! in milliseconds, the source; in upper case for a rain stamp). Its log entry is `1s NUMBER NTH POINT MS SOURCE…`. All other records, an undone stamp in
//! the same log too, are JSON that begins with `"v":1`. An unknown version is an error.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use super::gifts::StockLogEntry;
use super::{ClaimChange, PublishedVersion, Result, StoreError, StoredClaim};
use crate::rules::check_ins::passport::{Passport, Stamp, StampSource, StampUndo, UndoneStamp};
use crate::rules::gifts::claim_lifecycle::{Claim, ClaimEvent, StaffActor};
use crate::rules::gifts::stock::StockReason;
use crate::rules::gifts::voucher::{RedemptionId, Voucher};
use crate::rules::ids::{ClaimantId, PassportNumber, PointNumber, SessionId};
use crate::rules::staff::roles::Station;

/// The version that is written.
const VERSION: u8 = 1;

#[derive(Serialize)]
struct VersionedRef<'a, T> {
    v: u8,
    #[serde(flatten)]
    record: &'a T,
}

#[derive(Deserialize)]
struct Versioned<T> {
    v: u8,
    #[serde(flatten)]
    record: T,
}

pub(super) fn to_json<T: Serialize>(record: &T) -> Result<String> {
    serde_json::to_string(&VersionedRef { v: VERSION, record }).map_err(|e| StoreError::Broken(e.to_string()))
}

pub(super) fn from_json<T: DeserializeOwned>(what: &str, text: &str) -> Result<T> {
    let read: Versioned<T> = serde_json::from_str(text).map_err(|e| StoreError::Broken(format!("{what}: {e}")))?;
    if read.v == VERSION {
        Ok(read.record)
    } else {
        Err(StoreError::Broken(format!("{what}: version {} is unknown to this program", read.v)))
    }
}

fn broken(what: &str, text: &str) -> StoreError {
    StoreError::Broken(format!("{what} cannot be read: {text:?}"))
}

/// A stamp without its ordinal: `1681372800000 p`. Scripts put the ordinal in front.
#[must_use]
pub fn encode_stamp_tail(at: Timestamp, how: &StampSource, rain: bool) -> String {
    let ms = at.as_millisecond();
    let source = |dry: &'static str, wet: &'static str| if rain { wet } else { dry };
    match how {
        StampSource::Printed => format!("{ms} {}", source("p", "P")),
        StampSource::Display => format!("{ms} {}", source("d", "D")),
        StampSource::Hand { session, nonce, day } => {
            let day = day.map(|day| format!(" {day}")).unwrap_or_default();
            format!("{ms} {} {session} {}{day}", source("h", "H"), nonce.as_str())
        }
    }
}

/// Parses a stamp as stored in a passport, without its point: `NTH TAIL`.
///
/// # Errors
/// [`StoreError::Broken`] for any other text.
fn decode_stamp(point: PointNumber, text: &str) -> Result<Stamp> {
    let read = || {
        let (nth, rest) = split_once_byte(text, b' ');
        let (ms, source) = split_once_byte(rest, b' ');
        let (kind, hand) = split_once_byte(source, b' ');
        let (how, rain) = match kind {
            "p" | "P" if hand.is_empty() => (StampSource::Printed, kind == "P"),
            "d" | "D" if hand.is_empty() => (StampSource::Display, kind == "D"),
            "h" | "H" => (decode_hand(hand)?, kind == "H"),
            _ => return None,
        };
        let at = Timestamp::from_millisecond(ms.parse().ok()?).ok()?;
        Some(Stamp { point, at, nth: nth.parse().ok()?, how, rain })
    };
    read().ok_or_else(|| broken("a stamp", text))
}

/// Parses `SESSION NONCE` or `SESSION NONCE DAY`.
fn decode_hand(text: &str) -> Option<StampSource> {
    let (session, rest) = split_once_byte(text, b' ');
    let (nonce, day) = split_once_byte(rest, b' ');
    let day = if day.is_empty() { None } else { Some(day.parse().ok()?) };
    Some(StampSource::Hand { session: session.parse().ok()?, nonce: nonce.parse().ok()?, day })
}

/// The first line of a passport: `1 NUMBER`.
#[must_use]
pub fn encode_passport_head(number: &PassportNumber) -> String {
    format!("{VERSION} {number}")
}

/// A passport as one text: its head, then a line `POINT NTH TAIL` for each stamp, oldest first. The line of an undone
/// stamp stays in its place, as `-POINT NTH MS SESSION NONCE TAIL` with the undo before the stamp's own tail.
#[must_use]
pub fn encode_passport(passport: &Passport) -> String {
    let tail = |stamp: &Stamp| encode_stamp_tail(stamp.at, &stamp.how, stamp.rain);
    let mut lines: BTreeMap<u16, String> = BTreeMap::new();
    for stamp in &passport.stamps {
        lines.insert(stamp.nth, format!("{} {} {}", stamp.point, stamp.nth, tail(stamp)));
    }
    for UndoneStamp { stamp, undo } in &passport.undone {
        let (ms, session, nonce) = (undo.at.as_millisecond(), &undo.session, undo.nonce.as_str());
        let line = format!("-{} {} {ms} {session} {nonce} {}", stamp.point, stamp.nth, tail(stamp));
        lines.insert(stamp.nth, line);
    }
    let head = encode_passport_head(&passport.number);
    std::iter::once(head).chain(lines.into_values()).collect::<Vec<_>>().join("\n")
}

/// Parses an undone stamp as stored in a passport, without its point.
fn decode_undone(point: PointNumber, text: &str) -> Result<UndoneStamp> {
    let read = || {
        let mut parts = text.splitn(5, ' ');
        let (nth, ms, session, nonce, tail) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let at = Timestamp::from_millisecond(ms.parse().ok()?).ok()?;
        let undo = StampUndo { at, session: session.parse().ok()?, nonce: nonce.parse().ok()? };
        Some((undo, format!("{nth} {tail}")))
    };
    let (undo, stamp) = read().ok_or_else(|| broken("an undone stamp", text))?;
    Ok(UndoneStamp { stamp: decode_stamp(point, &stamp)?, undo })
}

/// Parses the output of [`encode_passport`].
///
/// # Errors
/// [`StoreError::Broken`] for any other text.
pub fn decode_passport(text: &str) -> Result<Passport> {
    let (head, mut rest) = split_once_byte(text, b'\n');
    let number = head.strip_prefix("1 ").and_then(|number| number.parse().ok());
    let number = number.ok_or_else(|| broken("a passport", head))?;
    let (mut stamps, mut undone) = (Vec::with_capacity(text.len() / MIN_STAMP_LINE), Vec::new());
    while !rest.is_empty() {
        let (line, after) = split_once_byte(rest, b'\n');
        let (point, stamp) = split_once_byte(line, b' ');
        let number = |point: &str| point.parse().map_err(|_| broken("a stamp", line));
        match point.strip_prefix('-') {
            Some(point) => undone.push(decode_undone(number(point)?, stamp)?),
            None => stamps.push(decode_stamp(number(point)?, stamp)?),
        }
        rest = after;
    }
    Ok(Passport { number, stamps, undone })
}

/// The minimum length of a stamp's line in this century; only a capacity hint.
const MIN_STAMP_LINE: usize = "7 3 1681372800000 p\n".len();

/// Splits a text at the first occurrence of a byte. Faster than `split` for short pieces, and every check-in parses a
/// whole passport.
fn split_once_byte(text: &str, at: u8) -> (&str, &str) {
    match text.bytes().position(|byte| byte == at) {
        Some(place) => (&text[..place], &text[place + 1..]),
        None => (text, ""),
    }
}

/// The log entry of a stamp: `1s NUMBER NTH POINT TAIL`.
#[must_use]
pub fn encode_stamp_entry(number: &PassportNumber, nth: u16, point: PointNumber, tail: &str) -> String {
    format!("{VERSION}s {number} {nth} {point} {tail}")
}

/// A claim as stored and compared.
///
/// # Errors
/// None known; writing JSON can fail in principle.
pub fn encode_claim(claimer: ClaimantId, claim: &Claim) -> Result<String> {
    to_json(&StoredClaim { claimer, claim: claim.clone(), record: String::new() })
}

/// Parses the output of [`encode_claim`].
///
/// # Errors
/// [`StoreError::Broken`] for any other text.
pub fn decode_claim(text: String) -> Result<StoredClaim> {
    let stored: StoredClaim = from_json("a claim", &text)?;
    Ok(StoredClaim { record: text, ..stored })
}

/// An entry in the log of a gift's claims.
#[derive(Debug, Serialize, Deserialize)]
pub struct ClaimLogEntry {
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub event: ClaimEvent,
    /// The number of the passport; it does not identify a person.
    pub passport: PassportNumber,
    /// The claim's voucher.
    pub voucher: Voucher,
    /// The end of the hold, if it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_until: Option<Timestamp>,
    /// The staff member who acted, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<StaffActor>,
    /// Where the voided redemption had taken place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Station>,
    /// The redemption that was made or voided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redemption: Option<RedemptionId>,
    /// Why it was voided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl ClaimLogEntry {
    /// An entry that says nothing but what happened to the claim.
    fn new(claim: &Claim, event: ClaimEvent, at: Timestamp) -> ClaimLogEntry {
        let (passport, voucher) = (claim.passport.clone(), claim.voucher);
        let (held_until, by, confirmed_at, redemption, reason) = Default::default();
        ClaimLogEntry { at, event, passport, voucher, held_until, by, confirmed_at, redemption, reason }
    }
}

/// The log entry of an update of a claim.
///
/// # Errors
/// None known; writing JSON can fail in principle.
pub fn encode_claim_entry(change: &ClaimChange<'_>) -> Result<String> {
    let claim = change.claim;
    let named = match change.event {
        ClaimEvent::Redeemed => claim.active_redemption(),
        ClaimEvent::Voided => claim.last_void(),
        _ => None,
    };
    let undone = named.and_then(|(_, redemption)| Some((redemption, redemption.voided.as_ref()?)));
    to_json(&ClaimLogEntry {
        held_until: (change.event != ClaimEvent::Redeemed).then_some(claim.held_until),
        by: change.by.cloned(),
        confirmed_at: undone.and_then(|(redemption, _)| redemption.by.place.clone()),
        redemption: named.map(|(id, _)| id),
        reason: undone.map(|(_, voided)| voided.reason.clone()),
        ..ClaimLogEntry::new(claim, change.event, change.at)
    })
}

/// The log entry of a deleted claim.
///
/// # Errors
/// None known; writing JSON can fail in principle.
pub fn encode_erasure_entry(claim: &Claim, at: Timestamp) -> Result<String> {
    to_json(&ClaimLogEntry::new(claim, ClaimEvent::Erased, at))
}

/// Parses the output of [`encode_claim_entry`] or [`encode_erasure_entry`].
///
/// # Errors
/// [`StoreError::Broken`] for any other text.
pub fn decode_claim_entry(text: &str) -> Result<ClaimLogEntry> {
    from_json("a log entry of a claim", text)
}

/// The log entry of a gift's initial stock.
///
/// # Errors
/// None known; writing JSON can fail in principle.
pub fn encode_initial_stock_entry(stock: u32, published: &PublishedVersion) -> Result<String> {
    to_json(&StockLogEntry {
        at: published.at,
        reason: StockReason::Initial,
        change: i64::from(stock),
        booth: None,
        note: String::new(),
        by: published.by.clone(),
        session: None,
        nonce: None,
    })
}

/// What makes a change of stock repeatable: its session and nonce as one key, and its content. An initial stock has none.
///
/// # Errors
/// None known; writing JSON can fail in principle.
pub(super) fn stock_write(change: &StockLogEntry) -> Result<Option<(String, String)>> {
    let StockLogEntry { reason, change: by, booth, note, session, nonce, .. } = change;
    let Some(nonce) = nonce else { return Ok(None) };
    let key = format!("{} {}", session.as_ref().map_or("", SessionId::as_str), nonce.as_str());
    let content = serde_json::to_string(&(reason, by, booth, note)).map_err(|e| StoreError::Broken(e.to_string()))?;
    Ok(Some((key, content)))
}

/// The same for a change that needs a nonce.
pub(super) fn repeatable_stock_write(change: &StockLogEntry) -> Result<(String, String)> {
    stock_write(change)?.ok_or_else(|| StoreError::Broken("a change of stock needs a nonce".to_owned()))
}

/// The entry of a change of stock without the person's name, or `None` if it has no name.
///
/// # Errors
/// [`StoreError::Broken`] if the text is no such entry.
pub fn anonymise_stock_entry(text: &str) -> Result<Option<String>> {
    let fact = decode_stock_entry(text)?;
    (!fact.by.is_empty()).then(|| to_json(&StockLogEntry { by: String::new(), ..fact })).transpose()
}

/// An entry in the stamp log of a shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StampLogEntry {
    /// The number of the passport; it does not identify a person.
    pub passport: PassportNumber,
    /// The stamp.
    pub stamp: Stamp,
}

/// Parses the output of [`encode_stamp_entry`].
///
/// # Errors
/// [`StoreError::Broken`] for any other text.
pub fn decode_stamp_entry(text: &str) -> Result<StampLogEntry> {
    let read = || {
        let (passport, rest) = text.strip_prefix("1s ")?.split_once(' ')?;
        let (nth, rest) = rest.split_once(' ')?;
        let (point, tail) = rest.split_once(' ')?;
        Some((passport.parse().ok()?, point.parse().ok()?, format!("{nth} {tail}")))
    };
    let (passport, point, rest) = read().ok_or_else(|| broken("a log entry of a stamp", text))?;
    Ok(StampLogEntry { passport, stamp: decode_stamp(point, &rest)? })
}

/// An undone stamp in the stamp log of a shard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StampUndoEntry {
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub event: StampUndoEvent,
    /// The number of the passport; it does not identify a person.
    pub passport: PassportNumber,
    /// The stamp.
    pub stamp: Stamp,
    /// Who undid it.
    pub by: StaffActor,
    /// Why.
    pub reason: String,
}

/// What happened to a stamp after it was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StampUndoEvent {
    /// It was undone.
    Undone,
    /// It counts again: a gift that it unlocked was handed over while it was undone.
    Restored,
}

/// An entry in the stamp log of a shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShardLogEntry {
    /// A stamp.
    Stamp(StampLogEntry),
    /// A stamp was undone or restored.
    Undo(StampUndoEntry),
}

impl ShardLogEntry {
    /// The stamp.
    #[must_use]
    pub fn stamp(&self) -> &Stamp {
        match self {
            ShardLogEntry::Stamp(entry) => &entry.stamp,
            ShardLogEntry::Undo(entry) => &entry.stamp,
        }
    }

    /// When it was written.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        match self {
            ShardLogEntry::Stamp(entry) => entry.stamp.at,
            ShardLogEntry::Undo(entry) => entry.at,
        }
    }
}

/// Parses the output of [`encode_stamp_entry`] or [`encode_stamp_undo`].
///
/// # Errors
/// [`StoreError::Broken`] for any other text.
pub fn decode_shard_entry(text: &str) -> Result<ShardLogEntry> {
    if text.starts_with('{') {
        decode_stamp_undo(text).map(ShardLogEntry::Undo)
    } else {
        decode_stamp_entry(text).map(ShardLogEntry::Stamp)
    }
}

macro_rules! json_record {
    ($encode:ident, $decode:ident, $type:ty, $what:literal) => {
        #[doc = concat!("Writes ", $what, ".")]
        ///
        /// # Errors
        /// None known; writing JSON can fail in principle.
        pub fn $encode(record: &$type) -> Result<String> {
            to_json(record)
        }

        #[doc = concat!("Reads ", $what, ".")]
        ///
        /// # Errors
        /// [`StoreError::Broken`] for any other text.
        pub fn $decode(text: &str) -> Result<$type> {
            from_json($what, text)
        }
    };
}

json_record!(encode_stamp_undo, decode_stamp_undo, StampUndoEntry, "an undone stamp");
json_record!(encode_stock_entry, decode_stock_entry, StockLogEntry, "a change of stock");
json_record!(encode_published, decode_published, PublishedVersion, "a published carnival");
