//! Steps of organisers: publications, codes, serials, staff.

use jiff::Timestamp;
use redb::ReadableTable;

use super::super::{Joined, KeptSession, Log, Published, StoreError, record};
use super::reads;
use super::tables::{Step, Tables};
use crate::rules::ids::{CardSerial, Generation, GiftNumber, InvitationId, PointNumber, SessionId};
use crate::rules::staff::{Invitation, StaffSession};

pub(super) fn publish(
    tables: &mut Tables<'_>,
    after: u64,
    published: Published,
    stock: &[(GiftNumber, u32)],
) -> Step<u64> {
    let version = tables.meta.look()?.get("version")?.map_or(0, |version| version.value());
    if version != after {
        return Ok(version);
    }
    let version = after + 1;
    let published = Published { version, ..published };
    let text = record::published(&published)?;
    tables.published.edit()?.insert(version, text.as_str())?;
    tables.meta.edit()?.insert("version", version)?;
    for (gift, stock) in stock {
        if tables.gifts.look()?.get(gift.get())?.is_none() {
            tables.gifts.edit()?.insert(gift.get(), (*stock, 0))?;
            tables.log(Log::Stock(*gift), &record::first_stock_fact(*stock, &published)?)?;
        }
    }
    Ok(version)
}

pub(super) fn reissue(tables: &mut Tables<'_>, point: PointNumber, from: Generation) -> Step<Generation> {
    let kept = tables.generations.look()?.get(point.get())?.map_or(0, |generation| generation.value());
    let now = reads::generation(kept)?;
    match now.next().filter(|_| now == from) {
        Some(next) => {
            tables.generations.edit()?.insert(point.get(), next.get())?;
            Ok(next)
        }
        None => Ok(now),
    }
}

pub(super) fn mark(tables: &mut Tables<'_>, name: &str, value: u64) -> Step<u64> {
    let kept = tables.meta.look()?.get(name)?.map(|kept| kept.value());
    if kept.is_none() {
        tables.meta.edit()?.insert(name, value)?;
    }
    Ok(kept.unwrap_or(value))
}

pub(super) fn take_serials(tables: &mut Tables<'_>, count: u32) -> Step<CardSerial> {
    let last = tables.meta.look()?.get("serials")?.map_or(0, |last| last.value());
    let none_left = || StoreError::Broken("no such number of serials of paper passports is left".to_owned());
    let first = CardSerial::try_from(last + 1).map_err(|_| none_left())?;
    let new_last = last + u64::from(count);
    if new_last > u64::from(*CardSerial::RANGE.end()) {
        return Err(none_left().into());
    }
    tables.meta.edit()?.insert("serials", new_last)?;
    Ok(first)
}

pub(super) fn invite(tables: &mut Tables<'_>, invitation: &Invitation) -> Step<()> {
    let id = invitation.id.as_str();
    if tables.invitations.look()?.get(id)?.is_none() {
        let text = record::invitation(invitation)?;
        tables.invitations.edit()?.insert(id, text.as_str())?;
    }
    Ok(())
}

pub(super) fn begin_session(tables: &mut Tables<'_>, session: StaffSession, uses: u16) -> Step<Joined<KeptSession>> {
    let invitation = session.invitation.as_str();
    let row = (invitation, session.nonce.as_str());
    let begun = tables.accepted.look()?.get(row)?.map(|id| id.value().to_owned());
    if let Some(id) = begun {
        let kept = reads::kept_session(tables.sessions.look()?, tables.ended_sessions.look()?, &id)?;
        let missing = || StoreError::Broken("a session that an invitation names is missing".to_owned());
        return Ok(Joined::In(kept.ok_or_else(missing)?));
    }
    if tables.ended_invitations.look()?.get(invitation)?.is_some() {
        return Ok(Joined::Ended);
    }
    if reads::sessions_of(tables.accepted.look()?, invitation)?.len() >= usize::from(uses) {
        return Ok(Joined::Full);
    }
    let text = record::session(&session)?;
    tables.sessions.edit()?.insert(session.id.as_str(), text.as_str())?;
    tables.accepted.edit()?.insert(row, session.id.as_str())?;
    Ok(Joined::In(KeptSession { session, ended: None }))
}

pub(super) fn end_invitation(tables: &mut Tables<'_>, id: &InvitationId, at: Timestamp) -> Step<()> {
    let is_known = tables.invitations.look()?.get(id.as_str())?.is_some();
    if is_known && tables.ended_invitations.look()?.get(id.as_str())?.is_none() {
        tables.ended_invitations.edit()?.insert(id.as_str(), at.to_string().as_str())?;
    }
    Ok(())
}

pub(super) fn end_session(tables: &mut Tables<'_>, id: &SessionId, at: Timestamp) -> Step<()> {
    let is_known = tables.sessions.look()?.get(id.as_str())?.is_some();
    if is_known && tables.ended_sessions.look()?.get(id.as_str())?.is_none() {
        tables.ended_sessions.edit()?.insert(id.as_str(), at.to_string().as_str())?;
    }
    Ok(())
}
