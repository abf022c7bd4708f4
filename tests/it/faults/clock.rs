//! The failure it guards: the clock of the machine is set, and the program panics, locks people out for as long as the
//! step was, or writes its log in another order.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::time::sleep;

use super::check;
use super::ledger::Person;
use super::load::Load;
use super::report::{Row, rounds};
use super::site::Site;
use crate::cli::program::{House, People, Served};

/// Where distributions keep libfaketime.
fn libfaketime() -> PathBuf {
    let found = fs::read_dir("/usr/lib").unwrap().filter_map(|entry| {
        let library = entry.ok()?.path().join("faketime/libfaketimeMT.so.1");
        library.exists().then_some(library)
    });
    let elsewhere = [PathBuf::from("/usr/lib/faketime/libfaketimeMT.so.1")].into_iter().filter(|path| path.exists());
    let library = found.chain(elsewhere).next();
    library.unwrap_or_else(|| panic!("this test needs Debian's `faketime`; scripts/test installs it"))
}

/// The clock of one process, which can be set.
struct Watch(PathBuf);

impl Watch {
    fn of(folder: &Path) -> Watch {
        let watch = Watch(folder.join("offset"));
        watch.set(SignedDuration::ZERO);
        watch
    }

    fn wear(&self, command: &mut Command) {
        command.env("LD_PRELOAD", libfaketime()).env("FAKETIME_TIMESTAMP_FILE", &self.0);
        command.env("FAKETIME_NO_CACHE", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("DONT_FAKE_MONOTONIC", "1");
    }

    /// So far from the true time, from now on.
    fn set(&self, offset: SignedDuration) {
        let draft = self.0.with_extension("new");
        fs::write(&draft, format!("{:+}\n", offset.as_secs())).unwrap();
        fs::rename(draft, &self.0).unwrap();
    }
}

/// Waits until the server's clock is where it was set: what it tells everybody may be a second old.
async fn follows(people: &People, offset: SignedDuration) {
    let begun = Instant::now();
    loop {
        let (_, body) = people.get("", "/v1/availability").await;
        let now: Timestamp = body["now"].as_str().unwrap().parse().unwrap();
        let off = now.duration_since(Timestamp::now()) - offset;
        if off.abs() < SignedDuration::from_secs(20) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "the clock is {off:?} from where it was set");
        sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clock_set_back_and_forth() {
    let rounds = rounds(1, 5);
    let mut house = House::new();
    // As it is set by default: a step must not be taken for many requests.
    house.set("CARNIVAL__HTTP__LIMITS__RESIDENT_PER_MINUTE", "120");
    // So long that a day forward ends nobody's session; that is looked at below.
    house.set("CARNIVAL__CARNIVAL__RESIDENT_TOKEN_HOURS", "96");
    house.set("CARNIVAL__CARNIVAL__STAFF_SESSION_HOURS", "96");
    let watch = Watch::of(house.folder.path());
    let (mut site, Served { mut running, people }) = Site::open_by(house, |command| watch.wear(command)).await;
    site.place.clock_steps = true;
    let load = Load::start(&site, std::slice::from_ref(&people.base), 8, "clock");
    let mut longest = Duration::ZERO;
    let hours = SignedDuration::from_hours;
    let minutes = SignedDuration::from_mins;
    for _ in 0..rounds {
        for offset in [minutes(5), minutes(-5), hours(24), minutes(0), hours(-24), minutes(0)] {
            load.until_more(40).await;
            watch.set(offset);
            longest = longest.max(load.until_more(20).await);
            follows(&people, offset).await;
        }
    }
    let mut ledger = load.stop().await;
    ledger.people.extend(windows_follow(&site, &people, &watch).await);
    let checked = check::against_server(&site, &people, &ledger).await;
    Site::stop(&mut running);
    assert!(!running.err().contains("panicked"), "{}", running.err());
    check::against_export(&site.export(), &ledger, &checked, false);
    let row = Row::of("50-clock", "clock set by 5 minutes and by a day, back and forth", rounds, &ledger, &checked);
    Row { longest_recovery: longest, remark: "libfaketime; six steps a round".to_owned(), ..row }.keep();
}

/// Before the carnival and after it nobody is stamped; in it again, everybody is, and whoever logged in while the clock
/// was wrong is not shut out.
async fn windows_follow(site: &Site, people: &People, watch: &Watch) -> Vec<Person> {
    let mut stamped = Vec::new();
    let (point, poster) = &site.posters[0];
    for (days, code) in [(-6, "carnival_not_begun"), (7, "carnival_over")] {
        watch.set(SignedDuration::from_hours(24 * days));
        let ana = people.resident(&site.house.wechat, &format!("ana{days}")).await;
        let (status, body) = people.post(&ana, "/v1/check-ins", json!({ "code": poster })).await;
        assert_eq!((status / 100, &body["code"]), (4, &json!(code)), "{body}");
        watch.set(SignedDuration::ZERO);
        // Of tomorrow's week: her token may be over now, but a new login is all that it takes.
        let (status, body) = people.post(&ana, "/v1/check-ins", json!({ "code": poster })).await;
        if status == 401 {
            assert_eq!(body["remedy"], "login", "{body}");
        } else {
            assert_eq!(status, 201, "{body}");
        }
        let again = people.resident(&site.house.wechat, &format!("ana{days}")).await;
        let (status, body) = people.post(&again, "/v1/check-ins", json!({ "code": poster })).await;
        assert!(status == 200 || status == 201, "{status} {body}");
        stamped.push(Person::stamped(&again, point, &body));
    }
    stamped
}
