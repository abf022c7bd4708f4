//! The last write of Redis' log torn anywhere, as by a power failure, at a load that fills its batches; then the repair of
//! the drop-in for systemd, and two restarts.

use std::fs;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::{Trial, varied_delay};
use crate::cli::harness::Workspace;
use crate::faults::fault_table::rounds;
use crate::faults::simulated_disk::SeededRandom;
use crate::servers::append_only_log::{AppendOnlyLog, newest_file};
use crate::servers::redis_server::RedisServer;
use crate::servers::tcp_proxy::{LinkState, TcpProxy};

/// The unit that a disk writes atomically.
const SECTOR: usize = 512;

/// The unit in which a killed process leaves a long write.
const PAGE: usize = 4096;

/// How much of the last write is on disk. It begins at `from`; nothing of it was answered.
fn torn(log: &AppendOnlyLog, from: usize, round: u32, random: &mut SeededRandom) -> Vec<u8> {
    let bytes = &log.bytes;
    let mut below = |n: usize| usize::try_from(random.below(n as u64)).unwrap();
    let transactions = log.transactions(from);
    match round % 4 {
        // Within a command of a transaction, a few bytes after the one before it.
        0 if !transactions.is_empty() => {
            let transaction = &transactions[below(transactions.len())];
            let end = transaction[below(transaction.len() - 1)];
            bytes[..end + 1 + below(8)].to_vec()
        }
        1 => {
            let first = from.div_ceil(PAGE);
            let cut = (first + below((bytes.len() / PAGE).saturating_sub(first) + 1)) * PAGE;
            bytes[..cut.clamp(from, bytes.len())].to_vec()
        }
        // Sectors in any order; what did not reach the disk reads as zeros.
        2 | 3 => {
            let mut left = bytes.clone();
            if round % 4 == 3 {
                left.truncate(from + 1 + below(bytes.len() - from));
            }
            let first = from / SECTOR;
            let last = (left.len() - 1) / SECTOR;
            let missing = first + below(last - first + 1);
            for sector in first..=last {
                if sector == missing || below(3) == 0 {
                    let end = left.len().min((sector + 1) * SECTOR);
                    left[from.max(sector * SECTOR)..end].fill(0);
                }
            }
            left
        }
        _ => bytes[..from + below(bytes.len() - from)].to_vec(),
    }
}

fn size(redis: &RedisServer) -> usize {
    usize::try_from(fs::metadata(newest_file(&redis.append_only_folder())).unwrap().len()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_write_of_the_log_is_torn() {
    let rounds = rounds(5, 80);
    let seed = std::env::var("CARNIVAL_FAULTS_SEED").map_or(20_230_413, |seed| seed.parse().unwrap());
    let mut random = SeededRandom(seed);
    let mut redis = RedisServer::start_shipped();
    let proxy = TcpProxy::in_front_of(&format!("127.0.0.1:{}", redis.port()));
    let mut trial = Trial::begin(Workspace::on_redis(&proxy.url()), 64).await;
    let mut largest = 0;
    for round in 0..rounds {
        sleep(varied_delay(100, 400, round)).await;
        // From here on nothing that Redis writes is answered, so all of it may be one write that is torn.
        proxy.set(LinkState::DropsReplies);
        let from = size(&redis);
        let begun = Instant::now();
        let wanted = from + PAGE + usize::try_from(random.below(60_000)).unwrap();
        while size(&redis) < wanted && !(size(&redis) > from && begun.elapsed() > Duration::from_millis(700)) {
            assert!(begun.elapsed() < Duration::from_secs(60), "round {round}: nothing is written");
            sleep(Duration::from_millis(1)).await;
        }
        redis.kill();
        let log = AppendOnlyLog::read(&redis.append_only_folder());
        largest = largest.max(log.transactions(from).len());
        log.write(&torn(&log, from, round, &mut random));
        proxy.set(LinkState::Normal);
        for _ in 0..2 {
            redis.restart();
            trial.wait_until_recovered(Instant::now()).await;
            redis.kill();
        }
        redis.restart();
        trial.wait_until_recovered(Instant::now()).await;
    }
    let outcome = trial.end().await;
    let remark = format!("up to {largest} transactions in a torn write; two more restarts after each; seed {seed}");
    outcome.assert_nothing_lost("32-redis-torn", "the last write of Redis' log torn", rounds, &remark).await;
}
