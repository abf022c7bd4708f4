//! `carnival route move`: moves a route to other days.

use jiff::civil::Date;
use reqwest::Method;
use serde_json::json;

use crate::rules::ids::RouteId;
use crate::rules::lang::Lang;

use super::client::Client;
use super::console::CliError;
use super::edits::{self, DryRunOption, parse_day};
use super::settings::ConfigFile;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    #[command(subcommand)]
    what: RouteCommand,
}

#[derive(clap::Subcommand)]
enum RouteCommand {
    /// Move a route to other days. While it is under way, the first call prints a code for --confirm and changes nothing.
    Move(MoveArguments),
}

#[derive(clap::Args)]
struct MoveArguments {
    /// The route's id.
    route: RouteId,
    /// The first day, such as 2023-04-14.
    #[arg(long = "first", value_name = "DAY", value_parser = parse_day)]
    first_day: Date,
    /// The last day.
    #[arg(long = "last", value_name = "DAY", value_parser = parse_day)]
    last_day: Date,
    /// Days after these on which the route also runs, separated by commas. Without it, the present ones stay.
    #[arg(long = "extra", value_name = "DAYS", value_parser = parse_day, value_delimiter = ',')]
    extra_days: Option<Vec<Date>>,
    /// Remove the present extra days.
    #[arg(long, conflicts_with = "extra_days")]
    no_extra: bool,
    /// A notice for residents, up to 200 characters, shown until the route's last day or its next move.
    #[arg(long, value_name = "TEXT")]
    notice: Option<String>,
    /// Move a route that is under way: the code that the first call printed.
    #[arg(long, value_name = "CODE")]
    confirm: Option<String>,
    #[command(flatten)]
    option: DryRunOption,
}

/// Runs `carnival route`.
pub(crate) async fn route(arguments: Arguments, lang: Lang) -> Result<(), CliError> {
    let Arguments { config, what: RouteCommand::Move(asked) } = arguments;
    let MoveArguments { route: id, first_day, last_day, extra_days, no_extra, notice, confirm, option } = asked;
    let (mut client, published) = Client::connect(&config, None, lang).await?;
    published.ensure_route(&id, lang)?;
    let extra_days = if no_extra { Some(Vec::new()) } else { extra_days };
    let request = client.request(Method::PUT, &format!("/v1/organiser/routes/{id}/days")).json(&json!({
        "first_day": first_day, "last_day": last_day, "extra_days": extra_days, "notice": notice, "confirm": confirm,
    }));
    edits::edit(&mut client, request, &option, lang).await?;
    client.close().await;
    Ok(())
}
