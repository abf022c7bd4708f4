//! Guards against a rehearsal whose printed commands fail, or that leaves files behind.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::harness::{ApiClient, RunningProgram, carnival_command};

fn rehearse(words: &[&str], folder: &Path, name: &str) -> (RunningProgram, String) {
    let mut command = carnival_command();
    command.args(["rehearse", "--port", "0"]).args(words).env("TMPDIR", folder);
    let mut program = RunningProgram::start(command, folder, name);
    let printed = program.wait_for(|out, _| {
        // This is the last line of its output.
        out.contains("confirm-2\\\"}\"; echo\n").then(|| out.to_owned())
    });
    (program, printed)
}

fn printed_value<'a>(printed: &'a str, name: &str) -> &'a str {
    let printed_value = printed.lines().find(|printed_value| printed_value.trim_start().starts_with(name)).unwrap();
    printed_value.rsplit(' ').next().unwrap()
}

fn scratch_folders(folder: &Path) -> usize {
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    fs::read_dir(folder).unwrap().map(name).filter(|name| name.starts_with("carnival-rehearsal-")).count()
}

#[test]
fn the_printed_curl_commands_work() {
    let folder = tempfile::tempdir().unwrap();
    for (lang, marker) in [("en", "another terminal"), ("zh", "另一个终端")] {
        let (mut program, printed) = rehearse(&["--lang", lang], folder.path(), lang);
        let (_, walk) = printed.split_once("C=http").unwrap();
        assert!(printed.contains(marker), "{printed}");
        let walked = Command::new("bash").args(["-u", "-c", &format!("C=http{walk}")]).output();
        // `head` may cut a character.
        let walked = String::from_utf8_lossy(&walked.unwrap().stdout).into_owned();
        let mut lines = walked.lines().filter(|printed_value| !printed_value.is_empty());
        assert!(lines.next().unwrap().contains("2023成华友邻荟"), "{walked}");
        assert_eq!(walked.matches(r#""outcome":"stamped""#).count(), 7, "{walked}");
        let at_booth: Vec<&str> =
            walked.lines().filter(|printed_value| printed_value.starts_with("{\"results\":")).collect();
        let redeemed = |printed_value: &str| {
            let answer: Value = serde_json::from_str(printed_value).unwrap();
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
        assert_eq!(scratch_folders(folder.path()), 0, "no files are left behind");
    }
}

#[test]
fn two_rehearsals_are_independent_and_start_at_the_given_time() {
    let folder = tempfile::tempdir().unwrap();
    let (mut one, first) = rehearse(&["--at", "2023-04-20T09:30"], folder.path(), "one");
    let (mut two, second) = rehearse(&[], folder.path(), "two");
    // The clock runs on from the start, and a busy machine may print the time minutes later.
    assert!(first.contains("2023-04-20T09:3"), "{first}");
    assert!(second.contains("2023-04-14T"), "{second}");
    assert_ne!(printed_value(&first, "API"), printed_value(&second, "API"));
    assert_eq!(scratch_folders(folder.path()), 2);
    one.signal("INT");
    // As when its terminal closes.
    two.signal("HUP");
    assert_eq!((one.wait_for_exit().0, two.wait_for_exit().0), (Some(0), Some(0)));
    assert_eq!(scratch_folders(folder.path()), 0);
}

#[test]
fn a_named_folder_stays() {
    let folder = tempfile::tempdir().unwrap();
    let data_folder = folder.path().join("kept");
    let (mut program, _) = rehearse(&["--folder", data_folder.to_str().unwrap()], folder.path(), "one");
    program.signal("TERM");
    program.wait_for_exit();
    assert!(data_folder.join("carnival.redb").exists());
}

/// The sample with points a kilometre apart.
fn distant_points() -> String {
    let mut carnival = include_str!("../../../config/carnival-2023.toml").to_owned();
    for point in 1..=7 {
        let id = format!("id = \"space-{point}\"\n");
        let place = format!("location = {{ latitude = 30.66, longitude = {:.3} }}\n", 104.0 + f64::from(point) / 96.0);
        carnival = carnival.replacen(&id, &format!("{id}{place}"), 1);
    }
    carnival
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulated_crowd_agrees_with_the_server_after_a_closure() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("carnival.toml");
    fs::write(&file, distant_points()).unwrap();
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
    let (base, organiser) = (
        printed_value(&program.out(), "API").replace("/docs/", ""),
        printed_value(&program.out(), "organiser").to_owned(),
    );

    let api = ApiClient::at(base);
    let (_, chen) = api.accept(&organiser, "陈社工").await;
    let rain = json!({ "reason": "因雨", "keep_away": true });
    let path = "/v1/organiser/points/space-3/closure";
    let (status, closed) = api.post(chen["token"].as_str().unwrap(), path, rain).await;
    assert_eq!(status, 200, "{closed}");

    let (code, _) = program.wait_for_exit();
    let table = program.out();
    assert_eq!(code, Some(0), "{table}\n{}", program.err());
    assert!(table.contains("The crowd and the server agree: ") && table.contains("Others took part too."), "{table}");
    let row = |name: &str| -> Vec<u64> {
        let printed_value = table
            .lines()
            .find(|printed_value| printed_value.trim_start().starts_with(name))
            .unwrap_or_else(|| panic!("{name}: {table}"));
        printed_value.trim_start()[name.len()..].split_whitespace().map(|number| number.parse().unwrap()).collect()
    };
    assert_eq!(row("passports with a stamp"), [24, 24]);
    assert!(row("point closed")[0] > 0, "{table}");
    for quantity in
        ["refused: code unknown", "refused: gift not earned", "refused: already handed over", "two places at once"]
    {
        assert!(table.contains(quantity), "{quantity}: {table}");
    }
    assert_eq!(scratch_folders(folder.path()), 0, "no files are left behind");
}

#[test]
fn a_crowd_without_an_open_point_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = carnival_command();
    command.args(["rehearse", "--port", "0", "--lang", "en", "--once", "--crowd", "5", "--at", "2023-04-14T22:00"]);
    let mut program = RunningProgram::start(command, folder.path(), "night");
    assert_eq!(program.wait_for_exit().0, Some(1));
    assert!(program.err().contains("No point is open at this time; choose another with --at."), "{}", program.err());
}
