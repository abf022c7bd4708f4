//! Guards against a stamp on the wrong card that stays for good, and against a gift that is earned by an undone stamp.

use carnival::rules::ids::{Holder, ResidentId};
use carnival::rules::statistics::tally::{Tally, TallyPeriod};
use carnival::store::{LogId, record};
use serde_json::{Value, json};

use crate::servers::redis_server::RedisServer;
use crate::test_app::{Answer, Client, TestApp};

async fn ink(staff: &Client<'_>, passport: &str, points: &[&str], nonce: &str) -> Answer {
    staff.post("/v1/booth/check-ins", json!({ "passport": passport, "points": points, "nonce": nonce })).await
}

async fn undo(staff: &Client<'_>, passport: &str, point: &str, nonce: &str) -> Answer {
    let body = json!({ "passport": passport, "point": point, "reason": "看错了点位", "nonce": nonce });
    staff.post("/v1/booth/check-ins/undo", body).await
}

async fn hand_over(staff: &Client<'_>, passport: &str, nonce: &str) -> Answer {
    let body = json!({ "passport": passport, "gift": "postcards", "nonce": nonce });
    staff.post("/v1/booth/paper-redemptions", body).await
}

async fn own_code(resident: &Client<'_>) -> String {
    resident.get("/v1/me/code").await.body["code"].as_str().unwrap().to_owned()
}

fn points(answer: &Answer) -> Vec<&str> {
    let stamps = answer.body["passport"]["stamps"].as_array().unwrap();
    stamps.iter().map(|stamp| stamp["point"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_stamp_is_undone_on_the_embedded_store() {
    a_wrong_stamp_is_undone(&TestApp::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_stamp_is_undone_on_redis() {
    let server = RedisServer::start();
    a_wrong_stamp_is_undone(&TestApp::start_on_redis(&server).await).await;
}

async fn a_wrong_stamp_is_undone(app: &TestApp) {
    let (wang, li) = (app.volunteer("王阿姨", "market-play").await, app.organiser("李老师").await);
    let card = &app.paper_passports(1).await[0];
    ink(&wang, card, &["space-1", "space-2"], "ink-00001").await;
    app.at("2023-04-14T10:05");
    let before = li.get("/v1/organiser/summary").await.body["totals"].clone();
    ink(&wang, card, &["space-5"], "ink-00002").await;
    app.at("2023-04-14T10:10");
    let undone = undo(&wang, card, "space-5", "undo-0001").await;
    assert_eq!((undone.status, points(&undone)), (200, vec!["space-1", "space-2"]), "{undone:?}");
    let shown = json!([undone.body["point"], undone.body["lost"]]);
    insta::allow_duplicates! { insta::assert_json_snapshot!(shown, @r#"
    [
      {
        "name": "社区美空间·第5站",
        "number": 5,
        "point": "space-5"
      },
      [
        {
          "gift": "postcards",
          "name": "路线明信片一套"
        }
      ]
    ]
    "#) };
    assert_eq!(undo(&wang, card, "space-5", "undo-0001").await.body, undone.body, "a retry");
    assert_eq!(undo(&wang, card, "space-5", "undo-0002").await.refusal(), (404, "stamp_unknown"));
    assert_eq!(li.get("/v1/organiser/summary").await.body["totals"], before, "the counters follow");
    assert_eq!(wang.get("/v1/booth/summary").await.body["stamps"], json!(2));
    let csv = li.get("/v1/organiser/check-ins.csv?point=space-5").await.body.as_str().unwrap().to_owned();
    let rows: Vec<Vec<&str>> = csv.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let row = |row: &Vec<&str>| (row[0].to_owned(), row[1].to_owned(), row[10].to_owned(), row[11].to_owned());
    let text = |row: [&str; 4]| (row[0].to_owned(), row[1].to_owned(), row[2].to_owned(), row[3].to_owned());
    let recorded = text(["2023-04-14 10:05:00", "盖章", "王阿姨", ""]);
    let taken_back = text(["2023-04-14 10:10:00", "撤销", "王阿姨", "看错了点位"]);
    assert_eq!(rows.iter().map(row).collect::<Vec<_>>(), [recorded, taken_back]);
    // The point can be stamped again, with an ordinal of its own.
    let again = ink(&wang, card, &["space-5"], "ink-00003").await;
    assert_eq!((again.body["results"][0]["outcome"].as_str(), points(&again).len()), (Some("stamped"), 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_same_person_and_organisers_may_undo_a_stamp_by_hand() {
    let app = TestApp::start().await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    let (zhao, li) = (app.volunteer("赵姐", "market-play").await, app.organiser("李老师").await);
    let card = &app.paper_passports(1).await[0];
    ink(&wang, card, &["space-1"], "ink-00001").await;
    let refusals = [
        undo(&zhao, card, "space-1", "undo-0001").await,
        undo(&zhao, card, "space-2", "undo-0001").await,
        undo(&zhao, card, "nowhere", "undo-0001").await,
        undo(&zhao, "C", "space-1", "undo-0001").await,
        undo(&app.resident("ana").await, card, "space-1", "undo-0001").await,
    ];
    let codes: Vec<_> = refusals.iter().map(Answer::refusal).collect();
    insta::assert_json_snapshot!(json!(codes), @r#"
    [
      [
        403,
        "not_your_stamp"
      ],
      [
        404,
        "stamp_unknown"
      ],
      [
        404,
        "point_unknown"
      ],
      [
        404,
        "code_unknown"
      ],
      [
        403,
        "not_your_role"
      ]
    ]
    "#);
    let empty = json!({ "passport": card, "point": "space-1", "reason": " ", "nonce": "undo-0001" });
    assert_eq!(wang.post("/v1/booth/check-ins/undo", empty).await.refusal(), (422, "reason_odd"));
    app.at("2023-04-14T10:15:01");
    let late = undo(&wang, card, "space-1", "undo-0001").await;
    assert_eq!(
        (late.status, &late.body["detail"]),
        (403, &json!("“社区美空间·第1站”的章是4月14日 10:00补录的，已经超过15分钟。请找负责人撤销。"))
    );
    assert_eq!(undo(&li, card, "space-1", "undo-0001").await.status, 200);
    let ana = app.resident("ana").await;
    ana.scan("space-1").await;
    let scanned = undo(&li, &own_code(&ana).await, "space-1", "undo-0002").await;
    assert_eq!(scanned.refusal(), (403, "stamp_not_by_hand"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_this_stamp_unlocked_is_released_unless_it_was_handed_over() {
    let app = TestApp::start().await;
    let (wang, li) = (app.volunteer("王阿姨", "market-play").await, app.organiser("李老师").await);
    let ana = app.resident("ana").await;
    ana.scan_first(2).await;
    let code = own_code(&ana).await;
    ink(&wang, &code, &["space-3"], "ink-00001").await;
    let voucher = ana.claim("postcards").await;
    let undone = undo(&wang, &code, "space-3", "undo-0001").await;
    assert_eq!((undone.status, &undone.body["lost"][0]["gift"]), (200, &json!("postcards")), "{undone:?}");
    assert_eq!(ana.get("/v1/me/claims").await.body["claims"], json!([]));
    let redeemed = wang.redeem(&[&voucher], "redeem-01").await;
    assert_eq!(redeemed.body["results"][0]["problem"]["code"], json!("voucher_unknown"));
    assert_eq!(ana.post("/v1/me/claims", json!({ "gift": "postcards" })).await.refusal(), (403, "gift_not_earned"));

    ink(&wang, &code, &["space-3"], "ink-00002").await;
    let voucher = ana.claim("postcards").await;
    let done = wang.redeem(&[&voucher], "redeem-02").await;
    let refused = undo(&wang, &code, "space-3", "undo-0002").await;
    let mut shown = refused.status_and_body();
    shown["body"]["done"]["redemption"] = json!("[id]");
    insta::assert_json_snapshot!(shown, @r#"
    {
      "body": {
        "code": "stamp_used",
        "detail": "靠“社区美空间·第3站”的章换的“路线明信片一套”已于4月14日 10:00在“时光音乐友邻荟兑换台”由您发出，章不能撤销。请先撤销那次发放。",
        "done": {
          "at": "2023-04-14T10:00:00+08:00",
          "by": "王阿姨",
          "by_you": true,
          "place": "时光音乐友邻荟兑换台",
          "redemption": "[id]"
        },
        "gift": "路线明信片一套",
        "point": "社区美空间·第3站",
        "remedy": "show",
        "status": 409,
        "title": "Conflict",
        "type": "urn:carnival:problem:stamp_used"
      },
      "status": 409
    }
    "#);
    assert_eq!(ana.get("/v1/me/passport").await.body["stamps"].as_array().unwrap().len(), 3);
    // After the hand-over is undone, the stamp can be.
    let id = done.body["results"][0]["claim"]["redemption"]["id"].as_str().unwrap();
    let void = json!({ "reason": "发错了", "nonce": "void-0001" });
    assert_eq!(li.post(&format!("/v1/booth/redemptions/{id}/void"), void).await.status, 200);
    assert_eq!(undo(&wang, &code, "space-3", "undo-0002").await.status, 200);
    assert_eq!(ana.get("/v1/me/claims").await.body["claims"], json!([]));
    // A gift that is earned without the stamp stays held.
    ana.scan("space-3").await;
    let voucher = ana.claim("postcards").await;
    ink(&wang, &code, &["space-4"], "ink-00003").await;
    assert_eq!(undo(&wang, &code, "space-4", "undo-0003").await.body["lost"], json!([]));
    assert_eq!(ana.get("/v1/me/claims").await.body["claims"][0]["id"], json!(voucher));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_races_claims_and_hand_overs_on_the_embedded_store() {
    race(&TestApp::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_races_claims_and_hand_overs_on_redis() {
    let server = RedisServer::start();
    race(&TestApp::start_on_redis(&server).await).await;
}

/// In each round a stamp that earns a gift is undone while the gift is claimed by the resident, or handed over for a
/// card. Afterwards a passport without the stamp holds nothing and was given nothing.
async fn race(app: &TestApp) {
    const ROUNDS: usize = 24;
    let (wang, zhao) = (app.volunteer("王阿姨", "market-play").await, app.volunteer("赵姐", "market-play").await);
    let cards = app.paper_passports(u32::try_from(ROUNDS).unwrap()).await;
    for (round, card) in cards.iter().enumerate() {
        ink(&wang, card, &["space-1", "space-2", "space-3"], &format!("ink-0000{round}")).await;
        let (nonce, hand) = (format!("undo-000{round}"), format!("hand-000{round}"));
        let (gone, given) = tokio::join!(undo(&wang, card, "space-3", &nonce), hand_over(&zhao, card, &hand));
        match (gone.status, given.status) {
            // The undo came first, or the hand-over did, or both gave way and a retry of either succeeds.
            (200 | 409, 403) | (409, 201) => {}
            other => panic!("{other:?} {gone:?} {given:?}"),
        }
        let look = zhao.post("/v1/booth/lookups", json!({ "code": card })).await;
        let (stamps, claims) = (&look.body["passport"]["stamps"], &look.body["claims"]);
        let states: Vec<&Value> = claims.as_array().unwrap().iter().map(|claim| &claim["state"]).collect();
        match stamps.as_array().unwrap().len() {
            2 => assert!(states.is_empty(), "{look:?}"),
            _ => assert!(states.iter().all(|state| **state == json!("redeemed")), "{look:?}"),
        }
    }
    for round in 0..ROUNDS {
        let resident = app.resident(&format!("resident-{round}")).await;
        resident.scan_first(2).await;
        let code = own_code(&resident).await;
        ink(&wang, &code, &["space-3"], &format!("own-0000{round}")).await;
        let nonce = format!("undo-100{round}");
        let claim = resident.post("/v1/me/claims", json!({ "gift": "postcards" }));
        let (gone, claimed) = tokio::join!(undo(&wang, &code, "space-3", &nonce), claim);
        assert_eq!(gone.status, 200, "{gone:?}");
        assert!([201, 403].contains(&claimed.status), "{claimed:?}");
        assert_eq!(resident.get("/v1/me/claims").await.body["claims"], json!([]), "{claimed:?}");
    }
    counters_equal_the_passports(app).await;
}

/// The counters are those of the stamps that stand, and the log says how they came about.
async fn counters_equal_the_passports(app: &TestApp) {
    let store = app.app.store.as_ref();
    let mut standing = std::collections::BTreeMap::new();
    for shard in 0..store.shards() {
        for entry in store.log_entries(LogId::Shard(shard), 0, 10_000).await.unwrap() {
            let (point, change) = match record::decode_shard_entry(&entry).unwrap() {
                record::ShardLogEntry::Stamp(stamp) => (stamp.stamp.point, 1),
                record::ShardLogEntry::Undo(undo) => {
                    (undo.stamp.point, if undo.event == record::StampUndoEvent::Undone { -1 } else { 1 })
                }
            };
            *standing.entry(point).or_insert(0_i64) += change;
        }
    }
    let tallies = store.tallies(TallyPeriod::AllTime).await.unwrap();
    for (point, count) in standing {
        assert_eq!(tallies.get(&Tally::AllStamps(point)).copied().unwrap_or(0), u64::try_from(count).unwrap());
    }
    let nobody = Holder::Resident(ResidentId::new([9; 16]));
    assert_eq!(store.passport(nobody).await.unwrap(), None);
}
