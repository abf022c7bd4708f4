//! Guards against records that are incomplete, belong to another carnival, or overwrite an existing file.

use std::fs;

use serde_json::json;

use super::harness::{Workspace, run, stderr_of_failure, stdout_of, text};

#[tokio::test(flavor = "multi_thread")]
async fn records_beside_a_running_server_and_without_one() {
    let workspace = Workspace::new();
    let served = workspace.serve("serve");
    let ana = served.api.resident(&workspace.wechat, "ana").await;
    let poster = workspace.poster_links().remove(0);
    assert_eq!(served.api.post(&ana, "/v1/check-ins", json!({ "code": poster })).await.0, 201);
    let output = stdout_of(&mut workspace.command(&["invite", "--role", "organiser"]));
    let (_, zhou) = served.api.accept(output.lines().next().unwrap(), "周老师").await;
    let path = "/v1/organiser/check-ins.csv?lang=en";
    let (status, downloaded) = served.api.get(zhou["token"].as_str().unwrap(), path).await;
    assert_eq!(status, 200);
    let downloaded = downloaded.as_str().unwrap();
    assert_eq!(downloaded.lines().count(), 2, "{downloaded}");
    assert!(downloaded.ends_with(",1,stamp,poster,,\r\n"), "{downloaded}");

    assert_eq!(text(&run(&mut workspace.command(&["records", "check-ins"])).stdout), downloaded);
    drop(served);
    let file = workspace.path("check-ins.csv");
    let out = file.to_str().unwrap();
    let done = run(&mut workspace.command(&["records", "check-ins", "--out", out]));
    assert_eq!((text(&done.stdout), text(&done.stderr)), (String::new(), format!("Wrote {out}\n")));
    assert_eq!(fs::read_to_string(&file).unwrap(), downloaded);

    let again = stderr_of_failure(&mut workspace.command(&["records", "ledger", "--out", out]));
    assert_eq!(again, format!("{out} already exists and is not overwritten; choose another file.\n"));
    assert_eq!(fs::read_to_string(&file).unwrap(), downloaded, "the existing file is unchanged");
    let ledger = stdout_of(&mut workspace.command(&["records", "ledger", "--lang", "zh"]));
    assert!(ledger.starts_with("\u{feff}日期,礼物,地点,期初,收入,领取,撤销,损坏,期末\r\n"), "{ledger}");
    assert!(ledger.contains(",纪念章,库房,0,50,0,0,0,50\r\n"), "{ledger}");
    for book in ["redemptions", "stock"] {
        stdout_of(&mut workspace.command(&["records", book]));
    }
    let elsewhere = stderr_of_failure(&mut workspace.command(&["records", "stock", "--day", "2020-01-01"]));
    assert!(elsewhere.starts_with("There are no records of that day."), "{elsewhere}");
    for words in [&["records", "everything"][..], &["records", "stock", "--day", "2020-1-1"], &["records"]] {
        assert_eq!(run(&mut workspace.command(words)).status.code(), Some(2), "{words:?}");
    }
}

#[test]
fn a_full_disk_is_reported_and_leaves_no_partial_file() {
    let workspace = Workspace::new();
    stdout_of(&mut workspace.command(&["passports", "--count", "1"]));
    // Every write to this device fails as on a full disk.
    let mut command = workspace.command(&["records", "ledger"]);
    let done = command.stdout(fs::OpenOptions::new().write(true).open("/dev/full").unwrap()).output().unwrap();
    assert_eq!(done.status.code(), Some(1));
    assert!(text(&done.stderr).contains("No space left"), "{}", text(&done.stderr));
    let nowhere = workspace.path("no/such/folder/ledger.csv");
    let error = stderr_of_failure(&mut workspace.command(&["records", "ledger", "--out", nowhere.to_str().unwrap()]));
    assert!(error.contains("ledger.csv cannot be written: "), "{error}");
}
