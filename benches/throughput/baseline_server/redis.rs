//! The baseline's store on Redis: one script per write, over one connection that all workers share.

use ::redis::aio::{ConnectionLike, MultiplexedConnection};
use ::redis::cluster::ClusterClient;
use ::redis::cluster_async::ClusterConnection;
use ::redis::{Client, Cmd, FromRedisValue, Script, Value, from_redis_value};

use super::{Claim, Stamps};

/// The first write wins; log and counters change with it; the whole passport is returned.
const STAMP: &str = "
local new = redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2])
if new == 1 then
  redis.call('RPUSH', KEYS[2], ARGV[3])
  redis.call('HINCRBY', KEYS[3], ARGV[4], 1)
  redis.call('HINCRBY', KEYS[4], ARGV[5], 1)
end
return {new, redis.call('HGETALL', KEYS[1])}";

/// The first write wins while a gift is left; writes voucher, hold, log and a counter too.
const CLAIM: &str = "
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then return 'held' end
local left = tonumber(redis.call('HGET', KEYS[4], 'stock') or 500000) - redis.call('ZCOUNT', KEYS[3], ARGV[5], '+inf')
if left < 1 then return 'gone' end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('HSET', KEYS[2], ARGV[3], ARGV[1])
redis.call('ZADD', KEYS[3], ARGV[4], ARGV[1])
redis.call('RPUSH', KEYS[5], ARGV[2])
redis.call('HINCRBY', KEYS[6], 'claims 1 2023-04-14 10', 1)
return 'done'";

/// The claim of a voucher.
const SEEN: &str = "
local owner = redis.call('HGET', KEYS[2], ARGV[1])
return {owner, redis.call('HGET', KEYS[1], owner)}";

/// Redeems the claim if it is unchanged.
const REDEEM: &str = "
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 'moved' end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('HINCRBY', KEYS[4], 'redeemed', 1)
redis.call('RPUSH', KEYS[5], ARGV[3])
redis.call('HINCRBY', KEYS[6], 'redeemed 1 market 2023-04-14 10', 1)
redis.call('HINCRBY', KEYS[6], 'redeemed 1 by somebody', 1)
return 'done'";

/// The gift's keys: claims, vouchers, holds, numbers, log, counters.
const GIFT: [&str; 6] = ["{g1}:claims", "{g1}:vouchers", "{g1}:holds", "{g1}:numbers", "{g1}:log", "{g1}:hours"];

/// The number of hash tags for passports, as a cluster needs them.
const TAGS: u8 = 64;

#[derive(Clone)]
enum Connection {
    Single(MultiplexedConnection),
    Cluster(ClusterConnection),
}

/// The store.
pub(super) struct Redis {
    connection: Connection,
    stamp: Script,
    claim: Script,
    seen: Script,
    redeem: Script,
}

impl Redis {
    pub(super) async fn single(url: &str) -> Redis {
        let client = Client::open(url).unwrap();
        Redis::over(Connection::Single(client.get_multiplexed_async_connection().await.unwrap())).await
    }

    pub(super) async fn cluster(urls: &[String]) -> Redis {
        let client = ClusterClient::new(urls.iter().map(String::as_str)).unwrap();
        Redis::over(Connection::Cluster(client.get_async_connection().await.unwrap())).await
    }

    async fn over(connection: Connection) -> Redis {
        let [stamp, claim, seen, redeem] = [STAMP, CLAIM, SEEN, REDEEM].map(Script::new);
        let redis = Redis { connection, stamp, claim, seen, redeem };
        for text in [STAMP, CLAIM, SEEN, REDEEM] {
            redis.ask::<String>(Cmd::new().arg("SCRIPT").arg("LOAD").arg(text)).await;
        }
        redis
    }

    pub(super) async fn stamp(&self, resident: &str, point: u16, stamp: String) -> (bool, Stamps) {
        let tag = tag(resident);
        let fact = format!("{resident} {point} {stamp}");
        let keys = [passport(resident), format!("{{s{tag}}}:log"), format!("{{s{tag}}}:totals")];
        let mut call = called(&self.stamp, &[&keys[0], &keys[1], &keys[2], &format!("{{s{tag}}}:hours")]);
        call.arg(point).arg(stamp).arg(fact).arg(format!("stamps {point}"));
        call.arg(format!("stamps {point} 2023-04-14 10"));
        self.ask(&call).await
    }

    pub(super) async fn claim(&self, claim: Claim) {
        self.stamps(&claim.resident).await;
        let mut call = called(&self.claim, &GIFT);
        call.arg(claim.resident).arg(claim.record).arg(claim.voucher).arg(claim.until_ms).arg(claim.now_ms);
        let _: String = self.ask(&call).await;
    }

    pub(super) async fn redeem(&self, voucher: String, session: String) {
        self.ask::<Option<String>>(Cmd::new().arg("HGET").arg("{staff}:sessions").arg(session)).await;
        let (resident, record): (String, String) = self.ask(called(&self.seen, &GIFT).arg(voucher)).await;
        let mut call = called(&self.redeem, &GIFT);
        call.arg(resident).arg(&record).arg(format!("{record} redeemed"));
        let done: String = self.ask(&call).await;
        assert_eq!(done, "done", "no concurrent redemption");
    }

    pub(super) async fn me(&self, resident: String) -> Stamps {
        let (stamps, claim) = (self.stamps(&resident), Cmd::hget(GIFT[0], &resident));
        let cards = Cmd::smembers(format!("{{s{}}}:c:{resident}", tag(&resident)));
        let (stamps, _, _): (_, Option<String>, Vec<String>) =
            futures_util::join!(stamps, self.ask(&claim), self.ask(&cards));
        stamps
    }

    async fn stamps(&self, resident: &str) -> Stamps {
        self.ask(Cmd::new().arg("HGETALL").arg(passport(resident))).await
    }

    async fn ask<T: FromRedisValue>(&self, call: &Cmd) -> T {
        let answer = match self.connection.clone() {
            Connection::Single(mut connection) => connection.req_packed_command(call).await,
            Connection::Cluster(mut connection) => connection.req_packed_command(call).await,
        };
        from_redis_value(answer.and_then(Value::extract_error).unwrap()).unwrap()
    }
}

fn tag(resident: &str) -> u8 {
    resident.bytes().fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte)) % TAGS
}

fn passport(resident: &str) -> String {
    format!("{{s{}}}:p:{resident}", tag(resident))
}

fn called(script: &Script, keys: &[&str]) -> Cmd {
    let mut call = Cmd::new();
    call.arg("EVALSHA").arg(script.get_hash()).arg(keys.len()).arg(keys);
    call
}
