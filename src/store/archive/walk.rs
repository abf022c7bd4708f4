//! Reads a whole store in the one order, a bounded part at a time.

use std::io;

use super::entry::{Entry, passport_lines, raw};
use super::{Archive, Counts};
use crate::rules::ids::{GiftNumber, PointNumber};
use crate::rules::tally::TallyPeriod;
use crate::store::keys::holder_name;
use crate::store::{Log, Result, StoreError, record};

/// How many facts, passports or claims are read at a time.
const PART: usize = 1000;

/// Why a walk broke off.
#[derive(Debug, thiserror::Error)]
pub enum Broke {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was read could not be written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Somebody wrote to the store meanwhile.
    #[error("the store changed while it was read")]
    Changed,
}

/// Gives every entry of a store to `take`, in order.
///
/// # Errors
/// A store that fails or changes meanwhile; what `take` says.
pub async fn walk<F>(store: &dyn Archive, mut take: F) -> std::result::Result<(), Broke>
where
    F: FnMut(Vec<Entry>) -> io::Result<()> + Send,
{
    let before = census(store).await?;
    take(head(store).await?)?;
    let mut carers = store.carers().await?;
    for shard in 0..store.shards() {
        let holders = store.holders(shard).await?;
        for some in holders.chunks(PART) {
            let passports = store.passports(shard, some).await?;
            let entry =
                |(holder, passport)| Entry::Passport { holder: holder_name(holder), lines: passport_lines(&passport) };
            take(some.iter().copied().zip(passports).map(entry).collect())?;
        }
        for some in carers.remove(&shard).unwrap_or_default().chunks(PART) {
            let cards = store.cards(shard, some).await?;
            take(
                some.iter().zip(cards).map(|(resident, cards)| Entry::Cards { resident: *resident, cards }).collect(),
            )?;
        }
        log(store, Log::Shard(shard), |fact| Ok(Entry::Stamp { shard, fact }), &mut take).await?;
    }
    for gift in all_gifts() {
        of_gift(store, gift, &mut take).await?;
    }
    take(tallies(store).await?)?;
    if census(store).await? == before { Ok(()) } else { Err(Broke::Changed) }
}

/// Every gift that there can be.
pub fn all_gifts() -> impl Iterator<Item = GiftNumber> + Send {
    GiftNumber::RANGE.filter_map(|gift| GiftNumber::try_from(u64::from(gift)).ok())
}

async fn of_gift<F>(store: &dyn Archive, gift: GiftNumber, take: &mut F) -> std::result::Result<(), Broke>
where
    F: FnMut(Vec<Entry>) -> io::Result<()> + Send,
{
    if let Some((stock, redeemed)) = store.numbers(gift).await? {
        take(vec![Entry::Gift { gift, stock, redeemed }])?;
    }
    let gone = store.gifts(&[gift], jiff::Timestamp::MAX).await?.into_iter().flat_map(|state| state.gone_at);
    take(gone.map(|booth| Entry::Gone { gift, booth }).collect())?;
    let claimers = store.claimers(gift).await?;
    for some in claimers.chunks(PART) {
        let claims = store.claims_of(gift, some).await?;
        let entries = claims.into_iter().map(|kept| Ok(Entry::Claim { record: raw(kept.seen)? }));
        take(entries.collect::<Result<_>>()?)?;
    }
    log(store, Log::Gift(gift), |fact| Ok(Entry::ClaimStep { gift, record: raw(fact)? }), take).await?;
    log(store, Log::Stock(gift), |fact| Ok(Entry::StockStep { gift, record: raw(fact)? }), take).await
}

async fn log<F, E>(store: &dyn Archive, log: Log, entry: E, take: &mut F) -> std::result::Result<(), Broke>
where
    F: FnMut(Vec<Entry>) -> io::Result<()> + Send,
    E: Fn(String) -> Result<Entry> + Send,
{
    let mut from = 0;
    loop {
        let facts = store.facts(log, from, u32::try_from(PART).unwrap_or(u32::MAX)).await?;
        if facts.is_empty() {
            return Ok(());
        }
        from += facts.len() as u64;
        take(facts.into_iter().map(&entry).collect::<Result<_>>()?)?;
    }
}

/// What would be different if somebody wrote meanwhile: all that is small, and how much there is of the rest.
async fn census(store: &dyn Archive) -> Result<(Vec<String>, Counts)> {
    let head = head(store).await?;
    Ok((head.iter().map(Entry::line).collect::<Result<_>>()?, store.counts().await?))
}

/// What stands before the shards.
async fn head(store: &dyn Archive) -> Result<Vec<Entry>> {
    let mut head = Vec::new();
    head.extend(store.marks().await?.into_iter().map(|(name, value)| Entry::Mark { name, value }));
    let control = store.control().await?;
    for version in 1..=control.version {
        let missing = || StoreError::Broken(format!("version {version} of the carnival is missing"));
        let published = store.published(version).await?.ok_or_else(missing)?;
        head.push(Entry::Published { record: raw(record::published(&published)?)? });
    }
    let generation = |(point, generation)| Entry::Generation { point, generation };
    head.extend(control.generations.into_iter().map(generation));
    head.extend(control.waiting.into_iter().map(|passport| Entry::Waits { passport }));
    for (point, check) in store.posters().await? {
        head.push(Entry::Poster { point, record: raw(record::poster_check(&check)?)? });
    }
    let mut settled: Vec<_> = store.settled().await?.into_iter().collect();
    settled.sort_by_cached_key(|(suspicion, _)| suspicion.to_string());
    for (suspicion, settled) in settled {
        head.push(Entry::Settled { suspicion, record: raw(record::settled(&settled)?)? });
    }
    head.push(Entry::Serials { last: store.last_serial().await? });
    staff(store, &mut head).await?;
    notes(store, &mut head).await?;
    Ok(head)
}

async fn staff(store: &dyn Archive, head: &mut Vec<Entry>) -> Result<()> {
    let mut invitations = store.invitations().await?;
    invitations.sort_by(|a, b| a.invitation.id.cmp(&b.invitation.id));
    for kept in &invitations {
        head.push(Entry::Invitation { record: raw(record::invitation(&kept.invitation)?)?, ended: kept.ended });
    }
    let mut sessions: Vec<_> = invitations.into_iter().flat_map(|kept| kept.sessions).collect();
    sessions.sort_by(|a, b| a.session.id.cmp(&b.session.id));
    for kept in sessions {
        head.push(Entry::Session { record: raw(record::session(&kept.session)?)?, ended: kept.ended });
    }
    Ok(())
}

async fn notes(store: &dyn Archive, head: &mut Vec<Entry>) -> Result<()> {
    let notes = store.notes().await?;
    let mut refused: Vec<_> = notes.refused.into_iter().collect();
    refused.sort_by_cached_key(|(what, _)| what.to_string());
    head.extend(refused.into_iter().map(|(what, count)| Entry::Refused { what, count }));
    head.extend(notes.seen.into_iter().map(|(session, at)| Entry::Seen { session, ms: at.as_millisecond() }));
    let stamped = |(point, at): (PointNumber, jiff::Timestamp)| Entry::Stamped { point, ms: at.as_millisecond() };
    head.extend(notes.stamped.into_iter().map(stamped));
    let mut suspicions: Vec<_> = notes.suspicions.into_iter().collect();
    suspicions.sort_by_cached_key(|(id, _)| id.to_string());
    for (_, suspicion) in suspicions {
        head.push(Entry::Suspicion { record: raw(record::suspicion(&suspicion)?)? });
    }
    Ok(())
}

async fn tallies(store: &dyn Archive) -> Result<Vec<Entry>> {
    let mut all = store.tallies(TallyPeriod::AllTime).await?;
    all.extend(store.tallies(TallyPeriod::ByHour).await?);
    let mut all: Vec<_> = all.into_iter().map(|(name, count)| Entry::Tally { name, count }).collect();
    all.sort_by_cached_key(|entry| match entry {
        Entry::Tally { name, .. } => name.to_string(),
        _ => String::new(),
    });
    Ok(all)
}
