//! Guards against an instance that ignores what another instance on the same Redis changed.

use std::time::{Duration, Instant};

use serde_json::json;

use super::harness::{RunningServer, Workspace, stdout_of};
use crate::servers::redis_server::RedisServer;

#[tokio::test(flavor = "multi_thread")]
async fn two_instances_see_a_replaced_poster() {
    let redis = RedisServer::start();
    let workspace = Workspace::on_redis(&redis.url());
    let (one, two) = (workspace.serve("one"), workspace.serve("two"));
    let err = one.program.err();
    assert!(err.contains("Records are kept in Redis, under keys that begin with carnival."), "{err}");
    assert!(!err.contains("lost"), "no durability warning: {err}");
    let old = workspace.poster_links().remove(0);
    let ana = one.api.resident(&workspace.wechat, "ana").await;
    assert_eq!(two.api.post(&ana, "/v1/check-ins", json!({ "code": old })).await.0, 201, "a token of either instance");
    let out = workspace.path("codes");
    stdout_of(&mut workspace.command(&["codes", "--out", out.to_str().unwrap(), "--reissue", "p-1"]));
    let new = crate::qr_decoder::decode_png(&std::fs::read(out.join("001-p-1-g1.png")).unwrap()).remove(0);
    for (served, name) in [(&one, "ben"), (&two, "dan")] {
        let newcomer = served.api.resident(&workspace.wechat, name).await;
        served.wait_until_accepted(&newcomer, &new, 201).await;
        let cem = served.api.resident(&workspace.wechat, "cem").await;
        let (_, reply) = served.api.post(&cem, "/v1/check-ins", json!({ "code": old })).await;
        assert_eq!(reply["code"], json!("code_replaced"));
    }
}

impl RunningServer {
    /// Waits until the server accepts a new code, which takes at most two seconds on an idle machine. The requests are
    /// rare enough to stay below the resident's rate limit.
    pub(crate) async fn wait_until_accepted(&self, token: &str, code: &str, status: u16) {
        let begun = Instant::now();
        loop {
            let (now, body) = self.api.post(token, "/v1/check-ins", json!({ "code": code })).await;
            if now == status {
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "{body}");
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }
}
