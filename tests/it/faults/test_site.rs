//! The carnival under test: points that are open day and night, a plentiful gift and a scarce one, and a booth tablet.

use std::ops::Deref;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{ToSpan, Zoned};
use serde_json::Value;

use crate::cli::harness::{ApiClient, RunningProgram, RunningServer, Workspace, stdout_of};
use crate::servers::child_process::free_port;

/// The gifts, each earned by one stamp.
pub(crate) const GIFTS: [&str; 2] = ["badge", "rare"];

/// The stock of each gift.
pub(crate) const STOCK: [u32; 2] = [100_000, 25];

/// The number of points.
pub(crate) const POINTS: usize = 12;

/// What the load generator and the verification need to know.
pub(crate) struct LoadTarget {
    /// Each point with its poster link.
    pub(crate) posters: Vec<(String, String)>,
    /// The tokens of the booth's tablet and of an organiser.
    pub(crate) tablet: String,
    pub(crate) organiser: String,
    /// Makes login codes like `wx.login`.
    pub(crate) login: Arc<dyn Fn(&str) -> String + Send + Sync>,
    /// Whether the clock is changed on purpose: then requests that depend on elapsed time may be refused.
    pub(crate) clock_steps: bool,
}

impl LoadTarget {
    /// The organiser's summary. It reads every slot, so it may be refused for a while after check-ins are answered again.
    pub(crate) async fn summary(&self, api: &ApiClient) -> Value {
        let begun = Instant::now();
        loop {
            let (status, body) = api.get(&self.organiser, "/v1/organiser/summary").await;
            if status == 200 {
                return body;
            }
            assert!(status == 503 && begun.elapsed() < Duration::from_secs(30), "{body}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// A workspace whose servers keep their ports, and its carnival.
pub(crate) struct TestSite {
    pub(crate) workspace: Workspace,
    pub(crate) target: LoadTarget,
}

impl Deref for TestSite {
    type Target = LoadTarget;

    fn deref(&self) -> &LoadTarget {
        &self.target
    }
}

impl TestSite {
    /// Prepares a workspace and starts its first server.
    pub(crate) async fn open(workspace: Workspace) -> (TestSite, RunningServer) {
        TestSite::open_by(workspace, |_| {}).await
    }

    /// The same with changes of the server's command.
    pub(crate) async fn open_by(
        mut workspace: Workspace,
        change: impl FnOnce(&mut Command),
    ) -> (TestSite, RunningServer) {
        workspace.write("carnival.toml", &carnival_file());
        let mut ours = vec![
            ("LOG__FILTER", "info,carnival::http=warn,actix_http=off".to_owned()),
            ("HTTP__LISTEN", format!("127.0.0.1:{}", free_port())),
        ];
        for limit in
            ["HTTP__LIMITS__RESIDENT_PER_MINUTE", "HTTP__LIMITS__STAFF_PER_MINUTE", "HTTP__LIMITS__FAILURES_PER_MINUTE"]
        {
            ours.push((limit, "1000000".to_owned()));
        }
        // Before the workspace's own variables, which take precedence.
        let ours = ours.into_iter().map(|(name, value)| (format!("CARNIVAL__{name}"), value));
        workspace.variables.splice(0..0, ours);
        let mut command = workspace.command(&["serve"]);
        change(&mut command);
        let served = workspace.serve_with(command, "first");
        let posters = workspace.poster_links();
        let posters = (1..=POINTS).map(|n| format!("p-{n}")).zip(posters).collect();
        let tablet = Self::staff(&workspace, &served.api, &["--role", "volunteer", "--booth", "market"]).await;
        let organiser = Self::staff(&workspace, &served.api, &["--role", "organiser"]).await;
        let login = workspace.wechat.login_codes();
        (TestSite { workspace, target: LoadTarget { posters, tablet, organiser, login, clock_steps: false } }, served)
    }

    /// Starts another server at another port.
    pub(crate) fn serve_at(&self, port: u16, name: &str) -> RunningServer {
        let mut command = self.workspace.command(&["serve"]);
        command.env("CARNIVAL__HTTP__LISTEN", format!("127.0.0.1:{port}"));
        self.workspace.serve_with(command, name)
    }

    async fn staff(workspace: &Workspace, api: &ApiClient, who: &[&str]) -> String {
        let words: Vec<&str> = std::iter::once("invite").chain(who.iter().copied()).collect();
        let link = stdout_of(&mut workspace.command(&words));
        let (status, body) = api.accept(link.lines().next().unwrap(), "王阿姨").await;
        assert_eq!(status, 201, "{body}");
        body["token"].as_str().unwrap().to_owned()
    }

    /// Stops a server with SIGTERM; returns how long that took.
    pub(crate) fn stop(program: &mut RunningProgram) -> Duration {
        program.signal("TERM");
        let (code, took) = program.wait_for_exit();
        assert_eq!(code, Some(0), "{}", program.err());
        took
    }

    /// Runs `carnival export`; no server may be running.
    pub(crate) fn export(&self) -> String {
        let file = self.workspace.path("faults.jsonl");
        let _ = std::fs::remove_file(&file);
        stdout_of(&mut self.workspace.command(&["export", "--out", file.to_str().unwrap()]));
        std::fs::read_to_string(file).unwrap()
    }
}

/// A carnival that is open now, day and night.
pub(crate) fn carnival_file() -> String {
    let today = Zoned::now().in_tz("Asia/Shanghai").unwrap().date();
    let days = format!("first_day = {}\nlast_day = {}\n", today - 4.days(), today + 5.days());
    let point = |n: usize| {
        let route = if n.is_multiple_of(2) { "play" } else { "active" };
        format!(
            "[[points]]\nid = \"p-{n}\"\nnumber = {n}\nroute = \"{route}\"\nname = \"第{n}站\"\nhours = \"00:00-24:00\"\n"
        )
    };
    let points: String = (1..=POINTS).map(point).collect();
    let gift = |(n, (id, stock)): (usize, (&&str, &u32))| {
        let number = n + 1;
        format!(
            "[[gifts]]\nid = \"{id}\"\nnumber = {number}\nname = \"纪念章{number}\"\nneeds = {{ stamps = 1 }}\nstock = {stock}\n\
             hold_minutes = 10000\n"
        )
    };
    let gifts: String = GIFTS.iter().zip(&STOCK).enumerate().map(gift).collect();
    format!(
        "[carnival]\nid = \"these-days\"\nname = \"邻里嘉年华\"\ntime_zone = \"Asia/Shanghai\"\n{days}login = \"mini_program\"\n\
         [[routes]]\nid = \"play\"\nname = \"玩\"\n{days}[[routes]]\nid = \"active\"\nname = \"动\"\n{days}{points}\
         [[booths]]\nid = \"market\"\nname = \"集市兑换台\"\n{gifts}"
    )
}
