//! Gifts: claims, vouchers and stock.

use ::redis::Cmd;
use async_trait::async_trait;
use futures_util::future::try_join_all;
use jiff::Timestamp;

use super::{RedisStore, reply_values, script};
use crate::rules::gifts::claim_lifecycle::Claim;
use crate::rules::gifts::voucher::Voucher;
use crate::rules::ids::{BoothId, ClaimantId, GiftNumber};
use crate::rules::statistics::tally::{Tally, TallyPeriod};
use crate::store::gifts::MAX_STOCK;
use crate::store::keys::{ANONYMISE_CLAIM_KEYS, DROP_CLAIM_KEYS, GIFT_STATE_KEYS, SEED_STOCK_KEYS, STOCK_KEYS};
use crate::store::record::StockLogEntry;
use crate::store::{
    ClaimChange, ClaimOutcome, GiftState, GiftStore, PublishedVersion, Result, Stock, StockOutcome, StoreError,
    StoredClaim, record,
};

/// Claims are read with the durability of a write (waiting for replicas), because a repeated redemption is reported
/// as "redeemed" from this read.
#[async_trait]
impl GiftStore for RedisStore {
    async fn claims(&self, of: &[(GiftNumber, ClaimantId)]) -> Result<Vec<Option<StoredClaim>>> {
        try_join_all(of.iter().map(|(gift, claimer)| self.claim(*gift, *claimer))).await
    }

    async fn claim_by_voucher(&self, voucher: Voucher) -> Result<Option<StoredClaim>> {
        let keys = self.keys.gift(voucher.gift());
        let mut call = script::CLAIM_BY_VOUCHER.call(&[keys.key("vouchers"), keys.key("claims")]);
        call.arg(voucher.to_string());
        let stored: Option<String> = self.client.write_script(&script::CLAIM_BY_VOUCHER, &call).await?;
        stored.map(record::decode_claim).transpose()
    }

    async fn change_claim(&self, change: &ClaimChange<'_>) -> Result<ClaimOutcome> {
        let claim = change.claim;
        let redeemed = i8::from(claim.active_redemption().is_some());
        // All counters of one update belong to one hour.
        let day = change.tallies.iter().find_map(Tally::day);
        if let Some(day) = day {
            self.register_day(day).await?;
        }
        let keys = self.keys.gift(claim.voucher.gift()).claim_keys(day.unwrap_or_default());
        let mut call = script::CHANGE_CLAIM.call(&keys);
        call.arg(change.claimer.to_string()).arg(change.expected.unwrap_or_default());
        call.arg(record::encode_claim(change.claimer, claim)?).arg(claim.voucher.to_string());
        call.arg(change.at.as_millisecond());
        match redeemed {
            0 => call.arg(claim.held_until.as_millisecond()),
            _ => call.arg(""),
        };
        call.arg(u8::from(change.needs_left)).arg(redeemed - redeemed_before(change));
        call.arg(record::encode_claim_entry(change)?);
        let (totals, hours): (Vec<_>, Vec<_>) =
            change.tallies.iter().partition(|tally| tally.period() == TallyPeriod::AllTime);
        call.arg(totals.len());
        for tally in totals.into_iter().chain(hours) {
            call.arg(tally.to_string());
        }
        claim_outcome(&self.client.write_script::<Vec<String>>(&script::CHANGE_CLAIM, &call).await?)
    }

    async fn anonymise_claim(&self, stored: &StoredClaim, replacement: &Claim) -> Result<ClaimOutcome> {
        let voucher = stored.claim.voucher;
        let mut call = script::ANONYMISE_CLAIM.call(&self.keys.gift(voucher.gift()).keys(ANONYMISE_CLAIM_KEYS));
        call.arg(stored.claimer.to_string()).arg(&stored.record).arg(voucher.to_string());
        call.arg(record::encode_claim(stored.claimer, replacement)?).arg(replacement.voucher.to_string());
        claim_outcome(&self.client.write_script::<Vec<String>>(&script::ANONYMISE_CLAIM, &call).await?)
    }

    async fn gift_states(&self, gifts: &[GiftNumber], now: Timestamp) -> Result<Vec<GiftState>> {
        try_join_all(gifts.iter().map(|gift| self.gift_state(*gift, now))).await
    }

    async fn change_stock(&self, gift: GiftNumber, change: &StockLogEntry) -> Result<StockOutcome> {
        let mut call = script::CHANGE_STOCK.call(&self.keys.gift(gift).keys(STOCK_KEYS));
        let (key, content) = record::repeatable_stock_write(change)?;
        call.arg(change.reason.net_change(change.change)).arg(key).arg(change.at.as_millisecond());
        call.arg(MAX_STOCK).arg(record::encode_stock_entry(change)?).arg(content);
        let (outcome, stock, redeemed, held): (String, _, _, _) =
            self.client.write_script(&script::CHANGE_STOCK, &call).await?;
        let stock = Stock { stock, redeemed, held };
        match outcome.as_str() {
            "updated" => Ok(StockOutcome::Updated(stock)),
            "out_of_bounds" => Ok(StockOutcome::OutOfBounds(stock)),
            "nonce_reused" => Ok(StockOutcome::NonceReused),
            _ => Err(StoreError::Broken("an unknown result of a stock script".to_owned())),
        }
    }

    async fn drop_claim(&self, stored: &StoredClaim, at: Timestamp) -> Result<ClaimOutcome> {
        if stored.claim.active_redemption().is_some() {
            return Ok(ClaimOutcome::Conflict(Some(stored.clone())));
        }
        let voucher = stored.claim.voucher;
        let mut call = script::DROP_CLAIM.call(&self.keys.gift(voucher.gift()).keys(DROP_CLAIM_KEYS));
        call.arg(stored.claimer.to_string()).arg(&stored.record).arg(voucher.to_string());
        call.arg(record::encode_erasure_entry(&stored.claim, at)?);
        claim_outcome(&self.client.write_script::<Vec<String>>(&script::DROP_CLAIM, &call).await?)
    }

    async fn set_gift_available(&self, gift: GiftNumber, booth: &BoothId, available: bool) -> Result<()> {
        let verb = if available { "SREM" } else { "SADD" };
        self.client.write(::redis::cmd(verb).arg(self.keys.gift(gift).key("gone")).arg(booth.as_str())).await
    }
}

impl RedisStore {
    async fn claim(&self, gift: GiftNumber, claimer: ClaimantId) -> Result<Option<StoredClaim>> {
        let stored = Cmd::hget(self.keys.gift(gift).key("claims"), claimer.to_string());
        let stored: Option<String> = self.client.write(&stored).await?;
        stored.map(record::decode_claim).transpose()
    }

    async fn gift_state(&self, gift: GiftNumber, now: Timestamp) -> Result<GiftState> {
        let mut call = script::GIFT_STATE.call(&self.keys.gift(gift).keys(GIFT_STATE_KEYS));
        call.arg(now.as_millisecond());
        let (stock, redeemed, held, unavailable) = self.client.read_script(&script::GIFT_STATE, &call).await?;
        let unavailable_booths = reply_values::sorted("a booth", unavailable)?;
        Ok(GiftState { stock: Stock { stock, redeemed, held }, unavailable_booths })
    }

    /// Sets the initial stock of a gift, unless it has one.
    pub(super) async fn seed_stock(&self, gift: &str, stock: &str, published: &PublishedVersion) -> Result<()> {
        let keys = self.keys.gift(reply_values::parse("a gift", gift)?).keys(SEED_STOCK_KEYS);
        let mut call = script::SEED_STOCK.call(&keys);
        call.arg(stock).arg(record::encode_initial_stock_entry(reply_values::parse("a stock", stock)?, published)?);
        self.client.write_script(&script::SEED_STOCK, &call).await
    }
}

/// Decodes the result of a claim script.
fn claim_outcome(answer: &[String]) -> Result<ClaimOutcome> {
    match answer {
        [updated] if updated == "updated" => Ok(ClaimOutcome::Updated),
        [sold_out] if sold_out == "sold_out" => Ok(ClaimOutcome::SoldOut),
        [voucher_taken] if voucher_taken == "voucher_taken" => Ok(ClaimOutcome::VoucherTaken),
        [_, none] if none.is_empty() => Ok(ClaimOutcome::Conflict(None)),
        [_, stored] => Ok(ClaimOutcome::Conflict(Some(record::decode_claim(stored.clone())?))),
        _ => Err(StoreError::Broken("an unknown result of a claim script".to_owned())),
    }
}

/// 1 if the expected record is redeemed. A text that is not a record cannot equal the stored one, so the script
/// changes nothing then.
fn redeemed_before(change: &ClaimChange<'_>) -> i8 {
    let expected = change.expected.and_then(|expected| record::decode_claim(expected.to_owned()).ok());
    i8::from(expected.is_some_and(|stored| stored.claim.active_redemption().is_some()))
}
