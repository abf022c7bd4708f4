//! The A4 poster of a point. Its code is read back from the rendered page before the poster is handed out.

use askama::Template;
use resvg::tiny_skia::Pixmap;

use super::qr::Qr;
use super::renderer::DrawError;
use super::svg_document::{SvgDocument, pdf};
use super::text_layout::{TextBox, TextLine};
use super::{qr_scan, raster};
use crate::messages::messages;
use crate::messages::prints::PosterStep;
use crate::rules::carnival::design::Colour;
use crate::rules::carnival::{Carnival, Point};
use crate::rules::ids::Generation;
use crate::rules::lang::Lang;

/// Width and height of an A4 page, in millimetres.
pub const A4_MM: (f32, f32) = (210.0, 297.0);

/// Side of the code with its quiet zone, in tenths of a millimetre. A code of 25 or more modules is then at least 12 cm
/// wide without it.
const CODE_SIDE: f32 = 1_590.0;

/// Width at which the page is rendered to be read back, in pixels: about eight per module of the smallest code.
const READ_BACK_WIDTH: u32 = 480;

/// Width of the PNG, in pixels: A4 at 150 dpi.
const PNG_WIDTH: u32 = 1_240;

const PNG_DPI: u16 = 150;

/// A point and its printed code.
#[derive(Clone, Copy, Debug)]
pub struct PosterCode<'a> {
    /// The point.
    pub point: &'a Point,
    /// Generation of the code: 0, plus 1 for every replacement.
    pub generation: Generation,
    /// Text of the code.
    pub link: &'a str,
}

#[derive(Template)]
#[template(path = "poster.svg")]
struct Page {
    ink: Colour,
    carnival: TextLine,
    route: TextLine,
    week: TextLine,
    number: TextLine,
    name: Vec<TextLine>,
    module: f32,
    side: u16,
    modules: String,
    steps: [(u16, &'static PosterStep); 3],
    hours: Vec<TextLine>,
    imprint: TextLine,
}

/// Where the steps begin.
const STEPS_X: [u16; 3] = [178, 828, 1_458];

/// A poster whose code was read back from its page.
pub struct Poster {
    svg: String,
    document: SvgDocument,
}

impl Poster {
    /// Renders the poster of a point and reads its code back from the page.
    ///
    /// # Errors
    /// Fails if a name has a character that no font has, or if the code cannot be read back.
    pub fn of(carnival: &Carnival, code: PosterCode<'_>) -> Result<Poster, DrawError> {
        let qr = Qr::new(code.link)?;
        let svg = page(carnival, code, &qr).render().unwrap_or_default();
        let document = SvgDocument::parse(&svg)?;
        let read = qr_scan::read_page(&document.rasterise(READ_BACK_WIDTH)?);
        if read.as_slice() != [code.link] {
            return Err(DrawError::CodeUnreadable(code.point.id.to_string()));
        }
        Ok(Poster { svg, document })
    }

    /// The page as SVG.
    #[must_use]
    pub fn svg(self) -> String {
        self.svg
    }

    /// The page as PNG, 150 dpi.
    ///
    /// # Errors
    /// Fails if the encoder fails, which has no known cause.
    pub fn png(&self) -> Result<Vec<u8>, DrawError> {
        let pixels: Pixmap = self.document.rasterise(PNG_WIDTH)?;
        Ok(raster::encode(&pixels, raster::ImageFormat::Png, PNG_DPI)?)
    }
}

/// Posters as pages of one PDF.
///
/// # Errors
/// Fails if the PDF cannot be written, which has no known cause.
pub fn posters_pdf(title: &str, posters: &[Poster]) -> Result<Vec<u8>, DrawError> {
    Ok(pdf(title, A4_MM, posters.iter().map(|poster| &poster.document))?)
}

fn page(carnival: &Carnival, code: PosterCode<'_>, qr: &Qr) -> Page {
    let PosterCode { point, generation, .. } = code;
    let route = carnival.route(&point.route);
    let side = qr.side();
    let number = point.number.to_string();
    let number = TextLine::fit(&number, 0.0, 150.0, 120.0);
    let texts = &messages(Lang::PRINTED).texts().prints;
    let imprint = (texts.imprint)(point.number.get(), point.id.as_str(), u32::from(generation.get()));
    Page {
        ink: route.map_or(Colour::default_for_route(0), |route| carnival.colour(route)),
        carnival: TextLine::fit(&carnival.name, 0.0, 1_780.0, 62.0),
        route: TextLine::fit(route.map_or("", |route| &route.name), 0.0, 1_780.0, 118.0),
        week: TextLine::fit(
            &route.map_or_else(String::new, |route| messages(Lang::PRINTED).days(route.days)),
            0.0,
            1_780.0,
            52.0,
        ),
        number: TextLine { y: 566.0 + number.size * 0.36, ..number },
        name: TextBox { width: 1_620.0, middle_y: 566.0, height: 226.0, max_size: 140.0, balance: true }
            .lay_out(&point.name),
        module: CODE_SIDE / f32::from(side),
        side,
        modules: qr.path(),
        steps: std::array::from_fn(|nth| (STEPS_X[nth], &texts.poster_steps[nth])),
        hours: TextBox { width: 1_860.0, middle_y: 2_712.0, height: 176.0, max_size: 64.0, balance: false }
            .lay_out(&messages(Lang::PRINTED).opening_hours(&point.hours)),
        imprint: TextLine::fit(&imprint, 2_850.0, 1_860.0, 32.0),
    }
}
