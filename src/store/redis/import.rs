//! Import: entries become commands with one key each.

use std::collections::BTreeMap;

use ::redis::Cmd;

use super::RedisStore;
use super::control::VERSION;
use crate::rules::ids::Holder;
use crate::rules::statistics::tally::Tally;
use crate::store::export::entry::ExportEntry;
use crate::store::keys::{hours, parse_holder};
use crate::store::shard::shard_of;
use crate::store::{Result, StoredClaim, record};

/// Maximum number of commands in flight.
const BATCH_SIZE: usize = 500;

/// Arguments by key and Redis command. All arguments for one key are sent in one command: separate commands may arrive
/// in any order, and log entries must keep theirs.
#[derive(Default)]
struct ImportBatch(BTreeMap<(String, &'static str), Vec<String>>);

impl ImportBatch {
    fn add<const N: usize>(&mut self, verb: &'static str, key: String, words: [String; N]) {
        self.0.entry((key, verb)).or_default().extend(words);
    }

    fn commands(self) -> Vec<Cmd> {
        self.0.into_iter().map(|((key, verb), words)| ::redis::cmd(verb).arg(key).arg(words).to_owned()).collect()
    }
}

impl RedisStore {
    pub(super) async fn import_entries(&self, entries: &[ExportEntry]) -> Result<()> {
        let mut batch = ImportBatch::default();
        for entry in entries {
            self.add_entry(&mut batch, entry)?;
        }
        let commands = batch.commands();
        for chunk in commands.chunks(BATCH_SIZE) {
            self.client.write_all(chunk).await?;
        }
        Ok(())
    }

    fn add_entry(&self, to: &mut ImportBatch, entry: &ExportEntry) -> Result<()> {
        let (control, hints) = (self.keys.control(), self.keys.hints());
        match entry {
            ExportEntry::Record { kind, key, version, value } => {
                to.add("HSET", control.records(*kind), [key.clone(), format!("{version} {value}")]);
            }
            ExportEntry::Published { record } => {
                let version = record::decode_published(record.get())?.version.to_string();
                to.add("HSET", control.key("now"), [VERSION.to_owned(), version.clone()]);
                to.add("HSET", control.key("versions"), [version, record.to_string()]);
            }
            ExportEntry::Generation { point, generation } => {
                to.add("HSET", control.key("now"), [point.to_string(), generation.to_string()]);
            }
            ExportEntry::Serials { last: 0 } => {}
            ExportEntry::Serials { last } => to.add("SET", control.key("serials"), [last.to_string()]),
            ExportEntry::Refused { what, count } => {
                to.add("HSET", hints.key("refused"), [what.to_string(), count.to_string()]);
            }
            ExportEntry::Seen { session, ms } => {
                to.add("HSET", hints.key("seen"), [session.to_string(), ms.to_string()]);
            }
            ExportEntry::Stamped { point, ms } => {
                to.add("HSET", hints.key("stamped"), [point.to_string(), ms.to_string()]);
            }
            ExportEntry::Passport { holder: name, lines } => {
                let holder = parse_holder(name)?;
                let keys = self.keys.shard(shard_of(holder, self.shards));
                to.add("SET", keys.passport(holder), [lines.join("\n")]);
                to.add("SADD", keys.key("holders"), [name.clone()]);
            }
            ExportEntry::Cards { resident, cards } => {
                let keys = self.keys.shard(shard_of(Holder::Resident(*resident), self.shards));
                for card in cards {
                    to.add("SADD", keys.companions(*resident), [card.to_string()]);
                }
                to.add("SADD", keys.key("carers"), [resident.to_string()]);
            }
            ExportEntry::Stamp { shard, fact } => to.add("RPUSH", self.keys.shard(*shard).key("log"), [fact.clone()]),
            ExportEntry::Gift { gift, stock, redeemed } => {
                let numbers = ["stock".to_owned(), stock.to_string(), "redeemed".to_owned(), redeemed.to_string()];
                to.add("HSET", self.keys.gift(*gift).key("numbers"), numbers);
            }
            ExportEntry::Gone { gift, booth } => to.add("SADD", self.keys.gift(*gift).key("gone"), [booth.to_string()]),
            ExportEntry::Claim { record } => self.add_claim(to, record::decode_claim(record.to_string())?),
            ExportEntry::ClaimStep { gift, record } => {
                let keys = self.keys.gift(*gift);
                // Every voucher of the log, because those of erased claims are found nowhere else. One that has a claim
                // is recognised by its claim first.
                let voucher = record::decode_claim_entry(record.get())?.voucher;
                to.add("SADD", keys.key("erased"), [voucher.to_string()]);
                to.add("RPUSH", keys.key("log"), [record.to_string()]);
            }
            ExportEntry::StockStep { gift, record } => {
                let keys = self.keys.gift(*gift);
                if let Some((key, content)) = record::stock_write(&record::decode_stock_entry(record.get())?)? {
                    to.add("HSET", keys.key("stock_writes"), [key, content]);
                }
                to.add("RPUSH", keys.key("stock"), [record.to_string()]);
            }
            ExportEntry::Tally { name, count } => self.add_tally(to, name, *count),
        }
        Ok(())
    }

    fn add_claim(&self, to: &mut ImportBatch, StoredClaim { claimer, claim, record }: StoredClaim) {
        let (keys, claimer) = (self.keys.gift(claim.voucher.gift()), claimer.to_string());
        if claim.active_redemption().is_none() {
            let until = claim.held_until.as_millisecond().to_string();
            to.add("ZADD", keys.key("holds"), [until, claimer.clone()]);
        }
        to.add("HSET", keys.key("vouchers"), [claim.voucher.to_string(), claimer.clone()]);
        to.add("HSET", keys.key("claims"), [claimer, record]);
    }

    /// Readers add up the counters of all shards, so shard 0 may hold all of them; a gift's counters are stored with the
    /// gift.
    fn add_tally(&self, to: &mut ImportBatch, name: &Tally, count: u64) {
        let kind = name.day().map_or_else(|| "totals".to_owned(), hours);
        if let Some(day) = name.day() {
            to.add("SADD", self.keys.control().key("days"), [day.to_string()]);
        }
        let keys = name.gift().map_or_else(|| self.keys.shard(0), |gift| self.keys.gift(gift));
        to.add("HSET", keys.key(&kind), [name.to_string(), count.to_string()]);
    }
}
