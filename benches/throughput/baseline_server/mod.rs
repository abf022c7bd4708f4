//! The baseline: the minimum that a service with these guarantees needs on the same libraries, without the program's
//! code.
//!
//! Included: actix-web with its JSON and as many workers as cores, the same allocator, one HS256 token verified per
//! request (jsonwebtoken: issuer, audience, expiry), one MAC verified per scanned code (ring), one store call
//! with the promised durability, answered when it is on disk: on Redis one script over one shared connection under the
//! same `config/redis.conf`; in redb one thread that drains its queue into one quick-repairable commit. An answer of
//! the same size, built from the store's reply.
//!
//! Not included: rules, opening hours, limits, refusals, people counted by day and hour, request ids, a log, metrics,
//! timeouts, reconnecting, languages, a second store, versions.

mod embedded;
mod handlers;
mod redis;
mod token_and_code;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpServer};
use serde::{Deserialize, Serialize};

pub(crate) use token_and_code::{Verifier, code};

/// Settings of a baseline server.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// Its address.
    pub(crate) listen: SocketAddr,
    /// Its store.
    pub(crate) store: StoreSettings,
    /// The secret of its tokens and codes.
    pub(crate) secret: String,
    /// The padding of its answers.
    pub(crate) filler: Filler,
}

/// Padding in bytes, so that answers are as long as the program's.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Filler {
    /// Per stamp.
    pub(crate) stamp: usize,
    /// Per check-in, without its stamps.
    pub(crate) check_in: usize,
    pub(crate) claim: usize,
    pub(crate) redemption: usize,
    /// Per resident's page, without the stamps.
    pub(crate) me: usize,
    /// The whole document, compressed.
    pub(crate) document: usize,
}

/// The store of a baseline server.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum StoreSettings {
    /// A file in this folder.
    Embedded(PathBuf),
    /// The Redis at this URL.
    Redis(String),
    /// A cluster with these nodes.
    Cluster(Vec<String>),
}

/// An opened store.
enum Store {
    Embedded(embedded::Embedded),
    Redis(Box<redis::Redis>),
}

/// State that all workers share.
struct Baseline {
    token_and_code: Verifier,
    store: Store,
    filler: FillerText,
    document: Bytes,
    vouchers: AtomicU32,
}

/// The padding texts.
struct FillerText {
    stamp: String,
    check_in: String,
    claim: String,
    redemption: String,
    me: String,
}

/// The stamps of a resident: point and stamp.
type Stamps = Vec<(String, String)>;

/// A claim to store.
struct Claim {
    resident: String,
    voucher: String,
    record: String,
    now_ms: i64,
    until_ms: i64,
}

impl Baseline {
    fn next_voucher(&self) -> String {
        format!("{:09}", self.vouchers.fetch_add(1, Ordering::Relaxed))
    }
}

impl Store {
    /// Stores a stamp unless there is one; returns whether it is new, and all stamps of the resident.
    async fn stamp(&self, resident: &str, point: u16, stamp: String) -> (bool, Stamps) {
        match self {
            Store::Embedded(store) => store.stamp(resident, point, stamp).await,
            Store::Redis(store) => store.stamp(resident, point, stamp).await,
        }
    }

    /// Reads the passport, then stores a claim unless there is one.
    async fn claim(&self, claim: Claim) {
        match self {
            Store::Embedded(store) => store.claim(claim).await,
            Store::Redis(store) => store.claim(claim).await,
        }
    }

    /// Reads session and claim, then redeems the claim.
    async fn redeem(&self, voucher: String, session: String) {
        match self {
            Store::Embedded(store) => store.redeem(voucher, session).await,
            Store::Redis(store) => store.redeem(voucher, session).await,
        }
    }

    /// Reads passport, claim and companions.
    async fn me(&self, resident: String) -> Stamps {
        match self {
            Store::Embedded(store) => store.me(resident).await,
            Store::Redis(store) => store.me(resident).await,
        }
    }
}

/// Serves until it is killed.
pub(crate) fn serve(settings: &str) {
    let settings: Settings = serde_json::from_slice(&std::fs::read(settings).unwrap()).unwrap();
    actix_web::rt::System::new().block_on(async move {
        let store = match &settings.store {
            StoreSettings::Embedded(folder) => Store::Embedded(embedded::Embedded::open(folder)),
            StoreSettings::Redis(url) => Store::Redis(Box::new(redis::Redis::single(url).await)),
            StoreSettings::Cluster(urls) => Store::Redis(Box::new(redis::Redis::cluster(urls).await)),
        };
        let Filler { stamp, check_in, claim, redemption, me, document } = settings.filler;
        let [stamp, check_in, claim, redemption, me] =
            [stamp, check_in, claim, redemption, me].map(|bytes| "x".repeat(bytes));
        let baseline = Baseline {
            token_and_code: Verifier::new(&settings.secret),
            store,
            filler: FillerText { stamp, check_in, claim, redemption, me },
            document: "x".repeat(document).into(),
            vouchers: AtomicU32::new(0),
        };
        let baseline = Data::from(Arc::new(baseline));
        let workers = std::thread::available_parallelism().unwrap().get();
        HttpServer::new(move || App::new().app_data(baseline.clone()).configure(handlers::configure))
            .workers(workers)
            .bind(settings.listen)
            .unwrap()
            .run()
            .await
            .unwrap();
    });
}
