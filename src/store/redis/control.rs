//! What counts for the whole carnival: versions, generations of printed codes, serials.

use ::redis::Cmd;
use futures_util::future::try_join_all;

use super::{Redis, reply, script};
use crate::rules::ids::{Generation, GiftNumber, PointNumber, Serial};
use crate::store::{Control, Published, Result, StoreError, record};

/// The field of the version that counts; all others are points.
const VERSION: &str = "version";

impl Redis {
    pub(super) async fn read_control(&self) -> Result<Control> {
        let now = self.calls.read(Cmd::new().arg("HGETALL").arg(self.keys.control().key("now"))).await?;
        let mut control = Control::default();
        for (field, value) in reply::pairs(now)? {
            if field == VERSION {
                control.version = reply::parsed("a version", &value)?;
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
        let seeds = draft.iter().filter(|(field, _)| is_gift(field)).map(|(gift, first)| self.seed_stock(gift, first));
        try_join_all(seeds).await?;
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

    pub(super) async fn write_serials(&self, count: u32) -> Result<Serial> {
        let mut call = script::TAKE_SERIALS.call(&[self.keys.control().key("serials")]);
        call.arg(count).arg(*Serial::RANGE.end());
        let first = reply::maybe_text(self.calls.write_by(&script::TAKE_SERIALS, &call).await?)?;
        let first = first.ok_or_else(|| StoreError::Broken("not as many serials are left".to_owned()))?;
        reply::parsed("a serial", &first)
    }
}
