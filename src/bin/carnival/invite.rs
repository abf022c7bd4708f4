//! `carnival invite`.

use carnival::actions::App;
use carnival::actions::staff::{self, Ended, Invited, Offer};
use carnival::http::views;
use carnival::rules::ids::{BoothId, PointId};
use carnival::rules::lang::Lang;
use carnival::rules::roles::{Place, Role};
use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp};

use super::setup::{self, ConfigFile};
use super::terminal::{Failed, say};

/// How long an invitation can be accepted if nothing is said.
const USUAL: SignedDuration = SignedDuration::from_hours(24);

#[derive(clap::Args)]
#[group(id = "what", required = true, multiple = false, args = ["role", "list", "end"])]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// Invite: volunteer or organiser.
    #[arg(long)]
    role: Option<RoleName>,
    /// The booth where a volunteer will work.
    #[arg(long, requires = "role", conflicts_with = "point")]
    booth: Option<BoothId>,
    /// The point where a volunteer will work.
    #[arg(long, requires = "role")]
    point: Option<PointId>,
    /// How many people may accept it.
    #[arg(long, requires = "role", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    uses: u16,
    /// Until when it can be accepted, on the carnival's clocks: 2023-04-13 (to the end of the day)
    /// or 2023-04-13T18:00. Without it, for 24 hours.
    #[arg(long, requires = "role")]
    until: Option<String>,
    /// List all invitations and who came of them.
    #[arg(long)]
    list: bool,
    /// End an invitation with its sessions, or one session, by its id; ended ones are refused from
    /// the next request on.
    #[arg(long, value_name = "ID", num_args = 1..)]
    end: Vec<String>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum RoleName {
    Volunteer,
    Organiser,
}

/// Invites, lists, ends.
pub(crate) async fn invite(arguments: Arguments, lang: Lang) -> Result<(), Failed> {
    let app = setup::beside(&arguments.config, lang).await?;
    if arguments.list {
        return list(&app, lang).await;
    }
    if !arguments.end.is_empty() {
        return end(&app, &arguments.end, lang).await;
    }
    let offer = offer(&app, &arguments, lang)?;
    let Invited { invitation, link } =
        staff::invite(&app, offer).await.map_err(|error| setup::in_words(error, lang))?;
    let until = views::local(&app.live(), invitation.until);
    let (id, uses) = (&invitation.id, invitation.uses);
    let people = if uses == 1 { "one person".to_owned() } else { format!("{uses} people") };
    say(&link);
    say(&lang.pick(
        format!("邀请 {id}：可供 {uses} 人使用，{until} 前有效。链接只显示这一次，请现在就发出去。"),
        format!("Invitation {id}: {people} can accept it, until {until}. The link is shown only now; send it on."),
    ));
    Ok(())
}

fn offer(app: &App, arguments: &Arguments, lang: Lang) -> Result<Offer, Failed> {
    let live = app.live();
    let carnival = &live.carnival;
    let role = match arguments.role {
        Some(RoleName::Organiser) => Role::Organiser,
        _ => Role::Volunteer,
    };
    let place = match (&arguments.booth, &arguments.point) {
        (Some(booth), _) if carnival.booth(booth).is_none() => {
            let known = carnival.booths.iter().map(|booth| booth.id.as_str()).collect::<Vec<_>>().join(", ");
            return Err(lang
                .pick(
                    format!("没有兑换台 {booth}。现有：{known}"),
                    format!("There is no booth {booth}; there are: {known}"),
                )
                .into());
        }
        (_, Some(point)) if carnival.point_named(point).is_none() => {
            return Err(setup::no_such_point(&live, point, lang));
        }
        (Some(booth), _) => Some(Place::Booth(booth.clone())),
        (_, Some(point)) => Some(Place::Point(point.clone())),
        (None, None) => None,
    };
    if (role == Role::Volunteer) != place.is_some() {
        return Err(lang
            .pick(
                "志愿者要写明 --booth 或 --point；组织者在各处工作，两者都不写。",
                "A volunteer needs --booth or --point; an organiser works everywhere and takes neither.",
            )
            .into());
    }
    let until = match &arguments.until {
        None => app.now().checked_add(USUAL)?,
        Some(text) => read_until(app, text).ok_or_else(|| {
            lang.pick(
                format!("--until {text}：请写成 2023-04-13 或 2023-04-13T18:00。"),
                format!("--until {text}: write it as 2023-04-13 or 2023-04-13T18:00."),
            )
        })?,
    };
    if until <= app.now() {
        return Err(lang.pick("--until 已经过去了。", "--until is in the past.").into());
    }
    Ok(Offer { role, place, uses: arguments.uses, until })
}

/// A local day to its end, or a local time.
fn read_until(app: &App, text: &str) -> Option<Timestamp> {
    let live = app.live();
    let zone = live.carnival.time_zone.clone();
    if let Ok(day) = text.parse::<Date>()
        && text.len() == 10
    {
        return Some(day.at(23, 59, 59, 0).to_zoned(zone).ok()?.timestamp());
    }
    Some(text.parse::<DateTime>().ok()?.to_zoned(zone).ok()?.timestamp())
}

async fn list(app: &App, lang: Lang) -> Result<(), Failed> {
    let live = app.live();
    let at = |moment| views::local(&live, moment);
    let invitations = staff::invitations(app).await.map_err(|error| setup::in_words(error, lang))?;
    if invitations.is_empty() {
        say(lang.pick("还没有邀请。", "There are no invitations yet."));
    }
    for kept in invitations {
        let invitation = &kept.invitation;
        let role = match invitation.role {
            Role::Volunteer => lang.pick("志愿者", "volunteer"),
            Role::Organiser => lang.pick("组织者", "organiser"),
        };
        let place = invitation.place.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
        let ended =
            kept.ended.map(|when| format!("  {} {}", lang.pick("已结束", "ended"), at(when))).unwrap_or_default();
        let (taken, uses) = (kept.sessions.len(), invitation.uses);
        say(&format!("{}  {role}  {place}  {taken}/{uses}  → {}{ended}", invitation.id, at(invitation.until)));
        for session in &kept.sessions {
            let one = &session.session;
            let ended = session
                .ended
                .map(|when| format!("  {} {}", lang.pick("已结束", "ended"), at(when)))
                .unwrap_or_default();
            say(&format!("    {}  {}  {} → {}{ended}", one.id, one.name.as_str(), at(one.begun), at(one.until)));
        }
    }
    Ok(())
}

async fn end(app: &App, ids: &[String], lang: Lang) -> Result<(), Failed> {
    let mut unknown = Vec::new();
    for id in ids {
        match staff::end(app, id).await.map_err(|error| setup::in_words(error, lang))? {
            Ended::Invitation(id, sessions) => {
                let count = sessions.len();
                say(&lang.pick(
                    format!("邀请 {id} 已结束，同时结束了 {count} 个会话。"),
                    format!("Invitation {id} is ended; sessions ended with it: {count}."),
                ));
            }
            Ended::Session(id) => {
                say(&lang.pick(format!("会话 {id} 已结束。"), format!("Session {id} is ended.")));
            }
            Ended::Unknown => unknown.push(id.as_str()),
        }
    }
    if unknown.is_empty() {
        return Ok(());
    }
    let unknown = unknown.join(", ");
    Err(lang
        .pick(format!("没有这样的邀请或会话：{unknown}"), format!("No such invitation or session: {unknown}"))
        .into())
}
