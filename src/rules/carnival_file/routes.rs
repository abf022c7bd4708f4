//! `[[routes]]`: the routes, one per week.

use jiff::civil::Date;

use super::carnival_table::{days, optional_story};
use super::design::{Design, design};
use super::diagnostics::{Parsed, collect_all};
use super::entry::{EntryKind, SourcePosition};
use super::field::{Field, Key};
use super::format_errors::ExpectedType;
use super::reference_errors::ReferenceError;
use super::registry::IdRegistry;
use super::schedule_errors::ScheduleError;
use super::table::Table;
use crate::rules::carnival::{DateRange, Market, Route};
use crate::rules::ids::{PointNumber, RouteId};

const ROUTES: Key = Key { name: "routes", example: "[[routes]]" };
const ID: Key = Key { name: "id", example: r#"id = "play""# };
const NAME: Key = Key { name: "name", example: r#"name = "“玩”美社区""# };
const EXTRA_DAYS: Key = Key { name: "extra_days", example: "extra_days = [2023-04-29]" };
const COMPLETE_WITH: Key = Key { name: "complete_with", example: "complete_with = 6" };
const MARKET: Key =
    Key { name: "market", example: r#"market = { name = "时光音乐友邻荟", venue = "杉板桥社区" }"# };
const MARKET_NAME: Key = Key { name: "name", example: MARKET.example };
const VENUE: Key = Key { name: "venue", example: MARKET.example };

/// A partly parsed route.
pub(super) struct Draft {
    pub(super) position: SourcePosition,
    pub(super) id: Parsed<RouteId>,
    name: Parsed<String>,
    days: Parsed<DateRange>,
    extra_days: Parsed<Vec<Date>>,
    /// With the source position of the key.
    complete_with: Parsed<Option<(u16, SourcePosition)>>,
    market: Parsed<Option<Market>>,
    story: Parsed<Option<String>>,
    design: Design,
}

impl Draft {
    /// The route, if every value was parsed.
    pub(super) fn into_complete(self) -> Parsed<Route> {
        Ok(Route {
            id: self.id?,
            name: self.name?,
            days: self.days?,
            extra_days: self.extra_days?,
            complete_with: self.complete_with?.map(|(stamps, _)| stamps),
            market: self.market?,
            story: self.story?,
            artwork: self.design.artwork?,
            colour: self.design.colour?,
            pattern: self.design.pattern?,
        })
    }

    /// Its days and its extra days.
    pub(super) fn schedule(&self) -> Parsed<(DateRange, &[Date])> {
        let extra_days = self.extra_days.as_ref().map_err(|reported| *reported)?;
        Ok((self.days?, extra_days))
    }

    /// The declared number of stamps that complete the route, with the source position of the key.
    pub(super) fn complete_with(&self) -> Option<(u16, &SourcePosition)> {
        self.complete_with.as_ref().ok()?.as_ref().map(|(stamps, position)| (*stamps, position))
    }

    /// Whether it certainly has no market.
    pub(super) fn has_no_market(&self) -> bool {
        matches!(self.market, Ok(None))
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
    let entries = root.entries(ROUTES, EntryKind::Route);
    ids.mark_incomplete(entries.incomplete);
    if entries.tables.is_empty() && entries.incomplete.is_none() {
        ids.mark_incomplete(Some(root.report(ReferenceError::NoneAtAll { kind: EntryKind::Route })));
    }
    let read = |table| read_route(table, ids, carnival_days);
    entries.tables.into_iter().map(read).collect()
}

fn read_route(mut table: Table<'_>, ids: &mut IdRegistry<RouteId>, carnival_days: Option<DateRange>) -> Draft {
    let days = days(&mut table, carnival_days);
    let draft = Draft {
        position: table.position().clone(),
        id: ids.declare(table.required(ID)),
        name: table.required(NAME).and_then(|field| field.name()),
        days,
        extra_days: table
            .optional(EXTRA_DAYS)
            .map_or(Ok(Vec::new()), |field| extra_days(&field, days.ok(), carnival_days)),
        complete_with: table.optional(COMPLETE_WITH).map(|field| complete_with(&field)).transpose(),
        market: table.optional(MARKET).map(|field| market(&field)).transpose(),
        story: optional_story(&mut table),
        design: design(&mut table),
    };
    table.finish();
    draft
}

fn complete_with(field: &Field<'_>) -> Parsed<(u16, SourcePosition)> {
    let max = *PointNumber::RANGE.end();
    let stamps = field.integer(1..=u32::from(max))?;
    Ok((u16::try_from(stamps).unwrap_or(max), field.diagnostics_and_position().1))
}

fn extra_days(field: &Field<'_>, week: Option<DateRange>, carnival_days: Option<DateRange>) -> Parsed<Vec<Date>> {
    let mut unique = Vec::new();
    let items = field.items(ExpectedType::List)?;
    collect_all(items.iter().map(|item| {
        let day = item.day_within(carnival_days)?;
        if unique.contains(&day) || week.is_some_and(|days| days.contains(day)) {
            return Err(item.report(ScheduleError::ExtraDayIdle { day }));
        }
        unique.push(day);
        Ok(day)
    }))
}

fn market(field: &Field<'_>) -> Parsed<Market> {
    let mut table = Table::of(field)?;
    let name = table.required(MARKET_NAME).and_then(|field| field.name());
    let venue = table.required(VENUE).and_then(|field| field.name());
    table.finish();
    Ok(Market { name: name?, venue: venue? })
}
