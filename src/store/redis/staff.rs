//! Invitations and staff sessions.

use std::collections::{BTreeMap, HashMap};

use ::redis::Cmd;
use futures_util::future::try_join_all;
use jiff::Timestamp;

use super::{Redis, reply, script};
use crate::rules::ids::{InvitationId, SessionId};
use crate::rules::staff::{Invitation, StaffSession};
use crate::store::keys::ENDED;
use crate::store::{Joined, KeptInvitation, KeptSession, Result, StoreError, record};

impl Redis {
    pub(super) async fn write_invitation(&self, invitation: &Invitation) -> Result<()> {
        let key = self.keys.staff().key("invitations");
        let record = record::invitation(invitation)?;
        self.calls.write(Cmd::new().arg("HSETNX").arg(key).arg(invitation.id.as_str()).arg(record)).await?;
        Ok(())
    }

    pub(super) async fn read_invitation(&self, id: &InvitationId) -> Result<Option<KeptInvitation>> {
        let keys = self.keys.staff();
        let Some((record, ended)) = self.with_end(&keys.key("invitations"), id.as_str()).await? else {
            return Ok(None);
        };
        let invitation = record::read_invitation(&record)?;
        let begun = self.calls.read(Cmd::new().arg("HVALS").arg(keys.members(id))).await?;
        let ids = reply::texts(begun)?.into_iter().map(|id| reply::parsed("a session", &id));
        let reads = ids.map(|id| async { self.read_session(&id?).await });
        let mut sessions: Vec<KeptSession> = try_join_all(reads).await?.into_iter().flatten().collect();
        in_order(&mut sessions);
        Ok(Some(KeptInvitation { invitation, ended, sessions }))
    }

    pub(super) async fn read_invitations(&self) -> Result<Vec<KeptInvitation>> {
        let mut by_invitation: BTreeMap<InvitationId, Vec<KeptSession>> = BTreeMap::new();
        for (record, ended) in self.all_with_ends("sessions").await? {
            let session = record::read_session(&record)?;
            by_invitation.entry(session.invitation.clone()).or_default().push(KeptSession { session, ended });
        }
        let mut invitations = Vec::new();
        for (record, ended) in self.all_with_ends("invitations").await? {
            let invitation = record::read_invitation(&record)?;
            let mut sessions = by_invitation.remove(&invitation.id).unwrap_or_default();
            in_order(&mut sessions);
            invitations.push(KeptInvitation { invitation, ended, sessions });
        }
        invitations.sort_unstable_by(|a, b| {
            (b.invitation.made_at, &b.invitation.id).cmp(&(a.invitation.made_at, &a.invitation.id))
        });
        Ok(invitations)
    }

    pub(super) async fn write_session(&self, session: &StaffSession, uses: u16) -> Result<Joined<KeptSession>> {
        let mut call = script::BEGIN_SESSION.call(&self.keys.staff().of_session(&session.invitation));
        call.arg(session.invitation.as_str()).arg(session.nonce.as_str()).arg(session.id.as_str());
        call.arg(record::session(session)?).arg(uses).arg(ENDED);
        let answer = reply::list(self.calls.write_by(&script::BEGIN_SESSION, &call).await?)?;
        let mut answer = answer.into_iter();
        match reply::text(answer.next().unwrap_or_default())?.as_str() {
            "in" => {
                let session = record::read_session(&reply::text(answer.next().unwrap_or_default())?)?;
                let ended = reply::maybe_text(answer.next().unwrap_or_default())?;
                Ok(Joined::In(KeptSession { session, ended: read_end(ended.as_deref())? }))
            }
            "full" => Ok(Joined::Full),
            "ended" => Ok(Joined::Ended),
            _ => Err(StoreError::Broken("an unknown answer to a session".to_owned())),
        }
    }

    pub(super) async fn read_session(&self, id: &SessionId) -> Result<Option<KeptSession>> {
        let kept = self.with_end(&self.keys.staff().key("sessions"), id.as_str()).await?;
        kept.map(|(record, ended)| Ok(KeptSession { session: record::read_session(&record)?, ended })).transpose()
    }

    pub(super) async fn write_end(&self, of: &str, id: &str, at: Timestamp) -> Result<()> {
        let key = self.keys.staff().key(of);
        let mut cmd = Cmd::new();
        cmd.arg("HSETNX").arg(key).arg(format!("{id}{ENDED}")).arg(at.to_string());
        self.calls.write(&cmd).await?;
        Ok(())
    }

    /// A record and when it was ended, in one round trip.
    async fn with_end(&self, key: &str, id: &str) -> Result<Option<(String, Option<Timestamp>)>> {
        let mut cmd = Cmd::new();
        cmd.arg("HMGET").arg(key).arg(id).arg(format!("{id}{ENDED}"));
        let [record, ended] = reply::exactly(self.calls.read(&cmd).await?)?;
        let Some(record) = reply::maybe_text(record)? else {
            return Ok(None);
        };
        Ok(Some((record, read_end(reply::maybe_text(ended)?.as_deref())?)))
    }

    /// All records of a hash, each with when it was ended.
    pub(super) async fn all_with_ends(&self, of: &str) -> Result<Vec<(String, Option<Timestamp>)>> {
        let fields = self.calls.read(Cmd::new().arg("HGETALL").arg(self.keys.staff().key(of))).await?;
        let fields: HashMap<String, String> = reply::pairs(fields)?.into_iter().collect();
        let records = fields.iter().filter(|(field, _)| !field.ends_with(ENDED));
        records
            .map(|(id, record)| {
                let ended = fields.get(&format!("{id}{ENDED}"));
                Ok((record.clone(), read_end(ended.map(String::as_str))?))
            })
            .collect()
    }
}

fn read_end(ended: Option<&str>) -> Result<Option<Timestamp>> {
    ended.map(|at| reply::parsed("a moment", at)).transpose()
}

fn in_order(sessions: &mut [KeptSession]) {
    sessions.sort_unstable_by(|a, b| (a.session.begun, &a.session.id).cmp(&(b.session.begun, &b.session.id)));
}
