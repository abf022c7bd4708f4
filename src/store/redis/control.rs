//! What counts for the whole carnival: versions, generations of printed codes, serials, suspicions, posters.

use std::collections::BTreeMap;

use ::redis::Cmd;
use futures_util::future::try_join_all;

use super::{Redis, reply, script};
use crate::rules::ids::{CardSerial, Generation, GiftNumber, PointNumber};
use crate::rules::suspicion::{SuspicionDecision, SuspicionId};
use crate::store::{Control, PosterCheck, Published, Result, Settled, StoreError, record};

/// The field of the version that counts; all others are points, or passports that wait.
pub(super) const VERSION: &str = "version";

/// What stands before the number of a passport whose gifts wait.
pub(super) const WAITS: &str = "waits ";

impl Redis {
    pub(super) async fn read_control(&self) -> Result<Control> {
        let now = self.calls.read(Cmd::new().arg("HGETALL").arg(self.keys.control().key("now"))).await?;
        let mut control = Control::default();
        for (field, value) in reply::pairs(now)? {
            if field == VERSION {
                control.version = reply::parsed("a version", &value)?;
            } else if let Some(passport) = field.strip_prefix(WAITS) {
                control.waiting.insert(reply::parsed("a passport", passport)?);
            } else {
                let point: PointNumber = reply::parsed("a point", &field)?;
                control.generations.insert(point, reply::parsed("a generation", &value)?);
            }
        }
        Ok(control)
    }

    pub(super) async fn read_published(&self, version: u64) -> Result<Option<Published>> {
        let key = self.keys.control().key("versions");
        let kept = self.calls.read(Cmd::new().arg("HGET").arg(key).arg(version)).await?;
        reply::maybe_text(kept)?.map(|text| record::read_published(&text)).transpose()
    }

    /// Drafts, writes the draft's stock, lets it count; see `publish_begin.lua`.
    pub(super) async fn write_published(
        &self,
        after: u64,
        published: &Published,
        stock: &[(GiftNumber, u32)],
    ) -> Result<u64> {
        let keys = self.keys.control().of_publication();
        let next = after + 1;
        let mut call = script::PUBLISH_BEGIN.call(&keys);
        call.arg(after).arg(next).arg(record::published(published)?);
        for (gift, first) in stock {
            call.arg(gift.get()).arg(*first);
        }
        let [version, draft] = reply::exactly(self.calls.write_by(&script::PUBLISH_BEGIN, &call).await?)?;
        let version = reply::number(&version)?;
        if version != after {
            return Ok(version);
        }
        let draft = reply::pairs(draft)?;
        let is_gift = |field: &str| field.bytes().all(|b| b.is_ascii_digit());
        let drafted = draft.iter().find(|(field, _)| field == "record").map(|(_, text)| record::read_published(text));
        let drafted = drafted.unwrap_or_else(|| Err(StoreError::Broken("a draft without a text".to_owned())))?;
        let gifts = draft.iter().filter(|(field, _)| is_gift(field));
        try_join_all(gifts.map(|(gift, first)| self.seed_stock(gift, first, &drafted))).await?;
        let mut call = script::PUBLISH_FINISH.call(&keys);
        call.arg(next);
        reply::number(&self.calls.write_by(&script::PUBLISH_FINISH, &call).await?)
    }

    pub(super) async fn raise_generation(&self, point: PointNumber, from: Generation) -> Result<Generation> {
        let Some(next) = from.next() else {
            let generations = self.read_control().await?.generations;
            return Ok(generations.get(&point).copied().unwrap_or(Generation::FIRST));
        };
        let mut call = script::REISSUE.call(&[self.keys.control().key("now")]);
        call.arg(point.get()).arg(from.get()).arg(next.get());
        let counts = reply::text(self.calls.write_by(&script::REISSUE, &call).await?)?;
        reply::parsed("a generation", &counts)
    }

    pub(super) async fn write_mark(&self, name: &str, value: u64) -> Result<u64> {
        let key = self.keys.control().key("meta");
        let name = format!("mark-{name}");
        self.calls.write(Cmd::new().arg("HSETNX").arg(&key).arg(&name).arg(value)).await?;
        let kept = reply::text(self.calls.read(Cmd::new().arg("HGET").arg(&key).arg(&name)).await?)?;
        reply::parsed("a mark", &kept)
    }

    pub(super) async fn write_serials(&self, count: u32) -> Result<CardSerial> {
        let mut call = script::TAKE_SERIALS.call(&[self.keys.control().key("serials")]);
        call.arg(count).arg(*CardSerial::RANGE.end());
        let first = reply::maybe_text(self.calls.write_by(&script::TAKE_SERIALS, &call).await?)?;
        let first = first.ok_or_else(|| StoreError::Broken("not as many serials are left".to_owned()))?;
        reply::parsed("a serial", &first)
    }

    pub(super) async fn write_settled(&self, id: &SuspicionId, settled: &Settled) -> Result<()> {
        let mut call = script::SETTLE.call(&self.keys.control().of_settling());
        call.arg(id.to_string()).arg(record::settled(settled)?).arg(format!("{WAITS}{}", id.passport));
        call.arg(match settled.action {
            SuspicionDecision::Hold => "hold",
            SuspicionDecision::Release => "release",
            SuspicionDecision::Seen => "seen",
        });
        self.calls.write_by(&script::SETTLE, &call).await?;
        Ok(())
    }

    pub(super) async fn read_settled(&self) -> Result<BTreeMap<SuspicionId, Settled>> {
        let all = self.calls.read(Cmd::new().arg("HGETALL").arg(self.keys.control().key("settled"))).await?;
        let read =
            |(id, text): (String, String)| Ok((reply::parsed("a suspicion", &id)?, record::read_settled(&text)?));
        reply::pairs(all)?.into_iter().map(read).collect()
    }

    pub(super) async fn write_poster(&self, point: PointNumber, check: &PosterCheck) -> Result<()> {
        let key = self.keys.control().key("posters");
        self.calls.write(Cmd::new().arg("HSET").arg(key).arg(point.get()).arg(record::poster_check(check)?)).await?;
        Ok(())
    }

    pub(super) async fn read_posters(&self) -> Result<BTreeMap<PointNumber, PosterCheck>> {
        let all = self.calls.read(Cmd::new().arg("HGETALL").arg(self.keys.control().key("posters"))).await?;
        let read = |(point, text): (String, String)| {
            Ok((reply::parsed("a point", &point)?, record::read_poster_check(&text)?))
        };
        reply::pairs(all)?.into_iter().map(read).collect()
    }
}
