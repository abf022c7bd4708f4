//! Faults of a Redis Cluster with three masters and three replicas: killed masters, moved slots, a restart of all
//! nodes.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio::time::sleep;

use super::lost_write_count::count_lost;
use super::{Outcome, Trial, varied_delay};
use crate::cli::harness::Workspace;
use crate::faults::fault_table::{FaultRow, rounds};
use crate::faults::parsed_export::ParsedExport;
use crate::faults::test_site::{STOCK, TestSite};
use crate::faults::verification::Verified;
use crate::servers::redis_cluster::{RedisCluster, SlotMigration};

fn workspace(six: &RedisCluster, wait_replicas: u32) -> Workspace {
    let mut workspace = Workspace::on_redis(&six.urls().join(","));
    workspace.set("CARNIVAL__STORE__REDIS__CLUSTER", "true");
    workspace.set("CARNIVAL__STORE__REDIS__WAIT_REPLICAS", &wait_replicas.to_string());
    workspace.set("CARNIVAL__STORE__SHARDS", "16");
    workspace
}

/// Keys that the load uses, each on some master.
const KEYS: [&str; 4] = ["{carnival:g1}", "{carnival:s0}", "{carnival:staff}", "{carnival:s5}"];

/// Kills masters that own keys, one after the other, and waits for the cluster to heal each time. Returns the times of
/// the kills. Every other master has lost its replica a moment before: its last answers are on no other node.
async fn kill_masters(six: &mut RedisCluster, trial: &mut Trial, rounds: u32) -> Vec<Timestamp> {
    let mut deaths = Vec::new();
    for round in 0..rounds {
        sleep(varied_delay(200, 500, round)).await;
        let dead = six.master_of(KEYS[round as usize % KEYS.len()]);
        let cut_off = round.is_multiple_of(2).then(|| six.pause_replica_of(dead));
        if cut_off.is_some() {
            sleep(varied_delay(150, 500, round)).await;
        }
        let begun = Instant::now();
        six.node(dead).kill();
        deaths.push(Timestamp::now());
        drop(cut_off);
        six.wait_for_successor(dead);
        six.node(dead).restart();
        trial.wait_until_recovered(begun).await;
        six.wait_whole();
    }
    deaths
}

/// With `wait_replicas` a killed master loses nothing, because its replica has everything that was acknowledged. (If
/// both die, their disks count.)
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_master_loses_nothing_with_wait_replicas() {
    let rounds = rounds(1, 20);
    let mut six = RedisCluster::start();
    let mut trial = Trial::begin(workspace(&six, 1), 16).await;
    kill_masters(&mut six, &mut trial, rounds).await;
    let fault = "master of a cluster killed, wait_replicas = 1";
    trial.end().await.assert_nothing_lost("40-master-kill", fault, rounds, "until the failover is over").await;
}

/// Without `wait_replicas` the last acknowledged writes may be lost: the row reports how many, and the age of the
/// oldest. Everything that remains must be consistent.
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_master_may_lose_its_last_writes_without_wait_replicas() {
    let rounds = rounds(1, 20);
    let mut six = RedisCluster::start();
    let mut trial = Trial::begin(workspace(&six, 0), 16).await;
    let deaths = kill_masters(&mut six, &mut trial, rounds).await;
    let Outcome { site, mut program, api, answer_log, peak, longest_recovery } = trial.end().await;
    let lost = count_lost(&site, &api, &answer_log).await;
    // Its last answers may arrive after the kill. For two seconds, the node timeout, no other node answers for it.
    let last_words = SignedDuration::from_secs(-2);
    let before = |at: &Timestamp| {
        let ages = deaths.iter().map(|death| death.duration_since(*at)).filter(|age| *age > last_words);
        ages.min().unwrap_or_else(|| panic!("lost without a kill: {at}, {deaths:?}"))
    };
    let ages: Vec<_> = lost.stamps.iter().map(before).collect();
    let oldest = ages.iter().max().copied().unwrap_or_default().as_millis();
    assert!(oldest < 5000, "{oldest} ms: {lost:?}");
    TestSite::stop(&mut program);
    let export = ParsedExport::read(&site.export());
    export.assert_consistent(true);
    (0..STOCK.len()).for_each(|n| export.assert_within_stock(n, STOCK[n], true));
    let remark = format!(
        "{} stamps and {} claims lost, the oldest answered {oldest} ms before the kill; {} consequent refusals; {} MB",
        lost.stamps.len(),
        lost.claims,
        answer_log.wrong.len(),
        peak.max_kb / 1024,
    );
    let row = FaultRow::new("41-master-kill", "the same, wait_replicas = 0", rounds, &answer_log, &Verified::default());
    FaultRow {
        checked: lost.acknowledged,
        lost: lost.stamps.len() as u64 + lost.claims,
        longest_recovery,
        remark,
        ..row
    }
    .save();
}

#[tokio::test(flavor = "multi_thread")]
async fn slots_move() {
    let rounds = rounds(3, 20);
    let six = RedisCluster::start();
    let mut trial = Trial::begin(workspace(&six, 1), 16).await;
    let (mut longest, mut refused_within) = (Duration::ZERO, 0);
    for round in 0..rounds {
        let before = trial.load.refused();
        sleep(varied_delay(100, 500, round)).await;
        assert_eq!(trial.load.refused(), before, "refusals outside a move");
        let begun = Instant::now();
        let migration = SlotMigration::begin(&six, KEYS[round as usize % KEYS.len()]);
        // The keys are on two nodes for as long as the move of a large slot takes.
        while begun.elapsed() < Duration::from_millis([600, 3500, 1500][round as usize % 3]) {
            migration.move_keys(["", ":p:", "log"][round as usize % 3], 5);
            sleep(Duration::from_millis(50)).await;
        }
        migration.finish();
        longest = longest.max(begun.elapsed());
        trial.wait_until_recovered(Instant::now()).await;
        // Requests that were sent during the move may still be refused.
        trial.load.wait_for_pending_requests().await;
        refused_within += trial.load.refused() - before;
    }
    let remark =
        format!("the longest move {} ms, {refused_within} refusals within moves, none outside", longest.as_millis());
    trial.end().await.assert_nothing_lost("42-slot-moved", "slot of a cluster moved", rounds, &remark).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_cluster_is_restarted() {
    let rounds = rounds(2, 20);
    let mut six = RedisCluster::start();
    let mut trial = Trial::begin(workspace(&six, 1), 16).await;
    for round in 0..rounds {
        sleep(varied_delay(200, 500, round)).await;
        six.restart_all();
        six.wait_whole();
        trial.wait_until_recovered(Instant::now()).await;
    }
    trial.end().await.assert_nothing_lost("43-cluster-restart", "whole cluster killed and started", rounds, "").await;
}
