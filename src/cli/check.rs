//! `carnival check FILE`: checks a carnival file.

use std::io::ErrorKind;
use std::path::Path;

use crate::messages::messages;
use crate::pictures::preflight;
use crate::rules::carnival_file;
use crate::rules::lang::Lang;

use super::artwork;
use super::console::{CliError, info, print_line};

/// Runs `carnival check`.
pub(crate) fn check(file: &Path, lang: Lang) -> Result<(), CliError> {
    let text = read_text(file, lang)?;
    let carnival = carnival_file::parse(&text)
        .map_err(|mistakes| messages(lang).mistake_report(&mistakes, &file.display().to_string()))?;
    let mistakes = preflight::check(&text, &carnival, None, &artwork::folder_of(file));
    if !mistakes.is_empty() {
        return Err(messages(lang).mistake_report(&mistakes, &file.display().to_string()).into());
    }
    // Names were checked above, so these characters are in other texts.
    let elsewhere = preflight::unprintable_characters(&text);
    if !elsewhere.is_empty() {
        let shown = elsewhere
            .iter()
            .map(|(line, characters)| lang.pick(format!("{characters}（{line}）"), format!("{characters} ({line})")));
        let shown: Vec<String> = shown.collect();
        let shown = shown.join(" ");
        info(&lang.pick(
            format!("没有字体能印这些字（括号里是行号），它们不在海报和明信片上，不改也行：{shown}"),
            format!("No font has these characters (line in brackets); they are on no poster or postcard, so they may stay: {shown}"),
        ));
    }
    let (routes, points, gifts) = (carnival.routes.len(), carnival.points.len(), carnival.gifts.len());
    let name = &carnival.name;
    print_line(&lang.pick(
        format!("{name}：没有错误。路线 {routes} 条，点位 {points} 个，礼物 {gifts} 种。"),
        format!("{name}: no mistakes. {routes} routes, {points} points, {gifts} gifts."),
    ));
    Ok(())
}

/// Reads a UTF-8 text file.
pub(crate) fn read_text(file: &Path, lang: Lang) -> Result<String, CliError> {
    let shown = file.display();
    let bytes = std::fs::read(file).map_err(|cause| match cause.kind() {
        ErrorKind::NotFound => {
            lang.pick(format!("没有文件 {shown}，请检查路径。"), format!("There is no file {shown}; check its path."))
        }
        _ => lang.pick(format!("打不开文件 {shown}：{cause}"), format!("{shown} cannot be read: {cause}")),
    })?;
    let text = String::from_utf8(bytes).map_err(|_| {
        lang.pick(
            format!("{shown} 不是 UTF-8 文本，请用 UTF-8 编码另存一次。"),
            format!("{shown} is not UTF-8 text; save it again as UTF-8."),
        )
    })?;
    Ok(text)
}
