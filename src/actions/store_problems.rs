//! The sentences for operators about a store that cannot be used, or only with a risk.

use super::carnival::current_carnival::LoadError;
use super::store_identity::IdentityMismatch;
use super::store_transfer::TransferError;
use crate::messages::messages;
use crate::rules::lang::Lang;
use crate::store::export::file::{FORMAT, InvalidExport};
use crate::store::export::traversal::ExportError;
use crate::store::redis::{ConfigWarning, OpenError};

/// Why this program may not open a store, and the remedy.
#[must_use]
pub fn identity_mismatch(mismatch: IdentityMismatch, lang: Lang) -> &'static str {
    let texts = &messages(lang).texts().store_problems;
    match mismatch {
        IdentityMismatch::Codes => texts.other_codes_secret,
        IdentityMismatch::Identity => texts.other_identity_secret,
        IdentityMismatch::RehearsalStore => texts.rehearsal_store,
        IdentityMismatch::ProductionStore => texts.production_store,
    }
}

/// What this configuration of Redis may lose.
#[must_use]
pub fn config_warning(warning: &ConfigWarning, lang: Lang) -> String {
    let texts = &messages(lang).texts().store_problems;
    match warning {
        ConfigWarning::AofDisabled => texts.aof_disabled.into(),
        ConfigWarning::SyncEverySecond => texts.sync_every_second.into(),
        ConfigWarning::SyncByOs => texts.sync_by_os.into(),
        ConfigWarning::NoSyncOnRewrite => texts.no_sync_on_rewrite.into(),
        ConfigWarning::LoadsTornLog => texts.loads_torn_log.into(),
        ConfigWarning::ReplicasNotAwaited => texts.replicas_not_awaited.into(),
        ConfigWarning::TooFewReplicas { have, want } => (texts.too_few_replicas)(*have, *want),
        ConfigWarning::SettingsHidden => texts.settings_hidden.into(),
        ConfigWarning::Outdated { version } => (texts.outdated)(version),
    }
}

/// Why Redis cannot be opened, and the remedy.
#[must_use]
pub fn redis_open_error(error: &OpenError, lang: Lang) -> String {
    let texts = &messages(lang).texts().store_problems;
    match error {
        OpenError::Warned(warning) => config_warning(warning, lang),
        OpenError::Settings(what) => (texts.settings)(what),
        OpenError::Unavailable(why) => (texts.unavailable)(why),
        OpenError::WrongServerKind { cluster: true } => texts.is_cluster.into(),
        OpenError::WrongServerKind { cluster: false } => texts.is_no_cluster.into(),
        OpenError::EvictionEnabled { policy } => (texts.evicts)(policy),
        OpenError::ShardMismatch { stored, configured } => other_shards(u64::from(*stored), *configured, lang),
        OpenError::UnknownFormat(stored) => unknown_store_format(stored, lang),
        OpenError::IncompleteImport { prefix } => (texts.incomplete_import)(prefix),
        OpenError::Broken(why) => (texts.broken)(why),
    }
}

/// That the file of an embedded store is damaged, and the remedy.
#[must_use]
pub fn damaged_file(file: &str, lang: Lang) -> String {
    (messages(lang).texts().store_problems.damaged)(file)
}

/// Why an embedded store cannot be opened, if nothing but the cause is known.
#[must_use]
pub fn not_opened(why: &str, lang: Lang) -> String {
    (messages(lang).texts().store_problems.not_opened)(why)
}

/// That the records have another number of shards than the settings, and the remedy.
#[must_use]
pub fn other_shards(stored: u64, configured: u16, lang: Lang) -> String {
    (messages(lang).texts().store_problems.other_shards)(stored, configured)
}

/// Why records of this format cannot be opened, and the remedy.
#[must_use]
pub fn unknown_store_format(stored: &str, lang: Lang) -> String {
    (messages(lang).texts().store_problems.unknown_format)(stored)
}

/// What is wrong with an export, and what to do.
#[must_use]
pub fn invalid_export(error: &InvalidExport, lang: Lang) -> String {
    let texts = &messages(lang).texts().store_problems;
    match error {
        InvalidExport::Io(error) => (texts.unreadable)(&error.to_string()),
        InvalidExport::NotAnExport => texts.not_an_export.into(),
        InvalidExport::UnknownFormat(format) => (texts.unknown_export_format)(*format, FORMAT),
        InvalidExport::Truncated => texts.truncated.into(),
        InvalidExport::InvalidLine(number, why) => (texts.invalid_line)(*number, why),
        InvalidExport::TrailingData => texts.trailing_data.into(),
        InvalidExport::Mismatch => texts.mismatch.into(),
    }
}

/// Why an export or an import failed, and the remedy.
#[must_use]
pub fn transfer_error(error: &TransferError, lang: Lang) -> String {
    let texts = &messages(lang).texts().store_problems;
    match error {
        TransferError::InvalidExport(error) => invalid_export(error, lang),
        TransferError::Load(LoadError::Empty) => texts.nothing_to_export.into(),
        TransferError::Export(ExportError::Changed) => texts.store_changed.into(),
        TransferError::NotEmpty => texts.not_empty.into(),
        TransferError::ShardMismatch { exported, configured } => (texts.other_shards_in_export)(*exported, *configured),
        TransferError::SecretMismatch(name) => (texts.other_secret)(name),
        TransferError::VerificationFailed => texts.verification_failed.into(),
        TransferError::Store(_) | TransferError::Load(_) | TransferError::Io(_) | TransferError::Export(_) => {
            (texts.transfer_failed)(&error.to_string())
        }
    }
}
