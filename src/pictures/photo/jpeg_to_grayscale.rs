//! Decodes JPEG to grayscale: a JPEG stores brightness separately, so colours need not be decoded.

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::pictures::grayscale::{GrayscaleImage, brightness};
use crate::pictures::raster::{MAX_PIXELS, RasterError, check_dimensions};

/// Memory limit for decoding one photo.
const MAX_DECODER_BYTES: u64 = 100_000_000;
/// Every scan of a progressive JPEG passes over the whole picture; encoders write about ten.
const MAX_SCANS: usize = 30;

pub(super) fn read(bytes: &[u8]) -> Result<GrayscaleImage, RasterError> {
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .jpeg_set_max_scans(MAX_SCANS);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(corrupt)?;
    let info = decoder.info().ok_or_else(|| corrupt("no size"))?;
    let colours = decoder.input_colorspace().ok_or_else(|| corrupt("no colours"))?;
    let grey = matches!(colours, ColorSpace::YCbCr | ColorSpace::Luma);
    let out = if grey { ColorSpace::Luma } else { ColorSpace::RGB };
    let buffered = if is_one_scan(bytes) { 0 } else { 2 * u64::from(info.components) };
    let bytes_per_pixel = buffered + out.num_components() as u64 + u64::from(!grey);
    let max_pixels = MAX_PIXELS.min(MAX_DECODER_BYTES / bytes_per_pixel);
    check_dimensions(u32::from(info.width), u32::from(info.height), max_pixels)?;
    decoder.set_options(options.jpeg_set_out_colorspace(out));
    let samples = decoder.decode().map_err(corrupt)?;
    let shades = match out {
        ColorSpace::Luma => samples,
        _ => samples.chunks_exact(3).map(|colour| brightness(colour[0], colour[1], colour[2])).collect(),
    };
    let (width, height) = (usize::from(info.width), usize::from(info.height));
    if shades.len() != width * height {
        return Err(corrupt("too few pixels"));
    }
    Ok(GrayscaleImage { width, height, shades })
}

/// Whether the first scan holds the whole picture. If not, the decoder keeps two bytes per sample until the last scan.
fn is_one_scan(bytes: &[u8]) -> bool {
    let mut components = None;
    let mut rest = bytes.get(2..).unwrap_or_default();
    while let [0xFF, marker, high, low, ..] = *rest {
        let length = usize::from(u16::from_be_bytes([high, low]));
        match marker {
            // Fill bytes.
            0xFF => {
                rest = &rest[1..];
                continue;
            }
            0xC0 | 0xC1 => components = rest.get(9),
            0xC2 => return false,
            0xDA => return components.is_some() && components == rest.get(4),
            _ => {}
        }
        rest = rest.get(2 + length..).unwrap_or_default();
    }
    false
}

fn corrupt(cause: impl std::fmt::Debug) -> RasterError {
    RasterError::Corrupt(format!("{cause:?}"))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use jpeg_encoder::{ColorType, Encoder};

    use super::*;

    fn jpeg(colours: ColorType, progressive: bool) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, 90);
        encoder.set_progressive(progressive);
        let samples = match colours {
            ColorType::Luma => 1,
            ColorType::Rgb => 3,
            _ => 4,
        };
        encoder.encode(&vec![90; 16 * 16 * samples], 16, 16, colours).unwrap();
        bytes
    }

    #[test]
    fn every_kind_of_jpeg_is_decoded_to_grey() {
        // For CMYK, higher values are darker: 165 of 255 stay light, once for the ink and once for black.
        for (colours, shade) in
            [(ColorType::Luma, 90), (ColorType::Rgb, 90), (ColorType::Cmyk, 107), (ColorType::CmykAsYcck, 107)]
        {
            for progressive in [false, true] {
                let bytes = jpeg(colours, progressive);
                assert_eq!(is_one_scan(&bytes), !progressive);
                let photo = read(&bytes).unwrap();
                assert_eq!((photo.width, photo.height), (16, 16));
                let close = photo.shades.iter().all(|one| one.abs_diff(shade) <= 3);
                assert!(close, "{colours:?}, progressive: {progressive}: {:?}", photo.shades[0]);
            }
        }
    }

    #[test]
    fn the_memory_limit_is_checked_before_decoding() {
        let mut bytes = jpeg(ColorType::Rgb, true);
        let head = bytes.windows(2).position(|two| two == [0xFF, 0xC2]).unwrap();
        // 4400 × 4400 is below 20 million pixels, but the decoder would keep two bytes per sample of all of it.
        bytes[head + 5..head + 9].copy_from_slice(&[0x11, 0x30, 0x11, 0x30]);
        let refused = read(&bytes);
        assert!(matches!(refused, Err(RasterError::TooManyPixels { width: 4400, max_pixels: 14_285_714, .. })));
        for head in [&b""[..], b"\xFF\xD8", b"\xFF\xD8\xFF\xFF\xFF", b"\xFF\xD8\xFF\xC0\x00\x00\xFF\xC0"] {
            assert!(!is_one_scan(head));
            assert!(read(head).is_err());
        }
    }
}
