//! Tests operation of a running server: signals, publications by another process, and the metrics address.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::json;

use super::harness::{Workspace, stderr_of_failure, stdout_of};
use crate::servers::child_process::free_port;

#[tokio::test(flavor = "multi_thread")]
async fn sighup_is_logged_and_ignored() {
    let mut workspace = Workspace::new();
    workspace.set("CARNIVAL__LOG__FILTER", "off");
    let mut served = workspace.serve("serve");
    for times in 1..=2 {
        served.program.signal("HUP");
        served.program.wait_for(|_, err| (err.matches("SIGHUP: nothing is reloaded.").count() == times).then_some(()));
    }
    let error_output = served.program.err();
    assert!(error_output.contains("`carnival publish`") && error_output.contains("restart"), "{error_output}");
    assert_eq!(served.api.get("", "/healthz").await.0, 200);
    served.program.signal("TERM");
    assert_eq!(served.program.wait_for_exit().0, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newly_published_version_is_logged() {
    let mut workspace = Workspace::new();
    let listen = format!("127.0.0.1:{}", free_port());
    workspace.set("CARNIVAL__METRICS__LISTEN", &listen);
    workspace.set("CARNIVAL__LOG__FILTER", "off,carnival::actions=info");
    let mut served = workspace.serve("serve");
    let text = std::fs::read_to_string(workspace.path("carnival.toml")).unwrap();
    workspace.write("mine.toml", &text.replace("name = \"玩\"", "name = \"玩一玩\""));
    stdout_of(&mut workspace.command(&["publish", workspace.path("mine.toml").to_str().unwrap()]));
    served
        .program
        .wait_for(|_, err| err.contains("another version of the carnival is current version=2").then_some(()));
    assert!(!served.program.err().contains("answered"), "levels are by module");
    // The metric is set after the line is logged.
    let begun = Instant::now();
    loop {
        let text = reqwest::get(format!("http://{listen}/metrics")).await.unwrap().text().await.unwrap();
        if text.lines().any(|line| line == "carnival_version 2") {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{text}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_served_at_the_configured_address_until_the_server_stops() {
    let mut workspace = Workspace::new();
    let listen = format!("127.0.0.1:{}", free_port());
    workspace.set("CARNIVAL__METRICS__LISTEN", &listen);
    let mut served = workspace.serve("serve");
    let ana = served.api.resident(&workspace.wechat, "ana").await;
    served.api.post(&ana, "/v1/check-ins", json!({ "code": workspace.poster_links()[0] })).await;
    served.api.post("", "/v1/sessions/wechat", json!({ "code": "made-up" })).await;
    let url = format!("http://{listen}/metrics");
    let text = reqwest::get(&url).await.unwrap().text().await.unwrap();
    for line in [
        "carnival_stamps_total{kind=\"new\"} 1",
        "carnival_logins_total{outcome=\"ok\"} 1",
        "carnival_logins_total{outcome=\"invalid_code\"} 1",
        "carnival_login_seconds_count 2",
        "carnival_version 1",
        "carnival_http_requests_total{route=\"/v1/check-ins\",method=\"POST\",status=\"201\"} 1",
        "# TYPE carnival_http_request_seconds histogram",
        "# TYPE carnival_store_commit_commands histogram",
    ] {
        assert!(text.lines().any(|have| have == line), "{line} is missing from\n{text}");
    }
    served.program.signal("TERM");
    assert_eq!(served.program.wait_for_exit().0, Some(0));
    assert!(reqwest::get(&url).await.is_err());
}

#[test]
fn an_unavailable_metrics_address_fails_the_start() {
    let mut workspace = Workspace::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    workspace.set("CARNIVAL__METRICS__LISTEN", &listen);
    let error_output = stderr_of_failure(&mut workspace.command(&["serve"]));
    assert!(error_output.starts_with(&format!("{listen} cannot be used for the metrics: ")), "{error_output}");
    assert!(!workspace.path("data").exists(), "a failed start changes nothing");
}
