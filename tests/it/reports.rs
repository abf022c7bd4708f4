//! Guards against CSV reports that are garbled, contain formulas, are truncated or do not add up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use carnival::rules::check_ins::passport::StampSource;
use carnival::rules::ids::{Holder, PassportNumber, PointNumber, ResidentId};
use carnival::rules::statistics::tally::LocalMoment;
use carnival::store::NewStamps;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

use crate::servers::redis_server::RedisServer;
use crate::test_app::{Answer, Client, TestApp};

/// Compares a report with an inline snapshot; random values are masked, so that all stores agree.
macro_rules! report {
    ($text:expr, @$snapshot:literal) => {{
        let text = $text;
        insta::with_settings!({ filters => vec![
            (r"\b\d{9}-(\d)\b", "[voucher]-$1"),
            (r"\b\d{3} \d{3} \d{3}\b", "[v o u]"),
            (r"\b[0-9A-HJKMNP-TV-Z]{13}\b", "[passport]"),
        ] }, { insta::allow_duplicates! { insta::assert_snapshot!(text, @$snapshot) } })
    }};
}

async fn change_stock(organiser: &Client<'_>, gift: &str, body: Value) -> Answer {
    organiser.put(&format!("/v1/organiser/gifts/{gift}/stock"), body).await
}

/// Downloads a report; checks the byte-order mark and converts CRLF for the snapshot.
async fn report(organiser: &Client<'_>, path: &str) -> String {
    let answer = organiser.request(Method::GET, &format!("/v1/organiser/{path}")).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    let bytes = answer.bytes().await.unwrap();
    let text = std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap()).unwrap();
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "every line ends with CRLF");
    assert!(!text.contains('\u{feff}'), "a second byte-order mark");
    text.replace("\r\n", "\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_of_two_days_on_the_embedded_store() {
    two_days(&TestApp::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_of_two_days_on_redis() {
    let server = RedisServer::start();
    two_days(&TestApp::start_on_redis(&server).await).await;
}

/// Stock movements, redemptions, voids by another booth and after midnight, and a paper card; then every report.
async fn two_days(app: &TestApp) {
    let organiser = app.organiser("=1+1").await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    let li = app.volunteer("李叔叔", "opening").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let display = wang.get("/v1/booth/points/space-1/code").await;
    ana.post("/v1/check-ins", json!({ "code": display.body["code"] })).await;
    for point in ["space-2", "space-3"] {
        ana.scan(point).await;
    }
    app.at("2023-04-14T10:05:07");
    ben.scan_first(3).await;
    let (hers, his) = (ana.claim("postcards").await, ben.claim("postcards").await);

    app.at("2023-04-14T10:30");
    let book = |change, reason, more: Value| {
        let mut body = json!({ "change": change, "reason": reason, "nonce": format!("books-{change}-{reason}") });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let numbers = change_stock(&organiser, "postcards", book(50, "delivered", json!({ "note": " 印厂补货 " }))).await;
    let after = json!({ "gift": "postcards", "stock": 550, "redeemed": 0, "held": 2, "left": 548 });
    assert_eq!((numbers.status, &numbers.body), (200, &after));
    let at_market = json!({ "booth": "market-play" });
    assert_eq!(change_stock(&organiser, "postcards", book(5, "moved", at_market)).await.body["stock"], json!(550));
    let damaged = json!({ "booth": "market-play", "note": "@x" });
    assert_eq!(change_stock(&organiser, "postcards", book(-2, "damaged", damaged)).await.body["stock"], json!(548));
    change_stock(&organiser, "medal", book(-1, "correction", json!({}))).await;

    app.at("2023-04-14T11:00");
    let done = wang.redeem(&[&hers], "confirm-1").await;
    organiser.post("/v1/organiser/points/space-7/closure", json!({ "reason": "因雨" })).await;
    assert_eq!(ben.scan("space-7").await.body["stamp"]["rain"], json!(true));
    app.at("2023-04-14T11:30");
    void_redemption(&organiser, &done, "undo-0001").await;
    app.at("2023-04-14T12:00");
    let card = &app.paper_passports(1).await[0];
    let ink = json!({ "passport": card, "points": ["space-1", "space-2", "space-4"], "nonce": "ink-00001" });
    assert_eq!(wang.post("/v1/booth/check-ins", ink).await.status, 200);
    let paper = json!({ "passport": card, "gift": "postcards", "nonce": "paper-001" });
    assert_eq!(wang.post("/v1/booth/paper-redemptions", paper).await.status, 201);
    app.at("2023-04-14T23:50");
    let done = li.redeem(&[&his], "confirm-2").await;
    app.at("2023-04-15T00:10");
    void_redemption(&organiser, &done, "undo-0002").await;
    app.at("2023-04-15T09:00:30");
    // Yesterday's session has ended.
    let organiser = app.organiser("陈老师").await;
    organiser.redeem(&[&his], "confirm-3").await;

    check_ins(&organiser).await;
    redemptions(&organiser).await;
    stock_and_ledger(app, &organiser).await;
}

async fn void_redemption(organiser: &Client<'_>, done: &Answer, nonce: &str) {
    let id = done.body["results"][0]["claim"]["redemption"]["id"].as_str().unwrap();
    let void = json!({ "reason": "=扫错了人", "nonce": nonce });
    assert_eq!(organiser.post(&format!("/v1/booth/redemptions/{id}/void"), void).await.status, 200);
}

async fn check_ins(organiser: &Client<'_>) {
    report!(report(organiser, "check-ins.csv").await, @r"
    时间,事项,路线,点位编号,点位id,点位,集章卡号,第几个章,种类,方式,登记人,原因
    2023-04-14 10:00:00,盖章,“玩”美社区,1,space-1,社区美空间·第1站,[passport],1,普通章,平板,,
    2023-04-14 10:00:00,盖章,“玩”美社区,2,space-2,社区美空间·第2站,[passport],2,普通章,海报,,
    2023-04-14 10:00:00,盖章,“玩”美社区,3,space-3,社区美空间·第3站,[passport],3,普通章,海报,,
    2023-04-14 10:05:07,盖章,“玩”美社区,1,space-1,社区美空间·第1站,[passport],1,普通章,海报,,
    2023-04-14 10:05:07,盖章,“玩”美社区,2,space-2,社区美空间·第2站,[passport],2,普通章,海报,,
    2023-04-14 10:05:07,盖章,“玩”美社区,3,space-3,社区美空间·第3站,[passport],3,普通章,海报,,
    2023-04-14 11:00:00,盖章,“玩”美社区,7,space-7,社区美空间·第7站,[passport],4,雨天章,海报,,
    2023-04-14 12:00:00,盖章,“玩”美社区,1,space-1,社区美空间·第1站,[passport],1,普通章,人工,王阿姨,
    2023-04-14 12:00:00,盖章,“玩”美社区,2,space-2,社区美空间·第2站,[passport],2,普通章,人工,王阿姨,
    2023-04-14 12:00:00,盖章,“玩”美社区,4,space-4,社区美空间·第4站,[passport],3,普通章,人工,王阿姨,
    ");
    assert_eq!(
        report(organiser, "check-ins.csv?day=2023-04-15&lang=en").await,
        "time,what,route,point number,point id,point,passport,stamp no.,kind,how,by,reason\n"
    );
    let one = report(organiser, "check-ins.csv?day=2023-04-14&point=space-1&lang=en").await;
    report!(one, @r"
    time,what,route,point number,point id,point,passport,stamp no.,kind,how,by,reason
    2023-04-14 10:00:00,stamped,“玩”美社区,1,space-1,社区美空间·第1站,[passport],1,stamp,tablet,,
    2023-04-14 10:05:07,stamped,“玩”美社区,1,space-1,社区美空间·第1站,[passport],1,stamp,poster,,
    2023-04-14 12:00:00,stamped,“玩”美社区,1,space-1,社区美空间·第1站,[passport],1,stamp,by hand,王阿姨,
    ");
}

async fn redemptions(organiser: &Client<'_>) {
    let all = report(organiser, "redemptions.csv").await;
    report!(&all, @r"
    时间,事项,礼物,兑换码,领取编号,兑换台,经手人,原因,集章卡号
    2023-04-14 11:00:00,领取,路线明信片一套,[v o u],[voucher]-1,时光音乐友邻荟兑换台,王阿姨,,[passport]
    2023-04-14 11:30:00,撤销,路线明信片一套,[v o u],[voucher]-1,时光音乐友邻荟兑换台,'=1+1,'=扫错了人,[passport]
    2023-04-14 12:00:00,领取,路线明信片一套,[v o u],[voucher]-1,时光音乐友邻荟兑换台,王阿姨,,[passport]
    2023-04-14 23:50:00,领取,路线明信片一套,[v o u],[voucher]-1,万科天荟广场兑换台,李叔叔,,[passport]
    2023-04-15 00:10:00,撤销,路线明信片一套,[v o u],[voucher]-1,万科天荟广场兑换台,'=1+1,'=扫错了人,[passport]
    2023-04-15 09:00:30,领取,路线明信片一套,[v o u],[voucher]-2,,陈老师,,[passport]
    ");
    let market = report(organiser, "redemptions.csv?booth=market-play&gift=postcards&day=2023-04-14").await;
    let expected: Vec<&str> =
        all.lines().filter(|line| !line.contains("2023") || line.contains("时光音乐友邻荟")).collect();
    assert_eq!(market.lines().collect::<Vec<_>>(), expected, "a void from elsewhere is booked at the booth");
    let next_day = report(organiser, "redemptions.csv?day=2023-04-15&lang=en").await;
    report!(next_day, @r"
    time,what,gift,voucher,redemption,booth,by,reason,passport
    2023-04-15 00:10:00,undone,路线明信片一套,[v o u],[voucher]-1,万科天荟广场兑换台,'=1+1,'=扫错了人,[passport]
    2023-04-15 09:00:30,handed over,路线明信片一套,[v o u],[voucher]-2,,陈老师,,[passport]
    ");
    assert_eq!(report(organiser, "redemptions.csv?gift=medal").await.lines().count(), 1);
}

async fn stock_and_ledger(app: &TestApp, organiser: &Client<'_>) {
    report!(report(organiser, "stock.csv?gift=postcards").await, @r"
    时间,礼物,原因,数量,地点,经手人,备注,变动后总数
    1970-01-01 08:00:00,路线明信片一套,初始,500,库房,嘉年华文件,,500
    2023-04-14 10:30:00,路线明信片一套,到货,50,库房,'=1+1,印厂补货,550
    2023-04-14 10:30:00,路线明信片一套,调拨,5,时光音乐友邻荟兑换台,'=1+1,,550
    2023-04-14 10:30:00,路线明信片一套,损坏,-2,时光音乐友邻荟兑换台,'=1+1,'@x,548
    ");
    report!(report(organiser, "stock.csv?day=2023-04-14&lang=en").await, @r"
    time,gift,why,change,place,by,note,stock after
    2023-04-14 10:30:00,路线明信片一套,delivered,50,storeroom,'=1+1,印厂补货,550
    2023-04-14 10:30:00,路线明信片一套,moved,5,时光音乐友邻荟兑换台,'=1+1,,550
    2023-04-14 10:30:00,路线明信片一套,damaged,-2,时光音乐友邻荟兑换台,'=1+1,'@x,548
    2023-04-14 10:30:00,嘉年华纪念章,correction,-1,storeroom,'=1+1,,799
    ");
    report!(report(organiser, "ledger.csv?gift=postcards").await, @r"
    日期,礼物,地点,期初,收入,领取,撤销,损坏,期末
    1970-01-01,路线明信片一套,库房,0,500,0,0,0,500
    1970-01-01,路线明信片一套,时光音乐友邻荟兑换台,0,0,0,0,0,0
    1970-01-01,路线明信片一套,万科天荟广场兑换台,0,0,0,0,0,0
    2023-04-13,路线明信片一套,库房,500,0,0,0,0,500
    2023-04-13,路线明信片一套,时光音乐友邻荟兑换台,0,0,0,0,0,0
    2023-04-13,路线明信片一套,万科天荟广场兑换台,0,0,0,0,0,0
    2023-04-14,路线明信片一套,库房,500,44,0,0,0,544
    2023-04-14,路线明信片一套,时光音乐友邻荟兑换台,0,5,2,1,2,2
    2023-04-14,路线明信片一套,万科天荟广场兑换台,0,1,1,0,0,0
    2023-04-15,路线明信片一套,库房,544,0,1,0,0,543
    2023-04-15,路线明信片一套,时光音乐友邻荟兑换台,2,0,0,0,0,2
    2023-04-15,路线明信片一套,万科天荟广场兑换台,0,0,0,1,0,1
    ");
    let all = report(organiser, "ledger.csv?lang=en").await;
    assert_adds_up(app, &all).await;
    let one_day = report(organiser, "ledger.csv?day=2023-04-14&lang=en").await;
    let expected: Vec<&str> =
        all.lines().filter(|line| line.starts_with("day,") || line.contains("2023-04-14")).collect();
    assert_eq!(one_day.lines().collect::<Vec<_>>(), expected);
}

/// The ledger's lines, nightly totals and grand totals agree with the store.
async fn assert_adds_up(app: &TestApp, ledger: &str) {
    let mut left: BTreeMap<(String, String), i64> = BTreeMap::new();
    for row in csv::Reader::from_reader(ledger.as_bytes()).records() {
        let row = row.unwrap();
        let number = |column: usize| row[column].parse::<i64>().unwrap();
        let [opening, received, redeemed, voided, damaged, closing] = [3, 4, 5, 6, 7, 8].map(number);
        assert_eq!(opening + received - redeemed + voided - damaged, closing, "{row:?}");
        let before = left.insert((row[1].to_owned(), row[2].to_owned()), closing);
        assert_eq!(before.unwrap_or(0), opening, "{row:?}");
    }
    let current = app.app.current();
    let numbers: Vec<_> = current.carnival.gifts.iter().map(|gift| gift.number).collect();
    let states = app.app.store.gift_states(&numbers, app.app.now()).await.unwrap();
    for (gift, state) in current.carnival.gifts.iter().zip(states) {
        let sum: i64 = left.iter().filter(|((name, _), _)| *name == gift.name).map(|(_, left)| left).sum();
        assert_eq!(sum, i64::from(state.stock.stock) - i64::from(state.stock.redeemed), "{}", gift.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_localised_named_and_not_cached() {
    let app = TestApp::start().await;
    let organiser = app.organiser("周老师").await;
    let answer = organiser.get("/v1/organiser/redemptions.csv?booth=market-play").await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("content-language"), "zh-CN");
    let name = answer.header("content-disposition");
    assert!(
        name.starts_with("attachment; filename=\"redemptions_chenghua-2023_2023-04-14_market-play.csv\"; "),
        "{name}"
    );
    assert!(
        name.ends_with("market%2Dplay.csv") && name.contains("filename*=UTF-8''%E9%A2%86%E5%8F%96%E8%AE%B0%E5%BD%95_"),
        "{name}"
    );
    let english = organiser.get("/v1/organiser/ledger.csv?lang=en&day=2023-04-20").await;
    let name = english.header("content-disposition");
    assert!(name.ends_with("filename*=UTF-8''ledger_chenghua%2D2023_2023%2D04%2D20.csv"), "{name}");
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_filters_are_refused_before_anything_is_sent() {
    let app = TestApp::start().await;
    let organiser = app.organiser("周老师").await;
    for (path, expected) in [
        ("check-ins.csv?day=2023-04-31", (400, "bad_request")),
        ("check-ins.csv?day=yesterday", (400, "bad_request")),
        ("check-ins.csv?day=2023-04-14T10:00", (400, "bad_request")),
        ("check-ins.csv?day=2023-05-01", (404, "day_unknown")),
        ("check-ins.csv?point=nowhere", (404, "point_unknown")),
        ("check-ins.csv?point=Not%20An%20Id", (404, "point_unknown")),
        ("check-ins.csv?gift=postcards", (400, "bad_request")),
        ("redemptions.csv?gift=nothing", (404, "gift_unknown")),
        ("redemptions.csv?booth=nowhere", (404, "booth_unknown")),
        ("redemptions.csv?dya=2023-04-14", (400, "bad_request")),
        ("stock.csv?gift=nothing", (404, "gift_unknown")),
        ("ledger.csv?day=2024-04-14", (404, "day_unknown")),
        ("ledger.csv?booth=opening", (400, "bad_request")),
    ] {
        assert_eq!(organiser.get(&format!("/v1/organiser/{path}")).await.refusal(), expected, "{path}");
    }
    assert_eq!(
        organiser.get("/v1/organiser/check-ins.csv?day=&point=").await.status,
        200,
        "an empty parameter is ignored"
    );
    let wang = app.volunteer("王阿姨", "market-play").await;
    for book in ["check-ins", "redemptions", "stock", "ledger"] {
        let path = format!("/v1/organiser/{book}.csv");
        assert_eq!(wang.get(&path).await.refusal(), (403, "not_your_role"));
        assert_eq!(app.anonymous().get(&path).await.refusal(), (401, "token_missing"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn impossible_stock_changes_are_refused() {
    let app = TestApp::start().await;
    let organiser = app.organiser("周老师").await;
    let ana = app.resident("ana").await;
    ana.scan_first(3).await;
    ana.claim("postcards").await;
    let ask = |change_stock: i64, reason: &str, nonce: &str| json!({ "change": change_stock, "reason": reason, "nonce": nonce });
    let with = |mut body: Value, name: &str, value: Value| {
        body[name] = value;
        body
    };
    for (gift, body, expected) in [
        ("nothing", ask(5, "delivered", "nonce-001"), (404, "gift_unknown")),
        ("postcards", with(ask(5, "delivered", "nonce-001"), "booth", json!("nowhere")), (404, "booth_unknown")),
        ("postcards", with(ask(5, "delivered", "nonce-001"), "booth", json!("No Where")), (404, "booth_unknown")),
        ("postcards", ask(5, "moved", "nonce-001"), (403, "booth_needed")),
        ("postcards", ask(-5, "delivered", "nonce-001"), (422, "stock_change_odd")),
        ("postcards", ask(5, "damaged", "nonce-001"), (422, "stock_change_odd")),
        ("postcards", ask(0, "correction", "nonce-001"), (422, "stock_change_odd")),
        ("postcards", ask(499_501, "delivered", "nonce-001"), (422, "stock_change_odd")),
        ("postcards", ask(-500, "damaged", "nonce-001"), (409, "stock_too_low")),
        ("postcards", ask(5, "initial", "nonce-001"), (400, "bad_request")),
        ("postcards", ask(5, "delivered", ""), (400, "bad_request")),
        ("postcards", with(ask(5, "delivered", "nonce-001"), "note", json!("x".repeat(201))), (422, "note_odd")),
        ("postcards", with(ask(5, "delivered", "nonce-001"), "note", json!("a\nb")), (422, "note_odd")),
    ] {
        assert_eq!(change_stock(&organiser, gift, body.clone()).await.refusal(), expected, "{gift} {body}");
    }
    let low = change_stock(&organiser, "postcards", ask(-500, "damaged", "nonce-001")).await;
    assert_eq!((&low.body["stock"], &low.body["promised"]), (&json!(500), &json!(1)));
    assert_eq!(report(&organiser, "stock.csv?gift=postcards").await.lines().count(), 2, "nothing was recorded");

    let down = ask(-499, "correction", "nonce-002");
    assert_eq!(change_stock(&organiser, "postcards", down.clone()).await.body["left"], json!(0));
    change_stock(&organiser, "postcards", ask(10, "delivered", "nonce-003")).await;
    let again = change_stock(&organiser, "postcards", down).await;
    assert_eq!((again.status, &again.body["stock"]), (200, &json!(11)), "a repeat returns the current numbers");
    assert_eq!(report(&organiser, "stock.csv?gift=postcards").await.lines().count(), 4, "and counts once");
    let wang = app.volunteer("王阿姨", "market-play").await;
    assert_eq!(
        change_stock(&wang, "postcards", ask(5, "delivered", "nonce-004")).await.refusal(),
        (403, "not_your_role")
    );
}

/// 150 passports with all twenty stamps, one second apart: more than a page in each shard's log.
async fn stamp_crowd(app: &TestApp) -> usize {
    let current = app.app.current();
    let points: Vec<PointNumber> = current.carnival.points.iter().map(|point| point.number).collect();
    for nth in 0..150_u8 {
        let fresh: PassportNumber = format!("{nth:013}").parse().unwrap();
        let holder = Holder::Resident(ResidentId::new(u128::from(nth).to_be_bytes()));
        let at = app.app.now().checked_add(SignedDuration::from_secs(nth.into())).unwrap();
        let moment = LocalMoment::of(&current.carnival, at);
        let new = NewStamps {
            holder,
            new_number: fresh,
            points: points.clone(),
            routes: Arc::default(),
            how: StampSource::Printed,
            rain: false,
            moment,
        };
        app.app.store.stamp(&new).await.unwrap();
    }
    150 * points.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_of_many_logs_are_merged_by_time_and_keep_each_logs_order() {
    let app = TestApp::start().await;
    let organiser = app.organiser("周老师").await;
    let stamps = stamp_crowd(&app).await;
    let text = report(&organiser, "check-ins.csv").await;
    let lines: Vec<&str> = text.lines().skip(1).collect();
    assert_eq!(lines.len(), stamps);
    assert!(lines.is_sorted_by_key(|line| line.split(',').next()), "by time");
    assert_eq!(lines.iter().collect::<BTreeSet<_>>().len(), stamps, "each entry once");

    // A clock that stepped back does not reorder a log.
    app.at("2023-04-15T11:00");
    let ana = app.resident("ana").await;
    for (point, at) in
        [("space-1", "2023-04-15T12:00"), ("space-2", "2023-04-15T11:00"), ("space-3", "2023-04-15T12:01")]
    {
        app.at(at);
        assert_eq!(ana.scan(point).await.status, 201);
    }
    let organiser = app.organiser("陈老师").await;
    let text = report(&organiser, "check-ins.csv?day=2023-04-15").await;
    let times: Vec<&str> = text.lines().skip(1).map(|line| &line[11..16]).collect();
    assert_eq!(times, ["12:00", "11:00", "12:01"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_fails_midway_ends_with_an_error() {
    let server = RedisServer::start();
    let app = TestApp::start_on_redis(&server).await;
    let organiser = app.organiser("周老师").await;
    let stamps = stamp_crowd(&app).await;
    assert_eq!(report(&organiser, "check-ins.csv").await.lines().count(), 1 + stamps);
    let log = server.command(&["KEYS", "*s2}:log"]);
    server.command(&["RPUSH", &log, "nonsense"]);
    let answer = organiser.request(Method::GET, "/v1/organiser/check-ins.csv").send().await.unwrap();
    assert_eq!(answer.status(), 200, "the first bytes arrived");
    let whole = answer.bytes().await;
    assert!(whole.is_err(), "{} bytes look like a complete report", whole.unwrap().len());
}
