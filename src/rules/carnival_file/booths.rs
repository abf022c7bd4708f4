//! `[[booths]]`: where gifts are handed out.

use super::diagnostics::Parsed;
use super::entry::EntryKind;
use super::field::Key;
use super::registry::IdRegistry;
use super::table::Table;
use crate::rules::carnival::Booth;
use crate::rules::ids::{BoothId, RouteId};

const BOOTHS: Key = Key { name: "booths", example: "[[booths]]" };
const ID: Key = Key { name: "id", example: r#"id = "market-1""# };
const NAME: Key = Key { name: "name", example: r#"name = "时光音乐友邻荟兑换台""# };
const ROUTE: Key = Key { name: "route", example: r#"route = "play""# };

pub(super) fn read(
    root: &mut Table<'_>,
    ids: &mut IdRegistry<BoothId>,
    route_ids: &IdRegistry<RouteId>,
) -> Vec<Parsed<Booth>> {
    let entries = root.entries(BOOTHS, EntryKind::Booth);
    ids.mark_incomplete(entries.incomplete);
    let read = |table| read_booth(table, ids, route_ids);
    entries.tables.into_iter().map(read).collect()
}

fn read_booth(mut table: Table<'_>, ids: &mut IdRegistry<BoothId>, route_ids: &IdRegistry<RouteId>) -> Parsed<Booth> {
    let id = ids.declare(table.required(ID));
    let name = table.required(NAME).and_then(|field| field.name());
    let route = table.optional(ROUTE).map(|field| route_ids.resolve(&field, EntryKind::Route)).transpose();
    table.finish();
    Ok(Booth { id: id?, name: name?, route: route? })
}
