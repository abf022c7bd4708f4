//! Reports: CSV files of the records, produced chunk by chunk in bounded memory from the store's logs and tallies.

mod context;
mod csv_writer;
mod log_merge;
mod rows;

use std::sync::Arc;

use jiff::civil::Date;

use crate::actions::app::{App, Result};
use crate::messages::messages;
use crate::rules::ids::{BoothId, GiftId, PointId};
use crate::rules::lang::Lang;
use context::ReportContext;
use csv_writer::CsvWriter;
use rows::Rows;

pub use context::{Filters, Report};

/// Approximate number of rows per chunk.
const CHUNK_ROWS: usize = 256;

/// A report that is being read.
pub struct ReportStream {
    report: Report,
    context: ReportContext,
    filters: Filters,
    rows: Rows,
    csv: CsvWriter,
    exhausted: bool,
}

/// Opens a report. The ledger is computed at once; the other kinds are read chunk by chunk.
///
/// # Errors
/// A refusal for a day without records, an unknown point, gift or booth; or the store fails.
pub async fn open(app: &Arc<App>, report: Report, filters: Filters, lang: Lang) -> Result<ReportStream> {
    let context = ReportContext::new(app, &filters, lang).await?;
    let rows = Rows::open(report, &context).await?;
    let (_, columns) = report.head(context.texts);
    Ok(ReportStream { report, filters, rows, csv: CsvWriter::new(columns)?, context, exhausted: false })
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
        let (title, _) = self.report.head(&messages(lang).texts().reports);
        let mut name = format!("{title}_{}_{day}", carnival.id);
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
            if !self.rows.write_next(&self.context, &mut self.csv).await? {
                self.exhausted = true;
                break;
            }
        }
        // The first chunk contains at least the header row; only the last one can be empty.
        Ok(Some(self.csv.take()?).filter(|piece| !piece.is_empty()))
    }
}

/// Parses a day such as `2023-04-14`.
#[must_use]
pub fn parse_day(text: &str) -> Option<Date> {
    text.parse().ok().filter(|day: &Date| day.to_string() == text)
}
