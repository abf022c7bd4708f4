//! Moving out and in: what is read, and the marks at both ends.

use std::collections::BTreeMap;

use ::redis::{Cmd, Value};
use async_trait::async_trait;
use futures_util::future::try_join_all;

use super::{IMPORTING, Redis, reply};
use crate::rules::ids::{CardSerial, ClaimantId, GiftNumber, Holder, ResidentId};
use crate::rules::passport::Passport;
use crate::store::archive::entry::{Entry, holder_order};
use crate::store::archive::walk::all_gifts;
use crate::store::archive::{Archive, Counts};
use crate::store::keys::{holder_named, hours};
use crate::store::{KeptClaim, Log, Result, StoreError, record};

/// So many entries are put at a time.
const BATCH: usize = 5000;

/// So many claims are scanned at a time.
const SCANNED: usize = 2000;

/// What stands before the name of a mark.
const MARK: &str = "mark-";

#[async_trait]
impl Archive for Redis {
    async fn is_empty(&self) -> Result<bool> {
        let meta = self.keys.control().key("meta");
        let mut reads = vec![Cmd::new().arg("HLEN").arg(meta).to_owned()];
        reads.extend(self.all_keys().into_iter().map(|key| Cmd::new().arg("EXISTS").arg(key).to_owned()));
        // Format and shards are written when the store is opened first.
        Ok(self.sum(&reads).await? <= 2)
    }

    async fn marks(&self) -> Result<BTreeMap<String, u64>> {
        let meta = self.calls.read(Cmd::new().arg("HGETALL").arg(self.keys.control().key("meta"))).await?;
        let marks = reply::pairs(meta)?.into_iter();
        let marks = marks.filter_map(|(name, value)| Some((name.strip_prefix(MARK)?.to_owned(), value)));
        marks.map(|(name, value)| Ok((name, reply::parsed("a mark", &value)?))).collect()
    }

    async fn last_serial(&self) -> Result<u64> {
        let last = self.calls.read(Cmd::new().arg("GET").arg(self.keys.control().key("serials"))).await?;
        reply::maybe_text(last)?.map_or(Ok(0), |last| reply::parsed("a serial", &last))
    }

    async fn holders(&self, shard: u16) -> Result<Vec<Holder>> {
        let holders = self.calls.read(Cmd::new().arg("SMEMBERS").arg(self.keys.shard(shard).key("holders"))).await?;
        let holder = |value| {
            let missing = || StoreError::Broken("a holder cannot be read".to_owned());
            holder_named(reply::str(value)?).ok_or_else(missing)
        };
        let mut holders = reply::list(holders)?.iter().map(holder).collect::<Result<Vec<_>>>()?;
        holders.sort_unstable_by_key(|holder| holder_order(*holder));
        Ok(holders)
    }

    async fn passports(&self, shard: u16, holders: &[Holder]) -> Result<Vec<Passport>> {
        let keys = self.keys.shard(shard);
        let read = |holder: &Holder| Cmd::new().arg("GET").arg(keys.passport(*holder)).to_owned();
        let reads: Vec<Cmd> = holders.iter().map(read).collect();
        let passport = |kept: Value| {
            let missing = || StoreError::Broken("a passport is gone that was there".to_owned());
            record::read_passport(reply::maybe_str(&kept)?.ok_or_else(missing)?)
        };
        self.calls.read_all(&reads).await?.into_iter().map(passport).collect()
    }

    async fn carers(&self) -> Result<BTreeMap<u16, Vec<ResidentId>>> {
        let mut by_shard = BTreeMap::new();
        for shard in 0..self.shards {
            by_shard.insert(shard, self.carers_of(shard).await?);
        }
        Ok(by_shard)
    }

    async fn cards(&self, shard: u16, residents: &[ResidentId]) -> Result<Vec<Vec<CardSerial>>> {
        let keys = self.keys.shard(shard);
        let reads: Vec<Cmd> =
            residents.iter().map(|id| Cmd::new().arg("SMEMBERS").arg(keys.companions(*id)).to_owned()).collect();
        let cards = |value: Value| {
            let card = |value| reply::parsed("a serial", reply::str(value)?);
            let mut cards = reply::list(value)?.iter().map(card).collect::<Result<Vec<CardSerial>>>()?;
            cards.sort_unstable();
            Ok(cards)
        };
        self.calls.read_all(&reads).await?.into_iter().map(cards).collect()
    }

    async fn numbers(&self, gift: GiftNumber) -> Result<Option<(u32, u32)>> {
        let mut cmd = Cmd::new();
        cmd.arg("HMGET").arg(self.keys.gift(gift).key("numbers")).arg("stock").arg("redeemed");
        let [stock, redeemed] = reply::exactly(self.calls.read(&cmd).await?)?;
        let Some(stock) = reply::maybe_text(stock)? else {
            return Ok(None);
        };
        let redeemed = reply::maybe_text(redeemed)?.map_or(Ok(0), |text| reply::parsed("a count", &text))?;
        Ok(Some((reply::parsed("a count", &stock)?, redeemed)))
    }

    async fn claimers(&self, gift: GiftNumber) -> Result<Vec<ClaimantId>> {
        // By the vouchers, which are shorter than the claims: each claim has one. In parts, because there
        // may be half a million; a scan may tell one twice.
        let key = self.keys.gift(gift).key("vouchers");
        let (mut claimers, mut cursor) = (Vec::new(), "0".to_owned());
        loop {
            let mut cmd = Cmd::new();
            cmd.arg("HSCAN").arg(&key).arg(&cursor).arg("COUNT").arg(SCANNED);
            let [next, some] = reply::exactly(self.calls.read(&cmd).await?)?;
            for (_, claimer) in reply::pairs(some)? {
                claimers.push(reply::parsed::<ClaimantId>("a claimer", &claimer)?);
            }
            cursor = reply::text(next)?;
            if cursor == "0" {
                claimers.sort_unstable();
                claimers.dedup();
                return Ok(claimers);
            }
        }
    }

    async fn claims_of(&self, gift: GiftNumber, claimers: &[ClaimantId]) -> Result<Vec<KeptClaim>> {
        let mut cmd = Cmd::new();
        cmd.arg("HMGET").arg(self.keys.gift(gift).key("claims"));
        for claimer in claimers {
            cmd.arg(claimer.to_string());
        }
        reply::texts(self.calls.read(&cmd).await?)?.into_iter().map(record::read_claim).collect()
    }

    async fn counts(&self) -> Result<Counts> {
        let of_shards = |verb: &str, name: &str| {
            let keys = (0..self.shards).map(|shard| self.keys.shard(shard).key(name));
            keys.map(|key| Cmd::new().arg(verb).arg(key).to_owned()).collect::<Vec<_>>()
        };
        let of_gifts = |verb: &str, name: &str| {
            let keys = all_gifts().map(|gift| self.keys.gift(gift).key(name));
            keys.map(|key| Cmd::new().arg(verb).arg(key).to_owned()).collect::<Vec<_>>()
        };
        let mut tallies = of_shards("HLEN", "totals");
        tallies.extend(of_gifts("HLEN", "totals"));
        for name in self.counted_days().await?.into_iter().map(hours) {
            tallies.extend(of_shards("HLEN", &name));
            tallies.extend(of_gifts("HLEN", &name));
        }
        Ok(Counts {
            passports: self.sum(&of_shards("SCARD", "holders")).await?,
            phones: self.sum(&of_shards("SCARD", "carers")).await?,
            stamps: self.sum(&of_shards("LLEN", "log")).await?,
            claims: self.sum(&of_gifts("HLEN", "claims")).await?,
            steps: self.sum(&of_gifts("LLEN", "log")).await?,
            movements: self.sum(&of_gifts("LLEN", "stock")).await?,
            tallies: self.sum(&tallies).await?,
        })
    }

    async fn begin_import(&self) -> Result<bool> {
        let meta = self.keys.control().key("meta");
        let begun = self.calls.write(Cmd::new().arg("HSETNX").arg(meta).arg(IMPORTING).arg(1)).await?;
        Ok(reply::number::<u8>(&begun)? == 1)
    }

    async fn put(&self, entries: Vec<Entry>) -> Result<()> {
        self.put_entries(&entries).await
    }

    fn batch(&self) -> usize {
        BATCH
    }

    async fn end_import(&self) -> Result<()> {
        self.wait_for_replicas().await?;
        self.calls.write(Cmd::new().arg("HDEL").arg(self.keys.control().key("meta")).arg(IMPORTING)).await?;
        Ok(())
    }

    async fn purge(&self, done: &mut (dyn FnMut(u64) + Send)) -> Result<()> {
        self.forget_people(done).await?;
        self.wait_for_replicas().await
    }
}

impl Redis {
    /// Who of a shard has cards on the phone, in ascending order.
    pub(super) async fn carers_of(&self, shard: u16) -> Result<Vec<ResidentId>> {
        let carers = self.calls.read(Cmd::new().arg("SMEMBERS").arg(self.keys.shard(shard).key("carers"))).await?;
        let resident = |value| reply::parsed("a resident", reply::str(value)?);
        let mut carers = reply::list(carers)?.iter().map(resident).collect::<Result<Vec<ResidentId>>>()?;
        carers.sort_unstable();
        Ok(carers)
    }

    /// Waits, where answers wait for replicas, until they have all that was written before: a command
    /// that changes nothing, in every slot, waits for what its node wrote so far.
    async fn wait_for_replicas(&self) -> Result<()> {
        let keys: Vec<Cmd> =
            self.all_keys().into_iter().map(|key| Cmd::new().arg("PERSIST").arg(key).to_owned()).collect();
        for some in keys.chunks(64) {
            try_join_all(some.iter().map(|cmd| self.calls.write(cmd))).await?;
        }
        Ok(())
    }

    /// What numbers add up to.
    async fn sum(&self, reads: &[Cmd]) -> Result<u64> {
        let mut sum = 0;
        for value in self.calls.read_all(reads).await? {
            sum += reply::number::<u64>(&value)?;
        }
        Ok(sum)
    }

    /// Every key that is not one person's, except that of format and shards.
    fn all_keys(&self) -> Vec<String> {
        let control = self.keys.control();
        let mut keys = ["now", "versions", "draft", "days", "serials", "settled", "posters"]
            .map(|name| control.key(name))
            .to_vec();
        keys.extend(["invitations", "sessions"].map(|name| self.keys.staff().key(name)));
        keys.extend(self.keys.notes().all());
        for shard in 0..self.shards {
            let of_shard = self.keys.shard(shard);
            keys.extend(["totals", "holders", "carers"].map(|name| of_shard.key(name)));
            keys.push(self.keys.log(Log::Shard(shard)));
        }
        for gift in all_gifts() {
            let of_gift = self.keys.gift(gift);
            keys.extend(["claims", "vouchers", "holds", "numbers", "log", "totals"].map(|name| of_gift.key(name)));
            keys.extend(["gone", "stock", "nonces"].map(|name| of_gift.key(name)));
        }
        keys
    }
}
