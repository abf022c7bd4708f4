//! `[[routes]]`: the routes, one per week.

use jiff::civil::Date;

use super::carnival_table::days;
use super::design::{self, artwork};
use super::diagnostics::{Parsed, collect_all, part, read_fields};
use super::field::Field;
use super::mistake::{EntryKind, ExpectedType, MistakeKind, SourcePosition};
use super::registry::IdRegistry;
use super::table::Table;
use crate::rules::carnival::design::CardPattern;
use crate::rules::carnival::{DateRange, Market, Route};
use crate::rules::ids::{PointNumber, RouteId};

/// A route, and what other entries need of it even if it has mistakes.
pub(super) struct Draft {
    pub(super) position: SourcePosition,
    pub(super) id: Parsed<RouteId>,
    days: Parsed<DateRange>,
    extra_days: Parsed<Vec<Date>>,
    /// The number of stamps that complete it, with the source position of the key.
    pub(super) complete_with: Option<(u16, SourcePosition)>,
    /// Whether it certainly has no market.
    pub(super) has_no_market: bool,
    pub(super) route: Parsed<Route>,
}

impl Draft {
    /// Its days and its extra days.
    pub(super) fn schedule(&self) -> Parsed<(DateRange, &[Date])> {
        let extra_days = part(&self.extra_days)?;
        Ok((self.days?, extra_days))
    }

    /// The first day on which it runs.
    pub(super) fn first_day(&self) -> Parsed<Date> {
        self.schedule().map(|(days, extra_days)| extra_days.iter().copied().fold(days.first, Ord::min))
    }
}

/// The route with this id, possibly only partly parsed.
pub(super) fn find<'d>(routes: &'d [Draft], id: &RouteId) -> Option<&'d Draft> {
    routes.iter().find(|route| route.id.as_ref().is_ok_and(|own| own == id))
}

pub(super) fn read(
    root: &mut Table<'_>,
    ids: &mut IdRegistry<RouteId>,
    carnival_days: Option<DateRange>,
) -> Vec<Draft> {
    let entries = root.required_entries(EntryKind::Route);
    ids.mark_incomplete(entries.incomplete);
    let read = |table| read_route(table, ids, carnival_days);
    entries.tables.into_iter().map(read).collect()
}

fn read_route(mut table: Table<'_>, ids: &mut IdRegistry<RouteId>, carnival_days: Option<DateRange>) -> Draft {
    let days = days(&mut table, carnival_days);
    let id = ids.declare(table.required(r#"id = "play""#));
    let name = table.read(r#"name = "“玩”美社区""#, Field::name);
    let extra_days = table.read_or_default("extra_days = [2023-04-29]", |field| extra_days(field, carnival_days));
    let complete_with = table.read_optional("complete_with = 6", complete_with);
    let market = table.read_optional(r#"market = { name = "时光音乐友邻荟", venue = "杉板桥社区" }"#, market);
    let has_no_market = matches!(market, Ok(None));
    let route = read_fields!(Route {
        id: id.clone(),
        name,
        days,
        extra_days: extra_days.clone(),
        notice: table.read_optional(r#"notice = "因雨，4月29日补办一天。""#, Field::notice),
        complete_with: part(&complete_with).map(|number| number.as_ref().map(|(stamps, _)| *stamps)),
        market,
        story: table.story(),
        artwork: table.read_optional(r#"artwork = "artwork/play.svg""#, artwork),
        colour: table.read_optional(r##"colour = "#a63d2f""##, design::colour),
        pattern: table.read_optional(r#"pattern = "waves""#, |field| field.choice(&CardPattern::KEYWORDS)),
    });
    let position = table.position.clone();
    table.finish();
    let complete_with = complete_with.ok().flatten();
    Draft { position, id, days, extra_days, complete_with, has_no_market, route }
}

fn complete_with(field: &Field<'_>) -> Parsed<(u16, SourcePosition)> {
    let max = *PointNumber::RANGE.end();
    let stamps = field.integer(1..=u32::from(max))?;
    Ok((u16::try_from(stamps).unwrap_or(max), field.position.clone()))
}

/// A day of the route's own days is allowed: a route that was moved over it may be moved back.
fn extra_days(field: &Field<'_>, carnival_days: Option<DateRange>) -> Parsed<Vec<Date>> {
    let mut unique = Vec::new();
    let items = field.items(ExpectedType::List)?;
    collect_all(items.iter().map(|item| {
        let day = item.day_within(carnival_days)?;
        if unique.contains(&day) {
            return Err(item.report(MistakeKind::ExtraDayDoubled { day }));
        }
        unique.push(day);
        Ok(day)
    }))
}

fn market(field: &Field<'_>) -> Parsed<Market> {
    let mut table = Table::of(field)?;
    let name = table.read("name", Field::name);
    let venue = table.read("venue", Field::name);
    table.finish();
    Ok(Market { name: name?, venue: venue? })
}
