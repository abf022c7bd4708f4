//! `carnival invite`: creates, lists, changes and ends invitations, and decides about the devices that wait.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use jiff::Timestamp;
use reqwest::Method;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use crate::http::api::answers::{
    DeviceView, EndedDutyView, InvitationTermsView, InvitationView, NewInvitationView, RosterView, StaffView,
};
use crate::messages::commands::CommandMessage as Message;
use crate::messages::messages;
use crate::rules::ids::{BoothId, PointId};
use crate::rules::lang::Lang;
use crate::rules::staff::invitation_terms::{InvitationError, InvitationRequest, InvitationTerms};
use crate::rules::staff::roles::Role;

use super::check;
use super::client::{Client, Published};
use super::console::{CliError, info, print_line, say, write_file};
use super::settings::ConfigFile;

/// The roles that can be invited.
const ROLES: [&str; 5] = ["volunteer", "organiser", "viewer", "reporter", "display"];

#[derive(clap::Args)]
#[group(id = "what", required = true, multiple = false, args = ["role", "roster", "list", "end", "close", "renew", "admit", "refuse"])]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// Create an invitation for this role.
    #[arg(long, value_parser = PossibleValuesParser::new(ROLES).try_map(|role| role.parse::<Role>().map_err(|why| why.to_string())))]
    role: Option<Role>,
    /// The booth where the volunteer works.
    #[arg(long, conflicts_with = "point")]
    booth: Option<BoothId>,
    /// The point where the volunteer works, or which the tablet shows.
    #[arg(long)]
    point: Option<PointId>,
    /// How many devices it admits.
    #[arg(long, requires = "role", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    uses: u16,
    /// When it expires, in carnival time: 2023-04-13 (at the end of the day) or 2023-04-13T18:00. Without it, at the end
    /// of the carnival; for organisers 14 days later.
    #[arg(long)]
    until: Option<String>,
    /// New devices wait until an organiser admits them.
    #[arg(long, requires = "role")]
    approval: bool,
    /// Invite everybody in a file: one volunteer a line, with name, booth or point, and shift, separated by tabs or
    /// commas. Each gets a link for one device.
    #[arg(long, value_name = "FILE")]
    roster: Option<PathBuf>,
    /// Write the codes of the roster as a PDF to print.
    #[arg(long, value_name = "FILE", requires = "roster")]
    sheet: Option<PathBuf>,
    /// List all invitations with their devices and sessions.
    #[arg(long)]
    list: bool,
    /// End sessions, or invitations with all their sessions, by id; an ended session is refused from the next request
    /// on, and its device is not let in again.
    #[arg(long, value_name = "ID", num_args = 1..)]
    end: Vec<String>,
    /// Admit no further device with this invitation; those that were admitted stay.
    #[arg(long, value_name = "ID")]
    close: Option<String>,
    /// Extend this invitation to --until: the same link lets the same devices in.
    #[arg(long, value_name = "ID", requires = "until")]
    renew: Option<String>,
    /// Admit a device that waits, or that was barred; with --booth or --point if the invitation has no place.
    #[arg(long, value_name = "DEVICE")]
    admit: Option<String>,
    /// Refuse a device.
    #[arg(long, value_name = "DEVICE")]
    refuse: Option<String>,
}

/// Runs `carnival invite`.
pub(crate) async fn invite(arguments: Arguments, lang: Lang) -> Result<(), CliError> {
    let (mut client, published) = Client::connect(&arguments.config, None, lang).await?;
    let Arguments { booth, point, until, .. } = &arguments;
    if arguments.list {
        list(&mut client, lang).await?;
    } else if let Some(roster) = &arguments.roster {
        invite_roster(&mut client, roster, arguments.sheet.as_deref(), lang).await?;
    } else if let Some(id) = &arguments.close {
        change(&mut client, id, json!({ "closed": true }), lang).await?;
    } else if let Some(id) = &arguments.renew {
        change(&mut client, id, json!({ "until": until }), lang).await?;
    } else if let Some(device) = &arguments.admit {
        decide(&mut client, device, json!({ "admit": true, "booth": booth, "point": point }), lang).await?;
    } else if let Some(device) = &arguments.refuse {
        decide(&mut client, device, json!({ "admit": false }), lang).await?;
    } else if let Some(role) = arguments.role {
        create(&mut client, &published, &arguments, role, lang).await?;
    } else {
        end(&mut client, &arguments.end, lang).await?;
    }
    client.close().await;
    Ok(())
}

async fn create(
    client: &mut Client,
    published: &Published,
    arguments: &Arguments,
    role: Role,
    lang: Lang,
) -> Result<(), CliError> {
    check_terms(published, arguments, role, lang)?;
    let Arguments { booth, point, uses, until, approval, .. } = arguments;
    let body = json!({
        "role": role, "booth": booth, "point": point, "uses": uses, "until": until, "approval": approval,
    });
    let NewInvitationView { terms, link } = client.json(client.post("/v1/organiser/staff").json(&body)).await?;
    let InvitationTermsView { id, uses, until, .. } = &terms;
    print_line(&link);
    print_line(&say(lang, &Message::Invited { id, uses: *uses, until }));
    Ok(())
}

/// Checks the terms here too, for sentences that name the arguments.
fn check_terms(published: &Published, arguments: &Arguments, role: Role, lang: Lang) -> Result<(), CliError> {
    let request = InvitationRequest {
        role,
        booth: arguments.booth.clone(),
        point: arguments.point.clone(),
        uses: arguments.uses,
        until: arguments.until.as_deref(),
        approval: arguments.approval,
    };
    let Err(why) = InvitationTerms::validate(&published.carnival, request, Timestamp::now()) else { return Ok(()) };
    Err(match why {
        InvitationError::UnknownBooth(booth) => {
            let known: Vec<_> = published.carnival.booths.iter().map(|booth| booth.id.as_str()).collect();
            say(lang, &Message::UnknownBooth { booth: &booth, known: &known.join(", ") }).into()
        }
        InvitationError::UnknownPoint(point) => published.unknown_point(&point, lang),
        InvitationError::StationMismatch(_) => say(lang, &Message::StationMismatch).into(),
        InvitationError::UsesOutOfRange => say(lang, &Message::UsesOutOfRange).into(),
        InvitationError::UntilUnreadable => {
            say(lang, &Message::UntilUnreadable { text: &arguments.until.as_deref().unwrap_or_default() }).into()
        }
        InvitationError::UntilPast => say(lang, &Message::UntilPast).into(),
        without_code @ InvitationError::NoDisplayCode(_) => messages(lang).refusal(&without_code.into()).into(),
    })
}

/// The nonce follows from the file, so the same file gives the same links: a lost sheet can be printed again.
async fn invite_roster(client: &mut Client, file: &Path, sheet: Option<&Path>, lang: Lang) -> Result<(), CliError> {
    let lines = check::read_text(file, lang)?;
    let hash = digest(&SHA256, lines.as_bytes());
    let nonce = URL_SAFE_NO_PAD.encode(hash.as_ref());
    let body = json!({ "lines": lines, "nonce": nonce });
    if let Some(sheet) = sheet {
        let pdf = client.bytes(client.post("/v1/organiser/roster/sheet").json(&body)).await?;
        write_file(sheet, pdf, lang)?;
    }
    let RosterView { invitations } = client.json(client.post("/v1/organiser/roster").json(&body)).await?;
    for NewInvitationView { terms, link } in &invitations {
        let entry = terms.roster.as_ref();
        let name = entry.map_or("-", |entry| entry.name.as_str());
        let shift = entry.and_then(|entry| entry.shift.as_deref()).unwrap_or("-");
        let place = terms.place.as_ref().map_or("-", |place| place.name.as_str());
        print_line(&format!("{name}\t{place}\t{shift}\t{link}"));
    }
    info(&say(lang, &Message::RosterInvited { count: &invitations.len() }));
    if let Some(sheet) = sheet {
        info(&say(lang, &Message::SheetWritten { file: &sheet.display() }));
    }
    Ok(())
}

async fn change(client: &mut Client, id: &str, body: Value, lang: Lang) -> Result<(), CliError> {
    let request = client.request(Method::PUT, &format!("/v1/organiser/staff/{id}")).json(&body);
    let InvitationTermsView { id, uses_left, until, .. } = client.json(request).await?;
    print_line(&say(lang, &Message::InvitationChanged { id: &id, left: uses_left, until: &until }));
    Ok(())
}

async fn decide(client: &mut Client, device: &str, body: Value, lang: Lang) -> Result<(), CliError> {
    let request = client.request(Method::PUT, &format!("/v1/organiser/staff-devices/{device}")).json(&body);
    let DeviceView { name, .. } = client.json(request).await?;
    print_line(&say(lang, &Message::DeviceDecided { name: &name, admitted: body["admit"] == json!(true) }));
    Ok(())
}

async fn staff(client: &mut Client) -> Result<StaffView, CliError> {
    client.json(client.get("/v1/organiser/staff")).await
}

async fn list(client: &mut Client, lang: Lang) -> Result<(), CliError> {
    let StaffView { invitations } = staff(client).await?;
    if invitations.is_empty() {
        print_line(&say(lang, &Message::NoInvitations));
    }
    for invitation in invitations {
        print_invitation(&invitation, lang);
    }
    Ok(())
}

fn print_invitation(invitation: &InvitationView, lang: Lang) {
    let at = |word: Message<'_>, time: Option<&String>| {
        time.map(|time| format!("  {} {time}", say(lang, &word))).unwrap_or_default()
    };
    let InvitationView { terms, taken, ended, devices, sessions, .. } = invitation;
    let role = (messages(lang).texts().answers.role)(terms.role);
    let place = terms.place.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
    let person = terms.roster.as_ref().map(|entry| format!("  {}", entry.name)).unwrap_or_default();
    let approval = if terms.approval { format!("  {}", say(lang, &Message::NeedsApproval)) } else { String::new() };
    print_line(&format!(
        "{}  {role}  {place}{person}  {taken}/{}  → {}{approval}{}",
        terms.id,
        terms.uses,
        terms.until,
        at(Message::Ended, ended.as_ref())
    ));
    for device in devices {
        let state = say(lang, &Message::DeviceState { state: device.state });
        print_line(&format!("  {}  {}  {state}", device.id, device.name));
    }
    for session in sessions {
        let (seen, ended) =
            (at(Message::LastSeen, session.last_seen.as_ref()), at(Message::Ended, session.ended.as_ref()));
        print_line(&format!(
            "    {}  {}  {} → {}{seen}{ended}",
            session.id, session.name, session.begun, session.until
        ));
    }
}

async fn end(client: &mut Client, ids: &[String], lang: Lang) -> Result<(), CliError> {
    let mut unknown = Vec::new();
    for id in ids {
        let StaffView { invitations } = staff(client).await?;
        let sessions = || invitations.iter().flat_map(|invitation| &invitation.sessions);
        if !invitations.iter().any(|one| one.terms.id == *id) && !sessions().any(|session| session.id == *id) {
            unknown.push(id.as_str());
            continue;
        }
        let ended: EndedDutyView =
            client.json(client.request(Method::DELETE, &format!("/v1/organiser/staff/{id}"))).await?;
        print_line(&match ended.kind.as_str() {
            "invitation" => say(lang, &Message::InvitationEnded { id, count: &ended.sessions }),
            _ => say(lang, &Message::SessionEnded { says: &ended.says }),
        });
    }
    if unknown.is_empty() {
        return Ok(());
    }
    Err(say(lang, &Message::NothingToEnd { unknown: &unknown.join(", ") }).into())
}
