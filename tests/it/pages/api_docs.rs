//! The API documentation page must work without internet access.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::OFFLINE;
use super::readability::picture;
use crate::servers::browser::Chromium;
use crate::test_app::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn the_api_docs_page_works_offline() {
    let (app, browser) = (TestApp::start().await, Chromium::start_with(&[OFFLINE]).await);
    let client = &browser.client;
    client.goto(&format!("{}/docs", app.base)).await.unwrap();
    let route = fantoccini::Locator::Css(".opblock-summary-path");
    client.wait().at_most(Duration::from_secs(30)).for_element(route).await.unwrap();
    assert_eq!(client.current_url().await.unwrap().path(), "/docs/");
    let routes: usize = crate::openapi_checker::OPENAPI["paths"]
        .as_object()
        .unwrap()
        .values()
        .map(|item| item.as_object().unwrap().len())
        .sum();
    // The page draws the routes one after the other.
    let begun = Instant::now();
    loop {
        let shown = client.execute("return document.querySelectorAll('.opblock').length", vec![]).await.unwrap();
        if shown == json!(routes) {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{shown} of {routes} routes are shown");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    picture(&browser, "docs").await;
    client
        .execute(
            "document.querySelector('#operations-resident-create_check_in .opblock-summary-control').click()",
            vec![],
        )
        .await
        .unwrap();
    let open = fantoccini::Locator::Css("#operations-resident-create_check_in .responses-table");
    client.wait().at_most(Duration::from_secs(30)).for_element(open).await.unwrap();
    client
        .execute("document.querySelector('#operations-resident-create_check_in').scrollIntoView()", vec![])
        .await
        .unwrap();
    picture(&browser, "docs-open").await;
    let errors = client.execute("return document.querySelectorAll('.errors-wrapper').length", vec![]).await.unwrap();
    assert_eq!(errors, json!(0));
    let width = client.execute("return [document.documentElement.scrollWidth, innerWidth]", vec![]).await.unwrap();
    assert!(width[0].as_f64() <= width[1].as_f64(), "{width} on a phone");
    let requested =
        client.execute("return performance.getEntriesByType('resource').map((e) => e.name)", vec![]).await.unwrap();
    let elsewhere: Vec<&Value> = requested
        .as_array()
        .unwrap()
        .iter()
        .filter(|url| !url.as_str().unwrap().starts_with(&app.base))
        .filter(|url| !url.as_str().unwrap().starts_with("data:"))
        .collect();
    assert_eq!(elsewhere, Vec::<&Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_docs_allow_no_other_site_and_no_frame() {
    let app = TestApp::start().await;
    for path in ["/docs/", "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js"] {
        let answer = app.anonymous().request(Method::GET, path).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let policy = answer.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none';") && policy.ends_with("frame-ancestors 'none'"), "{policy}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{path}");
    }
    let unknown = app.anonymous().get("/docs/no-such-file").await;
    assert_eq!(unknown.refusal(), (404, "no_such_route"));
    assert!(!unknown.header("x-request-id").is_empty());
}
