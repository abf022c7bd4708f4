//! Reports: CSV files of the records, produced chunk by chunk in bounded memory from the store's logs and tallies.

mod check_ins;
mod context;
mod csv_writer;
mod ledger;
mod log_merge;
mod redemptions;
mod stock;

use std::sync::Arc;

use jiff::civil::Date;

use crate::actions::app::{App, Result};
use crate::messages::messages;
use crate::messages::reports::ReportTexts;
use crate::rules::ids::{BoothId, GiftId, PointId};
use crate::rules::lang::Lang;
use check_ins::CheckIns;
use context::ReportContext;
use csv_writer::CsvWriter;
use ledger::LedgerRows;
use redemptions::Redemptions;
use stock::Movements;

pub use context::Filters;

/// Approximate number of rows per chunk.
const CHUNK_ROWS: usize = 256;

/// Kind of report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// Every stamp.
    CheckIns,
    /// Every redemption and every void.
    Redemptions,
    /// Every movement of stock.
    Stock,
    /// The gift ledger by day and place.
    Ledger,
}

impl Report {
    fn title(self, texts: &ReportTexts) -> &'static str {
        match self {
            Report::CheckIns => texts.check_ins.title,
            Report::Redemptions => texts.redemptions.title,
            Report::Stock => texts.stock.title,
            Report::Ledger => texts.ledger.title,
        }
    }
}

/// A report that is being read.
pub struct ReportStream {
    report: Report,
    context: ReportContext,
    filters: Filters,
    rows: Rows,
    csv: CsvWriter,
    exhausted: bool,
}

enum Rows {
    CheckIns(CheckIns),
    Redemptions(Redemptions),
    Stock(Movements),
    Ledger(LedgerRows),
}

/// Opens a report. The ledger is computed at once; the other kinds are read chunk by chunk.
///
/// # Errors
/// A refusal for a day outside the carnival, an unknown point, gift or booth; or the store fails.
pub async fn open(app: &Arc<App>, report: Report, filters: Filters, lang: Lang) -> Result<ReportStream> {
    let context = ReportContext::new(app, &filters, lang)?;
    let (titles, rows): (&[&str], Rows) = match report {
        Report::CheckIns => (&context.texts.check_ins.columns, Rows::CheckIns(CheckIns::new(&context))),
        Report::Redemptions => (&context.texts.redemptions.columns, Rows::Redemptions(Redemptions::new(&context))),
        Report::Stock => (&context.texts.stock.columns, Rows::Stock(Movements::new(&context))),
        Report::Ledger => (&context.texts.ledger.columns, Rows::Ledger(LedgerRows::of(&context).await?)),
    };
    Ok(ReportStream { report, filters, rows, csv: CsvWriter::new(titles)?, context, exhausted: false })
}

impl ReportStream {
    /// File name in a language: report, carnival, day and filters.
    #[must_use]
    pub fn file_name(&self, lang: Lang) -> String {
        let Filters { day, point, gift, booth } = &self.filters;
        let carnival = &self.context.current.carnival;
        let day = day.unwrap_or_else(|| carnival.local(self.context.app.now()).date());
        let parts = [
            point.as_ref().map(PointId::as_str),
            gift.as_ref().map(GiftId::as_str),
            booth.as_ref().map(BoothId::as_str),
        ];
        let mut name = format!("{}_{}_{day}", self.report.title(&messages(lang).texts().reports), carnival.id);
        for id in parts.into_iter().flatten() {
            name.push('_');
            name.push_str(id);
        }
        name.push_str(".csv");
        name
    }

    /// The next chunk of the text; none after the last.
    ///
    /// # Errors
    /// Only when the store fails; the text is then incomplete.
    pub async fn next_chunk(&mut self) -> Result<Option<Vec<u8>>> {
        if self.exhausted {
            return Ok(None);
        }
        for _ in 0..CHUNK_ROWS {
            if !self.write_next().await? {
                self.exhausted = true;
                break;
            }
        }
        // The first chunk contains at least the header row; only the last one can be empty.
        Ok(Some(self.csv.take()?).filter(|piece| !piece.is_empty()))
    }

    async fn write_next(&mut self) -> Result<bool> {
        let ReportStream { context, rows, csv, .. } = self;
        match rows {
            Rows::CheckIns(rows) => rows.write_next(context, csv).await,
            Rows::Redemptions(rows) => rows.write_next(context, csv).await,
            Rows::Stock(rows) => rows.write_next(context, csv).await,
            Rows::Ledger(rows) => rows.write_next(context, csv),
        }
    }
}

/// Parses a day such as `2023-04-14`.
#[must_use]
pub fn parse_day(text: &str) -> Option<Date> {
    text.parse().ok().filter(|day: &Date| day.to_string() == text)
}
