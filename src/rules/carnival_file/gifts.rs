//! `[[gifts]]`: the gifts that stamps earn.

use jiff::civil::Date;

use super::carnival_table::days;
use super::diagnostics::{Parsed, collect_all};
use super::field::{Field, Key};
use super::gift_requirement::{self, GiftContext, NEEDS};
use super::mistake::{EntryKind, ExpectedType, MistakeKind, excerpt};
use super::registry::{IdRegistry, NumberRegistry};
use super::routes;
use super::table::Table;
use crate::rules::carnival::{DateRange, Gift, GiftRequirement, PickUp};
use crate::rules::ids::{BoothId, GiftId, GiftNumber, RouteId};
use crate::rules::refusals::GiftUnit;

/// Maximum stock of a gift. Vouchers have six random digits; at most half of the numbers are used, so that a free one
/// takes two attempts on average even for the last gift.
const MAX_STOCK: u32 = 500_000;
/// Thirty days, longer than a carnival.
const MAX_HOLD_MINUTES: u32 = 30 * 24 * 60;

const ID: Key = Key { name: "id", example: r#"id = "postcards""# };
const NUMBER: Key = Key { name: "number", example: "number = 1" };
const NAME: Key = Key { name: "name", example: r#"name = "路线明信片一套""# };
const STOCK: Key = Key { name: "stock", example: "stock = 500" };
const HOLD_MINUTES: Key = Key { name: "hold_minutes", example: "hold_minutes = 120" };
const BOOTHS: Key = Key { name: "booths", example: r#"booths = ["market-1"]"# };
const PICK_UP: Key = Key { name: "pick_up", example: "pick_up = { first_day = 2023-04-25, last_day = 2023-04-30 }" };
const PICK_UP_HOURS: Key = Key { name: "hours", example: r#"hours = ["10:00-18:00"]"# };
const CLOSED: Key = Key { name: "closed", example: r#"closed = "已停止发放""# };

pub(super) fn read(root: &mut Table<'_>, mut context: GiftContext<'_>) -> Parsed<Vec<Gift>> {
    let entries = root.entries(EntryKind::Gift);
    if let Some(first) = entries.tables.first()
        && context.booth_ids.is_certainly_empty()
    {
        context.booth_ids.mark_incomplete(Some(first.report(MistakeKind::NoBooth)));
    }
    let mut ids = IdRegistry::default();
    let mut numbers = NumberRegistry::new();
    let read = |table| read_gift(table, &mut ids, &mut numbers, &context);
    collect_all(entries.tables.into_iter().map(read))
}

fn read_gift(
    mut table: Table<'_>,
    ids: &mut IdRegistry<GiftId>,
    numbers: &mut NumberRegistry<GiftNumber>,
    context: &GiftContext<'_>,
) -> Parsed<Gift> {
    let max = u32::from(*GiftNumber::RANGE.end());
    let id = ids.declare(table.required(ID));
    let number = table.read(NUMBER, |field| numbers.declare(field, max, EntryKind::Gift));
    let name = table.read(NAME, Field::name);
    let closed = table.read_optional(CLOSED, Field::name);
    let needs = table.read(NEEDS, |field| {
        let needs = gift_requirement::read(field, context)?;
        // A closed gift needs no satisfiable requirement: closing it is the remedy when rain closes a whole route.
        if matches!(closed, Ok(None)) {
            gift_requirement::check_satisfiable(field, &needs, context)?;
        }
        Ok(needs)
    });
    let stock = table.read(STOCK, |field| field.integer(0..=MAX_STOCK));
    let hold_minutes = table.read_optional(HOLD_MINUTES, |field| field.integer(1..=MAX_HOLD_MINUTES));
    let booths = table.read_or_default(BOOTHS, |field| booths(field, context));
    let pick_up = table.read_optional(PICK_UP, |field| pick_up(field, needs.as_ref().ok(), context));
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

fn booths(field: &Field<'_>, context: &GiftContext<'_>) -> Parsed<Vec<BoothId>> {
    let items = field.items(ExpectedType::List)?;
    let mut unique = Vec::new();
    collect_all(items.iter().map(|item| {
        let booth = context.booth_ids.resolve(item, EntryKind::Booth)?;
        if unique.contains(&booth) {
            return Err(item.report(MistakeKind::DoubledItem { found: excerpt(booth.as_str()) }));
        }
        unique.push(booth.clone());
        Ok(booth)
    }))
}

fn pick_up(field: &Field<'_>, needs: Option<&GiftRequirement>, context: &GiftContext<'_>) -> Parsed<PickUp> {
    let mut inner = Table::of(field)?;
    let days = days(&mut inner, context.carnival_days);
    let hours = inner.read_or_default(PICK_UP_HOURS, Field::non_empty_time_ranges);
    inner.finish();
    let days = days?;
    if let Some(needs) = needs {
        check_pick_up(field, days, needs, context)?;
    }
    Ok(PickUp { days, hours: hours? })
}

/// The pick-up must not end before the gift can be earned.
fn check_pick_up(field: &Field<'_>, days: DateRange, needs: &GiftRequirement, context: &GiftContext<'_>) -> Parsed<()> {
    let required = needs.number().unwrap_or_default();
    let wrong = match (needs.unit(), needs.route()) {
        (_, Some(route)) => begins_too_late(days.last, route, context),
        (GiftUnit::Stamps, None) => {
            not_enough_by(days.last, required, context, |route| gift_requirement::points_of(route, context))
        }
        (GiftUnit::Routes, None) => not_enough_by(days.last, required, context, |_| 1),
    };
    wrong.map_or(Ok(()), |kind| Err(field.report(kind)))
}

/// For gifts that need stamps or routes of the whole carnival: the routes that begin by the last day of pick-up must
/// suffice.
fn not_enough_by(
    last: Date,
    required: u16,
    context: &GiftContext<'_>,
    worth: impl Fn(&RouteId) -> u16,
) -> Option<MistakeKind> {
    let mut available: u16 = 0;
    for route in context.routes {
        // A route that failed to parse may begin early enough.
        let (Ok(id), Ok(first)) = (&route.id, route.first_day()) else { return None };
        if first <= last {
            available = available.saturating_add(worth(id));
        }
    }
    let enough = required <= available || !context.all_points_parsed;
    (!enough).then_some(MistakeKind::PickUpBeforeEnough { last, required, available })
}

/// For gifts of one route: the pick-up must not end before the route begins.
fn begins_too_late(last: Date, id: &RouteId, context: &GiftContext<'_>) -> Option<MistakeKind> {
    let first = routes::find(context.routes, id)?.first_day().ok()?;
    (last < first).then(|| MistakeKind::PickUpTooEarly { last, route: id.to_string(), first })
}
