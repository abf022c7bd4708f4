//! The volunteer's card: ten minutes of training on an A5 page, with practice vouchers.

use askama::Template;

use super::qr::Qr;
use super::renderer::DrawError;
use super::svg_document::{SvgDocument, pdf};
use super::text_layout::TextLine;
use crate::messages::messages;
use crate::messages::prints::{PrintTexts, VolunteerStep};
use crate::rules::carnival::Carnival;
use crate::rules::carnival::design::Colour;
use crate::rules::gifts::practice_voucher::PracticeVoucher;
use crate::rules::lang::Lang;

/// Width and height of an A5 page, in millimetres.
const A5_MM: (f32, f32) = (148.0, 210.0);

/// Side of a practice voucher's code with its quiet zone, in tenths of a millimetre.
const CODE_SIDE: f32 = 300.0;

#[derive(Template)]
#[template(path = "volunteer_card.svg")]
struct Page {
    ink: Colour,
    carnival: TextLine,
    steps: [(u16, &'static VolunteerStep); 4],
    texts: &'static PrintTexts,
    vouchers: Vec<VoucherView>,
}

struct VoucherView {
    x: u16,
    module: f32,
    modules: String,
    digits: String,
    answer: &'static str,
}

/// Baselines of the steps.
const STEPS_Y: [u16; 4] = [380, 590, 800, 1_010];

/// The card, as a PDF.
///
/// # Errors
/// Fails if a name has a character that no font has, or if the PDF cannot be written.
pub fn volunteer_card_pdf(carnival: &Carnival) -> Result<Vec<u8>, DrawError> {
    let texts = &messages(Lang::PRINTED).texts().prints;
    let vouchers: Result<Vec<VoucherView>, DrawError> =
        PracticeVoucher::ALL.iter().zip([140, 590, 1_040]).map(|at| voucher_view(at, texts)).collect();
    let page = Page {
        ink: carnival.routes.first().map_or(Colour::default_for_route(0), |route| carnival.colour(route)),
        carnival: TextLine::fit(&carnival.name, 140.0, 1_240.0, 40.0),
        steps: std::array::from_fn(|nth| (STEPS_Y[nth], &texts.volunteer_steps[nth])),
        texts,
        vouchers: vouchers?,
    };
    let document = SvgDocument::parse(&page.render().unwrap_or_default())?;
    Ok(pdf(&format!("{} · {}", carnival.name, texts.volunteer_card), A5_MM, [&document])?)
}

fn voucher_view((practice, x): (&PracticeVoucher, u16), texts: &PrintTexts) -> Result<VoucherView, DrawError> {
    let qr = Qr::new(&practice.to_string())?;
    Ok(VoucherView {
        x,
        module: CODE_SIDE / f32::from(qr.side()),
        modules: qr.path(),
        digits: practice.grouped(),
        answer: (texts.practice_answer)(*practice),
    })
}
