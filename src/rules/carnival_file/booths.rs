//! `[[booths]]`: the tables where gifts are handed out.

use super::entry::Kind;
use super::field::Key;
use super::ids::Ids;
use super::notes::Read;
use super::table::Table;
use crate::rules::carnival::Booth;
use crate::rules::ids::{BoothId, RouteId};

const BOOTHS: Key = Key { name: "booths", like: "[[booths]]" };
const ID: Key = Key { name: "id", like: r#"id = "market-1""# };
const NAME: Key = Key { name: "name", like: r#"name = "时光音乐友邻荟兑换台""# };
const ROUTE: Key = Key { name: "route", like: r#"route = "play""# };

pub(super) fn read(root: &mut Table<'_>, ids: &mut Ids<BoothId>, route_ids: &Ids<RouteId>) -> Vec<Read<Booth>> {
    let entries = root.entries(BOOTHS, Kind::Booth);
    ids.cut(entries.cut);
    let read = |table| read_booth(table, ids, route_ids);
    entries.tables.into_iter().map(read).collect()
}

fn read_booth(mut table: Table<'_>, ids: &mut Ids<BoothId>, route_ids: &Ids<RouteId>) -> Read<Booth> {
    let id = ids.declare(table.required(ID));
    let name = table.required(NAME).and_then(|field| field.name());
    let route = table.optional(ROUTE).map(|field| route_ids.refer(&field, Kind::Route)).transpose();
    table.finish();
    Ok(Booth { id: id?, name: name?, route: route? })
}
