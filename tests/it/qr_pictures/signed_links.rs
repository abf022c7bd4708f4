//! Tests the signed links to QR pictures: they must scan, and must not be guessable.

use std::process::Command;

use carnival::rules::staff::roles::{Role, Station};
use reqwest::Method;
use serde_json::Value;

use super::read;
use crate::servers::browser::Chromium;
use crate::servers::cannot_run;
use crate::test_app::{Client, TestApp};

/// The path of a link's picture.
fn path(link: &Value) -> &str {
    link.as_str().unwrap().strip_prefix("https://carnival.example").unwrap()
}

/// Fetches the picture as a phone does, without a token.
async fn fetch(app: &TestApp, path: &str) -> (String, String, Vec<u8>) {
    let answer = app.anonymous().request(Method::GET, path).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    let (media, cache_control) = (header("content-type"), header("cache-control"));
    (media, cache_control, answer.bytes().await.unwrap().into())
}

/// Decodes with zbar, which many scanners and Linux desktops use.
fn read_with_zbar(png: &[u8]) -> String {
    let file = tempfile::Builder::new().suffix(".png").tempfile().unwrap();
    std::fs::write(file.path(), png).unwrap();
    let output = Command::new("zbarimg")
        .args(["--quiet", "--raw", "--set", "*.enable=0", "--set", "qr.enable=1"])
        .arg(file.path())
        .output();
    let output = output.unwrap_or_else(|error| panic!("{}", cannot_run("zbarimg", &error)));
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

/// A resident with a held gift, and the claim.
async fn held_claim(app: &TestApp) -> (Client<'_>, Value) {
    let ana = app.resident("ana").await;
    ana.scan_first(3).await;
    ana.claim("postcards").await;
    let claim = ana.get("/v1/me/claims").await.body["claims"][0].take();
    (ana, claim)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_decoder_reads_the_codes_on_a_phone() {
    let (app, browser) = (TestApp::start().await, Chromium::start().await);
    let (ana, claim) = held_claim(&app).await;
    let place = Station::Point("space-1".parse().unwrap());
    let li = app.staff("李叔叔", Role::Volunteer, Some(place)).await;
    let own = ana.get("/v1/me/code").await.body;
    let display = li.get("/v1/booth/points/space-1/code").await.body;
    for (shown, holds) in [(&claim, &claim["id"]), (&own, &own["code"]), (&display, &display["link"])] {
        let holds = holds.as_str().unwrap();
        let (media, cache_control, png) = fetch(&app, path(&shown["png"])).await;
        assert_eq!((media.as_str(), cache_control.as_str()), ("image/png", "private, max-age=600, immutable"));
        assert_eq!((read(&png), read_with_zbar(&png)), (vec![holds.to_owned()], holds.to_owned()));
        let (media, _, _) = fetch(&app, path(&shown["svg"])).await;
        assert_eq!(media, "image/svg+xml");
        browser.client.goto(&format!("{}{}", app.base, path(&shown["svg"]))).await.unwrap();
        let screen = browser.client.screenshot().await.unwrap();
        assert_eq!((read(&screen), read_with_zbar(&screen)), (vec![holds.to_owned()], holds.to_owned()));
        let rows = shown["rows"].as_array().unwrap();
        assert!(rows.iter().all(|row| row.as_str().unwrap().len() == rows.len()), "{rows:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_valid_for_ten_minutes_and_its_own_picture() {
    let app = TestApp::start().await;
    let (ana, claim) = held_claim(&app).await;
    let (svg, png) = (path(&claim["svg"]), path(&claim["png"]));
    let stranger = app.anonymous();
    let refused = async |path: String, code: &str, status: u16| {
        assert_eq!(stranger.get(&path).await.refusal(), (status, code), "{path}");
    };
    // Another code with the same signature, and the same code with another signature.
    let signature = png.rsplit('/').next().unwrap();
    refused(format!("/v1/pictures/473829106/{signature}"), "code_unknown", 404).await;
    let id = claim["id"].as_str().unwrap();
    let first = if signature.starts_with('0') { "1" } else { "0" };
    refused(format!("/v1/pictures/{id}/{first}{}", &signature[1..]), "code_unknown", 404).await;
    refused(format!("/v1/pictures/{id}/0{signature}"), "code_unknown", 404).await;
    refused(format!("/v1/pictures/{id}/.png"), "code_unknown", 404).await;
    let own = ana.get("/v1/me/code").await.body;
    let of_another = path(&own["png"]).rsplit('/').next().unwrap();
    refused(format!("/v1/pictures/{id}/{of_another}"), "code_unknown", 404).await;
    for odd in [png.replace(".png", ".gif"), png.replace(".png", ""), png.replace(".png", ".PNG")] {
        refused(odd, "no_such_route", 404).await;
    }
    app.at("2023-04-14T10:09:59");
    assert_eq!((stranger.get(svg).await.status, stranger.get(png).await.status), (200, 200));
    app.at("2023-04-14T10:10");
    refused(svg.to_owned(), "link_expired", 410).await;
    refused(png.to_owned(), "link_expired", 410).await;
    let again = ana.get("/v1/me/claims").await.body;
    assert_eq!(stranger.get(path(&again["claims"][0]["png"])).await.status, 200);
}
