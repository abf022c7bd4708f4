//! Decodes PNG to grayscale row by row, so that 16-bit samples, transparency and palettes are never in memory for the
//! whole picture.

use std::io::Cursor;

use png::{ColorType, Decoder, InterlaceInfo, Limits, Transformations, expand_interlaced_row};

use crate::pictures::grayscale::{GrayscaleImage, brightness};
use crate::pictures::raster::{MAX_PIXELS, RasterError, check_dimensions};

/// Memory limit of the decoder itself: a few rows.
const MAX_DECODER_BYTES: usize = 16 << 20;

pub(super) fn read(bytes: &[u8]) -> Result<GrayscaleImage, RasterError> {
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: MAX_DECODER_BYTES });
    // Text chunks and colour profiles can be decompression bombs too, and reading a code needs neither.
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(Transformations::normalize_to_color8());
    let info = decoder.read_header_info().map_err(corrupt)?;
    let (width, height) = (info.width, info.height);
    check_dimensions(width, height, MAX_PIXELS)?;
    let mut reader = decoder.read_info().map_err(corrupt)?;
    let (colours, _) = reader.output_color_type();
    let mut photo = GrayscaleImage::blank(width, height);
    let mut start = 0;
    while let Some(row) = reader.next_interlaced_row().map_err(corrupt)? {
        let shades = shades(row.data(), colours);
        match row.interlace() {
            InterlaceInfo::Null(_) => {
                if let Some(target) = photo.shades.get_mut(start..start + shades.len()) {
                    target.copy_from_slice(&shades);
                }
                start += photo.width;
            }
            InterlaceInfo::Adam7(pass) => {
                expand_interlaced_row(&mut photo.shades, width as usize, &shades, pass, 8);
            }
        }
    }
    Ok(photo)
}

/// Converts a row to brightness; transparent pixels are put on white paper.
fn shades(row: &[u8], colours: ColorType) -> Vec<u8> {
    let over_white = |shade: u8, alpha: u8| {
        let (shade, alpha) = (u32::from(shade), u32::from(alpha));
        u8::try_from((shade * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
    };
    match colours {
        ColorType::Rgb => row.chunks_exact(3).map(|pixel| brightness(pixel[0], pixel[1], pixel[2])).collect(),
        ColorType::Rgba => {
            row.chunks_exact(4).map(|pixel| over_white(brightness(pixel[0], pixel[1], pixel[2]), pixel[3])).collect()
        }
        ColorType::GrayscaleAlpha => row.chunks_exact(2).map(|pixel| over_white(pixel[0], pixel[1])).collect(),
        ColorType::Grayscale | ColorType::Indexed => row.to_vec(),
    }
}

fn corrupt(cause: impl std::fmt::Display) -> RasterError {
    RasterError::Corrupt(cause.to_string())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use std::io::Write;

    use flate2::write::ZlibEncoder;
    use flate2::{Compression, Crc};

    use super::*;

    fn chunk(name: &[u8], data: &[u8]) -> Vec<u8> {
        let mut sum = Crc::new();
        sum.update(name);
        sum.update(data);
        let length = u32::try_from(data.len()).unwrap();
        [&length.to_be_bytes()[..], name, data, &sum.sum().to_be_bytes()].concat()
    }

    fn png(width: u32, height: u32, rest: [u8; 5], rows: &[u8]) -> Vec<u8> {
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(rows).unwrap();
        let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &rest].concat();
        let data = packed.finish().unwrap();
        [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &head), chunk(b"IDAT", &data), chunk(b"IEND", b"")].concat()
    }

    #[test]
    fn interlaced_rows_are_put_in_place() {
        let (width, height) = (11_u8, 13_u8);
        let shade = |x: u8, y: u8| x * 16 + y;
        let passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];
        let mut rows = Vec::new();
        for (left, top, across, down) in passes {
            for y in (top..height).step_by(down) {
                rows.push(0);
                rows.extend((left..width).step_by(across).map(|x| shade(x, y)));
            }
        }
        let photo = read(&png(width.into(), height.into(), [8, 0, 0, 0, 1], &rows)).unwrap();
        let expected: Vec<u8> = (0..height).flat_map(|y| (0..width).map(move |x| shade(x, y))).collect();
        assert_eq!(photo.shades, expected);
    }

    #[test]
    fn transparent_pixels_are_put_on_white() {
        let rows = [0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 100, 100, 100, 128];
        assert_eq!(read(&png(4, 1, [8, 6, 0, 0, 0], &rows)).unwrap().shades, [255, 0, 255, 177]);
        // Sixteen bits per sample.
        assert_eq!(read(&png(2, 1, [16, 0, 0, 0, 0], &[0, 0x12, 0x34, 0xFF, 0xFF])).unwrap().shades, [0x12, 0xFF]);
        // One bit per sample.
        assert_eq!(read(&png(3, 1, [1, 0, 0, 0, 0], &[0, 0b1010_0000])).unwrap().shades, [255, 0, 255]);
    }

    #[test]
    fn the_pixel_limit_is_checked_before_decompression() {
        for (width, height) in [(20_000, 1_001), (u32::MAX >> 1, 1), (1, 70_000)] {
            let refused = read(&png(width, height, [8, 6, 0, 0, 0], &[0]));
            assert!(matches!(refused, Err(RasterError::TooManyPixels { .. })), "{width} × {height}");
        }
    }
}
