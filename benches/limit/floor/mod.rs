//! The floor: the least that a service with this promise can do on these libraries, and nothing of ours.
//!
//! In it: actix-web with its JSON and as many workers as cores, the same allocator, one HS256 token verified per request
//! (jsonwebtoken: issuer, audience, end), one MAC verified per scanned code (hmac, sha2), one store step with the
//! promise's durability, answered when it is on disk: on Redis one script over one shared connection under the same
//! `config/redis.conf`; in redb one thread that drains its queue into one quick-repairable commit. An answer of the
//! same size, made from what the store gave back.
//!
//! Not in it: rules, windows, limits, refusals, people counted by day and hour, request ids, a log, metrics, time
//! limits, reconnecting, languages, a second store, a second version of anything.

mod checks;
mod embedded;
mod handlers;
mod redis;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use actix_web::web::Data;
use actix_web::{App, HttpServer};
use serde::{Deserialize, Serialize};

pub(crate) use checks::{Checks, code};

/// How a floor is started.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// Where it listens.
    pub(crate) listen: SocketAddr,
    /// Where it keeps.
    pub(crate) kept: Kept,
    /// The secret of its tokens and codes.
    pub(crate) secret: String,
    /// Bytes that an answer to a check-in has beyond its stamps.
    pub(crate) beyond: usize,
    /// Bytes that a stamp in an answer has beyond point, time and the names of its fields.
    pub(crate) stamp_beyond: usize,
}

/// Where a floor keeps its stamps.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Kept {
    /// In a file of this folder.
    Embedded(PathBuf),
    /// In this Redis.
    Redis(String),
    /// In a cluster with these nodes.
    Cluster(Vec<String>),
}

/// The store of a floor.
enum Store {
    Embedded(embedded::Embedded),
    Redis(redis::Redis),
}

/// What all workers share.
struct Floor {
    checks: Checks,
    store: Store,
    beyond: String,
    stamp_beyond: String,
}

impl Store {
    /// Keeps a stamp unless there is one; whether it is new, and all stamps of the resident.
    async fn stamp(&self, resident: &str, point: u16, stamp: String) -> (bool, Vec<(String, String)>) {
        match self {
            Store::Embedded(store) => store.stamp(resident, point, stamp).await,
            Store::Redis(store) => store.stamp(resident, point, stamp).await,
        }
    }
}

/// Serves until it is killed.
pub(crate) fn serve(settings: &str) {
    let settings: Settings = serde_json::from_slice(&std::fs::read(settings).unwrap()).unwrap();
    actix_web::rt::System::new().block_on(async move {
        let store = match &settings.kept {
            Kept::Embedded(folder) => Store::Embedded(embedded::Embedded::open(folder)),
            Kept::Redis(url) => Store::Redis(redis::Redis::single(url).await),
            Kept::Cluster(urls) => Store::Redis(redis::Redis::cluster(urls).await),
        };
        let floor = Floor {
            checks: Checks::new(&settings.secret),
            store,
            beyond: "x".repeat(settings.beyond),
            stamp_beyond: "x".repeat(settings.stamp_beyond),
        };
        let floor = Data::from(Arc::new(floor));
        let workers = std::thread::available_parallelism().unwrap().get();
        HttpServer::new(move || App::new().app_data(floor.clone()).configure(handlers::configure))
            .workers(workers)
            .bind(settings.listen)
            .unwrap()
            .run()
            .await
            .unwrap();
    });
}
