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
use std::sync::atomic::{AtomicU32, Ordering};

use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpServer};
use serde::{Deserialize, Serialize};

pub(crate) use checks::{Checks, code};

/// How a floor is started.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// Where it listens.
    pub(crate) listen: SocketAddr,
    /// Where it keeps.
    pub(crate) store: StoreSettings,
    /// The secret of its tokens and codes.
    pub(crate) secret: String,
    /// How long its answers are.
    pub(crate) filler: Filler,
}

/// Bytes that answers have beyond what the store gave back, so that they are as long as the program's.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Filler {
    /// Each stamp.
    pub(crate) stamp: usize,
    /// A check-in, beyond its stamps.
    pub(crate) check_in: usize,
    pub(crate) claim: usize,
    pub(crate) redemption: usize,
    /// What a resident sees of herself, beyond the stamps.
    pub(crate) me: usize,
    /// The whole document, compressed.
    pub(crate) document: usize,
}

/// Where a floor keeps its stamps.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum StoreSettings {
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
    Redis(Box<redis::Redis>),
}

/// What all workers share.
struct Baseline {
    checks: Checks,
    store: Store,
    filler: FillerText,
    document: Bytes,
    vouchers: AtomicU32,
}

/// What makes answers as long as the program's.
struct FillerText {
    stamp: String,
    check_in: String,
    claim: String,
    redemption: String,
    me: String,
}

/// The stamps of a resident: point and stamp.
type Stamps = Vec<(String, String)>;

/// A claim that is to be kept.
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
    /// Keeps a stamp unless there is one; whether it is new, and all stamps of the resident.
    async fn stamp(&self, resident: &str, point: u16, stamp: String) -> (bool, Stamps) {
        match self {
            Store::Embedded(store) => store.stamp(resident, point, stamp).await,
            Store::Redis(store) => store.stamp(resident, point, stamp).await,
        }
    }

    /// Reads the passport, then keeps a claim unless there is one.
    async fn claim(&self, claim: Claim) {
        match self {
            Store::Embedded(store) => store.claim(claim).await,
            Store::Redis(store) => store.claim(claim).await,
        }
    }

    /// Reads session and claim, then redeems the claim that was read.
    async fn redeem(&self, voucher: String, session: String) {
        match self {
            Store::Embedded(store) => store.redeem(voucher, session).await,
            Store::Redis(store) => store.redeem(voucher, session).await,
        }
    }

    /// Reads passport, claim and cards.
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
            checks: Checks::new(&settings.secret),
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
