//! The rows of each report: stamps, redemptions, stock movements, and the gift ledger (礼品收发存).

use std::collections::BTreeMap;
use std::vec::IntoIter;

use super::context::{Report, ReportContext};
use super::csv_writer::{Cell, CsvWriter, text};
use super::log_merge::MergedLog;
use crate::actions::app::Result;
use crate::actions::carnival::current_carnival::FILE_AUTHOR;
use crate::actions::staff::hours;
use crate::rules::check_ins::passport::StampSource;
use crate::rules::gifts::claim_lifecycle::ClaimEvent;
use crate::rules::gifts::ledger::{Ledger, LedgerRow};
use crate::rules::ids::{GiftNumber, InvitationId, SessionId};
use crate::rules::staff::planned_shift::PlannedShift;
use crate::rules::staff::roles::Station;
use crate::rules::staff::session::DutyHours;
use crate::rules::staff::{Invitation, StaffSession};
use crate::rules::statistics::tally::{LocalDay, Tally, TallyPeriod};
use crate::store::record::{
    ClaimLogEntry, ShardLogEntry, StampLogEntry, StampUndoEvent, StockLogEntry, decode_claim_entry, decode_shard_entry,
    decode_stock_entry,
};
use crate::store::{LogId, RecordStore, control_records};

/// The rows that were not written yet, by time; those of the ledger by day, gift and place.
pub(super) enum Rows {
    /// Stamps of all passports, and the names of staff that were read.
    CheckIns(MergedLog<ShardLogEntry>, StaffNames),
    /// Redemptions and voids of all gifts.
    Redemptions(MergedLog<ClaimLogEntry>),
    /// Stock movements of all gifts, and the running total of each gift.
    Stock(MergedLog<StockLogEntry>, BTreeMap<GiftNumber, i64>),
    /// The rows of the ledger.
    Ledger(IntoIter<LedgerRow>),
    /// The sessions of staff with their hours, and the shifts that rosters planned.
    Hours(IntoIter<(StaffSession, DutyHours)>, BTreeMap<InvitationId, PlannedShift>),
}

impl Rows {
    /// The rows of a report. The ledger is computed at once, the others are read from their logs.
    ///
    /// # Errors
    /// Only when the store fails.
    pub(super) async fn open(report: Report, context: &ReportContext) -> Result<Rows> {
        Ok(match report {
            Report::CheckIns => {
                let logs = (0..context.app.store.shards()).map(LogId::Shard);
                let entries = MergedLog::new(logs, decode_shard_entry, ShardLogEntry::at);
                Rows::CheckIns(entries, StaffNames::default())
            }
            Report::Redemptions => {
                let logs = context.gifts().into_iter().map(LogId::Gift);
                Rows::Redemptions(MergedLog::new(logs, decode_claim_entry, |entry| entry.at))
            }
            Report::Stock => Rows::Stock(stock_entries(context), BTreeMap::new()),
            Report::Ledger => Rows::Ledger(ledger_rows(context).await?),
            Report::Hours => {
                let mut all = hours::all(&context.app).await?;
                all.retain(|(_, hours)| context.includes(hours.from));
                let invitations = control_records::read_all::<Invitation>(context.app.store.as_ref()).await?;
                let planned = |(id, invitation): (InvitationId, Invitation)| Some((id, invitation.roster?.shift?));
                Rows::Hours(all.into_iter(), invitations.into_iter().filter_map(planned).collect())
            }
        })
    }

    /// Writes the next row; returns whether there was one.
    pub(super) async fn write_next(&mut self, context: &ReportContext, csv: &mut CsvWriter) -> Result<bool> {
        match self {
            Rows::CheckIns(entries, names) => write_check_in(entries, names, context, csv).await,
            Rows::Redemptions(entries) => write_redemption(entries, context, csv).await,
            Rows::Stock(entries, totals) => write_movement(entries, totals, context, csv).await,
            Rows::Ledger(rows) => write_ledger_row(rows, context, csv),
            Rows::Hours(rows, planned) => write_hours(rows, planned, context, csv),
        }
    }
}

/// Names of staff by session, each read once.
#[derive(Default)]
pub(super) struct StaffNames(BTreeMap<SessionId, String>);

impl StaffNames {
    /// The name typed in a session; its id if the session is not stored any more.
    async fn of(&mut self, store: &dyn RecordStore, session: &SessionId) -> Result<&str> {
        if !self.0.contains_key(session) {
            let stored: Option<StaffSession> = control_records::read(store, session).await?;
            let name = stored.map_or_else(|| session.to_string(), |stored| stored.name.to_string());
            self.0.insert(session.clone(), name);
        }
        Ok(self.0.get(session).map_or("", String::as_str))
    }
}

/// Where, when, which passport, how, and the staff member of manual stamps; and who undid one, and why.
async fn write_check_in(
    entries: &mut MergedLog<ShardLogEntry>,
    names: &mut StaffNames,
    context: &ReportContext,
    csv: &mut CsvWriter,
) -> Result<bool> {
    let (store, carnival) = (context.app.store.as_ref(), &context.current.carnival);
    let filter = |fact: &ShardLogEntry| {
        context.includes(fact.at()) && context.point.is_none_or(|point| point == fact.stamp().point)
    };
    let Some((_, entry)) = entries.next(store, &filter).await? else {
        return Ok(false);
    };
    let (at, stamp) = (entry.at(), entry.stamp());
    let (what, passport, by, reason) = match &entry {
        ShardLogEntry::Stamp(StampLogEntry { passport, stamp }) => {
            let by = match &stamp.how {
                StampSource::Hand { session, .. } => names.of(store, session).await?,
                StampSource::Printed | StampSource::Display => "",
            };
            (context.texts.stamped, passport, by, "")
        }
        ShardLogEntry::Undo(undo) => {
            let what = match undo.event {
                StampUndoEvent::Undone => context.texts.voided,
                StampUndoEvent::Restored => context.texts.restored,
            };
            (what, &undo.passport, undo.by.name.as_str(), undo.reason.as_str())
        }
    };
    // Empty for a point that the carnival does not have.
    let point = carnival.point(stamp.point);
    let route = point.and_then(|point| carnival.route(&point.route));
    csv.row([
        text(context.time(at)),
        text(what),
        text(route.map_or("", |route| &route.name)),
        Cell::Number(stamp.point.get().into()),
        text(point.map_or("", |point| point.id.as_str())),
        text(point.map_or("", |point| &point.name)),
        text(passport.as_str()),
        Cell::Number(stamp.nth.into()),
        text((context.texts.stamp_kind)(stamp.rain)),
        text((context.texts.stamp_source)(&stamp.how)),
        text(by),
        text(reason),
    ])?;
    Ok(true)
}

/// Who handed a gift over or voided that: where, when, and why.
async fn write_redemption(
    entries: &mut MergedLog<ClaimLogEntry>,
    context: &ReportContext,
    csv: &mut CsvWriter,
) -> Result<bool> {
    let filter = |fact: &ClaimLogEntry| {
        matches!(fact.event, ClaimEvent::Redeemed | ClaimEvent::Voided) && context.includes(fact.at)
    };
    while let Some((_, fact)) = entries.next(context.app.store.as_ref(), &filter).await? {
        let (what, place) = match fact.event {
            // The station of the redemption; it may have been voided elsewhere.
            ClaimEvent::Voided => (context.texts.voided, fact.confirmed_at.clone()),
            _ => (context.texts.handed_over, fact.by.as_ref().and_then(|by| by.place.clone())),
        };
        if context.booth.is_some() && context.booth != place {
            continue;
        }
        csv.row([
            text(context.time(fact.at)),
            text(what),
            text(context.gift_name(fact.voucher.gift())),
            text(fact.voucher.grouped()),
            text(fact.redemption.map(|id| id.to_string()).unwrap_or_default()),
            text(place.map(|place| context.current.carnival.station_name(&place)).unwrap_or_default()),
            text(fact.by.as_ref().map_or("", |by| by.name.as_str())),
            text(fact.reason.as_deref().unwrap_or_default()),
            text(fact.passport.as_str()),
        ])?;
        return Ok(true);
    }
    Ok(false)
}

/// The movements of the filtered gift, or of all.
fn stock_entries(context: &ReportContext) -> MergedLog<StockLogEntry> {
    MergedLog::new(context.gifts().into_iter().map(LogId::Stock), decode_stock_entry, |entry| entry.at)
}

/// Quantity, reason, place, author, and the total afterwards.
async fn write_movement(
    entries: &mut MergedLog<StockLogEntry>,
    totals: &mut BTreeMap<GiftNumber, i64>,
    context: &ReportContext,
    csv: &mut CsvWriter,
) -> Result<bool> {
    // Read every movement: each total depends on the movements before it.
    while let Some((log, fact)) = entries.next(context.app.store.as_ref(), &|_| true).await? {
        let LogId::Stock(gift) = log else { continue };
        let total = totals.entry(gift).or_default();
        *total += fact.reason.net_change(fact.change);
        if !context.includes(fact.at) {
            continue;
        }
        // The initial stock comes from the carnival file.
        let by = if fact.by == FILE_AUTHOR { context.texts.carnival_file } else { fact.by.as_str() };
        let place = fact.booth.clone().map(Station::Booth);
        csv.row([
            text(context.time(fact.at)),
            text(context.gift_name(gift)),
            text((context.texts.stock_reason)(fact.reason)),
            Cell::Number(fact.change),
            text(context.stock_place(place.as_ref())),
            text(by),
            text(fact.note.as_str()),
            Cell::Number(*total),
        ])?;
        return Ok(true);
    }
    Ok(false)
}

/// Computes the whole ledger from stock logs and hourly tallies: a few rows for each day, gift and place. It reads no
/// claims.
async fn ledger_rows(context: &ReportContext) -> Result<IntoIter<LedgerRow>> {
    let (store, carnival) = (context.app.store.as_ref(), &context.current.carnival);
    let gifts = context.gifts();
    let mut ledger = Ledger::default();
    let mut entries = stock_entries(context);
    while let Some((log, fact)) = entries.next(store, &|_| true).await? {
        if let LogId::Stock(gift) = log {
            let day = LocalDay::of(carnival.local(fact.at).date());
            ledger.record_movement(gift, day, fact.booth.as_ref(), fact.reason, fact.change);
        }
    }
    for (tally, count) in store.tallies(TallyPeriod::ByHour).await? {
        match tally {
            Tally::Redemptions(gift, place, hour) if gifts.contains(&gift) => {
                ledger.record_redemptions(gift, hour.day(), place, count);
            }
            Tally::Voids(gift, place, hour) if gifts.contains(&gift) => {
                ledger.record_voids(gift, hour.day(), place, count);
            }
            _ => {}
        }
    }
    let today = carnival.local(context.app.now()).date();
    let mut rows = ledger.rows(carnival.days, today);
    rows.retain(|row| context.day.is_none_or(|day| LocalDay::of(day) == row.day));
    Ok(rows.into_iter())
}

fn write_ledger_row(rows: &mut IntoIter<LedgerRow>, context: &ReportContext, csv: &mut CsvWriter) -> Result<bool> {
    let Some(row) = rows.next() else { return Ok(false) };
    csv.row([
        text(row.day.date().map_or_else(|| row.day.to_string(), |day| day.to_string())),
        text(context.gift_name(row.gift)),
        text(context.stock_place(row.place.as_ref())),
        Cell::Number(row.opening),
        Cell::Number(row.received),
        Cell::Number(row.redeemed),
        Cell::Number(row.voided),
        Cell::Number(row.damaged),
        Cell::Number(row.closing),
    ])?;
    Ok(true)
}

/// Who was on duty where, from when to when, and what a roster had planned.
fn write_hours(
    rows: &mut IntoIter<(StaffSession, DutyHours)>,
    planned: &BTreeMap<InvitationId, PlannedShift>,
    context: &ReportContext,
    csv: &mut CsvWriter,
) -> Result<bool> {
    let Some((session, hours)) = rows.next() else { return Ok(false) };
    let place = session.place.as_ref().map(|place| context.current.carnival.station_name(place));
    let minutes = hours.to.map(|to| to.duration_since(hours.from).as_mins());
    csv.row([
        text(session.name.as_str()),
        text((context.role)(session.role)),
        text(place.unwrap_or_default()),
        text(context.time(hours.from)),
        text(hours.to.map(|to| context.time(to)).unwrap_or_default()),
        // Empty while the person is on duty.
        minutes.map_or_else(|| text(""), Cell::Number),
        text(planned.get(&session.invitation).map(ToString::to_string).unwrap_or_default()),
        text(session.corrected.as_ref().map_or("", |corrected| corrected.by.as_str())),
        text(session.id.as_str()),
    ])?;
    Ok(true)
}
