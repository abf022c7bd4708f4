//! Erasures: the append-only files of Redis keep every command until they are rewritten.
//!
//! The first erasure since the last rewrite is stored in one field. A rewrite moves it to a second one before it begins,
//! so that erasures during the rewrite are seen, and removes it only if every server has ended the rewrite without a
//! restart in between.

use std::sync::PoisonError;

use ::redis::Cmd;
use async_trait::async_trait;
use jiff::Timestamp;

use super::{RedisStore, config_audit, reply_values, script};
use crate::store::{ErasureStore, Result};

/// The first erasure since the last rewrite began; and the first one that this rewrite covers.
const SINCE: &str = "since";
const REWRITING: &str = "rewriting";

#[async_trait]
impl ErasureStore for RedisStore {
    async fn record_erasure(&self, at: Timestamp) -> Result<()> {
        self.client.write(&Cmd::hset_nx(self.erasures_key(), SINCE, at.as_millisecond())).await
    }

    async fn erased_since(&self) -> Result<Option<Timestamp>> {
        let both: [Option<i64>; 2] = self.client.read(&Cmd::hmget(self.erasures_key(), &[SINCE, REWRITING])).await?;
        both.into_iter().flatten().min().map(reply_values::moment).transpose()
    }

    async fn rewrite_files(&self) -> Result<()> {
        let servers = self.servers().await?;
        if servers.iter().any(|server| server.is_rewriting) {
            return Ok(());
        }
        let rewritten = self.rewrite.lock().unwrap_or_else(PoisonError::into_inner).take();
        let runs: Vec<String> = servers.iter().map(|server| server.run_id.clone()).collect();
        if rewritten.is_some_and(|rewritten| rewritten == runs) && servers.iter().all(|server| server.rewrite_succeeded)
        {
            return self.client.write(&Cmd::hdel(self.erasures_key(), REWRITING)).await;
        }
        let call = script::BEGIN_REWRITE.call(&[self.erasures_key()]);
        self.client.write_script::<()>(&script::BEGIN_REWRITE, &call).await?;
        // Redis refuses while another rewrite runs, which may have begun before the last erasure.
        self.rewrite_aof().await?;
        *self.rewrite.lock().unwrap_or_else(PoisonError::into_inner) = Some(runs);
        Ok(())
    }
}

/// What one server reports.
struct ServerState {
    /// Another one after each start.
    run_id: String,
    is_rewriting: bool,
    rewrite_succeeded: bool,
}

impl RedisStore {
    fn erasures_key(&self) -> String {
        self.keys.control().key("erasures")
    }

    /// The state of the single server, or of each master, in the order of their ids.
    async fn servers(&self) -> Result<Vec<ServerState>> {
        let mut servers = Vec::new();
        for info in self.client.replies_of_all_masters(::redis::cmd("INFO").arg("everything")).await? {
            let info = config_audit::read_info(info);
            let is = |name: &str, value: &str| info.get(name).is_some_and(|found| found == value);
            servers.push(ServerState {
                run_id: info.get("run_id").cloned().unwrap_or_default(),
                is_rewriting: is("aof_rewrite_in_progress", "1") || is("aof_rewrite_scheduled", "1"),
                rewrite_succeeded: is("aof_last_bgrewrite_status", "ok"),
            });
        }
        servers.sort_by(|a, b| a.run_id.cmp(&b.run_id));
        Ok(servers)
    }
}
