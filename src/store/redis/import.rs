//! Import: entries become commands with one key each.

use std::collections::BTreeMap;

use ::redis::Cmd;

use super::RedisStore;
use super::control::{BLOCKED_PREFIX, VERSION};
use crate::rules::ids::{GiftNumber, Holder};
use crate::store::export::entry::{ExportEntry, RawRecord};
use crate::store::keys::{ENDED_SUFFIX, hours, parse_holder};
use crate::store::shard::shard_of;
use crate::store::{Result, StoreError, record};

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
        self.0.into_iter().map(|((key, verb), words)| Cmd::new().arg(verb).arg(key).arg(words).to_owned()).collect()
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
        match entry {
            ExportEntry::Passport { holder, lines } => self.add_passport(to, holder, lines)?,
            ExportEntry::Cards { resident, cards } => {
                let keys = self.keys.shard(shard_of(Holder::Resident(*resident), self.shards));
                for card in cards {
                    to.add("SADD", keys.companions(*resident), [card.to_string()]);
                }
                to.add("SADD", keys.key("carers"), [resident.to_string()]);
            }
            ExportEntry::Stamp { shard, fact } => to.add("RPUSH", self.keys.shard(*shard).key("log"), [fact.clone()]),
            ExportEntry::Gift { .. }
            | ExportEntry::Gone { .. }
            | ExportEntry::Claim { .. }
            | ExportEntry::ClaimStep { .. }
            | ExportEntry::StockStep { .. } => self.add_gift(to, entry)?,
            ExportEntry::Tally { name, count } => {
                let kind = name.day().map_or_else(|| "totals".to_owned(), hours);
                if let Some(day) = name.day() {
                    to.add("SADD", self.keys.control().key("days"), [day.to_string()]);
                }
                // Readers add up the counters of all shards, so shard 0 may hold all of them; a gift's counters are
                // stored with the gift.
                let key =
                    name.gift().map_or_else(|| self.keys.shard(0).key(&kind), |gift| self.keys.gift(gift).key(&kind));
                to.add("HSET", key, [name.to_string(), count.to_string()]);
            }
            ExportEntry::Invitation { .. } | ExportEntry::Session { .. } => self.add_staff(to, entry)?,
            _ => self.add_control(to, entry)?,
        }
        Ok(())
    }

    fn add_passport(&self, to: &mut ImportBatch, name: &str, lines: &[String]) -> Result<()> {
        let holder = parse_holder(name).ok_or_else(|| broken("a holder cannot be read"))?;
        let keys = self.keys.shard(shard_of(holder, self.shards));
        to.add("SET", keys.passport(holder), [lines.join("\n")]);
        to.add("SADD", keys.key("holders"), [name.to_owned()]);
        Ok(())
    }

    fn add_gift(&self, to: &mut ImportBatch, entry: &ExportEntry) -> Result<()> {
        match entry {
            ExportEntry::Gift { gift, stock, redeemed } => {
                let numbers = ["stock".to_owned(), stock.to_string(), "redeemed".to_owned(), redeemed.to_string()];
                to.add("HSET", self.keys.gift(*gift).key("numbers"), numbers);
            }
            ExportEntry::Gone { gift, booth } => to.add("SADD", self.keys.gift(*gift).key("gone"), [booth.to_string()]),
            ExportEntry::Claim { record } => {
                let stored = record::decode_claim(record.get().to_owned())?;
                let (keys, claimer) = (self.keys.gift(stored.claim.voucher.gift()), stored.claimer.to_string());
                if stored.claim.active_redemption().is_none() {
                    let until = stored.claim.held_until.as_millisecond().to_string();
                    to.add("ZADD", keys.key("holds"), [until, claimer.clone()]);
                }
                to.add("HSET", keys.key("vouchers"), [stored.claim.voucher.to_string(), claimer.clone()]);
                to.add("HSET", keys.key("claims"), [claimer, stored.record]);
            }
            ExportEntry::ClaimStep { gift, record } => {
                to.add("RPUSH", self.keys.gift(*gift).key("log"), [record.get().to_owned()]);
            }
            ExportEntry::StockStep { gift, record } => self.add_movement(to, *gift, record)?,
            _ => return Err(broken("an entry that belongs to no gift")),
        }
        Ok(())
    }

    fn add_movement(&self, to: &mut ImportBatch, gift: GiftNumber, record: &RawRecord) -> Result<()> {
        let keys = self.keys.gift(gift);
        if let Some(nonce) = record::decode_stock_entry(record.get())?.nonce {
            to.add("SADD", keys.key("nonces"), [nonce.as_str().to_owned()]);
        }
        to.add("RPUSH", keys.key("stock"), [record.get().to_owned()]);
        Ok(())
    }

    fn add_staff(&self, to: &mut ImportBatch, entry: &ExportEntry) -> Result<()> {
        let keys = self.keys.staff();
        let (key, id, record, ended) = match entry {
            ExportEntry::Invitation { record, ended } => {
                let id = record::decode_invitation(record.get())?.id.to_string();
                (keys.key("invitations"), id, record, ended)
            }
            ExportEntry::Session { record, ended } => {
                let session = record::decode_session(record.get())?;
                let by_nonce = [session.nonce.as_str().to_owned(), session.id.to_string()];
                to.add("HSET", keys.members(&session.invitation), by_nonce);
                (keys.key("sessions"), session.id.to_string(), record, ended)
            }
            _ => return Err(broken("an entry that belongs to no staff")),
        };
        if let Some(at) = ended {
            to.add("HSET", key.clone(), [format!("{id}{ENDED_SUFFIX}"), at.to_string()]);
        }
        to.add("HSET", key, [id, record.get().to_owned()]);
        Ok(())
    }

    fn add_control(&self, to: &mut ImportBatch, entry: &ExportEntry) -> Result<()> {
        let (control, hints) = (self.keys.control(), self.keys.hints());
        let text = |record: &RawRecord| record.get().to_owned();
        let (key, pair) = match entry {
            ExportEntry::Mark { name, value } => (control.key("meta"), [format!("mark-{name}"), value.to_string()]),
            ExportEntry::Published { record } => {
                let version = record::decode_published(record.get())?.version.to_string();
                to.add("HSET", control.key("now"), [VERSION.to_owned(), version.clone()]);
                (control.key("versions"), [version, text(record)])
            }
            ExportEntry::Generation { point, generation } => {
                (control.key("now"), [point.to_string(), generation.get().to_string()])
            }
            ExportEntry::Waits { passport } => {
                (control.key("now"), [format!("{BLOCKED_PREFIX}{passport}"), "1".to_owned()])
            }
            ExportEntry::Poster { point, record } => (control.key("posters"), [point.to_string(), text(record)]),
            ExportEntry::Settled { suspicion, record } => {
                (control.key("settled"), [suspicion.to_string(), text(record)])
            }
            ExportEntry::Serials { last: 0 } => return Ok(()),
            ExportEntry::Serials { last } => {
                to.add("SET", control.key("serials"), [last.to_string()]);
                return Ok(());
            }
            ExportEntry::Refused { what, count } => (hints.key("refused"), [what.to_string(), count.to_string()]),
            ExportEntry::Seen { session, ms } => (hints.key("seen"), [session.to_string(), ms.to_string()]),
            ExportEntry::Stamped { point, ms } => (hints.key("stamped"), [point.to_string(), ms.to_string()]),
            ExportEntry::Suspicion { record } => {
                (hints.key("suspicions"), [record::decode_suspicion(record.get())?.id.to_string(), text(record)])
            }
            _ => return Err(broken("an unknown kind of entry")),
        };
        to.add("HSET", key, pair);
        Ok(())
    }
}

fn broken(what: &str) -> StoreError {
    StoreError::Broken(what.to_owned())
}
