//! Invitations and staff sessions.

use async_trait::async_trait;
use jiff::Timestamp;
use redb::{ReadTransaction, ReadableTable};

use super::EmbeddedStore;
use super::tables::{
    ACCEPTED, ENDED_INVITATIONS, ENDED_SESSIONS, INVITATIONS, LazyTable, SESSIONS, Tables, TxError, TxResult, read_rows,
};
use crate::rules::ids::{InvitationId, SessionId};
use crate::rules::staff::{Invitation, StaffSession};
use crate::store::staff::{sort_invitations, sort_sessions};
use crate::store::{JoinOutcome, Result, StaffStore, StoreError, StoredInvitation, StoredSession, record};

#[async_trait]
impl StaffStore for EmbeddedStore {
    async fn invite(&self, invitation: &Invitation) -> Result<()> {
        let invitation = invitation.clone();
        let invite = move |tables: &mut Tables<'_>| {
            let id = invitation.id.as_str();
            if tables.invitations.read()?.get(id)?.is_none() {
                tables.invitations.edit()?.insert(id, record::encode_invitation(&invitation)?.as_str())?;
            }
            Ok(())
        };
        self.handle.write(invite).await
    }

    async fn invitation(&self, id: &InvitationId) -> Result<Option<StoredInvitation>> {
        let id = id.clone();
        let read = move |snapshot: &ReadTransaction| {
            let text = snapshot.open_table(INVITATIONS)?.get(id.as_str())?;
            text.map(|text| stored_invitation(snapshot, text.value())).transpose()
        };
        self.handle.read(read).await
    }

    async fn invitations(&self) -> Result<Vec<StoredInvitation>> {
        let read = |snapshot: &ReadTransaction| {
            let stored = |_: &str, text: &str| stored_invitation(snapshot, text);
            read_rows(snapshot.open_table(INVITATIONS)?.iter()?, stored)
        };
        let mut all: Vec<StoredInvitation> = self.handle.read(read).await?;
        sort_invitations(&mut all);
        Ok(all)
    }

    async fn begin_session(&self, session: &StaffSession, uses: u16) -> Result<JoinOutcome<StoredSession>> {
        let session = session.clone();
        self.handle.write(move |tables| begin_session(tables, session, uses)).await
    }

    async fn session(&self, id: &SessionId) -> Result<Option<StoredSession>> {
        let id = id.clone();
        let read = move |snapshot: &ReadTransaction| {
            stored_session(&snapshot.open_table(SESSIONS)?, &snapshot.open_table(ENDED_SESSIONS)?, id.as_str())
        };
        self.handle.read(read).await
    }

    async fn end_invitation(&self, id: &InvitationId, at: Timestamp) -> Result<()> {
        let id = id.clone();
        let end = move |tables: &mut Tables<'_>| {
            let is_known = tables.invitations.read()?.get(id.as_str())?.is_some();
            end(is_known, &mut tables.ended_invitations, id.as_str(), at)
        };
        self.handle.write(end).await
    }

    async fn end_session(&self, id: &SessionId, at: Timestamp) -> Result<()> {
        let id = id.clone();
        let end = move |tables: &mut Tables<'_>| {
            let is_known = tables.sessions.read()?.get(id.as_str())?.is_some();
            end(is_known, &mut tables.ended_sessions, id.as_str(), at)
        };
        self.handle.write(end).await
    }
}

fn begin_session(tables: &mut Tables<'_>, session: StaffSession, uses: u16) -> TxResult<JoinOutcome<StoredSession>> {
    let invitation = session.invitation.as_str();
    let row = (invitation, session.nonce.as_str());
    let begun = tables.accepted.read()?.get(row)?.map(|id| id.value().to_owned());
    if let Some(id) = begun {
        let stored = stored_session(tables.sessions.read()?, tables.ended_sessions.read()?, &id)?;
        let missing = || StoreError::Broken("a session that an invitation names is missing".to_owned());
        return Ok(JoinOutcome::Joined(stored.ok_or_else(missing)?));
    }
    if tables.ended_invitations.read()?.get(invitation)?.is_some() {
        return Ok(JoinOutcome::Ended);
    }
    if sessions_of(tables.accepted.read()?, invitation)?.len() >= usize::from(uses) {
        return Ok(JoinOutcome::Full);
    }
    let text = record::encode_session(&session)?;
    tables.sessions.edit()?.insert(session.id.as_str(), text.as_str())?;
    tables.accepted.edit()?.insert(row, session.id.as_str())?;
    Ok(JoinOutcome::Joined(StoredSession { session, ended: None }))
}

/// Records when something was ended. The first time counts.
fn end(is_known: bool, ended: &mut LazyTable<'_, &'static str, &'static str>, id: &str, at: Timestamp) -> TxResult<()> {
    if is_known && ended.read()?.get(id)?.is_none() {
        ended.edit()?.insert(id, at.to_string().as_str())?;
    }
    Ok(())
}

fn stored_session(
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
fn sessions_of(
    accepted: &impl ReadableTable<(&'static str, &'static str), &'static str>,
    invitation: &str,
) -> TxResult<Vec<String>> {
    // Greater than any nonce: nonces consist of letters, digits, hyphens and underscores.
    read_rows(accepted.range((invitation, "")..(invitation, "\u{7f}"))?, |_, id| Ok(id.to_owned()))
}

fn stored_invitation(snapshot: &ReadTransaction, text: &str) -> TxResult<StoredInvitation> {
    let invitation = record::decode_invitation(text)?;
    let id = invitation.id.as_str();
    let (stored, ended) = (snapshot.open_table(SESSIONS)?, snapshot.open_table(ENDED_SESSIONS)?);
    let mut sessions = Vec::new();
    for id in sessions_of(&snapshot.open_table(ACCEPTED)?, id)? {
        sessions.extend(stored_session(&stored, &ended, &id)?);
    }
    sort_sessions(&mut sessions);
    let ended = ended_at(&snapshot.open_table(ENDED_INVITATIONS)?, id)?;
    Ok(StoredInvitation { invitation, ended, sessions })
}
