//! The log of a server.

use std::io::IsTerminal;

use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{LogFormat, LogSettings};
use crate::messages::commands::CommandMessage as Message;
use crate::rules::lang::Lang;

use super::console::{CliError, log_as_json, say};

/// Parses a filter in the syntax of `tracing`, but rejects a single word that is no level: `tracing` would read the
/// misspelt level as a module, and log only that module.
fn parse_filter(text: &str) -> Result<EnvFilter, String> {
    let directives = text.split(',').map(str::trim).filter(|one| !one.is_empty() && !one.contains(['=', '[']));
    for word in directives {
        if word.parse::<LevelFilter>().is_err() {
            return Err(format!("{word:?} is not a log level"));
        }
    }
    EnvFilter::try_new(text).map_err(|error| error.to_string())
}

pub(crate) fn init_logging(settings: &LogSettings, lang: Lang) -> Result<(), CliError> {
    let filter = parse_filter(&settings.filter).map_err(|error| {
        let text = &settings.filter;
        say(lang, &Message::LogFilterInvalid { text, error: &error })
    })?;
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours);
    // A closed terminal must not stop the server: ignore log lines that cannot be written.
    let subscriber = subscriber.log_internal_errors(false);
    match settings.format {
        LogFormat::Text => subscriber.finish().with(filter_fn(is_loggable)).init(),
        LogFormat::Json => {
            log_as_json();
            subscriber.json().flatten_event(true).finish().with(filter_fn(is_loggable)).init();
        }
    }
    Ok(())
}

/// Whether an event may be logged, independent of the filter. At debug and trace level, libraries quote their
/// input: paths with codes, headers with tokens, addresses with secrets.
fn is_loggable(metadata: &Metadata<'_>) -> bool {
    let ours = metadata.target().split("::").next() == Some("carnival");
    ours || *metadata.level() <= Level::INFO
}
