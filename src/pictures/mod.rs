//! Renders codes, postcards, posters and cards as pictures and for print, and reads codes from photos.

pub mod artwork;
mod bundled_artwork;
pub mod fonts;
mod grayscale;
pub mod paper_passports;
mod photo;
pub mod postcard;
pub mod poster;
pub mod preflight;
mod qr;
mod qr_cache;
mod qr_mask;
pub mod qr_scan;
pub mod raster;
pub mod renderer;
pub mod roster_sheet;
pub mod svg_document;
mod text_layout;
pub mod volunteer_card;

pub use qr::{Qr, QrError};
pub use qr_cache::QrCache;
pub use renderer::Renderer;
