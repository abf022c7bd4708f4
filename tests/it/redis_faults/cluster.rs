//! A Redis Cluster of three masters and three replicas: a master killed, slots moved, all restarted.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::{Outcome, Trial, between, longest, outside, rounds};
use crate::cli::program::House;
use crate::servers::cluster::{Moving, RedisCluster};

/// After a move, those who asked during it are still being answered.
const ECHO: Duration = Duration::from_millis(2500);

fn house(six: &RedisCluster, wait_replicas: u32) -> House {
    let mut house = House::on_redis(&six.urls().join(","));
    house.set("CARNIVAL__STORE__REDIS__CLUSTER", "true");
    house.set("CARNIVAL__STORE__REDIS__WAIT_REPLICAS", &wait_replicas.to_string());
    house
}

/// Kills masters that have keys, one after the other, and heals the cluster each time. Says when
/// each died, and how long until people were answered again.
async fn kill_masters(six: &mut RedisCluster, trial: &Trial, times: usize) -> (Vec<Instant>, Vec<Duration>) {
    let (mut kills, mut back) = (Vec::new(), Vec::new());
    for round in 0..times {
        sleep(between(200, 500, round)).await;
        let key = ["{carnival:g1}", "{carnival:s0}", "{carnival:s3}", "{carnival:staff}"][round % 4];
        let dead = six.master_of(key);
        kills.push(Instant::now());
        six.node(dead).kill_hard();
        six.wait_for_successor(dead);
        six.node(dead).restart();
        trial.load.until_done(200).await;
        back.push(kills[round].elapsed());
        six.wait_whole();
    }
    (kills, back)
}

/// With every answer on the replica too, a master that dies loses nothing: its only replica has
/// all that was answered. (Both dying at once is another matter: then the disks count.)
#[tokio::test(flavor = "multi_thread")]
async fn a_master_is_killed_and_replicas_were_waited_for() {
    let mut six = RedisCluster::start();
    let trial = Trial::begin(house(&six, 1), 16).await;
    let times = rounds(1);
    let (_, back) = kill_masters(&mut six, &trial, times).await;
    let outcome = trial.end().await;
    outcome.print("master killed, wait_replicas = 1", times, &format!("back within {} ms", longest(&back).as_millis()));
    outcome.assert_whole();
}

/// Without waiting, what the master answered last may be lost: told how much, and how old the oldest
/// of it was. Whatever is left must add up all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_master_is_killed_and_replicas_were_not_waited_for() {
    let mut six = RedisCluster::start();
    let trial = Trial::begin(house(&six, 0), 32).await;
    let times = rounds(1);
    let (kills, back) = kill_masters(&mut six, &trial, times).await;
    let outcome = trial.end().await;
    let back = format!("back within {} ms, {}", longest(&back).as_millis(), window(&outcome, &kills));
    outcome.print("master killed, wait_replicas = 0", times, &back);
    outcome.assert_bounded();
    for lost in &outcome.lost {
        let age = kills.iter().filter_map(|kill| kill.checked_duration_since(lost.at)).min();
        // A word that came after the death of the last master that died was of one that lives.
        let age = age.unwrap_or_else(|| panic!("lost without a death: {lost:?}"));
        assert!(age < Duration::from_secs(10), "{lost:?} was answered {age:?} before");
    }
}

/// How long before a death the oldest lost answer had been given.
fn window(outcome: &Outcome, kills: &[Instant]) -> String {
    let ages = outcome
        .lost
        .iter()
        .filter_map(|lost| kills.iter().filter_map(|kill| kill.checked_duration_since(lost.at)).min());
    let lost: Vec<Duration> = ages.collect();
    format!("{} lost, the oldest answered {} ms before", lost.len(), longest(&lost).as_millis())
}

#[tokio::test(flavor = "multi_thread")]
async fn slots_move() {
    let six = RedisCluster::start();
    let trial = Trial::begin(house(&six, 1), 16).await;
    let times = rounds(3);
    let mut moves = Vec::new();
    for round in 0..times {
        sleep(between(100, 300, round)).await;
        let key = ["{carnival:g1}", "{carnival:s0}", "{carnival:staff}", "{carnival:s5}"][round % 4];
        let begun = Instant::now();
        let moving = Moving::begin(&six, key);
        // Some keys here, some there, for as long as a large slot might take.
        while begun.elapsed() < Duration::from_millis([600, 3500, 1500][round % 3]) {
            moving.take(["", ":p:", "log"][round % 3], 5);
            sleep(Duration::from_millis(50)).await;
        }
        moving.finish();
        moves.push((begun, Instant::now() + ECHO));
        trial.load.until_done(50).await;
    }
    let outcome = trial.end().await;
    let late = outside(&outcome.seen, &moves);
    outcome.print("slot moved", times, &format!("{late} × 503 outside of the moves"));
    outcome.assert_whole();
    assert_eq!(late, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_cluster_is_restarted() {
    let mut six = RedisCluster::start();
    let trial = Trial::begin(house(&six, 1), 16).await;
    let (times, mut back) = (rounds(1), Vec::new());
    for round in 0..times {
        sleep(between(200, 500, round)).await;
        six.restart_all();
        six.wait_whole();
        back.push(trial.load.until_done(100).await);
    }
    let outcome = trial.end().await;
    outcome.print(
        "whole cluster restarted",
        times,
        &format!("whole again, back within {} ms", longest(&back).as_millis()),
    );
    outcome.assert_whole();
}
