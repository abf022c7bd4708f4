//! Guards what people see in a browser: that whoever opens a code with a plain camera, an old person above all, can read what it is and how to go on.

mod api_docs;
mod readability;
mod wechat_domain_files;

use carnival::rules::ids::PointId;
use carnival::rules::roles::{Role, Station};

use crate::servers::browser::Chromium;
use crate::test_app::{TestApp, TestAppOptions};
use readability::{is_easy_to_read, picture, text_of};

/// Nothing outside of this machine can be reached.
const OFFLINE: &str = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1";

/// The path of a link, as a browser asks the test's server for it.
fn path(link: &str) -> String {
    link.strip_prefix("https://carnival.example").unwrap_or(link).to_owned()
}

/// A page that is looked at: its name, its path, its status, and what it must say in Chinese and in English.
struct Sight {
    name: &'static str,
    path: String,
    status: u16,
    says: [&'static [&'static str]; 2],
}

async fn look(app: &TestApp, browser: &Chromium, sight: Sight) {
    let Sight { name, path, status, says } = sight;
    for (lang, says) in ["zh-CN", "en"].into_iter().zip(says) {
        let asked = format!("{path}?lang={lang}");
        let answer = app.anonymous().get(&asked).await;
        assert_eq!((answer.status, answer.header("content-language")), (status, lang), "{name}");
        assert_eq!((answer.media_type(), answer.header("cache-control")), ("text/html", "no-store"), "{name}");
        browser.client.goto(&format!("{}{asked}", app.base)).await.unwrap();
        picture(browser, &format!("page-{name}-{lang}")).await;
        is_easy_to_read(browser, &format!("{name} in {lang}"), lang).await;
        let text = text_of(browser).await;
        for part in says {
            assert!(text.contains(part), "{name} in {lang} does not say {part:?}:\n{text}");
        }
    }
}

fn sight(
    name: &'static str,
    link: &str,
    status: u16,
    zh: &'static [&'static str],
    en: &'static [&'static str],
) -> Sight {
    Sight { name, path: path(link), status, says: [zh, en] }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_point_says_whether_and_how_to_get_the_stamp() {
    let (app, browser) = (TestApp::start().await, Chromium::start_with(&[OFFLINE]).await);
    let poster = app.printed_code("space-1");
    let open = sight(
        "open",
        &poster,
        200,
        &["社区美空间·第1站", "现在可以盖章", "打开微信", "扫一扫", "“玩”美社区", "09:30–18:00", "按住不放"],
        &["You can get your stamp now", "Open WeChat", "Scan", "Press and hold", "09:30–18:00"],
    );
    look(&app, &browser, open).await;
    let display = app.app.codes.display(1.try_into().unwrap(), app.app.now()).text;
    let fresh = sight("display", &format!("/q/{display}"), 200, &["现在可以盖章"], &["You can get your stamp now"]);
    look(&app, &browser, fresh).await;
    let tablet_only = app.printed_code("shop-7");

    app.at("2023-04-14T08:12");
    let early = sight("early", &poster, 200, &["09:30开放", "08:12", "到时候"], &["opens at 09:30", "then"]);
    look(&app, &browser, early).await;
    let old = sight("display-old", &format!("/q/{display}"), 200, &["09:30开放"], &["opens at 09:30"]);
    app.at("2023-04-14T10:04");
    look(&app, &browser, Sight { status: 410, says: [&["不能用了", "平板"], &["no longer", "tablet"]], ..old }).await;
    app.at("2023-04-20T10:00");
    let other_week = sight("other-week", &poster, 200, &["4月13日至18日"], &["13 to 18 April"]);
    look(&app, &browser, other_week).await;
    let text = text_of(&browser).await;
    assert!(!text.contains("09:30"), "hours of a day on which it gives no stamps: {text}");
    assert!(!text.contains("then"), "its week is over: {text}");
    let later_week =
        sight("later-week", &app.printed_code("shop-1"), 200, &["4月25日至30日", "到时候"], &["25 to 30 April"]);
    look(&app, &browser, later_week).await;
    app.at("2023-04-26T11:00");
    let wrong_kind = sight("tablet-only", &tablet_only, 200, &["扫平板上的码"], &["code on the tablet"]);
    look(&app, &browser, wrong_kind).await;
    app.at("2023-06-01T10:00");
    look(&app, &browser, sight("over", &poster, 200, &["4月30日结束"], &["ended on 30 April"])).await;

    let point: PointId = "space-1".parse().unwrap();
    carnival::actions::codes::reissue(&app.app, &point, None).await.unwrap();
    carnival::actions::refresh::refresh(&app.app).await.unwrap();
    let replaced = sight("replaced", &poster, 410, &["不能用了", "新海报"], &["no longer", "new poster"]);
    look(&app, &browser, replaced).await;
    let unknown = sight("unknown", "/q/P000000000000000", 404, &["没认出"], &["do not know"]);
    look(&app, &browser, unknown).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_cards_vouchers_and_invitations_say_what_to_do() {
    let (app, browser) = (TestApp::start().await, Chromium::start_with(&[OFFLINE]).await);
    let card = app.paper_passports(1).await.remove(0);
    look(
        &app,
        &browser,
        sight("paper", &card, 200, &["纸质集章卡", "卡号", "兑换台"], &["A paper passport", "Card number"]),
    )
    .await;
    let voucher = sight("voucher", "/q/014738296", 200, &["014 738 296", "志愿者"], &["014 738 296", "volunteer"]);
    look(&app, &browser, voucher).await;
    let practice =
        sight("practice", "/q/000000013", 200, &["000 000 013", "不能领礼物"], &["000 000 013", "no gift is given"]);
    look(&app, &browser, practice).await;
    let own = app.app.codes.own("00112233445566778899aabbccddeeff".parse().unwrap(), app.app.now()).text;
    let own = format!("/q/{own}");
    look(&app, &browser, sight("own", &own, 200, &["志愿者"], &["volunteer"])).await;

    let booth = || Some(Station::Booth("market-play".parse().unwrap()));
    let link = app.invitation(Role::Volunteer, booth(), 1).await;
    let valid = sight(
        "invitation",
        &link,
        200,
        &["邀请您来当志愿者", "时光音乐友邻荟兑换台", "4月15日 10:00", "扫一扫", "不要转发"],
        &["invited to volunteer", "15 April, 10:00", "do not pass it on"],
    );
    look(&app, &browser, valid).await;
    let organiser = app.invitation(Role::Organiser, None, 1).await;
    look(&app, &browser, sight("invitation-organiser", &organiser, 200, &["组织者"], &["organise"])).await;
    let body = serde_json::json!({ "invitation": link, "name": "王阿姨", "nonce": "the-tablet-1" });
    assert_eq!(app.anonymous().post("/v1/sessions/staff", body).await.status, 201);
    let used = sight("invitation-used-up", &link, 410, &["名额已经用完", "已经上岗"], &["used up", "Already on duty"]);
    look(&app, &browser, used).await;
    let ended = app.invitation(Role::Volunteer, booth(), 3).await;
    let id = app.app.store.invitations().await.unwrap();
    let id = id.iter().find(|kept| kept.invitation.uses == 3).unwrap().invitation.id.as_str().to_owned();
    carnival::actions::staff::end(&app.app, &id).await.unwrap();
    look(&app, &browser, sight("invitation-ended", &ended, 410, &["已经失效"], &["is over"])).await;
    app.at("2023-04-16T10:00");
    look(&app, &browser, sight("invitation-over", &organiser, 410, &["已经失效"], &["is over"])).await;
    look(&app, &browser, sight("own-old", &own, 410, &["不能用了"], &["no longer"])).await;
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
    look(
        &app,
        &browser,
        sight(
            "long-point",
            &app.printed_code("space-1"),
            200,
            &["扫一扫"],
            &["Scan", "Carnival of Music, Sports & Tea"],
        ),
    )
    .await;
    app.at("2023-04-14T20:00");
    look(&app, &browser, sight("long-closed", &app.printed_code("space-1"), 200, &["已经结束"], &["was open"])).await;
    let place = Some(Station::Booth("market-play".parse().unwrap()));
    let invitation = app.invitation(Role::Volunteer, place, 1).await;
    look(&app, &browser, sight("long-invitation", &invitation, 200, &["扫一扫"], &["Scan"])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_speaks_the_browsers_language_and_offers_the_other() {
    let app = TestApp::start().await;
    let poster = path(&app.printed_code("space-1"));
    let request = app.anonymous().request(reqwest::Method::GET, &poster).header("accept-language", "en-GB,en;q=0.9");
    let english = request.send().await.unwrap();
    assert_eq!(english.headers()["vary"], "Accept-Language");
    assert!(english.text().await.unwrap().contains("<html lang=\"en\">"));
    let chinese = app.anonymous().get(&poster).await.body;
    assert!(chinese.as_str().unwrap().contains("href=\"?lang=en\""));
}
