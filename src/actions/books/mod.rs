//! The books: what was kept, as sheets for people who ask afterwards. Each is made piece by piece, in bounded
//! memory, from the logs and tallies of the store.

mod check_ins;
mod facts;
mod ledger;
mod redemptions;
mod sheet;
mod stock;
mod view;

use std::sync::Arc;

use jiff::civil::Date;

use super::app::{App, Result};
use crate::rules::ids::{BoothId, GiftId, PointId};
use crate::rules::lang::Lang;
use check_ins::CheckIns;
use ledger::Lines;
use redemptions::Redemptions;
use sheet::Sheet;
use stock::Movements;
use view::View;

pub use view::Filters;

/// About how many rows a piece has.
const PIECE: usize = 256;

/// Which book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Book {
    /// Every stamp.
    CheckIns,
    /// Every gift that was handed over, and every time that was undone.
    Redemptions,
    /// Every movement of stock.
    Stock,
    /// The gift ledger by day and place.
    Ledger,
}

impl Book {
    fn title(self, lang: Lang) -> &'static str {
        match self {
            Book::CheckIns => lang.pick("打卡记录", "check-ins"),
            Book::Redemptions => lang.pick("领取记录", "redemptions"),
            Book::Stock => lang.pick("库存变动", "stock"),
            Book::Ledger => lang.pick("礼品收发存", "ledger"),
        }
    }
}

/// A book that is being read.
pub struct OpenBook {
    book: Book,
    view: View,
    filters: Filters,
    rows: Rows,
    sheet: Sheet,
    over: bool,
}

enum Rows {
    CheckIns(CheckIns),
    Redemptions(Redemptions),
    Stock(Movements),
    Ledger(Lines),
}

/// Opens a book. The ledger is added up at once; the others are read as the pieces are taken.
///
/// # Errors
/// A refusal for a day outside the carnival, an unknown point, gift or booth; or the store fails.
pub async fn open(app: &Arc<App>, book: Book, filters: Filters, lang: Lang) -> Result<OpenBook> {
    let view = View::new(app, &filters, lang)?;
    let (titles, rows): (&[&str], Rows) = match book {
        Book::CheckIns => (&CheckIns::titles(lang), Rows::CheckIns(CheckIns::new(&view))),
        Book::Redemptions => (&Redemptions::titles(lang), Rows::Redemptions(Redemptions::new(&view))),
        Book::Stock => (&Movements::titles(lang), Rows::Stock(Movements::new(&view))),
        Book::Ledger => (&Lines::titles(lang), Rows::Ledger(Lines::of(&view).await?)),
    };
    Ok(OpenBook { book, filters, rows, sheet: Sheet::new(titles)?, view, over: false })
}

impl OpenBook {
    /// A name for the file, in a language: what it is, of which carnival, of which day, and what was asked for.
    #[must_use]
    pub fn file_name(&self, lang: Lang) -> String {
        let Filters { day, point, gift, booth } = &self.filters;
        let carnival = &self.view.current.carnival;
        let day = day.unwrap_or_else(|| carnival.local(self.view.app.now()).date());
        let asked = [
            point.as_ref().map(PointId::as_str),
            gift.as_ref().map(GiftId::as_str),
            booth.as_ref().map(BoothId::as_str),
        ];
        let mut name = format!("{}_{}_{day}", self.book.title(lang), carnival.id);
        for id in asked.into_iter().flatten() {
            name.push('_');
            name.push_str(id);
        }
        name.push_str(".csv");
        name
    }

    /// The next piece of the text; none after the last.
    ///
    /// # Errors
    /// Only when the store fails: the text is then not whole.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        if self.over {
            return Ok(None);
        }
        for _ in 0..PIECE {
            if !self.write_next().await? {
                self.over = true;
                break;
            }
        }
        // The first piece has the titles at least, and no other is empty but the last.
        Ok(Some(self.sheet.take()?).filter(|piece| !piece.is_empty()))
    }

    async fn write_next(&mut self) -> Result<bool> {
        let OpenBook { view, rows, sheet, .. } = self;
        match rows {
            Rows::CheckIns(rows) => rows.write_next(view, sheet).await,
            Rows::Redemptions(rows) => rows.write_next(view, sheet).await,
            Rows::Stock(rows) => rows.write_next(view, sheet).await,
            Rows::Ledger(rows) => rows.write_next(view, sheet),
        }
    }
}

/// Reads a day as people write it: `2023-04-14`.
#[must_use]
pub fn read_day(text: &str) -> Option<Date> {
    text.parse().ok().filter(|day: &Date| day.to_string() == text)
}
