//! Passports, and the cards on a resident's phone.

use ::redis::{Cmd, Value};

use super::{Redis, reply, script};
use crate::rules::ids::{Holder, PassportNumber, ResidentId, Serial};
use crate::rules::passport::{How, Passport, Stamp};
use crate::rules::tally::Tally;
use crate::store::shard::shard_of;
use crate::store::{Joined, NewStamps, Result, Stamped, record};

/// The field of a passport's head.
const HEAD: &str = "#";

impl Redis {
    pub(super) async fn read_passport(&self, holder: Holder) -> Result<Option<Passport>> {
        let keys = self.keys.shard(shard_of(holder, self.shards));
        let fields = self.calls.read(Cmd::new().arg("HGETALL").arg(keys.passport(holder))).await?;
        let (head, stamps) = read_fields(&reply::list(fields)?)?;
        Ok(head.map(|number| Passport { number, stamps }))
    }

    pub(super) async fn write_stamps(&self, new: &NewStamps<'_>) -> Result<Stamped> {
        let keys = self.keys.shard(shard_of(new.holder, self.shards));
        let mut call = script::STAMP.call(&keys.of_stamp(new.holder));
        call.arg(record::passport_head(new.fresh)).arg(record::stamp_tail(new.at, new.how));
        call.arg(Tally::Passports(new.hour).to_string()).arg(Tally::AllPassports.to_string());
        match new.how {
            How::Hand { session, .. } => call.arg(Tally::StampsBy(session.clone()).to_string()),
            How::Printed | How::Display => call.arg(""),
        };
        for point in new.points {
            call.arg(point.get());
            call.arg(Tally::Stamps(*point, new.hour).to_string()).arg(Tally::AllStamps(*point).to_string());
        }
        let [points, fields] = reply::exactly(self.calls.write_by(&script::STAMP, &call).await?)?;
        let (head, stamps) = read_fields(&reply::list(fields)?)?;
        let number = head.unwrap_or_else(|| new.fresh.clone());
        let point = |value| reply::parsed("a point", reply::str(value)?);
        let points = reply::list(points)?.iter().map(point).collect::<Result<_>>()?;
        Ok(Stamped { passport: Passport { number, stamps }, new: points })
    }

    pub(super) async fn join_companion(&self, resident: ResidentId, card: Serial, limit: u16) -> Result<Joined<()>> {
        let mut call = script::JOIN.call(&[self.companions_key(resident)]);
        call.arg(card.get()).arg(limit);
        match reply::number::<u8>(&self.calls.write_by(&script::JOIN, &call).await?)? {
            0 => Ok(Joined::Full),
            _ => Ok(Joined::In(())),
        }
    }

    pub(super) async fn drop_companion(&self, resident: ResidentId, card: Serial) -> Result<()> {
        self.calls.write(Cmd::new().arg("SREM").arg(self.companions_key(resident)).arg(card.get())).await?;
        Ok(())
    }

    pub(super) async fn read_companions(&self, resident: ResidentId) -> Result<Vec<Serial>> {
        let cards = self.calls.read(Cmd::new().arg("SMEMBERS").arg(self.companions_key(resident))).await?;
        let card = |value| reply::parsed("a serial", reply::str(value)?);
        let mut cards = reply::list(cards)?.iter().map(card).collect::<Result<Vec<Serial>>>()?;
        cards.sort_unstable();
        Ok(cards)
    }

    fn companions_key(&self, resident: ResidentId) -> String {
        self.keys.shard(shard_of(Holder::Resident(resident), self.shards)).companions(resident)
    }
}

/// Reads a passport's fields where they lie, in the order of the stamps.
fn read_fields(fields: &[Value]) -> Result<(Option<PassportNumber>, Vec<Stamp>)> {
    let mut head = None;
    let mut stamps = Vec::with_capacity(fields.len() / 2);
    for pair in fields.chunks_exact(2) {
        let (field, value) = (reply::str(&pair[0])?, reply::str(&pair[1])?);
        if field == HEAD {
            head = Some(record::read_passport_head(value)?);
        } else {
            stamps.push(record::read_stamp(reply::parsed("a point", field)?, value)?);
        }
    }
    stamps.sort_unstable_by_key(|stamp| stamp.nth);
    Ok((head, stamps))
}
