//! Conversion of exports of format 1, where each kind of low-traffic record had lines of its own.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, IntoInnerError, Seek, Write};

use serde::Deserialize;
use serde::de::IgnoredAny;
use strum::IntoStaticStr;

use super::entry::{ExportEntry, RawRecord, raw_record};
use super::file::{ExportWriter, InvalidExport, LineReader};
use crate::rules::check_ins::suspicion::{Suspicion, SuspicionId};
use crate::rules::ids::{PassportNumber, PointNumber};
use crate::store::record_kinds::{Block, Marker, PosterCheck, RecordValue, Resolution, StoredSuspicion};
use crate::store::{Result as StoreResult, record};

/// The lines of format 1 that the current format does not have.
#[derive(Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case")]
enum OldEntry {
    Mark { name: String, value: u64 },
    Waits { passport: PassportNumber },
    Poster { point: PointNumber, record: RawRecord },
    Settled { suspicion: SuspicionId, record: RawRecord },
    Suspicion { record: RawRecord },
    Invitation(IgnoredAny),
    Session(IgnoredAny),
}

/// Converts a file of format 1 and verifies it; returns any other file as it is. The converted file is temporary and has
/// no name.
///
/// # Errors
/// A damaged file of format 1; a file that cannot be read or written.
pub fn in_current_format(mut file: File) -> Result<File, InvalidExport> {
    let is_old = LineReader::new(BufReader::new(&mut file), 1).is_ok();
    file.rewind()?;
    if !is_old {
        return Ok(file);
    }
    let out = BufWriter::new(tempfile::tempfile()?);
    let mut converted = convert(BufReader::new(file), out)?.into_inner().map_err(IntoInnerError::into_error)?;
    converted.rewind()?;
    Ok(converted)
}

fn convert<W: Write>(lines: impl BufRead, out: W) -> Result<W, InvalidExport> {
    let mut lines = LineReader::new(lines, 1)?;
    let shards = lines.header.shards;
    let mut writer = ExportWriter::new(out, &lines.header)?;
    // Only the small records in front have another order now. Those of passports and gifts are copied one by one.
    let mut leading = Some(LeadingEntries::default());
    while let Some(line) = lines.next_line()? {
        let number = lines.number;
        let invalid = |why: &dyn std::fmt::Display| InvalidExport::InvalidLine(number, why.to_string());
        if let Ok(old) = serde_json::from_str::<OldEntry>(&line) {
            lines.count((&old).into());
            leading.as_mut().ok_or_else(|| invalid(&"it is out of order"))?.add(old).map_err(|why| invalid(&why))?;
            continue;
        }
        let entry: ExportEntry = serde_json::from_str(&line).map_err(|why| invalid(&why))?;
        lines.count(entry.kind());
        let is_leading = entry.is_leading(shards).map_err(|why| invalid(&why))?;
        if let Some(leading) = leading.as_mut().filter(|_| is_leading) {
            leading.entries.push(entry);
        } else {
            put_leading(&mut writer, &mut leading, &lines)?;
            writer.put(&[entry])?;
        }
    }
    put_leading(&mut writer, &mut leading, &lines)?;
    Ok(writer.finish()?.1)
}

/// Writes the leading entries once, in the current order.
fn put_leading<R: BufRead, W: Write>(
    writer: &mut ExportWriter<W>,
    leading: &mut Option<LeadingEntries>,
    lines: &LineReader<R>,
) -> Result<(), InvalidExport> {
    let sorted = leading.take().unwrap_or_default().sorted(lines.header.shards);
    Ok(writer.put(&sorted.map_err(|why| InvalidExport::InvalidLine(lines.number, why.to_string()))?)?)
}

/// The entries before those of passports and gifts.
#[derive(Default)]
struct LeadingEntries {
    entries: Vec<ExportEntry>,
    suspicions: Vec<Suspicion>,
    resolutions: BTreeMap<String, Resolution>,
}

impl LeadingEntries {
    fn add(&mut self, entry: OldEntry) -> StoreResult<()> {
        match entry {
            OldEntry::Mark { name, value } => self.add_record(&name, &Marker { value })?,
            OldEntry::Waits { passport } => self.add_record(&passport, &Block {})?,
            OldEntry::Poster { point, record } => {
                self.add_record(&point, &record::from_json::<PosterCheck>("a poster check", record.get())?)?;
            }
            OldEntry::Suspicion { record } => {
                self.suspicions.push(record::from_json("a suspicion", record.get())?);
            }
            OldEntry::Settled { suspicion, record } => {
                let resolution = record::from_json("the resolution of a suspicion", record.get())?;
                self.resolutions.insert(suspicion.to_string(), resolution);
            }
            // They named no device, so nobody could be let in again. Staff come on duty with new invitations.
            OldEntry::Invitation(_) | OldEntry::Session(_) => {}
        }
        Ok(())
    }

    fn add_record<T: RecordValue>(&mut self, key: &T::Key, value: &T) -> StoreResult<()> {
        let value = raw_record(record::to_json(value)?)?;
        self.entries.push(ExportEntry::Record { kind: T::KIND, key: key.to_string(), version: 1, value });
        Ok(())
    }

    /// All entries in the current order. A resolution without its suspicion showed nothing and is left out; the block
    /// that it may have caused has its own line.
    fn sorted(mut self, shards: u16) -> StoreResult<Vec<ExportEntry>> {
        for suspicion in std::mem::take(&mut self.suspicions) {
            let id = suspicion.id.clone();
            let resolution = self.resolutions.remove(&id.to_string());
            self.add_record(&id, &StoredSuspicion { suspicion, resolution })?;
        }
        let keyed = self.entries.into_iter().map(|entry| Ok((entry.sort_key(shards)?, entry)));
        let mut keyed = keyed.collect::<StoreResult<Vec<_>>>()?;
        keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(keyed.into_iter().map(|(_, entry)| entry).collect())
    }
}
