//! The append-only log of a stopped Redis: where its commands end, and how a crash tears its last write.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The newest file of a log, to which Redis appends.
pub(crate) struct AppendOnlyLog {
    path: PathBuf,
    pub(crate) bytes: Vec<u8>,
}

const EXEC: &[u8] = b"*1\r\n$4\r\nEXEC\r\n";
const MULTI: &[u8] = b"*1\r\n$5\r\nMULTI\r\n";

/// The path of the newest file in the folder of a log.
pub(crate) fn newest_file(folder: &Path) -> PathBuf {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.to_string_lossy().ends_with(".incr.aof")).max().unwrap()
}

impl AppendOnlyLog {
    /// Reads the newest file in the folder of a log.
    pub(crate) fn read(folder: &Path) -> AppendOnlyLog {
        let path = newest_file(folder);
        AppendOnlyLog { bytes: fs::read(&path).unwrap(), path }
    }

    /// Writes the file with another content.
    pub(crate) fn write(&self, bytes: &[u8]) {
        fs::write(&self.path, bytes).unwrap();
    }

    /// The transactions that begin at or after `from`, each as the ends of its commands: `MULTI`, the commands, `EXEC`.
    pub(crate) fn transactions(&self, from: usize) -> Vec<Vec<usize>> {
        let (mut transactions, mut at) = (Vec::new(), 0);
        while at < self.bytes.len() {
            let (begin, mut ends) = (at, vec![self.end_of_command(at)]);
            at = ends[0];
            if self.bytes[begin..at] == *MULTI {
                while self.bytes[ends[ends.len() - 1]..][..EXEC.len()] != *EXEC {
                    ends.push(self.end_of_command(ends[ends.len() - 1]));
                }
                at = ends[ends.len() - 1] + EXEC.len();
                ends.push(at);
                if begin >= from {
                    transactions.push(ends);
                }
            }
        }
        transactions
    }

    /// The commands of a transaction, without `MULTI` and `EXEC`.
    pub(crate) fn commands(&self, transaction: &[usize]) -> Vec<(Range<usize>, &[u8])> {
        let ranges = transaction.windows(2).map(|ends| ends[0]..ends[1]);
        let mut commands: Vec<_> = ranges.map(|range| (range.clone(), &self.bytes[range])).collect();
        commands.pop();
        commands
    }

    /// The end of the command that begins here: an array of bulk strings.
    fn end_of_command(&self, start: usize) -> usize {
        let number = |at: &mut usize| {
            let end = *at + self.bytes[*at..].iter().position(|byte| *byte == b'\r').unwrap();
            let number: usize = std::str::from_utf8(&self.bytes[*at + 1..end]).unwrap().parse().unwrap();
            *at = end + 2;
            number
        };
        let mut at = start;
        for _ in 0..number(&mut at) {
            at += number(&mut at) + 2;
        }
        at
    }
}
