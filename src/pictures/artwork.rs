//! Artwork files of the carnival: PNG, JPEG and SVG beside the carnival file, read within size limits.

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use image::RgbaImage;
use image::imageops::{FilterType, resize};
use resvg::tiny_skia::{IntSize, Pixmap, PixmapPaint, Transform};
use resvg::usvg::roxmltree::{Document, Node};

use super::raster::{self, RasterError};
use super::svg_document::{SvgDocument, SvgError};
use crate::rules::carnival::design::{ArtworkKind, ArtworkPath};

/// Maximum size of a PNG or JPEG file, in bytes.
pub const MAX_BYTES: u64 = 8 * 1024 * 1024;

/// Maximum size of an SVG file, in bytes. Lower, because an SVG is parsed again for every size it is rendered at.
pub const MAX_SVG_BYTES: u64 = 1024 * 1024;

/// Where artwork files are read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArtworkSource {
    /// The folder of the carnival file. A file missing there is taken from the bundled sample artwork, if it exists
    /// there.
    Folder(PathBuf),
    /// The sample artwork that is compiled into the program.
    Sample,
}

/// Why an artwork file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ArtworkError {
    /// The file does not exist.
    #[error("there is no such file in {0}")]
    NotFound(String),
    /// Reading the file failed.
    #[error("it cannot be read: {0}")]
    Unreadable(std::io::Error),
    /// The file is larger than the limit, given in bytes.
    #[error("it is larger than {} KB", .0 / 1024)]
    TooLarge(u64),
    /// The SVG is not UTF-8.
    #[error("it is not an SVG: not UTF-8")]
    NotUtf8,
    /// The SVG contains a script, an animation or an external reference.
    #[error("it contains {0}; a picture must not run anything or refer to anything outside the file")]
    ActiveContent(String),
    /// The SVG cannot be parsed or needs a missing font.
    #[error(transparent)]
    Svg(#[from] SvgError),
    /// The PNG or JPEG cannot be decoded.
    #[error(transparent)]
    Raster(#[from] RasterError),
    /// The file name's extension does not match the content.
    #[error("its file extension does not match its content")]
    WrongExtension,
}

impl ArtworkSource {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// Fails if the file does not exist or cannot be used.
    pub fn read(&self, path: &ArtworkPath) -> Result<Artwork, ArtworkError> {
        let max_bytes = if path.kind() == ArtworkKind::Svg { MAX_SVG_BYTES } else { MAX_BYTES };
        Artwork::read(path.kind(), &self.bytes(path, max_bytes)?)
    }

    /// Whether the file exists; it is not read.
    #[must_use]
    pub fn has(&self, path: &ArtworkPath) -> bool {
        let in_folder = |folder: &PathBuf| folder.join(path.as_str()).exists();
        bundled(path).is_some() || matches!(self, ArtworkSource::Folder(folder) if in_folder(folder))
    }

    fn bytes(&self, path: &ArtworkPath, max_bytes: u64) -> Result<Vec<u8>, ArtworkError> {
        let place = match self {
            ArtworkSource::Folder(folder) => match fs::File::open(folder.join(path.as_str())) {
                Ok(file) => return bounded(file, max_bytes),
                Err(cause) if cause.kind() == ErrorKind::NotFound => folder.display().to_string(),
                Err(cause) => return Err(ArtworkError::Unreadable(cause)),
            },
            ArtworkSource::Sample => "the sample".to_owned(),
        };
        // An operator who copies only the sample's carnival file still gets its artwork.
        bundled(path).map(<[u8]>::to_vec).ok_or(ArtworkError::NotFound(place))
    }

    /// Modification time (nanoseconds since the Unix epoch) and size. Part of the cache keys, so that a picture
    /// rendered from an older file is not served for the new one.
    #[must_use]
    pub fn file_version(&self, path: &ArtworkPath) -> (u128, u64) {
        let ArtworkSource::Folder(folder) = self else { return (0, 0) };
        let Ok(known) = fs::metadata(folder.join(path.as_str())) else { return (0, 0) };
        let changed = known.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        (changed.map_or(0, |at| at.as_nanos()), known.len())
    }
}

/// The bytes of a file of the bundled sample artwork.
fn bundled(path: &ArtworkPath) -> Option<&'static [u8]> {
    super::bundled_artwork::FILES.iter().find(|(known, _)| *known == path.as_str()).map(|(_, bytes)| *bytes)
}

fn bounded(file: fs::File, max_bytes: u64) -> Result<Vec<u8>, ArtworkError> {
    let mut bytes = Vec::new();
    file.take(max_bytes + 1).read_to_end(&mut bytes).map_err(ArtworkError::Unreadable)?;
    if bytes.len() as u64 > max_bytes { Err(ArtworkError::TooLarge(max_bytes)) } else { Ok(bytes) }
}

/// Artwork in memory.
pub enum Artwork {
    /// A parsed SVG.
    Vector(SvgDocument),
    /// Decoded pixels with premultiplied alpha.
    Raster(RgbaImage),
}

impl Artwork {
    /// Reads artwork of the given kind.
    ///
    /// # Errors
    /// Fails if the bytes are not of this kind, or contain active content.
    pub fn read(kind: ArtworkKind, bytes: &[u8]) -> Result<Artwork, ArtworkError> {
        match kind {
            ArtworkKind::Svg => {
                let text = std::str::from_utf8(bytes).map_err(|_| ArtworkError::NotUtf8)?;
                reject_active_content(text)?;
                Ok(Artwork::Vector(SvgDocument::parse(text)?))
            }
            ArtworkKind::Png | ArtworkKind::Jpeg => {
                let is_png = raster::read_header(bytes)?.0 == raster::ImageFormat::Png;
                if is_png != (kind == ArtworkKind::Png) {
                    return Err(ArtworkError::WrongExtension);
                }
                Ok(Artwork::Raster(decode_premultiplied(bytes)?))
            }
        }
    }

    /// Renders the artwork so that it fills `width` × `height` pixels, cropping what exceeds them (CSS `cover`).
    ///
    /// # Errors
    /// Fails if the pixels do not fit into memory.
    pub fn cover(&self, width: u32, height: u32) -> Result<Pixmap, SvgError> {
        self.scaled(width, height, f32::max)
    }

    /// Renders the whole artwork inside `width` × `height` pixels, transparent around it (CSS `contain`).
    ///
    /// # Errors
    /// Fails if the pixels do not fit into memory.
    pub fn contain(&self, width: u32, height: u32) -> Result<Pixmap, SvgError> {
        self.scaled(width, height, f32::min)
    }

    fn scaled(&self, width: u32, height: u32, choose: fn(f32, f32) -> f32) -> Result<Pixmap, SvgError> {
        let mut target = Pixmap::new(width, height).ok_or(SvgError::TooLarge)?;
        let (source_width, source_height) = match self {
            Artwork::Vector(document) => document.size(),
            Artwork::Raster(pixels) => (to_f32(pixels.width()), to_f32(pixels.height())),
        };
        let (width, height) = (to_f32(width), to_f32(height));
        let scale = choose(width / source_width, height / source_height);
        let (left, top) = ((width - source_width * scale) / 2.0, (height - source_height * scale) / 2.0);
        match self {
            Artwork::Vector(document) => {
                document.draw(Transform::from_scale(scale, scale).post_translate(left, top), &mut target.as_mut());
            }
            Artwork::Raster(pixels) => {
                let resized = resize(
                    pixels,
                    to_pixels(source_width * scale),
                    to_pixels(source_height * scale),
                    FilterType::CatmullRom,
                );
                let at = Transform::from_translate(left.round(), top.round());
                target.draw_pixmap(0, 0, to_pixmap(resized)?.as_ref(), &PixmapPaint::default(), at, None);
            }
        }
        Ok(target)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a picture is less than sixteen million pixels wide")]
fn to_f32(pixels: u32) -> f32 {
    pixels as f32
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "side of a picture")]
fn to_pixels(side: f32) -> u32 {
    (side.round() as u32).max(1)
}

fn to_pixmap(image: RgbaImage) -> Result<Pixmap, SvgError> {
    let size = IntSize::from_wh(image.width(), image.height()).ok_or(SvgError::TooLarge)?;
    Pixmap::from_vec(image.into_raw(), size).ok_or(SvgError::TooLarge)
}

/// Decoded artwork is scaled down to this side, in pixels: more than an A6 card at 300 dpi needs (1748).
const MAX_STORED_SIDE: u32 = 2_400;

/// Decodes a PNG or JPEG and multiplies its colours by alpha, the form in which pixels are composited.
fn decode_premultiplied(bytes: &[u8]) -> Result<RgbaImage, RasterError> {
    let read = raster::decode(bytes)?;
    let read = if read.width().max(read.height()) > MAX_STORED_SIDE {
        read.resize(MAX_STORED_SIDE, MAX_STORED_SIDE, FilterType::CatmullRom)
    } else {
        read
    };
    let mut read = read.into_rgba8();
    for pixel in read.pixels_mut() {
        let alpha = u16::from(pixel.0[3]);
        for part in &mut pixel.0[..3] {
            *part = u8::try_from(u16::from(*part) * alpha / 255).unwrap_or(u8::MAX);
        }
    }
    Ok(read)
}

/// Rejects scripts, animations and external references. The renderer would ignore them, but a file that contains them
/// is not a plain picture.
fn reject_active_content(text: &str) -> Result<(), ArtworkError> {
    let document = Document::parse(text).map_err(|cause| ArtworkError::Svg(SvgError::Invalid(cause.into())))?;
    document.descendants().find_map(active_content).map_or(Ok(()), |what| Err(ArtworkError::ActiveContent(what)))
}

fn active_content(node: Node<'_, '_>) -> Option<String> {
    let name = node.tag_name().name();
    if matches!(name, "script" | "foreignObject" | "iframe" | "animate" | "set" | "animateTransform" | "animateMotion")
    {
        return Some(format!("<{name}>"));
    }
    let is_external = |value: &str| {
        let value = value.trim();
        !(value.starts_with('#') || value.starts_with("data:image/png") || value.starts_with("data:image/jp"))
    };
    let in_attribute = node.attributes().find_map(|attribute| {
        let (name, value) = (attribute.name(), attribute.value());
        let handler = name.len() > 2 && name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("on"));
        let address = name == "href" && is_external(value);
        (handler || address || has_external_url(value))
            .then(|| format!("{name}=\"{}\"", value.chars().take(40).collect::<String>()))
    });
    let style = (name == "style").then(|| node.text().unwrap_or_default());
    in_attribute.or_else(|| {
        style
            .filter(|text| text.contains("@import") || has_external_url(text))
            .map(|_| "<style> with an external reference".to_owned())
    })
}

/// Whether a value contains a `url(…)` that is not a fragment of the same file, such as `url(http://…)`.
fn has_external_url(value: &str) -> bool {
    let mut addresses = value.split("url(").skip(1);
    addresses.any(|rest| !rest.trim_start_matches([' ', '"', '\'']).starts_with('#'))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests;
