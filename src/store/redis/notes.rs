//! What is noted now and then, and may be lost.

use std::collections::BTreeMap;
use std::str::FromStr;

use ::redis::{Cmd, Value};
use jiff::Timestamp;

use super::{Redis, reply, script};
use crate::store::{Notes, Result, record};

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
        Ok(())
    }

    pub(super) async fn read_notes(&self) -> Result<Notes> {
        let reads = self.keys.notes().all().map(|key| Cmd::new().arg("HGETALL").arg(key).to_owned());
        let [refused, seen, stamped, suspicions] = reply::exactly(Value::Array(self.calls.read_all(&reads).await?))?;
        let moment = |text: &str| {
            let ms = reply::parsed("a moment", text)?;
            Timestamp::from_millisecond(ms).map_err(|e| crate::store::StoreError::Broken(e.to_string()))
        };
        Ok(Notes {
            refused: map(refused, |text| reply::parsed("a count", text))?,
            seen: map(seen, moment)?,
            stamped: map(stamped, moment)?,
            suspicions: map(suspicions, record::read_suspicion)?,
        })
    }
}

fn map<K: Ord + FromStr, V>(value: Value, read: impl Fn(&str) -> Result<V>) -> Result<BTreeMap<K, V>> {
    let pair = |(name, text): (String, String)| Ok((reply::parsed("a note", &name)?, read(&text)?));
    reply::pairs(value)?.into_iter().map(pair).collect()
}
