//! The final report of a simulation.

use std::collections::BTreeSet;

use crate::http::api::answers::GiftNumbers;
use crate::messages::simulation::SimulationTexts;

use super::format::{TERMINAL_WIDTH, display_width, list_lines, padded, refusal_label};
use super::population::{FraudKind, GroupCounts};
use super::reconciliation::{Reconciliation, ServerTotals, TotalsRow};
use super::stats::{Latencies, Quantity, RequestKind, Stats};
use super::venue::Venue;

/// Columns of a row: a name and two numbers; a mark follows if they differ.
const NAME_WIDTH: usize = TERMINAL_WIDTH - 2 * NUMBER_WIDTH;
const NUMBER_WIDTH: usize = 7;
/// A mean booth response time above this, in carnival seconds, lengthens the queues noticeably.
const SLOW_RESPONSE_S: f64 = 5.0;

/// The outcome of a simulation.
pub(super) struct SimulationReport<'a> {
    /// Who came.
    pub(super) group_counts: GroupCounts,
    /// What the crowd observed.
    pub(super) stats: &'a Stats,
    /// The server's counts.
    pub(super) server_totals: &'a ServerTotals,
    /// The comparison.
    pub(super) reconciliation: &'a Reconciliation,
    /// Names of points and gifts.
    pub(super) venue: &'a Venue,
    /// The words.
    pub(super) texts: &'static SimulationTexts,
}

impl SimulationReport<'_> {
    /// Whether nothing is wrong.
    pub(super) fn agrees(&self) -> bool {
        self.reconciliation.agrees()
            && self.stats.inconsistent_repeats.is_empty()
            && self.stats.unexpected_responses.is_empty()
            && !self.has_successful_fraud()
    }

    /// Whether a fraud succeeded. Two places at once are stamped, and left to a human to decide.
    fn has_successful_fraud(&self) -> bool {
        self.stats.fraud_outcomes.keys().any(|(kind, refused)| refused.is_none() && *kind != FraudKind::TwoPlaces)
    }

    /// The whole report.
    pub(super) fn text(&self) -> String {
        let GroupCounts { singles, families, companion_cards, paper_only } = self.group_counts;
        let Stats { max_waiting, max_wait_minutes, gave_up, .. } = self.stats;
        let parts = [
            Some((self.texts.who_came)(singles, families, companion_cards, paper_only)),
            Some(self.comparison()),
            Some(self.stock()),
            Some((self.texts.queues)(*max_waiting, *max_wait_minutes, *gave_up)),
            self.frauds(),
            Some(self.lost_responses()),
            self.latencies(),
            self.slow_machine(),
            Some(self.conclusion()),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join("\n")
    }

    fn comparison(&self) -> String {
        let texts = self.texts;
        let head = |one, other| format!("{}{}{}", " ".repeat(NAME_WIDTH), right_aligned(one), right_aligned(other));
        let all: BTreeSet<Quantity> = self.reconciliation.rows.iter().map(|row| row.quantity).collect();
        let (internal, compared): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| one.is_server_internal());
        let sections = |these: Vec<Quantity>| these.into_iter().filter_map(|one| self.section(one));
        let mut lines = vec![head(texts.crowd, texts.server)];
        lines.extend(sections(compared));
        lines.push(head(texts.summary, texts.others));
        lines.extend(sections(internal));
        lines.join("\n")
    }

    fn is_of_crowd_or_differs(&self, row: &TotalsRow) -> bool {
        self.stats.knows_gift(&row.name) || !self.reconciliation.accepts(row)
    }

    /// One line for a single total, else a heading and one line per name.
    fn section(&self, quantity: Quantity) -> Option<String> {
        let name = self.texts.quantities[quantity as usize];
        // Rows that agree and that the crowd did not touch are compared but not printed.
        let shown = |row: &&TotalsRow| {
            !quantity.is_server_internal() || row.name.is_empty() || self.is_of_crowd_or_differs(row)
        };
        let rows: Vec<&TotalsRow> = self.reconciliation.rows_of(quantity).filter(shown).collect();
        if let [only] = rows.as_slice()
            && only.name.is_empty()
        {
            return Some(self.row_text(name, only));
        }
        let label = |name: &str| match quantity {
            Quantity::Stamps => self.venue.point_name(name),
            Quantity::Hours => name.get(5..).map_or_else(String::new, |hour| format!("{hour}:00")),
            Quantity::Claims | Quantity::Redeemed | Quantity::Left | Quantity::Ledger => self.venue.gift_name(name),
            Quantity::Refusals => refusal_label(name, self.texts).to_owned(),
            _ => name.to_owned(),
        };
        headed(name, rows.iter().map(|row| self.row_text(&format!("  {}", label(&row.name)), row)))
    }

    fn row_text(&self, name: &str, row: &TotalsRow) -> String {
        let mark = match row.surplus() {
            Some(0) => String::new(),
            Some(more) if self.reconciliation.outsiders => (self.texts.more_by_others)(more),
            _ => self.texts.differs.to_owned(),
        };
        // A long name gets its own line.
        let name = if display_width(name) < NAME_WIDTH {
            padded(name, NAME_WIDTH)
        } else {
            format!("{name}\n{}", " ".repeat(NAME_WIDTH))
        };
        let crowd = if row.uncertain > 0 {
            format!("{}~{}", row.crowd, row.crowd + row.uncertain)
        } else {
            row.crowd.to_string()
        };
        format!("{name}{}{}{mark}", right_aligned(&crowd), right_aligned(&row.server.to_string()))
    }

    fn stock(&self) -> String {
        let known = self.server_totals.gifts.iter().filter(|gift| self.stats.knows_gift(&gift.gift.gift));
        let lines = known.map(|GiftNumbers { gift, stock, redeemed, held, left, .. }| {
            format!("  {}\n    {stock} = {redeemed} + {held} + {left}", self.venue.gift_name(&gift.gift))
        });
        [self.texts.gifts.to_owned()].into_iter().chain(lines).collect::<Vec<_>>().join("\n")
    }

    fn frauds(&self) -> Option<String> {
        let texts = self.texts;
        let result = |kind: FraudKind, refused: &Option<String>| match (kind, refused.as_deref()) {
            (_, Some(code)) => (texts.refused_because)(refusal_label(code, texts)),
            (FraudKind::TwoPlaces, None) if self.stats.totals.get(Quantity::Suspicions, "") > 0 => {
                texts.stamped_with_suspicion.to_owned()
            }
            (FraudKind::TwoPlaces, None) => texts.stamped_without_location.to_owned(),
            (_, None) => texts.not_refused.to_owned(),
        };
        let line = |((kind, refused), times): (&(FraudKind, Option<String>), &u64)| {
            format!("  {} ×{times}\n    {}", texts.fraud_kinds[*kind as usize], result(*kind, refused))
        };
        headed(texts.frauds, self.stats.fraud_outcomes.iter().map(line))
    }

    fn lost_responses(&self) -> String {
        let Stats { lost_responses, cut_connections, inconsistent_repeats, unexpected_responses, retries, .. } =
            self.stats;
        let texts = self.texts;
        let mut lines = vec![(texts.lost_responses)(*lost_responses, *cut_connections, inconsistent_repeats.len())];
        lines.extend(inconsistent_repeats.iter().map(|repeat| format!("    {repeat}")));
        if *retries > 0 {
            lines.push((texts.retries)(*retries));
        }
        let unexpected_responses = unexpected_responses.iter().map(|(kind, times)| format!("{kind} ×{times}"));
        lines.extend(list_lines(texts.unexpected_responses, unexpected_responses, texts));
        lines.join("\n")
    }

    fn latencies(&self) -> Option<String> {
        let line = |(kind, latencies): (&RequestKind, &Latencies)| {
            let mean = latencies.mean().as_micros();
            let name = padded(&format!("  {}", self.texts.request_kinds[*kind as usize]), NAME_WIDTH);
            format!(
                "{name}{}{}",
                right_aligned(&format!("{}.{}", mean / 1000, mean / 100 % 10)),
                right_aligned(&latencies.max.as_millis().to_string())
            )
        };
        headed(self.texts.latencies, self.stats.latencies.iter().map(line))
    }

    /// A warning if the machine's own latency made the queues longer than in reality.
    fn slow_machine(&self) -> Option<String> {
        let simulated = self.venue.simulated_secs(self.stats.latencies.get(&RequestKind::Booth)?.mean());
        (simulated > SLOW_RESPONSE_S).then(|| (self.texts.slow_machine)(simulated))
    }

    fn conclusion(&self) -> String {
        let rows = self.reconciliation.rows.len();
        let differ = self.reconciliation.rows.iter().filter(|row| !self.reconciliation.accepts(row)).count();
        if self.agrees() {
            (self.texts.agree)(rows, self.reconciliation.outsiders)
        } else {
            (self.texts.disagree)(differ, rows)
        }
    }
}

/// A heading and its lines; `None` without lines.
fn headed(heading: &str, lines: impl Iterator<Item = String>) -> Option<String> {
    let lines: Vec<String> = lines.collect();
    (!lines.is_empty()).then(|| format!("{heading}\n{}", lines.join("\n")))
}

fn right_aligned(text: &str) -> String {
    format!("{}{text}", " ".repeat(NUMBER_WIDTH.saturating_sub(display_width(text))))
}
