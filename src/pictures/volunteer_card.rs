//! The volunteer's card: ten minutes of training on an A5 page, with practice vouchers.

use askama::Template;

use super::qr::Qr;
use super::renderer::DrawError;
use super::svg_document::{SvgDocument, pdf};
use super::text_layout::TextLine;
use crate::rules::carnival::Carnival;
use crate::rules::carnival::design::Colour;
use crate::rules::gifts::practice_voucher::PracticeVoucher;

/// Width and height of an A5 page, in millimetres.
const A5_MM: (f32, f32) = (148.0, 210.0);

/// Side of a practice voucher's code with its quiet zone, in tenths of a millimetre.
const CODE_SIDE: f32 = 300.0;

#[derive(Template)]
#[template(path = "volunteer_card.svg")]
struct Page {
    ink: Colour,
    carnival: TextLine,
    instructions: [Instruction; 4],
    vouchers: Vec<VoucherView>,
}

struct Instruction {
    y: u16,
    number: u8,
    what: &'static str,
    how: &'static str,
    more: &'static str,
}

struct VoucherView {
    x: u16,
    module: f32,
    modules: String,
    digits: String,
    answer: &'static str,
}

const INSTRUCTIONS: [Instruction; 4] = [
    Instruction {
        y: 380,
        number: 1,
        what: "开始：打开组织者给的链接，写上名字",
        how: "一张链接管一班。关掉了，再打开同一个链接就行。",
        more: "手机给别人用之前，告诉组织者。",
    },
    Instruction {
        y: 590,
        number: 2,
        what: "先看：扫居民的兑换码，或输入九位数字",
        how: "看清是什么礼物、能不能在这个台给。",
        more: "扫纸质护照或居民自己的码，能看到全部礼物。",
    },
    Instruction {
        y: 800,
        number: 3,
        what: "再确认：看到“成功”，才把礼物给居民",
        how: "“已经领过”会写明何时、何处、谁给的：请把屏幕给居民看。",
        more: "“不在这个台”：告诉居民去哪个台。",
    },
    Instruction {
        y: 1_010,
        number: 4,
        what: "给错了：15分钟内可以撤销",
        how: "找到刚才那一条，点撤销，写一句原因，礼物收回来。",
        more: "过了15分钟，请组织者撤销。",
    },
];

/// The card, as a PDF.
///
/// # Errors
/// Fails if a name has a character that no font has, or if the PDF cannot be written.
pub fn volunteer_card_pdf(carnival: &Carnival) -> Result<Vec<u8>, DrawError> {
    let vouchers: Result<Vec<VoucherView>, DrawError> =
        PracticeVoucher::ALL.iter().zip([140, 590, 1_040]).map(voucher_view).collect();
    let page = Page {
        ink: carnival.routes.first().map_or(Colour::default_for_route(0), |route| carnival.colour(route)),
        carnival: TextLine::fit(&carnival.name, 140.0, 1_240.0, 40.0),
        instructions: INSTRUCTIONS,
        vouchers: vouchers?,
    };
    let document = SvgDocument::parse(&page.render().unwrap_or_default())?;
    Ok(pdf(&format!("{} · 志愿者卡", carnival.name), A5_MM, [&document])?)
}

fn voucher_view((practice, x): (&PracticeVoucher, u16)) -> Result<VoucherView, DrawError> {
    let qr = Qr::new(&practice.to_string())?;
    Ok(VoucherView {
        x,
        module: CODE_SIDE / f32::from(qr.side()),
        modules: qr.path(),
        digits: practice.grouped(),
        answer: match practice {
            PracticeVoucher::Redeemable => "→ 成功",
            PracticeVoucher::AlreadyRedeemed => "→ 已经领过",
            PracticeVoucher::WrongBooth => "→ 不在这个台",
        },
    })
}
