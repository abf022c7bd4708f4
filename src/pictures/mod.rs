//! Turns codes, postcards, posters and cards into pictures and print.

pub mod artwork;
pub mod fonts;
mod grey;
mod kept;
mod lines;
mod mask;
pub mod passports;
mod photo;
pub mod postcard;
pub mod poster;
pub mod proof;
mod qr;
pub mod raster;
mod sample;
pub mod scan;
pub mod sheet;
pub mod studio;
pub mod volunteer_card;

pub use kept::KeptCodes;
pub use qr::{Level, PictureError, Qr};
pub use studio::Studio;
