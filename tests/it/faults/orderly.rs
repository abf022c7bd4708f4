//! The failure it guards: the program is stopped in order, to be updated, and a client gets half an answer or a wrong no.

use std::time::{Duration, Instant};

use super::check;
use super::load::Load;
use super::report::{Row, rounds};
use super::site::Site;
use crate::cli::program::{House, Served};
use crate::servers::process::free_port;
use crate::servers::redis::RedisServer;

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_under_load() {
    let rounds = rounds(3, 20);
    let (site, Served { mut running, people }) = Site::open(House::new()).await;
    let load = Load::start(&site, std::slice::from_ref(&people.base), 16, "term");
    let (mut longest, mut longest_stop) = (Duration::ZERO, Duration::ZERO);
    for round in 0..rounds {
        load.until_more(40 + u64::from(round) * 31 % 100).await;
        let begun = Instant::now();
        let took = Site::stop(&mut running);
        assert!(running.err().contains("Stopped; everything that was answered is kept."), "{}", running.err());
        longest_stop = longest_stop.max(took);
        running = site.house.serve("again").running;
        load.until_more(1).await;
        longest = longest.max(begun.elapsed());
    }
    assert!(longest_stop < Duration::from_secs(10), "{longest_stop:?}");
    let ledger = load.stop().await;
    assert_eq!(ledger.broken_off, 0, "an answer that began was not ended");
    let checked = check::whole(&site, &people, &mut running, &ledger).await;
    let row = Row::of("40-term", "SIGTERM under load, embedded store", rounds, &ledger, &checked);
    let remark = format!("no answer broken off; longest stop {} ms", longest_stop.as_millis());
    Row { longest_recovery: longest, remark, ..row }.keep();
}

#[tokio::test(flavor = "multi_thread")]
async fn rolling_restart_of_two_instances() {
    let rounds = rounds(2, 20);
    let redis = RedisServer::start();
    let (site, Served { running, people }) = Site::open(House::on_redis(&redis.url())).await;
    let port = free_port();
    let other = site.serve_at(port, "other");
    let mut instances = [running, other.running];
    let load = Load::start(&site, &[people.base.clone(), other.people.base], 16, "roll");
    let mut longest = Duration::ZERO;
    for _ in 0..rounds {
        for (n, running) in instances.iter_mut().enumerate() {
            load.until_more(60).await;
            let begun = Instant::now();
            running.signal("TERM");
            // Those of this instance move over; those of the other notice nothing.
            load.until_more(1).await;
            longest = longest.max(begun.elapsed());
            assert_eq!(running.ended().0, Some(0), "{}", running.err());
            *running = if n == 0 { site.house.serve("one").running } else { site.serve_at(port, "two").running };
        }
    }
    let ledger = load.stop().await;
    assert_eq!((ledger.broken_off, ledger.refused), (0, 0), "half an answer, or a no");
    let checked = check::against_server(&site, &people, &ledger).await;
    for running in &mut instances {
        Site::stop(running);
    }
    check::against_export(&site.export(), &ledger, &checked, true);
    let row = Row::of("41-roll", "rolling restart of two instances, Redis", rounds, &ledger, &checked);
    Row { longest_recovery: longest, remark: "no answer broken off, no 503".to_owned(), ..row }.keep();
}
