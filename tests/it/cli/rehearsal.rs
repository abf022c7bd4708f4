//! The failure it guards: a newcomer's first command prints a walk that does not walk, or leaves its traces behind.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::program::{Running, carnival, text};

fn rehearse(words: &[&str], folder: &Path, name: &str) -> (Running, String) {
    let mut command = carnival();
    command.args(["rehearse", "--port", "0"]).args(words).env("TMPDIR", folder);
    let mut running = Running::start(command, folder, name);
    let printed = running.wait_for(|out, _| {
        // Its last line, and with it all of it.
        out.contains("confirm-2\\\"}\"; echo\n").then(|| out.to_owned())
    });
    (running, printed)
}

fn line<'a>(printed: &'a str, name: &str) -> &'a str {
    let line = printed.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
    line.rsplit(' ').next().unwrap()
}

fn scratch_folders(folder: &Path) -> usize {
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    fs::read_dir(folder).unwrap().map(name).filter(|name| name.starts_with("carnival-rehearsal-")).count()
}

#[test]
fn the_printed_walk_walks() {
    let folder = tempfile::tempdir().unwrap();
    for (lang, marker) in [("en", "another terminal"), ("zh", "另一个终端")] {
        let (mut running, printed) = rehearse(&["--lang", lang], folder.path(), lang);
        let (_, walk) = printed.split_once("C=http").unwrap();
        assert!(printed.contains(marker), "{printed}");
        let walked = Command::new("bash").args(["-u", "-c", &format!("C=http{walk}")]).output();
        let walked = text(&walked.unwrap().stdout);
        let mut lines = walked.lines().filter(|line| !line.is_empty());
        assert!(lines.next().unwrap().contains("2023成华友邻荟"), "{walked}");
        assert_eq!(walked.matches(r#""outcome":"stamped""#).count(), 7, "{walked}");
        let at_booth: Vec<&str> = walked.lines().filter(|line| line.starts_with("{\"results\":")).collect();
        let redeemed = |line: &str| {
            let answer: Value = serde_json::from_str(line).unwrap();
            let result = &answer["results"][0];
            (result["redeemed"].as_bool().unwrap(), result["problem"]["code"].as_str().unwrap_or("-").to_owned())
        };
        assert_eq!(redeemed(at_booth[0]), (true, "-".to_owned()), "{walked}");
        assert_eq!(redeemed(at_booth[1]), (false, "already_redeemed".to_owned()), "{walked}");
        assert!(walked.contains(r#""totals":{"stamps":7,"people":1"#), "{walked}");
        assert!(walked.contains(",路线明信片一套,"), "the ledger: {walked}");

        assert_eq!(scratch_folders(folder.path()), 1);
        running.signal("TERM");
        assert_eq!(running.ended().0, Some(0), "{}", running.err());
        assert_eq!(scratch_folders(folder.path()), 0, "nothing is left behind");
    }
}

#[test]
fn two_rehearsals_do_not_meet_and_each_begins_when_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (mut one, first) = rehearse(&["--at", "2023-04-20T09:30"], folder.path(), "one");
    let (mut two, second) = rehearse(&[], folder.path(), "two");
    assert!(first.contains("2023-04-20T09:30:0"), "{first}");
    assert!(second.contains("2023-04-14T"), "{second}");
    assert_ne!(line(&first, "API"), line(&second, "API"));
    assert_eq!(scratch_folders(folder.path()), 2);
    one.signal("INT");
    // Its terminal was closed.
    two.signal("HUP");
    assert_eq!((one.ended().0, two.ended().0), (Some(0), Some(0)));
    assert_eq!(scratch_folders(folder.path()), 0);
}

#[test]
fn a_named_folder_stays() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept");
    let (mut running, _) = rehearse(&["--folder", kept.to_str().unwrap()], folder.path(), "one");
    running.signal("TERM");
    running.ended();
    assert!(kept.join("carnival.redb").exists());
}
