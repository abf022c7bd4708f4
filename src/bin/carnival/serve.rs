//! `carnival serve`.

use carnival::rules::lang::Lang;

use super::setup::{self, ConfigFile};
use super::stop::Stop;
use super::terminal::{Failed, tell};

/// Serves until it is told to stop.
pub(crate) async fn serve(config: &ConfigFile, lang: Lang) -> Result<(), Failed> {
    let (server, app, store) = setup::server(config, lang).await?;
    let stop = Stop::listen()?;
    let (address, current) = (server.address()?, app.current());
    let (name, version, url) = (&current.carnival.name, current.version, &app.practice.public_url);
    tell(&lang.pick(
        format!("{name}（第 {version} 版）已经在 http://{address} 上服务，二维码指向 {url}。{store}"),
        format!("{name}, version {version}, is served at http://{address}; its codes lead to {url}. {store}"),
    ));
    // Other servers read their settings anew then; who expects it must not believe that it was done.
    let hang_up = lang.pick(
        "收到 SIGHUP：什么都没有重新读取。改了嘉年华文件，请运行 carnival publish；改了设置，请重新启动。",
        "SIGHUP: nothing is reloaded. A changed carnival is published with `carnival publish`; changed settings need a restart.",
    );
    server.run(stop.asked_but_for_hang_ups(hang_up)).await?;
    // Closes the store and its door. What was acknowledged was on disk before it was said.
    drop((app, current));
    tell(lang.pick("已停止，答复过的都已存好。", "Stopped; everything that was answered is kept."));
    Ok(())
}
