//! Tests the HTML pages that a plain camera opens: their text, language and readability.

mod api_docs;
mod readability;
mod wechat_domain_files;

use carnival::actions::prints::printed_codes::{Replaced, reissue};
use carnival::rules::ids::PointId;
use carnival::rules::staff::Invitation;
use carnival::rules::staff::roles::{Role, Station};
use carnival::store::control_records;
use serde_json::json;

use crate::servers::browser::Chromium;
use crate::test_app::{TestApp, TestAppOptions};
use readability::{assert_readable, picture, text_of};

/// No host but this machine can be reached.
const OFFLINE: &str = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1";

/// The path of a link, as a browser requests it from the test server.
fn path(link: &str) -> String {
    link.strip_prefix("https://carnival.example").unwrap_or(link).to_owned()
}

/// A page to check: its name, path and status, and the texts that it must contain in Chinese and in English.
struct PageCase {
    name: &'static str,
    path: String,
    status: u16,
    texts: [&'static [&'static str]; 2],
}

async fn check_page(app: &TestApp, browser: &Chromium, page_case: PageCase) {
    let PageCase { name, path, status, texts } = page_case;
    for (lang, texts) in ["zh-CN", "en"].into_iter().zip(texts) {
        let localised_path = format!("{path}?lang={lang}");
        let answer = app.anonymous().get(&localised_path).await;
        assert_eq!((answer.status, answer.header("content-language")), (status, lang), "{name}");
        assert_eq!((answer.media_type(), answer.header("cache-control")), ("text/html", "no-store"), "{name}");
        browser.client.goto(&format!("{}{localised_path}", app.base)).await.unwrap();
        picture(browser, &format!("page-{name}-{lang}")).await;
        assert_readable(browser, &format!("{name} in {lang}"), lang).await;
        let text = text_of(browser).await;
        for part in texts {
            assert!(text.contains(part), "{name} in {lang} lacks {part:?}:\n{text}");
        }
    }
}

fn page_case(
    name: &'static str,
    link: &str,
    status: u16,
    zh: &'static [&'static str],
    en: &'static [&'static str],
) -> PageCase {
    PageCase { name, path: path(link), status, texts: [zh, en] }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_points_page_explains_how_to_get_the_stamp() {
    let (app, browser) = (TestApp::start().await, Chromium::start_with(&[OFFLINE]).await);
    let poster = app.printed_code("space-1");
    let open = page_case(
        "open",
        &poster,
        200,
        &["社区美空间·第1站", "现在可以盖章", "打开微信", "扫一扫", "“玩”美社区", "09:30–18:00", "按住不放"],
        &["You can get your stamp now", "Open WeChat", "Scan", "Press and hold", "09:30–18:00"],
    );
    check_page(&app, &browser, open).await;
    let display = app.app.codes.display(1.try_into().unwrap(), app.app.now()).text;
    let fresh = page_case("display", &format!("/q/{display}"), 200, &["现在可以盖章"], &["You can get your stamp now"]);
    check_page(&app, &browser, fresh).await;
    let tablet_only = app.printed_code("shop-7");

    app.at("2023-04-14T08:12");
    let early = page_case("early", &poster, 200, &["09:30开放", "08:12", "到时候"], &["opens at 09:30", "then"]);
    check_page(&app, &browser, early).await;
    let old = page_case("display-old", &format!("/q/{display}"), 200, &["09:30开放"], &["opens at 09:30"]);
    app.at("2023-04-14T10:04");
    check_page(
        &app,
        &browser,
        PageCase { status: 410, texts: [&["不能用了", "平板"], &["no longer", "tablet"]], ..old },
    )
    .await;
    app.at("2023-04-20T10:00");
    let other_week = page_case("other-week", &poster, 200, &["4月13日至18日"], &["13 to 18 April"]);
    check_page(&app, &browser, other_week).await;
    let text = text_of(&browser).await;
    assert!(!text.contains("09:30"), "shows hours of a day without stamps: {text}");
    assert!(!text.contains("then"), "its week is over: {text}");
    let later_week =
        page_case("later-week", &app.printed_code("shop-1"), 200, &["4月25日至30日", "到时候"], &["25 to 30 April"]);
    check_page(&app, &browser, later_week).await;
    app.at("2023-04-26T11:00");
    let wrong_kind = page_case("tablet-only", &tablet_only, 200, &["扫平板上的码"], &["code on the tablet"]);
    check_page(&app, &browser, wrong_kind).await;
    app.at("2023-06-01T10:00");
    check_page(&app, &browser, page_case("over", &poster, 200, &["4月30日结束"], &["ended on 30 April"])).await;

    let point: PointId = "space-1".parse().unwrap();
    let leaked = Replaced::Leaked(&poster);
    reissue(&app.app, &point, leaked).await.unwrap();
    carnival::actions::carnival::carnival_refresh::refresh(&app.app).await.unwrap();
    let replaced = page_case("replaced", &poster, 410, &["不能用了", "新海报"], &["no longer", "new poster"]);
    check_page(&app, &browser, replaced).await;
    let unknown = page_case("unknown", "/q/P000000000000000", 404, &["没认出"], &["do not know"]);
    check_page(&app, &browser, unknown).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_cards_vouchers_and_invitations_explain_what_to_do() {
    let (app, browser) = (TestApp::start().await, Chromium::start_with(&[OFFLINE]).await);
    let card = app.paper_passports(1).await.remove(0);
    check_page(
        &app,
        &browser,
        page_case("paper", &card, 200, &["纸质集章卡", "卡号", "兑换台"], &["A paper passport", "Card number"]),
    )
    .await;
    let voucher = page_case("voucher", "/q/014738296", 200, &["014 738 296", "志愿者"], &["014 738 296", "volunteer"]);
    check_page(&app, &browser, voucher).await;
    let practice = page_case(
        "practice",
        "/q/000000013",
        200,
        &["000 000 013", "不能领礼物"],
        &["000 000 013", "no gift is given"],
    );
    check_page(&app, &browser, practice).await;
    let own = app.app.codes.own("00112233445566778899aabbccddeeff".parse().unwrap(), app.app.now()).text;
    let own = format!("/q/{own}");
    check_page(&app, &browser, page_case("own", &own, 200, &["志愿者"], &["volunteer"])).await;

    let booth = || Some(Station::Booth("market-play".parse().unwrap()));
    let link = app.invitation(Role::Volunteer, booth(), 1).await;
    let valid = page_case(
        "invitation",
        &link,
        200,
        &["邀请您来当志愿者", "时光音乐友邻荟兑换台", "4月15日 10:00", "扫一扫", "不要转发"],
        &["invited to volunteer", "15 April, 10:00", "do not pass it on"],
    );
    check_page(&app, &browser, valid).await;
    let organiser = app.invitation(Role::Organiser, None, 1).await;
    check_page(&app, &browser, page_case("invitation-organiser", &organiser, 200, &["负责人"], &["organise"])).await;
    assert_eq!(app.arrive(&link, "王阿姨", 1, "arrival-0001").await.status, 201);
    let used = page_case(
        "invitation-used-up",
        &link,
        410,
        &["名额已经用完", "原来的设备"],
        &["No use of this invitation is left", "use the same device"],
    );
    check_page(&app, &browser, used).await;
    let chen = app.organiser("陈社工").await;
    let shared = json!({ "role": "volunteer", "uses": 30, "approval": true });
    let shared = chen.post("/v1/organiser/staff", shared).await.body;
    let link = shared["link"].as_str().unwrap();
    let page = app.anonymous().get(&format!("/q/{}", link.rsplit('/').next().unwrap())).await.body;
    let page = page.as_str().unwrap();
    assert!(page.contains("等负责人同意，就能到岗") && !page.contains("请不要转发"), "it goes to a group chat: {page}");
    let ended = app.invitation(Role::Volunteer, booth(), 3).await;
    let id = control_records::read_all::<Invitation>(&*app.app.store).await.unwrap();
    let id = id.into_values().find(|invitation| invitation.uses == 3).unwrap().id;
    app.organiser("陈社工").await.delete(&format!("/v1/organiser/staff/{id}")).await;
    check_page(&app, &browser, page_case("invitation-ended", &ended, 410, &["已停用"], &["ended this invitation"]))
        .await;
    app.at("2023-04-16T10:00");
    check_page(&app, &browser, page_case("invitation-over", &organiser, 410, &["已经过期"], &["has expired"])).await;
    check_page(&app, &browser, page_case("own-old", &own, 410, &["不能用了"], &["no longer"])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn long_names_do_not_break_a_page() {
    let long = "桃园里社区美好生活馆与邻里音乐空间".repeat(4).chars().take(60).collect::<String>();
    let english = "The Chenghua Neighbourhood Carnival of Music, Sports & Tea";
    let sample = include_str!("../../config/carnival-2023.toml");
    let carnival = sample
        .replace("2023成华友邻荟·社区嘉年华\"", &format!("{english}\""))
        .replace("社区美空间·第1站", &long)
        .replace("name = \"“玩”美社区\"", &format!("name = \"{long}\""))
        .replace("时光音乐友邻荟兑换台", &long);
    let app = TestApp::start_with(TestAppOptions { carnival: Some(carnival), ..TestAppOptions::default() }).await;
    let browser = Chromium::start_with(&[OFFLINE]).await;
    check_page(
        &app,
        &browser,
        page_case(
            "long-point",
            &app.printed_code("space-1"),
            200,
            &["扫一扫"],
            &["Scan", "Carnival of Music, Sports & Tea"],
        ),
    )
    .await;
    app.at("2023-04-14T20:00");
    check_page(
        &app,
        &browser,
        page_case("long-closed", &app.printed_code("space-1"), 200, &["已经结束"], &["was open"]),
    )
    .await;
    let place = Some(Station::Booth("market-play".parse().unwrap()));
    let invitation = app.invitation(Role::Volunteer, place, 1).await;
    check_page(&app, &browser, page_case("long-invitation", &invitation, 200, &["扫一扫"], &["Scan"])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_uses_the_browsers_language_and_links_to_the_other() {
    let app = TestApp::start().await;
    let poster = path(&app.printed_code("space-1"));
    let request = app.anonymous().request(reqwest::Method::GET, &poster).header("accept-language", "en-GB,en;q=0.9");
    let english = request.send().await.unwrap();
    assert_eq!(english.headers()["vary"], "Accept-Language");
    assert!(english.text().await.unwrap().contains("<html lang=\"en\">"));
    let chinese = app.anonymous().get(&poster).await.body;
    assert!(chinese.as_str().unwrap().contains("href=\"?lang=en\""));
}
