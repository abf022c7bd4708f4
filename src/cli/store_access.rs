//! Opens the store, for a command that needs exclusive access to it among others.

use std::path::Path;
use std::sync::Arc;

use crate::actions::store_problems;
use crate::config::{Settings, StoreKind};
use crate::http::PrivateSocket;
use crate::messages::commands::CommandMessage as Message;
use crate::rules::lang::Lang;
use crate::store::embedded::{EmbeddedStore, OpenError};
use crate::store::export::MaintenanceStore;
use crate::store::redis::RedisStore;

use super::console::{CliError, say, warn};

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
    let folder = &settings.store.embedded.folder;
    if settings.store.kind == StoreKind::Embedded && !EmbeddedStore::exists_in(folder) {
        return Err(say(lang, &Message::NoRecords { file: &folder.display() }).into());
    }
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

/// A sentence on where the data is stored.
pub(crate) fn describe_location(settings: &Settings, lang: Lang) -> String {
    let (folder, prefix) = (settings.store.embedded.folder.display(), settings.store.redis().prefix);
    match settings.store.kind {
        StoreKind::Embedded => say(lang, &Message::RecordsInFolder { folder: &folder }),
        StoreKind::Redis => say(lang, &Message::RecordsInRedis { prefix: &prefix }),
    }
}

/// Binds the socket beside an embedded store that is open.
pub(crate) fn bind_socket(folder: &Path) -> Result<PrivateSocket, OpenError> {
    let failed = |source| OpenError::File { path: PrivateSocket::path_in(folder), source };
    PrivateSocket::bind(folder).map_err(failed)
}

/// Describes an error of opening the embedded store.
pub(crate) fn describe_open_error(error: &OpenError, lang: Lang) -> String {
    match error {
        OpenError::InUse(folder) => say(lang, &Message::RecordsInUse { folder: &folder.display() }),
        OpenError::IncompleteImport(folder) => say(lang, &Message::ImportIncomplete { folder: &folder.display() }),
        OpenError::UnknownFormat { stored } => store_problems::unknown_store_format(&stored.to_string(), lang),
        OpenError::ShardMismatch { stored, configured } => store_problems::other_shards(*stored, *configured, lang),
        OpenError::Damaged(file) => store_problems::damaged_file(&file.display().to_string(), lang),
        OpenError::File { .. } | OpenError::NoShards | OpenError::Database { .. } | OpenError::Other(_) => {
            store_problems::not_opened(&error.to_string(), lang)
        }
    }
}
