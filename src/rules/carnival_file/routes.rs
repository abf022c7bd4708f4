//! `[[routes]]`: the weeks.

use jiff::civil::Date;

use super::card::{Design, design};
use super::entry::{Kind, Place};
use super::field::{Field, Key};
use super::form::Wanted;
use super::head::{days, optional_story};
use super::ids::Ids;
use super::link::Link;
use super::notes::{Read, gather};
use super::plan::Plan;
use super::table::Table;
use crate::rules::carnival::{Days, Market, Route};
use crate::rules::ids::{PointNumber, RouteId};

const ROUTES: Key = Key { name: "routes", like: "[[routes]]" };
const ID: Key = Key { name: "id", like: r#"id = "play""# };
const NAME: Key = Key { name: "name", like: r#"name = "“玩”美社区""# };
const EXTRA_DAYS: Key = Key { name: "extra_days", like: "extra_days = [2023-04-29]" };
const COMPLETE_WITH: Key = Key { name: "complete_with", like: "complete_with = 6" };
const MARKET: Key =
    Key { name: "market", like: r#"market = { name = "时光音乐友邻荟", venue = "杉板桥社区" }"# };
const MARKET_NAME: Key = Key { name: "name", like: MARKET.like };
const VENUE: Key = Key { name: "venue", like: MARKET.like };

/// A route as far as it could be read.
pub(super) struct Draft {
    pub(super) place: Place,
    pub(super) id: Read<RouteId>,
    name: Read<String>,
    days: Read<Days>,
    extra_days: Read<Vec<Date>>,
    /// With the line of its key.
    complete_with: Read<Option<(u16, Place)>>,
    market: Read<Option<Market>>,
    story: Read<Option<String>>,
    design: Design,
}

impl Draft {
    /// The route, if all of it could be read.
    pub(super) fn whole(self) -> Read<Route> {
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
    pub(super) fn schedule(&self) -> Read<(Days, &[Date])> {
        let extra_days = self.extra_days.as_ref().map_err(|told| *told)?;
        Ok((self.days?, extra_days))
    }

    /// How many stamps complete it, if the file says so, and where.
    pub(super) fn complete_with(&self) -> Option<(u16, &Place)> {
        self.complete_with.as_ref().ok()?.as_ref().map(|(stamps, place)| (*stamps, place))
    }

    /// Whether it certainly has no market.
    pub(super) fn has_no_market(&self) -> bool {
        matches!(self.market, Ok(None))
    }
}

/// The route with this id, as far as it could be read.
pub(super) fn find<'d>(routes: &'d [Draft], id: &RouteId) -> Option<&'d Draft> {
    routes.iter().find(|route| route.id.as_ref().is_ok_and(|own| own == id))
}

pub(super) fn read(root: &mut Table<'_>, ids: &mut Ids<RouteId>, frame: Option<Days>) -> Vec<Draft> {
    let entries = root.entries(ROUTES, Kind::Route);
    ids.cut(entries.cut);
    if entries.tables.is_empty() && entries.cut.is_none() {
        ids.cut(Some(root.tell(Link::NoneAtAll { kind: Kind::Route })));
    }
    let read = |table| read_route(table, ids, frame);
    entries.tables.into_iter().map(read).collect()
}

fn read_route(mut table: Table<'_>, ids: &mut Ids<RouteId>, frame: Option<Days>) -> Draft {
    let days = days(&mut table, frame);
    let draft = Draft {
        place: table.place().clone(),
        id: ids.declare(table.required(ID)),
        name: table.required(NAME).and_then(|field| field.name()),
        days,
        extra_days: table.optional(EXTRA_DAYS).map_or(Ok(Vec::new()), |field| extra_days(&field, days.ok(), frame)),
        complete_with: table.optional(COMPLETE_WITH).map(|field| complete_with(&field)).transpose(),
        market: table.optional(MARKET).map(|field| market(&field)).transpose(),
        story: optional_story(&mut table),
        design: design(&mut table),
    };
    table.finish();
    draft
}

fn complete_with(field: &Field<'_>) -> Read<(u16, Place)> {
    let most = *PointNumber::RANGE.end();
    let stamps = field.whole(1..=u32::from(most))?;
    Ok((u16::try_from(stamps).unwrap_or(most), field.notes_and_place().1))
}

fn extra_days(field: &Field<'_>, week: Option<Days>, frame: Option<Days>) -> Read<Vec<Date>> {
    let mut seen = Vec::new();
    let items = field.items(Wanted::List)?;
    gather(items.iter().map(|item| {
        let day = item.day_within(frame)?;
        if seen.contains(&day) || week.is_some_and(|days| days.hold(day)) {
            return Err(item.tell(Plan::ExtraDayIdle { day }));
        }
        seen.push(day);
        Ok(day)
    }))
}

fn market(field: &Field<'_>) -> Read<Market> {
    let mut table = Table::of(field)?;
    let name = table.required(MARKET_NAME).and_then(|field| field.name());
    let venue = table.required(VENUE).and_then(|field| field.name());
    table.finish();
    Ok(Market { name: name?, venue: venue? })
}
