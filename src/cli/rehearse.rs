//! `carnival rehearse`: serves a trial carnival with its clock set.

mod links;

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::actions::prints::printed_codes;
use crate::actions::{App, rehearsal_default_start};
use crate::http::Server;
use crate::messages::commands::CommandMessage as Message;
use crate::pictures::artwork::ArtworkSource;
use crate::rules::lang::Lang;
use crate::rules::staff::roles::Role;
use jiff::Timestamp;
use jiff::civil::DateTime;
use tokio::sync::oneshot;

use self::links::{build_links, invitation};
use super::bootstrap::{self, RehearsalConfig};
use super::check;
use super::console::{CliError, info, print_line, say, temporary_folder, warn};
use super::signals::ShutdownSignal;
use super::simulation::{self, SimulationInputs};

/// The bundled sample carnival.
const SAMPLE: &str = include_str!("../../config/carnival-2023.toml");

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The start of the rehearsal, in carnival time: 2023-04-14T10:00. The clock runs on from there. Without it, a time
    /// at which the first route is open.
    #[arg(long, value_name = "TIME")]
    at: Option<DateTime>,
    /// A carnival file to use instead of the sample.
    #[arg(long, value_name = "FILE")]
    carnival: Option<PathBuf>,
    /// The folder for the data. Without it, a temporary folder that is removed at the end.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// The port; 0 picks a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Also listen on the local network, for phones.
    #[arg(long)]
    lan: bool,
    #[command(flatten)]
    crowd: simulation::Arguments,
}

/// Runs `carnival rehearse`.
pub(crate) async fn rehearse(arguments: Arguments, lang: Lang) -> Result<(), CliError> {
    let Arguments { at, carnival: file, folder, port, lan, crowd } = arguments;
    let text = match &file {
        Some(file) => check::read_text(file, lang)?,
        None => SAMPLE.to_owned(),
    };
    let name = file.as_deref().unwrap_or(Path::new("config/carnival-2023.toml")).display().to_string();
    let carnival = check::parse_carnival(&text, &name, lang)?;
    let starts_at = match at {
        Some(at) => at.to_zoned(carnival.time_zone.clone())?.timestamp(),
        None => rehearsal_default_start::default_start(&carnival).unwrap_or_else(Timestamp::now),
    };
    let (address, host) = if lan { lan_address() } else { (Ipv4Addr::LOCALHOST, Ipv4Addr::LOCALHOST.to_string()) };
    let address = SocketAddr::from((address, port));
    // The links name the port before the server runs, so it stays bound from here on.
    let listener = TcpListener::bind(address)
        .map_err(|cause| say(lang, &Message::PortTaken { address: &address, cause: &cause }))?;
    // Catch signals before the temporary folder is created, so that it is always removed.
    let shutdown = ShutdownSignal::listen()?;
    // In a new folder, data left by an earlier rehearsal or another user is never opened. It is removed at the end.
    let temporary = match folder {
        Some(_) => None,
        None => Some(temporary_folder("rehearsal")?),
    };
    let folder = temporary.as_ref().map_or(folder.unwrap_or_default(), |temporary| temporary.path().to_owned());
    let speed = crowd.crowd.map_or(NonZeroU32::MIN, |people| crowd.speed(people));
    let artwork = file.as_deref().map_or(ArtworkSource::Sample, check::artwork_of);
    let config = RehearsalConfig { text, artwork, listener, host, starts_at, speed };
    let (server, app) = bootstrap::build_rehearsal(config, &folder, lang).await?;
    let (links, curl_examples) = build_links(&app, &folder, lang).await?;
    let Some(people) = crowd.crowd else {
        print_line(&(links + &curl_examples));
        server.run(shutdown.recv(None)).await?;
        return Ok(());
    };
    print_line(links.trim_end());
    serve_with_simulation(server, app, shutdown, (crowd, people), lang).await
}

/// Serves while the simulation runs, and afterwards until a signal, unless `--once` is set.
async fn serve_with_simulation(
    server: Server,
    app: Arc<App>,
    shutdown: ShutdownSignal,
    (arguments, people): (simulation::Arguments, u32),
    lang: Lang,
) -> Result<(), CliError> {
    let cards = simulation::cards_needed(&arguments, people);
    let inputs = simulation_inputs(&app, cards).await?;
    let (finish, finished) = oneshot::channel();
    let clock = app.clock.clone();
    let crowd = tokio::spawn(async move {
        let outcome = simulation::run(&arguments, people, inputs, lang).await;
        // After the simulation the clock runs in real time, for people who try the carnival by hand.
        clock.set_speed(1);
        if arguments.once {
            let _stopped = finish.send(());
        } else {
            if let Err(why) = &outcome {
                warn(why);
            }
            info(&say(lang, &Message::RehearsalGoesOn));
        }
        outcome
    });
    let until = async {
        // A sender dropped without sending does not end the rehearsal.
        let over = async {
            if finished.await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = shutdown.recv(None) => {}
            () = over => {}
        }
    };
    server.run(until).await?;
    if !crowd.is_finished() {
        crowd.abort();
    }
    let Ok(outcome) = crowd.await else {
        warn(&say(lang, &Message::CrowdNotFinished));
        return Ok(());
    };
    outcome.map_err(CliError::from)
}

/// Collects the inputs of the simulation: printed codes, paper passports and an invitation.
async fn simulation_inputs(app: &App, cards: u32) -> Result<SimulationInputs, CliError> {
    let printed = printed_codes::printed(app, &app.current());
    let posters = printed.into_iter().filter(|code| code.point.codes.printed);
    let cards = if cards == 0 { Vec::new() } else { printed_codes::paper_passports(app, cards, None).await? };
    Ok(SimulationInputs {
        base: app.settings.public_url.clone(),
        posters: posters.map(|code| (code.point.id.to_string(), code.link)).collect(),
        cards: cards.into_iter().map(|card| card.link).collect(),
        invitation: invitation(app, Role::Organiser, None).await?,
    })
}

/// All interfaces, and the address at which phones reach this machine: the one that the system would use for a packet
/// to the outside. No packet is sent.
fn lan_address() -> (Ipv4Addr, String) {
    let outgoing = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).and_then(|socket| {
        socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9))?;
        socket.local_addr()
    });
    let host = outgoing.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |address| address.ip());
    (Ipv4Addr::UNSPECIFIED, host.to_string())
}
