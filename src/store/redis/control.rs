//! The state of the whole carnival: versions, generations of printed codes, serials.

use ::redis::Cmd;
use async_trait::async_trait;
use futures_util::future::try_join_all;

use super::{RedisStore, reply_values, script};
use crate::rules::ids::{CardSerial, Generation, GiftNumber, PointNumber};
use crate::store::keys::PUBLICATION_KEYS;
use crate::store::{
    ControlRecord, ControlState, ControlStore, PublishedVersion, RecordKind, Result, StoreError, record,
};

/// The field of the current version; all other fields are points.
pub(super) const VERSION: &str = "version";

/// The reply to the three reads of [`ControlStore::control`].
type Reply = (Vec<(String, String)>, Vec<String>, Vec<(String, String)>);

#[async_trait]
impl ControlStore for RedisStore {
    async fn ping(&self) -> Result<()> {
        // A write, because a Redis with a failed disk or missing replicas still answers reads. It never creates the
        // key. With a key, because a cluster answers PING even if slots are down.
        self.client.write(&Cmd::persist(self.keys.control().key("meta"))).await
    }

    async fn control(&self) -> Result<ControlState> {
        let blocked = self.keys.control().records(RecordKind::Block);
        let relief = self.keys.control().records(RecordKind::Relief);
        let reads = [Cmd::hgetall(self.keys.control().key("now")), Cmd::hkeys(blocked), Cmd::hgetall(relief)];
        let (now, blocked, relief): Reply = self.client.read_all(&reads).await?;
        let period = |(id, text): &(String, String)| {
            let record = ControlRecord::parse(RecordKind::Relief, id, text)?;
            Ok((reply_values::parse("a relief period", id)?, record.decode()?))
        };
        let mut control = ControlState {
            blocked_passports: reply_values::sorted("a passport", blocked)?.into_iter().collect(),
            relief: relief.iter().map(period).collect::<Result<_>>()?,
            ..ControlState::default()
        };
        for (field, value) in now {
            if field == VERSION {
                control.version = reply_values::parse("a version", &value)?;
            } else {
                let point: PointNumber = reply_values::parse("a point", &field)?;
                control.generations.insert(point, reply_values::parse("a generation", &value)?);
            }
        }
        Ok(control)
    }

    async fn published_version(&self, version: u64) -> Result<Option<PublishedVersion>> {
        let stored: Option<String> = self.client.read(&Cmd::hget(self.keys.control().key("versions"), version)).await?;
        stored.map(|text| record::decode_published(&text)).transpose()
    }

    /// Stores a draft, writes its stock, and makes it current; see `publish_begin.lua`.
    async fn publish(&self, after: u64, published: &PublishedVersion, stock: &[(GiftNumber, u32)]) -> Result<u64> {
        let keys = self.keys.control().keys(PUBLICATION_KEYS);
        let next = after + 1;
        let mut call = script::PUBLISH_BEGIN.call(&keys);
        call.arg(after).arg(next).arg(record::encode_published(published)?);
        for (gift, first) in stock {
            call.arg(gift.get()).arg(*first);
        }
        let (version, draft): (u64, Vec<(String, String)>) =
            self.client.write_script(&script::PUBLISH_BEGIN, &call).await?;
        if version != after {
            return Ok(version);
        }
        let is_gift = |field: &str| field.bytes().all(|b| b.is_ascii_digit());
        let drafted = draft.iter().find(|(field, _)| field == "record").map(|(_, text)| record::decode_published(text));
        let drafted =
            drafted.unwrap_or_else(|| Err(StoreError::Broken("the draft of a publication has no text".to_owned())))?;
        let gifts = draft.iter().filter(|(field, _)| is_gift(field));
        try_join_all(gifts.map(|(gift, first)| self.seed_stock(gift, first, &drafted))).await?;
        let mut call = script::PUBLISH_FINISH.call(&keys);
        call.arg(next);
        self.client.write_script(&script::PUBLISH_FINISH, &call).await
    }

    async fn reissue(&self, point: PointNumber, from: Generation) -> Result<Generation> {
        let Some(next) = from.next() else {
            let generations = self.control().await?.generations;
            return Ok(generations.get(&point).copied().unwrap_or(Generation::FIRST));
        };
        let mut call = script::REISSUE.call(&[self.keys.control().key("now")]);
        call.arg(point.get()).arg(from.get()).arg(next.get());
        let valid: String = self.client.write_script(&script::REISSUE, &call).await?;
        reply_values::parse("a generation", &valid)
    }

    async fn take_serials(&self, count: u32) -> Result<CardSerial> {
        let mut call = script::TAKE_SERIALS.call(&[self.keys.control().key("serials")]);
        call.arg(count).arg(*CardSerial::RANGE.end());
        let first: Option<String> = self.client.write_script(&script::TAKE_SERIALS, &call).await?;
        let first = first.ok_or_else(|| StoreError::Broken("fewer serials of paper passports are left".to_owned()))?;
        reply_values::parse("a serial", &first)
    }
}
