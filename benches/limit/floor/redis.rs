//! The floor's stamps in Redis: one script, over one connection that all workers share.

use ::redis::aio::{ConnectionLike, MultiplexedConnection};
use ::redis::cluster::ClusterClient;
use ::redis::cluster_async::ClusterConnection;
use ::redis::{Client, Cmd, Script, Value, from_redis_value};

/// First write wins; log and counters change with it; the whole passport comes back.
const STAMP: &str = "
local new = redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2])
if new == 1 then
  redis.call('RPUSH', KEYS[2], ARGV[3])
  redis.call('HINCRBY', KEYS[3], ARGV[4], 1)
  redis.call('HINCRBY', KEYS[4], ARGV[5], 1)
end
return {new, redis.call('HGETALL', KEYS[1])}";

/// Passports are spread over so many tags, as a cluster needs it.
const TAGS: u8 = 64;

#[derive(Clone)]
enum Line {
    Single(MultiplexedConnection),
    Cluster(ClusterConnection),
}

/// The store.
pub(super) struct Redis {
    line: Line,
    stamp: Script,
}

impl Redis {
    pub(super) async fn single(url: &str) -> Redis {
        let client = Client::open(url).unwrap();
        let mut line = client.get_multiplexed_async_connection().await.unwrap();
        let stamp = Script::new(STAMP);
        stamp.prepare_invoke().load_async(&mut line).await.unwrap();
        Redis { line: Line::Single(line), stamp }
    }

    pub(super) async fn cluster(urls: &[String]) -> Redis {
        let client = ClusterClient::new(urls.iter().map(String::as_str)).unwrap();
        let mut line = client.get_async_connection().await.unwrap();
        let stamp = Script::new(STAMP);
        stamp.prepare_invoke().load_async(&mut line).await.unwrap();
        Redis { line: Line::Cluster(line), stamp }
    }

    pub(super) async fn stamp(&self, resident: &str, point: u16, stamp: String) -> (bool, Vec<(String, String)>) {
        let tag = resident.bytes().fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte)) % TAGS;
        let fact = format!("{resident} {point} {stamp}");
        let mut call = Cmd::new();
        call.arg("EVALSHA").arg(self.stamp.get_hash()).arg(4);
        call.arg(format!("{{s{tag}}}:p:{resident}")).arg(format!("{{s{tag}}}:log"));
        call.arg(format!("{{s{tag}}}:totals")).arg(format!("{{s{tag}}}:hours"));
        call.arg(point).arg(stamp).arg(fact).arg(format!("stamps {point}"));
        call.arg(format!("stamps {point} 2023-04-14 10"));
        from_redis_value(self.ask(&call).await).unwrap()
    }

    async fn ask(&self, call: &Cmd) -> Value {
        let answer = match self.line.clone() {
            Line::Single(mut line) => line.req_packed_command(call).await,
            Line::Cluster(mut line) => line.req_packed_command(call).await,
        };
        answer.and_then(Value::extract_error).unwrap()
    }
}
