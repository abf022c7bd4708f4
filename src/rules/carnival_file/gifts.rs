//! `[[gifts]]`: the gifts that stamps earn.

use jiff::ToSpan;
use jiff::civil::Date;

use super::carnival_table::days;
use super::diagnostics::{Parsed, collect_all, read_fields};
use super::field::Field;
use super::gift_requirement::{self, GiftContext};
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
/// How long gifts may be handed out after the last day: longer than organisers wait, and less than a year mistyped.
const MAX_DAYS_AFTER: i32 = 92;
/// Thirty days, longer than a carnival.
const MAX_HOLD_MINUTES: u32 = 30 * 24 * 60;

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
    let gift = read_fields!(Gift {
        id: ids.declare(table.required(r#"id = "postcards""#)),
        number: table.read("number = 1", |field| numbers.declare(field, max, EntryKind::Gift)),
        name: table.read(r#"name = "路线明信片一套""#, Field::name),
        closed: table.read_optional(r#"closed = "已停止发放""#, Field::name),
        needs: table.read(r#"needs = { stamps = 3, of = "play" }"#, |field| {
            let needs = gift_requirement::read(field, context)?;
            // A closed gift needs no satisfiable requirement: closing it is the remedy when rain closes a whole route.
            if matches!(closed, Ok(None)) {
                gift_requirement::check_satisfiable(field, &needs, context)?;
            }
            Ok(needs)
        }),
        stock: table.read("stock = 500", |field| field.integer(0..=MAX_STOCK)),
        hold_minutes: table.read_optional("hold_minutes = 120", |field| field.integer(1..=MAX_HOLD_MINUTES)),
        booths: table.read_or_default(r#"booths = ["market-1"]"#, |field| booths(field, context)),
        pick_up: table.read_optional("pick_up = { first_day = 2023-04-25, last_day = 2023-04-30 }", |field| {
            pick_up(field, needs.as_ref().ok(), context)
        }),
    });
    table.finish();
    gift
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
    // Gifts may still be handed out after the carnival.
    let days = days(&mut inner, context.carnival_days.map(with_days_after));
    let hours = inner.read_or_default(r#"hours = ["10:00-18:00"]"#, Field::non_empty_time_ranges);
    inner.finish();
    let days = days?;
    if let Some(needs) = needs {
        check_pick_up(field, days, needs, context)?;
    }
    Ok(PickUp { days, hours: hours? })
}

fn with_days_after(days: DateRange) -> DateRange {
    DateRange { last: days.last.checked_add(MAX_DAYS_AFTER.days()).unwrap_or(days.last), ..days }
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
