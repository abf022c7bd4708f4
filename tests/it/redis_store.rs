//! Redis as a store: the store suite on a single server and on a cluster, and how its connections fail and recover.

mod forgotten_people;
mod network;
mod outages;
mod replication;
mod startup_checks;
mod torn_log;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use carnival::store::Store;
use carnival::store::redis::{RedisStore, Settings};

use crate::servers::redis_cluster::RedisCluster;
use crate::servers::redis_server::RedisServer;
use crate::store_suite::{StoreFixture, in_turn, suite};

/// Settings for a single server.
fn single(server: &RedisServer) -> Settings {
    Settings { urls: vec![server.url()], shards: 8, ..Settings::default() }
}

async fn open_store(settings: &Settings) -> Arc<RedisStore> {
    Arc::new(RedisStore::open(settings).await.unwrap().0)
}

struct Single {
    server: RedisServer,
    store: Arc<RedisStore>,
}

#[async_trait]
impl StoreFixture for Single {
    fn store(&self) -> Arc<dyn Store> {
        Arc::<RedisStore>::clone(&self.store)
    }

    async fn reopen(mut self) -> Self {
        self.server.restart();
        let store = open_store(&single(&self.server)).await;
        Single { store, ..self }
    }
}

async fn open_single() -> Single {
    let server = RedisServer::start();
    let store = open_store(&single(&server)).await;
    Single { server, store }
}

suite!(open_single);

struct Cluster {
    six: Arc<Mutex<RedisCluster>>,
    settings: Settings,
    store: Arc<RedisStore>,
}

#[async_trait]
impl StoreFixture for Cluster {
    fn store(&self) -> Arc<dyn Store> {
        Arc::<RedisStore>::clone(&self.store)
    }

    async fn reopen(self) -> Self {
        let six = Arc::clone(&self.six);
        tokio::task::spawn_blocking(move || {
            let mut six = six.lock().unwrap();
            six.restart_all();
            six.wait_whole();
        })
        .await
        .unwrap();
        let store = open_store(&self.settings).await;
        Cluster { store, ..self }
    }
}

/// One test, because a cluster takes seconds to form; each case has its own key prefix.
#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_passes_the_store_suite() {
    let six = Arc::new(Mutex::new(RedisCluster::start()));
    let mut opened_so_far = 0;
    let mut open = || {
        opened_so_far += 1;
        open_cluster(&six, opened_so_far)
    };
    in_turn!(open);
}

async fn open_cluster(six: &Arc<Mutex<RedisCluster>>, nth: u32) -> Cluster {
    let urls = six.lock().unwrap().urls();
    let settings = Settings { urls, cluster: true, shards: 8, prefix: format!("promise-{nth}"), ..Settings::default() };
    Cluster { six: Arc::clone(six), store: open_store(&settings).await, settings }
}
