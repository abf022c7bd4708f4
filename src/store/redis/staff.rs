//! Invitations and staff sessions.

use std::collections::{BTreeMap, HashMap};

use ::redis::Cmd;
use async_trait::async_trait;
use futures_util::future::try_join_all;
use jiff::Timestamp;

use super::{RedisStore, reply_values, script};
use crate::rules::ids::{InvitationId, SessionId};
use crate::rules::staff::{Invitation, StaffSession};
use crate::store::keys::ENDED_SUFFIX;
use crate::store::staff::{sort_invitations, sort_sessions};
use crate::store::{JoinOutcome, Result, StaffStore, StoreError, StoredInvitation, StoredSession, record};

#[async_trait]
impl StaffStore for RedisStore {
    async fn invite(&self, invitation: &Invitation) -> Result<()> {
        let key = self.keys.staff().key("invitations");
        let record = record::encode_invitation(invitation)?;
        self.client.write(&Cmd::hset_nx(key, invitation.id.as_str(), record)).await
    }

    async fn invitation(&self, id: &InvitationId) -> Result<Option<StoredInvitation>> {
        let keys = self.keys.staff();
        let Some((record, ended)) = self.read_with_end(&keys.key("invitations"), id.as_str()).await? else {
            return Ok(None);
        };
        let invitation = record::decode_invitation(&record)?;
        let begun: Vec<String> = self.client.read(&Cmd::hvals(keys.members(id))).await?;
        let ids = begun.iter().map(|id| reply_values::parse("a session", id));
        let reads = ids.map(|id| async { self.session(&id?).await });
        let mut sessions: Vec<StoredSession> = try_join_all(reads).await?.into_iter().flatten().collect();
        sort_sessions(&mut sessions);
        Ok(Some(StoredInvitation { invitation, ended, sessions }))
    }

    async fn invitations(&self) -> Result<Vec<StoredInvitation>> {
        let mut by_invitation: BTreeMap<InvitationId, Vec<StoredSession>> = BTreeMap::new();
        for (record, ended) in self.read_all_with_ends("sessions").await? {
            let session = record::decode_session(&record)?;
            by_invitation.entry(session.invitation.clone()).or_default().push(StoredSession { session, ended });
        }
        let mut invitations = Vec::new();
        for (record, ended) in self.read_all_with_ends("invitations").await? {
            let invitation = record::decode_invitation(&record)?;
            let mut sessions = by_invitation.remove(&invitation.id).unwrap_or_default();
            sort_sessions(&mut sessions);
            invitations.push(StoredInvitation { invitation, ended, sessions });
        }
        sort_invitations(&mut invitations);
        Ok(invitations)
    }

    async fn begin_session(&self, session: &StaffSession, uses: u16) -> Result<JoinOutcome<StoredSession>> {
        let mut call = script::BEGIN_SESSION.call(&self.keys.staff().begin_session_keys(&session.invitation));
        call.arg(session.invitation.as_str()).arg(session.nonce.as_str()).arg(session.id.as_str());
        call.arg(record::encode_session(session)?).arg(uses).arg(ENDED_SUFFIX);
        let answer: Vec<Option<String>> = self.client.write_script(&script::BEGIN_SESSION, &call).await?;
        let mut answer = answer.iter().flatten().map(String::as_str);
        match (answer.next(), answer.next(), answer.next()) {
            (Some("joined"), Some(record), ended) => {
                let session = record::decode_session(record)?;
                Ok(JoinOutcome::Joined(StoredSession { session, ended: parse_end(ended)? }))
            }
            (Some("full"), ..) => Ok(JoinOutcome::Full),
            (Some("ended"), ..) => Ok(JoinOutcome::Ended),
            _ => Err(StoreError::Broken("an unknown result of a session script".to_owned())),
        }
    }

    async fn session(&self, id: &SessionId) -> Result<Option<StoredSession>> {
        let stored = self.read_with_end(&self.keys.staff().key("sessions"), id.as_str()).await?;
        stored.map(|(record, ended)| Ok(StoredSession { session: record::decode_session(&record)?, ended })).transpose()
    }

    async fn end_invitation(&self, id: &InvitationId, at: Timestamp) -> Result<()> {
        self.write_end("invitations", id.as_str(), at).await
    }

    async fn end_session(&self, id: &SessionId, at: Timestamp) -> Result<()> {
        self.write_end("sessions", id.as_str(), at).await
    }
}

impl RedisStore {
    async fn write_end(&self, of: &str, id: &str, at: Timestamp) -> Result<()> {
        let key = self.keys.staff().key(of);
        self.client.write(&Cmd::hset_nx(key, format!("{id}{ENDED_SUFFIX}"), at.to_string())).await
    }

    /// Reads a record and when it was ended, in one round trip.
    async fn read_with_end(&self, key: &str, id: &str) -> Result<Option<(String, Option<Timestamp>)>> {
        let both = Cmd::hmget(key, &[id, &format!("{id}{ENDED_SUFFIX}")]);
        let (record, ended): (Option<String>, Option<String>) = self.client.read(&both).await?;
        record.map(|record| Ok((record, parse_end(ended.as_deref())?))).transpose()
    }

    /// All records of a hash, each with when it was ended.
    pub(super) async fn read_all_with_ends(&self, of: &str) -> Result<Vec<(String, Option<Timestamp>)>> {
        let fields: HashMap<String, String> = self.client.read(&Cmd::hgetall(self.keys.staff().key(of))).await?;
        let records = fields.iter().filter(|(field, _)| !field.ends_with(ENDED_SUFFIX));
        records
            .map(|(id, record)| {
                let ended = fields.get(&format!("{id}{ENDED_SUFFIX}"));
                Ok((record.clone(), parse_end(ended.map(String::as_str))?))
            })
            .collect()
    }
}

fn parse_end(ended: Option<&str>) -> Result<Option<Timestamp>> {
    ended.map(|at| reply_values::parse("a moment", at)).transpose()
}
