//! Guards against a family check-in that omits a companion's card, stamps a stranger's card, or fails as a whole
//! because of one refusal.

use serde_json::{Value, json};

use crate::test_app::{Answer, Client, TestApp};

const PATH: &str = "/v1/check-ins";

/// A resident with companions, and the companions' serials.
async fn family(app: &TestApp, count: u32) -> (Client<'_>, Vec<Value>) {
    let ana = app.resident("ana").await;
    let mut serials = Vec::new();
    for card in app.paper_passports(count).await {
        let added = ana.post("/v1/me/companions", json!({ "passport": card })).await;
        assert_eq!(added.status, 201);
        serials.push(added.body["serial"].clone());
    }
    (ana, serials)
}

fn outcomes(answer: &Answer) -> Vec<(Value, Value)> {
    let results = answer.body["results"].as_array().unwrap_or_else(|| panic!("no results: {answer:?}"));
    results.iter().map(|one| (one["for"].clone(), one["outcome"].clone())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_family_is_stamped_in_the_requested_order() {
    let app = TestApp::start().await;
    let (ana, serials) = family(&app, 2).await;
    let (granny, child) = (&serials[0], &serials[1]);
    let code = app.printed_code("space-1");
    let party = ana.post(PATH, json!({ "code": code, "for": [child, "me", granny] })).await;
    let stamped = |whom: &Value| (whom.clone(), json!("stamped"));
    assert_eq!(party.status, 201);
    assert_eq!(outcomes(&party), [stamped(child), stamped(&json!("me")), stamped(granny)]);
    let again = ana.post(PATH, json!({ "code": code, "for": [granny, "me", "me", granny] })).await;
    assert_eq!(again.status, 200);
    let repeated = |whom: &Value| (whom.clone(), json!("already_stamped"));
    assert_eq!(outcomes(&again), [repeated(granny), repeated(&json!("me"))], "each once");
    assert_eq!(again.body["results"][0]["stamp"], party.body["results"][2]["stamp"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_refusal_does_not_affect_the_other_passports() {
    let app = TestApp::start().await;
    let (ana, serials) = family(&app, 1).await;
    ana.scan("space-1").await;
    app.at("2023-04-14T19:00");
    let body = json!({ "code": app.printed_code("space-1"), "for": ["me", serials[0]] });
    let late = ana.post(&format!("{PATH}?lang=en"), body).await;
    assert_eq!(late.status, 200);
    assert_eq!(late.body["results"][0]["outcome"], json!("already_stamped"));
    let problem = &late.body["results"][1]["problem"];
    assert_eq!((&problem["code"], &problem["status"]), (&json!("point_closed"), &json!(403)));
    insta::assert_json_snapshot!(problem["detail"], @r#""“社区美空间·第1站” was open 09:30–18:00 today. It is 19:00 now.""#);

    let all = ana.post(PATH, json!({ "code": app.printed_code("space-2"), "for": ["me", serials[0]] })).await;
    assert_eq!(all.refusal(), (403, "point_closed"), "the same refusal for all is the answer's own");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resident_cannot_check_in_strangers_cards() {
    let app = TestApp::start().await;
    let (ana, serials) = family(&app, 1).await;
    let code = app.printed_code("space-1");
    let stranger = ana.post(PATH, json!({ "code": code, "for": ["me", "777"] })).await;
    insta::assert_json_snapshot!(stranger.status_and_body(), @r#"
    {
      "body": {
        "code": "companion_unknown",
        "detail": "这张纸质集章卡不在您的手机里，请先扫卡添加。",
        "remedy": "show",
        "status": 404,
        "title": "Not Found",
        "type": "urn:carnival:problem:companion_unknown"
      },
      "status": 404
    }
    "#);
    assert_eq!(ana.get("/v1/me/passport").await.body["stamps"], json!([]), "nor are the others in the request");
    for party in [json!([]), json!(["granny"]), json!(["0"]), json!(["-1"]), json!([1]), json!("me")] {
        let answer = ana.post(PATH, json!({ "code": code, "for": party })).await;
        assert_eq!(answer.refusal(), (400, "bad_request"), "{party}");
    }
    let bo = app.resident("bo").await;
    let others = bo.post(PATH, json!({ "code": code, "for": [serials[0]] })).await;
    assert_eq!(others.refusal(), (404, "companion_unknown"));
}

#[tokio::test(flavor = "multi_thread")]
async fn five_companions_fit_on_a_phone_and_leave_it_with_their_stamps() {
    let app = TestApp::start().await;
    let (ana, serials) = family(&app, 5).await;
    let cards = app.paper_passports(1).await;
    let sixth = ana.post("/v1/me/companions", json!({ "passport": cards[0] })).await;
    assert_eq!((sixth.refusal(), &sixth.body["limit"]), ((409, "companions_full"), &json!(5)));
    insta::assert_json_snapshot!(sixth.body["detail"], @r#""一部手机最多添加5张纸质集章卡，请先移除一张。""#);
    let everybody: Vec<Value> = serials.iter().cloned().chain([json!("me")]).collect();
    let party = ana.post(PATH, json!({ "code": app.printed_code("space-1"), "for": everybody })).await;
    assert_eq!((party.status, outcomes(&party).len()), (201, 6));

    let path = format!("/v1/me/companions/{}", serials[0].as_str().unwrap());
    assert_eq!(ana.delete(&path).await.status, 204);
    assert_eq!(ana.delete(&path).await.status, 204, "repeated");
    assert_eq!(ana.post("/v1/me/companions", json!({ "passport": cards[0] })).await.status, 201);
    assert_eq!(ana.post("/v1/me/companions", json!({ "passport": cards[0] })).await.status, 201, "repeated");
    let gone = ana.post(PATH, json!({ "code": app.printed_code("space-2"), "for": [serials[0]] })).await;
    assert_eq!(gone.refusal(), (404, "companion_unknown"));
    let me = ana.get("/v1/me").await;
    let stamps = |one: &Value| one["passport"]["stamps"].as_array().unwrap().len();
    let companions: Vec<usize> = me.body["companions"].as_array().unwrap().iter().map(stamps).collect();
    assert_eq!(companions, [1, 1, 1, 1, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_paper_passport_can_be_a_companion() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    let own = ana.get("/v1/me/code").await.body["code"].clone();
    for (code, refusal) in [
        (json!("C000"), (404, "code_unknown")),
        (json!(app.printed_code("space-1")), (422, "code_of_another_kind")),
        (own, (422, "code_of_another_kind")),
    ] {
        let answer = ana.post("/v1/me/companions", json!({ "passport": code })).await;
        assert_eq!(answer.refusal(), refusal);
    }
    assert_eq!(ana.delete("/v1/me/companions/granny").await.refusal(), (400, "bad_request"));
}
