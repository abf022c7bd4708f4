//! Report of all redemptions and voids: who, where, when, and why.

use super::context::ReportContext;
use super::csv_writer::CsvWriter;
use super::log_merge::MergedLog;
use crate::actions::app::Result;
use crate::rules::gifts::claim::ClaimEvent;
use crate::store::LogId;
use crate::store::record::{ClaimLogEntry, decode_claim_entry};

/// Redemptions and voids of all gifts, by time.
pub(super) struct Redemptions {
    entries: MergedLog<ClaimLogEntry>,
}

impl Redemptions {
    pub(super) fn new(context: &ReportContext) -> Redemptions {
        let logs = context.gifts().into_iter().map(LogId::Gift);
        Redemptions { entries: MergedLog::new(logs, decode_claim_entry, |entry| entry.at) }
    }

    /// Writes the next row; returns whether there was one.
    pub(super) async fn write_next(&mut self, context: &ReportContext, csv: &mut CsvWriter) -> Result<bool> {
        let filter = |fact: &ClaimLogEntry| {
            matches!(fact.event, ClaimEvent::Redeemed | ClaimEvent::Voided) && context.includes(fact.at)
        };
        while let Some((_, fact)) = self.entries.next(context.app.store.as_ref(), &filter).await? {
            let place = match fact.event {
                // The station of the redemption; it may have been voided elsewhere.
                ClaimEvent::Voided => fact.confirmed_at.clone(),
                _ => fact.by.as_ref().and_then(|by| by.place.clone()),
            };
            if context.booth.is_some() && context.booth != place {
                continue;
            }
            let what = match fact.event {
                ClaimEvent::Voided => context.texts.voided,
                _ => context.texts.handed_over,
            };
            csv.row([
                context.time(fact.at).into(),
                what.into(),
                context.gift_name(fact.voucher.gift()).into(),
                fact.voucher.grouped().into(),
                fact.redemption.map(|id| id.to_string()).unwrap_or_default().into(),
                place.map(|place| context.current.carnival.station_name(&place)).unwrap_or_default().into(),
                fact.by.as_ref().map_or("", |by| by.name.as_str()).into(),
                fact.reason.as_deref().unwrap_or_default().into(),
                fact.passport.as_str().into(),
            ])?;
            return Ok(true);
        }
        Ok(false)
    }
}
