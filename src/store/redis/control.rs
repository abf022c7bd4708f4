//! The state of the whole carnival: versions, generations of printed codes, serials, resolutions of suspicions,
//! poster checks.

use std::collections::BTreeMap;

use ::redis::Cmd;
use futures_util::future::try_join_all;

use super::{RedisStore, reply_values, script};
use crate::rules::check_ins::suspicion::{SuspicionDecision, SuspicionId};
use crate::rules::ids::{CardSerial, Generation, GiftNumber, PointNumber};
use crate::store::{ControlState, PosterCheck, PublishedVersion, Resolution, Result, StoreError, record};

/// The field of the current version; all other fields are points or blocked passports.
pub(super) const VERSION: &str = "version";

/// Prefix of a blocked passport's number in its field.
pub(super) const BLOCKED_PREFIX: &str = "waits ";

impl RedisStore {
    pub(super) async fn read_control(&self) -> Result<ControlState> {
        let now = self.client.read(Cmd::new().arg("HGETALL").arg(self.keys.control().key("now"))).await?;
        let mut control = ControlState::default();
        for (field, value) in reply_values::pairs(now)? {
            if field == VERSION {
                control.version = reply_values::parse("a version", &value)?;
            } else if let Some(passport) = field.strip_prefix(BLOCKED_PREFIX) {
                control.blocked_passports.insert(reply_values::parse("a passport", passport)?);
            } else {
                let point: PointNumber = reply_values::parse("a point", &field)?;
                control.generations.insert(point, reply_values::parse("a generation", &value)?);
            }
        }
        Ok(control)
    }

    pub(super) async fn read_published(&self, version: u64) -> Result<Option<PublishedVersion>> {
        let key = self.keys.control().key("versions");
        let stored = self.client.read(Cmd::new().arg("HGET").arg(key).arg(version)).await?;
        reply_values::optional_text(stored)?.map(|text| record::decode_published(&text)).transpose()
    }

    /// Stores a draft, writes its stock, and makes it current; see `publish_begin.lua`.
    pub(super) async fn write_published(
        &self,
        after: u64,
        published: &PublishedVersion,
        stock: &[(GiftNumber, u32)],
    ) -> Result<u64> {
        let keys = self.keys.control().publication_keys();
        let next = after + 1;
        let mut call = script::PUBLISH_BEGIN.call(&keys);
        call.arg(after).arg(next).arg(record::encode_published(published)?);
        for (gift, first) in stock {
            call.arg(gift.get()).arg(*first);
        }
        let [version, draft] = reply_values::array(self.client.write_script(&script::PUBLISH_BEGIN, &call).await?)?;
        let version = reply_values::number(&version)?;
        if version != after {
            return Ok(version);
        }
        let draft = reply_values::pairs(draft)?;
        let is_gift = |field: &str| field.bytes().all(|b| b.is_ascii_digit());
        let drafted = draft.iter().find(|(field, _)| field == "record").map(|(_, text)| record::decode_published(text));
        let drafted =
            drafted.unwrap_or_else(|| Err(StoreError::Broken("the draft of a publication has no text".to_owned())))?;
        let gifts = draft.iter().filter(|(field, _)| is_gift(field));
        try_join_all(gifts.map(|(gift, first)| self.seed_stock(gift, first, &drafted))).await?;
        let mut call = script::PUBLISH_FINISH.call(&keys);
        call.arg(next);
        reply_values::number(&self.client.write_script(&script::PUBLISH_FINISH, &call).await?)
    }

    pub(super) async fn raise_generation(&self, point: PointNumber, from: Generation) -> Result<Generation> {
        let Some(next) = from.next() else {
            let generations = self.read_control().await?.generations;
            return Ok(generations.get(&point).copied().unwrap_or(Generation::FIRST));
        };
        let mut call = script::REISSUE.call(&[self.keys.control().key("now")]);
        call.arg(point.get()).arg(from.get()).arg(next.get());
        let counts = reply_values::text(self.client.write_script(&script::REISSUE, &call).await?)?;
        reply_values::parse("a generation", &counts)
    }

    pub(super) async fn write_marker(&self, name: &str, value: u64) -> Result<u64> {
        let key = self.keys.control().key("meta");
        let name = format!("mark-{name}");
        self.client.write(Cmd::new().arg("HSETNX").arg(&key).arg(&name).arg(value)).await?;
        let stored = reply_values::text(self.client.read(Cmd::new().arg("HGET").arg(&key).arg(&name)).await?)?;
        reply_values::parse("a mark", &stored)
    }

    pub(super) async fn write_serials(&self, count: u32) -> Result<CardSerial> {
        let mut call = script::TAKE_SERIALS.call(&[self.keys.control().key("serials")]);
        call.arg(count).arg(*CardSerial::RANGE.end());
        let first = reply_values::optional_text(self.client.write_script(&script::TAKE_SERIALS, &call).await?)?;
        let first = first.ok_or_else(|| StoreError::Broken("fewer serials of paper passports are left".to_owned()))?;
        reply_values::parse("a serial", &first)
    }

    pub(super) async fn write_resolution(&self, id: &SuspicionId, resolution: &Resolution) -> Result<()> {
        let mut call = script::RESOLVE_SUSPICION.call(&self.keys.control().resolve_suspicion_keys());
        call.arg(id.to_string())
            .arg(record::encode_resolution(resolution)?)
            .arg(format!("{BLOCKED_PREFIX}{}", id.passport));
        call.arg(match resolution.action {
            SuspicionDecision::Hold => "hold",
            SuspicionDecision::Release => "release",
            SuspicionDecision::Seen => "seen",
        });
        self.client.write_script(&script::RESOLVE_SUSPICION, &call).await?;
        Ok(())
    }

    pub(super) async fn read_resolutions(&self) -> Result<BTreeMap<SuspicionId, Resolution>> {
        let all = self.client.read(Cmd::new().arg("HGETALL").arg(self.keys.control().key("settled"))).await?;
        let read = |(id, text): (String, String)| {
            Ok((reply_values::parse("a suspicion", &id)?, record::decode_resolution(&text)?))
        };
        reply_values::pairs(all)?.into_iter().map(read).collect()
    }

    pub(super) async fn write_poster_check(&self, point: PointNumber, check: &PosterCheck) -> Result<()> {
        let key = self.keys.control().key("posters");
        self.client
            .write(Cmd::new().arg("HSET").arg(key).arg(point.get()).arg(record::encode_poster_check(check)?))
            .await?;
        Ok(())
    }

    pub(super) async fn read_poster_checks(&self) -> Result<BTreeMap<PointNumber, PosterCheck>> {
        let all = self.client.read(Cmd::new().arg("HGETALL").arg(self.keys.control().key("posters"))).await?;
        let read = |(point, text): (String, String)| {
            Ok((reply_values::parse("a point", &point)?, record::decode_poster_check(&text)?))
        };
        reply_values::pairs(all)?.into_iter().map(read).collect()
    }
}
