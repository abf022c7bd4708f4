//! What is wrong with a store, in English.

use crate::messages::store_problems::StoreTexts;

#[rustfmt::skip]
pub(super) const STORE: StoreTexts = StoreTexts {
    other_codes_secret: "The secret `codes` differs from the one that this store was created with: no printed code would work. Restore the original secret.",
    other_identity_secret: "The secret `identity` differs from the one that this store was created with: every resident would lose their stamps. Restore the original secret.",
    rehearsal_store: "This store holds a rehearsal's records and cannot be served. Use an empty folder or another prefix.",
    production_store: "This store holds a real carnival and cannot be used for a rehearsal. Use an empty folder.",

    aof_disabled: "Redis keeps no log (`appendonly no`): when it stops, every stamp, claim and redemption since its last snapshot is lost.",
    sync_every_second: "Redis syncs its log to disk once a second (`appendfsync everysec`): after a power failure, the last one or two seconds of stamps, claims and redemptions are lost.",
    sync_by_os: "The operating system decides when the log of Redis is synced to disk (`appendfsync no`): after a power failure, about the last half minute of stamps, claims and redemptions is lost.",
    no_sync_on_rewrite: "Redis does not sync its log to disk while it rewrites it (`no-appendfsync-on-rewrite yes`): after a power failure during that time, everything acknowledged in it is lost.",
    loads_torn_log: "Redis loads a log that was truncated inside a write (`aof-load-truncated yes`): after the next restart half of that write may count twice, and gifts may be given beyond their stock. Set it to no.",
    replicas_not_awaited: "Answers do not wait for replicas (`wait_replicas = 0`): when a replica takes over, the last writes that the master acknowledged are lost.",
    too_few_replicas: |have, want| format!("Answers wait for {want} replicas, but there are only {have}: every write is rejected until the others are there."),
    settings_hidden: "Redis does not allow its settings to be read (CONFIG GET, INFO), so it is unknown whether acknowledged writes survive a crash: compare the settings with config/redis.conf.",
    outdated: |version| format!("Redis {version} is older than 6.2, the oldest supported version: please upgrade."),

    settings: |what| format!("The settings of Redis cannot be used: {what}."),
    unavailable: |why| format!("Redis does not answer: {why}."),
    is_cluster: "This Redis is part of a cluster: set store.redis.cluster = true.",
    is_no_cluster: "This Redis is not part of a cluster: set store.redis.cluster = false.",
    evicts: |policy| format!("Redis would evict records when its memory is full (`maxmemory-policy {policy}`): set it to noeviction."),
    other_shards: |stored, configured| format!("The records have {stored} shards, but the settings say {configured}: set store.shards back to {stored}."),
    unknown_format: |stored| format!("The records have format {stored}, which is unknown to this program: export them with the version that wrote them (carnival export), and import that."),
    incomplete_import: |prefix| format!("An import into this Redis was interrupted: delete every key that begins with {{{prefix}: and import again."),
    damaged: |file| format!("The data is damaged: restore a backup ({file} differs from what was written)."),
    not_opened: |why| format!("The data cannot be opened: {why}."),
    broken: |why| format!("Redis cannot be used: {why}."),

    unreadable: |error| format!("It cannot be read: {error}."),
    not_an_export: "This file was not written by carnival export.",
    unknown_export_format: |format, known| format!("The file has format {format}, but this program reads only {known} and the one before: import it with the version that wrote it."),
    truncated: "The file is truncated: its last line is missing. Copy it again, or export again.",
    invalid_line: |number, why| format!("Line {number} was altered or damaged ({why}). Copy the file again, or export again."),
    trailing_data: "There is more data after the end of the file. Copy it again, or export again.",
    mismatch: "The file was altered or damaged: its counts or its hash do not match. Copy it again, or export again.",

    nothing_to_export: "There is no carnival in this store: nothing to export.",
    store_changed: "The records changed during the export, so it is invalid: stop every `carnival serve` first, then export again.",
    not_empty: "The target already holds records, so nothing was written. Use an empty folder or another prefix.",
    other_shards_in_export: |exported, configured| format!("The export has {exported} shards but the settings say {configured}, so nothing was written: set store.shards = {exported}."),
    other_secret: |name| format!("The secret `{name}` differs from the one that these records were created with, so nothing was written. Provide the original secret."),
    verification_failed: "The imported records differ from the file, so the store cannot be used: empty it and import again.",
    transfer_failed: |error| format!("It failed: {error}."),
};
