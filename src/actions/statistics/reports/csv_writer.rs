//! CSV for spreadsheet programs in China: UTF-8 with a byte-order mark, CRLF, and protection against formula
//! injection.

use std::borrow::Cow;

use crate::actions::app::Result;
use crate::store::StoreError;

/// Makes spreadsheet programs detect UTF-8; without it they decode Chinese as GBK.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// First characters of a formula, or of text that becomes one when the cell is edited; full-width variants count in
/// Chinese locales.
const FORMULA_PREFIXES: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Content of a cell.
pub(super) enum Cell<'a> {
    /// Text, as people typed it.
    Text(Cow<'a, str>),
    /// A number; never escaped, so that spreadsheets can sum it.
    Number(i64),
}

/// A cell with text.
pub(super) fn text<'a>(text: impl Into<Cow<'a, str>>) -> Cell<'a> {
    Cell::Text(text.into())
}

/// Writes CSV incrementally; the caller takes the text chunk by chunk.
pub(super) struct CsvWriter {
    writer: csv::Writer<Vec<u8>>,
}

impl CsvWriter {
    /// Writes the byte-order mark and the header row.
    pub(super) fn new(titles: &[&str]) -> Result<CsvWriter> {
        let mut csv = CsvWriter { writer: writer(BYTE_ORDER_MARK.to_vec()) };
        csv.row(titles.iter().map(|title| text(*title)))?;
        Ok(csv)
    }

    /// Writes a row.
    pub(super) fn row<'a>(&mut self, cells: impl IntoIterator<Item = Cell<'a>>) -> Result<()> {
        let cells = cells.into_iter().map(|cell| match cell {
            Cell::Number(number) => Cow::Owned(number.to_string()),
            Cell::Text(text) if text.starts_with(FORMULA_PREFIXES) => Cow::Owned(format!("'{text}")),
            Cell::Text(text) => text,
        });
        for cell in cells {
            self.writer.write_field(cell.as_bytes()).map_err(write_error)?;
        }
        self.writer.write_record(None::<&[u8]>).map_err(write_error)
    }

    /// Takes the text written since the last call.
    pub(super) fn take(&mut self) -> Result<Vec<u8>> {
        let finished = std::mem::replace(&mut self.writer, writer(Vec::new()));
        finished.into_inner().map_err(write_error)
    }
}

fn writer(into: Vec<u8>) -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(into)
}

fn write_error(error: impl std::fmt::Display) -> crate::actions::Error {
    StoreError::Broken(format!("a row could not be written: {error}")).into()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_escaped_and_numbers_are_not() {
        let mut csv = CsvWriter::new(&["名字", "数量"]).unwrap();
        for one in ["=1+1", "+86", "-1", "@x", "\tx", "＝1", "王=阿姨", "'", "a,b", "说\"好\"", ""] {
            csv.row([text(one), Cell::Number(-1)]).unwrap();
        }
        let text = String::from_utf8(csv.take().unwrap()).unwrap();
        let expected = [
            "\u{feff}名字,数量",
            "'=1+1,-1",
            "'+86,-1",
            "'-1,-1",
            "'@x,-1",
            "'\tx,-1",
            "'＝1,-1",
            "王=阿姨,-1",
            "',-1",
            "\"a,b\",-1",
            "\"说\"\"好\"\"\",-1",
            ",-1",
            "",
        ];
        assert_eq!(text, expected.join("\r\n"));
        assert_eq!(csv.take().unwrap(), b"", "the text is taken only once");
    }
}
