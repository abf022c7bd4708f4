//! Messages about greetings, posters and photos.

use super::format::quoted;
use crate::rules::lang::Lang;

pub(super) fn greeting_too_long(length: usize, most: usize, lang: Lang) -> String {
    lang.pick(
        format!("寄语写了{length}个字，最多{most}个，请短一点。"),
        format!("The greeting has {length} characters; {most} fit. Please make it shorter."),
    )
}

pub(super) fn greeting_lines(lines: usize, most: usize, lang: Lang) -> String {
    lang.pick(
        format!("寄语分了{lines}行，最多{most}行，请少换几行。"),
        format!("The greeting has {lines} lines; {most} fit. Please use fewer lines."),
    )
}

pub(super) fn greeting_emoji(found: &str, lang: Lang) -> String {
    lang.pick(
        format!("表情符号“{found}”印不到明信片上，请换成文字。"),
        format!("The emoji “{found}” cannot be printed on a postcard. Please use words instead."),
    )
}

pub(super) fn cannot_be_printed(found: char, lang: Lang) -> String {
    let shown = shown(found, lang);
    lang.pick(
        format!("没有字体能印“{shown}”这个字，请换一个字。"),
        format!("No font can print {shown}. Please use another character."),
    )
}

/// The character if it is visible, and its code point, which can be looked up.
fn shown(found: char, lang: Lang) -> String {
    let number = format!("U+{:04X}", u32::from(found));
    if found.is_alphanumeric() || found.is_ascii_graphic() {
        return lang.pick(format!("{found}（{number}）"), format!("{found} ({number})"));
    }
    number
}

pub(super) fn no_poster(point: &str, lang: Lang) -> String {
    let point = quoted(point);
    lang.pick(
        format!("{point}只认平板上的动态码，没有海报。"),
        format!("{point} accepts only the tablet's code and has no poster."),
    )
}

pub(super) fn no_code_found(lang: Lang) -> String {
    let zh = "照片里没有找到本次嘉年华的二维码。请对准整个码，光线亮一点，再拍一张。";
    let en =
        "No code of this carnival was found in the photo. Please take another one of the whole code, in better light.";
    lang.pick(zh, en).to_owned()
}

pub(super) fn photo_unreadable(lang: Lang) -> String {
    let zh = "这张照片打不开。请用 JPEG 或 PNG 格式，或再拍一张。";
    let en = "This photo cannot be read. Please send a JPEG or PNG, or take another one.";
    lang.pick(zh, en).to_owned()
}

pub(super) fn photo_too_large(width: u32, height: u32, most: u64, lang: Lang) -> String {
    let millions = most / 1_000_000;
    lang.pick(
        format!("照片有{width}×{height}像素，最多{}万像素。请用小一点的尺寸再拍。", millions * 100),
        format!("The photo has {width} × {height} pixels; at most {millions} million are allowed. Please take a smaller one."),
    )
}
