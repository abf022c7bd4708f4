//! Progress messages during a simulation.

use std::time::Duration;

use crate::rules::lang::Lang;

use super::booth_queues::BoothQueues;
use super::format::{list_lines, refusal_label};
use super::http_client::RequestFailed;
use super::stats::{Quantity, Stats};
use super::venue::Venue;
use crate::cli::console::info;
use crate::http::api::answers::AvailabilityView;
use crate::http::api::client;

/// The interval of the messages; shorter if a human waits for the vouchers.
const INTERVAL: Duration = Duration::from_secs(15);
const INTERVAL_BY_HAND: Duration = Duration::from_secs(5);
/// How many vouchers are listed for the human to confirm.
const MAX_VOUCHERS_SHOWN: usize = 6;

/// Prints messages until the future is dropped.
pub(super) async fn print_periodically(venue: &Venue, booths: &BoothQueues, people: u64, lang: Lang) {
    let mut due = tokio::time::interval(if booths.by_hand { INTERVAL_BY_HAND } else { INTERVAL });
    due.tick().await;
    loop {
        due.tick().await;
        // Skip a message if the server does not respond; the statistics count that.
        if let Ok(lines) = lines(venue, booths, people, lang).await {
            info(&lines);
        }
    }
}

async fn lines(venue: &Venue, booths: &BoothQueues, people: u64, lang: Lang) -> Result<String, RequestFailed> {
    let now = venue.client.read("", &client::availability()).await?;
    let stats = venue.client.stats().clone();
    let clock = now.now.get(11..16).unwrap_or_default();
    let parts = [
        Some(people_lines(&stats, clock, people, lang)),
        list_lines(lang.pick("各点", "at the points"), at_points(venue, &stats), lang),
        list_lines(lang.pick("礼物还剩", "gifts left"), gifts_left(venue, &stats, &now), lang),
        list_lines(lang.pick("被拒", "refused"), refused(&stats, lang), lang),
        pending_vouchers(booths, lang),
    ];
    Ok(parts.into_iter().flatten().collect::<Vec<_>>().join("\n"))
}

fn people_lines(stats: &Stats, clock: &str, people: u64, lang: Lang) -> String {
    let Stats { arrived, departed, waiting, .. } = stats;
    let (stamps, longest): (u64, f64) =
        (stats.totals.of(Quantity::Stamps).map(|(_, count)| count).sum(), stats.max_wait_minutes);
    lang.pick(
        format!(
            "{clock}  来了 {arrived}/{people} 人，回家 {departed} 人\n  盖章 {stamps} 个；排队 {waiting} 人，最久等 {longest:.0} 分钟"
        ),
        format!(
            "{clock}  {arrived} of {people} came, {departed} went home\n  {stamps} stamps; {waiting} queue, {longest:.0} min at most"
        ),
    )
}

fn at_points(venue: &Venue, stats: &Stats) -> Vec<String> {
    let there = |id: &String| stats.at_points.get(id).copied().filter(|people| *people > 0);
    venue.points.iter().filter_map(|point| Some(format!("{} {}", point.name, there(&point.id)?))).collect()
}

fn gifts_left(venue: &Venue, stats: &Stats, now: &AvailabilityView) -> Vec<String> {
    let claimed = now.gifts.iter().filter(|gift| stats.totals.get(Quantity::Claims, &gift.gift) > 0);
    claimed.map(|gift| format!("{} {}", venue.gift_name(&gift.gift), gift.left)).collect()
}

fn refused(stats: &Stats, lang: Lang) -> Vec<String> {
    stats.totals.of(Quantity::Refusals).map(|(code, times)| format!("{} {times}", refusal_label(code, lang))).collect()
}

fn pending_vouchers(booths: &BoothQueues, lang: Lang) -> Option<String> {
    let waiting = booths.pending_vouchers();
    let first = waiting.iter().take(MAX_VOUCHERS_SHOWN).map(|digits| {
        let part = |range| digits.get(range).unwrap_or_default();
        format!("{} {} {}", part(0..3), part(3..6), part(6..9))
    });
    let heading =
        lang.pick(format!("等您确认（{} 张）", waiting.len()), format!("{} for you to confirm", waiting.len()));
    list_lines(&heading, first, lang)
}
