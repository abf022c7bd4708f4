//! The final report of a simulation.

use crate::rules::lang::Lang;

use super::format::{TERMINAL_WIDTH, display_width, fraud_label, list_lines, padded, refusal_label, request_label};
use super::population::{FraudKind, GroupCounts};
use super::reconciliation::{Agreement, Reconciliation, ServerTotals, TotalsRow};
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
    /// The language.
    pub(super) lang: Lang,
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
        let parts = [
            Some(self.people()),
            Some(self.comparison()),
            Some(self.stock()),
            Some(self.queues()),
            self.frauds(),
            Some(self.lost_responses()),
            self.latencies(),
            self.slow_machine(),
            Some(self.conclusion()),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join("\n")
    }

    fn people(&self) -> String {
        let GroupCounts { singles, families, companion_cards, paper_only } = self.group_counts;
        self.lang.pick(
            format!("独自来的居民 {singles} 人，家庭 {families} 家\n  （手机上带 {companion_cards} 张纸质卡），单独的纸质卡 {paper_only} 张"),
            format!(
                "{singles} residents alone, {families} families\n  with {companion_cards} paper passports on their phones,\n  {paper_only} paper passports alone"
            ),
        )
    }

    fn comparison(&self) -> String {
        let pick = |zh, en| self.lang.pick(zh, en);
        let head = |one, other| format!("{}{}{}", " ".repeat(NAME_WIDTH), right_aligned(one), right_aligned(other));
        let compared = [
            (Quantity::People, pick("有章的集章卡", "passports with a stamp")),
            (Quantity::Stamps, pick("盖章", "stamps")),
            (Quantity::Hours, pick("各小时盖章", "stamps by the hour")),
            (Quantity::Claims, pick("手机上申领礼物", "gifts claimed by phone")),
            (Quantity::Redeemed, pick("领走礼物", "gifts handed over")),
            (Quantity::Refusals, pick("被拒", "refused")),
            (Quantity::Suspicions, pick("可疑（太快到两处）", "suspicions (too fast)")),
        ];
        let internal = [
            (Quantity::AvailableStamps, pick("公开的盖章数", "stamps, public")),
            (Quantity::AvailablePeople, pick("公开的集章卡数", "passports, public")),
            (Quantity::Left, pick("公开的余量", "left, public")),
            (Quantity::Ledger, pick("收发存里的领取", "ledger: handed over")),
        ];
        let mut lines = vec![head(pick("人群", "crowd"), pick("系统", "server"))];
        lines.extend(compared.iter().filter_map(|(quantity, name)| self.section(*quantity, name)));
        lines.push(head(pick("汇总", "summary"), pick("别处", "others")));
        lines.extend(internal.iter().filter_map(|(quantity, name)| self.section(*quantity, name)));
        lines.join("\n")
    }

    fn is_of_crowd_or_differs(&self, row: &TotalsRow) -> bool {
        self.stats.knows_gift(&row.name) || !self.reconciliation.accepts(row)
    }

    /// One line for a single total, else a heading and one line per name.
    fn section(&self, quantity: Quantity, name: &str) -> Option<String> {
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
            Quantity::Refusals => refusal_label(name, self.lang).to_owned(),
            _ => name.to_owned(),
        };
        let lines: Vec<String> =
            rows.iter().map(|row| self.row_text(&format!("  {}", label(&row.name)), row)).collect();
        (!lines.is_empty()).then(|| format!("{name}\n{}", lines.join("\n")))
    }

    fn row_text(&self, name: &str, row: &TotalsRow) -> String {
        let mark = match row.agreement() {
            Agreement::Equal => String::new(),
            Agreement::ServerHasMore(more) if self.reconciliation.outsiders => {
                self.lang.pick(format!("  别人 {more}"), format!("  {more} by others"))
            }
            _ => self.lang.pick("  不符！", "  DIFFERS").to_owned(),
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
        let heading = self.lang.pick("礼物（库存 = 领走 + 保留 + 剩余）", "gifts (stock = handed over + held + left)");
        let stocks = self.server_totals.stocks.iter().filter(|(gift, _)| self.stats.knows_gift(gift));
        let lines = stocks.map(|(gift, stock)| {
            let sum = format!("{} = {} + {} + {}", stock.all, stock.redeemed, stock.held, stock.left);
            format!("  {}\n    {sum}", self.venue.gift_name(gift))
        });
        [heading.to_owned()].into_iter().chain(lines).collect::<Vec<_>>().join("\n")
    }

    fn queues(&self) -> String {
        let Stats { max_waiting, max_wait_minutes, gave_up, .. } = self.stats;
        self.lang.pick(
            format!("兑换台：最多 {max_waiting} 人排队\n  最久等 {max_wait_minutes:.0} 分钟；{gave_up} 人没等到"),
            format!(
                "booths: at most {max_waiting} people queued\n  longest wait {max_wait_minutes:.0} min; {gave_up} gave up"
            ),
        )
    }

    fn frauds(&self) -> Option<String> {
        let lang = self.lang;
        let result = |kind: FraudKind, refused: &Option<String>| match (kind, refused.as_deref()) {
            (_, Some(code)) => lang.pick(
                format!("被拒：{}", refusal_label(code, lang)),
                format!("refused: {}", refusal_label(code, lang)),
            ),
            (FraudKind::TwoPlaces, None) if self.stats.totals.get(Quantity::Suspicions, "") > 0 => {
                lang.pick("盖了章，记为可疑", "stamped, and a suspicion").to_owned()
            }
            (FraudKind::TwoPlaces, None) => {
                lang.pick("盖了章；点位没写位置，不会起疑", "stamped; no point has a location: no suspicion").to_owned()
            }
            (_, None) => lang.pick("没被拒！", "NOT REFUSED").to_owned(),
        };
        let line = |((kind, refused), times): (&(FraudKind, Option<String>), &u64)| {
            format!("  {} ×{times}\n    {}", fraud_label(*kind, lang), result(*kind, refused))
        };
        let lines: Vec<String> = self.stats.fraud_outcomes.iter().map(line).collect();
        (!lines.is_empty()).then(|| format!("{}\n{}", lang.pick("作弊", "fraud attempts"), lines.join("\n")))
    }

    fn lost_responses(&self) -> String {
        let Stats { lost_responses, cut_connections, inconsistent_repeats, unexpected_responses, retries, .. } =
            self.stats;
        let mut lines = vec![self.lang.pick(
            format!(
                "回答丢了又问：{lost_responses} 次（断线 {cut_connections} 次）\n  再问答得不一样：{} 次",
                inconsistent_repeats.len()
            ),
            format!(
                "lost responses, repeated: {lost_responses} ({cut_connections} cut)\n  with another response: {}",
                inconsistent_repeats.len()
            ),
        )];
        lines.extend(inconsistent_repeats.iter().map(|repeat| format!("    {repeat}")));
        if *retries > 0 {
            lines.push(self.lang.pick(format!("  系统忙，再问：{retries} 次"), format!("  busy, retried: {retries}")));
        }
        let unexpected_responses = unexpected_responses.iter().map(|(kind, times)| format!("{kind} ×{times}"));
        lines.extend(list_lines(
            self.lang.pick("不该有的回答", "unexpected responses"),
            unexpected_responses,
            self.lang,
        ));
        lines.join("\n")
    }

    fn latencies(&self) -> Option<String> {
        let heading = self.lang.pick("回答用时，毫秒（平均，最慢）", "response times in ms (mean, slowest)");
        let line = |(kind, latencies): (&RequestKind, &Latencies)| {
            let mean = (latencies.sum / latencies.count.max(1)).as_micros();
            let name = padded(&format!("  {}", request_label(*kind, self.lang)), NAME_WIDTH);
            format!(
                "{name}{}{}",
                right_aligned(&format!("{}.{}", mean / 1000, mean / 100 % 10)),
                right_aligned(&latencies.max.as_millis().to_string())
            )
        };
        let lines: Vec<String> = self.stats.latencies.iter().map(line).collect();
        (!lines.is_empty()).then(|| format!("{heading}\n{}", lines.join("\n")))
    }

    /// A warning if the machine's own latency made the queues longer than in reality.
    fn slow_machine(&self) -> Option<String> {
        let latencies = self.stats.latencies.get(&RequestKind::Booth)?;
        let simulated = self.venue.simulated_secs(latencies.sum / latencies.count.max(1));
        let message = self.lang.pick(
            format!("对这个倍速来说，机器慢：兑换台等一个回答\n  相当于 {simulated:.0} 秒，排队比真的久。请用小些的 --speed。"),
            format!("This machine is slow for this speed: a response at\n  a booth took {simulated:.0} s of carnival time, and queues\n  were longer than in reality. Choose a smaller --speed."),
        );
        (simulated > SLOW_RESPONSE_S).then_some(message)
    }

    fn conclusion(&self) -> String {
        let rows = self.reconciliation.rows.len();
        let differ = self.reconciliation.rows.iter().filter(|row| !self.reconciliation.accepts(row)).count();
        if self.agrees() {
            let others = if self.reconciliation.outsiders {
                self.lang.pick("另有别人参加。", " Others took part too.")
            } else {
                ""
            };
            return self.lang.pick(
                format!("一致：{rows} 个数字都对得上。{others}"),
                format!("The crowd and the server agree: {rows} numbers.{others}"),
            );
        }
        self.lang.pick(
            format!("不一致：{rows} 个数字里 {differ} 个对不上；有“不符”“没被拒”“不该有”的地方要看。"),
            format!(
                "They do not agree: {differ} of {rows} numbers differ; see DIFFERS, NOT REFUSED, another response, and unexpected."
            ),
        )
    }
}

fn right_aligned(text: &str) -> String {
    format!("{}{text}", " ".repeat(NUMBER_WIDTH.saturating_sub(display_width(text))))
}
