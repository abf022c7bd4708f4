//! Claims, vouchers and stock.

use async_trait::async_trait;
use jiff::Timestamp;
use redb::{ReadTransaction, ReadableTable};

use super::EmbeddedStore;
use super::tables::{
    CLAIMS, GIFTS, GONE_HERE, HOLDS, Tables, TxResult, VOUCHERS, count_holds, read_rows, unreadable, voucher_key,
};
use crate::rules::gifts::claim_lifecycle::Claim;
use crate::rules::gifts::voucher::Voucher;
use crate::rules::ids::{BoothId, ClaimantId, GiftNumber};
use crate::rules::statistics::tally::Tally;
use crate::store::gifts::MAX_STOCK;
use crate::store::record::StockLogEntry;
use crate::store::{
    ClaimChange, ClaimOutcome, GiftState, GiftStore, LogId, Result, Stock, StockOutcome, StoredClaim, record,
};

#[async_trait]
impl GiftStore for EmbeddedStore {
    async fn claims(&self, of: &[(GiftNumber, ClaimantId)]) -> Result<Vec<Option<StoredClaim>>> {
        let of = of.to_vec();
        let read = move |snapshot: &ReadTransaction| {
            let claims = snapshot.open_table(CLAIMS)?;
            of.iter().map(|(gift, claimer)| stored_claim(&claims, gift.get(), claimer.bytes())).collect()
        };
        self.handle.read(read).await
    }

    async fn claim_by_voucher(&self, voucher: Voucher) -> Result<Option<StoredClaim>> {
        let read = move |snapshot: &ReadTransaction| match snapshot.open_table(VOUCHERS)?.get(voucher_key(voucher)?)? {
            Some(claimer) => stored_claim(&snapshot.open_table(CLAIMS)?, voucher.gift().get(), claimer.value()),
            None => Ok(None),
        };
        self.handle.read(read).await
    }

    async fn change_claim(&self, change: &ClaimChange<'_>) -> Result<ClaimOutcome> {
        let change = ClaimWrite::new(change)?;
        self.handle.write(move |tables| change_claim(tables, &change)).await
    }

    async fn drop_claim(&self, stored: &StoredClaim, at: Timestamp) -> Result<ClaimOutcome> {
        let stored = stored.clone();
        self.handle.write(move |tables| drop_claim(tables, &stored, at)).await
    }

    async fn anonymise_claim(&self, stored: &StoredClaim, replacement: &Claim) -> Result<ClaimOutcome> {
        let (stored, replacement) = (stored.clone(), replacement.clone());
        self.handle.write(move |tables| anonymise_claim(tables, &stored, &replacement)).await
    }

    async fn gift_states(&self, gifts: &[GiftNumber], now: Timestamp) -> Result<Vec<GiftState>> {
        let gifts = gifts.to_vec();
        let read = move |snapshot: &ReadTransaction| {
            let numbers = snapshot.open_table(GIFTS)?;
            let holds = snapshot.open_table(HOLDS)?;
            let gone_here = snapshot.open_table(GONE_HERE)?;
            let state = |gift: &GiftNumber| {
                let gift = gift.get();
                let (stock, redeemed) = numbers.get(gift)?.map_or((0, 0), |row| row.value());
                let held = count_holds(&holds, gift, now.as_millisecond())?;
                let booths = gone_here.range((gift, "")..(gift + 1, ""))?;
                let unavailable_booths = read_rows(booths, |(_, booth), ()| booth.parse().map_err(unreadable))?;
                Ok(GiftState { stock: Stock { stock, redeemed, held }, unavailable_booths })
            };
            gifts.iter().map(state).collect()
        };
        self.handle.read(read).await
    }

    async fn change_stock(&self, gift: GiftNumber, change: &StockLogEntry) -> Result<StockOutcome> {
        let change = change.clone();
        self.handle.write(move |tables| change_stock(tables, gift, &change)).await
    }

    async fn set_gift_available(&self, gift: GiftNumber, booth: &BoothId, available: bool) -> Result<()> {
        let booth = booth.clone();
        let set = move |tables: &mut Tables<'_>| {
            let row = (gift.get(), booth.as_str());
            let is_gone = tables.gone_here.read()?.get(row)?.is_some();
            match (is_gone, available) {
                (false, false) => drop(tables.gone_here.edit()?.insert(row, ())?),
                (true, true) => drop(tables.gone_here.edit()?.remove(row)?),
                _ => {}
            }
            Ok(())
        };
        self.handle.write(set).await
    }
}

fn stored_claim(
    claims: &impl ReadableTable<(u8, &'static [u8; 16]), &'static str>,
    gift: u8,
    claimer: &[u8; 16],
) -> TxResult<Option<StoredClaim>> {
    let text = claims.get((gift, claimer))?;
    Ok(text.map(|text| record::decode_claim(text.value().to_owned())).transpose()?)
}

/// An update of a claim, encoded before it is queued for the writer.
struct ClaimWrite {
    claimer: ClaimantId,
    expected: Option<String>,
    voucher: Voucher,
    record: String,
    after: StockShare,
    needs_left: bool,
    at_ms: i64,
    log_entry: String,
    tallies: Vec<Tally>,
}

impl ClaimWrite {
    fn new(change: &ClaimChange<'_>) -> Result<ClaimWrite> {
        Ok(ClaimWrite {
            claimer: change.claimer,
            expected: change.expected.map(str::to_owned),
            voucher: change.claim.voucher,
            record: record::encode_claim(change.claimer, change.claim)?,
            after: StockShare::of(change.claim),
            needs_left: change.needs_left,
            at_ms: change.at.as_millisecond(),
            log_entry: record::encode_claim_entry(change)?,
            tallies: change.tallies.to_vec(),
        })
    }
}

/// The share of its gift's stock that a claim takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum StockShare {
    Redeemed,
    HeldUntil(i64),
}

impl StockShare {
    fn of(claim: &Claim) -> StockShare {
        match claim.active_redemption() {
            Some(_) => StockShare::Redeemed,
            None => StockShare::HeldUntil(claim.held_until.as_millisecond()),
        }
    }

    fn is_held(self, at_ms: i64) -> bool {
        matches!(self, StockShare::HeldUntil(until) if until >= at_ms)
    }
}

fn change_claim(tables: &mut Tables<'_>, change: &ClaimWrite) -> TxResult<ClaimOutcome> {
    let gift = change.voucher.gift();
    let row = (gift.get(), change.claimer.bytes());
    let stored = tables.claims.read()?.get(row)?.map(|stored| stored.value().to_owned());
    let is_expected = stored == change.expected;
    let stored = stored.map(record::decode_claim).transpose()?;
    if !is_expected {
        return Ok(ClaimOutcome::Conflict(stored));
    }
    let voucher = voucher_key(change.voucher)?;
    let owner = tables.vouchers.read()?.get(voucher)?.map(|owner| *owner.value());
    let is_taken = match owner {
        Some(owner) => owner != *change.claimer.bytes(),
        None => tables.erased_vouchers.read()?.get(voucher)?.is_some(),
    };
    if is_taken {
        return Ok(ClaimOutcome::VoucherTaken);
    }
    let before = stored.as_ref().map(|stored: &StoredClaim| StockShare::of(&stored.claim));
    let Some(redeemed) = redeemed_after(tables, change, before)? else {
        return Ok(ClaimOutcome::SoldOut);
    };
    tables.claims.edit()?.insert(row, change.record.as_str())?;
    if owner.is_none() {
        tables.vouchers.edit()?.insert(voucher, change.claimer.bytes())?;
    }
    move_share(tables, gift, before, change.after, redeemed)?;
    tables.log(LogId::Gift(gift), &change.log_entry)?;
    change.tallies.iter().for_each(|tally| tables.count(tally.clone()));
    Ok(ClaimOutcome::Updated)
}

/// Stores an imported claim with its voucher and its hold.
pub(super) fn import_claim(tables: &mut Tables<'_>, stored: &StoredClaim) -> TxResult<()> {
    let (gift, claimer) = (stored.claim.voucher.gift(), stored.claimer.bytes());
    tables.claims.edit()?.insert((gift.get(), claimer), stored.record.as_str())?;
    tables.vouchers.edit()?.insert(voucher_key(stored.claim.voucher)?, claimer)?;
    if let StockShare::HeldUntil(until) = StockShare::of(&stored.claim) {
        shift_hold(tables, gift, until, |count| count + 1)?;
    }
    Ok(())
}

/// The redeemed count after the update; `None` if the stock does not suffice.
fn redeemed_after(tables: &mut Tables<'_>, change: &ClaimWrite, before: Option<StockShare>) -> TxResult<Option<u32>> {
    let gift = change.voucher.gift().get();
    let (stock, redeemed) = tables.gifts.read()?.get(gift)?.map_or((0, 0), |row| row.value());
    if change.needs_left {
        let own_hold = u32::from(before.is_some_and(|share| share.is_held(change.at_ms)));
        let others = count_holds(tables.holds.read()?, gift, change.at_ms)?.saturating_sub(own_hold);
        if stock.saturating_sub(redeemed).saturating_sub(others) == 0 {
            return Ok(None);
        }
    }
    let was_redeemed = before == Some(StockShare::Redeemed);
    let is_redeemed = change.after == StockShare::Redeemed;
    Ok(match (was_redeemed, is_redeemed) {
        (false, true) if redeemed >= stock => None,
        (false, true) => Some(redeemed + 1),
        (true, false) => Some(redeemed.saturating_sub(1)),
        _ => Some(redeemed),
    })
}

/// Updates the hold counts and the redeemed count when a claim's share changes.
fn move_share(
    tables: &mut Tables<'_>,
    gift: GiftNumber,
    before: Option<StockShare>,
    after: StockShare,
    redeemed: u32,
) -> TxResult<()> {
    if let Some(StockShare::HeldUntil(until)) = before {
        shift_hold(tables, gift, until, |count| count.saturating_sub(1))?;
    }
    if let StockShare::HeldUntil(until) = after {
        shift_hold(tables, gift, until, |count| count + 1)?;
    }
    let (stock, redeemed_before) = tables.gifts.read()?.get(gift.get())?.map_or((0, 0), |row| row.value());
    if redeemed != redeemed_before {
        tables.gifts.edit()?.insert(gift.get(), (stock, redeemed))?;
    }
    Ok(())
}

fn shift_hold(tables: &mut Tables<'_>, gift: GiftNumber, until: i64, shift: fn(u32) -> u32) -> TxResult<()> {
    let row = (gift.get(), until);
    let holds = tables.holds.edit()?;
    let count = holds.get(row)?.map_or(0, |count| count.value());
    match shift(count) {
        0 => drop(holds.remove(row)?),
        count => drop(holds.insert(row, count)?),
    }
    Ok(())
}

fn drop_claim(tables: &mut Tables<'_>, expected: &StoredClaim, at: Timestamp) -> TxResult<ClaimOutcome> {
    if expected.claim.active_redemption().is_some() {
        return Ok(ClaimOutcome::Conflict(Some(expected.clone())));
    }
    let (gift, claimer) = (expected.claim.voucher.gift(), expected.claimer);
    let row = (gift.get(), claimer.bytes());
    let stored = stored_claim(tables.claims.read()?, row.0, row.1)?;
    if stored.as_ref().map(|stored| &stored.record) != Some(&expected.record) {
        return Ok(ClaimOutcome::Conflict(stored));
    }
    tables.claims.edit()?.remove(row)?;
    erase_voucher(tables, expected.claim.voucher)?;
    shift_hold(tables, gift, expected.claim.held_until.as_millisecond(), |count| count.saturating_sub(1))?;
    tables.log(LogId::Gift(gift), &record::encode_erasure_entry(&expected.claim, at)?)?;
    Ok(ClaimOutcome::Updated)
}

/// Removes a voucher, which stays taken, so that it never names another claim.
fn erase_voucher(tables: &mut Tables<'_>, voucher: Voucher) -> TxResult<()> {
    tables.vouchers.edit()?.remove(voucher_key(voucher)?)?;
    tables.erased_vouchers.edit()?.insert(voucher_key(voucher)?, ())?;
    Ok(())
}

/// Records that the voucher of an imported log entry is taken. Claims are imported before the log, so a voucher without
/// a claim belongs to an erased one.
pub(super) fn import_voucher(tables: &mut Tables<'_>, voucher: Voucher) -> TxResult<()> {
    let voucher = voucher_key(voucher)?;
    if tables.vouchers.read()?.get(voucher)?.is_none() {
        tables.erased_vouchers.edit()?.insert(voucher, ())?;
    }
    Ok(())
}

fn anonymise_claim(tables: &mut Tables<'_>, expected: &StoredClaim, replacement: &Claim) -> TxResult<ClaimOutcome> {
    let row = (expected.claim.voucher.gift().get(), expected.claimer.bytes());
    let stored = stored_claim(tables.claims.read()?, row.0, row.1)?;
    if stored.as_ref().map(|stored| &stored.record) != Some(&expected.record) {
        return Ok(ClaimOutcome::Conflict(stored));
    }
    let fresh = voucher_key(replacement.voucher)?;
    if tables.vouchers.read()?.get(fresh)?.is_some() || tables.erased_vouchers.read()?.get(fresh)?.is_some() {
        return Ok(ClaimOutcome::VoucherTaken);
    }
    tables.claims.edit()?.insert(row, record::encode_claim(expected.claimer, replacement)?.as_str())?;
    erase_voucher(tables, expected.claim.voucher)?;
    tables.vouchers.edit()?.insert(fresh, expected.claimer.bytes())?;
    Ok(ClaimOutcome::Updated)
}

fn change_stock(tables: &mut Tables<'_>, gift: GiftNumber, change: &StockLogEntry) -> TxResult<StockOutcome> {
    let (log, gift) = (LogId::Stock(gift), gift.get());
    let (stock, redeemed) = tables.gifts.read()?.get(gift)?.map_or((0, 0), |row| row.value());
    let held = count_holds(tables.holds.read()?, gift, change.at.as_millisecond())?;
    let now = Stock { stock, redeemed, held };
    let (key, content) = record::repeatable_stock_write(change)?;
    let repeat = (gift, key.as_str());
    if let Some(before) = tables.stock_writes.read()?.get(repeat)? {
        let is_same = before.value() == content;
        return Ok(if is_same { StockOutcome::Updated(now) } else { StockOutcome::NonceReused });
    }
    let Some(stock) = within_bounds(now, change.reason.net_change(change.change)) else {
        return Ok(StockOutcome::OutOfBounds(now));
    };
    tables.gifts.edit()?.insert(gift, (stock, redeemed))?;
    tables.stock_writes.edit()?.insert(repeat, content.as_str())?;
    tables.log(log, &record::encode_stock_entry(change)?)?;
    Ok(StockOutcome::Updated(Stock { stock, ..now }))
}

fn within_bounds(now: Stock, change: i64) -> Option<u32> {
    let stock = i64::from(now.stock).checked_add(change).and_then(|stock| u32::try_from(stock).ok())?;
    let promised = now.redeemed.saturating_add(now.held);
    // An increase is always allowed: after the clock stepped back, there may be more holds than gifts.
    let is_enough = change >= 0 || stock >= promised;
    (is_enough && stock <= MAX_STOCK).then_some(stock)
}
