//! The deletion of personal data by a purge.

use ::redis::Cmd;

use super::RedisStore;
use crate::store::Result;
use crate::store::export::MaintenanceStore;
use crate::store::export::traversal::all_gift_numbers;
use crate::store::keys::holder_name;

/// Keys that are deleted at a time.
const BATCH_SIZE: usize = 500;

impl RedisStore {
    pub(super) async fn delete_persons(&self, on_deleted: &mut (dyn FnMut(u64) + Send)) -> Result<()> {
        for shard in 0..self.shards {
            self.delete_shard(shard, on_deleted).await?;
        }
        for gift in all_gift_numbers() {
            let keys = self.keys.gift(gift);
            self.unlink(["claims", "vouchers", "erased", "holds", "log"].map(|name| keys.key(name)).to_vec()).await?;
        }
        // An abandoned draft of a publication names the person who began it.
        self.unlink(vec![self.keys.hints().key("seen"), self.keys.control().key("draft")]).await
    }

    /// Deletes each passport before its entry in the set of holders, so that an interrupted purge finds it again.
    async fn delete_shard(&self, shard: u16, on_deleted: &mut (dyn FnMut(u64) + Send)) -> Result<()> {
        let keys = self.keys.shard(shard);
        let holders = self.holders(shard).await?;
        for batch in holders.chunks(BATCH_SIZE) {
            self.unlink(batch.iter().map(|holder| keys.passport(*holder)).collect()).await?;
            let names = batch.iter().map(|holder| holder_name(*holder));
            self.remove_members(keys.key("holders"), names.collect()).await?;
            on_deleted(batch.len() as u64);
        }
        let residents = self.companion_holders_of(shard).await?;
        for batch in residents.chunks(BATCH_SIZE) {
            self.unlink(batch.iter().map(|id| keys.companions(*id)).collect()).await?;
            self.remove_members(keys.key("carers"), batch.iter().map(ToString::to_string).collect()).await?;
            on_deleted(batch.len() as u64);
        }
        self.unlink(vec![keys.key("log")]).await
    }

    /// Deletes keys with one command each, because they may be in different slots.
    async fn unlink(&self, keys: Vec<String>) -> Result<()> {
        let cmds: Vec<Cmd> = keys.into_iter().map(Cmd::unlink).collect();
        for batch in cmds.chunks(BATCH_SIZE) {
            self.client.write_all(batch).await?;
        }
        Ok(())
    }

    async fn remove_members(&self, key: String, members: Vec<String>) -> Result<()> {
        self.client.write_all(&[Cmd::srem(key, members)]).await
    }

    /// Asks Redis to rewrite its append-only file, which still contains the deleted records.
    ///
    /// # Errors
    /// Redis rejects the command. It also does so while a rewrite is running, which is not a problem.
    pub async fn rewrite_aof(&self) -> Result<()> {
        self.client.on_all_masters(&::redis::cmd("BGREWRITEAOF")).await
    }
}
