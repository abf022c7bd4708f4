//! Counters, summed over all shards and gifts, and logs.
//!
//! Hourly counters are stored by day, so that reading today reads only today. A set holds the days that have
//! counters; each process adds a day before it increments its first counter of that day.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::PoisonError;

use ::redis::{Cmd, Value};
use async_trait::async_trait;

use super::{RedisStore, reply_values};
use crate::rules::ids::GiftNumber;
use crate::rules::statistics::tally::{LocalDay, Tally, TallyPeriod};
use crate::store::export::traversal::all_gift_numbers;
use crate::store::keys::hours;
use crate::store::{CounterStore, LogId, Result, StoreError};

#[async_trait]
impl CounterStore for RedisStore {
    async fn tallies(&self, period: TallyPeriod) -> Result<BTreeMap<Tally, u64>> {
        if period == TallyPeriod::ByHour {
            return self.hourly_tallies(None).await;
        }
        let mut sums = CounterSums::default();
        self.add_counters("totals", &mut sums).await?;
        sums.into_tallies(None)
    }

    async fn tallies_since(&self, day: LocalDay) -> Result<BTreeMap<Tally, u64>> {
        self.hourly_tallies(Some(day)).await
    }

    /// Reads from each shard, and from each gift, only the counters that belong to it.
    async fn tallies_of(&self, names: &[Tally]) -> Result<BTreeMap<Tally, u64>> {
        let mut by_gift: BTreeMap<Option<GiftNumber>, Vec<&Tally>> = BTreeMap::new();
        for name in names {
            by_gift.entry(name.gift()).or_default().push(name);
        }
        let (mut reads, mut gifts) = (Vec::new(), Vec::new());
        for (gift, names) in &by_gift {
            let keys = match gift {
                Some(gift) => vec![self.keys.gift(*gift).key("totals")],
                None => (0..self.shards).map(|shard| self.keys.shard(shard).key("totals")).collect(),
            };
            for key in keys {
                let names = names.iter().map(ToString::to_string).collect::<Vec<_>>();
                reads.push(Cmd::hmget(key, names));
                gifts.push(gift);
            }
        }
        let mut tallies: BTreeMap<Tally, u64> = BTreeMap::new();
        let counts: Vec<Vec<Option<u64>>> = self.client.read_all(&reads).await?;
        for (gift, counts) in gifts.into_iter().zip(counts) {
            for (name, count) in by_gift[gift].iter().zip(counts) {
                if let Some(count) = count {
                    *tallies.entry((*name).clone()).or_default() += count;
                }
            }
        }
        Ok(tallies)
    }

    fn shards(&self) -> u16 {
        self.shards
    }

    async fn log_entries(&self, log: LogId, from: u64, limit: u32) -> Result<Vec<String>> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let mut cmd = ::redis::cmd("LRANGE");
        cmd.arg(self.keys.log(log)).arg(from).arg(from.saturating_add(u64::from(limit) - 1));
        self.client.read(&cmd).await
    }
}

impl RedisStore {
    /// Must be called before a counter of a day is incremented: counters of an unregistered day would never be found.
    pub(super) async fn register_day(&self, day: LocalDay) -> Result<()> {
        if self.known_days().contains(&day) {
            return Ok(());
        }
        let key = self.keys.control().key("days");
        self.client.write::<()>(&Cmd::sadd(key, day.to_string())).await?;
        self.known_days().insert(day);
        Ok(())
    }

    /// The days that this process registered.
    fn known_days(&self) -> std::sync::MutexGuard<'_, BTreeSet<LocalDay>> {
        self.days.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn counted_days(&self) -> Result<Vec<LocalDay>> {
        let days = Cmd::smembers(self.keys.control().key("days"));
        reply_values::sorted("a day", self.client.read(&days).await?)
    }

    /// Reads one day after the other, so that check-ins are served in between.
    async fn hourly_tallies(&self, since: Option<LocalDay>) -> Result<BTreeMap<Tally, u64>> {
        let mut sums = CounterSums::default();
        for day in self.counted_days().await?.into_iter().filter(|day| since.is_none_or(|since| *day >= since)) {
            self.add_counters(&hours(day), &mut sums).await?;
        }
        sums.into_tallies(since)
    }

    async fn add_counters(&self, name: &str, sums: &mut CounterSums) -> Result<()> {
        let shards = (0..self.shards).map(|shard| self.keys.shard(shard).key(name));
        let keys = shards.chain(all_gift_numbers().map(|gift| self.keys.gift(gift).key(name)));
        let reads: Vec<Cmd> = keys.map(Cmd::hgetall).collect();
        let replies = self.client.read_all(&reads).await?;
        // Tens of thousands of small texts would block a thread that serves requests.
        let before = std::mem::take(sums);
        let added = tokio::task::spawn_blocking(move || before.with(replies)).await;
        *sums = added.map_err(|error| StoreError::Unavailable(error.to_string()))??;
        Ok(())
    }
}

/// The counters read so far. Every shard returns the same names, so names are parsed once, at the end.
#[derive(Default)]
struct CounterSums(HashMap<String, u64>);

impl CounterSums {
    fn with(mut self, read: Vec<Value>) -> Result<CounterSums> {
        for sums in read {
            for (name, count) in reply_values::decode::<Vec<(String, u64)>>(sums)? {
                *self.0.entry(name).or_default() += count;
            }
        }
        Ok(self)
    }

    fn into_tallies(self, since: Option<LocalDay>) -> Result<BTreeMap<Tally, u64>> {
        let mut tallies = BTreeMap::new();
        for (name, count) in self.0 {
            let tally: Tally = reply_values::parse("a tally", &name)?;
            if since.is_none_or(|since| tally.day().is_some_and(|day| day >= since)) {
                tallies.insert(tally, count);
            }
        }
        Ok(tallies)
    }
}
