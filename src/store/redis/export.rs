//! Export and import: the reads, and the marks at the begin and end of an import.

use std::collections::BTreeMap;

use ::redis::{Cmd, Value};
use async_trait::async_trait;
use futures_util::future::try_join_all;

use super::{IMPORTING, RedisStore, reply_values};
use crate::rules::check_ins::passport::Passport;
use crate::rules::ids::{CardSerial, ClaimantId, GiftNumber, Holder, ResidentId};
use crate::store::export::entry::{ExportEntry, holder_sort_key};
use crate::store::export::traversal::all_gift_numbers;
use crate::store::export::{MaintenanceStore, RecordCounts};
use crate::store::keys::{hours, parse_holder};
use crate::store::{LogId, Result, StoreError, StoredClaim, record};

/// Entries per call of `import`.
const IMPORT_BATCH_SIZE: usize = 5000;

/// Claims per step of a scan.
const SCAN_BATCH_SIZE: usize = 2000;

/// Prefix of a marker's field.
const MARKER_PREFIX: &str = "mark-";

#[async_trait]
impl MaintenanceStore for RedisStore {
    async fn is_empty(&self) -> Result<bool> {
        let meta = self.keys.control().key("meta");
        let mut reads = vec![Cmd::new().arg("HLEN").arg(meta).to_owned()];
        reads.extend(self.all_keys().into_iter().map(|key| Cmd::new().arg("EXISTS").arg(key).to_owned()));
        // Format and shards are written when the store is opened for the first time.
        Ok(self.sum(&reads).await? <= 2)
    }

    async fn markers(&self) -> Result<BTreeMap<String, u64>> {
        let meta = self.client.read(Cmd::new().arg("HGETALL").arg(self.keys.control().key("meta"))).await?;
        let marks = reply_values::pairs(meta)?.into_iter();
        let marks = marks.filter_map(|(name, value)| Some((name.strip_prefix(MARKER_PREFIX)?.to_owned(), value)));
        marks.map(|(name, value)| Ok((name, reply_values::parse("a mark", &value)?))).collect()
    }

    async fn last_serial(&self) -> Result<u64> {
        let last = self.client.read(Cmd::new().arg("GET").arg(self.keys.control().key("serials"))).await?;
        reply_values::optional_text(last)?.map_or(Ok(0), |last| reply_values::parse("a serial", &last))
    }

    async fn holders(&self, shard: u16) -> Result<Vec<Holder>> {
        let holders = self.client.read(Cmd::new().arg("SMEMBERS").arg(self.keys.shard(shard).key("holders"))).await?;
        let holder = |value| {
            let missing = || StoreError::Broken("a holder cannot be read".to_owned());
            parse_holder(reply_values::str(value)?).ok_or_else(missing)
        };
        let mut holders = reply_values::list(holders)?.iter().map(holder).collect::<Result<Vec<_>>>()?;
        holders.sort_unstable_by_key(|holder| holder_sort_key(*holder));
        Ok(holders)
    }

    async fn passports(&self, shard: u16, holders: &[Holder]) -> Result<Vec<Passport>> {
        let keys = self.keys.shard(shard);
        let read = |holder: &Holder| Cmd::new().arg("GET").arg(keys.passport(*holder)).to_owned();
        let reads: Vec<Cmd> = holders.iter().map(read).collect();
        let passport = |stored: Value| {
            let missing = || StoreError::Broken("a passport disappeared during the export".to_owned());
            record::decode_passport(reply_values::optional_str(&stored)?.ok_or_else(missing)?)
        };
        self.client.read_all(&reads).await?.into_iter().map(passport).collect()
    }

    async fn companion_holders(&self) -> Result<BTreeMap<u16, Vec<ResidentId>>> {
        let mut by_shard = BTreeMap::new();
        for shard in 0..self.shards {
            by_shard.insert(shard, self.companion_holders_of(shard).await?);
        }
        Ok(by_shard)
    }

    async fn companions_of(&self, shard: u16, residents: &[ResidentId]) -> Result<Vec<Vec<CardSerial>>> {
        let keys = self.keys.shard(shard);
        let reads: Vec<Cmd> =
            residents.iter().map(|id| Cmd::new().arg("SMEMBERS").arg(keys.companions(*id)).to_owned()).collect();
        let cards = |value: Value| {
            let card = |value| reply_values::parse("a serial", reply_values::str(value)?);
            let mut cards = reply_values::list(value)?.iter().map(card).collect::<Result<Vec<CardSerial>>>()?;
            cards.sort_unstable();
            Ok(cards)
        };
        self.client.read_all(&reads).await?.into_iter().map(cards).collect()
    }

    async fn stock_totals(&self, gift: GiftNumber) -> Result<Option<(u32, u32)>> {
        let mut cmd = Cmd::new();
        cmd.arg("HMGET").arg(self.keys.gift(gift).key("numbers")).arg("stock").arg("redeemed");
        let [stock, redeemed] = reply_values::array(self.client.read(&cmd).await?)?;
        let Some(stock) = reply_values::optional_text(stock)? else {
            return Ok(None);
        };
        let redeemed =
            reply_values::optional_text(redeemed)?.map_or(Ok(0), |text| reply_values::parse("a count", &text))?;
        Ok(Some((reply_values::parse("a count", &stock)?, redeemed)))
    }

    async fn claimers(&self, gift: GiftNumber) -> Result<Vec<ClaimantId>> {
        // From the vouchers, one per claim, because they are shorter than the claims. As a scan, because there may be
        // half a million; a scan may return an element twice.
        let key = self.keys.gift(gift).key("vouchers");
        let (mut claimers, mut cursor) = (Vec::new(), "0".to_owned());
        loop {
            let mut cmd = Cmd::new();
            cmd.arg("HSCAN").arg(&key).arg(&cursor).arg("COUNT").arg(SCAN_BATCH_SIZE);
            let [next, page] = reply_values::array(self.client.read(&cmd).await?)?;
            for (_, claimer) in reply_values::pairs(page)? {
                claimers.push(reply_values::parse::<ClaimantId>("a claimant", &claimer)?);
            }
            cursor = reply_values::text(next)?;
            if cursor == "0" {
                claimers.sort_unstable();
                claimers.dedup();
                return Ok(claimers);
            }
        }
    }

    async fn claims_of(&self, gift: GiftNumber, claimers: &[ClaimantId]) -> Result<Vec<StoredClaim>> {
        let mut cmd = Cmd::new();
        cmd.arg("HMGET").arg(self.keys.gift(gift).key("claims"));
        for claimer in claimers {
            cmd.arg(claimer.to_string());
        }
        reply_values::texts(self.client.read(&cmd).await?)?.into_iter().map(record::decode_claim).collect()
    }

    async fn record_counts(&self) -> Result<RecordCounts> {
        let of_shards = |verb: &str, name: &str| {
            let keys = (0..self.shards).map(|shard| self.keys.shard(shard).key(name));
            keys.map(|key| Cmd::new().arg(verb).arg(key).to_owned()).collect::<Vec<_>>()
        };
        let of_gifts = |verb: &str, name: &str| {
            let keys = all_gift_numbers().map(|gift| self.keys.gift(gift).key(name));
            keys.map(|key| Cmd::new().arg(verb).arg(key).to_owned()).collect::<Vec<_>>()
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
        let meta = self.keys.control().key("meta");
        let started = self.client.write(Cmd::new().arg("HSETNX").arg(meta).arg(IMPORTING).arg(1)).await?;
        Ok(reply_values::number::<u8>(&started)? == 1)
    }

    async fn import(&self, entries: Vec<ExportEntry>) -> Result<()> {
        self.import_entries(&entries).await
    }

    fn batch_size(&self) -> usize {
        IMPORT_BATCH_SIZE
    }

    async fn end_import(&self) -> Result<()> {
        self.wait_for_replicas().await?;
        self.client.write(Cmd::new().arg("HDEL").arg(self.keys.control().key("meta")).arg(IMPORTING)).await?;
        Ok(())
    }

    async fn purge(&self, on_deleted: &mut (dyn FnMut(u64) + Send)) -> Result<()> {
        self.delete_personal_data(on_deleted).await?;
        self.wait_for_replicas().await
    }
}

impl RedisStore {
    /// The residents of a shard with cards on their phone, in ascending order.
    pub(super) async fn companion_holders_of(&self, shard: u16) -> Result<Vec<ResidentId>> {
        let residents = self.client.read(Cmd::new().arg("SMEMBERS").arg(self.keys.shard(shard).key("carers"))).await?;
        let resident = |value| reply_values::parse("a resident", reply_values::str(value)?);
        let mut residents = reply_values::list(residents)?.iter().map(resident).collect::<Result<Vec<ResidentId>>>()?;
        residents.sort_unstable();
        Ok(residents)
    }

    /// If writes wait for replicas, waits until they have all earlier writes: a command that changes nothing, sent to
    /// every slot, waits for the earlier writes of its node.
    async fn wait_for_replicas(&self) -> Result<()> {
        let keys: Vec<Cmd> =
            self.all_keys().into_iter().map(|key| Cmd::new().arg("PERSIST").arg(key).to_owned()).collect();
        for batch in keys.chunks(64) {
            try_join_all(batch.iter().map(|cmd| self.client.write(cmd))).await?;
        }
        Ok(())
    }

    /// The sum of numeric replies.
    async fn sum(&self, reads: &[Cmd]) -> Result<u64> {
        let mut sum = 0;
        for value in self.client.read_all(reads).await? {
            sum += reply_values::number::<u64>(&value)?;
        }
        Ok(sum)
    }

    /// Every key that does not belong to one person, except the one of format and shards.
    fn all_keys(&self) -> Vec<String> {
        let control = self.keys.control();
        let mut keys = ["now", "versions", "draft", "days", "serials", "settled", "posters"]
            .map(|name| control.key(name))
            .to_vec();
        keys.extend(["invitations", "sessions"].map(|name| self.keys.staff().key(name)));
        keys.extend(self.keys.hints().all());
        for shard in 0..self.shards {
            let of_shard = self.keys.shard(shard);
            keys.extend(["totals", "holders", "carers"].map(|name| of_shard.key(name)));
            keys.push(self.keys.log(LogId::Shard(shard)));
        }
        for gift in all_gift_numbers() {
            let of_gift = self.keys.gift(gift);
            keys.extend(["claims", "vouchers", "holds", "numbers", "log", "totals"].map(|name| of_gift.key(name)));
            keys.extend(["gone", "stock", "nonces"].map(|name| of_gift.key(name)));
        }
        keys
    }
}
