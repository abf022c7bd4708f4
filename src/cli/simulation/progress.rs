//! Progress messages during a simulation.

use std::time::Duration;

use crate::messages::simulation::SimulationTexts;

use super::booth_queues::BoothQueues;
use super::format::{list_lines, refusal_label};
use super::http_client::RequestFailed;
use super::stats::{Quantity, Stats};
use super::venue::Venue;
use crate::cli::console::info;
use crate::http::api::client;

/// The interval of the messages; shorter if a human waits for the vouchers.
const INTERVAL: Duration = Duration::from_secs(15);
const INTERVAL_BY_HAND: Duration = Duration::from_secs(5);
/// How many vouchers are listed for the human to confirm.
const MAX_VOUCHERS_SHOWN: usize = 6;

/// Prints messages until the future is dropped.
pub(super) async fn print_periodically(venue: &Venue, booths: &BoothQueues, people: u64, texts: &SimulationTexts) {
    let mut due = tokio::time::interval(if booths.by_hand { INTERVAL_BY_HAND } else { INTERVAL });
    due.tick().await;
    loop {
        due.tick().await;
        // Skip a message if the server does not respond; the statistics count that.
        if let Ok(lines) = lines(venue, booths, people, texts).await {
            info(&lines);
        }
    }
}

async fn lines(
    venue: &Venue,
    booths: &BoothQueues,
    people: u64,
    texts: &SimulationTexts,
) -> Result<String, RequestFailed> {
    let now = venue.client.read("", &client::availability()).await?;
    let stats = venue.client.stats().clone();
    let clock = now.now.get(11..16).unwrap_or_default();
    let Stats { totals, arrived, departed, waiting, max_wait_minutes, at_points, .. } = &stats;
    let stamps = totals.of(Quantity::Stamps).map(|(_, count)| count).sum();
    let there = |id: &String| at_points.get(id).copied().filter(|people| *people > 0);
    let at_points = venue.points.iter().filter_map(|point| Some(format!("{} {}", point.name, there(&point.id)?)));
    let claimed = now.gifts.iter().filter(|gift| totals.get(Quantity::Claims, &gift.gift) > 0);
    let gifts_left = claimed.map(|gift| format!("{} {}", venue.gift_name(&gift.gift), gift.left));
    let refusals = totals.of(Quantity::Refusals);
    let refused = refusals.map(|(code, times)| format!("{} {times}", refusal_label(code, texts)));
    let parts = [
        Some((texts.people_now)(clock, *arrived, people, *departed, stamps, *waiting, *max_wait_minutes)),
        list_lines(texts.at_points, at_points, texts),
        list_lines(texts.gifts_left, gifts_left, texts),
        list_lines(texts.refused, refused, texts),
        pending_vouchers(booths, texts),
    ];
    Ok(parts.into_iter().flatten().collect::<Vec<_>>().join("\n"))
}

fn pending_vouchers(booths: &BoothQueues, texts: &SimulationTexts) -> Option<String> {
    let waiting = booths.pending().clone();
    let first = waiting.iter().take(MAX_VOUCHERS_SHOWN).map(|digits| {
        let part = |range| digits.get(range).unwrap_or_default();
        format!("{} {} {}", part(0..3), part(3..6), part(6..9))
    });
    list_lines(&(texts.to_confirm)(waiting.len()), first, texts)
}
