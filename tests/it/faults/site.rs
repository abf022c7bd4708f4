//! A carnival to break: points that are open day and night, a gift for everybody and one that soon is gone, and a tablet.

use std::sync::Arc;
use std::time::Duration;

use jiff::{ToSpan, Zoned};
use serde_json::Value;

use crate::cli::program::{House, People, Running, Served, told};
use crate::servers::process::free_port;
use crate::wechat_server::WechatServer;

/// The gifts, each earned by one stamp.
pub(crate) const GIFTS: [&str; 2] = ["badge", "rare"];

/// How many there are of each.
pub(crate) const STOCK: [u32; 2] = [100_000, 25];

/// The points.
const POINTS: usize = 12;

/// A house whose servers listen at ports that stay, with what a load needs.
pub(crate) struct Site {
    pub(crate) house: House,
    /// Each point with the link on its poster.
    pub(crate) posters: Vec<(String, String)>,
    /// The token of the tablet at the booth, and of an organiser.
    pub(crate) tablet: String,
    pub(crate) organiser: String,
}

impl Site {
    /// Prepares a house; its first server is running then.
    pub(crate) async fn open(mut house: House) -> (Site, Served) {
        house.write("carnival.toml", &carnival());
        house.set("CARNIVAL__LOG__FILTER", "info,carnival::http=warn,actix_http=off");
        house.set("CARNIVAL__HTTP__LISTEN", &format!("127.0.0.1:{}", free_port()));
        for limit in ["RESIDENT_PER_MINUTE", "STAFF_PER_MINUTE", "FAILURES_PER_MINUTE"] {
            house.set(&format!("CARNIVAL__HTTP__LIMITS__{limit}"), "1000000");
        }
        let served = house.serve("first");
        let posters = house.posters();
        let posters = (1..=POINTS).map(|n| format!("p-{n}")).zip(posters).collect();
        let tablet = Self::staff(&house, &served.people, &["--role", "volunteer", "--booth", "market"]).await;
        let organiser = Self::staff(&house, &served.people, &["--role", "organiser"]).await;
        (Site { house, posters, tablet, organiser }, served)
    }

    async fn staff(house: &House, people: &People, who: &[&str]) -> String {
        let words: Vec<&str> = std::iter::once("invite").chain(who.iter().copied()).collect();
        let link = told(&mut house.command(&words));
        let (status, body) = people.accept(link.lines().next().unwrap(), "王阿姨").await;
        assert_eq!(status, 201, "{body}");
        body["token"].as_str().unwrap().to_owned()
    }

    /// Makes login codes as `wx.login` would.
    pub(crate) fn login_codes(&self) -> Arc<dyn Fn(&str) -> String + Send + Sync> {
        self.house.wechat.codes()
    }

    /// What an organiser reads.
    pub(crate) async fn summary(&self, people: &People) -> Value {
        let (status, body) = people.get(&self.organiser, "/v1/organiser/summary").await;
        assert_eq!(status, 200, "{body}");
        body
    }

    /// Stops a server in order.
    pub(crate) fn stop(running: &mut Running) -> Duration {
        running.signal("TERM");
        let (code, took) = running.ended();
        assert_eq!(code, Some(0), "{}", running.err());
        took
    }

    /// `carnival export`, of a store that nobody has open.
    pub(crate) fn export(&self) -> String {
        let file = self.house.path("faults.jsonl");
        let _ = std::fs::remove_file(&file);
        told(&mut self.house.command(&["export", "--out", file.to_str().unwrap()]));
        std::fs::read_to_string(file).unwrap()
    }

    pub(crate) fn wechat(&self) -> &WechatServer {
        &self.house.wechat
    }
}

/// A carnival that is on these days, day and night.
pub(crate) fn carnival() -> String {
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
