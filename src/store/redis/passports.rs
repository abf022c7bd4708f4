//! Passports, and the cards on a resident's phone.

use std::collections::BTreeSet;

use ::redis::Cmd;
use async_trait::async_trait;

use super::{RedisStore, reply_values, script};
use crate::rules::check_ins::passport::{Passport, StampSource};
use crate::rules::ids::{CardSerial, Holder, ResidentId};
use crate::rules::statistics::tally::{LocalDay, LocalMoment, Tally};
use crate::store::keys::{TaggedKeys, holder_name};
use crate::store::shard::shard_of;
use crate::store::{
    JoinOutcome, NewStamps, PassportChange, PassportOutcome, PassportStore, Result, RoutePoints, StampsOutcome, record,
};

#[async_trait]
impl PassportStore for RedisStore {
    async fn passport(&self, holder: Holder) -> Result<Option<Passport>> {
        let keys = self.keys.shard(shard_of(holder, self.shards));
        let stored: Option<String> = self.client.read(&Cmd::get(keys.passport(holder))).await?;
        stored.as_deref().map(record::decode_passport).transpose()
    }

    async fn stamp(&self, new: &NewStamps) -> Result<StampsOutcome> {
        let keys = self.keys.shard(shard_of(new.holder, self.shards));
        let LocalMoment { at, hour, hour_began, day_began } = new.moment;
        self.register_day(hour.day()).await?;
        let mut call = script::STAMP.call(&keys.stamp_keys(new.holder, hour.day()));
        call.arg(record::encode_passport_head(&new.new_number))
            .arg(record::encode_stamp_tail(at, &new.how, new.rain))
            .arg(holder_name(new.holder));
        call.arg(Tally::AllPassports.to_string());
        match &new.how {
            StampSource::Hand { session, .. } => call.arg(Tally::StampsBy(session.clone()).to_string()),
            StampSource::Printed | StampSource::Display => call.arg(""),
        };
        call.arg(day_began.as_millisecond()).arg(Tally::UniqueVisitorsOn(hour.day()).to_string());
        call.arg(hour_began.as_millisecond()).arg(Tally::UniqueVisitorsIn(hour).to_string());
        for point in &new.points {
            call.arg(point.get());
            call.arg(Tally::Stamps(*point, hour).to_string()).arg(Tally::AllStamps(*point).to_string());
            match new.routes.iter().find(|route| route.points.contains(point)) {
                Some(RoutePoints { route, delimited, .. }) => call
                    .arg(delimited.as_str())
                    .arg(Tally::UniqueRouteVisitors(route.clone()).to_string())
                    .arg(Tally::UniqueRouteVisitorsOn(route.clone(), hour.day()).to_string()),
                None => call.arg("").arg("").arg(""),
            };
        }
        let (added, stored): (usize, String) = self.client.write_script(&script::STAMP, &call).await?;
        let passport = record::decode_passport(&stored)?;
        let before = passport.stamps.len().saturating_sub(added);
        let new = passport.stamps.iter().skip(before).map(|stamp| stamp.point).collect();
        Ok(StampsOutcome { passport, new })
    }

    async fn change_passport(&self, change: &PassportChange) -> Result<PassportOutcome> {
        let days: BTreeSet<LocalDay> = change.tallies.keys().filter_map(Tally::day).collect();
        for day in &days {
            self.register_day(*day).await?;
        }
        let days: Vec<LocalDay> = days.into_iter().collect();
        let keys = self.keys.shard(shard_of(change.holder, self.shards)).change_passport_keys(change.holder, &days);
        let mut call = script::CHANGE_PASSPORT.call(&keys);
        call.arg(record::encode_passport(&change.before)).arg(record::encode_passport(&change.after));
        call.arg(record::encode_stamp_undo(&change.entry)?);
        for (tally, more) in &change.tallies {
            // The first two keys are the passport and the log; the totals are the third, and the days follow.
            let of_day = tally.day().and_then(|day| days.iter().position(|one| *one == day));
            call.arg(of_day.map_or(3, |nth| nth + 4)).arg(tally.to_string()).arg(*more);
        }
        let result: String = self.client.write_script(&script::CHANGE_PASSPORT, &call).await?;
        Ok(if result == "changed" { PassportOutcome::Changed } else { PassportOutcome::Conflict })
    }

    async fn erase_passport(&self, holder: Holder) -> Result<()> {
        let keys = self.keys.shard(shard_of(holder, self.shards));
        let mut call = script::ERASE_PASSPORT.call(&keys.erase_passport_keys(holder));
        call.arg(holder_name(holder));
        self.client.write_script(&script::ERASE_PASSPORT, &call).await
    }

    async fn add_companion(&self, resident: ResidentId, card: CardSerial, limit: u16) -> Result<JoinOutcome<()>> {
        let mut call = script::ADD_COMPANION.call(&self.shard_of_resident(resident).companion_keys(resident));
        call.arg(card.get()).arg(limit).arg(resident.to_string());
        let joined = self.client.write_script(&script::ADD_COMPANION, &call).await?;
        Ok(if joined { JoinOutcome::Joined(()) } else { JoinOutcome::Full })
    }

    async fn remove_companions(&self, resident: ResidentId, companion: Option<CardSerial>) -> Result<()> {
        let mut call = script::REMOVE_COMPANION.call(&self.shard_of_resident(resident).companion_keys(resident));
        call.arg(resident.to_string()).arg(companion.map(|card| card.to_string()).unwrap_or_default());
        self.client.write_script(&script::REMOVE_COMPANION, &call).await
    }

    async fn companions(&self, resident: ResidentId) -> Result<Vec<CardSerial>> {
        let key = self.shard_of_resident(resident).companions(resident);
        reply_values::sorted("a serial", self.client.read(&Cmd::smembers(key)).await?)
    }
}

impl RedisStore {
    fn shard_of_resident(&self, resident: ResidentId) -> TaggedKeys {
        self.keys.shard(shard_of(Holder::Resident(resident), self.shards))
    }
}
