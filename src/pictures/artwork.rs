//! The carnival's own artwork: files beside the carnival file, read within bounds.

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use image::RgbaImage;
use image::imageops::{FilterType, resize};
use resvg::tiny_skia::{IntSize, Pixmap, PixmapPaint, Transform};
use resvg::usvg::roxmltree::{Document, Node};

use super::raster::{self, RasterError};
use super::sheet::{Sheet, SheetError};
use crate::rules::design::{ArtworkKind, ArtworkPath};

/// The largest file, in bytes.
pub const MOST_BYTES: u64 = 8 * 1024 * 1024;

/// The largest SVG, in bytes: it is parsed anew for each size in which it is drawn.
pub const MOST_SVG_BYTES: u64 = 1024 * 1024;

/// Where artwork lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// In the folder of the carnival file; what is not there is taken from the sample, if the sample has it.
    Folder(PathBuf),
    /// In the program: the sample's.
    Sample,
}

/// Why a file of artwork cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ArtworkError {
    /// It is not there.
    #[error("there is no such file in {0}")]
    NotThere(String),
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Unread(std::io::Error),
    /// It is too large.
    #[error("it is larger than {} KB", .0 / 1024)]
    TooLarge(u64),
    /// It is no text.
    #[error("it is no SVG: not UTF-8")]
    NotText,
    /// It holds what a picture must not.
    #[error("it holds {0}; a picture must neither run anything nor refer to anything outside of itself")]
    Active(String),
    /// It is not drawn.
    #[error(transparent)]
    Drawing(#[from] SheetError),
    /// It is no picture of pixels.
    #[error(transparent)]
    Raster(#[from] RasterError),
    /// Its name and what is in it disagree.
    #[error("its name ends like another kind of picture than it is")]
    OtherKind,
}

impl Source {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// When it is not there or cannot be used.
    pub fn read(&self, path: &ArtworkPath) -> Result<Art, ArtworkError> {
        let most = if path.kind() == ArtworkKind::Svg { MOST_SVG_BYTES } else { MOST_BYTES };
        Art::read(path.kind(), &self.bytes(path, most)?)
    }

    /// Whether the file is there; it is not read.
    #[must_use]
    pub fn has(&self, path: &ArtworkPath) -> bool {
        let beside = match self {
            Source::Folder(folder) => folder.join(path.as_str()).exists(),
            Source::Sample => false,
        };
        beside || carried(path).is_some()
    }

    fn bytes(&self, path: &ArtworkPath, most: u64) -> Result<Vec<u8>, ArtworkError> {
        let Source::Folder(folder) = self else {
            let none = || ArtworkError::NotThere("the sample".to_owned());
            return carried(path).map(<[u8]>::to_vec).ok_or_else(none);
        };
        match fs::File::open(folder.join(path.as_str())) {
            Ok(file) => bounded(file, most),
            // Whoever copies the sample's file alone has its pictures all the same.
            Err(cause) if cause.kind() == ErrorKind::NotFound => {
                let none = || ArtworkError::NotThere(folder.display().to_string());
                carried(path).map(<[u8]>::to_vec).ok_or_else(none)
            }
            Err(cause) => Err(ArtworkError::Unread(cause)),
        }
    }

    /// What changes when the file does, so that a picture made from an older one is not taken for the new: its time and its size.
    #[must_use]
    pub fn state(&self, path: &ArtworkPath) -> (u128, u64) {
        let Source::Folder(folder) = self else { return (0, 0) };
        let Ok(known) = fs::metadata(folder.join(path.as_str())) else { return (0, 0) };
        let changed = known.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        (changed.map_or(0, |at| at.as_nanos()), known.len())
    }
}

/// What the program has itself.
fn carried(path: &ArtworkPath) -> Option<&'static [u8]> {
    super::sample::ARTWORK.iter().find(|(known, _)| *known == path.as_str()).map(|(_, bytes)| *bytes)
}

fn bounded(file: fs::File, most: u64) -> Result<Vec<u8>, ArtworkError> {
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(ArtworkError::Unread)?;
    if bytes.len() as u64 > most { Err(ArtworkError::TooLarge(most)) } else { Ok(bytes) }
}

/// A picture that was read.
pub enum Art {
    /// Of lines and areas.
    Drawn(Sheet),
    /// Of pixels.
    Pixels(RgbaImage),
}

impl Art {
    /// Reads a picture of this kind.
    ///
    /// # Errors
    /// When it is none, or holds what it must not.
    pub fn read(kind: ArtworkKind, bytes: &[u8]) -> Result<Art, ArtworkError> {
        match kind {
            ArtworkKind::Svg => {
                let text = std::str::from_utf8(bytes).map_err(|_| ArtworkError::NotText)?;
                keep_out_active(text)?;
                Ok(Art::Drawn(Sheet::read(text)?))
            }
            ArtworkKind::Png | ArtworkKind::Jpeg => {
                let form = if kind == ArtworkKind::Png { raster::Form::Png } else { raster::Form::Jpeg };
                if raster::size_of(bytes)?.0 != form {
                    return Err(ArtworkError::OtherKind);
                }
                Ok(Art::Pixels(pixels(bytes)?))
            }
        }
    }

    /// The picture over the whole of so many pixels, cut off where it has another shape.
    ///
    /// # Errors
    /// When so many pixels do not fit into memory.
    pub fn cover(&self, width: u32, height: u32) -> Result<Pixmap, SheetError> {
        self.placed(width, height, f32::max)
    }

    /// The whole picture within so many pixels.
    ///
    /// # Errors
    /// When so many pixels do not fit into memory.
    pub fn within(&self, width: u32, height: u32) -> Result<Pixmap, SheetError> {
        self.placed(width, height, f32::min)
    }

    fn placed(&self, width: u32, height: u32, choose: fn(f32, f32) -> f32) -> Result<Pixmap, SheetError> {
        let mut onto = Pixmap::new(width, height).ok_or(SheetError::TooLarge)?;
        let (own_width, own_height) = match self {
            Art::Drawn(sheet) => sheet.size(),
            Art::Pixels(pixels) => (side(pixels.width()), side(pixels.height())),
        };
        let (width, height) = (side(width), side(height));
        let scale = choose(width / own_width, height / own_height);
        let (left, top) = ((width - own_width * scale) / 2.0, (height - own_height * scale) / 2.0);
        match self {
            Art::Drawn(sheet) => {
                sheet.draw(Transform::from_scale(scale, scale).post_translate(left, top), &mut onto.as_mut());
            }
            Art::Pixels(pixels) => {
                let resized =
                    resize(pixels, whole(own_width * scale), whole(own_height * scale), FilterType::CatmullRom);
                let at = Transform::from_translate(left.round(), top.round());
                onto.draw_pixmap(0, 0, of_image(resized)?.as_ref(), &PixmapPaint::default(), at, None);
            }
        }
        Ok(onto)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a picture is not sixteen million pixels wide")]
fn side(pixels: u32) -> f32 {
    pixels as f32
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a side of a picture")]
fn whole(side: f32) -> u32 {
    (side.round() as u32).max(1)
}

fn of_image(image: RgbaImage) -> Result<Pixmap, SheetError> {
    let size = IntSize::from_wh(image.width(), image.height()).ok_or(SheetError::TooLarge)?;
    Pixmap::from_vec(image.into_raw(), size).ok_or(SheetError::TooLarge)
}

/// The widest that a picture of pixels is kept, enough for an A6 card at 300 dpi with some to spare.
const KEPT_SIDE: u32 = 2_400;

/// With its colours multiplied by how opaque they are, as pixels are laid over each other.
fn pixels(bytes: &[u8]) -> Result<RgbaImage, RasterError> {
    let read = raster::read(bytes)?;
    let read = if read.width().max(read.height()) > KEPT_SIDE {
        read.resize(KEPT_SIDE, KEPT_SIDE, FilterType::CatmullRom)
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

/// Refuses scripts, other documents and addresses: drawn here they would do nothing, and a file that holds them is not what it seems.
fn keep_out_active(text: &str) -> Result<(), ArtworkError> {
    let document = Document::parse(text).map_err(|cause| ArtworkError::Drawing(SheetError::NotSvg(cause.into())))?;
    document.descendants().find_map(active).map_or(Ok(()), |what| Err(ArtworkError::Active(what)))
}

fn active(node: Node<'_, '_>) -> Option<String> {
    let name = node.tag_name().name();
    if matches!(name, "script" | "foreignObject" | "iframe" | "animate" | "set" | "animateTransform" | "animateMotion")
    {
        return Some(format!("<{name}>"));
    }
    let leads_out = |value: &str| {
        let value = value.trim();
        !(value.starts_with('#') || value.starts_with("data:image/png") || value.starts_with("data:image/jp"))
    };
    let of_attribute = node.attributes().find_map(|attribute| {
        let (name, value) = (attribute.name(), attribute.value());
        let handler = name.len() > 2 && name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("on"));
        let address = name == "href" && leads_out(value);
        (handler || address || refers_out(value))
            .then(|| format!("{name}=\"{}\"", value.chars().take(40).collect::<String>()))
    });
    let style = (name == "style").then(|| node.text().unwrap_or_default());
    of_attribute.or_else(|| {
        style.filter(|text| text.contains("@import") || refers_out(text)).map(|_| "<style> with an address".to_owned())
    })
}

/// Whether a property refers to something else than a part of the same file: `url(http://…)`.
fn refers_out(value: &str) -> bool {
    let mut addresses = value.split("url(").skip(1);
    addresses.any(|rest| !rest.trim_start_matches([' ', '"', '\'']).starts_with('#'))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests;
