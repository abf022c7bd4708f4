//! What is wrong with a store, in Chinese.

use crate::messages::store_problems::StoreTexts;

#[rustfmt::skip]
pub(super) const STORE: StoreTexts = StoreTexts {
    other_codes_secret: "密钥 codes 与这个存储开始时用的不同，印好的码都会失效。请换回原来的密钥。",
    other_identity_secret: "密钥 identity 与这个存储开始时用的不同，居民会丢掉已盖的章。请换回原来的密钥。",
    rehearsal_store: "这里存的是演练的数据，不能用来正式服务。请换一个空的文件夹或前缀。",
    production_store: "这里存的是正式的嘉年华，不能用来演练。请换一个空的文件夹。",

    aof_disabled: "Redis 没有写日志（appendonly no）：它一停，上次快照以后的盖章、领取和核销全部丢失。",
    sync_every_second: "Redis 每秒才把日志写入磁盘（appendfsync everysec）：断电时，最后一两秒已答复的盖章、领取和核销会丢失。",
    sync_by_os: "Redis 何时把日志写入磁盘由系统决定（appendfsync no）：断电时，最后约半分钟已答复的盖章、领取和核销会丢失。",
    no_sync_on_rewrite: "Redis 重写日志期间不写入磁盘（no-appendfsync-on-rewrite yes）：此时断电，这段时间已答复的内容会丢失。",
    loads_torn_log: "Redis 会加载断在半路的日志（aof-load-truncated yes）：崩溃之后再重启，半条写入可能被算两次，礼物会多发；请改为 no。",
    replicas_not_awaited: "答复不等待副本（wait_replicas = 0）：副本接替主节点时，主节点最后答复的内容会丢失。",
    too_few_replicas: |have, want| format!("答复要等待 {want} 个副本，现在只有 {have} 个：副本齐全之前，所有写入都会被拒绝。"),
    settings_hidden: "Redis 不允许查看它的设置（CONFIG GET、INFO），没人确认过断电后数据是否还在；请对照 config/redis.conf。",
    outdated: |version| format!("Redis {version} 早于本程序所支持的 6.2 版，请升级。"),

    settings: |what| format!("Redis 设置有误：{what}。"),
    unavailable: |why| format!("Redis 没有应答：{why}。"),
    is_cluster: "这个 Redis 属于集群，请设置 store.redis.cluster = true。",
    is_no_cluster: "这个 Redis 不属于集群，请设置 store.redis.cluster = false。",
    evicts: |policy| format!("Redis 内存满时会丢弃记录（maxmemory-policy {policy}），请改为 noeviction。"),
    other_shards: |stored, configured| format!("这些记录分在 {stored} 个分片里，设置却是 {configured}；请把 store.shards 改回 {stored}。"),
    unknown_format: |stored| format!("这些记录的格式是 {stored}，本程序不认识：请用写入它的版本导出（carnival export），再用本版本导入。"),
    incomplete_import: |prefix| format!("导入到这里的数据没有完成：请删除所有以 {{{prefix}: 开头的键，再导入一次。"),
    damaged: |file| format!("数据损坏：用备份恢复（{file} 里的内容与写入时不同）。"),
    not_opened: |why| format!("数据打不开：{why}。"),
    broken: |why| format!("Redis 无法使用：{why}。"),

    unreadable: |error| format!("读不了：{error}。"),
    not_an_export: "这不是 carnival export 写的文件。",
    unknown_export_format: |format, known| format!("文件的格式是 {format}，本程序只认识 {known} 和它的前一种；请用写它的那个版本导入。"),
    truncated: "文件不完整：结尾的一行不在。请重新复制或重新导出。",
    invalid_line: |number, why| format!("第 {number} 行被改动过或损坏（{why}）。请重新复制或重新导出。"),
    trailing_data: "文件结尾之后还有别的内容。请重新复制或重新导出。",
    mismatch: "文件被改动过或损坏：数目或校验值对不上。请重新复制或重新导出。",

    nothing_to_export: "这里还没有嘉年华，没有可导出的数据。",
    store_changed: "导出期间数据有变化，导出作废。请先停掉所有 carnival serve，再导出一次。",
    not_empty: "要导入到的地方已经有数据，什么也没有写入。请换一个空的文件夹或另一个前缀。",
    other_shards_in_export: |exported, configured| format!("导出的数据分在 {exported} 个分片里，设置却是 {configured}，什么也没有写入。请设置 store.shards = {exported}。"),
    other_secret: |name| format!("密钥 {name} 与这些数据开始时用的不同，什么也没有写入。请给出原来的密钥。"),
    verification_failed: "导入后的数据与文件不一致，这个存储不能使用。请清空后再导入一次。",
    transfer_failed: |error| format!("没有完成：{error}。"),
};
