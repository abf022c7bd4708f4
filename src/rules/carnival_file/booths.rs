//! `[[booths]]`: where gifts are handed out.

use super::diagnostics::{Parsed, collect_all};
use super::field::Field;
use super::mistake::EntryKind;
use super::registry::IdRegistry;
use super::table::Table;
use crate::rules::carnival::Booth;
use crate::rules::ids::{BoothId, RouteId};

pub(super) fn read(
    root: &mut Table<'_>,
    ids: &mut IdRegistry<BoothId>,
    route_ids: &IdRegistry<RouteId>,
) -> Parsed<Vec<Booth>> {
    let entries = root.entries(EntryKind::Booth);
    ids.mark_incomplete(entries.incomplete);
    let read = |table| read_booth(table, ids, route_ids);
    collect_all(entries.tables.into_iter().map(read))
}

fn read_booth(mut table: Table<'_>, ids: &mut IdRegistry<BoothId>, route_ids: &IdRegistry<RouteId>) -> Parsed<Booth> {
    let id = ids.declare(table.required(r#"id = "market-1""#));
    let name = table.read(r#"name = "时光音乐友邻荟兑换台""#, Field::name);
    let route = table.read_optional(r#"route = "play""#, |field| route_ids.resolve(field, EntryKind::Route));
    table.finish();
    Ok(Booth { id: id?, name: name?, route: route? })
}
