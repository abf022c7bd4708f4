//! SVG documents: parsed once, then rendered as pixels or as pages of a PDF.

use std::sync::{Arc, OnceLock};

use krilla::Document;
use krilla::geom::Size;
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla_svg::{SurfaceExt, SvgSettings};
use resvg::tiny_skia::{Pixmap, PixmapMut, Transform};
use resvg::usvg::{Group, ImageHrefResolver, ImageKind, Node, Options, Text, Tree};

use super::fonts::{self, FontError, StrictFontResolver};

/// PDF points per millimetre.
const POINTS_PER_MM: f32 = 72.0 / 25.4;

/// Why an SVG document cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SvgError {
    /// A character or font family that no font provides.
    #[error(transparent)]
    Font(#[from] FontError),
    /// It is not a valid SVG.
    #[error("it is not an SVG: {0}")]
    Invalid(#[from] resvg::usvg::Error),
    /// It has an `<image>` that refers to something outside the file, or that is neither PNG nor JPEG.
    #[error("an image in it is not a PNG or JPEG inside the file: {0}")]
    BlockedImage(String),
    /// The pixels do not fit into memory.
    #[error("it is too large")]
    TooLarge,
    /// Writing the PDF failed.
    #[error("the PDF could not be written: {0}")]
    Pdf(String),
}

/// A parsed SVG in which every character has a glyph and nothing refers to outside the file.
pub struct SvgDocument {
    tree: Box<Tree>,
}

impl SvgDocument {
    /// Parses an SVG.
    ///
    /// # Errors
    /// Fails if it is not an SVG, needs a missing font or character, or contains an image that is not allowed.
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
        if let Some(image) = image_resolver.0.into_inner() {
            return Err(SvgError::BlockedImage(image));
        }
        match undrawn_character(tree.root()) {
            Some(character) => Err(FontError::MissingCharacter(character).into()),
            None => Ok(SvgDocument { tree }),
        }
    }

    /// Width and height, in the units of the document.
    #[must_use]
    pub fn size(&self) -> (f32, f32) {
        (self.tree.size().width(), self.tree.size().height())
    }

    /// Number of font faces that the texts use; above 1, the result depends on the machine's fonts.
    #[cfg(test)]
    pub(super) fn face_count(&self) -> usize {
        self.tree.fontdb().len()
    }

    /// Draws the document onto `target`, transformed by `transform`.
    pub fn draw(&self, transform: Transform, target: &mut PixmapMut<'_>) {
        resvg::render(&self.tree, transform, target);
    }

    /// Renders the document `width` pixels wide; the height follows from its shape.
    ///
    /// # Errors
    /// Fails if the pixels do not fit into memory.
    pub fn rasterise(&self, width: u32) -> Result<Pixmap, SvgError> {
        let (source_width, source_height) = self.size();
        #[expect(clippy::cast_precision_loss, reason = "a picture is less than sixteen million pixels wide")]
        let scale = width as f32 / source_width;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a height of some thousand pixels")]
        let height = (source_height * scale).round() as u32;
        let mut pixels = Pixmap::new(width, height.max(1)).ok_or(SvgError::TooLarge)?;
        self.draw(Transform::from_scale(scale, scale), &mut pixels.as_mut());
        Ok(pixels)
    }
}

/// A PDF with these documents as pages, all of one size in millimetres. Text stays text, fonts are embedded as subsets,
/// and the same pages produce the same bytes.
///
/// # Errors
/// Fails if the PDF cannot be written.
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

/// The first visible character for which no glyph was laid out. The library drops such characters without an error.
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

/// Image resolver that allows only PNG and JPEG data inside the SVG: no files, no URLs, no nested SVG.
#[derive(Debug, Default)]
struct StrictImageResolver(OnceLock<String>);

impl StrictImageResolver {
    fn record(&self, what: &str) {
        self.0.get_or_init(|| what.chars().take(60).collect());
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
