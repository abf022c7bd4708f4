//! Messages about greetings, posters and photos.

use super::expected::messages_of;
use crate::rules::refusals::{CodeRefusal, PrintRefusal, Refusal};

pub(super) fn refusals() -> Vec<Refusal> {
    vec![
        PrintRefusal::GreetingTooLong { length: 74, most: 60 }.into(),
        PrintRefusal::GreetingLines { lines: 6, most: 4 }.into(),
        PrintRefusal::GreetingEmoji { found: "😀".to_owned() }.into(),
        PrintRefusal::CannotBePrinted { found: '𰻝' }.into(),
        PrintRefusal::NoPoster { point: "社区美空间·第1站".to_owned() }.into(),
        PrintRefusal::PassportCount { most: 1_000 }.into(),
        CodeRefusal::ReissueUnclear.into(),
        CodeRefusal::NoCodeFound.into(),
        CodeRefusal::PhotoUnreadable.into(),
        CodeRefusal::PhotoTooLarge { width: 8000, height: 6000, most: 20_000_000 }.into(),
    ]
}

#[test]
fn messages_about_prints_and_photos() {
    insta::assert_snapshot!(messages_of(&refusals()), @r#"
    寄语写了74个字，最多60个，请短一点。
    The greeting has 74 characters; 60 fit. Please make it shorter.
    寄语分了6行，最多4行，请少换几行。
    The greeting has 6 lines; 4 fit. Please use fewer lines.
    表情符号“😀”印不到明信片上，请换成文字。
    The emoji “😀” cannot be printed on a postcard. Please use words instead.
    没有字体能印“𰻝（U+30EDD）”这个字，请换一个字。
    No font can print 𰻝 (U+30EDD). Please use another character.
    “社区美空间·第1站”只认平板上的动态码，没有海报。
    “社区美空间·第1站” accepts only the tablet's code and has no poster.
    集章卡一次印1到1000张，请改一下张数。
    1 to 1000 paper passports are printed at once. Please change the number.
    没有说明要换哪一个码。请扫外传的那张海报，或回到这个点位再点一次“换码”。
    Which code shall be replaced? Please scan the poster that leaked, or go back to the point and replace its code again.
    照片里没有找到本次嘉年华的二维码。请对准整个码，光线亮一点，再拍一张。
    No code of this carnival was found in the photo. Please take another one of the whole code, in better light.
    这张照片打不开。请用 JPEG 或 PNG 格式，或再拍一张。
    This photo cannot be read. Please send a JPEG or PNG, or take another one.
    照片有8000×6000像素，最多2000万像素。请用小一点的尺寸再拍。
    The photo has 8000 × 6000 pixels; at most 20 million are allowed. Please take a smaller one.
    "#);
}
