//! A drawing as one tree: from SVG to pixels, and to the pages of a PDF.

use std::sync::{Arc, Mutex, PoisonError};

use krilla::Document;
use krilla::geom::Size;
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla_svg::{SurfaceExt, SvgSettings};
use resvg::tiny_skia::{Pixmap, PixmapMut, Transform};
use resvg::usvg::{Group, ImageHrefResolver, ImageKind, Node, Options, Text, Tree};

use super::fonts::{self, FontError, StrictFontResolver};

/// Points of a PDF per millimetre.
const POINTS_PER_MM: f32 = 72.0 / 25.4;

/// Why a drawing could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SvgError {
    /// A character or a font family that nobody has.
    #[error(transparent)]
    Font(#[from] FontError),
    /// It is no SVG.
    #[error("it is no SVG: {0}")]
    Invalid(#[from] resvg::usvg::Error),
    /// An `<image>` that refers to something outside, or that is neither PNG nor JPEG.
    #[error("an image in it is neither a PNG nor a JPEG inside of the file: {0}")]
    BlockedImage(String),
    /// So many pixels do not fit into memory.
    #[error("it is too large")]
    TooLarge,
    /// The PDF could not be written.
    #[error("the PDF could not be written: {0}")]
    Pdf(String),
}

/// A drawing that has been read: all letters found, nothing from outside.
pub struct SvgDocument {
    tree: Box<Tree>,
}

impl SvgDocument {
    /// Reads a drawing.
    ///
    /// # Errors
    /// When it is no SVG, or needs what is not there.
    pub fn parse(svg: &str) -> Result<SvgDocument, SvgError> {
        let (font_resolver, image_resolver) = (StrictFontResolver::default(), StrictImageResolver::default());
        let options = Options {
            font_family: fonts::FAMILY.to_owned(),
            fontdb: fonts::bundled_fonts(),
            font_resolver: font_resolver.resolver(),
            image_href_resolver: image_resolver.resolver(),
            ..Options::default()
        };
        let tree = Box::new(Tree::from_str(svg, &options)?);
        drop(options);
        if let Some(missing) = font_resolver.error() {
            return Err(missing.into());
        }
        if let Some(image) = image_resolver.blocked() {
            return Err(SvgError::BlockedImage(image));
        }
        match undrawn_character(tree.root()) {
            Some(character) => Err(FontError::MissingCharacter(character).into()),
            None => Ok(SvgDocument { tree }),
        }
    }

    /// Its width and height, in units of its own.
    #[must_use]
    pub fn size(&self) -> (f32, f32) {
        (self.tree.size().width(), self.tree.size().height())
    }

    /// How many faces its texts took; more than one, and it depends on the machine's.
    #[cfg(test)]
    pub(super) fn face_count(&self) -> usize {
        self.tree.fontdb().len()
    }

    /// Draws it onto pixels, as `transform` says.
    pub fn draw(&self, transform: Transform, target: &mut PixmapMut<'_>) {
        resvg::render(&self.tree, transform, target);
    }

    /// Draws it onto pixels of its own, so wide and as high as its shape asks for.
    ///
    /// # Errors
    /// When so many pixels do not fit into memory.
    pub fn rasterise(&self, width: u32) -> Result<Pixmap, SvgError> {
        let (source_width, source_height) = self.size();
        #[expect(clippy::cast_precision_loss, reason = "a picture is not sixteen million pixels wide")]
        let scale = width as f32 / source_width;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a height of some thousand pixels")]
        let height = (source_height * scale).round() as u32;
        let mut pixels = Pixmap::new(width, height.max(1)).ok_or(SvgError::TooLarge)?;
        self.draw(Transform::from_scale(scale, scale), &mut pixels.as_mut());
        Ok(pixels)
    }
}

/// A PDF whose pages are these sheets, all of one size. Text stays text, fonts are embedded as far as they are used, and the same pages make the same bytes.
///
/// # Errors
/// When it cannot be written.
pub fn pdf<'a>(
    title: &str,
    (width_mm, height_mm): (f32, f32),
    pages: impl IntoIterator<Item = &'a SvgDocument>,
) -> Result<Vec<u8>, SvgError> {
    let no_size = || SvgError::Pdf("a page without a size".to_owned());
    let (width, height) = (width_mm * POINTS_PER_MM, height_mm * POINTS_PER_MM);
    let size = Size::from_wh(width, height).ok_or_else(no_size)?;
    let mut document = Document::new();
    document.set_metadata(Metadata::new().title(title.to_owned()).language("zh-CN".to_owned()));
    for page_document in pages {
        let settings = PageSettings::from_wh(width, height).ok_or_else(no_size)?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        surface.draw_svg(&page_document.tree, size, SvgSettings::default()).ok_or_else(no_size)?;
        surface.finish();
        page.finish();
    }
    document.finish().map_err(|cause| SvgError::Pdf(format!("{cause:?}")))
}

/// A character that should be seen and has no letter, for whatever reason: the library says nothing of it.
fn undrawn_character(group: &Group) -> Option<char> {
    group.children().iter().find_map(|node| match node {
        Node::Group(group) => undrawn_character(group),
        Node::Text(text) => undrawn_in_text(text),
        Node::Path(_) | Node::Image(_) => None,
    })
}

fn undrawn_in_text(text: &Text) -> Option<char> {
    let glyphs = text.layouted().iter().flat_map(|span| &span.positioned_glyphs);
    let drawn: String = glyphs.filter(|glyph| glyph.id.0 != 0).map(|glyph| glyph.text.as_str()).collect();
    let mut drawn: Vec<char> = drawn.chars().collect();
    let expected = text.chunks().iter().flat_map(|chunk| chunk.text().chars());
    expected.filter(|expected| !expected.is_whitespace() && !expected.is_control()).find(|expected| {
        let at = drawn.iter().position(|one| one == expected);
        at.map(|at| drawn.swap_remove(at)).is_none()
    })
}

/// Lets an SVG hold PNG and JPEG inside of itself and nothing else: no file, no address, no SVG in an SVG.
#[derive(Debug, Default)]
struct StrictImageResolver(Mutex<Option<String>>);

impl StrictImageResolver {
    fn record(&self, what: &str) {
        let shown = what.chars().take(60).collect();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(shown);
    }

    fn blocked(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn resolver(&self) -> ImageHrefResolver<'_> {
        ImageHrefResolver {
            resolve_data: Box::new(|kind, data: Arc<Vec<u8>>, _| match super::raster::read_header(&data) {
                Ok((super::raster::ImageFormat::Png, ..)) => Some(ImageKind::PNG(data)),
                Ok((super::raster::ImageFormat::Jpeg, ..)) => Some(ImageKind::JPEG(data)),
                Err(_) => {
                    self.record(kind);
                    None
                }
            }),
            resolve_string: Box::new(|address, _| {
                self.record(address);
                None
            }),
        }
    }
}
