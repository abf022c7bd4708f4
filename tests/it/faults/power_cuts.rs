//! Simulates power cuts, after which unsynced writes are partly on disk: every acknowledged answer must remain true,
//! and the store must open.

use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use carnival::actions::store_transfer;
use carnival::store::embedded::{EmbeddedStore, Options};
use jiff::Zoned;

use super::fault_table::{FaultRow, rounds};
use super::load_generator::LoadGenerator;
use super::simulated_disk::{SeededRandom, SimulatedDisk};
use super::test_site::{LoadTarget, POINTS, carnival_file};
use super::verification;
use crate::cli::harness::ApiClient;
use crate::test_app::{TestApp, TestAppOptions};

/// Opens the store on a simulated disk.
pub(super) fn open_store(disk: &SimulatedDisk) -> Result<Arc<EmbeddedStore>, carnival::store::embedded::OpenError> {
    let options = Options { cache_bytes: 1 << 20, shards: 4 };
    let disk = disk.clone();
    EmbeddedStore::open_with_backend(Path::new("disk"), options, move || Ok(disk.clone())).map(Arc::new)
}

/// Starts a server on a store, at the current time.
pub(super) async fn serve(store: Arc<EmbeddedStore>) -> TestApp {
    let options = TestAppOptions {
        carnival: Some(carnival_file()),
        store: Some(store),
        settings: Some(|settings| {
            settings.http.limits.resident_per_minute = NonZero::<u32>::MAX;
            settings.http.limits.staff_per_minute = NonZero::<u32>::MAX;
            settings.http.shutdown_timeout_s = 1;
        }),
        ..TestAppOptions::default()
    };
    let app = TestApp::start_with(options).await;
    let now = Zoned::now().in_tz("Asia/Shanghai").unwrap().datetime();
    app.at(&now.to_string());
    app
}

/// The target for a load on such a server.
pub(super) async fn load_target(app: &TestApp) -> LoadTarget {
    let posters = (1..=POINTS).map(|n| format!("p-{n}")).map(|id| (id.clone(), app.printed_code(&id))).collect();
    let tablet = app.volunteer("王阿姨", "market").await.token.unwrap();
    let organiser = app.organiser("陈社工").await.token.unwrap();
    LoadTarget { posters, tablet, organiser, login: Arc::new(str::to_owned), clock_steps: false }
}

#[tokio::test(flavor = "multi_thread")]
async fn power_cuts_with_torn_writes() {
    let rounds = rounds(8, 100);
    let seed = std::env::var("CARNIVAL_FAULTS_SEED").map_or(20_230_413, |seed| seed.parse().unwrap());
    let mut random = SeededRandom(seed);
    let mut disk = SimulatedDisk::new();
    let mut app = serve(open_store(&disk).unwrap()).await;
    let target = load_target(&app).await;
    let load = LoadGenerator::start(&target, std::slice::from_ref(&app.base), 12, "power");
    let (mut longest, mut longest_opening, mut opening_cut) = (Duration::ZERO, Duration::ZERO, 0);
    for round in 0..rounds {
        load.wait_for_answers(20).await;
        disk.cut_after(random.below(400));
        let waited = Instant::now();
        while !disk.is_cut() {
            assert!(
                waited.elapsed() < Duration::from_secs(60),
                "seed {seed}, cut {round}: the store has stopped writing"
            );
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        drop(app);
        let begun = Instant::now();
        disk = disk.after_power_cut(&mut random);
        // Sometimes the power fails again while the store recovers.
        let store = loop {
            let cuts_again = random.below(3) == 0;
            if cuts_again {
                disk.cut_after(random.below(12));
            }
            let opened = tokio::task::spawn_blocking({
                let disk = disk.clone();
                move || open_store(&disk)
            })
            .await
            .unwrap();
            match opened {
                Ok(store) if !cuts_again => break store,
                Err(error) if !disk.is_cut() => panic!("seed {seed}, cut {round}: {error}"),
                _ => {
                    opening_cut += u32::from(disk.is_cut());
                    disk = disk.after_power_cut(&mut random);
                }
            }
        };
        longest_opening = longest_opening.max(begun.elapsed());
        app = serve(store).await;
        load.switch_servers(std::slice::from_ref(&app.base));
        load.wait_for_answers(1).await;
        longest = longest.max(begun.elapsed());
    }
    let answer_log = load.stop().await;
    let api = ApiClient::at(app.base.clone());
    let verified = verification::verify_server(&target, &api, &answer_log).await;
    drop(app);
    let store = open_store(&disk.after_power_cut(&mut SeededRandom(0))).unwrap();
    let (_, bytes) = store_transfer::export(store.as_ref(), Vec::new(), &mut |_| {}).await.unwrap();
    verification::verify_export(std::str::from_utf8(&bytes).unwrap(), &answer_log, &verified, true);
    let remark = format!(
        "{opening_cut} more cuts during recovery; reopened within {} ms; seed {seed}",
        longest_opening.as_millis()
    );
    let row = FaultRow::new(
        "20-power",
        "power cut: writes since the last sync dropped or torn",
        rounds,
        &answer_log,
        &verified,
    );
    FaultRow { longest_recovery: longest, remark, ..row }.save();
}
