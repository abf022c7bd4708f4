//! `carnival purge`: deletes the data about people after the carnival.

use crate::actions::personal_data::purge::{self, PurgeError, PurgePlan};
use crate::config::{Settings, StoreKind};
use crate::messages::commands::CommandMessage as Message;
use crate::rules::lang::Lang;
use crate::store::embedded::EmbeddedStore;
use jiff::Timestamp;

use super::console::{CliError, print_line, progress, say, warn};
use super::settings::ConfigFile;
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
        print_line(&say(lang, &Message::NothingPurgedYet));
        return Ok(());
    }
    let purged = purge::purge(store.as_ref(), now, &mut progress(say(lang, &Message::RecordsDeleted))).await;
    let plan = purged.map_err(|error| describe_error(&error, lang))?;
    drop(store);
    print_line(&describe_plan(&plan, lang));
    rewrite_store(&settings, lang).await
}

fn describe_plan(plan: &PurgePlan, lang: Lang) -> String {
    let PurgePlan { carnival, counts, invitations, sessions, suspicions } = plan;
    say(
        lang,
        &Message::PurgePlan {
            carnival,
            passports: &counts.passports,
            companion_holders: &counts.companion_holders,
            stamp_entries: &counts.stamp_entries,
            claims: &counts.claims,
            claim_entries: &counts.claim_entries,
            suspicions,
            invitations,
            sessions,
            tallies: &counts.tallies,
            stock_entries: &counts.stock_entries,
        },
    )
}

/// Rewrites the store's files, so that deleted data cannot be recovered from them.
async fn rewrite_store(settings: &Settings, lang: Lang) -> Result<(), CliError> {
    let copies = say(lang, &Message::CopiesRemain);
    match settings.store.kind {
        StoreKind::Embedded => {
            let folder = &settings.store.embedded.folder;
            let rewritten = EmbeddedStore::compact(folder, settings.store.embedded());
            let (before, after) = rewritten.map_err(|error| store_access::describe_open_error(&error, lang))?;
            print_line(&say(lang, &Message::DatabaseRewritten { before: &before, after: &after, copies: &copies }));
        }
        StoreKind::Redis => match store_access::connect_redis(settings, lang).await?.rewrite_aof().await {
            Ok(()) => print_line(&say(lang, &Message::LogRewriting { copies: &copies })),
            Err(error) => warn(&say(lang, &Message::LogNotRewritten { error: &error, copies: &copies })),
        },
    }
    Ok(())
}

fn describe_error(error: &PurgeError, lang: Lang) -> String {
    match error {
        PurgeError::NotOver { last_day } => say(lang, &Message::CarnivalNotOver { last_day: &last_day }),
        PurgeError::Load(crate::actions::carnival::current_carnival::LoadError::Empty) => {
            say(lang, &Message::NothingToPurge)
        }
        PurgeError::Store(_) | PurgeError::Load(_) => say(lang, &Message::PurgeUnfinished { error: &error }),
    }
}
