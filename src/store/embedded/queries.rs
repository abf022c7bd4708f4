//! Queries, each on one snapshot.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use redb::{ReadTransaction, ReadableTable};

use super::tables::{
    ACCEPTED, CLAIMS, COMPANIONS, ENDED_INVITATIONS, ENDED_SESSIONS, GENERATIONS, GIFTS, GONE_HERE, HOLDS, INVITATIONS,
    META, PASSPORTS, PUBLISHED, SESSIONS, TALLIES_BY_HOUR, TALLIES_IN_ALL, TxError, TxResult, VOUCHERS, WAITING,
    count_holds, voucher_key,
};
use crate::rules::check_ins::passport::Passport;
use crate::rules::gifts::voucher::Voucher;
use crate::rules::ids::{
    CardSerial, ClaimantId, Generation, GiftNumber, InvitationId, ParseError, PointNumber, ResidentId, SessionId,
};
use crate::rules::statistics::tally::{LocalDay, Tally, TallyPeriod};
use crate::store::{
    ControlState, GiftState, PublishedVersion, Stock, StoreError, StoredClaim, StoredInvitation, StoredSession, record,
};

/// A stored id that cannot be parsed.
#[expect(clippy::needless_pass_by_value, reason = "so that it can be passed to map_err")]
pub(super) fn unreadable(error: ParseError) -> TxError {
    TxError::Operation(StoreError::Broken(error.to_string()))
}

pub(super) fn generation(stored: u8) -> TxResult<Generation> {
    Generation::try_from(u64::from(stored)).map_err(unreadable)
}

pub(super) fn control(snapshot: &ReadTransaction) -> TxResult<ControlState> {
    let version = snapshot.open_table(META)?.get("version")?.map_or(0, |version| version.value());
    let mut generations = BTreeMap::new();
    for row in snapshot.open_table(GENERATIONS)?.iter()? {
        let (point, stored) = row?;
        let point = PointNumber::try_from(u64::from(point.value())).map_err(unreadable)?;
        generations.insert(point, generation(stored.value())?);
    }
    let mut blocked_passports = BTreeSet::new();
    for row in snapshot.open_table(WAITING)?.iter()? {
        blocked_passports.insert(row?.0.value().parse().map_err(unreadable)?);
    }
    Ok(ControlState { version, generations, blocked_passports })
}

pub(super) fn published_version(snapshot: &ReadTransaction, version: u64) -> TxResult<Option<PublishedVersion>> {
    let text = snapshot.open_table(PUBLISHED)?.get(version)?;
    Ok(text.map(|text| record::decode_published(text.value())).transpose()?)
}

pub(super) fn passport(snapshot: &ReadTransaction, key: &[u8; 19]) -> TxResult<Option<Passport>> {
    let text = snapshot.open_table(PASSPORTS)?.get(key)?;
    Ok(text.map(|text| record::decode_passport(text.value())).transpose()?)
}

pub(super) fn companions(snapshot: &ReadTransaction, resident: ResidentId) -> TxResult<Vec<CardSerial>> {
    let companions = snapshot.open_table(COMPANIONS)?;
    let mut serials = Vec::new();
    for row in companions.range((resident.bytes(), 0)..=(resident.bytes(), u32::MAX))? {
        let serial = row?.0.value().1;
        serials.push(CardSerial::try_from(u64::from(serial)).map_err(unreadable)?);
    }
    Ok(serials)
}

pub(super) fn claims(
    snapshot: &ReadTransaction,
    of: &[(GiftNumber, ClaimantId)],
) -> TxResult<Vec<Option<StoredClaim>>> {
    let claims = snapshot.open_table(CLAIMS)?;
    of.iter().map(|(gift, claimer)| stored_claim(&claims, gift.get(), claimer.bytes())).collect()
}

fn stored_claim(
    claims: &impl ReadableTable<(u8, &'static [u8; 16]), &'static str>,
    gift: u8,
    claimer: &[u8; 16],
) -> TxResult<Option<StoredClaim>> {
    let text = claims.get((gift, claimer))?;
    Ok(text.map(|text| record::decode_claim(text.value().to_owned())).transpose()?)
}

pub(super) fn claim_by_voucher(snapshot: &ReadTransaction, voucher: Voucher) -> TxResult<Option<StoredClaim>> {
    match snapshot.open_table(VOUCHERS)?.get(voucher_key(voucher)?)? {
        Some(claimer) => stored_claim(&snapshot.open_table(CLAIMS)?, voucher.gift().get(), claimer.value()),
        None => Ok(None),
    }
}

pub(super) fn gift_states(
    snapshot: &ReadTransaction,
    gifts: &[GiftNumber],
    now: Timestamp,
) -> TxResult<Vec<GiftState>> {
    let numbers = snapshot.open_table(GIFTS)?;
    let holds = snapshot.open_table(HOLDS)?;
    let gone_here = snapshot.open_table(GONE_HERE)?;
    let state = |gift: &GiftNumber| {
        let gift = gift.get();
        let (stock, redeemed) = numbers.get(gift)?.map_or((0, 0), |row| row.value());
        let held = count_holds(&holds, gift, now.as_millisecond())?;
        let mut unavailable_booths = Vec::new();
        for row in gone_here.range((gift, "")..(gift + 1, ""))? {
            unavailable_booths.push(row?.0.value().1.parse().map_err(unreadable)?);
        }
        Ok(GiftState { stock: Stock { stock, redeemed, held }, unavailable_booths })
    };
    gifts.iter().map(state).collect()
}

pub(super) fn session(snapshot: &ReadTransaction, id: &SessionId) -> TxResult<Option<StoredSession>> {
    stored_session(&snapshot.open_table(SESSIONS)?, &snapshot.open_table(ENDED_SESSIONS)?, id.as_str())
}

pub(super) fn stored_session(
    sessions: &impl ReadableTable<&'static str, &'static str>,
    ended: &impl ReadableTable<&'static str, &'static str>,
    id: &str,
) -> TxResult<Option<StoredSession>> {
    let Some(text) = sessions.get(id)? else {
        return Ok(None);
    };
    let session = record::decode_session(text.value())?;
    Ok(Some(StoredSession { session, ended: ended_at(ended, id)? }))
}

fn ended_at(ended: &impl ReadableTable<&'static str, &'static str>, id: &str) -> TxResult<Option<Timestamp>> {
    let at = ended.get(id)?.map(|at| at.value().parse::<Timestamp>());
    at.transpose().map_err(|error| TxError::Operation(StoreError::Broken(error.to_string())))
}

/// The ids of the sessions of an invitation.
pub(super) fn sessions_of(
    accepted: &impl ReadableTable<(&'static str, &'static str), &'static str>,
    invitation: &str,
) -> TxResult<Vec<String>> {
    // Greater than any nonce: nonces consist of letters, digits, hyphens and underscores.
    let range = accepted.range((invitation, "")..(invitation, "\u{7f}"))?;
    range.map(|row| Ok(row?.1.value().to_owned())).collect()
}

pub(super) fn invitation(snapshot: &ReadTransaction, id: &InvitationId) -> TxResult<Option<StoredInvitation>> {
    let text = snapshot.open_table(INVITATIONS)?.get(id.as_str())?;
    text.map(|text| stored_invitation(snapshot, text.value())).transpose()
}

fn stored_invitation(snapshot: &ReadTransaction, text: &str) -> TxResult<StoredInvitation> {
    let invitation = record::decode_invitation(text)?;
    let id = invitation.id.as_str();
    let (stored, ended) = (snapshot.open_table(SESSIONS)?, snapshot.open_table(ENDED_SESSIONS)?);
    let mut sessions = Vec::new();
    for id in sessions_of(&snapshot.open_table(ACCEPTED)?, id)? {
        sessions.extend(stored_session(&stored, &ended, &id)?);
    }
    sessions.sort_by(|a, b| (a.session.begun, &a.session.id).cmp(&(b.session.begun, &b.session.id)));
    let ended = ended_at(&snapshot.open_table(ENDED_INVITATIONS)?, id)?;
    Ok(StoredInvitation { invitation, ended, sessions })
}

pub(super) fn invitations(snapshot: &ReadTransaction) -> TxResult<Vec<StoredInvitation>> {
    let mut all = Vec::new();
    for row in snapshot.open_table(INVITATIONS)?.iter()? {
        all.push(stored_invitation(snapshot, row?.1.value())?);
    }
    all.sort_by(|a, b| (b.invitation.made_at, &b.invitation.id).cmp(&(a.invitation.made_at, &a.invitation.id)));
    Ok(all)
}

pub(super) fn tallies(snapshot: &ReadTransaction, period: TallyPeriod) -> TxResult<BTreeMap<Tally, u64>> {
    let table = match period {
        TallyPeriod::AllTime => snapshot.open_table(TALLIES_IN_ALL)?,
        TallyPeriod::ByHour => snapshot.open_table(TALLIES_BY_HOUR)?,
    };
    let mut tallies = BTreeMap::new();
    for row in table.iter()? {
        let (name, count) = row?;
        tallies.insert(name.value().parse().map_err(unreadable)?, count.value());
    }
    Ok(tallies)
}

/// Scans the names of earlier days too, but does not parse them; scanning is fast.
pub(super) fn tallies_since(snapshot: &ReadTransaction, day: LocalDay) -> TxResult<BTreeMap<Tally, u64>> {
    let (from, mut tallies) = (day.to_string(), BTreeMap::new());
    for row in snapshot.open_table(TALLIES_BY_HOUR)?.iter()? {
        let (name, count) = row?;
        let name = name.value();
        // A name ends with its hour or its day, and an hour begins with its day.
        if name.rsplit(':').next().is_some_and(|time| *time >= *from) {
            tallies.insert(name.parse().map_err(unreadable)?, count.value());
        }
    }
    Ok(tallies)
}

pub(super) fn tallies_of(snapshot: &ReadTransaction, names: Vec<Tally>) -> TxResult<BTreeMap<Tally, u64>> {
    let (table, mut tallies) = (snapshot.open_table(TALLIES_IN_ALL)?, BTreeMap::new());
    for name in names {
        if let Some(count) = table.get(name.to_string().as_str())? {
            tallies.insert(name, count.value());
        }
    }
    Ok(tallies)
}
