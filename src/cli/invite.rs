//! `carnival invite`: creates, lists and ends invitations.

use crate::actions::App;
use crate::actions::carnival::current_carnival::CurrentCarnival;
use crate::actions::staff::staff_admin::{self, StaffList};
use crate::actions::staff::{self, EndOutcome, InvitationLink};
use crate::http::api::views;
use crate::rules::ids::{BoothId, PointId};
use crate::rules::lang::Lang;
use crate::rules::staff::invitation_terms::{InvitationError, InvitationRequest, InvitationTerms};
use crate::rules::staff::roles::Role;

use super::bootstrap::{self, ConfigFile};
use super::console::{CliError, print_line};

#[derive(clap::Args)]
#[group(id = "what", required = true, multiple = false, args = ["role", "list", "end"])]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// Create an invitation for this role.
    #[arg(long)]
    role: Option<RoleName>,
    /// The booth where the volunteer works.
    #[arg(long, requires = "role", conflicts_with = "point")]
    booth: Option<BoothId>,
    /// The point where the volunteer works.
    #[arg(long, requires = "role")]
    point: Option<PointId>,
    /// How many people may accept it.
    #[arg(long, requires = "role", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    uses: u16,
    /// When it expires, in carnival time: 2023-04-13 (at the end of the day) or 2023-04-13T18:00. Without it, after 24
    /// hours.
    #[arg(long, requires = "role")]
    until: Option<String>,
    /// List all invitations with their sessions.
    #[arg(long)]
    list: bool,
    /// End sessions, or invitations with all their sessions, by id; an ended session is refused from the next request
    /// on.
    #[arg(long, value_name = "ID", num_args = 1..)]
    end: Vec<String>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum RoleName {
    Volunteer,
    Organiser,
}

/// Runs `carnival invite`.
pub(crate) async fn invite(arguments: Arguments, lang: Lang) -> Result<(), CliError> {
    let app = bootstrap::connect_shared(&arguments.config, lang).await?;
    if arguments.list {
        return list(&app, lang).await;
    }
    if !arguments.end.is_empty() {
        return end(&app, &arguments.end, lang).await;
    }
    let terms = terms(&app, &arguments, lang)?;
    let InvitationLink { invitation, link } =
        staff::invite(&app, terms).await.map_err(|error| bootstrap::describe_error(error, lang))?;
    let until = views::local_time(&app.current(), invitation.until);
    let (id, uses) = (&invitation.id, invitation.uses);
    let people = if uses == 1 { "one person".to_owned() } else { format!("{uses} people") };
    print_line(&link);
    print_line(&lang.pick(
        format!("邀请 {id}：可供 {uses} 人使用，{until} 前有效。链接只显示这一次，请现在就发出去。"),
        format!("Invitation {id}: {people} can accept it, until {until}. The link is shown only now; send it on."),
    ));
    Ok(())
}

fn terms(app: &App, arguments: &Arguments, lang: Lang) -> Result<InvitationTerms, CliError> {
    let current = app.current();
    let role = match arguments.role {
        Some(RoleName::Organiser) => Role::Organiser,
        _ => Role::Volunteer,
    };
    let request = InvitationRequest {
        role,
        booth: arguments.booth.clone(),
        point: arguments.point.clone(),
        uses: arguments.uses,
        until: arguments.until.as_deref(),
    };
    InvitationTerms::validate(&current.carnival, request, app.now()).map_err(|why| match why {
        InvitationError::UnknownBooth(booth) => unknown_booth(&current, &booth, lang),
        InvitationError::UnknownPoint(point) => bootstrap::unknown_point(&current, &point, lang),
        InvitationError::StationMismatch => lang
            .pick(
                "志愿者要写明 --booth 或 --point；组织者在各处工作，两者都不写。",
                "A volunteer needs --booth or --point; an organiser works everywhere and takes neither.",
            )
            .into(),
        InvitationError::UsesOutOfRange => lang.pick("--uses：1 到 1000。", "--uses: 1 to 1000.").into(),
        InvitationError::UntilUnreadable => {
            let text = arguments.until.as_deref().unwrap_or_default();
            lang.pick(
                format!("--until {text}：请写成 2023-04-13 或 2023-04-13T18:00。"),
                format!("--until {text}: write it as 2023-04-13 or 2023-04-13T18:00."),
            )
            .into()
        }
        InvitationError::UntilPast => lang.pick("--until 已经过去了。", "--until is in the past.").into(),
    })
}

fn unknown_booth(current: &CurrentCarnival, booth: &BoothId, lang: Lang) -> CliError {
    let known = current.carnival.booths.iter().map(|booth| booth.id.as_str()).collect::<Vec<_>>().join(", ");
    lang.pick(format!("没有兑换台 {booth}。现有：{known}"), format!("There is no booth {booth}; there are: {known}"))
        .into()
}

async fn list(app: &App, lang: Lang) -> Result<(), CliError> {
    let StaffList { current, invitations, last_seen, .. } =
        staff_admin::list(app).await.map_err(|error| bootstrap::describe_error(error, lang))?;
    let at = |moment| views::local_time(&current, moment);
    if invitations.is_empty() {
        print_line(lang.pick("还没有邀请。", "There are no invitations yet."));
    }
    for stored in invitations {
        let invitation = &stored.invitation;
        let role = match invitation.role {
            Role::Volunteer => lang.pick("志愿者", "volunteer"),
            Role::Organiser => lang.pick("组织者", "organiser"),
        };
        let place = invitation.place.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
        let ended =
            stored.ended.map(|when| format!("  {} {}", lang.pick("已结束", "ended"), at(when))).unwrap_or_default();
        let (accepted, uses) = (stored.sessions.len(), invitation.uses);
        print_line(&format!(
            "{}  {role}  {place}  {accepted}/{uses}  → {}{ended}",
            invitation.id,
            at(invitation.until)
        ));
        for session in &stored.sessions {
            let one = &session.session;
            let ended = session
                .ended
                .map(|when| format!("  {} {}", lang.pick("已结束", "ended"), at(when)))
                .unwrap_or_default();
            let seen = last_seen.get(&one.id).map(|when| format!("  {} {}", lang.pick("最近", "seen"), at(*when)));
            let (name, seen) = (one.name.as_str(), seen.unwrap_or_default());
            print_line(&format!("    {}  {name}  {} → {}{seen}{ended}", one.id, at(one.begun), at(one.until)));
        }
    }
    Ok(())
}

async fn end(app: &App, ids: &[String], lang: Lang) -> Result<(), CliError> {
    let mut unknown = Vec::new();
    for id in ids {
        match staff::end(app, id).await.map_err(|error| bootstrap::describe_error(error, lang))? {
            EndOutcome::Invitation(id, sessions) => {
                let count = sessions.len();
                print_line(&lang.pick(
                    format!("邀请 {id} 已结束，同时结束了 {count} 个会话。"),
                    format!("Invitation {id} is ended; sessions ended with it: {count}."),
                ));
            }
            EndOutcome::Session(id) => {
                print_line(&lang.pick(format!("会话 {id} 已结束。"), format!("Session {id} is ended.")));
            }
            EndOutcome::Unknown => unknown.push(id.as_str()),
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
