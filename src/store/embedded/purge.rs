//! Forgetting people after the end.

use std::collections::BTreeSet;

use redb::{ReadTransaction, ReadableTable};

use super::super::archive::walk::all_gifts;
use super::super::{Log, Published, Result, record};
use super::core::Core;
use super::journal::settle;
use super::tables::{FACTS, Step, Tables, log_key};
use crate::rules::ids::GiftNumber;

/// So many rows are deleted or rewritten in one commit.
const AT_ONCE: usize = 5000;

macro_rules! emptied {
    ($($table:ident),*) => {
        /// Deletes so many rows at most of the tables about people; how many there were.
        fn empty_some(tables: &mut Tables<'_>) -> Step<usize> {
            let mut gone = 0;
            $(
                while gone < AT_ONCE && tables.$table.look()?.first()?.is_some() {
                    tables.$table.edit()?.pop_first()?;
                    gone += 1;
                }
            )*
            Ok(gone)
        }
    };
}
emptied!(
    passports,
    companions,
    claims,
    vouchers,
    holds,
    waiting,
    suspicions,
    settled,
    posters,
    seen,
    accepted,
    ended_sessions,
    sessions,
    ended_invitations,
    invitations
);

pub(super) async fn purge(core: &Core, done: &mut (dyn FnMut(u64) + Send)) -> Result<()> {
    loop {
        let gone = core.write(empty_some).await?;
        if gone == 0 {
            break;
        }
        done(gone as u64);
    }
    core.write(settle).await?;
    let shards = (0..core.shards).map(Log::Shard);
    for log in shards.chain(all_gifts().map(Log::Gift)) {
        let key = log_key(log);
        loop {
            let gone = core.write(move |tables| cut(tables, key)).await?;
            if gone == 0 {
                break;
            }
            done(gone as u64);
        }
    }
    for gift in all_gifts() {
        nameless_movements(core, gift).await?;
    }
    core.write(nameless_versions).await
}

/// Deletes the newest facts of a log; how many. From the end, so that what is left of one that broke off
/// still counts from 0.
fn cut(tables: &mut Tables<'_>, key: u32) -> Step<usize> {
    let facts = tables.facts.look()?;
    let some = facts.range((key, 0)..=(key, u64::MAX))?.rev().take(AT_ONCE);
    let some = some.map(|row| Ok(row?.0.value())).collect::<Step<Vec<_>>>()?;
    for row in &some {
        tables.facts.edit()?.remove(*row)?;
    }
    Ok(some.len())
}

async fn nameless_movements(core: &Core, gift: GiftNumber) -> Result<()> {
    let key = log_key(Log::Stock(gift));
    let mut from = 0;
    loop {
        let some = core.read(move |snapshot| named_movements(snapshot, key, from)).await?;
        let Some((last, named)) = some else {
            return Ok(());
        };
        from = last + 1;
        if named.is_empty() {
            continue;
        }
        core.write(move |tables| {
            for (row, text) in &named {
                tables.facts.edit()?.insert(*row, text.as_str())?;
            }
            Ok(())
        })
        .await?;
    }
}

/// A row of a log, and what it becomes.
type Renamed = ((u32, u64), String);

/// Some movements from the `from`-th on: the last that was looked at, and those that name somebody,
/// as they are without; none when there are no more.
fn named_movements(snapshot: &ReadTransaction, key: u32, from: u64) -> Step<Option<(u64, Vec<Renamed>)>> {
    let facts = snapshot.open_table(FACTS)?;
    let (mut last, mut named) = (None, Vec::new());
    for row in facts.range((key, from)..=(key, u64::MAX))?.take(AT_ONCE) {
        let (row, text) = row?;
        last = Some(row.value().1);
        if let Some(without) = record::without_name(text.value())? {
            named.push((row.value(), without));
        }
    }
    Ok(last.map(|last| (last, named)))
}

fn nameless_versions(tables: &mut Tables<'_>) -> Step<()> {
    let mut versions = BTreeSet::new();
    for row in tables.published.look()?.iter()? {
        versions.insert(row?.0.value());
    }
    for version in versions {
        let text = tables.published.look()?.get(version)?.map(|text| text.value().to_owned()).unwrap_or_default();
        let kept = record::read_published(&text)?;
        if !kept.by.is_empty() {
            let nameless = record::published(&Published { by: String::new(), ..kept })?;
            tables.published.edit()?.insert(version, nameless.as_str())?;
        }
    }
    Ok(())
}
