//! What is noted now and then, and may be lost.

use std::collections::BTreeMap;
use std::str::FromStr;

use ::redis::{Cmd, Value};
use jiff::Timestamp;

use super::{Redis, reply, script};
use crate::rules::ids::SessionId;
use crate::rules::suspicion::{Suspicion, SuspicionId};
use crate::store::{Notes, Result, StoreError, record};

impl Redis {
    pub(super) async fn write_notes(&self, notes: &Notes) -> Result<()> {
        let Notes { refused, seen, stamped, suspicions } = notes;
        let mut call = script::NOTE.call(&self.keys.notes().all());
        call.arg(refused.len()).arg(seen.len()).arg(stamped.len());
        for (refused, count) in refused {
            call.arg(refused.to_string()).arg(*count);
        }
        for (session, at) in seen {
            call.arg(session.as_str()).arg(at.as_millisecond());
        }
        for (point, at) in stamped {
            call.arg(point.get()).arg(at.as_millisecond());
        }
        for (id, suspicion) in suspicions {
            call.arg(id.to_string()).arg(record::suspicion(suspicion)?);
        }
        // Never asked again: what is lost is a hint, what is counted twice is a wrong one.
        self.calls.read_by(&script::NOTE, &call).await?;
        if suspicions.is_empty() { Ok(()) } else { self.let_go().await }
    }

    /// Deletes the oldest suspicions that nobody did anything about, when there are too many. Not in one step
    /// with anything: at worst another instance lets the same ones go.
    async fn let_go(&self) -> Result<()> {
        let key = self.keys.notes().key("suspicions");
        let there_are: usize = reply::number(&self.calls.read(Cmd::new().arg("HLEN").arg(&key)).await?)?;
        // Those that were settled are few, and cannot be more than all of them.
        if there_are <= Notes::MOST_SUSPICIONS {
            return Ok(());
        }
        let noted = map(self.calls.read(Cmd::new().arg("HGETALL").arg(&key)).await?, record::read_suspicion)?;
        let settled = self.read_settled().await?;
        let gone = Notes::superfluous(&noted, |id| settled.contains_key(id));
        if gone.is_empty() {
            return Ok(());
        }
        let gone = gone.iter().map(ToString::to_string).collect::<Vec<_>>();
        self.calls.read(Cmd::new().arg("HDEL").arg(&key).arg(gone)).await?;
        Ok(())
    }

    pub(super) async fn read_seen(&self) -> Result<BTreeMap<SessionId, Timestamp>> {
        map(self.calls.read(Cmd::new().arg("HGETALL").arg(self.keys.notes().key("seen"))).await?, moment)
    }

    pub(super) async fn read_suspicion(&self, id: &SuspicionId) -> Result<Option<Suspicion>> {
        let key = self.keys.notes().key("suspicions");
        let text = self.calls.read(Cmd::new().arg("HGET").arg(key).arg(id.to_string())).await?;
        reply::maybe_text(text)?.map(|text| record::read_suspicion(&text)).transpose()
    }

    pub(super) async fn read_notes(&self) -> Result<Notes> {
        let reads = self.keys.notes().all().map(|key| Cmd::new().arg("HGETALL").arg(key).to_owned());
        let [refused, seen, stamped, suspicions] = reply::exactly(Value::Array(self.calls.read_all(&reads).await?))?;
        Ok(Notes {
            refused: map(refused, |text| reply::parsed("a count", text))?,
            seen: map(seen, moment)?,
            stamped: map(stamped, moment)?,
            suspicions: map(suspicions, record::read_suspicion)?,
        })
    }
}

fn moment(text: &str) -> Result<Timestamp> {
    let ms = reply::parsed("a moment", text)?;
    Timestamp::from_millisecond(ms).map_err(|error| StoreError::Broken(error.to_string()))
}

fn map<K: Ord + FromStr, V>(value: Value, read: impl Fn(&str) -> Result<V>) -> Result<BTreeMap<K, V>> {
    let pair = |(name, text): (String, String)| Ok((reply::parsed("a note", &name)?, read(&text)?));
    reply::pairs(value)?.into_iter().map(pair).collect()
}
