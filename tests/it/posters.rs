//! Guards against a poster whose code does not open its own point.

mod distortions;
mod qr_decoders;

use std::process::Command;

use carnival::pictures::artwork::ArtworkSource;
use carnival::rules::staff::roles::Role;
use image::GrayImage;
use reqwest::Method;
use serde_json::{Value, json};

use crate::servers::cannot_run;
use crate::test_app::{Answer, Client, TestApp, TestAppOptions};

/// Downloads a file: status, media type, file name and content.
async fn fetch(who: &Client<'_>, path: &str) -> (u16, String, String, Vec<u8>) {
    let answer = who.request(Method::GET, path).send().await.unwrap();
    let header = |name: &str| answer.headers().get(name).map_or("", |value| value.to_str().unwrap_or("?")).to_owned();
    let (status, media, name) = (answer.status().as_u16(), header("content-type"), header("content-disposition"));
    (status, media, name, answer.bytes().await.unwrap().into())
}

/// The output of a Debian program for a PDF.
fn output_of(program: &str, arguments: &[&str], pdf: &[u8]) -> Vec<u8> {
    let file = tempfile::Builder::new().suffix(".pdf").tempfile().unwrap();
    std::fs::write(file.path(), pdf).unwrap();
    let run = Command::new(program).args(arguments).arg(file.path()).arg("-").output();
    let run = run.unwrap_or_else(|error| panic!("{}", cannot_run(program, &error)));
    assert!(run.status.success(), "{program}: {}", String::from_utf8_lossy(&run.stderr));
    run.stdout
}

fn text_of(pdf: &[u8]) -> String {
    String::from_utf8(output_of("pdftotext", &["-layout"], pdf)).unwrap()
}

/// A page of a PDF, rendered in grayscale.
fn page(pdf: &[u8], number: usize, dpi: u16) -> GrayImage {
    let (number, dpi) = (number.to_string(), dpi.to_string());
    let arguments = ["-png", "-gray", "-singlefile", "-f", &number, "-r", &dpi];
    let png = {
        let file = tempfile::Builder::new().suffix(".pdf").tempfile().unwrap();
        std::fs::write(file.path(), pdf).unwrap();
        let run = Command::new("pdftoppm").args(arguments).arg(file.path()).output();
        let run = run.unwrap_or_else(|error| panic!("{}", cannot_run("pdftoppm", &error)));
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        run.stdout
    };
    image::load_from_memory(&png).unwrap().to_luma8()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poster_names_its_point_and_its_code_opens_it() {
    let app = TestApp::start().await;
    let li = app.organiser("李老师").await;
    let (status, media, name, pdf) = fetch(&li, "/v1/organiser/points/space-1/poster").await;
    assert_eq!((status, media.as_str()), (200, "application/pdf"));
    assert!(name.starts_with("attachment; filename=\"001-space-1-g0.pdf\""), "{name}");
    let text = text_of(&pdf);
    for part in [
        "2023成华友邻荟·社区嘉年华",
        "“玩”美社区",
        "4月13日至18日",
        "社区美空间·第1站",
        "打开微信",
        "扫一扫",
        "开放时间：09:30–18:00（4月13日14:00–18:00）",
        "海报第 1 版（g0）",
    ] {
        assert!(text.contains(part), "{part} is missing from:\n{text}");
    }
    let page = page(&pdf, 1, 150);
    assert_eq!((page.width(), page.height()), (1241, 1754), "A4");
    assert_eq!(qr_decoders::zbar(&page), [app.printed_code("space-1")]);
    // The code is at least 12 cm wide, measured from the first to the last dark pixel of its first row.
    let dark: Vec<u32> = (0..1240).filter(|x| page.get_pixel(*x, 500).0[0] < 100).collect();
    let wide_mm = f64::from(dark[dark.len() - 1] - dark[0]) * 25.4 / 150.0;
    assert!(wide_mm >= 120.0, "{wide_mm}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fonts_are_embedded_as_subsets() {
    let app = TestApp::start().await;
    let li = app.organiser("李老师").await;
    let (.., pdf) = fetch(&li, "/v1/organiser/points/space-1/poster").await;
    assert!(pdf.len() < 60_000, "{} bytes", pdf.len());
    let file = tempfile::Builder::new().suffix(".pdf").tempfile().unwrap();
    std::fs::write(file.path(), &pdf).unwrap();
    let run = Command::new("pdffonts").arg(file.path()).output().unwrap();
    let fonts = String::from_utf8(run.stdout).unwrap();
    let lines: Vec<&str> = fonts.lines().skip(2).collect();
    assert_eq!(lines.len(), 1, "{fonts}");
    // Embedded, as a subset, with a table from glyphs to text.
    assert!(lines[0].contains("+NotoSansCJKsc-Regular") && lines[0].contains("yes yes yes"), "{fonts}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_poster_is_available_as_png_and_svg() {
    let app = TestApp::start().await;
    let li = app.organiser("李老师").await;
    let (status, media, _, png) = fetch(&li, "/v1/organiser/points/space-2/poster?form=png").await;
    assert_eq!((status, media.as_str()), (200, "image/png"));
    let picture = image::load_from_memory(&png).unwrap().to_luma8();
    assert_eq!(qr_decoders::zbar(&picture), [app.printed_code("space-2")]);
    let (status, media, _, svg) = fetch(&li, "/v1/organiser/points/space-2/poster?form=svg").await;
    assert_eq!((status, media.as_str()), (200, "image/svg+xml"));
    assert!(String::from_utf8(svg).unwrap().starts_with("<svg "));
    assert_eq!(li.get("/v1/organiser/points/space-2/poster?form=gif").await.refusal(), (400, "bad_request"));
    assert_eq!(li.get("/v1/organiser/points/nowhere/poster").await.refusal(), (404, "point_unknown"));
    assert_eq!(li.get("/v1/organiser/points/shop-7/poster").await.refusal(), (404, "no_poster"));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_posters_are_one_pdf_in_the_order_of_the_file() {
    let app = TestApp::start().await;
    let li = app.organiser("李老师").await;
    let (status, _, _, pdf) = fetch(&li, "/v1/organiser/posters").await;
    assert_eq!(status, 200);
    let points: Vec<_> =
        app.app.current().carnival.points.iter().filter(|point| point.codes.printed).cloned().collect();
    assert_eq!(points.len(), 19, "one of the twenty points accepts tablet codes only");
    for (number, point) in (1..).zip(&points) {
        assert_eq!(qr_decoders::zbar(&page(&pdf, number, 60)), [app.printed_code(point.id.as_str())], "page {number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reissued_code_gets_a_new_poster_at_once() {
    let app = TestApp::start().await;
    let li = app.organiser("李老师").await;
    let old = app.printed_code("space-1");
    assert_eq!(li.post("/v1/organiser/points/space-1/reissue", json!({ "nonce": "reissue-1" })).await.status, 200);
    let (_, _, name, pdf) = fetch(&li, "/v1/organiser/points/space-1/poster").await;
    assert!(name.contains("001-space-1-g1.pdf"), "{name}");
    let read = qr_decoders::zbar(&page(&pdf, 1, 60));
    assert!(read == [app.printed_code("space-1")] && read != [old]);
    assert!(text_of(&pdf).contains("海报第 2 版（g1）"));
}

#[tokio::test(flavor = "multi_thread")]
async fn independent_decoders_read_a_distorted_poster() {
    let app = TestApp::start().await;
    let li = app.organiser("李老师").await;
    let (.., png) = fetch(&li, "/v1/organiser/points/centre-3/poster?form=png").await;
    let link = app.printed_code("centre-3");
    let poster = image::load_from_memory(&png).unwrap().to_luma8();
    for (how, seen) in distortions::distorted_pictures(&poster) {
        for (name, read) in [
            ("zbar", qr_decoders::zbar(&seen)),
            ("zxing", qr_decoders::zxing(&seen)),
            ("rqrr", qr_decoders::rqrr(&seen)),
        ] {
            assert_eq!(read, std::slice::from_ref(&link), "{name}, {how}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn paper_passports_are_eight_to_a_page_with_unique_serials() {
    let app = TestApp::start().await;
    let li = app.organiser("李老师").await;
    let print = async |count: u32| {
        let body = json!({ "count": count, "nonce": format!("print-of-{count}") });
        let request = li.request(Method::POST, "/v1/organiser/passports").json(&body);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let name = answer.headers()["content-disposition"].to_str().unwrap().to_owned();
        (name, Vec::from(answer.bytes().await.unwrap()))
    };
    let (first_name, first) = print(9).await;
    let name = &first_name;
    assert!(name.contains("passports-000001-000009.pdf"), "{name}");
    let (name, second) = print(8).await;
    assert!(name.contains("passports-000010-000017.pdf"), "{name}");
    assert_eq!(print(9).await.0, first_name, "a retry prints the same cards");
    let mut codes = qr_decoders::zbar(&page(&first, 1, 150));
    assert_eq!(codes.len(), 8);
    codes.extend(qr_decoders::zbar(&page(&first, 2, 150)));
    codes.extend(qr_decoders::zbar(&page(&second, 1, 150)));
    assert_eq!(codes.len(), 17);
    codes.sort();
    codes.dedup();
    assert_eq!(codes.len(), 17, "codes are unique");
    let wang = app.volunteer("王阿姨", "market-play").await;
    for (nth, code) in codes.iter().enumerate() {
        let seen = wang.post("/v1/booth/lookups", json!({ "code": code })).await;
        assert_eq!(seen.body["kind"], "paper", "{nth}: {code}");
    }
    let text = text_of(&first);
    for part in ["集章卡", "No.000001", "No.000009", "烟火社区", "20"] {
        assert!(text.contains(part), "{part} is missing from:\n{text}");
    }
    let refused = async |count: Value, nonce: &str| {
        let answer = li.post("/v1/organiser/passports", json!({ "count": count, "nonce": nonce })).await;
        (answer.status, answer.body["code"].as_str().unwrap_or_default().to_owned())
    };
    for count in [json!(0), json!(1001)] {
        assert_eq!(refused(count, "print-none").await, (422, "passport_count".to_owned()));
    }
    for count in [json!(-1), json!("8"), json!(1.5)] {
        assert_eq!(refused(count.clone(), "print-none").await, (400, "bad_request".to_owned()), "{count}");
    }
    assert_eq!(refused(json!(7), "print-of-8").await, (409, "nonce_reused".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_volunteer_card_has_practice_vouchers() {
    let app = TestApp::start().await;
    let li = app.organiser("李老师").await;
    let (status, _, _, pdf) = fetch(&li, "/v1/organiser/volunteer-card").await;
    assert_eq!(status, 200);
    let page = page(&pdf, 1, 150);
    assert_eq!((page.width(), page.height()), (875, 1241), "A5");
    let mut vouchers = qr_decoders::zbar(&page);
    vouchers.sort();
    assert_eq!(vouchers, ["000000013", "000000021", "000000037"]);
    let wang = app.volunteer("王阿姨", "market-play").await;
    for voucher in vouchers {
        assert_eq!(
            wang.post("/v1/booth/lookups", json!({ "code": voucher, "practice": true })).await.body["practice"],
            true
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_without_glyphs_is_refused_and_uses_no_serial() {
    let sample = include_str!("../../config/carnival-2023.toml");
    let carnival = sample.replace("社区美空间·第1站", "社区美空间\u{1f600}第1站");
    let app = TestApp::start_with(TestAppOptions { carnival: Some(carnival), ..TestAppOptions::default() }).await;
    let li = app.organiser("李老师").await;
    assert_eq!(li.get("/v1/organiser/points/space-1/poster").await.refusal(), (422, "cannot_be_printed"));
    assert_eq!(li.get("/v1/organiser/points/space-2/poster").await.status, 200);
    assert_eq!(
        app.staff("王", Role::Organiser, None).await.get("/v1/organiser/posters").await.body["found"],
        "\u{1f600}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn unprintable_carnivals_are_refused_and_a_missing_artwork_file_disables_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let carnival = include_str!("../../config/carnival-2023.toml").replace("artwork/play.svg", "artwork/lost.svg");
    let app = TestApp::start_with(TestAppOptions {
        carnival: Some(carnival.clone()),
        artwork: Some(ArtworkSource::Folder(folder.path().to_path_buf())),
        ..TestAppOptions::default()
    })
    .await;
    let li = app.organiser("李老师").await;
    let publish = async |text: String| {
        let request = li.request(Method::PUT, "/v1/organiser/carnival").body(text).send().await.unwrap();
        let answer = Answer::of(request).await;
        json!([answer.status, answer.body["code"], answer.body["mistakes"]])
    };
    let emoji = carnival.replace("社区美空间·第2站", "社区美空间🎵第2站");
    assert_answer_snapshot!(publish(emoji.replace("artwork/active.svg", "artwork/nowhere.png")).await, @r#"
    [
      422,
      "carnival_mistakes",
      [
        {
          "line": 47,
          "says": "artwork/nowhere.png：嘉年华文件旁边没有这个文件，请检查文件名，或把图片放进去。"
        },
        {
          "line": 84,
          "says": "没有字体能印“🎵（U+1F3B5）”这个字，它会出现在海报或明信片上，请换一个字。"
        }
      ]
    ]
    "#);
    // The published version lacks a file: points can still be closed, and cards use the default background.
    let rain = json!({ "reason": "因雨", "relief": true });
    assert_eq!(li.post("/v1/organiser/points/space-7/closure", rain).await.status, 200);
    let ana = app.resident("ana").await;
    let card = ana.get("/v1/me/postcards/play").await.body;
    let link = card["phone"].as_str().unwrap().strip_prefix("https://carnival.example").unwrap().to_owned();
    let (status, media, _, before) = fetch(&app.anonymous(), &link).await;
    assert_eq!((status, media.as_str()), (200, "image/jpeg"));
    // Once the file is restored, its picture is used again.
    std::fs::create_dir(folder.path().join("artwork")).unwrap();
    let svg = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1480 1050"><rect width="1480" height="1050" fill="#246"/></svg>"##;
    std::fs::write(folder.path().join("artwork/lost.svg"), svg).unwrap();
    let (status, _, _, after) = fetch(&app.anonymous(), &link).await;
    assert!(status == 200 && after != before);
}
