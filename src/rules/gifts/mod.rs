//! Gifts: what earns one, claims and redemptions, vouchers, stock, and the ledger of a gift.

pub mod claim_lifecycle;
pub mod decision;
pub mod gift;
pub mod ledger;
pub mod practice_scenario;
pub mod practice_voucher;
pub mod requirement;
pub mod stock;
pub mod voucher;
