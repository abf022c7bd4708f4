//! Guards against a night market that closes at midnight, gifts that nobody can hand over, and records of a day that
//! cannot be asked for.

use serde_json::{Value, json};

use crate::small_carnival::TOML;
use crate::test_app::{Answer, TestApp, TestAppOptions};

const POND: &str = "name = \"池塘\"\nhours = \"09:00-18:00\"";
const PIN: &str = "needs = { stamps = 1 }\nstock = 9\n\n[[gifts]]\nid = \"shut\"";

async fn start_with(changes: &[(&str, &str)]) -> TestApp {
    let text = changes.iter().fold(TOML.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    });
    TestApp::start_with(TestAppOptions { carnival: Some(text), ..TestAppOptions::default() }).await
}

fn unlocked(answer: &Answer) -> Vec<&str> {
    answer.body["unlocked"].as_array().unwrap().iter().map(|gift| gift["gift"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_night_belongs_to_the_day_on_which_it_begins_also_the_last_one() {
    let app = start_with(&[(POND, "name = \"池塘\"\nhours = \"18:00-02:00\"")]).await;
    app.at("2023-04-13T01:00");
    assert_eq!(
        app.resident("early").await.scan("pond").await.refusal(),
        (403, "point_closed"),
        "before the first night"
    );
    app.at("2023-04-21T01:59");
    let ana = app.resident("ana").await;
    let stamped = ana.scan("pond").await;
    assert_eq!((stamped.status, unlocked(&stamped)), (201, vec!["last", "pin"]), "{stamped:?}");
    let voucher = ana.claim("pin").await;
    app.at("2023-04-21T02:00:30");
    let wang = app.volunteer("王阿姨", "tent").await;
    let given = wang.redeem(&[&voucher], "redeem-01").await;
    assert_eq!(given.body["results"][0]["redeemed"], json!(true), "{given:?}");
    // The queue is stamped for five minutes, but nobody hands anything over any more.
    app.at("2023-04-21T02:05");
    let ben = app.resident("ben").await;
    let stamped = ben.scan("pond").await;
    assert_eq!((stamped.status, unlocked(&stamped)), (201, vec![]), "{stamped:?}");
    assert_eq!(ben.post("/v1/me/claims", json!({ "gift": "pin" })).await.refusal(), (403, "carnival_over"));
    app.at("2023-04-21T02:06");
    assert_eq!(app.resident("cid").await.scan("pond").await.refusal(), (403, "carnival_over"));
    let pond = &app.anonymous().get("/v1/carnival").await.body["points"][2];
    assert_eq!(pond["hours"], json!(["18:00-02:00"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn gifts_may_be_handed_out_after_the_carnival() {
    let later = "needs = { stamps = 1 }\npick_up = { first_day = 2023-04-13, last_day = 2023-05-07 }\nstock = 9\n\n[[gifts]]\nid = \"shut\"";
    let app = start_with(&[(PIN, later)]).await;
    app.at("2023-04-20T10:00");
    let ana = app.resident("ana").await;
    let stamped = ana.scan("pond").await;
    assert_eq!(unlocked(&stamped), ["last", "pin"], "not the closed gift, nor the one that was handed out before");
    app.at("2023-05-07T17:00");
    let ana = app.resident("ana").await;
    let voucher = ana.claim("pin").await;
    assert_eq!(ana.post("/v1/me/claims", json!({ "gift": "last" })).await.refusal(), (403, "carnival_over"));
    let wang = app.volunteer("王阿姨", "tent").await;
    let given = wang.redeem(&[&voucher], "redeem-01").await;
    assert_eq!(given.body["results"][0]["redeemed"], json!(true), "{given:?}");
    app.at("2023-05-08T00:01");
    let late = app.resident("ben").await;
    assert_eq!(late.post("/v1/me/claims", json!({ "gift": "pin" })).await.refusal(), (403, "gift_not_earned"));
    app.at("2024-01-05T10:00");
    let next_year = app.resident("cid").await.scan("pond").await;
    assert_eq!(next_year.body["detail"], json!("嘉年华已于2023年4月20日结束，谢谢您的参与！"));
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_differ_by_weekday() {
    let weekend = "name = \"池塘\"\nhours = { sat = [\"09:00-12:00\", \"14:00-18:00\"], sun = \"10:00-16:00\" }";
    let app = start_with(&[(POND, weekend)]).await;
    app.at("2023-04-14T10:00");
    assert_eq!(app.resident("ana").await.scan("pond").await.refusal(), (403, "point_closed"), "a Friday");
    app.at("2023-04-15T15:00");
    assert_eq!(app.resident("ana").await.scan("pond").await.status, 201);
    let pond = app.anonymous().get("/v1/carnival").await.body["points"][2].clone();
    let hours = json!({ "mon": [], "tue": [], "wed": [], "thu": [], "fri": [], "sat": ["09:00-12:00", "14:00-18:00"], "sun": ["10:00-16:00"] });
    assert_eq!((&pond["hours"], &pond["weekday_hours"]), (&json!([]), &hours));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_day_with_a_record_can_be_asked_for() {
    let app = TestApp::start().await;
    app.at("2023-05-02T10:00");
    let (wang, li) = (app.volunteer("王阿姨", "market-play").await, app.organiser("李老师").await);
    let card = &app.paper_passports(1).await[0];
    let ink = json!({ "passport": card, "points": ["space-1", "space-2"], "nonce": "ink-00001" });
    assert_eq!(wang.post("/v1/booth/check-ins", ink).await.body["unlocked"], json!([]));
    let summary = async |query: &str| li.get(&format!("/v1/organiser/summary{query}")).await;
    let day = summary("?day=2023-05-02").await;
    assert_eq!((day.status, &day.body["totals"]["stamps"]), (200, &json!(2)), "{day:?}");
    let (all, empty) = (summary("").await, summary("?day=&route=&point=").await);
    assert_eq!((empty.status, &empty.body["days"]), (200, &all.body["days"]));
    let stamps = |days: &Value| days.as_array().unwrap().iter().map(|day| day["stamps"].as_u64().unwrap()).sum::<u64>();
    assert_eq!(stamps(&all.body["days"]), 2, "the days add up to the whole");
    for kind in ["check-ins", "redemptions", "stock", "ledger"] {
        let report = async |day: &str| li.get(&format!("/v1/organiser/{kind}.csv?day={day}")).await;
        assert_eq!(report("2023-05-02").await.status, 200, "{kind}");
        assert_eq!(report("").await.status, 200, "{kind}");
        let unknown = report("2023-05-03").await;
        assert_eq!(
            (unknown.refusal(), &unknown.body["last_day"]),
            ((404, "day_unknown"), &json!("2023-05-02")),
            "{kind}"
        );
    }
    assert_eq!(li.get("/v1/organiser/check-ins.csv?day=2023-05-02").await.body.as_str().unwrap().lines().count(), 3);
    assert_eq!(summary("?day=2023-05-03").await.refusal(), (404, "day_unknown"));
}
