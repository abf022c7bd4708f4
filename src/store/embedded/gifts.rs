//! Steps on claims and stock.

use jiff::Timestamp;
use redb::ReadableTable;

use super::super::{Changed, ClaimChange, Dropped, KeptClaim, Log, Restocked, Result, Stock, StockChange, record};
use super::tables::{Step, Tables, held, voucher_key};
use crate::rules::claim::Claim;
use crate::rules::ids::{BoothId, ClaimantId, GiftNumber, Nonce};
use crate::rules::tally::Tally;
use crate::rules::voucher::Voucher;

/// A step in the life of a claim, written out, on its way to the writer.
pub(super) struct Change {
    claimer: ClaimantId,
    seen: Option<String>,
    voucher: Voucher,
    record: String,
    after: Part,
    needs_left: bool,
    at_ms: i64,
    fact: String,
    tallies: Vec<Tally>,
}

impl Change {
    pub(super) fn new(change: &ClaimChange<'_>) -> Result<Change> {
        Ok(Change {
            claimer: change.claimer,
            seen: change.seen.map(str::to_owned),
            voucher: change.claim.voucher,
            record: record::claim(change.claimer, change.claim)?,
            after: Part::of(change.claim),
            needs_left: change.needs_left,
            at_ms: change.at.as_millisecond(),
            fact: record::claim_fact(change)?,
            tallies: change.tallies.to_vec(),
        })
    }
}

/// The part that a claim takes of its gift's stock.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Redeemed,
    HeldUntil(i64),
}

impl Part {
    fn of(claim: &Claim) -> Part {
        match claim.active_redemption() {
            Some(_) => Part::Redeemed,
            None => Part::HeldUntil(claim.held_until.as_millisecond()),
        }
    }

    fn is_held(self, at_ms: i64) -> bool {
        matches!(self, Part::HeldUntil(until) if until >= at_ms)
    }
}

pub(super) fn change_claim(tables: &mut Tables<'_>, change: &Change) -> Step<Changed> {
    let gift = change.voucher.gift();
    let row = (gift.get(), change.claimer.bytes());
    let kept = tables.claims.look()?.get(row)?.map(|kept| kept.value().to_owned());
    let is_seen = kept == change.seen;
    let kept = kept.map(record::read_claim).transpose()?;
    if !is_seen {
        return Ok(Changed::Moved(kept));
    }
    let voucher = voucher_key(change.voucher)?;
    let owner = tables.vouchers.look()?.get(voucher)?.map(|owner| *owner.value());
    if owner.is_some_and(|owner| owner != *change.claimer.bytes()) {
        return Ok(Changed::VoucherTaken);
    }
    let before = kept.as_ref().map(|kept: &KeptClaim| Part::of(&kept.claim));
    let Some(redeemed) = redeemed_after(tables, change, before)? else {
        return Ok(Changed::Gone);
    };
    tables.claims.edit()?.insert(row, change.record.as_str())?;
    if owner.is_none() {
        tables.vouchers.edit()?.insert(voucher, change.claimer.bytes())?;
    }
    take_part(tables, gift, before, change.after, redeemed)?;
    tables.log(Log::Gift(gift), &change.fact)?;
    change.tallies.iter().for_each(|tally| tables.count(tally.clone()));
    Ok(Changed::Done)
}

/// Keeps a claim that was moved here, with its voucher and its hold.
pub(super) fn place_claim(tables: &mut Tables<'_>, kept: &KeptClaim) -> Step<()> {
    let (gift, claimer) = (kept.claim.voucher.gift(), kept.claimer.bytes());
    tables.claims.edit()?.insert((gift.get(), claimer), kept.seen.as_str())?;
    tables.vouchers.edit()?.insert(voucher_key(kept.claim.voucher)?, claimer)?;
    if let Part::HeldUntil(until) = Part::of(&kept.claim) {
        shift_hold(tables, gift, until, |count| count + 1)?;
    }
    Ok(())
}

/// How many are redeemed after the step; none if the step asks for more than there is.
fn redeemed_after(tables: &mut Tables<'_>, change: &Change, before: Option<Part>) -> Step<Option<u32>> {
    let gift = change.voucher.gift().get();
    let (stock, redeemed) = tables.gifts.look()?.get(gift)?.map_or((0, 0), |row| row.value());
    if change.needs_left {
        let own = u32::from(before.is_some_and(|part| part.is_held(change.at_ms)));
        let others = held(tables.holds.look()?, gift, change.at_ms)?.saturating_sub(own);
        if stock.saturating_sub(redeemed).saturating_sub(others) == 0 {
            return Ok(None);
        }
    }
    let was = before == Some(Part::Redeemed);
    let becomes = change.after == Part::Redeemed;
    Ok(match (was, becomes) {
        (false, true) if redeemed >= stock => None,
        (false, true) => Some(redeemed + 1),
        (true, false) => Some(redeemed.saturating_sub(1)),
        _ => Some(redeemed),
    })
}

/// Moves a claim from one part of the stock to another.
fn take_part(tables: &mut Tables<'_>, gift: GiftNumber, before: Option<Part>, after: Part, redeemed: u32) -> Step<()> {
    if let Some(Part::HeldUntil(until)) = before {
        shift_hold(tables, gift, until, |count| count.saturating_sub(1))?;
    }
    if let Part::HeldUntil(until) = after {
        shift_hold(tables, gift, until, |count| count + 1)?;
    }
    let (stock, redeemed_before) = tables.gifts.look()?.get(gift.get())?.map_or((0, 0), |row| row.value());
    if redeemed != redeemed_before {
        tables.gifts.edit()?.insert(gift.get(), (stock, redeemed))?;
    }
    Ok(())
}

fn shift_hold(tables: &mut Tables<'_>, gift: GiftNumber, until: i64, shift: fn(u32) -> u32) -> Step<()> {
    let row = (gift.get(), until);
    let holds = tables.holds.edit()?;
    let count = holds.get(row)?.map_or(0, |count| count.value());
    match shift(count) {
        0 => drop(holds.remove(row)?),
        count => drop(holds.insert(row, count)?),
    }
    Ok(())
}

pub(super) fn drop_claim(tables: &mut Tables<'_>, seen: &KeptClaim, at: Timestamp) -> Step<Dropped> {
    if seen.claim.active_redemption().is_some() {
        return Ok(Dropped::Moved(Some(seen.clone())));
    }
    let (gift, claimer) = (seen.claim.voucher.gift(), seen.claimer);
    let row = (gift.get(), claimer.bytes());
    let kept = tables.claims.look()?.get(row)?.map(|kept| kept.value().to_owned());
    if kept.as_deref() != Some(&seen.seen) {
        return Ok(Dropped::Moved(kept.map(record::read_claim).transpose()?));
    }
    tables.claims.edit()?.remove(row)?;
    tables.vouchers.edit()?.remove(voucher_key(seen.claim.voucher)?)?;
    shift_hold(tables, gift, seen.claim.held_until.as_millisecond(), |count| count.saturating_sub(1))?;
    tables.log(Log::Gift(gift), &record::erased_fact(&seen.claim, at)?)?;
    Ok(Dropped::Done)
}

pub(super) fn forget_claim(tables: &mut Tables<'_>, seen: &KeptClaim, instead: &Claim) -> Step<Changed> {
    let row = (seen.claim.voucher.gift().get(), seen.claimer.bytes());
    let kept = tables.claims.look()?.get(row)?.map(|kept| kept.value().to_owned());
    if kept.as_deref() != Some(&seen.seen) {
        return Ok(Changed::Moved(kept.map(record::read_claim).transpose()?));
    }
    let fresh = voucher_key(instead.voucher)?;
    if tables.vouchers.look()?.get(fresh)?.is_some() {
        return Ok(Changed::VoucherTaken);
    }
    tables.claims.edit()?.insert(row, record::claim(seen.claimer, instead)?.as_str())?;
    tables.vouchers.edit()?.remove(voucher_key(seen.claim.voucher)?)?;
    tables.vouchers.edit()?.insert(fresh, seen.claimer.bytes())?;
    Ok(Changed::Done)
}

/// A change of stock, written out, on its way to the writer.
pub(super) struct Restock {
    gift: GiftNumber,
    in_all: i64,
    nonce: Nonce,
    at: Timestamp,
    fact: String,
}

impl Restock {
    pub(super) fn new(change: &StockChange<'_>) -> Result<Restock> {
        Ok(Restock {
            gift: change.gift,
            in_all: change.reason.net_change(change.change),
            nonce: change.nonce.clone(),
            at: change.at,
            fact: record::stock_fact(change)?,
        })
    }
}

pub(super) fn change_stock(tables: &mut Tables<'_>, change: &Restock) -> Step<Restocked> {
    let gift = change.gift.get();
    let (stock, redeemed) = tables.gifts.look()?.get(gift)?.map_or((0, 0), |row| row.value());
    let held = held(tables.holds.look()?, gift, change.at.as_millisecond())?;
    let now = Stock { stock, redeemed, held };
    let repeat = (gift, change.nonce.as_str());
    if tables.restocks.look()?.get(repeat)?.is_some() {
        return Ok(Restocked::Done(now));
    }
    let Some(stock) = within_bounds(now, change.in_all) else {
        return Ok(Restocked::OutOfBounds(now));
    };
    tables.gifts.edit()?.insert(gift, (stock, redeemed))?;
    tables.restocks.edit()?.insert(repeat, ())?;
    tables.log(Log::Stock(change.gift), &change.fact)?;
    Ok(Restocked::Done(Stock { stock, ..now }))
}

fn within_bounds(now: Stock, change: i64) -> Option<u32> {
    let stock = i64::from(now.stock).checked_add(change).and_then(|stock| u32::try_from(stock).ok())?;
    let promised = now.redeemed.saturating_add(now.held);
    // More than before is never too few, though a clock that stepped back shows more holds than there are gifts.
    let is_enough = change >= 0 || stock >= promised;
    (is_enough && stock <= Voucher::PER_GIFT / 2).then_some(stock)
}

pub(super) fn set_here(tables: &mut Tables<'_>, gift: GiftNumber, booth: &BoothId, available: bool) -> Step<()> {
    let row = (gift.get(), booth.as_str());
    let is_gone = tables.gone_here.look()?.get(row)?.is_some();
    match (is_gone, available) {
        (false, false) => drop(tables.gone_here.edit()?.insert(row, ())?),
        (true, true) => drop(tables.gone_here.edit()?.remove(row)?),
        _ => {}
    }
    Ok(())
}
