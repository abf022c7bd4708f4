//! What the commands that edit one entry of the published carnival share: the request, and what they print of the answer.

use jiff::civil::Date;
use reqwest::RequestBuilder;

use crate::actions::statistics::reports;
use crate::http::api::answers::EditView;
use crate::messages::commands::CommandMessage as Message;
use crate::rules::lang::Lang;

use super::client::Client;
use super::console::{CliError, print_line, say};

/// The option that every such command has.
#[derive(clap::Args)]
pub(crate) struct DryRunOption {
    /// Only print what would change; change nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Sends an edit, and prints what it changes, and the text to pass on to residents in each language, that of the
/// terminal first.
pub(crate) async fn edit(
    client: &mut Client,
    request: RequestBuilder,
    option: &DryRunOption,
    lang: Lang,
) -> Result<(), CliError> {
    let EditView { published, announcement, confirm, .. } =
        client.json(request.query(&[("dry_run", option.dry_run)])).await?;
    print_line(&published.says);
    for note in &published.notes {
        print_line(&note.says);
    }
    if let Some(confirm) = &confirm {
        print_line(&say(lang, &Message::ConfirmMove { confirm: &confirm }));
    }
    let Some(texts) = announcement else { return Ok(()) };
    let others = texts.iter().filter(|(code, _)| *code != lang.code()).map(|(_, text)| text);
    let mut texts: Vec<_> = texts.get(lang.code()).into_iter().chain(others).collect();
    // A notice is the same in each language.
    texts.dedup();
    print_line(&format!("\n{}", say(lang, &Message::ToPassOn)));
    for text in texts {
        print_line(text);
    }
    Ok(())
}

/// A day of an option.
pub(crate) fn parse_day(text: &str) -> Result<Date, &'static str> {
    reports::parse_day(text).ok_or("a day, such as 2023-04-14")
}
