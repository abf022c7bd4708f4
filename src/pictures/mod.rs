//! Turns codes into pictures.

mod qr;

pub use qr::{Level, PictureError, Qr};
