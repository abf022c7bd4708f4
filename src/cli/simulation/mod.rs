//! `carnival rehearse --crowd N`: simulates people over HTTP, at a human pace times a speed factor.
//!
//! The simulation is a pure client: its inputs are printed codes, cards and an invitation, and everything else comes
//! from the server. It counts every response, and compares its counts with the server's at the end.

mod arguments;
mod booth_queues;
mod format;
mod fraud;
mod http_client;
mod population;
mod progress;
mod reconciliation;
mod report;
mod resident;
mod stats;
mod venue;
mod visit;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::messages::messages;
use crate::messages::simulation::SimulationTexts;
use crate::rules::lang::Lang;
use tokio::task::JoinSet;

pub(crate) use arguments::Arguments;
pub(crate) use venue::SimulationInputs;

use self::booth_queues::BoothQueues;
use self::http_client::{HttpClient, RequestFailed};
use self::population::VisitorGroup;
use self::reconciliation::{Reconciliation, ServerTotals};
use self::report::SimulationReport;
use self::stats::Quantity;
use self::venue::Venue;
use super::console::{info, print_line};

/// How often the server's counts are fetched at the end, and the interval: some of them lag by a few seconds.
const MAX_POLLS: u32 = 20;
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// The number of paper passports that a crowd of this size needs.
pub(crate) fn cards_needed(arguments: &Arguments, people: u32) -> u32 {
    let groups = population::generate_groups(people, arguments.seed);
    groups.last().and_then(|last| u32::try_from(last.cards.end).ok()).unwrap_or(0)
}

/// Runs the simulation, prints its progress, and prints the comparison.
///
/// # Errors
/// A sentence if no point is open, the server does not respond, or the counts differ.
pub(crate) async fn run(
    arguments: &Arguments,
    people: u32,
    inputs: SimulationInputs,
    lang: Lang,
) -> Result<(), String> {
    let texts = &messages(lang).texts().simulation;
    let no_answer = |RequestFailed| texts.no_answer.to_owned();
    let client = HttpClient::new(inputs.base.clone()).map_err(|cause| cause.to_string())?;
    let (seed, speed_factor) = (arguments.seed, arguments.speed(people).get());
    let groups = population::generate_groups(people, seed);
    let group_counts = population::GroupCounts::of(&groups);
    let run_id = format!("{seed:x}-{:x}", fastrand::u32(..));
    let venue = Arc::new(Venue::load(client, inputs, speed_factor, run_id).await.map_err(no_answer)?);
    let open = venue.open_points().await.map_err(no_answer)?;
    if !venue.points.iter().any(|point| open.contains(&point.id)) {
        return Err(texts.nothing_open.to_owned());
    }
    // Fetched before the crowd's volunteers start, so that sessions of people outside the crowd are recognised.
    let before = ServerTotals::fetch(&venue, &BTreeSet::from([venue.today.clone()])).await.map_err(no_answer)?;
    let (booths, staff) = BoothQueues::with_volunteers(&venue, people, arguments).await.map_err(no_answer)?;
    info(&(texts.crowd_comes)(people, speed_factor, seed, staff.len()));
    let crowd_sessions = staff.len() as u64;
    run_visits(&venue, booths, groups, texts).await;
    drop(staff);
    let (reconciliation, server_totals) = reconcile(&venue, &before, crowd_sessions).await.map_err(no_answer)?;
    let stats = venue.client.stats().clone();
    let report = SimulationReport {
        group_counts,
        stats: &stats,
        server_totals: &server_totals,
        reconciliation: &reconciliation,
        venue: &venue,
        texts,
    };
    print_line(&report.text());
    if report.agrees() {
        return Ok(());
    }
    Err(texts.numbers_differ.to_owned())
}

/// Runs the visits of all groups.
async fn run_visits(venue: &Arc<Venue>, booths: BoothQueues, all: Vec<VisitorGroup>, texts: &SimulationTexts) {
    let booths = Arc::new(booths);
    let people = all.iter().map(VisitorGroup::people).sum();
    let mut groups = JoinSet::new();
    for group in all {
        groups.spawn(visit::run(Arc::clone(venue), Arc::clone(&booths), group));
    }
    tokio::select! {
        _ = groups.join_all() => {}
        () = progress::print_periodically(venue, &booths, people, texts) => {}
    }
}

/// Fetches and compares until the counts agree, or until the server has had time to catch up.
async fn reconcile(
    venue: &Venue,
    before: &ServerTotals,
    crowd_sessions: u64,
) -> Result<(Reconciliation, ServerTotals), RequestFailed> {
    for poll in 1.. {
        let stats = venue.client.stats().clone();
        let hours = stats.totals.of(Quantity::Hours);
        let days = hours.filter_map(|(hour, _)| hour.get(..10)).map(str::to_owned).collect();
        let server_totals = ServerTotals::fetch(venue, &days).await?;
        let reconciliation = Reconciliation::compare(&stats, before, &server_totals, crowd_sessions);
        if reconciliation.agrees() || poll >= MAX_POLLS {
            return Ok((reconciliation, server_totals));
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
    Err(RequestFailed)
}
