//! The written form of each record, with its version; the same in every store.
//!
//! A stamp is short text, because there are millions: `3 1681372800000 p` (the third stamp of its
//! passport, the millisecond, how). Its fact is `1s NUMBER NTH POINT MS HOW…`. All else is JSON
//! that begins with `"v":1`. A version that is not known is an error, never a guess.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{ClaimChange, KeptClaim, PosterCheck, Published, Result, Settled, StockChange, StoreError};
use crate::rules::claim::{Claim, ClaimEvent, StaffActor};
use crate::rules::ids::{BoothId, ClaimantId, Nonce, PassportNumber, PointNumber};
use crate::rules::passport::{Passport, Stamp, StampSource};
use crate::rules::roles::Station;
use crate::rules::staff::{Invitation, StaffSession};
use crate::rules::stock::StockReason;
use crate::rules::suspicion::Suspicion;
use crate::rules::voucher::{RedemptionId, Voucher};

/// The version that is written.
const VERSION: u8 = 1;

#[derive(Serialize)]
struct Written<'a, T> {
    v: u8,
    #[serde(flatten)]
    record: &'a T,
}

#[derive(Deserialize)]
struct Read<T> {
    v: u8,
    #[serde(flatten)]
    record: T,
}

fn write<T: Serialize>(record: &T) -> Result<String> {
    serde_json::to_string(&Written { v: VERSION, record }).map_err(|e| StoreError::Broken(e.to_string()))
}

fn read<T: DeserializeOwned>(what: &str, text: &str) -> Result<T> {
    let read: Read<T> = serde_json::from_str(text).map_err(|e| StoreError::Broken(format!("{what}: {e}")))?;
    if read.v == VERSION {
        Ok(read.record)
    } else {
        Err(StoreError::Broken(format!("{what}: version {} is not known to this program", read.v)))
    }
}

fn broken(what: &str, text: &str) -> StoreError {
    StoreError::Broken(format!("{what} cannot be read: {text:?}"))
}

/// What follows a stamp's ordinal: `1681372800000 p`. Scripts put it behind what they count.
#[must_use]
pub fn stamp_tail(at: Timestamp, how: &StampSource) -> String {
    let ms = at.as_millisecond();
    match how {
        StampSource::Printed => format!("{ms} p"),
        StampSource::Display => format!("{ms} d"),
        StampSource::Hand { session, nonce } => format!("{ms} h {session} {}", nonce.as_str()),
    }
}

/// A stamp as it stands in a passport, beside its point: `NTH TAIL`.
#[must_use]
pub fn stamp(nth: u16, tail: &str) -> String {
    format!("{nth} {tail}")
}

/// Reads what [`stamp`] wrote.
///
/// # Errors
/// Broken when it is anything else.
pub fn read_stamp(point: PointNumber, text: &str) -> Result<Stamp> {
    let read = || {
        let (nth, rest) = cut(text, b' ');
        let (ms, how) = cut(rest, b' ');
        let how = match how {
            "p" => StampSource::Printed,
            "d" => StampSource::Display,
            hand => {
                let (session, nonce) = cut(hand.strip_prefix("h ")?, b' ');
                StampSource::Hand { session: session.parse().ok()?, nonce: nonce.parse().ok()? }
            }
        };
        Some(Stamp { point, at: Timestamp::from_millisecond(ms.parse().ok()?).ok()?, nth: nth.parse().ok()?, how })
    };
    read().ok_or_else(|| broken("a stamp", text))
}

/// The head of a passport: `1 NUMBER`.
#[must_use]
pub fn passport_head(number: &PassportNumber) -> String {
    format!("{VERSION} {number}")
}

/// Reads what [`passport_head`] wrote.
///
/// # Errors
/// Broken when it is anything else.
pub fn read_passport_head(text: &str) -> Result<PassportNumber> {
    let number = text.strip_prefix("1 ").and_then(|number| number.parse().ok());
    number.ok_or_else(|| broken("a passport", text))
}

/// Reads a whole passport where it is kept as one text: its head, then a line `POINT NTH TAIL` for
/// each stamp, in the order in which they were made.
///
/// # Errors
/// Broken when it is anything else.
pub fn read_passport(text: &str) -> Result<Passport> {
    let (head, mut rest) = cut(text, b'\n');
    let number = read_passport_head(head)?;
    let mut stamps = Vec::with_capacity(text.len() / SHORTEST);
    while !rest.is_empty() {
        let (line, after) = cut(rest, b'\n');
        let (point, stamp) = cut(line, b' ');
        stamps.push(read_stamp(point.parse().map_err(|_| broken("a stamp", line))?, stamp)?);
        rest = after;
    }
    Ok(Passport { number, stamps })
}

/// The line of a stamp is not shorter, in this century.
const SHORTEST: usize = "7 3 1681372800000 p\n".len();

/// A text before the first of these bytes, and after it. Quicker than `split` where pieces are short,
/// and every check-in reads a whole passport.
fn cut(text: &str, at: u8) -> (&str, &str) {
    match text.bytes().position(|byte| byte == at) {
        Some(place) => (&text[..place], &text[place + 1..]),
        None => (text, ""),
    }
}

/// The fact of a stamp: `1s NUMBER NTH POINT TAIL`.
#[must_use]
pub fn stamp_fact(number: &PassportNumber, nth: u16, point: PointNumber, tail: &str) -> String {
    format!("{VERSION}s {number} {nth} {point} {tail}")
}

#[derive(Serialize, Deserialize)]
struct ClaimRecord {
    claimer: ClaimantId,
    #[serde(flatten)]
    claim: Claim,
}

/// A claim as it is kept, and compared.
///
/// # Errors
/// None that is known of; writing JSON can fail in principle.
pub fn claim(claimer: ClaimantId, claim: &Claim) -> Result<String> {
    write(&ClaimRecord { claimer, claim: claim.clone() })
}

/// Reads what [`claim`] wrote.
///
/// # Errors
/// Broken when it is anything else.
pub fn read_claim(text: String) -> Result<KeptClaim> {
    let record: ClaimRecord = read("a claim", &text)?;
    Ok(KeptClaim { claimer: record.claimer, claim: record.claim, seen: text })
}

/// What happened to a claim, as the log of its gift says it.
#[derive(Debug, Serialize, Deserialize)]
pub struct ClaimFact {
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: ClaimEvent,
    /// Whose passport; names no person.
    pub passport: PassportNumber,
    /// The claim's voucher.
    pub voucher: Voucher,
    /// Until when it is held, where that changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_until: Option<Timestamp>,
    /// The staff member, if one did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<StaffActor>,
    /// Where it had been handed over, of one that was undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Station>,
    /// Which confirmation, of one that was made or undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redemption: Option<RedemptionId>,
    /// Why it was undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The fact of a step in the life of a claim.
///
/// # Errors
/// None that is known of; writing JSON can fail in principle.
pub fn claim_fact(change: &ClaimChange<'_>) -> Result<String> {
    let claim = change.claim;
    let named = match change.event {
        ClaimEvent::Redeemed => claim.active_redemption(),
        ClaimEvent::Voided => claim.last_void(),
        _ => None,
    };
    let undone = named.and_then(|(_, redemption)| Some((redemption, redemption.voided.as_ref()?)));
    write(&ClaimFact {
        at: change.at,
        event: change.event,
        passport: claim.passport.clone(),
        voucher: claim.voucher,
        held_until: (change.event != ClaimEvent::Redeemed).then_some(claim.held_until),
        by: change.by.cloned(),
        confirmed_at: undone.and_then(|(redemption, _)| redemption.by.place.clone()),
        redemption: named.map(|(id, _)| id),
        reason: undone.map(|(_, voided)| voided.reason.clone()),
    })
}

/// The fact that a claim was erased.
///
/// # Errors
/// None that is known of; writing JSON can fail in principle.
pub fn erased_fact(claim: &Claim, at: Timestamp) -> Result<String> {
    write(&ClaimFact {
        at,
        event: ClaimEvent::Erased,
        passport: claim.passport.clone(),
        voucher: claim.voucher,
        held_until: None,
        by: None,
        confirmed_at: None,
        redemption: None,
        reason: None,
    })
}

/// Reads what [`claim_fact`] or [`erased_fact`] wrote.
///
/// # Errors
/// Broken when it is anything else.
pub fn read_claim_fact(text: &str) -> Result<ClaimFact> {
    read("a fact of a claim", text)
}

/// A movement of stock, as the log of its gift's stock says it.
#[derive(Debug, Serialize, Deserialize)]
pub struct StockFact {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: StockReason,
    /// How many more, or fewer; of a move, how many were carried to the booth.
    pub change: i64,
    /// At which booth; none is the storeroom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booth: Option<BoothId>,
    /// What else was said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Who, in words.
    pub by: String,
    /// The client's name for this write; a first stock has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<Nonce>,
}

/// The fact of a movement of stock.
///
/// # Errors
/// None that is known of; writing JSON can fail in principle.
pub fn stock_fact(change: &StockChange<'_>) -> Result<String> {
    write(&StockFact {
        at: change.at,
        reason: change.reason,
        change: change.change,
        booth: change.booth.cloned(),
        note: change.note.to_owned(),
        by: change.by.to_owned(),
        nonce: Some(change.nonce.clone()),
    })
}

/// The fact of a gift's first stock.
///
/// # Errors
/// None that is known of; writing JSON can fail in principle.
pub fn first_stock_fact(stock: u32, published: &Published) -> Result<String> {
    write(&StockFact {
        at: published.at,
        reason: StockReason::Initial,
        change: i64::from(stock),
        booth: None,
        note: String::new(),
        by: published.by.clone(),
        nonce: None,
    })
}

/// Reads what [`stock_fact`] or [`first_stock_fact`] wrote.
///
/// # Errors
/// Broken when it is anything else.
pub fn read_stock_fact(text: &str) -> Result<StockFact> {
    read("a movement of stock", text)
}

/// The fact of a movement of stock without the name of whoever made it; none if it has none.
///
/// # Errors
/// Broken when it is no such fact.
pub fn without_name(text: &str) -> Result<Option<String>> {
    let fact = read_stock_fact(text)?;
    (!fact.by.is_empty()).then(|| write(&StockFact { by: String::new(), ..fact })).transpose()
}

/// A stamp as the log of its shard says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StampFact {
    /// Whose passport; names no person.
    pub passport: PassportNumber,
    /// The stamp.
    pub stamp: Stamp,
}

/// Reads what [`stamp_fact`] wrote.
///
/// # Errors
/// Broken when it is anything else.
pub fn read_stamp_fact(text: &str) -> Result<StampFact> {
    let read = || {
        let (passport, rest) = text.strip_prefix("1s ")?.split_once(' ')?;
        let (nth, rest) = rest.split_once(' ')?;
        let (point, tail) = rest.split_once(' ')?;
        Some((passport.parse().ok()?, point.parse().ok()?, format!("{nth} {tail}")))
    };
    let (passport, point, rest) = read().ok_or_else(|| broken("a fact of a stamp", text))?;
    Ok(StampFact { passport, stamp: read_stamp(point, &rest)? })
}

macro_rules! json_record {
    ($write:ident, $read:ident, $type:ty, $what:literal) => {
        #[doc = concat!("Writes ", $what, ".")]
        ///
        /// # Errors
        /// None that is known of; writing JSON can fail in principle.
        pub fn $write(record: &$type) -> Result<String> {
            write(record)
        }

        #[doc = concat!("Reads ", $what, ".")]
        ///
        /// # Errors
        /// Broken when it is anything else.
        pub fn $read(text: &str) -> Result<$type> {
            read($what, text)
        }
    };
}

json_record!(published, read_published, Published, "a published carnival");
json_record!(invitation, read_invitation, Invitation, "an invitation");
json_record!(session, read_session, StaffSession, "a staff session");
json_record!(suspicion, read_suspicion, Suspicion, "a suspicion");
json_record!(settled, read_settled, Settled, "what was done about a suspicion");
json_record!(poster_check, read_poster_check, PosterCheck, "that a poster was seen");
