//! The file format of an export: JSON Lines between a header and a footer. The footer counts the entries and holds a
//! hash of every byte before it.

use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};
use std::io::{self, BufRead, Read, Write};

use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

use super::entry::{ExportEntry, SortKey};
use crate::rules::ids::CarnivalId;

/// The format that this program writes and reads. `format_1` converts the one before it.
pub(crate) const FORMAT: u64 = 2;

/// Maximum length of a line; the longest line holds a carnival file.
const MAX_LINE_BYTES: u64 = 16 << 20;

/// The header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportHeader {
    format: u64,
    /// The carnival of the records.
    pub carnival: CarnivalId,
    /// The number of passport shards.
    pub shards: u16,
}

impl ExportHeader {
    /// The header of a carnival with this number of shards.
    #[must_use]
    pub fn new(carnival: CarnivalId, shards: u16) -> ExportHeader {
        ExportHeader { format: FORMAT, carnival, shards }
    }
}

/// A summary of an export: exports with equal footers hold the same records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Footer {
    /// The number of entries by kind.
    pub counts: BTreeMap<String, u64>,
    /// The SHA-256 hash of every byte before the footer, as 64 hexadecimal digits.
    pub sha256: String,
}

impl Footer {
    fn new(counts: &BTreeMap<&str, u64>, hash: Context) -> Footer {
        let counts = counts.iter().map(|(kind, count)| ((*kind).to_owned(), *count)).collect();
        let sha256 = hash.finish().as_ref().iter().fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a `String` cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        Footer { counts, sha256 }
    }

    /// The number of entries.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.counts.values().sum()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderLine {
    carnival_export: ExportHeader,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FooterLine {
    end: Footer,
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum InvalidExport {
    /// Reading failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The file is not an export.
    #[error("not an export")]
    NotAnExport,
    /// The format is unknown.
    #[error("unknown format {0}")]
    UnknownFormat(u64),
    /// The footer is missing.
    #[error("cut off")]
    Truncated,
    /// A line was altered or damaged: its number and the reason.
    #[error("line {0}: {1}")]
    InvalidLine(u64, String),
    /// The file continues after the footer.
    #[error("data after the end")]
    TrailingData,
    /// Counts or hash differ from the footer.
    #[error("counts or hash differ")]
    Mismatch,
}

/// Writes an export.
pub struct ExportWriter<W> {
    out: W,
    hash: Context,
    counts: BTreeMap<&'static str, u64>,
}

impl<W: Write> ExportWriter<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// Errors of `out`.
    pub fn new(out: W, header: &ExportHeader) -> io::Result<ExportWriter<W>> {
        let mut writer = ExportWriter { out, hash: Context::new(&SHA256), counts: BTreeMap::new() };
        let first = HeaderLine { carnival_export: header.clone() };
        writer.write_line(serde_json::to_string(&first)?)?;
        Ok(writer)
    }

    /// Appends entries.
    ///
    /// # Errors
    /// Errors of `out`.
    pub fn put(&mut self, entries: &[ExportEntry]) -> io::Result<()> {
        for entry in entries {
            self.write_line(serde_json::to_string(entry)?)?;
            *self.counts.entry(entry.kind()).or_default() += 1;
        }
        Ok(())
    }

    /// Writes the footer.
    ///
    /// # Errors
    /// Errors of `out`.
    pub fn finish(mut self) -> io::Result<(Footer, W)> {
        let footer = Footer::new(&self.counts, self.hash);
        let last = FooterLine { end: footer.clone() };
        writeln!(self.out, "{}", serde_json::to_string(&last)?)?;
        self.out.flush()?;
        Ok((footer, self.out))
    }

    fn write_line(&mut self, mut line: String) -> io::Result<()> {
        line.push('\n');
        self.hash.update(line.as_bytes());
        self.out.write_all(line.as_bytes())
    }
}

/// Reads an export and validates every line.
pub struct ExportReader<R> {
    lines: LineReader<R>,
    /// The header.
    pub header: ExportHeader,
    last_key: Option<SortKey>,
}

impl<R: BufRead> ExportReader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// The file is not an export, or its format is unknown.
    pub fn new(lines: R) -> Result<ExportReader<R>, InvalidExport> {
        let lines = LineReader::new(lines, FORMAT)?;
        Ok(ExportReader { header: lines.header.clone(), lines, last_key: None })
    }

    /// The next entry; `None` after a footer that matches the entries before it.
    ///
    /// # Errors
    /// Any deviation from what [`ExportWriter`] writes.
    pub fn next_entry(&mut self) -> Result<Option<ExportEntry>, InvalidExport> {
        let Some(line) = self.lines.next_line()? else { return Ok(None) };
        let invalid = |why: &dyn Display| InvalidExport::InvalidLine(self.lines.number, why.to_string());
        let entry: ExportEntry = serde_json::from_str(&line).map_err(|error| invalid(&error))?;
        let sort_key = entry.sort_key(self.header.shards).map_err(|error| invalid(&error))?;
        if entry.to_line().map_err(|error| invalid(&error))? != line.trim_end_matches('\n') {
            return Err(invalid(&"it is not in canonical form"));
        }
        let in_order =
            self.last_key.as_ref().is_none_or(|last| *last < sort_key || (entry.is_log_entry() && *last == sort_key));
        if !in_order {
            return Err(invalid(&"it is out of order"));
        }
        self.last_key = Some(sort_key);
        self.lines.count(entry.kind());
        Ok(Some(entry))
    }

    /// The footer, after all entries were read.
    #[must_use]
    pub fn footer(&self) -> Option<&Footer> {
        self.lines.footer.as_ref()
    }
}

/// Reads the lines between header and footer, and verifies the footer.
pub(super) struct LineReader<R> {
    lines: R,
    pub(super) header: ExportHeader,
    /// The number of the last line that was read, from 1.
    pub(super) number: u64,
    hash: Context,
    counts: BTreeMap<&'static str, u64>,
    footer: Option<Footer>,
}

impl<R: BufRead> LineReader<R> {
    /// Reads the header of a file of this format; the header that it returns has the current one.
    pub(super) fn new(mut lines: R, format: u64) -> Result<LineReader<R>, InvalidExport> {
        let line = read_line(&mut lines, 1)?.ok_or(InvalidExport::NotAnExport)?;
        let value: serde_json::Value = serde_json::from_str(&line).map_err(|_| InvalidExport::NotAnExport)?;
        let stored = value["carnival_export"]["format"].as_u64().ok_or(InvalidExport::NotAnExport)?;
        if stored != format {
            return Err(InvalidExport::UnknownFormat(stored));
        }
        let first: HeaderLine =
            serde_json::from_str(&line).map_err(|error| InvalidExport::InvalidLine(1, error.to_string()))?;
        let header = ExportHeader { format: FORMAT, ..first.carnival_export };
        let mut hash = Context::new(&SHA256);
        hash.update(line.as_bytes());
        Ok(LineReader { lines, header, number: 1, hash, counts: BTreeMap::new(), footer: None })
    }

    /// The next line with its newline; `None` after a footer that matches the lines before it.
    pub(super) fn next_line(&mut self) -> Result<Option<String>, InvalidExport> {
        if self.footer.is_some() {
            return Ok(None);
        }
        self.number += 1;
        let line = read_line(&mut self.lines, self.number)?.ok_or(InvalidExport::Truncated)?;
        if line.starts_with("{\"end\":") {
            return self.end(&line).map(|()| None);
        }
        self.hash.update(line.as_bytes());
        Ok(Some(line))
    }

    /// Counts an entry of this kind, to compare with the footer.
    pub(super) fn count(&mut self, kind: &'static str) {
        *self.counts.entry(kind).or_default() += 1;
    }

    fn end(&mut self, line: &str) -> Result<(), InvalidExport> {
        let last: FooterLine =
            serde_json::from_str(line).map_err(|error| InvalidExport::InvalidLine(self.number, error.to_string()))?;
        let computed = Footer::new(&self.counts, self.hash.clone());
        if last.end != computed {
            return Err(InvalidExport::Mismatch);
        }
        let encoded = serde_json::to_string(&last).map_err(io::Error::from)?;
        if encoded != line.trim_end_matches('\n') {
            return Err(InvalidExport::Mismatch);
        }
        if !self.lines.fill_buf()?.is_empty() {
            return Err(InvalidExport::TrailingData);
        }
        self.footer = Some(computed);
        Ok(())
    }
}

/// A line with its newline; `None` at the end of the file.
fn read_line(lines: &mut impl BufRead, number: u64) -> Result<Option<String>, InvalidExport> {
    let mut line = Vec::new();
    lines.take(MAX_LINE_BYTES).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.last() != Some(&b'\n') {
        let too_long = line.len() as u64 == MAX_LINE_BYTES;
        let why = || InvalidExport::InvalidLine(number, "it is too long".to_owned());
        return Err(if too_long { why() } else { InvalidExport::Truncated });
    }
    String::from_utf8(line).map(Some).map_err(|_| InvalidExport::InvalidLine(number, "it is not UTF-8".to_owned()))
}
