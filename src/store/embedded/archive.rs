//! Moving out and in.

use std::collections::BTreeMap;

use async_trait::async_trait;
use redb::{ReadTransaction, ReadableTable, ReadableTableMetadata};

use super::super::archive::entry::{Entry, Record};
use super::super::archive::walk::all_gifts;
use super::super::archive::{Archive, Counts};
use super::super::keys::holder_named;
use super::super::{KeptClaim, Log, Result, StoreError, record};
use super::gifts::place_claim;
use super::reads::unreadable;
use super::tables::{
    CLAIMS, COMPANIONS, FACTS, GIFTS, JOURNAL, META, PASSPORTS, Step, Tables, holder_key, log_key, rows,
};
use super::tables::{TALLIES_BY_HOUR, TALLIES_IN_ALL};
use super::{Embedded, IMPORTING, purge, reads};
use crate::rules::ids::{CardSerial, ClaimantId, GiftNumber, Holder, ResidentId};
use crate::rules::passport::Passport;
use crate::rules::tally::TallyPeriod;

/// What stands before the name of a mark.
const MARK: &str = "mark-";

/// So many entries share a commit.
const BATCH: usize = 50_000;

#[async_trait]
impl Archive for Embedded {
    async fn is_empty(&self) -> Result<bool> {
        // Format and shards are written when the database is made.
        self.core.read(|snapshot| Ok(rows(snapshot)? == 2)).await
    }

    async fn marks(&self) -> Result<BTreeMap<String, u64>> {
        self.core.read(marks).await
    }

    async fn last_serial(&self) -> Result<u64> {
        self.core.read(|snapshot| Ok(snapshot.open_table(META)?.get("serials")?.map_or(0, |last| last.value()))).await
    }

    async fn holders(&self, shard: u16) -> Result<Vec<Holder>> {
        self.core.read(move |snapshot| holders(snapshot, shard)).await
    }

    async fn passports(&self, _shard: u16, holders: &[Holder]) -> Result<Vec<Passport>> {
        let keys: Vec<_> = holders.iter().map(|holder| holder_key(*holder, self.core.shards)).collect();
        self.core.read(move |snapshot| passports(snapshot, &keys)).await
    }

    async fn carers(&self) -> Result<BTreeMap<u16, Vec<ResidentId>>> {
        let shards = self.core.shards;
        let mut by_shard: BTreeMap<u16, Vec<ResidentId>> = BTreeMap::new();
        for carer in self.core.read(carers).await? {
            by_shard.entry(super::shard_of(Holder::Resident(carer), shards)).or_default().push(carer);
        }
        Ok(by_shard)
    }

    async fn cards(&self, _shard: u16, residents: &[ResidentId]) -> Result<Vec<Vec<CardSerial>>> {
        let residents = residents.to_vec();
        self.core.read(move |snapshot| residents.iter().map(|id| reads::companions(snapshot, *id)).collect()).await
    }

    async fn numbers(&self, gift: GiftNumber) -> Result<Option<(u32, u32)>> {
        let read = move |snapshot: &ReadTransaction| {
            Ok(snapshot.open_table(GIFTS)?.get(gift.get())?.map(|numbers| numbers.value()))
        };
        self.core.read(read).await
    }

    async fn claimers(&self, gift: GiftNumber) -> Result<Vec<ClaimantId>> {
        self.core.read(move |snapshot| claimers(snapshot, gift)).await
    }

    async fn claims_of(&self, gift: GiftNumber, claimers: &[ClaimantId]) -> Result<Vec<KeptClaim>> {
        let of: Vec<_> = claimers.iter().map(|claimer| (gift, *claimer)).collect();
        let claims = self.core.read(move |snapshot| reads::claims(snapshot, &of)).await?;
        let missing = || StoreError::Broken("a claim is gone that was there".to_owned());
        claims.into_iter().map(|kept| kept.ok_or_else(missing)).collect()
    }

    async fn counts(&self) -> Result<Counts> {
        let shards = self.core.shards;
        self.core.read(move |snapshot| counts(snapshot, shards)).await
    }

    async fn begin_import(&self) -> Result<bool> {
        self.core
            .write(|tables| {
                let begun = tables.meta.edit()?.insert(IMPORTING, 1)?.is_some();
                Ok(!begun)
            })
            .await
    }

    async fn put(&self, entries: Vec<Entry>) -> Result<()> {
        let shards = self.core.shards;
        self.core.write(move |tables| entries.iter().try_for_each(|entry| put(tables, entry, shards))).await
    }

    fn batch(&self) -> usize {
        BATCH
    }

    async fn end_import(&self) -> Result<()> {
        self.core
            .write(|tables| {
                tables.meta.edit()?.remove(IMPORTING)?;
                Ok(())
            })
            .await
    }

    async fn purge(&self, done: &mut (dyn FnMut(u64) + Send)) -> Result<()> {
        purge::purge(&self.core, done).await
    }
}

fn marks(snapshot: &ReadTransaction) -> Step<BTreeMap<String, u64>> {
    let mut marks = BTreeMap::new();
    for row in snapshot.open_table(META)?.iter()? {
        let (name, value) = row?;
        if let Some(name) = name.value().strip_prefix(MARK) {
            marks.insert(name.to_owned(), value.value());
        }
    }
    Ok(marks)
}

fn holders(snapshot: &ReadTransaction, shard: u16) -> Step<Vec<Holder>> {
    let edge = |byte: u8| {
        let mut key = [byte; 19];
        key[..2].copy_from_slice(&shard.to_be_bytes());
        key
    };
    let mut holders = Vec::new();
    for row in snapshot.open_table(PASSPORTS)?.range::<&[u8; 19]>(&edge(0)..=&edge(0xFF))? {
        let (key, _) = row?;
        let mut id = [0; 16];
        id.copy_from_slice(&key.value()[3..]);
        if key.value()[2] == b'r' {
            holders.push(Holder::Resident(ResidentId::new(id)));
        } else {
            let serial = u64::try_from(u128::from_be_bytes(id)).unwrap_or(u64::MAX);
            holders.push(Holder::Paper(CardSerial::try_from(serial).map_err(unreadable)?));
        }
    }
    Ok(holders)
}

fn passports(snapshot: &ReadTransaction, keys: &[[u8; 19]]) -> Step<Vec<Passport>> {
    let table = snapshot.open_table(PASSPORTS)?;
    let missing = || StoreError::Broken("a passport is gone that was there".to_owned());
    let read = |key: &[u8; 19]| Ok(record::read_passport(table.get(key)?.ok_or_else(missing)?.value())?);
    keys.iter().map(read).collect()
}

fn carers(snapshot: &ReadTransaction) -> Step<Vec<ResidentId>> {
    let mut carers = Vec::new();
    for row in snapshot.open_table(COMPANIONS)?.iter()? {
        let resident = ResidentId::new(*row?.0.value().0);
        if carers.last() != Some(&resident) {
            carers.push(resident);
        }
    }
    Ok(carers)
}

fn claimers(snapshot: &ReadTransaction, gift: GiftNumber) -> Step<Vec<ClaimantId>> {
    let claims = snapshot.open_table(CLAIMS)?;
    let all = (gift.get(), &[0; 16])..=(gift.get(), &[0xFF; 16]);
    claims.range(all)?.map(|row| Ok(ClaimantId::new(*row?.0.value().1))).collect()
}

fn counts(snapshot: &ReadTransaction, shards: u16) -> Step<Counts> {
    let facts = snapshot.open_table(FACTS)?;
    let logged = |log: Log| -> Step<u64> {
        let key = log_key(log);
        let mut range = facts.range((key, 0)..=(key, u64::MAX))?;
        let first = range.next().transpose()?.map(|row| row.0.value().1);
        let last = range.next_back().transpose()?.map(|row| row.0.value().1);
        Ok(first.map_or(0, |first| last.unwrap_or(first) - first + 1))
    };
    let (mut stamps, mut steps, mut movements) = (snapshot.open_table(JOURNAL)?.len()?, 0, 0);
    for shard in 0..shards {
        stamps += logged(Log::Shard(shard))?;
    }
    for gift in all_gifts() {
        steps += logged(Log::Gift(gift))?;
        movements += logged(Log::Stock(gift))?;
    }
    let tallies = snapshot.open_table(TALLIES_IN_ALL)?.len()? + snapshot.open_table(TALLIES_BY_HOUR)?.len()?;
    Ok(Counts {
        passports: snapshot.open_table(PASSPORTS)?.len()?,
        phones: carers(snapshot)?.len() as u64,
        stamps,
        claims: snapshot.open_table(CLAIMS)?.len()?,
        steps,
        movements,
        tallies,
    })
}

fn put(tables: &mut Tables<'_>, entry: &Entry, shards: u16) -> Step<()> {
    match entry {
        Entry::Mark { name, value } => {
            tables.meta.edit()?.insert(format!("{MARK}{name}").as_str(), value)?;
        }
        Entry::Published { record } => {
            let version = record::read_published(record.get())?.version;
            tables.published.edit()?.insert(version, record.get())?;
            tables.meta.edit()?.insert("version", version)?;
        }
        Entry::Generation { point, generation } => {
            tables.generations.edit()?.insert(point.get(), generation.get())?;
        }
        Entry::Serials { last: 0 } => {}
        Entry::Serials { last } => drop(tables.meta.edit()?.insert("serials", last)?),
        Entry::Passport { holder, lines } => {
            let holder =
                holder_named(holder).ok_or_else(|| StoreError::Broken("a holder cannot be read".to_owned()))?;
            tables.passports.edit()?.insert(&holder_key(holder, shards), lines.join("\n").as_str())?;
        }
        Entry::Cards { resident, cards } => {
            for card in cards {
                tables.companions.edit()?.insert((resident.bytes(), card.get()), ())?;
            }
        }
        Entry::Stamp { shard, fact } => tables.append(log_key(Log::Shard(*shard)), [fact.as_str()])?,
        Entry::Gift { gift, stock, redeemed } => {
            tables.gifts.edit()?.insert(gift.get(), (*stock, *redeemed))?;
        }
        Entry::Gone { gift, booth } => drop(tables.gone_here.edit()?.insert((gift.get(), booth.as_str()), ())?),
        Entry::Claim { record } => place_claim(tables, &record::read_claim(record.get().to_owned())?)?,
        Entry::ClaimStep { gift, record } => tables.log(Log::Gift(*gift), record.get())?,
        Entry::StockStep { gift, record } => put_movement(tables, *gift, record)?,
        Entry::Tally { name, count } => {
            let table = match name.period() {
                TallyPeriod::AllTime => tables.tallies_in_all.edit()?,
                TallyPeriod::ByHour => tables.tallies_by_hour.edit()?,
            };
            table.insert(name.to_string().as_str(), count)?;
        }
        _ => put_words(tables, entry)?,
    }
    Ok(())
}

fn put_movement(tables: &mut Tables<'_>, gift: GiftNumber, record: &Record) -> Step<()> {
    tables.log(Log::Stock(gift), record.get())?;
    if let Some(nonce) = record::read_stock_fact(record.get())?.nonce {
        tables.restocks.edit()?.insert((gift.get(), nonce.as_str()), ())?;
    }
    Ok(())
}

/// Those of staff, suspicions and notes.
fn put_words(tables: &mut Tables<'_>, entry: &Entry) -> Step<()> {
    match entry {
        Entry::Waits { passport } => drop(tables.waiting.edit()?.insert(passport.as_str(), ())?),
        Entry::Poster { point, record } => drop(tables.posters.edit()?.insert(point.get(), record.get())?),
        Entry::Settled { suspicion, record } => {
            tables.settled.edit()?.insert(suspicion.to_string().as_str(), record.get())?;
        }
        Entry::Invitation { record, ended } => {
            let id = record::read_invitation(record.get())?.id;
            tables.invitations.edit()?.insert(id.as_str(), record.get())?;
            if let Some(at) = ended {
                tables.ended_invitations.edit()?.insert(id.as_str(), at.to_string().as_str())?;
            }
        }
        Entry::Session { record, ended } => {
            let session = record::read_session(record.get())?;
            let id = session.id.as_str();
            tables.sessions.edit()?.insert(id, record.get())?;
            tables.accepted.edit()?.insert((session.invitation.as_str(), session.nonce.as_str()), id)?;
            if let Some(at) = ended {
                tables.ended_sessions.edit()?.insert(id, at.to_string().as_str())?;
            }
        }
        Entry::Refused { what, count } => drop(tables.refused.edit()?.insert(what.to_string().as_str(), count)?),
        Entry::Seen { session, ms } => drop(tables.seen.edit()?.insert(session.as_str(), ms)?),
        Entry::Stamped { point, ms } => drop(tables.stamped.edit()?.insert(point.get(), ms)?),
        Entry::Suspicion { record } => {
            let id = record::read_suspicion(record.get())?.id;
            tables.suspicions.edit()?.insert(id.to_string().as_str(), record.get())?;
        }
        _ => return Err(StoreError::Broken(format!("an entry of no known kind: {}", entry.kind())).into()),
    }
    Ok(())
}
