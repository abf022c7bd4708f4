//! The carnival under test: open now, day and night, with twenty posters; and the commands that start the program on
//! it.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::{ToSpan, Zoned};

/// Its id.
pub(crate) const ID: &str = "these-days";
/// The number of points.
pub(crate) const POINTS: u16 = 20;
/// The base of its poster links.
pub(crate) const PUBLIC_URL: &str = "https://carnival.example";
/// Secrets for the benchmark only.
pub(crate) const CODES_SECRET: &str = "0c1d-codes-9f8e7a6b5c4d3e2f1a0b9c8d7e6f5a4b";
pub(crate) const IDENTITY_SECRET: &str = "1b2e-names-8e7d6c5b4a3f2e1d0c9b8a7f6e5d4c3b";
pub(crate) const JWT_SECRET: &str = "2a3f-jwt-7d6c5b4a3f2e1d0c9b8a7f6e5d4c3b2a1f";

/// The program's store.
#[derive(Clone, Debug)]
pub(crate) enum Store {
    Embedded(PathBuf),
    Redis(String),
    Cluster(Vec<String>),
}

/// Writes carnival file, secrets and settings into a folder; returns the path of the settings.
pub(crate) fn write_settings(folder: &Path, listen: SocketAddr, store: &Store) -> PathBuf {
    fs::write(folder.join("carnival.toml"), file()).unwrap();
    for (name, secret) in [("codes", CODES_SECRET), ("identity", IDENTITY_SECRET), ("jwt", JWT_SECRET)] {
        fs::write(folder.join(name), secret).unwrap();
    }
    fs::write(folder.join("wechat"), "hush-hush-0123456789").unwrap();
    let store = match store {
        Store::Embedded(data) => format!("kind = \"embedded\"\n[store.embedded]\nfolder = \"{}\"\n", data.display()),
        Store::Redis(url) => format!("kind = \"redis\"\n[store.redis]\nurls = [{url:?}]\n"),
        Store::Cluster(urls) => format!("kind = \"redis\"\n[store.redis]\nurls = {urls:?}\ncluster = true\n"),
    };
    let settings = format!(
        "[carnival]\npublic_url = \"{PUBLIC_URL}\"\n[http]\nlisten = \"{listen}\"\n\
         [http.limits]\nresident_per_minute = 1000000\nstaff_per_minute = 100000000\nfailures_per_minute = 100000000\n\
         [store]\n{store}[wechat]\napp_id = \"wx0123456789abcdef\"\napp_secret_file = \"wechat\"\n\
         [secrets]\ncodes_file = \"codes\"\nidentity_file = \"identity\"\njwt_file = \"jwt\"\n"
    );
    let path = settings_in(folder);
    fs::write(&path, settings).unwrap();
    path
}

/// The path to which [`write_settings`] writes.
pub(crate) fn settings_in(folder: &Path) -> PathBuf {
    folder.join("carnival-settings.toml")
}

/// `carnival COMMAND --config SETTINGS`.
pub(crate) fn command(word: &str, settings: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carnival"));
    command.env_clear().env("LC_ALL", "C.UTF-8").arg(word).arg("--config").arg(settings);
    command
}

pub(crate) fn file() -> String {
    let today = Zoned::now().in_tz("Asia/Shanghai").unwrap().date();
    let days = format!("first_day = {}\nlast_day = {}\n", today - 2.days(), today + 5.days());
    let point = |number: u16| {
        format!(
            "[[points]]\nid = \"p-{number}\"\nnumber = {number}\nroute = \"play\"\nname = \"第{number}站\"\nhours = \"00:00-24:00\"\n"
        )
    };
    let points: String = (1..=POINTS).map(point).collect();
    format!(
        "[carnival]\nid = \"{ID}\"\nname = \"邻里嘉年华\"\ntime_zone = \"Asia/Shanghai\"\n{days}login = \"mini_program\"\n\
         [[routes]]\nid = \"play\"\nname = \"玩\"\n{days}{points}\
         [[booths]]\nid = \"market\"\nname = \"集市兑换台\"\n\
         [[gifts]]\nid = \"badge\"\nnumber = 1\nname = \"纪念章\"\nneeds = {{ stamps = 1 }}\nstock = 500000\n\
         [[gifts]]\nid = \"bag\"\nnumber = 2\nname = \"帆布袋\"\nneeds = {{ stamps = 1 }}\nstock = 500\n\
         [[gifts]]\nid = \"set\"\nnumber = 3\nname = \"明信片一套\"\nneeds = {{ stamps = 20 }}\nstock = 500\n"
    )
}
