//! Moving in: entries become commands, each on one key.

use std::collections::BTreeMap;

use ::redis::Cmd;

use super::Redis;
use super::control::{VERSION, WAITS};
use crate::rules::ids::{GiftNumber, Holder};
use crate::store::archive::entry::{Entry, Record};
use crate::store::keys::{ENDED, holder_named, hours};
use crate::store::shard::shard_of;
use crate::store::{Result, StoreError, record};

/// So many commands are on their way at a time.
const AT_ONCE: usize = 500;

/// Commands on many keys, those of one key and verb gathered into one: they arrive in no order, and
/// facts have one.
#[derive(Default)]
struct Gathered(BTreeMap<(String, &'static str), Vec<String>>);

impl Gathered {
    fn add<const N: usize>(&mut self, verb: &'static str, key: String, words: [String; N]) {
        self.0.entry((key, verb)).or_default().extend(words);
    }

    fn commands(self) -> Vec<Cmd> {
        self.0.into_iter().map(|((key, verb), words)| Cmd::new().arg(verb).arg(key).arg(words).to_owned()).collect()
    }
}

impl Redis {
    pub(super) async fn put_entries(&self, entries: &[Entry]) -> Result<()> {
        let mut gathered = Gathered::default();
        for entry in entries {
            self.gather(&mut gathered, entry)?;
        }
        let commands = gathered.commands();
        for some in commands.chunks(AT_ONCE) {
            self.calls.write_all(some).await?;
        }
        Ok(())
    }

    fn gather(&self, to: &mut Gathered, entry: &Entry) -> Result<()> {
        match entry {
            Entry::Passport { holder, lines } => self.gather_passport(to, holder, lines)?,
            Entry::Cards { resident, cards } => {
                let keys = self.keys.shard(shard_of(Holder::Resident(*resident), self.shards));
                for card in cards {
                    to.add("SADD", keys.companions(*resident), [card.to_string()]);
                }
                to.add("SADD", keys.key("carers"), [resident.to_string()]);
            }
            Entry::Stamp { shard, fact } => to.add("RPUSH", self.keys.shard(*shard).key("log"), [fact.clone()]),
            Entry::Gift { .. }
            | Entry::Gone { .. }
            | Entry::Claim { .. }
            | Entry::ClaimStep { .. }
            | Entry::StockStep { .. } => self.gather_gift(to, entry)?,
            Entry::Tally { name, count } => {
                let kind = name.day().map_or_else(|| "totals".to_owned(), hours);
                if let Some(day) = name.day() {
                    to.add("SADD", self.keys.control().key("days"), [day.to_string()]);
                }
                // Counters are added up over all slots, so one may hold those of all shards; a gift's stand with it.
                let key =
                    name.gift().map_or_else(|| self.keys.shard(0).key(&kind), |gift| self.keys.gift(gift).key(&kind));
                to.add("HSET", key, [name.to_string(), count.to_string()]);
            }
            Entry::Invitation { .. } | Entry::Session { .. } => self.gather_staff(to, entry)?,
            _ => self.gather_control(to, entry)?,
        }
        Ok(())
    }

    fn gather_passport(&self, to: &mut Gathered, name: &str, lines: &[String]) -> Result<()> {
        let holder = holder_named(name).ok_or_else(|| broken("a holder cannot be read"))?;
        let keys = self.keys.shard(shard_of(holder, self.shards));
        to.add("SET", keys.passport(holder), [lines.join("\n")]);
        to.add("SADD", keys.key("holders"), [name.to_owned()]);
        Ok(())
    }

    fn gather_gift(&self, to: &mut Gathered, entry: &Entry) -> Result<()> {
        match entry {
            Entry::Gift { gift, stock, redeemed } => {
                let numbers = ["stock".to_owned(), stock.to_string(), "redeemed".to_owned(), redeemed.to_string()];
                to.add("HSET", self.keys.gift(*gift).key("numbers"), numbers);
            }
            Entry::Gone { gift, booth } => to.add("SADD", self.keys.gift(*gift).key("gone"), [booth.to_string()]),
            Entry::Claim { record } => {
                let kept = record::read_claim(record.get().to_owned())?;
                let (keys, claimer) = (self.keys.gift(kept.claim.voucher.gift()), kept.claimer.to_string());
                if kept.claim.active_redemption().is_none() {
                    let until = kept.claim.held_until.as_millisecond().to_string();
                    to.add("ZADD", keys.key("holds"), [until, claimer.clone()]);
                }
                to.add("HSET", keys.key("vouchers"), [kept.claim.voucher.to_string(), claimer.clone()]);
                to.add("HSET", keys.key("claims"), [claimer, kept.seen]);
            }
            Entry::ClaimStep { gift, record } => {
                to.add("RPUSH", self.keys.gift(*gift).key("log"), [record.get().to_owned()]);
            }
            Entry::StockStep { gift, record } => self.gather_movement(to, *gift, record)?,
            _ => return Err(broken("an entry of no gift")),
        }
        Ok(())
    }

    fn gather_movement(&self, to: &mut Gathered, gift: GiftNumber, record: &Record) -> Result<()> {
        let keys = self.keys.gift(gift);
        if let Some(nonce) = record::read_stock_fact(record.get())?.nonce {
            to.add("SADD", keys.key("nonces"), [nonce.as_str().to_owned()]);
        }
        to.add("RPUSH", keys.key("stock"), [record.get().to_owned()]);
        Ok(())
    }

    fn gather_staff(&self, to: &mut Gathered, entry: &Entry) -> Result<()> {
        let keys = self.keys.staff();
        let (key, id, record, ended) = match entry {
            Entry::Invitation { record, ended } => {
                let id = record::read_invitation(record.get())?.id.to_string();
                (keys.key("invitations"), id, record, ended)
            }
            Entry::Session { record, ended } => {
                let session = record::read_session(record.get())?;
                let begun = [session.nonce.as_str().to_owned(), session.id.to_string()];
                to.add("HSET", keys.members(&session.invitation), begun);
                (keys.key("sessions"), session.id.to_string(), record, ended)
            }
            _ => return Err(broken("an entry of no staff")),
        };
        if let Some(at) = ended {
            to.add("HSET", key.clone(), [format!("{id}{ENDED}"), at.to_string()]);
        }
        to.add("HSET", key, [id, record.get().to_owned()]);
        Ok(())
    }

    fn gather_control(&self, to: &mut Gathered, entry: &Entry) -> Result<()> {
        let (control, notes) = (self.keys.control(), self.keys.notes());
        let text = |record: &Record| record.get().to_owned();
        let (key, pair) = match entry {
            Entry::Mark { name, value } => (control.key("meta"), [format!("mark-{name}"), value.to_string()]),
            Entry::Published { record } => {
                let version = record::read_published(record.get())?.version.to_string();
                to.add("HSET", control.key("now"), [VERSION.to_owned(), version.clone()]);
                (control.key("versions"), [version, text(record)])
            }
            Entry::Generation { point, generation } => {
                (control.key("now"), [point.to_string(), generation.get().to_string()])
            }
            Entry::Waits { passport } => (control.key("now"), [format!("{WAITS}{passport}"), "1".to_owned()]),
            Entry::Poster { point, record } => (control.key("posters"), [point.to_string(), text(record)]),
            Entry::Settled { suspicion, record } => (control.key("settled"), [suspicion.to_string(), text(record)]),
            Entry::Serials { last: 0 } => return Ok(()),
            Entry::Serials { last } => {
                to.add("SET", control.key("serials"), [last.to_string()]);
                return Ok(());
            }
            Entry::Refused { what, count } => (notes.key("refused"), [what.to_string(), count.to_string()]),
            Entry::Seen { session, ms } => (notes.key("seen"), [session.to_string(), ms.to_string()]),
            Entry::Stamped { point, ms } => (notes.key("stamped"), [point.to_string(), ms.to_string()]),
            Entry::Suspicion { record } => {
                (notes.key("suspicions"), [record::read_suspicion(record.get())?.id.to_string(), text(record)])
            }
            _ => return Err(broken("an entry of no known kind")),
        };
        to.add("HSET", key, pair);
        Ok(())
    }
}

fn broken(what: &str) -> StoreError {
    StoreError::Broken(what.to_owned())
}
