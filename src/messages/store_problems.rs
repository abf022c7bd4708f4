//! Sentences for operators: what is wrong with a store, its configuration, or an export.

/// The sentences about stores.
pub struct StoreTexts {
    // A store of other secrets or for another purpose.
    pub(crate) other_codes_secret: &'static str,
    pub(crate) other_identity_secret: &'static str,
    pub(crate) rehearsal_store: &'static str,
    pub(crate) production_store: &'static str,

    // The configuration of Redis.
    pub(crate) aof_disabled: &'static str,
    pub(crate) sync_every_second: &'static str,
    pub(crate) sync_by_os: &'static str,
    pub(crate) no_sync_on_rewrite: &'static str,
    pub(crate) loads_torn_log: &'static str,
    pub(crate) replicas_not_awaited: &'static str,
    /// How many replicas there are, and how many writes wait for.
    pub(crate) too_few_replicas: fn(u32, u32) -> String,
    pub(crate) settings_hidden: &'static str,
    pub(crate) outdated: fn(&str) -> String,

    // Redis cannot be opened.
    pub(crate) settings: fn(&str) -> String,
    pub(crate) unavailable: fn(&str) -> String,
    pub(crate) is_cluster: &'static str,
    pub(crate) is_no_cluster: &'static str,
    pub(crate) evicts: fn(&str) -> String,
    /// The stored and the configured number of shards.
    pub(crate) other_shards: fn(u64, u16) -> String,
    pub(crate) unknown_format: fn(&str) -> String,
    /// The prefix of the keys.
    pub(crate) incomplete_import: fn(&str) -> String,
    /// The path of the file.
    pub(crate) damaged: fn(&str) -> String,
    pub(crate) not_opened: fn(&str) -> String,
    pub(crate) broken: fn(&str) -> String,

    // An export is damaged.
    pub(crate) unreadable: fn(&str) -> String,
    pub(crate) not_an_export: &'static str,
    /// The format of the file, and the known one.
    pub(crate) unknown_export_format: fn(u64, u64) -> String,
    pub(crate) truncated: &'static str,
    pub(crate) invalid_line: fn(u64, &str) -> String,
    pub(crate) trailing_data: &'static str,
    pub(crate) mismatch: &'static str,

    // A transfer failed.
    pub(crate) nothing_to_export: &'static str,
    pub(crate) store_changed: &'static str,
    pub(crate) not_empty: &'static str,
    /// The shards of the export and of the settings.
    pub(crate) other_shards_in_export: fn(u16, u16) -> String,
    pub(crate) other_secret: fn(&str) -> String,
    pub(crate) verification_failed: &'static str,
    pub(crate) transfer_failed: fn(&str) -> String,
}
