//! `carnival serve`.

use carnival::rules::lang::Lang;

use super::setup::{self, ConfigFile};
use super::terminal::Failed;

/// Serves until it is told to stop.
pub(crate) async fn serve(config: &ConfigFile, lang: Lang) -> Result<(), Failed> {
    let (server, app) = setup::server(config, lang).await?;
    tracing::info!(address = %server.address()?, "serving");
    server.run(|_| ()).await?;
    // Closes the store and its door. What was acknowledged was on disk before it was said.
    drop(app);
    tracing::info!("stopped");
    Ok(())
}
