//! Guards against phones that keep an outdated carnival, or download the same one repeatedly over a weak connection.

use std::io::Read;

use flate2::read::GzDecoder;
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use crate::small_carnival;
use crate::test_app::TestApp;

const PATH: &str = "/v1/carnival";

/// Status, headers and undecoded body of the answer to a request with this header.
async fn fetch(app: &TestApp, name: &str, value: &str) -> (u16, HeaderMap, Vec<u8>) {
    let request = app.anonymous().request(Method::GET, PATH).header(name, value);
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    (status, headers, answer.bytes().await.unwrap().to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_response_matches_the_carnival_file() {
    let app = small_carnival::start().await;
    let answer = app.anonymous().get(PATH).await;
    assert_eq!((answer.header("content-type"), answer.header("content-encoding")), ("application/json", ""));
    assert_eq!((answer.header("cache-control"), answer.header("vary")), ("no-cache", "Accept-Encoding"));
    let mut whole = answer.status_and_body();
    for many in ["points", "gifts"] {
        whole["body"][many].as_array_mut().unwrap().drain(1..);
    }
    insta::assert_json_snapshot!(whole, @r##"
    {
      "body": {
        "activities": [],
        "booths": [
          {
            "id": "tent",
            "name": "帐篷",
            "route": null
          }
        ],
        "day_marks": [],
        "first_day": "2023-04-13",
        "gifts": [
          {
            "booths": [],
            "closed": null,
            "hold_minutes": null,
            "id": "last",
            "name": "最后一件",
            "needs": {
              "stamps": 1
            },
            "number": 1,
            "pick_up": null
          }
        ],
        "id": "spring",
        "last_day": "2023-04-20",
        "login": "mini_program",
        "name": "春天小集",
        "notice": null,
        "place": null,
        "points": [
          {
            "closed": null,
            "codes": [
              "printed"
            ],
            "community": null,
            "exceptions": [],
            "geofence": {
              "radius_m": 300,
              "required": true
            },
            "hours": [
              "09:00-18:00"
            ],
            "id": "gate",
            "location": {
              "latitude": 30.67,
              "longitude": 104.12
            },
            "name": "大门",
            "number": 1,
            "route": "walk",
            "story": null
          }
        ],
        "privacy": "嘉年华保存什么：您的微信身份经过加密运算得到的一串代码（不能反推出您是谁），您的印章（哪个点位、什么时间），您申领和领取的礼物。\n嘉年华不保存什么：微信的 openid 和会话密钥、位置、手机号、姓名。打卡要核对位置时，位置只当场比对，不留下来。\n您的权利：在小程序里可以查看并导出自己的全部记录（GET /v1/me/export），也可以全部删除（DELETE /v1/me）；或者到兑换台请工作人员帮忙。删除后只留下无法对应到个人的总数，以及已领礼物的一个加密记号，防止重复领取。\n儿童：由家长或监护人决定是否参加；用纸质集章卡参加，不需要手机，也不需要任何个人信息。\n嘉年华结束后，这些记录会被删除，只保留总数。\n\nWhat the carnival keeps: a keyed hash that stands for your WeChat identity (nobody can work back from it to you), your stamps (which point, when), and the gifts that you claimed and were given.\nWhat it does not keep: WeChat's openid and session key, your location, your phone number, your name. Where a check-in asks for your location, it is compared at that moment and not kept.\nYour rights: in the mini-program you can see and export everything that is kept of you (GET /v1/me/export), or erase it all (DELETE /v1/me); or ask at the booth. After that, only counts remain that lead to nobody, and a keyed mark for a gift that was handed over, so that none is given twice.\nChildren: a parent or guardian decides whether they take part; a paper passport needs no phone and no personal data.\nAfter the carnival these records are deleted; only counts are kept.\n",
        "routes": [
          {
            "colour": "#a63d2f",
            "extra_days": [],
            "first_day": "2023-04-13",
            "id": "walk",
            "last_day": "2023-04-20",
            "market": null,
            "name": "散步",
            "needed": 3,
            "of": 3,
            "points": [
              "gate",
              "hall",
              "pond"
            ],
            "story": null
          }
        ],
        "theme": null,
        "time_zone": "Asia/Shanghai",
        "version": 1
      },
      "status": 200
    }
    "##);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_shows_every_kind_of_entry() {
    let app = TestApp::start().await;
    let carnival = app.anonymous().get(PATH).await.body;
    let count = |of: &str| carnival[of].as_array().unwrap().len();
    assert_eq!(["routes", "points", "activities", "gifts", "booths", "day_marks"].map(count), [3, 20, 6, 6, 4, 1]);
    insta::assert_json_snapshot!(json!([
        carnival["routes"][0]["market"], carnival["points"][0]["exceptions"], carnival["points"][7]["hours"],
        carnival["activities"][1], carnival["gifts"][0]["needs"], carnival["gifts"][1]["needs"],
        carnival["gifts"][4]["needs"], carnival["gifts"][5], carnival["day_marks"][0],
    ]), @r#"
    [
      {
        "name": "时光音乐友邻荟",
        "venue": "杉板桥社区"
      },
      [
        {
          "day": "2023-04-13",
          "hours": [
            "14:00-18:00"
          ],
          "reason": null
        }
      ],
      [
        "09:00-12:00",
        "14:00-18:00"
      ],
      {
        "id": "aesthetic-lesson",
        "market": null,
        "name": "美育老师公开课",
        "point": "space-3",
        "story": null,
        "times": [
          {
            "day": "2023-04-15",
            "hours": "10:00-11:30"
          },
          {
            "day": "2023-04-16",
            "hours": "10:00-11:30"
          }
        ]
      },
      {
        "stamps_of": {
          "route": "play",
          "stamps": 3
        }
      },
      {
        "all_of": "play"
      },
      {
        "stamps": 10
      },
      {
        "booths": [
          "market-street-life"
        ],
        "closed": null,
        "hold_minutes": null,
        "id": "treasures",
        "name": "成华十宝珍藏册",
        "needs": {
          "routes": 3
        },
        "number": 6,
        "pick_up": {
          "first_day": "2023-04-25",
          "hours": [
            "10:00-20:00"
          ],
          "last_day": "2023-04-30"
        }
      },
      {
        "day": "2023-04-13",
        "mark": "opening",
        "name": "开幕日"
      }
    ]
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn colours_and_day_marks_match_the_file() {
    let app = small_carnival::start().await;
    let inked = small_carnival::TOML.replacen("[[routes]]", "[[routes]]\ncolour = \"#7A3B69\"", 1);
    let marks = [("13", "opening"), ("14", "umbrella"), ("15", "star"), ("16", "flag"), ("17", "artwork/own.svg")];
    let marked = marks
        .map(|(day, mark)| format!("\n[[day_marks]]\nday = 2023-04-{day}\nname = \"{day} 日\"\nmark = \"{mark}\"\n"));
    small_carnival::publish(&app, &(inked + &marked.concat())).await;
    let carnival = app.anonymous().get(PATH).await.body;
    let mark_names = carnival["day_marks"].as_array().unwrap().iter().map(|day| &day["mark"]);
    assert_eq!(mark_names.collect::<Vec<_>>(), ["opening", "umbrella", "star", "flag", "drawn"]);
    assert_eq!(carnival["day_marks"][4], json!({ "day": "2023-04-17", "name": "17 日", "mark": "drawn" }));
    assert_eq!(carnival["routes"][0]["colour"], "#7a3b69");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_current_etag_gets_304() {
    let app = small_carnival::start().await;
    let tag = app.anonymous().get(PATH).await.header("etag").to_owned();
    let strong = tag.trim_start_matches("W/");
    for known in [&tag, strong, "*", &format!("\"other\", {tag}"), &format!("W/\"x\",{strong} , \"y\"")] {
        let (status, headers, body) = fetch(&app, "if-none-match", known).await;
        assert_eq!((status, body.len()), (304, 0), "{known}");
        for (name, value) in [("etag", tag.as_str()), ("cache-control", "no-cache"), ("vary", "Accept-Encoding")] {
            assert_eq!(headers[name], value);
        }
    }
    for unknown in ["\"other\"", "W/\"0-0\"", "", "nonsense", &tag.replace('"', "")] {
        let (status, _, body) = fetch(&app, "if-none-match", unknown).await;
        assert_eq!((status, body.is_empty()), (200, false), "{unknown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_compressed_only_on_request() {
    let app = TestApp::start().await;
    let (_, _, plain) = fetch(&app, "accept-encoding", "identity").await;
    for asks in ["gzip", "gzip, deflate, br", "br;q=1, gzip;q=0.8", "GZIP", "*"] {
        let (status, headers, body) = fetch(&app, "accept-encoding", asks).await;
        let zipped = headers.get("content-encoding").is_some_and(|encoding| encoding == "gzip");
        if asks == "*" && !zipped {
            continue;
        }
        assert!(status == 200 && zipped, "{asks}");
        assert!(body.len() * 3 < plain.len(), "{} of {}", body.len(), plain.len());
        let mut read = Vec::new();
        GzDecoder::new(&*body).read_to_end(&mut read).unwrap();
        assert_eq!(read, plain);
    }
    for asks in ["", "identity", "br", "gzip;q=0", "gzip; q=0.0, *;q=0", "deflate"] {
        let (status, headers, body) = fetch(&app, "accept-encoding", asks).await;
        assert!(status == 200 && !headers.contains_key("content-encoding"), "{asks}");
        assert_eq!(body, plain, "{asks}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_version_has_a_new_etag_and_new_content() {
    let app = small_carnival::start().await;
    let first = app.anonymous().get(PATH).await;
    small_carnival::publish(&app, &small_carnival::TOML.replace("大厅", "新大厅")).await;
    let (status, headers, body) = fetch(&app, "if-none-match", first.header("etag")).await;
    assert_eq!(status, 200);
    assert_ne!(headers["etag"].to_str().unwrap(), first.header("etag"));
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((&body["version"], &body["points"][1]["name"]), (&json!(2), &json!("新大厅")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_etag_depends_on_the_content_alone_across_instances() {
    let tag_of = async |text: &str, at: &str| {
        let app = small_carnival::start().await;
        app.at(at);
        if text != small_carnival::TOML {
            small_carnival::publish(&app, text).await;
        }
        app.anonymous().get(PATH).await.header("etag").to_owned()
    };
    let (other, third) =
        (small_carnival::TOML.replace("大厅", "新大厅"), small_carnival::TOML.replace("大厅", "老大厅"));
    assert_eq!(
        tag_of(small_carnival::TOML, "2023-04-14T10:00").await,
        tag_of(small_carnival::TOML, "2023-04-14T10:00").await
    );
    // Version number and publication time do not enter the ETag.
    assert_ne!(tag_of(&other, "2023-04-14T10:00").await, tag_of(&third, "2023-04-14T10:00").await);
}
