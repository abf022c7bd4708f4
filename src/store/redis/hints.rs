//! Hints, which may be lost.

use std::collections::BTreeMap;

use ::redis::Cmd;
use async_trait::async_trait;
use jiff::Timestamp;

use super::{RedisStore, reply_values, script};
use crate::rules::ids::SessionId;
use crate::store::keys::HINT_KEYS;
use crate::store::{HintStore, Hints, Result, StoreError};

#[async_trait]
impl HintStore for RedisStore {
    async fn record_hints(&self, hints: &Hints) -> Result<()> {
        let Hints { refusals, last_seen, last_stamped } = hints;
        let mut call = script::RECORD_HINTS.call(&self.keys.hints().keys(HINT_KEYS));
        call.arg(refusals.len()).arg(last_seen.len());
        for (refused, count) in refusals {
            call.arg(refused.to_string()).arg(*count);
        }
        for (session, at) in last_seen {
            call.arg(session.as_str()).arg(at.as_millisecond());
        }
        for (point, at) in last_stamped {
            call.arg(point.get()).arg(at.as_millisecond());
        }
        // Never retried: a retry could count a refusal twice, while a lost hint does little harm.
        self.client.read_script(&script::RECORD_HINTS, &call).await
    }

    async fn hints(&self) -> Result<Hints> {
        let reads = self.keys.hints().keys(HINT_KEYS).map(Cmd::hgetall);
        let (refusals, last_seen, last_stamped) = self.client.read_all(&reads).await?;
        Ok(Hints {
            refusals: reply_values::map("a refusal", refusals, Ok::<u64, _>)?,
            last_seen: reply_values::map("a session", last_seen, moment)?,
            last_stamped: reply_values::map("a point", last_stamped, moment)?,
        })
    }

    async fn last_seen(&self) -> Result<BTreeMap<SessionId, Timestamp>> {
        let seen = self.client.read(&Cmd::hgetall(self.keys.hints().key("seen"))).await?;
        reply_values::map("a session", seen, moment)
    }
}

fn moment(ms: i64) -> Result<Timestamp> {
    Timestamp::from_millisecond(ms).map_err(|error| StoreError::Broken(error.to_string()))
}
