//! Opens the store for a command that needs exclusive access to it.

use std::sync::Arc;

use crate::actions::store_problems;
use crate::config::{Settings, StoreKind};
use crate::rules::lang::Lang;
use crate::store::embedded::{EmbeddedStore, OpenError};
use crate::store::export::MaintenanceStore;
use crate::store::redis::RedisStore;

use super::console::{CliError, warn};

/// Opens the configured store, creating it if it does not exist. Other processes cannot connect to an embedded store
/// opened this way.
pub(crate) async fn open_exclusive(settings: &Settings, lang: Lang) -> Result<Arc<dyn MaintenanceStore>, CliError> {
    match settings.store.kind {
        StoreKind::Embedded => {
            let folder = &settings.store.embedded.folder;
            let opened = EmbeddedStore::open(folder, settings.store.embedded());
            Ok(Arc::new(opened.map_err(|error| describe_open_error(&error, lang))?))
        }
        StoreKind::Redis => Ok(Arc::new(connect_redis(settings, lang).await?)),
    }
}

/// Opens the configured store, which must exist.
pub(crate) async fn open_existing(settings: &Settings, lang: Lang) -> Result<Arc<dyn MaintenanceStore>, CliError> {
    check_exists(settings, lang)?;
    open_exclusive(settings, lang).await
}

/// Connects to Redis and prints its configuration warnings.
pub(crate) async fn connect_redis(settings: &Settings, lang: Lang) -> Result<RedisStore, CliError> {
    let (redis, warnings) = RedisStore::open(&settings.store.redis())
        .await
        .map_err(|error| store_problems::redis_open_error(&error, lang))?;
    for warning in warnings {
        warn(&store_problems::config_warning(&warning, lang));
    }
    Ok(redis)
}

fn check_exists(settings: &Settings, lang: Lang) -> Result<(), CliError> {
    let folder = &settings.store.embedded.folder;
    if settings.store.kind == StoreKind::Redis || EmbeddedStore::exists_in(folder) {
        return Ok(());
    }
    let shown = folder.display();
    Err(lang
        .pick(
            format!("文件夹 {shown} 里没有数据，请检查 store.embedded.folder。"),
            format!("There are no records in the folder {shown}: check store.embedded.folder."),
        )
        .into())
}

/// Describes an error of opening the embedded store.
pub(crate) fn describe_open_error(error: &OpenError, lang: Lang) -> String {
    match error {
        OpenError::InUse(folder) => {
            let folder = folder.display();
            lang.pick(
                format!("{folder} 里的数据正由另一个程序使用。请先停掉服务（carnival serve），再试一次。"),
                format!(
                    "The records in {folder} are in use by another program: stop the server (carnival serve) first."
                ),
            )
        }
        OpenError::IncompleteImport(folder) => {
            let folder = folder.display();
            lang.pick(
                format!("导入到 {folder} 的数据没有完成：请删除 {folder}/carnival.redb，再导入一次。"),
                error.to_string(),
            )
        }
        error => error.to_string(),
    }
}
