//! `[[gifts]]`: the gifts that stamps earn.

use super::carnival_table::{days, optional_name};
use super::diagnostics::{Parsed, collect_all};
use super::entry::{EntryKind, excerpt};
use super::field::{Field, Key};
use super::format_errors::ExpectedType;
use super::gift_context::GiftContext;
use super::gift_errors::GiftError;
use super::gift_requirement::{self, NEEDS};
use super::reference_errors::ReferenceError;
use super::registry::{IdRegistry, NumberRegistry};
use super::routes;
use super::table::Table;
use crate::rules::carnival::{DateRange, Gift, GiftRequirement, PickUp};
use crate::rules::ids::{BoothId, GiftId, GiftNumber, RouteId};

/// Maximum stock of a gift. Vouchers have six random digits; at most half of the numbers are used, so that a free one
/// takes two attempts on average even for the last gift.
const MAX_STOCK: u32 = 500_000;
/// Thirty days, longer than a carnival.
const MAX_HOLD_MINUTES: u32 = 30 * 24 * 60;

const GIFTS: Key = Key { name: "gifts", example: "[[gifts]]" };
const ID: Key = Key { name: "id", example: r#"id = "postcards""# };
const NUMBER: Key = Key { name: "number", example: "number = 1" };
const NAME: Key = Key { name: "name", example: r#"name = "路线明信片一套""# };
const STOCK: Key = Key { name: "stock", example: "stock = 500" };
const HOLD_MINUTES: Key = Key { name: "hold_minutes", example: "hold_minutes = 120" };
const BOOTHS: Key = Key { name: "booths", example: r#"booths = ["market-1"]"# };
const PICK_UP: Key = Key { name: "pick_up", example: "pick_up = { first_day = 2023-04-25, last_day = 2023-04-30 }" };
const PICK_UP_HOURS: Key = Key { name: "hours", example: r#"hours = ["10:00-18:00"]"# };
const CLOSED: Key = Key { name: "closed", example: r#"closed = "已停止发放""# };

pub(super) fn read(root: &mut Table<'_>, mut context: GiftContext<'_>) -> Vec<Parsed<Gift>> {
    let entries = root.entries(GIFTS, EntryKind::Gift);
    if let Some(first) = entries.tables.first()
        && context.booth_ids.is_certainly_empty()
    {
        context.booth_ids.mark_incomplete(Some(first.report(GiftError::NoBooth)));
    }
    let mut ids = IdRegistry::default();
    let mut numbers = NumberRegistry::new();
    let read = |table| read_gift(table, &mut ids, &mut numbers, &context);
    entries.tables.into_iter().map(read).collect()
}

fn read_gift(
    mut table: Table<'_>,
    ids: &mut IdRegistry<GiftId>,
    numbers: &mut NumberRegistry<GiftNumber>,
    context: &GiftContext<'_>,
) -> Parsed<Gift> {
    let max = u32::from(*GiftNumber::RANGE.end());
    let id = ids.declare(table.required(ID));
    let number = table.required(NUMBER).and_then(|field| numbers.declare(&field, max, EntryKind::Gift));
    let name = table.required(NAME).and_then(|field| field.name());
    let closed = optional_name(&mut table, CLOSED);
    let needs = table.required(NEEDS).and_then(|field| {
        let needs = gift_requirement::read(&field, context)?;
        // A closed gift needs no satisfiable requirement: closing it is the remedy when rain closes a whole route.
        if matches!(closed, Ok(None)) {
            gift_requirement::check_satisfiable(&field, &needs, context)?;
        }
        Ok(needs)
    });
    let stock = table.required(STOCK).and_then(|field| field.integer(0..=MAX_STOCK));
    let hold_minutes = table.optional(HOLD_MINUTES).map(|field| field.integer(1..=MAX_HOLD_MINUTES)).transpose();
    let booths = booths(&mut table, context);
    let pick_up = pick_up(&mut table, needs.as_ref().ok(), context);
    table.finish();
    Ok(Gift {
        id: id?,
        number: number?,
        name: name?,
        needs: needs?,
        stock: stock?,
        hold_minutes: hold_minutes?,
        booths: booths?,
        pick_up: pick_up?,
        closed: closed?,
    })
}

fn booths(table: &mut Table<'_>, context: &GiftContext<'_>) -> Parsed<Vec<BoothId>> {
    let Some(field) = table.optional(BOOTHS) else {
        return Ok(Vec::new());
    };
    let items = field.items(ExpectedType::List)?;
    let mut unique = Vec::new();
    collect_all(items.iter().map(|item| {
        let booth = context.booth_ids.resolve(item, EntryKind::Booth)?;
        if unique.contains(&booth) {
            let (path, found) = (item.path(), excerpt(booth.as_str()));
            return Err(item.report(ReferenceError::DoubledItem { path, found }));
        }
        unique.push(booth.clone());
        Ok(booth)
    }))
}

fn pick_up(
    table: &mut Table<'_>,
    needs: Option<&GiftRequirement>,
    context: &GiftContext<'_>,
) -> Parsed<Option<PickUp>> {
    let Some(field) = table.optional(PICK_UP) else {
        return Ok(None);
    };
    let mut inner = Table::of(&field)?;
    let days = days(&mut inner, context.carnival_days);
    let hours = inner.optional(PICK_UP_HOURS).map_or(Ok(Vec::new()), |field| field.non_empty_time_ranges());
    inner.finish();
    let days = days?;
    if let Some(needs) = needs {
        check_pick_up(&field, days, needs, context)?;
    }
    Ok(Some(PickUp { days, hours: hours? }))
}

/// The pick-up must not end before the gift can be earned.
fn check_pick_up(field: &Field<'_>, days: DateRange, needs: &GiftRequirement, context: &GiftContext<'_>) -> Parsed<()> {
    match needs {
        GiftRequirement::CompleteRoute(id) | GiftRequirement::OfRoute { route: id, .. } => {
            check_route_begins_in_time(field, days, id, context)
        }
        GiftRequirement::Total(required) => {
            check_enough_by_last_day(field, days, *required, context, gift_requirement::points_of)
        }
        GiftRequirement::Routes(required) => check_enough_by_last_day(field, days, *required, context, |_, _| 1),
    }
}

/// For gifts that need stamps or routes of the whole carnival: the routes that begin by the last day of pick-up must
/// suffice.
fn check_enough_by_last_day(
    field: &Field<'_>,
    days: DateRange,
    required: u16,
    context: &GiftContext<'_>,
    worth: impl Fn(&RouteId, &GiftContext<'_>) -> u16,
) -> Parsed<()> {
    let mut available: u16 = 0;
    for route in context.routes {
        let (Ok(id), Ok((week, extra_days))) = (&route.id, route.schedule()) else {
            // A route that failed to parse may begin early enough.
            return Ok(());
        };
        if extra_days.iter().chain([&week.first]).any(|first| *first <= days.last) {
            available = available.saturating_add(worth(id, context));
        }
    }
    if required <= available || !context.all_points_parsed {
        return Ok(());
    }
    Err(field.report(GiftError::PickUpBeforeEnough { last: days.last, required, available }))
}

/// For gifts of one route: the pick-up must not end before the route begins.
fn check_route_begins_in_time(
    field: &Field<'_>,
    days: DateRange,
    id: &RouteId,
    context: &GiftContext<'_>,
) -> Parsed<()> {
    let Some(route) = routes::find(context.routes, id) else {
        return Ok(());
    };
    let Ok((week, extra_days)) = route.schedule() else {
        return Ok(());
    };
    let first = extra_days.iter().copied().fold(week.first, Ord::min);
    if days.last >= first {
        return Ok(());
    }
    let (last, route) = (days.last, id.to_string());
    Err(field.report(GiftError::PickUpTooEarly { last, route, first }))
}
