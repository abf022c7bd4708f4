//! `carnival serve`.

use crate::messages::commands::CommandMessage as Message;
use crate::rules::lang::Lang;

use super::bootstrap;
use super::console::{CliError, info, say};
use super::settings::ConfigFile;
use super::signals::ShutdownSignal;

/// Serves until a shutdown signal arrives.
pub(crate) async fn serve(config: &ConfigFile, lang: Lang) -> Result<(), CliError> {
    let (server, app, store_location) = bootstrap::build_server(config, lang).await?;
    let shutdown = ShutdownSignal::listen()?;
    let (address, current) = (server.address()?, app.current());
    let (name, version, url) = (&current.carnival.name, current.version, &app.settings.public_url);
    info(&say(
        lang,
        &Message::Served {
            name: &name,
            version: &version,
            address: &address,
            url: &url,
            store_location: &store_location,
        },
    ));
    // Many servers reload at SIGHUP. This one does not, and must not let the operator believe that it did.
    let sighup_message = say(lang, &Message::NothingReloaded);
    server.run(shutdown.recv(Some(sighup_message))).await?;
    // Closes the store. Every acknowledged write is already on disk.
    drop((app, current));
    info(&say(lang, &Message::Stopped));
    Ok(())
}
