//! Raster images: decoded within size limits, and encoded as JPEG and PNG.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageReader, Limits};
use jpeg_encoder::{ColorType, Encoder, PixelDensity};
use resvg::tiny_skia::Pixmap;

/// Maximum number of pixels of an image that is decoded.
pub const MAX_PIXELS: u64 = 20_000_000;

/// JPEG quality at which flat colours and text stay clean.
const QUALITY: u8 = 90;

/// Format of a raster image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImageFormat {
    /// Small, for the phone.
    Jpeg,
    /// Lossless, for print.
    Png,
}

/// Why a raster image cannot be decoded or encoded.
#[derive(Debug, thiserror::Error)]
pub enum RasterError {
    /// Neither PNG nor JPEG.
    #[error("it is neither a PNG nor a JPEG")]
    UnknownFormat,
    /// More pixels than the limit, or a side above 65,535.
    #[error("it has {width} × {height} pixels; the maximum is {max_pixels} in total")]
    TooManyPixels {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Maximum number of pixels.
        max_pixels: u64,
    },
    /// The data is corrupt.
    #[error("it is corrupt: {0}")]
    Corrupt(String),
    /// Encoding failed.
    #[error("encoding failed: {0}")]
    EncodingFailed(String),
}

/// Format, width and height from the image header; the pixels are not decoded.
///
/// # Errors
/// Fails if the bytes are not an image, or if it has too many pixels.
pub fn read_header(bytes: &[u8]) -> Result<(ImageFormat, u32, u32), RasterError> {
    let format = guess_format(bytes)?;
    let (width, height) = reader(bytes).into_decoder().map_err(corrupt)?.dimensions();
    check_dimensions(width, height, MAX_PIXELS)?;
    Ok((format, width, height))
}

/// Rejects more pixels than `max_pixels`, and sides above 65,535: no camera produces them, and one row could then be as
/// large as a whole picture.
pub(super) fn check_dimensions(width: u32, height: u32, max_pixels: u64) -> Result<(), RasterError> {
    let sides = u16::try_from(width.max(height)).is_ok();
    if sides && u64::from(width) * u64::from(height) <= max_pixels {
        return Ok(());
    }
    Err(RasterError::TooManyPixels { width, height, max_pixels })
}

/// Decodes an image.
///
/// # Errors
/// Fails if the bytes are not an image, are corrupt, or have too many pixels; the size is checked before decoding.
pub fn decode(bytes: &[u8]) -> Result<DynamicImage, RasterError> {
    read_header(bytes)?;
    reader(bytes).decode().map_err(corrupt)
}

fn corrupt(cause: impl std::fmt::Display) -> RasterError {
    RasterError::Corrupt(cause.to_string())
}

/// Format of an image, from its first bytes.
pub(super) fn guess_format(bytes: &[u8]) -> Result<ImageFormat, RasterError> {
    match image::guess_format(bytes) {
        Ok(image::ImageFormat::Png) => Ok(ImageFormat::Png),
        Ok(image::ImageFormat::Jpeg) => Ok(ImageFormat::Jpeg),
        _ => Err(RasterError::UnknownFormat),
    }
}

fn reader(bytes: &[u8]) -> ImageReader<Cursor<&[u8]>> {
    let mut reader = ImageReader::new(Cursor::new(bytes));
    if let Ok(format) = image::guess_format(bytes) {
        reader.set_format(format);
    }
    // The largest PNG pixel takes eight bytes.
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_PIXELS * 8);
    reader.limits(limits);
    reader
}

/// Encodes opaque pixels; `dpi` sets their size on paper.
///
/// # Errors
/// Fails if the encoder fails, which has no known cause.
pub fn encode(pixels: &Pixmap, format: ImageFormat, dpi: u16) -> Result<Vec<u8>, RasterError> {
    match format {
        ImageFormat::Png => write_png(pixels, dpi).map_err(|cause| RasterError::EncodingFailed(cause.to_string())),
        ImageFormat::Jpeg => write_jpeg(pixels, dpi),
    }
}

fn write_png(pixels: &Pixmap, dpi: u16) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, pixels.width(), pixels.height());
    encoder.set_color(png::ColorType::Rgb);
    // Choosing the filter per row makes the file a fifth smaller in the same time.
    encoder.set_compression(png::Compression::Fast);
    encoder.set_filter(png::Filter::Adaptive);
    // PNG counts pixels per metre; an inch is 25.4 mm.
    let per_metre = (u32::from(dpi) * 10_000).div_ceil(254);
    let unit = png::Unit::Meter;
    encoder.set_pixel_dims(Some(png::PixelDimensions { xppu: per_metre, yppu: per_metre, unit }));
    let mut writer = encoder.write_header()?;
    let mut colours = Vec::with_capacity(pixels.pixels().len() * 3);
    for pixel in pixels.data().chunks_exact(4) {
        colours.extend_from_slice(&pixel[..3]);
    }
    writer.write_image_data(&colours)?;
    writer.finish()?;
    Ok(bytes)
}

fn write_jpeg(pixels: &Pixmap, dpi: u16) -> Result<Vec<u8>, RasterError> {
    let too_large = |cause: std::num::TryFromIntError| RasterError::EncodingFailed(cause.to_string());
    let (width, height) =
        (pixels.width().try_into().map_err(too_large)?, pixels.height().try_into().map_err(too_large)?);
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, QUALITY);
    encoder.set_density(PixelDensity::dpi(dpi));
    let result = encoder.encode(pixels.data(), width, height, ColorType::Rgba);
    result.map(|()| bytes).map_err(|cause| RasterError::EncodingFailed(cause.to_string()))
}
