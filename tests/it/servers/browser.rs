//! A headless browser with the screen of a phone.

use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tempfile::TempDir;

use super::child_process::{ChildProcess, assert_soon, free_port};

/// A headless Chromium with a fresh profile, and its ChromeDriver.
pub(crate) struct Chromium {
    /// The only window.
    pub(crate) client: Client,
    /// Declared before `folder`, so that it stops before its files are deleted.
    _driver: ChildProcess,
    folder: TempDir,
}

impl Chromium {
    /// Starts a browser.
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts a browser with further arguments, such as `--use-fake-device-for-media-stream`.
    pub(crate) async fn start_with(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let mut command = Command::new("chromedriver");
        command
            .arg(format!("--port={port}"))
            // The browser's temporary files, which it cannot delete when killed.
            .env("TMPDIR", folder.path());
        let mut driver = ChildProcess::start(command, &folder.path().join("log"));
        driver.wait_until("it listens", || TcpStream::connect(("127.0.0.1", port)).is_ok());
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(phone(&folder.path().join("profile"), arguments))
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap_or_else(|error| {
                let log = driver.log();
                panic!("this test needs `chromium`, which chromedriver could not start ({error}); scripts/test installs it. It says:\n{log}")
            });
        Self { client, _driver: driver, folder }
    }
}

fn phone(profile: &Path, arguments: &[&str]) -> Capabilities {
    let profile = format!("--user-data-dir={}", profile.display());
    let mut all = vec![
        "--headless=new",
        "--window-size=390,844",
        // Tests also run as root in containers, where Chromium's sandbox and a large /dev/shm are missing.
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--disable-quic",
        // No background activity.
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-breakpad",
        &profile,
    ];
    all.extend(arguments);
    // The window's minimum width is larger than a phone's.
    let metrics = json!({ "width": 390, "height": 844, "pixelRatio": 2.0, "touch": true });
    let options = json!({ "args": all, "mobileEmulation": { "deviceMetrics": metrics } });
    Capabilities::from_iter([("goog:chromeOptions".to_owned(), options)])
}

#[tokio::test]
async fn a_page_has_the_width_of_a_phone_and_no_process_remains() {
    let browser = Chromium::start().await;
    let profile = browser.folder.path().display().to_string();
    let page = "data:text/html,<meta name=viewport content=width=device-width><title>hello</title>";
    browser.client.goto(page).await.unwrap();
    assert_eq!(browser.client.title().await.unwrap(), "hello");
    let width = browser.client.execute("return innerWidth", vec![]).await;
    assert_eq!(width.unwrap(), json!(390));
    assert!(!processes_that_name(&profile).is_empty());
    drop(browser);
    assert_soon("the browser has exited", || processes_that_name(&profile).is_empty());
}

fn processes_that_name(text: &str) -> Vec<String> {
    let processes = std::fs::read_dir("/proc").unwrap();
    processes
        .filter_map(|process| std::fs::read_to_string(process.ok()?.path().join("cmdline")).ok())
        .filter(|line| line.contains(text))
        .collect()
}
