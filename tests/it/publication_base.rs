//! Guards against a lost update: an older file that lifts a closure, moves a day back or restores a text in silence.

use reqwest::Method;
use serde_json::{Value, json};

use crate::openapi_checker::assert_documented;
use crate::test_app::{Answer, Client, TestApp};

const SAMPLE: &str = include_str!("../../config/carnival-2023.toml");
const FILE: &str = "/v1/organiser/carnival";
const DANGER: &str = "线路故障，有触电危险";

async fn put(who: &Client<'_>, query: &str, text: &str) -> Answer {
    let path = format!("{FILE}{query}");
    let request = who.request(Method::PUT, &path).header("content-type", "application/toml").body(text.to_owned());
    let answer = Answer::of(request.send().await.unwrap()).await;
    assert_documented("PUT", &path, answer.status, answer.media_type(), &answer.body);
    answer
}

fn ids(answer: &Answer) -> Vec<&str> {
    answer.body["undone"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect()
}

fn renamed(text: &str) -> String {
    assert!(text.contains("name = \"路线明信片一套\""));
    text.replacen("name = \"路线明信片一套\"", "name = \"明信片一套\"", 1)
}

/// By phone, 陈社工 publishes a file with a closed point and a notice.
async fn danger_at_a_point(app: &TestApp) -> String {
    let chen = app.organiser("陈社工").await;
    let (_, space_3) = SAMPLE.split_once("id = \"space-3\"").unwrap();
    let (entry, _) = space_3.split_once("}]").unwrap();
    let text = SAMPLE
        .replacen(entry, &format!("{entry}}}, {{ day = 2023-04-14, hours = [], reason = \"{DANGER}\" "), 1)
        .replacen("[carnival]\n", "[carnival]\nnotice = \"第3站已关闭。\"\n", 1);
    let closed = put(&chen, "", &text).await;
    assert_eq!((closed.status, &closed.body["version"]), (200, &json!(2)), "{closed:?}");
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_file_undoes_nothing_without_a_confirmation() {
    let app = TestApp::start().await;
    danger_at_a_point(&app).await;
    app.at("2023-04-14T10:30");
    let li = app.organiser("李老师").await;
    let morning = renamed(SAMPLE);
    let refused = put(&li, "", &morning).await;
    let mut shown = refused.status_and_body();
    shown["body"]["confirm"] = json!("[code]");
    insta::assert_json_snapshot!(shown, @r#"
    {
      "body": {
        "base": 1,
        "code": "carnival_changed",
        "confirm": "[code]",
        "detail": "第 1 版之后改过的 2 处会被改回去，所以没有发布。请看每一条：要保留，就下载现在的第 2 版再改；确实要改回去，就带上确认码再发布一次。",
        "remedy": "show",
        "status": 409,
        "title": "Conflict",
        "type": "urn:carnival:problem:carnival_changed",
        "undone": [
          {
            "at": "2023-04-14T10:00:00+08:00",
            "by": "陈社工",
            "id": "carnival/notice",
            "says": "公告“第3站已关闭。”会消失（陈社工 4月14日 10:00发布）。",
            "version": 2
          },
          {
            "at": "2023-04-14T10:00:00+08:00",
            "by": "陈社工",
            "id": "points/space-3/exceptions/2023-04-14",
            "says": "“社区美空间·第3站”4月14日会照常开放（陈社工 4月14日 10:00关闭）。",
            "version": 2
          }
        ],
        "version": 2
      },
      "status": 409
    }
    "#);
    let english = put(&li, "?lang=en", &morning).await;
    insta::assert_json_snapshot!(json!([english.body["detail"], english.body["undone"]]), @r#"
    [
      "This would undo 2 changes made since version 1, so it was not published. Please see each: to keep them, download version 2 and change that; to undo them, publish again with the confirmation code.",
      [
        {
          "at": "2023-04-14T10:00:00+08:00",
          "by": "陈社工",
          "id": "carnival/notice",
          "says": "The notice “第3站已关闭。” would disappear (set by 陈社工, 14 April, 10:00).",
          "version": 2
        },
        {
          "at": "2023-04-14T10:00:00+08:00",
          "by": "陈社工",
          "id": "points/space-3/exceptions/2023-04-14",
          "says": "“社区美空间·第3站” would be open on 14 April (closed by 陈社工, 14 April, 10:00).",
          "version": 2
        }
      ]
    ]
    "#);
    assert_eq!(english.body["confirm"], refused.body["confirm"], "the code depends on no words");
    assert_eq!(app.anonymous().get("/v1/carnival").await.body["notice"], json!("第3站已关闭。"));

    // Another code, another text or another version is another list.
    let confirm = refused.body["confirm"].as_str().unwrap();
    assert_eq!(put(&li, "?confirm=0123456789abcdef", &morning).await.refusal(), (409, "carnival_changed"));
    let other = put(&li, &format!("?confirm={confirm}"), SAMPLE).await;
    assert_eq!((other.refusal(), ids(&other)), ((409, "carnival_changed"), ids(&refused)));
    li.put("/v1/organiser/notice", json!({ "text": "第3站下午开放。" })).await;
    let later = put(&li, &format!("?confirm={confirm}"), &morning).await;
    assert_eq!((later.refusal(), &later.body["undone"][0]["by"]), ((409, "carnival_changed"), &json!("李老师")));
    let confirm = later.body["confirm"].as_str().unwrap();
    let done = put(&li, &format!("?confirm={confirm}"), &morning).await;
    assert_eq!((done.status, &done.body["version"]), (200, &json!(4)), "{done:?}");
    let again = put(&li, &format!("?confirm={confirm}"), &morning).await;
    assert_eq!((&again.body["version"], &again.body["changed"]), (&json!(4), &json!(false)), "a retry");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_organisers_who_publish_against_each_other_keep_each_others_changes() {
    let app = TestApp::start().await;
    let (chen, li) = (app.organiser("陈社工").await, app.organiser("李老师").await);
    // Both take the file that counts; its first line names its version.
    let handed_out = li.get(FILE).await.body.as_str().unwrap().to_owned();
    assert!(handed_out.starts_with("# carnival-version: 1\n"));
    danger_at_a_point(&app).await;
    let refused = put(&li, "", &renamed(&handed_out)).await;
    assert_eq!(ids(&refused), ["carnival/notice", "points/space-3/exceptions/2023-04-14"]);
    // With the current file, nothing is undone; the line is not stored.
    let current = li.get(FILE).await.body.as_str().unwrap().to_owned();
    let done = put(&li, "", &renamed(&current)).await;
    assert_eq!((done.status, &done.body["version"]), (200, &json!(3)), "{done:?}");
    let stored = app.app.store.published_version(3).await.unwrap().unwrap();
    assert!(!stored.text.contains("carnival-version"));
    // A file without the line was made from the last one that its author published.
    let undone = put(&chen, "", &danger_at_a_point_again(&app).await).await;
    assert_eq!((undone.refusal(), ids(&undone)), ((409, "carnival_changed"), vec!["gifts/postcards/name"]));
    // Other changes in the same file meet nothing.
    let text = renamed(&danger_at_a_point_again(&app).await).replacen("第3站已关闭", "第3站今天关闭", 1);
    assert_eq!(put(&chen, "", &text).await.body["version"], json!(4));
}

async fn danger_at_a_point_again(app: &TestApp) -> String {
    app.app.store.published_version(2).await.unwrap().unwrap().text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_base_that_was_never_published_is_refused() {
    let app = TestApp::start().await;
    let li = app.organiser("李老师").await;
    for base in ["9", "0", "-1", "new", "", "99999999999999999999999"] {
        let refused = put(&li, "", &format!("# carnival-version: {base}\n{}", renamed(SAMPLE))).await;
        assert_eq!(refused.refusal(), (422, "base_unknown"), "{base}");
    }
    // The lines of mistakes are those of the file as it was sent.
    let wrong = format!("# carnival-version: 1\n{}", SAMPLE.replacen("stock = 500", "stock = \"many\"", 1));
    let line = wrong.lines().position(|line| line.contains("stock = \"many\"")).unwrap() + 1;
    assert_eq!(put(&li, "", &wrong).await.body["mistakes"][0]["line"], json!(line));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_is_put_back_lists_what_it_undoes() {
    let app = TestApp::start().await;
    danger_at_a_point(&app).await;
    let li = app.organiser("李老师").await;
    let back = format!("{FILE}/versions/1/put-back");
    let refused = li.post(&back, json!({})).await;
    assert_eq!(ids(&refused), ["carnival/notice", "points/space-3/exceptions/2023-04-14"]);
    let by = |one: &Value| one["by"] == json!("陈社工");
    assert!(refused.body["undone"].as_array().unwrap().iter().all(by));
    assert_eq!(li.post(&format!("{back}?confirm=x"), json!({})).await.refusal(), (409, "carnival_changed"));
    let confirm = refused.body["confirm"].as_str().unwrap();
    let done = li.post(&format!("{back}?confirm={confirm}"), json!({})).await;
    assert_eq!(done.body["version"], json!(3));
    let sources: Vec<_> = li.get(&format!("{FILE}/versions")).await.body["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["source"].clone())
        .collect();
    assert_eq!(sources, ["put_back", "file", "file"]);
}

/// Regression: the list ended with the newest hundred.
#[tokio::test(flavor = "multi_thread")]
async fn every_version_is_listed_page_by_page() {
    let app = TestApp::start().await;
    let li = app.organiser("李老师").await;
    for notice in 2..=130 {
        li.put("/v1/organiser/notice", json!({ "text": format!("第{notice}条") })).await;
    }
    let (mut listed, mut path) = (Vec::new(), format!("{FILE}/versions"));
    loop {
        let page = li.get(&path).await;
        listed.extend(page.body["versions"].as_array().unwrap().iter().map(|one| one["version"].as_u64().unwrap()));
        let Some(before) = page.body["before"].as_u64() else { break };
        path = format!("{FILE}/versions?before={before}");
    }
    assert_eq!(listed, (1..=130).rev().collect::<Vec<_>>());
    assert_eq!(li.get(&format!("{FILE}/versions?before=soon")).await.refusal(), (400, "bad_request"));
    assert_eq!(li.get(&format!("{FILE}/versions?before=0")).await.body["versions"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_files_with_one_base_never_undo_each_other() {
    let app = TestApp::start().await;
    let names: Vec<String> = (1..=6).map(|n| format!("负责人{n}")).collect();
    let organisers = futures_util::future::join_all(names.iter().map(|name| app.organiser(name))).await;
    let file = |n: usize| {
        let (from, to) = (format!("id = \"space-{n}\"\n"), format!("id = \"space-{n}\"\nclosed = \"检修{n}\"\n"));
        format!("# carnival-version: 1\n{}", SAMPLE.replacen(&from, &to, 1))
    };
    let texts: Vec<String> = (1..=6).map(file).collect();
    let answers =
        futures_util::future::join_all(organisers.iter().zip(&texts).map(|(who, text)| put(who, "", text))).await;
    let published = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(published, 1, "{answers:?}");
    let refused = answers.iter().filter(|answer| answer.status != 200);
    assert!(refused.clone().all(|answer| answer.refusal() == (409, "carnival_changed") && ids(answer).len() == 1));
}
