//! Writes of organisers: publications, printed codes, serials, invitations and staff sessions.

use jiff::Timestamp;
use redb::ReadableTable;

use super::queries;
use super::tables::{Tables, TxResult};
use crate::rules::ids::{CardSerial, Generation, GiftNumber, InvitationId, PointNumber, SessionId};
use crate::rules::staff::{Invitation, StaffSession};
use crate::store::{JoinOutcome, LogId, PublishedVersion, StoreError, StoredSession, record};

pub(super) fn publish(
    tables: &mut Tables<'_>,
    after: u64,
    published: PublishedVersion,
    stock: &[(GiftNumber, u32)],
) -> TxResult<u64> {
    let version = tables.meta.read()?.get("version")?.map_or(0, |version| version.value());
    if version != after {
        return Ok(version);
    }
    let version = after + 1;
    let published = PublishedVersion { version, ..published };
    let text = record::encode_published(&published)?;
    tables.published.edit()?.insert(version, text.as_str())?;
    tables.meta.edit()?.insert("version", version)?;
    for (gift, stock) in stock {
        if tables.gifts.read()?.get(gift.get())?.is_none() {
            tables.gifts.edit()?.insert(gift.get(), (*stock, 0))?;
            tables.log(LogId::Stock(*gift), &record::encode_initial_stock_entry(*stock, &published)?)?;
        }
    }
    Ok(version)
}

pub(super) fn reissue(tables: &mut Tables<'_>, point: PointNumber, from: Generation) -> TxResult<Generation> {
    let stored = tables.generations.read()?.get(point.get())?.map_or(0, |generation| generation.value());
    let now = queries::generation(stored)?;
    match now.next().filter(|_| now == from) {
        Some(next) => {
            tables.generations.edit()?.insert(point.get(), next.get())?;
            Ok(next)
        }
        None => Ok(now),
    }
}

pub(super) fn init_marker(tables: &mut Tables<'_>, name: &str, value: u64) -> TxResult<u64> {
    let stored = tables.meta.read()?.get(name)?.map(|stored| stored.value());
    if stored.is_none() {
        tables.meta.edit()?.insert(name, value)?;
    }
    Ok(stored.unwrap_or(value))
}

pub(super) fn take_serials(tables: &mut Tables<'_>, count: u32) -> TxResult<CardSerial> {
    let last = tables.meta.read()?.get("serials")?.map_or(0, |last| last.value());
    let none_left = || StoreError::Broken("fewer serials of paper passports are left".to_owned());
    let first = CardSerial::try_from(last + 1).map_err(|_| none_left())?;
    let new_last = last + u64::from(count);
    if new_last > u64::from(*CardSerial::RANGE.end()) {
        return Err(none_left().into());
    }
    tables.meta.edit()?.insert("serials", new_last)?;
    Ok(first)
}

pub(super) fn invite(tables: &mut Tables<'_>, invitation: &Invitation) -> TxResult<()> {
    let id = invitation.id.as_str();
    if tables.invitations.read()?.get(id)?.is_none() {
        let text = record::encode_invitation(invitation)?;
        tables.invitations.edit()?.insert(id, text.as_str())?;
    }
    Ok(())
}

pub(super) fn begin_session(
    tables: &mut Tables<'_>,
    session: StaffSession,
    uses: u16,
) -> TxResult<JoinOutcome<StoredSession>> {
    let invitation = session.invitation.as_str();
    let row = (invitation, session.nonce.as_str());
    let begun = tables.accepted.read()?.get(row)?.map(|id| id.value().to_owned());
    if let Some(id) = begun {
        let stored = queries::stored_session(tables.sessions.read()?, tables.ended_sessions.read()?, &id)?;
        let missing = || StoreError::Broken("a session that an invitation names is missing".to_owned());
        return Ok(JoinOutcome::Joined(stored.ok_or_else(missing)?));
    }
    if tables.ended_invitations.read()?.get(invitation)?.is_some() {
        return Ok(JoinOutcome::Ended);
    }
    if queries::sessions_of(tables.accepted.read()?, invitation)?.len() >= usize::from(uses) {
        return Ok(JoinOutcome::Full);
    }
    let text = record::encode_session(&session)?;
    tables.sessions.edit()?.insert(session.id.as_str(), text.as_str())?;
    tables.accepted.edit()?.insert(row, session.id.as_str())?;
    Ok(JoinOutcome::Joined(StoredSession { session, ended: None }))
}

pub(super) fn end_invitation(tables: &mut Tables<'_>, id: &InvitationId, at: Timestamp) -> TxResult<()> {
    let is_known = tables.invitations.read()?.get(id.as_str())?.is_some();
    if is_known && tables.ended_invitations.read()?.get(id.as_str())?.is_none() {
        tables.ended_invitations.edit()?.insert(id.as_str(), at.to_string().as_str())?;
    }
    Ok(())
}

pub(super) fn end_session(tables: &mut Tables<'_>, id: &SessionId, at: Timestamp) -> TxResult<()> {
    let is_known = tables.sessions.read()?.get(id.as_str())?.is_some();
    if is_known && tables.ended_sessions.read()?.get(id.as_str())?.is_none() {
        tables.ended_sessions.edit()?.insert(id.as_str(), at.to_string().as_str())?;
    }
    Ok(())
}
