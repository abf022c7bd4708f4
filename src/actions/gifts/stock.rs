//! An organiser changes a gift's stock, or records where it was moved.

use crate::actions::app::{App, Result};
use crate::actions::staff::OnDuty;
use crate::rules::gifts::stock::{StockReason, check};
use crate::rules::ids::{BoothId, GiftId, Nonce};
use crate::rules::refusals::{AccessRefusal, CarnivalRefusal, GiftRefusal};
use crate::store::record::StockLogEntry;
use crate::store::{Stock, StockOutcome};
use crate::tokens::Organiser;

/// A requested stock movement.
#[derive(Clone, Debug)]
pub struct Movement {
    /// Which gift.
    pub gift: GiftId,
    /// Why.
    pub reason: StockReason,
    /// Change of the quantity; for a move, the quantity carried to the booth.
    pub change: i64,
    /// The booth; none is the storeroom.
    pub booth: Option<BoothId>,
    /// Free text.
    pub note: String,
    /// The client's nonce for this write.
    pub nonce: Nonce,
}

/// Records a movement and returns the gift's stock afterwards. A repeated request returns the stock at present.
///
/// # Errors
/// A refusal: a nonce that came again with other content, unknown gift or booth, a quantity that does not fit the reason, less than is held and handed over, more
/// than the maximum.
pub async fn change_stock(app: &App, by: &OnDuty<Organiser>, movement: &Movement) -> Result<Stock> {
    let current = app.current();
    let Movement { gift, reason, change, booth, note, nonce } = movement;
    let gift = current.carnival.gift_by_id(gift).ok_or(GiftRefusal::GiftUnknown)?;
    if booth.as_ref().is_some_and(|booth| current.carnival.booth(booth).is_none()) {
        return Err(CarnivalRefusal::BoothUnknown.into());
    }
    check(*reason, *change, booth.as_ref())?;
    let entry = StockLogEntry {
        at: app.now(),
        reason: *reason,
        change: *change,
        booth: booth.clone(),
        note: note.clone(),
        by: by.name.to_string(),
        session: Some(by.id.clone()),
        nonce: Some(nonce.clone()),
    };
    match app.store.change_stock(gift.number, &entry).await? {
        StockOutcome::Updated(stock) => Ok(stock),
        StockOutcome::NonceReused => Err(AccessRefusal::NonceReused.into()),
        StockOutcome::OutOfBounds(_) if *change > 0 => Err(GiftRefusal::StockChangeOdd.into()),
        StockOutcome::OutOfBounds(stock) => {
            let promised = stock.redeemed.saturating_add(stock.held);
            Err(GiftRefusal::StockTooLow { gift: gift.name.clone(), stock: stock.stock, promised }.into())
        }
    }
}
