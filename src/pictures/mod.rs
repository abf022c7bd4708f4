//! Turns codes into pictures.

mod kept;
mod mask;
mod qr;

pub use kept::KeptCodes;
pub use qr::{Level, PictureError, Qr};
