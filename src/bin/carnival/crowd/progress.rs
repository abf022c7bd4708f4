//! A few lines on how it goes, a few times a minute.

use std::time::Duration;

use carnival::rules::lang::Lang;
use serde_json::Value;

use super::super::terminal::tell;
use super::books::{Ask, Page};
use super::booths::Booths;
use super::line::Silence;
use super::words::{listed, reason};
use super::world::World;

/// How often; sooner where somebody waits for the vouchers.
const EVERY: Duration = Duration::from_secs(15);
const EVERY_BY_HAND: Duration = Duration::from_secs(5);
/// So many vouchers are named to whoever confirms them by hand.
const MOST_VOUCHERS: usize = 6;

/// Tells it until it is dropped.
pub(super) async fn tell_how_it_goes(world: &World, booths: &Booths, people: u64, lang: Lang) {
    let mut due = tokio::time::interval(if booths.by_hand { EVERY_BY_HAND } else { EVERY });
    due.tick().await;
    loop {
        due.tick().await;
        // A server that does not answer is told of in the books.
        if let Ok(lines) = lines(world, booths, people, lang).await {
            tell(&lines);
        }
    }
}

async fn lines(world: &World, booths: &Booths, people: u64, lang: Lang) -> Result<String, Silence> {
    let now = world.line.ask(Ask::Read, "", "/v1/availability", None).await?.body;
    let page = world.line.books.open().clone();
    let clock = now["now"].as_str().and_then(|now| now.get(11..16)).unwrap_or_default();
    let parts = [
        Some(heads(&page, clock, people, lang)),
        listed(lang.pick("各点", "at the points"), at_points(world, &page), lang),
        listed(lang.pick("礼物还剩", "gifts left"), left(world, &now), lang),
        listed(lang.pick("被拒", "refused"), refused(&page, lang), lang),
        by_hand(booths, lang),
    ];
    Ok(parts.into_iter().flatten().collect::<Vec<_>>().join("\n"))
}

fn heads(page: &Page, clock: &str, people: u64, lang: Lang) -> String {
    let Page { came, home, waiting, .. } = page;
    let (stamps, longest): (u64, f64) = (page.numbers.stamps.values().sum(), page.longest_wait_min);
    lang.pick(
        format!(
            "{clock}  来了 {came}/{people} 人，回家 {home} 人\n  盖章 {stamps} 个；排队 {waiting} 人，最久等 {longest:.0} 分钟"
        ),
        format!(
            "{clock}  {came} of {people} came, {home} went home\n  {stamps} stamps; {waiting} queue, {longest:.0} min at most"
        ),
    )
}

fn at_points(world: &World, page: &Page) -> Vec<String> {
    let there = |id: &String| page.at_points.get(id).copied().filter(|people| *people > 0);
    world.points.iter().filter_map(|point| Some(format!("{} {}", point.name, there(&point.id)?))).collect()
}

fn left(world: &World, now: &Value) -> Vec<String> {
    let gifts = now["gifts"].as_array().into_iter().flatten();
    let mine = |id: &str| world.line.books.open().numbers.claims.contains_key(id);
    let item = |gift: &Value| {
        let id = gift["gift"].as_str().filter(|id| mine(id))?;
        Some(format!("{} {}", world.gift_name(id), gift["left"]))
    };
    gifts.filter_map(item).collect()
}

fn refused(page: &Page, lang: Lang) -> Vec<String> {
    page.numbers.refusals.iter().map(|(code, times)| format!("{} {times}", reason(code, lang))).collect()
}

fn by_hand(booths: &Booths, lang: Lang) -> Option<String> {
    let waiting = booths.waiting();
    let first = waiting.iter().take(MOST_VOUCHERS).map(|digits| {
        let part = |range| digits.get(range).unwrap_or_default();
        format!("{} {} {}", part(0..3), part(3..6), part(6..9))
    });
    let heading =
        lang.pick(format!("等您确认（{} 张）", waiting.len()), format!("{} for you to confirm", waiting.len()));
    listed(&heading, first, lang)
}
