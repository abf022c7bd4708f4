//! Redis servers under `config/redis.conf`, each in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Server, free_address};

/// A running Redis, with the promise's settings.
pub(crate) struct Redis {
    server: Server,
}

impl Redis {
    /// Starts one that keeps in `folder`.
    pub(crate) fn start(folder: &Path, more: &[&str]) -> Redis {
        std::fs::create_dir_all(folder).unwrap();
        let address = free_address();
        let conf = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("config/redis.conf");
        let mut command = Command::new("redis-server");
        command.arg(conf).arg("--port").arg(address.port().to_string()).arg("--dir").arg(folder);
        command.arg("--logfile").arg(folder.join("log")).args(more);
        Redis { server: Server::start(command, address) }
    }

    /// Where clients find it.
    pub(crate) fn url(&self) -> String {
        format!("redis://{}", self.server.address)
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.server.id()
    }
}
