//! Report of all stamps: where, when, which passport, how, and the staff member of manual stamps.

use std::collections::BTreeMap;

use super::context::ReportContext;
use super::csv_writer::{Cell, CsvWriter};
use super::log_merge::MergedLog;
use crate::actions::app::Result;
use crate::rules::check_ins::passport::{Stamp, StampSource};
use crate::rules::ids::SessionId;
use crate::store::record::{StampLogEntry, decode_stamp_entry};
use crate::store::{LogId, StaffStore};

/// Stamps of all passports, by time.
pub(super) struct CheckIns {
    entries: MergedLog<StampLogEntry>,
    names: Names,
}

impl CheckIns {
    pub(super) fn new(context: &ReportContext) -> CheckIns {
        let logs = (0..context.app.store.shards()).map(LogId::Shard);
        let entries = MergedLog::new(logs, decode_stamp_entry, |entry| entry.stamp.at);
        CheckIns { entries, names: Names::default() }
    }

    /// Writes the next row; returns whether there was one.
    pub(super) async fn write_next(&mut self, context: &ReportContext, csv: &mut CsvWriter) -> Result<bool> {
        let store = context.app.store.as_ref();
        let filter = |fact: &StampLogEntry| {
            context.includes(fact.stamp.at) && context.point.is_none_or(|point| point == fact.stamp.point)
        };
        let Some((_, StampLogEntry { passport, stamp })) = self.entries.next(store, &filter).await? else {
            return Ok(false);
        };
        let by = match &stamp.how {
            StampSource::Hand { session, .. } => self.names.of(store, session).await?,
            StampSource::Printed | StampSource::Display => "",
        };
        let (route, id, name) = names_of(context, &stamp);
        csv.row([
            context.time(stamp.at).into(),
            route.into(),
            i64::from(stamp.point.get()).into(),
            id.into(),
            name.into(),
            passport.as_str().into(),
            i64::from(stamp.nth).into(),
            (context.texts.stamp_source)(&stamp.how).into(),
            Cell::from(by),
        ])?;
        Ok(true)
    }
}

/// A point's route, id and name; empty for a point that the carnival does not have.
fn names_of<'a>(context: &'a ReportContext, stamp: &Stamp) -> (&'a str, &'a str, &'a str) {
    let carnival = &context.current.carnival;
    let Some(point) = carnival.point(stamp.point) else { return ("", "", "") };
    (carnival.route(&point.route).map_or("", |route| &route.name), point.id.as_str(), &point.name)
}

/// Names of staff by session, each read once.
#[derive(Default)]
struct Names(BTreeMap<SessionId, String>);

impl Names {
    /// The name typed in a session; its id if the session is not stored any more.
    async fn of(&mut self, store: &dyn StaffStore, session: &SessionId) -> Result<&str> {
        if !self.0.contains_key(session) {
            let stored = store.session(session).await?;
            let name = stored.map_or_else(|| session.to_string(), |stored| stored.session.name.to_string());
            self.0.insert(session.clone(), name);
        }
        Ok(self.0.get(session).map_or("", String::as_str))
    }
}
