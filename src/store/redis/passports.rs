//! Passports, and the cards on a resident's phone.

use ::redis::Cmd;

use super::{Redis, reply, script};
use crate::rules::ids::{CardSerial, Holder, ResidentId};
use crate::rules::passport::{Passport, StampSource};
use crate::rules::tally::{LocalMoment, Tally};
use crate::store::keys::{ShardKeys, holder_name};
use crate::store::shard::shard_of;
use crate::store::{Joined, NewStamps, Result, RoutePoints, Stamped, record};

impl Redis {
    pub(super) async fn read_passport(&self, holder: Holder) -> Result<Option<Passport>> {
        let keys = self.keys.shard(shard_of(holder, self.shards));
        let kept = self.calls.read(Cmd::new().arg("GET").arg(keys.passport(holder))).await?;
        reply::maybe_str(&kept)?.map(record::read_passport).transpose()
    }

    pub(super) async fn write_stamps(&self, new: &NewStamps<'_>) -> Result<Stamped> {
        let keys = self.keys.shard(shard_of(new.holder, self.shards));
        let LocalMoment { at, hour, hour_began, day_began } = new.moment;
        self.begin_day(hour.day()).await?;
        let mut call = script::STAMP.call(&keys.of_stamp(new.holder, hour.day()));
        call.arg(record::passport_head(new.fresh)).arg(record::stamp_tail(at, new.how)).arg(holder_name(new.holder));
        call.arg(Tally::AllPassports.to_string());
        match new.how {
            StampSource::Hand { session, .. } => call.arg(Tally::StampsBy(session.clone()).to_string()),
            StampSource::Printed | StampSource::Display => call.arg(""),
        };
        call.arg(day_began.as_millisecond()).arg(Tally::UniqueVisitorsOn(hour.day()).to_string());
        call.arg(hour_began.as_millisecond()).arg(Tally::UniqueVisitorsIn(hour).to_string());
        for point in new.points {
            call.arg(point.get());
            call.arg(Tally::Stamps(*point, hour).to_string()).arg(Tally::AllStamps(*point).to_string());
            match new.routes.iter().find(|route| route.points.contains(point)) {
                Some(RoutePoints { route, listed, .. }) => call
                    .arg(listed.as_str())
                    .arg(Tally::UniqueRouteVisitors(route.clone()).to_string())
                    .arg(Tally::UniqueRouteVisitorsOn(route.clone(), hour.day()).to_string()),
                None => call.arg("").arg("").arg(""),
            };
        }
        let [before, kept] = reply::exactly(self.calls.write_by(&script::STAMP, &call).await?)?;
        let passport = record::read_passport(reply::str(&kept)?)?;
        let new = passport.stamps.iter().skip(reply::number(&before)?).map(|stamp| stamp.point).collect();
        Ok(Stamped { passport, new })
    }

    pub(super) async fn delete_passport(&self, holder: Holder) -> Result<()> {
        let keys = self.keys.shard(shard_of(holder, self.shards));
        let mut call = script::ERASE_PASSPORT.call(&keys.of_erasure(holder));
        call.arg(holder_name(holder));
        self.calls.write_by(&script::ERASE_PASSPORT, &call).await?;
        Ok(())
    }

    pub(super) async fn join_companion(
        &self,
        resident: ResidentId,
        card: CardSerial,
        limit: u16,
    ) -> Result<Joined<()>> {
        let mut call = script::JOIN.call(&self.shard_of_resident(resident).of_companions(resident));
        call.arg(card.get()).arg(limit).arg(resident.to_string());
        match reply::number::<u8>(&self.calls.write_by(&script::JOIN, &call).await?)? {
            0 => Ok(Joined::Full),
            _ => Ok(Joined::In(())),
        }
    }

    /// Takes one card off the phone, or all.
    pub(super) async fn drop_companions(&self, resident: ResidentId, card: Option<CardSerial>) -> Result<()> {
        let mut call = script::LEAVE.call(&self.shard_of_resident(resident).of_companions(resident));
        call.arg(resident.to_string()).arg(card.map(|card| card.to_string()).unwrap_or_default());
        self.calls.write_by(&script::LEAVE, &call).await?;
        Ok(())
    }

    pub(super) async fn read_companions(&self, resident: ResidentId) -> Result<Vec<CardSerial>> {
        let cards = self
            .calls
            .read(Cmd::new().arg("SMEMBERS").arg(self.shard_of_resident(resident).companions(resident)))
            .await?;
        let card = |value| reply::parsed("a serial", reply::str(value)?);
        let mut cards = reply::list(cards)?.iter().map(card).collect::<Result<Vec<CardSerial>>>()?;
        cards.sort_unstable();
        Ok(cards)
    }

    fn shard_of_resident(&self, resident: ResidentId) -> ShardKeys {
        self.keys.shard(shard_of(Holder::Resident(resident), self.shards))
    }
}
