//! A QR code: its modules, and their rendering as SVG and PNG.
//!
//! The constants were measured with three decoders under blur, tilt, glare, cover and darkness. A higher error
//! correction level reads better until the modules become too small; level L is never the best. Decoders need a quiet
//! zone of four modules and at least five pixels per module. Only dark on light is read by every decoder.

use std::fmt::Write;
use std::iter::repeat_n;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use qrcode::bits::{self, Bits};
use qrcode::{Color, EcLevel};

use super::qr_mask;

/// The widest symbol, in modules (version 4), for which a higher level is still worth its smaller modules.
const MAX_WIDTH_FOR_HIGHER_LEVEL: i16 = 33;

/// The white border that decoders need, in modules.
const QUIET_ZONE: u16 = 4;

/// A QR code of one text.
///
/// Creating one takes tens of microseconds, mostly for the search for the best mask; rendering takes about 20 µs. Cache
/// codes that are rendered often.
#[derive(Debug, Clone)]
pub struct Qr {
    /// In row order, true where dark; without the quiet zone.
    dark: Vec<bool>,
    width: u16,
    level: EcLevel,
}

/// Why a code cannot be created or rendered.
#[derive(Debug, thiserror::Error)]
pub enum QrError {
    /// No QR code is large enough for the text (the limit is 2,331 bytes at level M).
    #[error("the text is too long for a QR code")]
    TooLong(#[source] qrcode::types::QrError),
    /// Encoding the PNG failed.
    #[error("the picture could not be encoded as PNG")]
    Png(#[source] image::ImageError),
}

impl Qr {
    /// The code of `text`: at the highest level that needs at most 33 modules per side, otherwise at level M in any
    /// size.
    ///
    /// # Errors
    ///
    /// [`QrError::TooLong`] if no code can hold the text.
    pub fn new(text: &str) -> Result<Self, QrError> {
        let (level, bits) = choose_level(text.as_bytes()).map_err(QrError::TooLong)?;
        let width = bits.version().width().unsigned_abs();
        let modules = qr_mask::best_masked(bits, level).map_err(QrError::TooLong)?;
        let dark = |color| color == Color::Dark;
        Ok(Self { dark: modules.into_iter().map(dark).collect(), width, level })
    }

    /// Modules per side, without the quiet zone.
    #[must_use]
    pub fn width(&self) -> u16 {
        self.width
    }

    /// The chosen error correction level: M, Q or H, of which 15, 25 or 30 % may be lost.
    #[must_use]
    pub fn level(&self) -> EcLevel {
        self.level
    }

    /// The modules as one text per row, `1` for dark and `0` for light, without the quiet zone: enough for a phone to
    /// draw the code offline.
    #[must_use]
    pub fn rows(&self) -> Vec<String> {
        let digit = |dark: &bool| if *dark { '1' } else { '0' };
        self.module_rows().map(|line| line.iter().map(digit).collect()).collect()
    }

    /// The code as a scalable SVG, black on white with its quiet zone, so that it can be read on a dark page too. One
    /// unit is one module.
    #[must_use]
    pub fn svg(&self) -> String {
        let side = self.side();
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges" role="img"><path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#000" d="{}"/></svg>"##,
            self.path()
        )
    }

    /// The code as a grey PNG, black on white with its quiet zone.
    ///
    /// `pixels_per_module` is clamped to 5..=40: below 5 decoders fail, and 40 is enough for a poster.
    ///
    /// # Errors
    ///
    /// [`QrError::Png`] if the encoder fails, which has no known cause.
    pub fn png(&self, pixels_per_module: u16) -> Result<Vec<u8>, QrError> {
        let scale = pixels_per_module.clamp(5, 40);
        let side = u32::from(self.side()) * u32::from(scale);
        let mut png = Vec::new();
        // Rows repeat, so each row is stored as its difference from the one above, which is mostly zero.
        PngEncoder::new_with_quality(&mut png, CompressionType::Default, FilterType::Up)
            .write_image(&self.pixels(scale), side, side, ExtendedColorType::L8)
            .map_err(QrError::Png)?;
        Ok(png)
    }

    /// Modules per side with the quiet zone: the side of the square that [`Qr::path`] is drawn on.
    pub(super) fn side(&self) -> u16 {
        self.width + 2 * QUIET_ZONE
    }

    fn module_rows(&self) -> impl Iterator<Item = &[bool]> {
        self.dark.chunks(usize::from(self.width))
    }

    /// SVG path data: each run of dark modules as one rectangle.
    pub(super) fn path(&self) -> String {
        let mut path = String::new();
        for (y, line) in (QUIET_ZONE..).zip(self.module_rows()) {
            let mut x = QUIET_ZONE;
            for run in line.chunk_by(|one, next| one == next) {
                let length = run.iter().fold(0, |length, _| length + 1);
                if run.first() == Some(&true) {
                    // Writing to a `String` cannot fail.
                    let _ = write!(path, "M{x} {y}h{length}v1h-{length}z");
                }
                x += length;
            }
        }
        path
    }

    /// One byte per pixel, 0 for black and 255 for white.
    fn pixels(&self, scale: u16) -> Vec<u8> {
        let scale = usize::from(scale);
        let quiet = usize::from(QUIET_ZONE) * scale;
        let side = usize::from(self.width) * scale + 2 * quiet;
        let mut pixels = vec![u8::MAX; side * quiet];
        for line in self.module_rows() {
            let modules = line.iter().map(|dark| if *dark { 0 } else { u8::MAX });
            let row: Vec<u8> = repeat_n(u8::MAX, quiet)
                .chain(modules.flat_map(|module| repeat_n(module, scale)))
                .chain(repeat_n(u8::MAX, quiet))
                .collect();
            pixels.extend(row.repeat(scale));
        }
        pixels.resize(side * side, u8::MAX);
        pixels
    }
}

/// The level to use and the text encoded for it. The size is known before the costly search for a mask.
fn choose_level(text: &[u8]) -> Result<(EcLevel, Bits), qrcode::types::QrError> {
    for level in [EcLevel::H, EcLevel::Q] {
        match bits::encode_auto(text, level) {
            Ok(bits) if bits.version().width() <= MAX_WIDTH_FOR_HIGHER_LEVEL => return Ok((level, bits)),
            // Too large at this level, or for any code.
            Ok(_) | Err(_) => {}
        }
    }
    Ok((EcLevel::M, bits::encode_auto(text, EcLevel::M)?))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn shape(text: &str) -> (u16, EcLevel) {
        let qr = Qr::new(text).unwrap();
        (qr.width(), qr.level())
    }

    #[test]
    fn a_voucher_is_the_smallest_code_at_the_highest_level() {
        assert_eq!(shape("473829106"), (21, EcLevel::H));
        assert_eq!(shape("000000000"), (21, EcLevel::H));
    }

    #[test]
    fn the_highest_level_within_33_modules_is_chosen() {
        // The payloads of the measurement: a code of 26 characters without a link, and links of 37 and 56 characters.
        assert_eq!(shape("P0123456789ABCDEFGHJKMNPQR"), (29, EcLevel::H));
        let link = |length: usize| format!("https://{}", "a".repeat(length - 8));
        assert_eq!(shape(&link(37)), (33, EcLevel::Q));
        assert_eq!(shape(&link(56)), (33, EcLevel::M));
    }

    #[test]
    fn a_code_wider_than_33_modules_uses_level_m() {
        let (width, level) = shape(&"a".repeat(100));
        assert!(width > 33);
        assert_eq!(level, EcLevel::M);
    }

    #[test]
    fn a_text_is_too_long_only_if_no_code_can_hold_it() {
        assert_eq!(shape(&"a".repeat(2_331)), (177, EcLevel::M));
        let error = Qr::new(&"a".repeat(2_332)).unwrap_err();
        assert!(matches!(error, QrError::TooLong(_)));
    }

    #[test]
    fn rows_are_square_with_three_finder_patterns() {
        let rows = Qr::new("473829106").unwrap().rows();
        assert_eq!(rows.len(), 21);
        assert!(rows.iter().all(|row| row.len() == 21));
        for (row, start) in [(0, 0), (0, 14), (6, 0), (6, 14), (14, 0), (20, 0)] {
            assert_eq!(&rows[row][start..start + 7], "1111111");
        }
    }

    #[test]
    fn the_svg_is_dark_exactly_where_the_rows_are_dark() {
        let qr = Qr::new("https://carnival.example/q/P0123456789ABCDE").unwrap();
        let svg = qr.svg();
        let (_, path) = svg.rsplit_once(" d=\"").unwrap();
        let (path, _) = path.split_once("z\"/></svg>").unwrap();
        let mut drawn = vec![vec!['0'; usize::from(qr.width())]; usize::from(qr.width())];
        for run in path.split('z') {
            // For example M4 5h7v1h-7
            let numbers: Vec<usize> =
                run.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect();
            let [x, y, length, 1, back] = numbers[..] else { unreachable!("{run}") };
            assert_eq!(length, back);
            drawn[y - 4][x - 4..x - 4 + length].fill('1');
        }
        let drawn: Vec<String> = drawn.into_iter().map(String::from_iter).collect();
        assert_eq!(drawn, qr.rows());
    }

    #[test]
    fn the_svg_includes_a_white_background_and_the_quiet_zone() {
        let svg = Qr::new("473829106").unwrap().svg();
        assert!(svg.starts_with(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29" shape-rendering="crispEdges" role="img"><path fill="#fff" d="M0 0h29v29H0z"/><path fill="#000" d="M4 4h7"##
        ));
    }

    #[test]
    fn the_png_is_small_and_its_scale_is_clamped() {
        let qr = Qr::new("https://carnival.example/q/P0123456789ABCDE").unwrap();
        let side = |scale| image::load_from_memory(&qr.png(scale).unwrap()).unwrap().width();
        let modules = u32::from(qr.width()) + 8;
        assert_eq!(side(0), modules * 5);
        assert_eq!(side(12), modules * 12);
        assert_eq!(side(u16::MAX), modules * 40);
        assert!(qr.png(10).unwrap().len() < 4_000);
    }
}
