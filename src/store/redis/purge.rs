//! Forgetting people after the end.

use std::collections::BTreeSet;

use ::redis::Cmd;

use super::Redis;
use super::control::WAITS;
use crate::rules::ids::GiftNumber;
use crate::store::archive::Archive;
use crate::store::archive::walk::all_gifts;
use crate::store::keys::holder_name;
use crate::store::{Log, Published, Result, Store, record};

/// So many keys are deleted, or facts rewritten, at a time.
const AT_ONCE: usize = 500;

impl Redis {
    pub(super) async fn forget_people(&self, done: &mut (dyn FnMut(u64) + Send)) -> Result<()> {
        for shard in 0..self.shards {
            self.forget_shard(shard, done).await?;
        }
        for gift in all_gifts() {
            let keys = self.keys.gift(gift);
            self.unlink(["claims", "vouchers", "holds", "log"].map(|name| keys.key(name)).to_vec()).await?;
            self.nameless_movements(gift).await?;
        }
        self.forget_staff(done).await?;
        let control = self.keys.control();
        let notes = ["seen", "suspicions"].map(|name| self.keys.notes().key(name));
        self.unlink(notes.to_vec()).await?;
        self.unlink(["settled", "posters"].map(|name| control.key(name)).to_vec()).await?;
        for passport in self.control().await?.waiting {
            let mut cmd = Cmd::new();
            cmd.arg("HDEL").arg(control.key("now")).arg(format!("{WAITS}{passport}"));
            self.calls.write_all(&[cmd]).await?;
        }
        self.nameless_versions().await
    }

    /// First each passport, then its entry among the holders: whoever breaks off in between finds it again.
    async fn forget_shard(&self, shard: u16, done: &mut (dyn FnMut(u64) + Send)) -> Result<()> {
        let keys = self.keys.shard(shard);
        let holders = self.holders(shard).await?;
        for some in holders.chunks(AT_ONCE) {
            self.unlink(some.iter().map(|holder| keys.passport(*holder)).collect()).await?;
            let names = some.iter().map(|holder| holder_name(*holder));
            self.leave(keys.key("holders"), names.collect()).await?;
            done(some.len() as u64);
        }
        let carers = self.carers_of(shard).await?;
        for some in carers.chunks(AT_ONCE) {
            self.unlink(some.iter().map(|id| keys.companions(*id)).collect()).await?;
            self.leave(keys.key("carers"), some.iter().map(ToString::to_string).collect()).await?;
            done(some.len() as u64);
        }
        self.unlink(vec![keys.key("log")]).await
    }

    async fn forget_staff(&self, done: &mut (dyn FnMut(u64) + Send)) -> Result<()> {
        let keys = self.keys.staff();
        let mut ids = BTreeSet::new();
        for (session, _) in self.all_with_ends("sessions").await? {
            ids.insert(record::read_session(&session)?.invitation);
        }
        for (invitation, _) in self.all_with_ends("invitations").await? {
            ids.insert(record::read_invitation(&invitation)?.id);
        }
        self.unlink(ids.iter().map(|id| keys.members(id)).collect()).await?;
        self.unlink(vec![keys.key("sessions")]).await?;
        self.unlink(vec![keys.key("invitations")]).await?;
        done(ids.len() as u64);
        Ok(())
    }

    async fn nameless_movements(&self, gift: GiftNumber) -> Result<()> {
        let key = self.keys.log(Log::Stock(gift));
        let mut from = 0_u64;
        loop {
            let facts = self.facts(Log::Stock(gift), from, u32::try_from(AT_ONCE).unwrap_or(u32::MAX)).await?;
            if facts.is_empty() {
                return Ok(());
            }
            let mut cmds = Vec::new();
            for (nth, fact) in (from..).zip(&facts) {
                if let Some(nameless) = record::without_name(fact)? {
                    cmds.push(Cmd::new().arg("LSET").arg(&key).arg(nth).arg(nameless).to_owned());
                }
            }
            self.calls.write_all(&cmds).await?;
            from += facts.len() as u64;
        }
    }

    async fn nameless_versions(&self) -> Result<()> {
        let key = self.keys.control().key("versions");
        for version in 1..=self.control().await?.version {
            let Some(kept) = self.published(version).await?.filter(|kept| !kept.by.is_empty()) else {
                continue;
            };
            let nameless = record::published(&Published { by: String::new(), ..kept })?;
            self.calls.write_all(&[Cmd::new().arg("HSET").arg(&key).arg(version).arg(nameless).to_owned()]).await?;
        }
        // A publication that was begun and left behind names whoever began it.
        self.unlink(vec![self.keys.control().key("draft")]).await
    }

    /// Deletes keys; one command each, because they may be of different slots.
    async fn unlink(&self, keys: Vec<String>) -> Result<()> {
        let cmds: Vec<Cmd> = keys.into_iter().map(|key| Cmd::new().arg("UNLINK").arg(key).to_owned()).collect();
        for some in cmds.chunks(AT_ONCE) {
            self.calls.write_all(some).await?;
        }
        Ok(())
    }

    async fn leave(&self, key: String, members: Vec<String>) -> Result<()> {
        self.calls.write_all(&[Cmd::new().arg("SREM").arg(key).arg(members).to_owned()]).await
    }

    /// Asks Redis to write its log anew: what was deleted still stands in the old one.
    ///
    /// # Errors
    /// When Redis does not take it; a rewrite that is under way already is no failure to be mended.
    pub async fn rewrite_log(&self) -> Result<()> {
        self.calls.of_masters(Cmd::new().arg("BGREWRITEAOF")).await
    }
}
