//! Hints, which may be lost.

use std::collections::BTreeMap;
use std::str::FromStr;

use ::redis::{Cmd, Value};
use jiff::Timestamp;

use super::{RedisStore, reply_values, script};
use crate::rules::check_ins::suspicion::{Suspicion, SuspicionId};
use crate::rules::ids::SessionId;
use crate::store::{Hints, Result, StoreError, record};

impl RedisStore {
    pub(super) async fn write_hints(&self, hints: &Hints) -> Result<()> {
        let Hints { refusals, last_seen, last_stamped, suspicions } = hints;
        let mut call = script::RECORD_HINTS.call(&self.keys.hints().all());
        call.arg(refusals.len()).arg(last_seen.len()).arg(last_stamped.len());
        for (refused, count) in refusals {
            call.arg(refused.to_string()).arg(*count);
        }
        for (session, at) in last_seen {
            call.arg(session.as_str()).arg(at.as_millisecond());
        }
        for (point, at) in last_stamped {
            call.arg(point.get()).arg(at.as_millisecond());
        }
        for (id, suspicion) in suspicions {
            call.arg(id.to_string()).arg(record::encode_suspicion(suspicion)?);
        }
        // Never retried: a retry could count a refusal twice, while a lost hint does little harm.
        self.client.read_script(&script::RECORD_HINTS, &call).await?;
        if suspicions.is_empty() { Ok(()) } else { self.evict_old_suspicions().await }
    }

    /// Deletes the oldest unresolved suspicions when there are too many. Not atomic: at worst another instance
    /// deletes the same ones.
    async fn evict_old_suspicions(&self) -> Result<()> {
        let key = self.keys.hints().key("suspicions");
        let count: usize = reply_values::number(&self.client.read(Cmd::new().arg("HLEN").arg(&key)).await?)?;
        // A cheap check first: the unresolved ones cannot be more than all of them.
        if count <= Hints::MAX_SUSPICIONS {
            return Ok(());
        }
        let recorded = map(self.client.read(Cmd::new().arg("HGETALL").arg(&key)).await?, record::decode_suspicion)?;
        let resolutions = self.read_resolutions().await?;
        let excess = Hints::excess_suspicions(&recorded, |id| resolutions.contains_key(id));
        if excess.is_empty() {
            return Ok(());
        }
        let excess = excess.iter().map(ToString::to_string).collect::<Vec<_>>();
        self.client.read(Cmd::new().arg("HDEL").arg(&key).arg(excess)).await?;
        Ok(())
    }

    pub(super) async fn read_last_seen(&self) -> Result<BTreeMap<SessionId, Timestamp>> {
        map(self.client.read(Cmd::new().arg("HGETALL").arg(self.keys.hints().key("seen"))).await?, moment)
    }

    pub(super) async fn read_suspicion(&self, id: &SuspicionId) -> Result<Option<Suspicion>> {
        let key = self.keys.hints().key("suspicions");
        let text = self.client.read(Cmd::new().arg("HGET").arg(key).arg(id.to_string())).await?;
        reply_values::optional_text(text)?.map(|text| record::decode_suspicion(&text)).transpose()
    }

    pub(super) async fn read_hints(&self) -> Result<Hints> {
        let reads = self.keys.hints().all().map(|key| Cmd::new().arg("HGETALL").arg(key).to_owned());
        let [refusals, last_seen, last_stamped, suspicions] =
            reply_values::array(Value::Array(self.client.read_all(&reads).await?))?;
        Ok(Hints {
            refusals: map(refusals, |text| reply_values::parse("a count", text))?,
            last_seen: map(last_seen, moment)?,
            last_stamped: map(last_stamped, moment)?,
            suspicions: map(suspicions, record::decode_suspicion)?,
        })
    }
}

fn moment(text: &str) -> Result<Timestamp> {
    let ms = reply_values::parse("a moment", text)?;
    Timestamp::from_millisecond(ms).map_err(|error| StoreError::Broken(error.to_string()))
}

fn map<K: Ord + FromStr, V>(value: Value, read: impl Fn(&str) -> Result<V>) -> Result<BTreeMap<K, V>> {
    let pair = |(name, text): (String, String)| Ok((reply_values::parse("a note", &name)?, read(&text)?));
    reply_values::pairs(value)?.into_iter().map(pair).collect()
}
