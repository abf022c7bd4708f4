//! `[[gifts]]`: what stamps are good for.

use super::earn::Earn;
use super::entry::{Kind, shown};
use super::field::{Field, Key};
use super::form::Wanted;
use super::head::{days, optional_name};
use super::ids::{Ids, Numbers};
use super::link::Link;
use super::needs::{self, NEEDS};
use super::notes::{Read, gather};
use super::routes;
use super::surroundings::Surroundings;
use super::table::Table;
use crate::rules::carnival::{Days, Gift, Needs, PickUp};
use crate::rules::ids::{BoothId, GiftId, GiftNumber, RouteId};

/// A gift's vouchers have six random digits. Half of the numbers stay free, so that a new one is
/// found at the second try on average even for the last piece.
const MOST_STOCK: u32 = 500_000;
/// Thirty days: longer than a carnival is fun.
const MOST_HOLD_MINUTES: u32 = 30 * 24 * 60;

const GIFTS: Key = Key { name: "gifts", like: "[[gifts]]" };
const ID: Key = Key { name: "id", like: r#"id = "postcards""# };
const NUMBER: Key = Key { name: "number", like: "number = 1" };
const NAME: Key = Key { name: "name", like: r#"name = "路线明信片一套""# };
const STOCK: Key = Key { name: "stock", like: "stock = 500" };
const HOLD_MINUTES: Key = Key { name: "hold_minutes", like: "hold_minutes = 120" };
const BOOTHS: Key = Key { name: "booths", like: r#"booths = ["market-1"]"# };
const PICK_UP: Key = Key { name: "pick_up", like: "pick_up = { first_day = 2023-04-25, last_day = 2023-04-30 }" };
const PICK_UP_HOURS: Key = Key { name: "hours", like: r#"hours = ["10:00-18:00"]"# };
const CLOSED: Key = Key { name: "closed", like: r#"closed = "已停止发放""# };

pub(super) fn read(root: &mut Table<'_>, mut around: Surroundings<'_>) -> Vec<Read<Gift>> {
    let entries = root.entries(GIFTS, Kind::Gift);
    if let Some(first) = entries.tables.first()
        && around.booth_ids.none()
    {
        around.booth_ids.cut(Some(first.tell(Earn::NoBooth)));
    }
    let mut ids = Ids::default();
    let mut numbers = Numbers::new();
    let read = |table| read_gift(table, &mut ids, &mut numbers, &around);
    entries.tables.into_iter().map(read).collect()
}

fn read_gift(
    mut table: Table<'_>,
    ids: &mut Ids<GiftId>,
    numbers: &mut Numbers<GiftNumber>,
    around: &Surroundings<'_>,
) -> Read<Gift> {
    let most = u32::from(*GiftNumber::RANGE.end());
    let id = ids.declare(table.required(ID));
    let number = table.required(NUMBER).and_then(|field| numbers.declare(&field, most, Kind::Gift));
    let name = table.required(NAME).and_then(|field| field.name());
    let closed = optional_name(&mut table, CLOSED);
    let needs = table.required(NEEDS).and_then(|field| {
        let needs = needs::read(&field, around)?;
        // A closed gift promises nothing: that is the way out when rain closes a whole route.
        if matches!(closed, Ok(None)) {
            needs::can_be_met(&field, &needs, around)?;
        }
        Ok(needs)
    });
    let stock = table.required(STOCK).and_then(|field| field.whole(0..=MOST_STOCK));
    let hold_minutes = table.optional(HOLD_MINUTES).map(|field| field.whole(1..=MOST_HOLD_MINUTES)).transpose();
    let booths = booths(&mut table, around);
    let pick_up = pick_up(&mut table, needs.as_ref().ok(), around);
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

fn booths(table: &mut Table<'_>, around: &Surroundings<'_>) -> Read<Vec<BoothId>> {
    let Some(field) = table.optional(BOOTHS) else {
        return Ok(Vec::new());
    };
    let items = field.items(Wanted::List)?;
    let mut seen = Vec::new();
    gather(items.iter().map(|item| {
        let booth = around.booth_ids.refer(item, Kind::Booth)?;
        if seen.contains(&booth) {
            let (path, found) = (item.path(), shown(booth.as_str()));
            return Err(item.tell(Link::DoubledItem { path, found }));
        }
        seen.push(booth.clone());
        Ok(booth)
    }))
}

fn pick_up(table: &mut Table<'_>, needs: Option<&Needs>, around: &Surroundings<'_>) -> Read<Option<PickUp>> {
    let Some(field) = table.optional(PICK_UP) else {
        return Ok(None);
    };
    let mut inner = Table::of(&field)?;
    let days = days(&mut inner, around.frame);
    let hours = inner.optional(PICK_UP_HOURS).map_or(Ok(Vec::new()), |field| field.open_spans());
    inner.finish();
    let days = days?;
    if let Some(needs) = needs {
        not_too_early(&field, days, needs, around)?;
    }
    Ok(Some(PickUp { days, hours: hours? }))
}

/// A gift cannot be fetched before it can be earned.
fn not_too_early(field: &Field<'_>, days: Days, needs: &Needs, around: &Surroundings<'_>) -> Read<()> {
    match needs {
        Needs::AllOfRoute(id) | Needs::OfRoute { route: id, .. } => not_before_route(field, days, id, around),
        Needs::Total(asked) => not_before_enough(field, days, *asked, around, needs::points_of),
        Needs::Routes(asked) => not_before_enough(field, days, *asked, around, |_, _| 1),
    }
}

/// A gift that asks for stamps or routes of the whole carnival: what has begun by the last day must do.
fn not_before_enough(
    field: &Field<'_>,
    days: Days,
    asked: u16,
    around: &Surroundings<'_>,
    worth: impl Fn(&RouteId, &Surroundings<'_>) -> u16,
) -> Read<()> {
    let mut there: u16 = 0;
    for route in around.routes {
        let (Ok(id), Ok((week, extra_days))) = (&route.id, route.schedule()) else {
            // A route that could not be read may begin early enough.
            return Ok(());
        };
        if extra_days.iter().chain([&week.first]).any(|first| *first <= days.last) {
            there = there.saturating_add(worth(id, around));
        }
    }
    if asked <= there || !around.points_known {
        return Ok(());
    }
    Err(field.tell(Earn::PickUpBeforeEnough { last: days.last, asked, there }))
}

/// A gift of a route cannot be fetched before the route begins.
fn not_before_route(field: &Field<'_>, days: Days, id: &RouteId, around: &Surroundings<'_>) -> Read<()> {
    let Some(route) = routes::find(around.routes, id) else {
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
    Err(field.tell(Earn::PickUpTooEarly { last, route, first }))
}
