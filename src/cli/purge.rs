//! `carnival purge`: deletes the data about people after the carnival.

use crate::actions::personal_data::purge::{self, PurgeError, PurgePlan};
use crate::config::{Settings, StoreKind};
use crate::rules::lang::Lang;
use crate::store::embedded::EmbeddedStore;
use jiff::Timestamp;

use super::bootstrap::ConfigFile;
use super::console::{CliError, Progress, print_line, warn};
use super::store_access;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// Delete. Without this flag, only print what would be deleted.
    #[arg(long)]
    yes: bool,
}

/// Runs `carnival purge`.
pub(crate) async fn purge(arguments: Arguments, lang: Lang) -> Result<(), CliError> {
    let settings = arguments.config.load(lang)?;
    let store = store_access::open_existing(&settings, lang).await?;
    let now = Timestamp::now();
    if !arguments.yes {
        let plan = purge::plan(store.as_ref(), now).await.map_err(|error| describe_error(&error, lang))?;
        print_line(&describe_plan(&plan, lang));
        print_line(lang.pick(
            "还没有删除任何东西。确认后加上 --yes。删除以后不能恢复，需要的话先 carnival export。",
            "Nothing was deleted yet: add --yes to do it. It cannot be undone; `carnival export` first if you need to.",
        ));
        return Ok(());
    }
    let mut progress = Progress::new(lang.pick("已删除的记录", "records deleted"));
    let purged = purge::purge(store.as_ref(), now, &mut |count| progress.update(count)).await;
    let plan = purged.map_err(|error| describe_error(&error, lang))?;
    drop(store);
    print_line(&describe_plan(&plan, lang));
    rewrite_store(&settings, lang).await
}

fn describe_plan(plan: &PurgePlan, lang: Lang) -> String {
    let PurgePlan { carnival, counts, invitations, sessions, suspicions } = plan;
    lang.pick(
        format!(
            "{carnival}\n先停掉所有 carnival serve。\n删除：集章卡 {}，有附卡的手机 {}，盖章记录 {}，领取 {}，领取记录 {}，可疑记录 {suspicions}，邀请 {invitations}，工作人员会话 {sessions}，以及海报检查、库存记录和发布记录里的姓名。\n保留：计数 {} 项，各礼物的数目，库存变动 {} 条，已发布的嘉年华，重印次数，最后的卡号。",
            counts.passports, counts.companion_holders, counts.stamp_entries, counts.claims, counts.claim_entries, counts.tallies, counts.stock_entries
        ),
        format!(
            "{carnival}\nStop every carnival serve first.\nDeleted: {} passports, cards on {} phones, {} stamp log entries, {} claims, {} claim log entries, {suspicions} suspicions, {invitations} invitations, {sessions} staff sessions, poster checks, and the names in stock movements and in published versions.\nKept: {} counters, the numbers of each gift, {} stock movements, the published carnivals, how often codes were replaced, the last serial.",
            counts.passports, counts.companion_holders, counts.stamp_entries, counts.claims, counts.claim_entries, counts.tallies, counts.stock_entries
        ),
    )
}

/// Rewrites the store's files, so that deleted data cannot be recovered from them.
async fn rewrite_store(settings: &Settings, lang: Lang) -> Result<(), CliError> {
    let copies = lang.pick(
        "备份、导出的文件和磁盘快照里还有，请自行删除。",
        "Backups, exports and disk snapshots still hold it: delete those yourself.",
    );
    match settings.store.kind {
        StoreKind::Embedded => {
            let folder = &settings.store.embedded.folder;
            let rewritten = EmbeddedStore::compact(folder, settings.store.embedded());
            let (before, after) = rewritten.map_err(|error| store_access::describe_open_error(&error, lang))?;
            print_line(&lang.pick(
                format!("数据库文件已重写，只含保留的内容：{before} 字节变为 {after} 字节。{copies}"),
                format!("The database was rewritten and holds only the data that is kept: {before} bytes before, {after} now. {copies}"),
            ));
        }
        StoreKind::Redis => match store_access::connect_redis(settings, lang).await?.rewrite_aof().await {
            Ok(()) => print_line(&lang.pick(
                format!("Redis 正在后台重写日志（BGREWRITEAOF），完成后日志里也没有了。{copies}"),
                format!("Redis is rewriting its log in the background (BGREWRITEAOF); when it has finished, the deleted data is gone from the log too. {copies}"),
            )),
            Err(error) => warn(&lang.pick(
                format!("Redis 没有接受重写日志（{error}）：请自己运行 BGREWRITEAOF，否则日志里还有已删除的内容。{copies}"),
                format!("Redis refused to rewrite its log ({error}): run BGREWRITEAOF yourself, or the deleted data stays in the log. {copies}"),
            )),
        },
    }
    Ok(())
}

fn describe_error(error: &PurgeError, lang: Lang) -> String {
    match error {
        PurgeError::NotOver { last_day } => lang.pick(
            format!("嘉年华到 {last_day} 才结束，在那之后才能清除，什么也没有删除。"),
            format!("The carnival lasts until {last_day} and can be purged after that day; nothing was deleted."),
        ),
        PurgeError::Load(crate::actions::carnival::current_carnival::LoadError::Empty) => lang.pick(
            "这里还没有嘉年华，没有可清除的数据。".to_owned(),
            "There is no carnival in this store: nothing to purge.".to_owned(),
        ),
        PurgeError::Store(_) | PurgeError::Load(_) => lang.pick(
            format!("没有完成：{error}。可以再运行一次，会接着做完。"),
            format!("It did not finish: {error}. Run it again; it continues where it stopped."),
        ),
    }
}
