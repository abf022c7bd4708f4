//! `carnival point`: closes a point for a day or for good, and opens it again.

use jiff::civil::Date;
use reqwest::Method;
use serde_json::json;

use crate::rules::ids::PointId;
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
    what: PointCommand,
}

#[derive(clap::Subcommand)]
enum PointCommand {
    /// Close a point, today or on another day, and print whom that concerns. Who has a stamp on its route on that day
    /// need not visit it, once it was closed for 15 minutes.
    Close(CloseArguments),
    /// Open a point again, and remove the notice of its closure. After less than 15 minutes, nothing has changed for
    /// anybody.
    Open {
        /// The point's id.
        point: PointId,
        #[command(flatten)]
        option: DryRunOption,
    },
}

#[derive(clap::Args)]
struct CloseArguments {
    /// The point's id.
    point: PointId,
    /// The reason shown to residents: 1 to 60 characters.
    #[arg(long)]
    reason: String,
    /// The day, such as 2023-04-14. Without it, today.
    #[arg(long, value_name = "DAY", value_parser = parse_day)]
    day: Option<Date>,
    /// Close it for good: its route then needs one stamp less of everybody.
    #[arg(long, conflicts_with_all = ["day", "no_relief"])]
    for_good: bool,
    /// Everybody still needs the stamp of this point.
    #[arg(long)]
    no_relief: bool,
    /// The point is dangerous: its poster gives no rain stamps, and residents are asked to stay away.
    #[arg(long)]
    keep_away: bool,
    /// A notice for residents, up to 200 characters, shown until the closure ends.
    #[arg(long, value_name = "TEXT")]
    notice: Option<String>,
    #[command(flatten)]
    option: DryRunOption,
}

/// Runs `carnival point`.
pub(crate) async fn point(arguments: Arguments, lang: Lang) -> Result<(), CliError> {
    let Arguments { config, what } = arguments;
    let (PointCommand::Close(CloseArguments { point: id, option, .. }) | PointCommand::Open { point: id, option }) =
        &what;
    let (mut client, published) = Client::connect(&config, None, lang).await?;
    published.point(id, lang)?;
    let path = format!("/v1/organiser/points/{id}/closure");
    let request = match &what {
        PointCommand::Close(CloseArguments { reason, day, for_good, no_relief, keep_away, notice, .. }) => {
            client.post(&path).json(&json!({
                "reason": reason, "day": day, "until_further_notice": for_good, "relief": !no_relief,
                "keep_away": keep_away, "notice": notice,
            }))
        }
        PointCommand::Open { .. } => client.request(Method::DELETE, &path),
    };
    edits::edit(&mut client, request, option, lang).await?;
    client.close().await;
    Ok(())
}
