//! Guards against missing and outdated posters on the first morning.

use carnival::actions::carnival::carnival_refresh;
use carnival::actions::prints::printed_codes::{self, Replaced};
use carnival::rules::staff::roles::{Role, Station};
use serde_json::{Value, json};

use crate::test_app::{Answer, Client, TestApp};

async fn check_poster(who: &Client<'_>, code: &str) -> Answer {
    who.post("/v1/booth/poster-checks", json!({ "code": code })).await
}

async fn posters(organiser: &Client<'_>) -> Value {
    organiser.get("/v1/organiser/summary").await.body["posters"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn checking_a_valid_poster_shows_its_hours_and_gives_no_stamp() {
    let app = TestApp::start().await;
    app.at("2023-04-12T16:00");
    let li = app.staff("李叔叔", Role::Volunteer, Some(Station::Point("space-1".parse().unwrap()))).await;
    let seen = check_poster(&li, &app.printed_code("space-7")).await;
    insta::assert_json_snapshot!(seen.status_and_body(), @r#"
    {
      "body": {
        "counted": {
          "hang": 1,
          "of": 19
        },
        "hang": "19张海报已挂好1张",
        "point": {
          "name": "社区美空间·第7站",
          "number": 7,
          "point": "space-7"
        },
        "right": true,
        "says": "7号点位“社区美空间·第7站”：海报没错。4月13日14:00–18:00开放。"
      },
      "status": 200
    }
    "#);
    app.at("2023-04-12T23:00");
    let english = li.post("/v1/booth/poster-checks?lang=en", json!({ "code": app.printed_code("space-7") })).await;
    assert_eq!(english.body["says"], json!("Point 7, “社区美空间·第7站”: right. Opens on 13 April, 14:00–18:00."));
    assert_eq!(english.body["hang"], json!("1 of 19 posters hang"), "the same poster is counted once");
    let nobody = app.anonymous().get("/v1/availability").await;
    assert_eq!((&nobody.body["stamps"], &nobody.body["passports"]), (&json!(0), &json!(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_summary_lists_missing_and_outdated_posters() {
    let app = TestApp::start().await;
    let (chen, wang) = (app.organiser("陈社工").await, app.volunteer("王阿姨", "market-play").await);
    let all: Vec<String> = app.app.current().carnival.points.iter().map(|point| point.id.to_string()).collect();
    for point in &all[..17] {
        assert_eq!(check_poster(&wang, &app.printed_code(point)).await.body["right"], json!(true), "{point}");
    }
    let walked = posters(&chen).await;
    assert_eq!((&walked["hang"], &walked["of"]), (&json!(17), &json!(19)), "one point accepts tablet codes only");
    let missing: Vec<&Value> = walked["missing"].as_array().unwrap().iter().map(|one| &one["point"]).collect();
    assert_eq!(missing, ["shop-5", "shop-6"]);

    // One code leaked and was replaced: the poster counts as outdated until the new one is checked.
    let old = app.printed_code("space-2");
    printed_codes::reissue(&app.app, &"space-2".parse().unwrap(), Replaced::Leaked(&app.printed_code("space-2")))
        .await
        .unwrap();
    carnival_refresh::refresh(&app.app).await.unwrap();
    let walked = posters(&chen).await;
    assert_eq!(walked["hang"], json!(16));
    insta::assert_json_snapshot!(walked["old"], @r#"
    [
      {
        "by": "王阿姨",
        "name": "社区美空间·第2站",
        "number": 2,
        "point": "space-2",
        "seen_at": "2023-04-14T10:00:00+08:00"
      }
    ]
    "#);
    let replaced = check_poster(&wang, &old).await;
    insta::assert_json_snapshot!(replaced.status_and_body(), @r#"
    {
      "body": {
        "counted": {
          "hang": 16,
          "of": 19
        },
        "hang": "19张海报已挂好16张",
        "point": {
          "name": "社区美空间·第2站",
          "number": 2,
          "point": "space-2"
        },
        "right": false,
        "says": "2号点位“社区美空间·第2站”：这是换下来的旧海报，请取下，挂上新的。"
      },
      "status": 200
    }
    "#);
    assert_eq!(posters(&chen).await["old"][0]["point"], json!("space-2"));
    assert_eq!(check_poster(&wang, &app.printed_code("space-2")).await.body["hang"], json!("19张海报已挂好17张"));
    let route = chen.get("/v1/organiser/summary?route=play").await;
    assert_eq!((&route.body["posters"]["hang"], &route.body["posters"]["of"]), (&json!(7), &json!(7)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poster_at_a_tablet_only_point_is_reported() {
    let app = TestApp::start().await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    let seen = check_poster(&wang, &app.printed_code("shop-7")).await;
    let reply = (seen.status, &seen.body["right"], &seen.body["hang"]);
    assert_eq!(reply, (200, &json!(false), &json!("19张海报已挂好0张")));
    assert_eq!(seen.body["says"], json!("20号点位“社区商业好项目·第7站”：这里只认平板上的码，海报没有用，请取下。"));
}

#[tokio::test(flavor = "multi_thread")]
async fn other_kinds_of_codes_are_refused() {
    let app = TestApp::start().await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    let li = app.staff("李叔叔", Role::Volunteer, Some(Station::Point("space-1".parse().unwrap()))).await;
    let display = li.get("/v1/booth/points/space-1/code").await.body["link"].as_str().unwrap().to_owned();
    for (code, status, why) in [
        ("", 404, "code_unknown"),
        ("P00A7K9M2X4Q8Z1T", 404, "code_unknown"),
        (&*app.paper_passports(1).await[0], 422, "code_of_another_kind"),
        (&*display, 422, "code_of_another_kind"),
        ("014 738 296", 422, "code_of_another_kind"),
    ] {
        assert_eq!(check_poster(&wang, code).await.refusal(), (status, why), "{code}");
    }
    assert_eq!(
        check_poster(&app.resident("ana").await, &app.printed_code("space-1")).await.refusal(),
        (403, "not_your_role")
    );
    assert_eq!(posters(&app.organiser("陈社工").await).await["hang"], json!(0), "a refusal records nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_reissues_of_a_leaked_code_replace_it_once() {
    let app = TestApp::start().await;
    let chen = app.organiser("陈社工").await;
    let ana = app.resident("ana").await;
    let leaked = app.printed_code("space-2");
    let path = "/v1/organiser/points/space-2/reissue";
    let done = chen.post(path, json!({ "code": leaked })).await;
    assert_eq!((done.status, &done.body["generation"]), (200, &json!(1)));
    let again = chen.post(path, json!({ "code": leaked })).await;
    assert_eq!((&again.body["code"], &again.body["generation"]), (&done.body["code"], &json!(1)));
    let reply = ana.post("/v1/check-ins", json!({ "code": leaked })).await;
    assert_eq!(reply.refusal(), (410, "code_replaced"));
    assert_eq!(ana.post("/v1/check-ins", json!({ "code": done.body["link"] })).await.status, 201);
    // Without the code, the nonce makes the write repeatable.
    let by_nonce = async |who: &Client<'_>, nonce: &str| who.post(path, json!({ "nonce": nonce })).await;
    let current = by_nonce(&chen, "reissue-1").await;
    assert_eq!(current.body["generation"], json!(2), "the current one is replaced");
    assert_eq!(by_nonce(&chen, "reissue-1").await.body, current.body, "a retry makes no other poster");
    let li = app.organiser("李老师").await;
    assert_eq!(by_nonce(&li, "reissue-1").await.body["generation"], json!(3), "another session's nonce");
    assert_eq!(by_nonce(&chen, "reissue-1").await.body["generation"], json!(3), "still no other poster");
    let of_another = json!({ "code": app.printed_code("space-3") });
    assert_eq!(chen.post(path, of_another).await.refusal(), (422, "code_of_another_kind"));
    assert_eq!(chen.post(path, json!({ "code": "nonsense" })).await.refusal(), (404, "code_unknown"));
    let nowhere = chen.post("/v1/organiser/points/nowhere/reissue", json!({ "nonce": "reissue-1" })).await;
    assert_eq!(nowhere.refusal(), (404, "point_unknown"));
    let tablet = chen.post("/v1/organiser/points/shop-7/reissue", json!({ "nonce": "reissue-1" })).await;
    assert_eq!(tablet.refusal(), (404, "no_poster"));
    assert_eq!(chen.post(path, json!({})).await.refusal(), (422, "reissue_unclear"));
    assert_eq!(ana.post(path, json!({})).await.refusal(), (403, "not_your_role"));
    for generation in 4..=63 {
        let nonce = format!("reissue-{generation}");
        assert_eq!(by_nonce(&chen, &nonce).await.body["generation"], json!(generation));
    }
    let end = by_nonce(&chen, "reissue-64").await;
    assert_eq!((end.refusal(), &end.body["point"]), ((409, "codes_used_up"), &json!("社区美空间·第2站")));
    assert_eq!(chen.post(path, json!({ "code": leaked })).await.body["generation"], json!(63), "a repeat succeeds");
}
