//! `carnival serve`.

use crate::rules::lang::Lang;

use super::bootstrap::{self, ConfigFile};
use super::console::{CliError, info};
use super::signals::ShutdownSignal;

/// Serves until a shutdown signal arrives.
pub(crate) async fn serve(config: &ConfigFile, lang: Lang) -> Result<(), CliError> {
    let (server, app, store_location) = bootstrap::build_server(config, lang).await?;
    let shutdown = ShutdownSignal::listen()?;
    let (address, current) = (server.address()?, app.current());
    let (name, version, url) = (&current.carnival.name, current.version, &app.settings.public_url);
    info(&lang.pick(
        format!("{name}（第 {version} 版）已经在 http://{address} 上服务，二维码指向 {url}。{store_location}"),
        format!("{name}, version {version}, is served at http://{address}; its codes lead to {url}. {store_location}"),
    ));
    // Many servers reload at SIGHUP. This one does not, and must not let the operator believe that it did.
    let sighup_message = lang.pick(
        "收到 SIGHUP：什么都没有重新读取。改了嘉年华文件，请运行 carnival publish；改了设置，请重新启动。",
        "SIGHUP: nothing is reloaded. A changed carnival is published with `carnival publish`; changed settings need a restart.",
    );
    server.run(shutdown.recv_ignoring_sighup(sighup_message)).await?;
    // Closes the store. Every acknowledged write is already on disk.
    drop((app, current));
    info(lang.pick("已停止，答复过的都已存好。", "Stopped; everything acknowledged is stored."));
    Ok(())
}
