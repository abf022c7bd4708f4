//! The table at the end.

use carnival::rules::lang::Lang;

use super::books::{Ask, Page, Took};
use super::office::Told;
use super::plan::{Cheat, Sorts};
use super::verdict::{Row, Standing, Verdict, What};
use super::words::{WIDTH, ask, cheat, listed, padded, reason, width};
use super::world::World;

/// Columns of a name and of each of two numbers; a word on how they stand follows.
const NAME: usize = WIDTH - 2 * NUMBER;
const NUMBER: usize = 7;
/// An answer at a booth that feels longer than this, in the carnival's seconds, makes the queues.
const SLOW_S: f64 = 5.0;

/// What happened, and whether both say so.
pub(super) struct Report<'a> {
    /// Who came.
    pub(super) sorts: Sorts,
    /// What the crowd knows.
    pub(super) page: &'a Page,
    /// What the server says.
    pub(super) told: &'a Told,
    /// Number by number.
    pub(super) verdict: &'a Verdict,
    /// How people call points and gifts.
    pub(super) world: &'a World,
    /// For whom.
    pub(super) lang: Lang,
}

impl Report<'_> {
    /// Whether nothing is wrong.
    pub(super) fn is_fine(&self) -> bool {
        self.verdict.agrees() && self.page.untrue.is_empty() && self.page.failures.is_empty() && !self.cheated()
    }

    /// Whether a cheat got what she wanted. Two places at once are stamped: that is for a human to judge.
    fn cheated(&self) -> bool {
        self.page.cheats.keys().any(|(cheat, refused)| refused.is_none() && *cheat != Cheat::TwoPlaces)
    }

    /// All of it.
    pub(super) fn text(&self) -> String {
        let parts = [
            Some(self.people()),
            Some(self.numbers()),
            Some(self.stock()),
            Some(self.queue()),
            self.cheats(),
            Some(self.lost()),
            self.took(),
            self.slow(),
            Some(self.end()),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join("\n")
    }

    fn people(&self) -> String {
        let Sorts { alone, families, on_phones, paper } = self.sorts;
        self.lang.pick(
            format!("独自来的居民 {alone} 人，家庭 {families} 家\n  （手机上带 {on_phones} 张纸质卡），单独的纸质卡 {paper} 张"),
            format!(
                "{alone} residents alone, {families} families\n  with {on_phones} paper passports on their phones,\n  {paper} paper passports by themselves"
            ),
        )
    }

    fn numbers(&self) -> String {
        let pick = |zh, en| self.lang.pick(zh, en);
        let head = |one, other| format!("{}{}{}", " ".repeat(NAME), right(one), right(other));
        let crowds = [
            (What::People, pick("有章的集章卡", "passports with a stamp")),
            (What::Stamps, pick("盖章", "stamps")),
            (What::Hours, pick("各小时盖章", "stamps by the hour")),
            (What::Claims, pick("手机上申领礼物", "gifts claimed by phone")),
            (What::Redeemed, pick("领走礼物", "gifts handed over")),
            (What::Refusals, pick("被拒", "refused")),
            (What::Suspicions, pick("可疑（太快到两处）", "suspicions (too fast)")),
        ];
        let own = [
            (What::AvailableStamps, pick("公开的盖章数", "stamps, to all")),
            (What::AvailablePeople, pick("公开的集章卡数", "passports, to all")),
            (What::Left, pick("公开的余量", "left, to all")),
            (What::Ledger, pick("收发存里的领取", "ledger: handed over")),
        ];
        let mut lines = vec![head(pick("人群", "crowd"), pick("系统", "server"))];
        lines.extend(crowds.iter().filter_map(|(what, name)| self.section(*what, name)));
        lines.push(head(pick("汇总", "summary"), pick("别处", "others")));
        lines.extend(own.iter().filter_map(|(what, name)| self.section(*what, name)));
        lines.join("\n")
    }

    fn is_touched(&self, row: &Row) -> bool {
        let numbers = &self.page.numbers;
        let is_of_crowd = numbers.claims.contains_key(&row.of) || numbers.redeemed.contains_key(&row.of);
        is_of_crowd || !self.verdict.is_fine(row)
    }

    /// One line for what has one number, else a heading and a line each.
    fn section(&self, what: What, name: &str) -> Option<String> {
        // What stands at nothing on both sides, or was not touched by the crowd, is compared and not shown.
        let shown = |row: &&Row| !what.is_servers_own() || row.of.is_empty() || self.is_touched(row);
        let rows: Vec<&Row> = self.verdict.of_kind(what).filter(shown).collect();
        if let [only] = rows.as_slice()
            && only.of.is_empty()
        {
            return Some(self.line(name, only));
        }
        let of = |of: &str| match what {
            What::Stamps => self.world.point_name(of),
            What::Hours => of.get(5..).map_or_else(String::new, |hour| format!("{hour}:00")),
            What::Claims | What::Redeemed | What::Left | What::Ledger => self.world.gift_name(of),
            What::Refusals => reason(of, self.lang).to_owned(),
            _ => of.to_owned(),
        };
        let lines: Vec<String> = rows.iter().map(|row| self.line(&format!("  {}", of(&row.of)), row)).collect();
        (!lines.is_empty()).then(|| format!("{name}\n{}", lines.join("\n")))
    }

    fn line(&self, name: &str, row: &Row) -> String {
        let mark = match row.standing() {
            Standing::Agrees => String::new(),
            Standing::More(more) if self.verdict.others => {
                self.lang.pick(format!("  别人 {more}"), format!("  {more} by others"))
            }
            _ => self.lang.pick("  不符！", "  DIFFERS").to_owned(),
        };
        // A long name has a line of its own.
        let name = if width(name) < NAME { padded(name, NAME) } else { format!("{name}\n{}", " ".repeat(NAME)) };
        let crowd =
            if row.perhaps > 0 { format!("{}~{}", row.crowd, row.crowd + row.perhaps) } else { row.crowd.to_string() };
        format!("{name}{}{}{mark}", right(&crowd), right(&row.server.to_string()))
    }

    fn stock(&self) -> String {
        let heading = self.lang.pick("礼物（库存 = 领走 + 保留 + 剩余）", "gifts (stock = handed over + held + left)");
        let numbers = &self.page.numbers;
        let touched = |gift: &String| numbers.claims.contains_key(gift) || numbers.redeemed.contains_key(gift);
        let lines = self.told.stocks.iter().filter(|(gift, _)| touched(gift)).map(|(gift, stock)| {
            let sum = format!("{} = {} + {} + {}", stock.all, stock.redeemed, stock.held, stock.left);
            format!("  {}\n    {sum}", self.world.gift_name(gift))
        });
        [heading.to_owned()].into_iter().chain(lines).collect::<Vec<_>>().join("\n")
    }

    fn queue(&self) -> String {
        let Page { most_waiting, longest_wait_min, walked_off, .. } = self.page;
        self.lang.pick(
            format!("兑换台：最多 {most_waiting} 人排队\n  最久等 {longest_wait_min:.0} 分钟；{walked_off} 人没等到"),
            format!(
                "booths: {most_waiting} people queued at most\n  {longest_wait_min:.0} min the longest; {walked_off} walked off"
            ),
        )
    }

    fn cheats(&self) -> Option<String> {
        let lang = self.lang;
        let told = |kind: Cheat, refused: &Option<String>| match (kind, refused.as_deref()) {
            (_, Some(code)) => {
                lang.pick(format!("被拒：{}", reason(code, lang)), format!("refused: {}", reason(code, lang)))
            }
            (Cheat::TwoPlaces, None) if self.page.numbers.suspicions > 0 => {
                lang.pick("盖了章，记为可疑", "stamped, and a suspicion").to_owned()
            }
            (Cheat::TwoPlaces, None) => {
                lang.pick("盖了章；点位没写位置，不会起疑", "stamped; no point has a place, so no suspicion").to_owned()
            }
            (_, None) => lang.pick("没被拒！", "NOT REFUSED").to_owned(),
        };
        let line = |((kind, refused), times): (&(Cheat, Option<String>), &u64)| {
            format!("  {} ×{times}\n    {}", cheat(*kind, lang), told(*kind, refused))
        };
        let lines: Vec<String> = self.page.cheats.iter().map(line).collect();
        (!lines.is_empty()).then(|| format!("{}\n{}", lang.pick("作弊", "cheats"), lines.join("\n")))
    }

    fn lost(&self) -> String {
        let Page { lost, cut, untrue, failures, busy, .. } = self.page;
        let mut lines = vec![self.lang.pick(
            format!("回答丢了又问：{lost} 次（断线 {cut} 次）\n  再问答得不一样：{} 次", untrue.len()),
            format!("answers lost and asked again: {lost} ({cut} cut)\n  told something else: {}", untrue.len()),
        )];
        lines.extend(untrue.iter().map(|what| format!("    {what}")));
        if *busy > 0 {
            lines.push(self.lang.pick(format!("  系统忙，再问：{busy} 次"), format!("  busy, asked again: {busy}")));
        }
        let failures = failures.iter().map(|(what, times)| format!("{what} ×{times}"));
        lines.extend(listed(self.lang.pick("不该有的回答", "answers that must not be"), failures, self.lang));
        lines.join("\n")
    }

    fn took(&self) -> Option<String> {
        let heading = self.lang.pick("回答用时，毫秒（平均，最慢）", "ms an answer took (mean, slowest)");
        let line = |(kind, took): (&Ask, &Took)| {
            let mean = (took.sum / took.count.max(1)).as_micros();
            let name = padded(&format!("  {}", ask(*kind, self.lang)), NAME);
            format!(
                "{name}{}{}",
                right(&format!("{}.{}", mean / 1000, mean / 100 % 10)),
                right(&took.most.as_millis().to_string())
            )
        };
        let lines: Vec<String> = self.page.took.iter().map(line).collect();
        (!lines.is_empty()).then(|| format!("{heading}\n{}", lines.join("\n")))
    }

    /// That the queues were longer than in life, where the machine's own delay counts for much.
    fn slow(&self) -> Option<String> {
        let took = self.page.took.get(&Ask::Booth)?;
        let felt = self.world.felt_s(took.sum / took.count.max(1));
        let said = self.lang.pick(
            format!("对这个倍速来说，机器慢：兑换台等一个回答\n  相当于 {felt:.0} 秒，排队比真的久。请用小些的 --speed。"),
            format!("This machine is slow for such a pace: an answer at\n  a booth felt like {felt:.0} s, and queues were longer\n  than in life. Take a smaller --speed."),
        );
        (felt > SLOW_S).then_some(said)
    }

    fn end(&self) -> String {
        let rows = self.verdict.rows.len();
        let differ = self.verdict.rows.iter().filter(|row| !self.verdict.is_fine(row)).count();
        if self.is_fine() {
            let others = if self.verdict.others {
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
                "They do not agree: {differ} of {rows} numbers differ; see DIFFERS, NOT REFUSED, told something else, and must not be."
            ),
        )
    }
}

fn right(text: &str) -> String {
    format!("{}{text}", " ".repeat(NUMBER.saturating_sub(width(text))))
}
