//! An organiser changes how many of a gift there are, or says where they were carried.

use super::app::{App, Result};
use crate::rules::ids::{BoothId, GiftId, Nonce};
use crate::rules::refusal::Refusal;
use crate::rules::staff::StaffSession;
use crate::rules::stock::{StockReason, check};
use crate::store::{Stock, StockChange, StockOutcome};

/// A movement as it is asked for.
#[derive(Clone, Debug)]
pub struct Movement {
    /// Which gift.
    pub gift: GiftId,
    /// Why.
    pub reason: StockReason,
    /// How many more, or fewer; of a move, how many were carried to the booth.
    pub change: i64,
    /// At which booth; none is the storeroom.
    pub booth: Option<BoothId>,
    /// What else there is to say.
    pub note: String,
    /// The client's name for this write.
    pub nonce: Nonce,
}

/// Records a movement; returns the gift's numbers afterwards. A repeat is told the numbers of now.
///
/// # Errors
/// A refusal: no such gift or booth, a number that does not fit its reason, fewer than are held and
/// handed over, more than there can be.
pub async fn change_stock(app: &App, by: &StaffSession, movement: &Movement) -> Result<Stock> {
    let current = app.current();
    let Movement { gift, reason, change, booth, note, nonce } = movement;
    let gift = current.carnival.gift_by_id(gift).ok_or(Refusal::GiftUnknown)?;
    if booth.as_ref().is_some_and(|booth| current.carnival.booth(booth).is_none()) {
        return Err(Refusal::BoothUnknown.into());
    }
    check(*reason, *change, booth.as_ref())?;
    let (number, change, booth) = (gift.number, *change, booth.as_ref());
    let (by, at) = (by.name.as_str(), app.now());
    let movement = StockChange { gift: number, reason: *reason, change, booth, note, by, at, nonce };
    match app.store.change_stock(&movement).await? {
        StockOutcome::Updated(stock) => Ok(stock),
        StockOutcome::OutOfBounds(_) if change > 0 => Err(Refusal::StockChangeOdd.into()),
        StockOutcome::OutOfBounds(stock) => {
            let promised = stock.redeemed.saturating_add(stock.held);
            Err(Refusal::StockTooLow { gift: gift.name.clone(), stock: stock.stock, promised }.into())
        }
    }
}
