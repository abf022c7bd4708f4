//! Export and import: the reads, and the marks at the begin and end of an import.

use std::collections::BTreeMap;

use ::redis::Cmd;
use async_trait::async_trait;
use futures_util::future::try_join_all;

use super::{IMPORTING, RedisStore, reply_values};
use crate::rules::ids::{ClaimantId, GiftNumber, Holder, ResidentId};
use crate::store::export::entry::{ExportEntry, holder_sort_key};
use crate::store::export::traversal::all_gift_numbers;
use crate::store::export::{MaintenanceStore, RecordCounts};
use crate::store::keys::{HINT_KEYS, hours, parse_holder};
use crate::store::{LogId, PublishedVersion, RecordKind, Result, record};

/// Claims per step of a scan.
const SCAN_BATCH_SIZE: usize = 2000;

#[async_trait]
impl MaintenanceStore for RedisStore {
    async fn is_empty(&self) -> Result<bool> {
        let meta = self.keys.control().key("meta");
        let mut reads = vec![Cmd::hlen(meta)];
        reads.extend(self.all_keys().into_iter().map(Cmd::exists));
        // Format and shards are written when the store is opened for the first time.
        Ok(self.sum(&reads).await? <= 2)
    }

    async fn last_serial(&self) -> Result<u64> {
        let last: Option<u64> = self.client.read(&Cmd::get(self.keys.control().key("serials"))).await?;
        Ok(last.unwrap_or_default())
    }

    async fn holders(&self, shard: u16) -> Result<Vec<Holder>> {
        let names: Vec<String> = self.client.read(&Cmd::smembers(self.keys.shard(shard).key("holders"))).await?;
        let mut holders = names.iter().map(|name| parse_holder(name)).collect::<Result<Vec<_>>>()?;
        holders.sort_unstable_by_key(|holder| holder_sort_key(*holder));
        Ok(holders)
    }

    async fn companion_holders(&self) -> Result<BTreeMap<u16, Vec<ResidentId>>> {
        let mut by_shard = BTreeMap::new();
        for shard in 0..self.shards {
            by_shard.insert(shard, self.companion_holders_of(shard).await?);
        }
        Ok(by_shard)
    }

    async fn stock_totals(&self, gift: GiftNumber) -> Result<Option<(u32, u32)>> {
        let numbers = Cmd::hmget(self.keys.gift(gift).key("numbers"), &["stock", "redeemed"]);
        let (stock, redeemed): (Option<u32>, Option<u32>) = self.client.read(&numbers).await?;
        Ok(stock.map(|stock| (stock, redeemed.unwrap_or_default())))
    }

    async fn claimers(&self, gift: GiftNumber) -> Result<Vec<ClaimantId>> {
        // From the vouchers, one per claim, because they are shorter than the claims. As a scan, because there may be
        // half a million; a scan may return an element twice.
        let key = self.keys.gift(gift).key("vouchers");
        let (mut claimers, mut cursor) = (Vec::new(), "0".to_owned());
        loop {
            let mut cmd = ::redis::cmd("HSCAN");
            cmd.arg(&key).arg(&cursor).arg("COUNT").arg(SCAN_BATCH_SIZE);
            let page: Vec<(String, String)>;
            (cursor, page) = self.client.read(&cmd).await?;
            for (_, claimer) in page {
                claimers.push(reply_values::parse::<ClaimantId>("a claimant", &claimer)?);
            }
            if cursor == "0" {
                claimers.sort_unstable();
                claimers.dedup();
                return Ok(claimers);
            }
        }
    }

    async fn record_counts(&self) -> Result<RecordCounts> {
        let of_shards = |verb: &str, name: &str| {
            let keys = (0..self.shards).map(|shard| self.keys.shard(shard).key(name));
            keys.map(|key| ::redis::cmd(verb).arg(key).to_owned()).collect::<Vec<_>>()
        };
        let of_gifts = |verb: &str, name: &str| {
            let keys = all_gift_numbers().map(|gift| self.keys.gift(gift).key(name));
            keys.map(|key| ::redis::cmd(verb).arg(key).to_owned()).collect::<Vec<_>>()
        };
        let mut tallies = of_shards("HLEN", "totals");
        tallies.extend(of_gifts("HLEN", "totals"));
        for name in self.counted_days().await?.into_iter().map(hours) {
            tallies.extend(of_shards("HLEN", &name));
            tallies.extend(of_gifts("HLEN", &name));
        }
        Ok(RecordCounts {
            passports: self.sum(&of_shards("SCARD", "holders")).await?,
            companion_holders: self.sum(&of_shards("SCARD", "carers")).await?,
            stamp_entries: self.sum(&of_shards("LLEN", "log")).await?,
            claims: self.sum(&of_gifts("HLEN", "claims")).await?,
            claim_entries: self.sum(&of_gifts("LLEN", "log")).await?,
            stock_entries: self.sum(&of_gifts("LLEN", "stock")).await?,
            tallies: self.sum(&tallies).await?,
        })
    }

    async fn begin_import(&self) -> Result<bool> {
        self.client.write(&Cmd::hset_nx(self.keys.control().key("meta"), IMPORTING, 1)).await
    }

    async fn import(&self, entries: Vec<ExportEntry>) -> Result<()> {
        self.import_entries(&entries).await
    }

    async fn end_import(&self) -> Result<()> {
        self.wait_for_replicas().await?;
        self.client.write(&Cmd::hdel(self.keys.control().key("meta"), IMPORTING)).await
    }

    async fn delete_personal_data(&self, on_deleted: &mut (dyn FnMut(u64) + Send)) -> Result<()> {
        self.delete_persons(on_deleted).await?;
        self.wait_for_replicas().await
    }

    async fn rewrite_log(&self, log: LogId, entries: Vec<(u64, String)>) -> Result<()> {
        let key = self.keys.log(log);
        let rewrite = |(nth, entry)| ::redis::cmd("LSET").arg(&key).arg(nth).arg(entry).to_owned();
        let rewrites: Vec<Cmd> = entries.into_iter().map(rewrite).collect();
        try_join_all(rewrites.iter().map(|cmd| self.client.write::<()>(cmd))).await.map(drop)
    }

    async fn rewrite_published(&self, published: &PublishedVersion) -> Result<()> {
        let record = record::encode_published(published)?;
        self.client.write(&Cmd::hset(self.keys.control().key("versions"), published.version, record)).await
    }
}

impl RedisStore {
    /// The residents of a shard with cards on their phone, in ascending order.
    pub(super) async fn companion_holders_of(&self, shard: u16) -> Result<Vec<ResidentId>> {
        let residents = Cmd::smembers(self.keys.shard(shard).key("carers"));
        reply_values::sorted("a resident", self.client.read(&residents).await?)
    }

    /// If writes wait for replicas, waits until they have all earlier writes: a command that changes nothing, sent to
    /// every slot, waits for the earlier writes of its node.
    async fn wait_for_replicas(&self) -> Result<()> {
        let keys: Vec<Cmd> = self.all_keys().into_iter().map(Cmd::persist).collect();
        for batch in keys.chunks(64) {
            try_join_all(batch.iter().map(|cmd| self.client.write::<()>(cmd))).await?;
        }
        Ok(())
    }

    /// The sum of numeric replies.
    async fn sum(&self, reads: &[Cmd]) -> Result<u64> {
        Ok(self.client.read_all::<Vec<u64>>(reads).await?.iter().sum())
    }

    /// Every key that does not belong to one person, except the one of format and shards.
    fn all_keys(&self) -> Vec<String> {
        let control = self.keys.control();
        let mut keys =
            ["now", "versions", "draft", "days", "serials", "erasures"].map(|name| control.key(name)).to_vec();
        keys.extend(RecordKind::iter().map(|kind| control.records(kind)));
        keys.extend(self.keys.hints().keys(HINT_KEYS));
        for shard in 0..self.shards {
            let of_shard = self.keys.shard(shard);
            keys.extend(["totals", "holders", "carers"].map(|name| of_shard.key(name)));
            keys.push(self.keys.log(LogId::Shard(shard)));
        }
        for gift in all_gift_numbers() {
            let of_gift = self.keys.gift(gift);
            keys.extend(["claims", "vouchers", "holds", "numbers", "log", "totals"].map(|name| of_gift.key(name)));
            keys.extend(["gone", "stock", "stock_writes", "erased"].map(|name| of_gift.key(name)));
        }
        keys
    }
}
