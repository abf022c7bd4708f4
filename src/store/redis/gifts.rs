//! Gifts: claims, vouchers and stock.

use ::redis::{Cmd, Value};
use jiff::Timestamp;

use super::{Redis, reply, script};
use crate::rules::claim::Claim;
use crate::rules::ids::{BoothId, ClaimantId, GiftNumber};
use crate::rules::tally::{Tally, TallyPeriod};
use crate::rules::voucher::Voucher;
use crate::store::{
    Changed, ClaimChange, Dropped, GiftState, KeptClaim, Published, Restocked, Result, Stock, StockChange, StoreError,
    record,
};

/// The most gifts of a kind: half of the vouchers, so that drawing a free one stays quick.
const MOST: u32 = Voucher::PER_GIFT / 2;

/// Claims are read the way writes are answered: a repeated redemption is told "redeemed" from what
/// was read, so replicas that are waited for must have that too.
impl Redis {
    pub(super) async fn read_claim(&self, gift: GiftNumber, claimer: ClaimantId) -> Result<Option<KeptClaim>> {
        let key = self.keys.gift(gift).key("claims");
        let kept = self.calls.write(Cmd::new().arg("HGET").arg(key).arg(claimer.to_string())).await?;
        reply::maybe_text(kept)?.map(record::read_claim).transpose()
    }

    pub(super) async fn read_claim_by_voucher(&self, voucher: Voucher) -> Result<Option<KeptClaim>> {
        let keys = self.keys.gift(voucher.gift());
        let mut call = script::CLAIM_BY_VOUCHER.call(&[keys.key("vouchers"), keys.key("claims")]);
        call.arg(voucher.to_string());
        let kept = self.calls.write_by(&script::CLAIM_BY_VOUCHER, &call).await?;
        reply::maybe_text(kept)?.map(record::read_claim).transpose()
    }

    pub(super) async fn write_claim(&self, change: &ClaimChange<'_>) -> Result<Changed> {
        let claim = change.claim;
        let redeemed = i8::from(claim.active_redemption().is_some());
        // All counters of one step are of one hour.
        let day = change.tallies.iter().find_map(Tally::day);
        if let Some(day) = day {
            self.begin_day(day).await?;
        }
        let keys = self.keys.gift(claim.voucher.gift()).of_claim(day.unwrap_or_default());
        let mut call = script::CHANGE_CLAIM.call(&keys);
        call.arg(change.claimer.to_string()).arg(change.seen.unwrap_or_default());
        call.arg(record::claim(change.claimer, claim)?).arg(claim.voucher.to_string());
        call.arg(change.at.as_millisecond());
        match redeemed {
            0 => call.arg(claim.held_until.as_millisecond()),
            _ => call.arg(""),
        };
        call.arg(u8::from(change.needs_left)).arg(redeemed - redeemed_before(change));
        call.arg(record::claim_fact(change)?);
        let (totals, hours): (Vec<_>, Vec<_>) =
            change.tallies.iter().partition(|tally| tally.period() == TallyPeriod::AllTime);
        call.arg(totals.len());
        for tally in totals.into_iter().chain(hours) {
            call.arg(tally.to_string());
        }
        changed(self.calls.write_by(&script::CHANGE_CLAIM, &call).await?)
    }

    pub(super) async fn replace_claim(&self, kept: &KeptClaim, instead: &Claim) -> Result<Changed> {
        let voucher = kept.claim.voucher;
        let mut call = script::FORGET_CLAIM.call(&self.keys.gift(voucher.gift()).of_forgetting());
        call.arg(kept.claimer.to_string()).arg(&kept.seen).arg(voucher.to_string());
        call.arg(record::claim(kept.claimer, instead)?).arg(instead.voucher.to_string());
        changed(self.calls.write_by(&script::FORGET_CLAIM, &call).await?)
    }

    pub(super) async fn read_gift(&self, gift: GiftNumber, now: Timestamp) -> Result<GiftState> {
        let mut call = script::GIFT_STATE.call(&self.keys.gift(gift).of_state());
        call.arg(now.as_millisecond());
        let [stock, redeemed, held, gone] = reply::exactly(self.calls.read_by(&script::GIFT_STATE, &call).await?)?;
        let booth = |value| reply::parsed("a booth", reply::str(value)?);
        let mut gone_at = reply::list(gone)?.iter().map(booth).collect::<Result<Vec<BoothId>>>()?;
        gone_at.sort_unstable();
        let stock =
            Stock { stock: reply::number(&stock)?, redeemed: reply::number(&redeemed)?, held: reply::number(&held)? };
        Ok(GiftState { stock, gone_at })
    }

    pub(super) async fn write_stock(&self, change: &StockChange<'_>) -> Result<Restocked> {
        let mut call = script::CHANGE_STOCK.call(&self.keys.gift(change.gift).of_stock());
        call.arg(change.reason.net_change(change.change)).arg(change.nonce.as_str()).arg(change.at.as_millisecond());
        call.arg(MOST).arg(record::stock_fact(change)?);
        let [stands, stock, redeemed, held] = reply::exactly(self.calls.write_by(&script::CHANGE_STOCK, &call).await?)?;
        let stock =
            Stock { stock: reply::number(&stock)?, redeemed: reply::number(&redeemed)?, held: reply::number(&held)? };
        Ok(if reply::str(&stands)? == "1" { Restocked::Done(stock) } else { Restocked::OutOfBounds(stock) })
    }

    /// The first stock of a gift; one that it has already stays.
    pub(super) async fn seed_stock(&self, gift: &str, stock: &str, published: &Published) -> Result<()> {
        let keys = self.keys.gift(reply::parsed("a gift", gift)?).of_first_stock();
        let mut call = script::SEED_STOCK.call(&keys);
        call.arg(stock).arg(record::first_stock_fact(reply::parsed("a stock", stock)?, published)?);
        self.calls.write_by(&script::SEED_STOCK, &call).await?;
        Ok(())
    }

    pub(super) async fn delete_claim(&self, kept: &KeptClaim, at: Timestamp) -> Result<Dropped> {
        if kept.claim.active_redemption().is_some() {
            return Ok(Dropped::Moved(Some(kept.clone())));
        }
        let voucher = kept.claim.voucher;
        let mut call = script::DROP_CLAIM.call(&self.keys.gift(voucher.gift()).of_erasure());
        call.arg(kept.claimer.to_string()).arg(&kept.seen).arg(voucher.to_string());
        call.arg(record::erased_fact(&kept.claim, at)?);
        let stands = reply::text(self.calls.write_by(&script::DROP_CLAIM, &call).await?)?;
        match stands.as_str() {
            "done" => Ok(Dropped::Done),
            "" => Ok(Dropped::Moved(None)),
            _ => Ok(Dropped::Moved(Some(record::read_claim(stands)?))),
        }
    }

    pub(super) async fn write_here(&self, gift: GiftNumber, booth: &BoothId, available: bool) -> Result<()> {
        let verb = if available { "SREM" } else { "SADD" };
        self.calls.write(Cmd::new().arg(verb).arg(self.keys.gift(gift).key("gone")).arg(booth.as_str())).await?;
        Ok(())
    }
}

/// What became of a step of a claim.
fn changed(answer: Value) -> Result<Changed> {
    let answer = reply::texts(answer)?;
    match answer.as_slice() {
        [done] if done == "done" => Ok(Changed::Done),
        [gone] if gone == "gone" => Ok(Changed::Gone),
        [taken] if taken == "taken" => Ok(Changed::VoucherTaken),
        [_, none] if none.is_empty() => Ok(Changed::Moved(None)),
        [_, kept] => Ok(Changed::Moved(Some(record::read_claim(kept.clone())?))),
        _ => Err(StoreError::Broken("an unknown answer to a step of a claim".to_owned())),
    }
}

/// 1 if the record that was seen is redeemed. A text that is no record is none that stands, so the
/// script changes nothing.
fn redeemed_before(change: &ClaimChange<'_>) -> i8 {
    let seen = change.seen.and_then(|seen| record::read_claim(seen.to_owned()).ok());
    i8::from(seen.is_some_and(|kept| kept.claim.active_redemption().is_some()))
}
