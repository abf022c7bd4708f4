//! A drawing as one tree: from SVG to pixels, and to the pages of a PDF.

use std::sync::{Arc, Mutex, PoisonError};

use krilla::Document;
use krilla::geom::Size;
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla_svg::{SurfaceExt, SvgSettings};
use resvg::tiny_skia::{Pixmap, PixmapMut, Transform};
use resvg::usvg::{Group, ImageHrefResolver, ImageKind, Node, Options, Text, Tree};

use super::fonts::{self, Missing, Wanting};

/// Points of a PDF per millimetre.
const POINTS_PER_MM: f32 = 72.0 / 25.4;

/// Why a drawing could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// A character or a font family that nobody has.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// It is no SVG.
    #[error("it is no SVG: {0}")]
    NotSvg(#[from] resvg::usvg::Error),
    /// An `<image>` that refers to something outside, or that is neither PNG nor JPEG.
    #[error("an image in it is neither a PNG nor a JPEG inside of the file: {0}")]
    Image(String),
    /// So many pixels do not fit into memory.
    #[error("it is too large")]
    TooLarge,
    /// The PDF could not be written.
    #[error("the PDF could not be written: {0}")]
    Pdf(String),
}

/// A drawing that has been read: all letters found, nothing from outside.
pub struct Sheet {
    tree: Box<Tree>,
}

impl Sheet {
    /// Reads a drawing.
    ///
    /// # Errors
    /// When it is no SVG, or needs what is not there.
    pub fn read(svg: &str) -> Result<Sheet, SheetError> {
        let (wanting, refused) = (Wanting::default(), Refused::default());
        let options = Options {
            font_family: fonts::FAMILY.to_owned(),
            fontdb: fonts::ours(),
            font_resolver: wanting.resolver(),
            image_href_resolver: refused.resolver(),
            ..Options::default()
        };
        let tree = Box::new(Tree::from_str(svg, &options)?);
        drop(options);
        if let Some(missing) = wanting.found() {
            return Err(missing.into());
        }
        if let Some(image) = refused.found() {
            return Err(SheetError::Image(image));
        }
        match left_out(tree.root()) {
            Some(character) => Err(Missing::Character(character).into()),
            None => Ok(Sheet { tree }),
        }
    }

    /// Its width and height, in units of its own.
    #[must_use]
    pub fn size(&self) -> (f32, f32) {
        (self.tree.size().width(), self.tree.size().height())
    }

    /// How many faces its texts took; more than one, and it depends on the machine's.
    #[cfg(test)]
    pub(super) fn faces(&self) -> usize {
        self.tree.fontdb().len()
    }

    /// Draws it onto pixels, as `transform` says.
    pub fn draw(&self, transform: Transform, onto: &mut PixmapMut<'_>) {
        resvg::render(&self.tree, transform, onto);
    }

    /// Draws it onto pixels of its own, so wide and as high as its shape asks for.
    ///
    /// # Errors
    /// When so many pixels do not fit into memory.
    pub fn pixels(&self, width: u32) -> Result<Pixmap, SheetError> {
        let (own_width, own_height) = self.size();
        #[expect(clippy::cast_precision_loss, reason = "a picture is not sixteen million pixels wide")]
        let scale = width as f32 / own_width;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a height of some thousand pixels")]
        let height = (own_height * scale).round() as u32;
        let mut pixels = Pixmap::new(width, height.max(1)).ok_or(SheetError::TooLarge)?;
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
    sheets: impl IntoIterator<Item = &'a Sheet>,
) -> Result<Vec<u8>, SheetError> {
    let refused = || SheetError::Pdf("a page without a size".to_owned());
    let (width, height) = (width_mm * POINTS_PER_MM, height_mm * POINTS_PER_MM);
    let size = Size::from_wh(width, height).ok_or_else(refused)?;
    let mut document = Document::new();
    document.set_metadata(Metadata::new().title(title.to_owned()).language("zh-CN".to_owned()));
    for sheet in sheets {
        let settings = PageSettings::from_wh(width, height).ok_or_else(refused)?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        surface.draw_svg(&sheet.tree, size, SvgSettings::default()).ok_or_else(refused)?;
        surface.finish();
        page.finish();
    }
    document.finish().map_err(|cause| SheetError::Pdf(format!("{cause:?}")))
}

/// A character that should be seen and has no letter, for whatever reason: the library says nothing of it.
fn left_out(group: &Group) -> Option<char> {
    group.children().iter().find_map(|node| match node {
        Node::Group(group) => left_out(group),
        Node::Text(text) => left_out_of(text),
        Node::Path(_) | Node::Image(_) => None,
    })
}

fn left_out_of(text: &Text) -> Option<char> {
    let glyphs = text.layouted().iter().flat_map(|span| &span.positioned_glyphs);
    let drawn: String = glyphs.filter(|glyph| glyph.id.0 != 0).map(|glyph| glyph.text.as_str()).collect();
    let mut drawn: Vec<char> = drawn.chars().collect();
    let wanted = text.chunks().iter().flat_map(|chunk| chunk.text().chars());
    wanted.filter(|wanted| !wanted.is_whitespace() && !wanted.is_control()).find(|wanted| {
        let at = drawn.iter().position(|one| one == wanted);
        at.map(|at| drawn.swap_remove(at)).is_none()
    })
}

/// Lets an SVG hold PNG and JPEG inside of itself and nothing else: no file, no address, no SVG in an SVG.
#[derive(Debug, Default)]
struct Refused(Mutex<Option<String>>);

impl Refused {
    fn note(&self, what: &str) {
        let shown = what.chars().take(60).collect();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(shown);
    }

    fn found(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn resolver(&self) -> ImageHrefResolver<'_> {
        ImageHrefResolver {
            resolve_data: Box::new(|kind, data: Arc<Vec<u8>>, _| match super::raster::size_of(&data) {
                Ok((super::raster::Form::Png, ..)) => Some(ImageKind::PNG(data)),
                Ok((super::raster::Form::Jpeg, ..)) => Some(ImageKind::JPEG(data)),
                Err(_) => {
                    self.note(kind);
                    None
                }
            }),
            resolve_string: Box::new(|address, _| {
                self.note(address);
                None
            }),
        }
    }
}
