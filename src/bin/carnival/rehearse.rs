//! `carnival rehearse`: the newcomer's command.

use std::fmt::Write;
use std::fs::DirBuilder;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use carnival::actions::clock::Clock;
use carnival::actions::staff::{Offer, invite};
use carnival::actions::{App, codes, rehearsal};
use carnival::http::views;
use carnival::rules::carnival::Carnival;
use carnival::rules::carnival_file;
use carnival::rules::lang::Lang;
use carnival::rules::roles::{Place, Role};
use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};

use super::check;
use super::setup::{self, Stage};
use super::stop::Stop;
use super::terminal::{Failed, say};

/// The sample carnival, as it is shipped.
const SAMPLE: &str = include_str!("../../../config/carnival-2023.toml");

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The moment at which the rehearsal begins, on the carnival's clocks: 2023-04-14T10:00. The
    /// clock runs on from there. Without it, a moment at which the first route is open.
    #[arg(long, value_name = "TIME")]
    at: Option<DateTime>,
    /// Another carnival file than the sample.
    #[arg(long, value_name = "FILE")]
    carnival: Option<PathBuf>,
    /// Where data are kept; without it, in a scratch folder that is removed at the end.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// The port; 0 takes a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Listen on the local network too, for phones.
    #[arg(long)]
    lan: bool,
}

/// Serves a carnival with its clock set.
pub(crate) async fn rehearse(arguments: Arguments, lang: Lang) -> Result<(), Failed> {
    let Arguments { at, carnival: file, folder, port, lan } = arguments;
    let text = match &file {
        Some(file) => check::read(file, lang)?,
        None => SAMPLE.to_owned(),
    };
    let name = file.as_deref().unwrap_or(Path::new("config/carnival-2023.toml")).display().to_string();
    let carnival = carnival_file::parse(&text).map_err(|mistakes| carnival_file::report(&mistakes, &name, lang))?;
    let begins = match at {
        Some(at) => at.to_zoned(carnival.time_zone.clone())?.timestamp(),
        None => rehearsal::good_moment(&carnival).unwrap_or_else(Timestamp::now),
    };
    let (listen, host) = if lan { lan_address(port)? } else { loopback(port)? };
    // Before there is anything to clean up.
    let stop = Stop::listen()?;
    let scratch = Scratch::new(folder)?;
    let stage = Stage { text, listen, host, clock: Clock::from(begins) };
    let (server, app) = setup::rehearsal(stage, &scratch.folder, lang).await?;
    say(&walk(&app, &scratch, lang).await?);
    server.run(stop.asked()).await?;
    Ok(())
}

/// The folder of a rehearsal.
struct Scratch {
    folder: PathBuf,
    ours: bool,
}

impl Scratch {
    fn new(named: Option<PathBuf>) -> Result<Scratch, Failed> {
        if let Some(folder) = named {
            return Ok(Scratch { folder, ours: false });
        }
        // Random, and made anew: what an earlier rehearsal or somebody else left there is never opened.
        let folder = std::env::temp_dir().join(format!("carnival-rehearsal-{:016x}", getrandom::u64()?));
        DirBuilder::new().mode(0o700).create(&folder)?;
        Ok(Scratch { folder, ours: true })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.ours {
            // What cannot be removed lies in the system's own scratch folder.
            let _left = std::fs::remove_dir_all(&self.folder);
        }
    }
}

fn loopback(port: u16) -> std::io::Result<(SocketAddr, String)> {
    Ok((known_port(Ipv4Addr::LOCALHOST, port)?, Ipv4Addr::LOCALHOST.to_string()))
}

/// The links name the port before the server listens, so a free one is looked for first.
fn known_port(address: Ipv4Addr, port: u16) -> std::io::Result<SocketAddr> {
    match port {
        0 => TcpListener::bind((address, 0))?.local_addr(),
        port => Ok(SocketAddr::from((address, port))),
    }
}

/// All addresses, and the one at which phones find this machine: that of the interface which a
/// packet to the outside would take. None is sent.
fn lan_address(port: u16) -> std::io::Result<(SocketAddr, String)> {
    let seen = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).and_then(|socket| {
        socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9))?;
        socket.local_addr()
    });
    let host = seen.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |address| address.ip());
    Ok((known_port(Ipv4Addr::UNSPECIFIED, port)?, host.to_string()))
}

/// The links and the walk.
async fn walk(app: &App, scratch: &Scratch, lang: Lang) -> Result<String, Failed> {
    let live = app.live();
    let carnival = &live.carnival;
    let base = &app.practice.public_url;
    let volunteer = invitation(app, Role::Volunteer, first_booth(carnival), lang).await?;
    let organiser = invitation(app, Role::Organiser, None, lang).await?;
    let card = codes::paper_passports(app, 1).await.map_err(|error| setup::in_words(error, lang))?;
    let printed = codes::printed(app, &live);
    let mut text = String::new();
    let now = views::local(&live, app.now());
    writeln!(text, "{}", lang.pick("演练开始了，按 Ctrl-C 结束。", "The rehearsal runs; Ctrl-C ends it."))?;
    writeln!(text, "  {base}    {}    {now}", carnival.name)?;
    writeln!(text, "  {}: {}", lang.pick("数据", "data"), scratch.folder.display())?;
    let mut link = |name: &str, link: &str| writeln!(text, "  {name:<18} {link}");
    link("API", &format!("{base}/docs/"))?;
    link(lang.pick("嘉年华", "carnival"), &format!("{base}/v1/carnival"))?;
    link(lang.pick("志愿者", "volunteer"), &volunteer)?;
    link(lang.pick("组织者", "organiser"), &organiser)?;
    for card in &card {
        link(lang.pick("纸质集章卡", "paper passport"), &card.link)?;
    }
    for code in printed.iter().filter(|code| code.point.codes.printed) {
        link(code.point.id.as_str(), &code.link)?;
    }
    let first = carnival.routes.first().map(|route| &route.id);
    let of_first = |code: &&codes::PrintedCode| Some(&code.point.route) == first && code.point.codes.printed;
    let links: Vec<&str> = printed.iter().filter(of_first).map(|code| code.link.as_str()).collect();
    let gift = carnival.gifts.first().map(|gift| gift.id.as_str()).unwrap_or_default();
    text.push_str(&curls(base, &links, gift, [&volunteer, &organiser], lang));
    Ok(text)
}

fn first_booth(carnival: &Carnival) -> Option<Place> {
    let gift = carnival.gifts.first()?;
    let market = carnival.routes.first().map(|route| &route.id);
    let takes = |id| gift.booths.is_empty() || gift.booths.contains(id);
    let at_market = carnival.booths.iter().find(|booth| booth.route.as_ref() == market && takes(&booth.id));
    let booth = at_market.or_else(|| carnival.booths.iter().find(|booth| takes(&booth.id)))?;
    Some(Place::Booth(booth.id.clone()))
}

async fn invitation(app: &App, role: Role, place: Option<Place>, lang: Lang) -> Result<String, Failed> {
    let until = app.now().checked_add(SignedDuration::from_hours(24 * 30))?;
    let offer = Offer { role, place, uses: 100, until };
    Ok(invite(app, offer).await.map_err(|error| setup::in_words(error, lang))?.link)
}

/// The walk, to paste into another terminal.
fn curls(base: &str, links: &[&str], gift: &str, [volunteer, organiser]: [&str; 2], lang: Lang) -> String {
    let step = |zh: &'static str, en: &'static str| lang.pick(zh, en);
    let links = links.join(" ");
    format!(
        r#"
{paste}
  C={base}; J='content-type: application/json'
  # {log_in}
  ME=$(curl -s $C/v1/sessions/wechat -H "$J" -d '{{"code":"ana"}}' | sed 's/.*"token":"\([^"]*\)".*/\1/')
  # {read}
  curl -s --compressed $C/v1/carnival | head -c 300; echo
  # {scan}
  for Q in {links}; do
    curl -s $C/v1/check-ins -H "authorization: Bearer $ME" -H "$J" -d "{{\"code\":\"$Q\"}}" | head -c 260; echo
  done
  # {passport}
  curl -s $C/v1/me/passport -H "authorization: Bearer $ME"; echo
  # {claim}
  V=$(curl -s $C/v1/me/claims -H "authorization: Bearer $ME" -H "$J" -d '{{"gift":"{gift}"}}' | sed 's/.*"id":"\([0-9]*\)".*/\1/'); echo "$V"
  # {duty}
  WE=$(curl -s $C/v1/sessions/staff -H "$J" -d '{{"invitation":"{volunteer}","name":"王阿姨","nonce":"my-tablet-1"}}' | sed 's/.*"token":"\([^"]*\)".*/\1/')
  # {redeem}
  curl -s $C/v1/booth/redemptions -H "authorization: Bearer $WE" -H "$J" -d "{{\"vouchers\":[\"$V\"],\"nonce\":\"confirm-1\"}}"; echo
  # {again}
  curl -s $C/v1/booth/redemptions -H "authorization: Bearer $WE" -H "$J" -d "{{\"vouchers\":[\"$V\"],\"nonce\":\"confirm-2\"}}"; echo
  # {office}
  CHEN=$(curl -s $C/v1/sessions/staff -H "$J" -d '{{"invitation":"{organiser}","name":"陈社工","nonce":"my-laptop-1"}}' | sed 's/.*"token":"\([^"]*\)".*/\1/')
  curl -s $C/v1/organiser/summary -H "authorization: Bearer $CHEN" | head -c 400; echo
  curl -s $C/v1/organiser/ledger.csv -H "authorization: Bearer $CHEN" | head -n 4
"#,
        paste = step("走一遍（粘贴到另一个终端）：", "The walk, to paste into another terminal:"),
        log_in = step(
            "以居民身份登录（演练里名字就是登录码）",
            "log in as a resident (in a rehearsal a name is the login code)"
        ),
        read = step("看嘉年华", "read the carnival"),
        scan = step("用每个点位的印刷码打卡", "check in with the printed code of each point"),
        passport = step("看盖章进度", "see the passport grow"),
        claim = step("领一份已经赢得的礼物", "claim a gift that is now earned"),
        duty = step("志愿者上岗", "a volunteer begins her shift"),
        redeem = step("志愿者确认领取", "she confirms the gift"),
        office = step("组织者看看进展和礼品收发存", "an organiser looks how it goes, and at the gift ledger"),
        again = step("再确认一次：何时、何地、由谁已确认", "and once more: told when, where and by whom it was done"),
    )
}
