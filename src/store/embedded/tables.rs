//! The tables of the embedded store, and access to them within one write transaction.

use std::collections::HashMap;

use redb::{
    AccessGuard, Key, Range, ReadTransaction, ReadableTable, ReadableTableMetadata, Table, TableDefinition, Value,
    WriteTransaction,
};

use crate::rules::gifts::voucher::Voucher;
use crate::rules::ids::{Holder, ParseError, PointNumber};
use crate::rules::statistics::tally::{Tally, TallyPeriod};
use crate::store::shard::shard_of;
use crate::store::{LogId, RecordKind, StoreError};

/// The result of a command or query.
pub(super) type TxResult<T> = Result<T, TxError>;

/// What failed in a transaction.
#[derive(Debug)]
pub(super) enum TxError {
    /// A record cannot be read: only this command or query fails.
    Operation(StoreError),
    /// The database failed, and with it the whole transaction.
    Database(redb::Error),
}

impl From<StoreError> for TxError {
    fn from(error: StoreError) -> TxError {
        TxError::Operation(error)
    }
}

macro_rules! database_error {
    ($($error:ident)*) => {
        $(
            impl From<redb::$error> for TxError {
                fn from(error: redb::$error) -> TxError {
                    TxError::Database(error.into())
                }
            }
        )*
    };
}
database_error!(DatabaseError StorageError TableError TransactionError CommitError SetDurabilityError);

impl From<TxError> for StoreError {
    fn from(tx_error: TxError) -> StoreError {
        match tx_error {
            TxError::Operation(error) => error,
            TxError::Database(error) => to_store_error(&error),
        }
    }
}

/// Maps a failure of the database: I/O failures may be temporary, all others are permanent.
pub(super) fn to_store_error(error: &redb::Error) -> StoreError {
    match error {
        redb::Error::Io(_) | redb::Error::PreviousIo | redb::Error::DatabaseClosed | redb::Error::LockPoisoned(_) => {
            StoreError::Unavailable(error.to_string())
        }
        _ => StoreError::Broken(error.to_string()),
    }
}

/// A table that is opened at its first use, once per transaction.
pub(super) struct LazyTable<'t, K: Key + 'static, V: Value + 'static> {
    transaction: &'t WriteTransaction,
    definition: TableDefinition<'static, K, V>,
    table: Option<Table<'t, K, V>>,
    edited: bool,
}

impl<'t, K: Key + 'static, V: Value + 'static> LazyTable<'t, K, V> {
    fn new(transaction: &'t WriteTransaction, definition: TableDefinition<'static, K, V>) -> Self {
        LazyTable { transaction, definition, table: None, edited: false }
    }

    /// The table for reading.
    pub(super) fn read(&mut self) -> TxResult<&impl ReadableTable<K, V>> {
        self.open().map(|table| &*table)
    }

    /// The table for writing.
    pub(super) fn edit(&mut self) -> TxResult<&mut Table<'t, K, V>> {
        self.edited = true;
        self.open()
    }

    pub(super) fn is_edited(&self) -> bool {
        self.edited
    }

    fn open(&mut self) -> TxResult<&mut Table<'t, K, V>> {
        let table = match self.table.take() {
            Some(table) => table,
            None => self.transaction.open_table(self.definition)?,
        };
        Ok(self.table.insert(table))
    }
}

macro_rules! tables {
    ($($(#[$doc:meta])* $field:ident $name:ident: $key:ty => $value:ty;)*) => {
        $($(#[$doc])* pub(super) const $name: TableDefinition<'static, $key, $value> =
            TableDefinition::new(stringify!($field));)*

        /// All tables within one write transaction.
        pub(super) struct Tables<'t> {
            $($(#[$doc])* pub(super) $field: LazyTable<'t, $key, $value>,)*
            counts: HashMap<Tally, i64>,
        }

        impl<'t> Tables<'t> {
            pub(super) fn new(transaction: &'t WriteTransaction) -> Tables<'t> {
                Tables { $($field: LazyTable::new(transaction, $name),)* counts: HashMap::new() }
            }

            /// Whether any table was opened for writing, so that there is something to commit.
            pub(super) fn edited(&self) -> bool {
                $(self.$field.edited)||*
            }

            /// Copies every row of another database.
            pub(super) fn copy_all(&mut self, from: &ReadTransaction) -> TxResult<()> {
                $(
                    for row in from.open_table($name)?.iter()? {
                        let (key, value) = row?;
                        self.$field.edit()?.insert(key.value(), value.value())?;
                    }
                )*
                self.create_all()
            }

            /// Creates all tables, so that they exist for every reader.
            pub(super) fn create_all(&mut self) -> TxResult<()> {
                $(self.$field.edit()?;)*
                Ok(())
            }
        }

        /// The names of all tables.
        #[cfg(test)]
        pub(super) const NAMES: &[&str] = &[$(stringify!($field)),*];

        /// The number of rows in all tables.
        pub(super) fn row_count(snapshot: &ReadTransaction) -> TxResult<u64> {
            Ok(0 $(+ snapshot.open_table($name)?.len()?)*)
        }
    };
}

tables! {
    /// `format`, `shards`, `version` (the current one), `serials` (the last one issued), `importing` (during
    /// an import).
    meta META: &'static str => u64;
    /// By version.
    published PUBLISHED: u64 => &'static str;
    /// By point: how often its printed code was replaced.
    generations GENERATIONS: u16 => u8;
    /// By [`holder_key`]: the passport as one text, so that a check-in reads and writes one row.
    passports PASSPORTS: &'static [u8; 19] => &'static str;
    /// Log entries by [`log_key`] and index.
    facts FACTS: (u32, u64) => &'static str;
    /// By sequence number: shard and log entry, before they move into the log (see `journal.rs`).
    journal JOURNAL: u64 => (u16, &'static str);
    /// By resident and serial.
    companions COMPANIONS: (&'static [u8; 16], u32) => ();
    /// By gift and claimant.
    claims CLAIMS: (u8, &'static [u8; 16]) => &'static str;
    /// By [`voucher_key`]: the claimant.
    vouchers VOUCHERS: u32 => &'static [u8; 16];
    /// By [`voucher_key`]: the vouchers of erased claims, which are never drawn again.
    erased_vouchers ERASED_VOUCHERS: u32 => ();
    /// By gift: stock and redeemed count.
    gifts GIFTS: u8 => (u32, u32);
    /// By gift and the millisecond at which a hold ends: the number of holds that end then. Most end together at the
    /// end of the day, so counting the holds reads few rows. A redeemed claim has no hold.
    holds HOLDS: (u8, i64) => u32;
    /// By gift and booth: unavailable there.
    gone_here GONE_HERE: (u8, &'static str) => ();
    /// By gift, session and nonce: the content of a change of stock.
    stock_writes STOCK_WRITES: (u8, &'static str) => &'static str;
    /// By [`RefusalTally`](crate::rules::statistics::tally::RefusalTally).
    refused REFUSED: &'static str => u64;
    /// By id of a session: the millisecond at which it was last seen.
    seen SEEN: &'static str => i64;
    /// By point: the millisecond of its last stamp.
    stamped STAMPED: u16 => i64;
    /// By kind and key: the version and the value of a low-traffic record.
    records RECORDS: (&'static str, &'static str) => &'static str;
    /// By name; few.
    tallies_in_all TALLIES_IN_ALL: &'static str => u64;
    /// By name; many.
    tallies_by_hour TALLIES_BY_HOUR: &'static str => u64;
}

impl Tables<'_> {
    /// Increments a counter. Each counter is written once per transaction, so a batch of check-ins at one point in
    /// one hour writes it once.
    pub(super) fn count(&mut self, tally: Tally) {
        self.count_by(tally, 1);
    }

    /// Changes a counter, not below 0.
    pub(super) fn count_by(&mut self, tally: Tally, more: i64) {
        *self.counts.entry(tally).or_default() += more;
    }

    /// Writes the counters.
    pub(super) fn write_counts(&mut self) -> TxResult<()> {
        for (tally, more) in std::mem::take(&mut self.counts) {
            let table = match tally.period() {
                TallyPeriod::AllTime => self.tallies_in_all.edit()?,
                TallyPeriod::ByHour => self.tallies_by_hour.edit()?,
            };
            let name = tally.to_string();
            let before = table.get(name.as_str())?.map_or(0, |count| count.value());
            table.insert(name.as_str(), before.saturating_add_signed(more))?;
        }
        Ok(())
    }
}

/// The key of a passport: shard (so that the passports of a shard are adjacent), kind of holder, holder.
pub(super) fn holder_key(holder: Holder, shards: u16) -> [u8; 19] {
    let (kind, id) = match holder {
        Holder::Resident(id) => (b'r', *id.bytes()),
        Holder::Paper(serial) => (b'p', u128::from(serial.get()).to_be_bytes()),
    };
    let mut key = [0; 19];
    key[..2].copy_from_slice(&shard_of(holder, shards).to_be_bytes());
    key[2] = kind;
    key[3..].copy_from_slice(&id);
    key
}

/// The key of a log.
pub(super) fn log_key(log: LogId) -> u32 {
    match log {
        LogId::Shard(shard) => u32::from(shard),
        LogId::Gift(gift) => 0x1_0000 + u32::from(gift.get()),
        LogId::Stock(gift) => 0x2_0000 + u32::from(gift.get()),
    }
}

/// The key of a voucher: its nine digits as a number.
pub(super) fn voucher_key(voucher: Voucher) -> TxResult<u32> {
    let digits = voucher.to_string();
    digits.parse().map_err(|_| TxError::Operation(StoreError::Broken("a voucher is not nine digits".to_owned())))
}

/// The number of a gift's holds that end at this millisecond or later.
pub(super) fn count_holds(holds: &impl ReadableTable<(u8, i64), u32>, gift: u8, from_ms: i64) -> TxResult<u32> {
    let rows = holds.range((gift, from_ms)..=(gift, i64::MAX))?;
    rows.map(|row| Ok(row?.1.value())).sum()
}

/// Reads rows of a table.
pub(super) fn read_rows<'r, K: Key + 'static, V: Value + 'static, T, C: FromIterator<T>>(
    rows: impl Iterator<Item = Result<(AccessGuard<'r, K>, AccessGuard<'r, V>), redb::StorageError>>,
    read: impl Fn(K::SelfType<'_>, V::SelfType<'_>) -> TxResult<T>,
) -> TxResult<C> {
    let read_row = |(key, value): (AccessGuard<'r, K>, AccessGuard<'r, V>)| read(key.value(), value.value());
    rows.map(|row| read_row(row?)).collect()
}

/// The low-traffic records of a kind.
pub(super) fn rows_of(
    records: &impl ReadableTable<(&'static str, &'static str), &'static str>,
    kind: RecordKind,
) -> TxResult<Range<'_, (&'static str, &'static str), &'static str>> {
    // Greater than any key.
    Ok(records.range((kind.name(), "")..(kind.name(), "\u{10ffff}"))?)
}

/// A stored id that cannot be parsed.
#[expect(clippy::needless_pass_by_value, reason = "so that it can be passed to map_err")]
pub(super) fn unreadable(error: ParseError) -> TxError {
    TxError::Operation(StoreError::Broken(error.to_string()))
}

/// A stored point.
pub(super) fn point_number(point: u16) -> TxResult<PointNumber> {
    PointNumber::try_from(u64::from(point)).map_err(unreadable)
}
