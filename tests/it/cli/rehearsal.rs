//! The failure it guards: a newcomer's first command prints a walk that does not walk, or leaves its traces behind.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::harness::{ApiClient, RunningProgram, carnival_command, text};

fn rehearse(words: &[&str], folder: &Path, name: &str) -> (RunningProgram, String) {
    let mut command = carnival_command();
    command.args(["rehearse", "--port", "0"]).args(words).env("TMPDIR", folder);
    let mut program = RunningProgram::start(command, folder, name);
    let printed = program.wait_for(|out, _| {
        // Its last line, and with it all of it.
        out.contains("confirm-2\\\"}\"; echo\n").then(|| out.to_owned())
    });
    (program, printed)
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
        let (mut program, printed) = rehearse(&["--lang", lang], folder.path(), lang);
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
        program.signal("TERM");
        assert_eq!(program.wait_for_exit().0, Some(0), "{}", program.err());
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
    assert_eq!((one.wait_for_exit().0, two.wait_for_exit().0), (Some(0), Some(0)));
    assert_eq!(scratch_folders(folder.path()), 0);
}

#[test]
fn a_named_folder_stays() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept");
    let (mut program, _) = rehearse(&["--folder", kept.to_str().unwrap()], folder.path(), "one");
    program.signal("TERM");
    program.wait_for_exit();
    assert!(kept.join("carnival.redb").exists());
}

/// The sample with places a kilometre apart.
fn spread_out() -> String {
    let mut carnival = include_str!("../../../config/carnival-2023.toml").to_owned();
    for point in 1..=7 {
        let id = format!("id = \"space-{point}\"\n");
        let place = format!("location = {{ latitude = 30.66, longitude = {:.3} }}\n", 104.0 + f64::from(point) / 96.0);
        carnival = carnival.replacen(&id, &format!("{id}{place}"), 1);
    }
    carnival
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_comes_in_the_rain_and_the_server_agrees_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("carnival.toml");
    fs::write(&file, spread_out()).unwrap();
    let mut command = carnival_command();
    command.args([
        "rehearse",
        "--port",
        "0",
        "--lang",
        "en",
        "--once",
        "--crowd",
        "24",
        "--speed",
        "600",
        "--carnival",
    ]);
    command.arg(&file).env("TMPDIR", folder.path());
    let mut program = RunningProgram::start(command, folder.path(), "crowd");
    program.wait_for(|_, err| err.contains("The crowd comes: 24 people").then_some(()));
    let (base, organiser) =
        (line(&program.out(), "API").replace("/docs/", ""), line(&program.out(), "organiser").to_owned());

    let api = ApiClient::at(base);
    let (_, chen) = api.accept(&organiser, "陈社工").await;
    let rain = json!({ "reason": "因雨", "route_asks": "fewer" });
    let path = "/v1/organiser/points/space-3/closure";
    let (status, closed) = api.post(chen["token"].as_str().unwrap(), path, rain).await;
    assert_eq!(status, 200, "{closed}");

    let (code, _) = program.wait_for_exit();
    let table = program.out();
    assert_eq!(code, Some(0), "{table}\n{}", program.err());
    assert!(table.contains("The crowd and the server agree: ") && table.contains("Others took part too."), "{table}");
    let row = |name: &str| -> Vec<u64> {
        let line =
            table.lines().find(|line| line.trim_start().starts_with(name)).unwrap_or_else(|| panic!("{name}: {table}"));
        line.trim_start()[name.len()..].split_whitespace().map(|number| number.parse().unwrap()).collect()
    };
    assert_eq!(row("passports with a stamp"), [24, 24]);
    assert!(row("point closed")[0] > 0, "{table}");
    for told in
        ["refused: code unknown", "refused: gift not earned", "refused: already handed over", "two places at once"]
    {
        assert!(table.contains(told), "{told}: {table}");
    }
    assert_eq!(scratch_folders(folder.path()), 0, "nothing is left behind");
}

#[test]
fn a_crowd_that_finds_every_door_shut_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = carnival_command();
    command.args(["rehearse", "--port", "0", "--lang", "en", "--once", "--crowd", "5", "--at", "2023-04-14T22:00"]);
    let mut program = RunningProgram::start(command, folder.path(), "night");
    assert_eq!(program.wait_for_exit().0, Some(1));
    assert!(program.err().contains("No point is open at this time; choose another with --at."), "{}", program.err());
}
