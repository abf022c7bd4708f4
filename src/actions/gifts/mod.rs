//! Gifts: claims, redemptions and their practice, stock, and the look-up of a scanned code.

pub mod claim;
pub mod code_lookup;
pub mod practice_context;
pub mod redeem;
pub mod stock;
