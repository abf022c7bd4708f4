//! `carnival invite`: creates, lists and ends invitations.

use jiff::Timestamp;
use reqwest::Method;
use serde_json::json;

use crate::http::api::answers::{InvitationView, NewInvitationView, StaffView};
use crate::messages::commands::CommandMessage as Message;
use crate::rules::ids::{BoothId, PointId};
use crate::rules::lang::Lang;
use crate::rules::staff::invitation_terms::{InvitationError, InvitationRequest, InvitationTerms};
use crate::rules::staff::roles::Role;

use super::client::{Client, Published};
use super::console::{CliError, print_line, say};
use super::settings::ConfigFile;

#[derive(clap::Args)]
#[group(id = "what", required = true, multiple = false, args = ["role", "list", "end"])]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// Create an invitation for this role.
    #[arg(long, value_parser = ["volunteer", "organiser"])]
    role: Option<String>,
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

/// Runs `carnival invite`.
pub(crate) async fn invite(arguments: Arguments, lang: Lang) -> Result<(), CliError> {
    let (mut client, published) = Client::connect(&arguments.config, None, lang).await?;
    if arguments.list {
        list(&mut client, lang).await?;
    } else if arguments.end.is_empty() {
        create(&mut client, &published, &arguments, lang).await?;
    } else {
        end(&mut client, &arguments.end, lang).await?;
    }
    client.close().await;
    Ok(())
}

async fn create(client: &mut Client, published: &Published, arguments: &Arguments, lang: Lang) -> Result<(), CliError> {
    let role = check_terms(published, arguments, lang)?;
    let Arguments { booth, point, uses, until, .. } = arguments;
    let body = json!({ "role": role, "booth": booth, "point": point, "uses": uses, "until": until });
    let NewInvitationView { id, link, uses, until, .. } =
        client.json(client.post("/v1/organiser/staff").json(&body)).await?;
    print_line(&link);
    print_line(&say(lang, &Message::Invited { id: &id, uses, until: &until }));
    Ok(())
}

/// Checks the terms here too, for sentences that name the arguments. Returns the role.
fn check_terms(published: &Published, arguments: &Arguments, lang: Lang) -> Result<Role, CliError> {
    let is_organiser = arguments.role.as_deref() == Some("organiser");
    let role = if is_organiser { Role::Organiser } else { Role::Volunteer };
    let request = InvitationRequest {
        role,
        booth: arguments.booth.clone(),
        point: arguments.point.clone(),
        uses: arguments.uses,
        until: arguments.until.as_deref(),
    };
    let Err(why) = InvitationTerms::validate(&published.carnival, request, Timestamp::now()) else { return Ok(role) };
    Err(match why {
        InvitationError::UnknownBooth(booth) => {
            let known: Vec<_> = published.carnival.booths.iter().map(|booth| booth.id.as_str()).collect();
            say(lang, &Message::UnknownBooth { booth: &booth, known: &known.join(", ") }).into()
        }
        InvitationError::UnknownPoint(point) => published.unknown_point(&point, lang),
        InvitationError::StationMismatch => say(lang, &Message::StationMismatch).into(),
        InvitationError::UsesOutOfRange => say(lang, &Message::UsesOutOfRange).into(),
        InvitationError::UntilUnreadable => {
            say(lang, &Message::UntilUnreadable { text: &arguments.until.as_deref().unwrap_or_default() }).into()
        }
        InvitationError::UntilPast => say(lang, &Message::UntilPast).into(),
    })
}

async fn staff(client: &mut Client) -> Result<StaffView, CliError> {
    client.json(client.get("/v1/organiser/staff")).await
}

async fn list(client: &mut Client, lang: Lang) -> Result<(), CliError> {
    let StaffView { invitations } = staff(client).await?;
    if invitations.is_empty() {
        print_line(&say(lang, &Message::NoInvitations));
    }
    let at = |word: &str, time: Option<String>| time.map(|time| format!("  {word} {time}")).unwrap_or_default();
    let (ended, seen) = (say(lang, &Message::Ended), say(lang, &Message::LastSeen));
    for invitation in invitations {
        let role = match invitation.role {
            Role::Volunteer => say(lang, &Message::Volunteer),
            Role::Organiser => say(lang, &Message::Organiser),
        };
        let place = invitation.place.map_or_else(|| "-".to_owned(), |place| place.to_string());
        print_line(&format!(
            "{}  {role}  {place}  {}/{}  → {}{}",
            invitation.id,
            invitation.taken,
            invitation.uses,
            invitation.until,
            at(&ended, invitation.ended)
        ));
        for session in invitation.sessions {
            let (seen, ended) = (at(&seen, session.last_seen), at(&ended, session.ended));
            print_line(&format!(
                "    {}  {}  {} → {}{seen}{ended}",
                session.id, session.name, session.begun, session.until
            ));
        }
    }
    Ok(())
}

async fn end(client: &mut Client, ids: &[String], lang: Lang) -> Result<(), CliError> {
    let mut unknown = Vec::new();
    for id in ids {
        let StaffView { invitations } = staff(client).await?;
        let invitation = invitations.iter().find(|invitation| invitation.id == *id);
        let sessions = || invitations.iter().flat_map(|invitation| &invitation.sessions);
        if invitation.is_none() && !sessions().any(|session| session.id == *id) {
            unknown.push(id.as_str());
            continue;
        }
        client.send(client.request(Method::DELETE, &format!("/v1/organiser/staff/{id}"))).await?;
        print_line(&match invitation {
            Some(InvitationView { sessions, .. }) => {
                let count = sessions.iter().filter(|session| session.ended.is_none()).count();
                say(lang, &Message::InvitationEnded { id, count: &count })
            }
            None => say(lang, &Message::SessionEnded { id }),
        });
    }
    if unknown.is_empty() {
        return Ok(());
    }
    Err(say(lang, &Message::NothingToEnd { unknown: &unknown.join(", ") }).into())
}
