//! `[[routes]]`: the routes, one per week.

use jiff::civil::Date;

use super::carnival_table::days;
use super::design::{self, artwork};
use super::diagnostics::{Parsed, assemble, collect_all};
use super::field::{Field, Key};
use super::mistake::{EntryKind, ExpectedType, MistakeKind, SourcePosition};
use super::registry::IdRegistry;
use super::table::Table;
use crate::rules::carnival::design::CardPattern;
use crate::rules::carnival::{DateRange, Market, Route};
use crate::rules::ids::{PointNumber, RouteId};

const ID: Key = Key { name: "id", example: r#"id = "play""# };
const NAME: Key = Key { name: "name", example: r#"name = "“玩”美社区""# };
const EXTRA_DAYS: Key = Key { name: "extra_days", example: "extra_days = [2023-04-29]" };
const COMPLETE_WITH: Key = Key { name: "complete_with", example: "complete_with = 6" };
const MARKET: Key =
    Key { name: "market", example: r#"market = { name = "时光音乐友邻荟", venue = "杉板桥社区" }"# };
const MARKET_NAME: Key = Key { name: "name", example: MARKET.example };
const VENUE: Key = Key { name: "venue", example: MARKET.example };
const ARTWORK: Key = Key { name: "artwork", example: r#"artwork = "artwork/play.svg""# };
const COLOUR: Key = Key { name: "colour", example: r##"colour = "#a63d2f""## };
const PATTERN: Key = Key { name: "pattern", example: r#"pattern = "waves""# };

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
        let extra_days = self.extra_days.as_ref().map_err(|reported| *reported)?;
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
    let id = ids.declare(table.required(ID));
    let name = table.read(NAME, Field::name);
    let extra_days = table.read_or_default(EXTRA_DAYS, |field| extra_days(field, days.ok(), carnival_days));
    let complete_with = table.read_optional(COMPLETE_WITH, complete_with);
    let market = table.read_optional(MARKET, market);
    let story = table.story();
    let artwork = table.read_optional(ARTWORK, |field| artwork(field, ARTWORK.example));
    let colour = table.read_optional(COLOUR, design::colour);
    let pattern = table.read_optional(PATTERN, |field| field.choice(&CardPattern::KEYWORDS));
    let position = table.position.clone();
    table.finish();
    let has_no_market = matches!(market, Ok(None));
    let route = assemble(|| {
        Ok(Route {
            id: id.clone()?,
            name: name?,
            days: days?,
            extra_days: extra_days.clone()?,
            complete_with: complete_with.as_ref().map_err(|reported| *reported)?.as_ref().map(|(stamps, _)| *stamps),
            market: market?,
            story: story?,
            artwork: artwork?,
            colour: colour?,
            pattern: pattern?,
        })
    });
    Draft { position, id, days, extra_days, complete_with: complete_with.ok().flatten(), has_no_market, route }
}

fn complete_with(field: &Field<'_>) -> Parsed<(u16, SourcePosition)> {
    let max = *PointNumber::RANGE.end();
    let stamps = field.integer(1..=u32::from(max))?;
    Ok((u16::try_from(stamps).unwrap_or(max), field.position.clone()))
}

fn extra_days(field: &Field<'_>, week: Option<DateRange>, carnival_days: Option<DateRange>) -> Parsed<Vec<Date>> {
    let mut unique = Vec::new();
    let items = field.items(ExpectedType::List)?;
    collect_all(items.iter().map(|item| {
        let day = item.day_within(carnival_days)?;
        if unique.contains(&day) || week.is_some_and(|days| days.contains(day)) {
            return Err(item.report(MistakeKind::ExtraDayIdle { day }));
        }
        unique.push(day);
        Ok(day)
    }))
}

fn market(field: &Field<'_>) -> Parsed<Market> {
    let mut table = Table::of(field)?;
    let name = table.read(MARKET_NAME, Field::name);
    let venue = table.read(VENUE, Field::name);
    table.finish();
    Ok(Market { name: name?, venue: venue? })
}
