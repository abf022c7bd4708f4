//! Messages about greetings, posters and photos.

use super::expected::ExpectedMessage;
use crate::rules::refusals::{CodeRefusal, PrintRefusal};

pub(super) fn expected_messages() -> Vec<ExpectedMessage> {
    vec![
        (
            PrintRefusal::GreetingTooLong { length: 74, most: 60 }.into(),
            "寄语写了74个字，最多60个，请短一点。",
            "The greeting has 74 characters; 60 fit. Please make it shorter.",
        ),
        (
            PrintRefusal::GreetingLines { lines: 6, most: 4 }.into(),
            "寄语分了6行，最多4行，请少换几行。",
            "The greeting has 6 lines; 4 fit. Please use fewer lines.",
        ),
        (
            PrintRefusal::GreetingEmoji { found: "😀".to_owned() }.into(),
            "表情符号“😀”印不到明信片上，请换成文字。",
            "The emoji “😀” cannot be printed on a postcard. Please use words instead.",
        ),
        (
            PrintRefusal::CannotBePrinted { found: '𰻝' }.into(),
            "没有字体能印“𰻝（U+30EDD）”这个字，请换一个字。",
            "No font can print 𰻝 (U+30EDD). Please use another character.",
        ),
        (
            PrintRefusal::NoPoster { point: "社区美空间·第1站".to_owned() }.into(),
            "“社区美空间·第1站”只认平板上的动态码，没有海报。",
            "“社区美空间·第1站” accepts only the tablet's code and has no poster.",
        ),
        (
            CodeRefusal::NoCodeFound.into(),
            "照片里没有找到本次嘉年华的二维码。请对准整个码，光线亮一点，再拍一张。",
            "No code of this carnival was found in the photo. Please take another one of the whole code, in better light.",
        ),
        (
            CodeRefusal::PhotoUnreadable.into(),
            "这张照片打不开。请用 JPEG 或 PNG 格式，或再拍一张。",
            "This photo cannot be read. Please send a JPEG or PNG, or take another one.",
        ),
        (
            CodeRefusal::PhotoTooLarge { width: 8000, height: 6000, most: 20_000_000 }.into(),
            "照片有8000×6000像素，最多2000万像素。请用小一点的尺寸再拍。",
            "The photo has 8000 × 6000 pixels; at most 20 million are allowed. Please take a smaller one.",
        ),
    ]
}
