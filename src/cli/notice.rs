//! `carnival notice`: sets or removes the organisers' notice for residents.

use jiff::civil::Date;
use reqwest::Method;
use serde_json::json;

use crate::rules::lang::Lang;

use super::client::Client;
use super::console::CliError;
use super::edits::{self, DryRunOption, parse_day};
use super::settings::ConfigFile;

#[derive(clap::Args)]
#[group(id = "which", required = true, multiple = false, args = ["text", "remove"])]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// The notice, up to 200 characters. It replaces the present one; notices of closures and moves stay beside it.
    text: Option<String>,
    /// The last day on which it is shown, such as 2023-04-14. Without it, today.
    #[arg(long, value_name = "DAY", value_parser = parse_day, requires = "text")]
    until: Option<Date>,
    /// Remove the notice.
    #[arg(long)]
    remove: bool,
    #[command(flatten)]
    option: DryRunOption,
}

/// Runs `carnival notice`.
pub(crate) async fn notice(arguments: Arguments, lang: Lang) -> Result<(), CliError> {
    let Arguments { config, text, until, remove: _, option } = arguments;
    let (mut client, _) = Client::connect(&config, None, lang).await?;
    let request = client.request(Method::PUT, "/v1/organiser/notice").json(&json!({ "text": text, "until": until }));
    edits::edit(&mut client, request, &option, lang).await?;
    client.close().await;
    Ok(())
}
