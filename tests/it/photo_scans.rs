//! Guards against browsers without a scanner that have no way to check in, and against crafted photos that exhaust the
//! server.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::num::NonZeroU32;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use carnival::config::Settings;
use carnival::pictures::{Qr, qr_scan};
use carnival::rules::staff::roles::Role;
use jpeg_encoder::{ColorType, Encoder};
use proptest::prelude::*;
use reqwest::Method;
use serde_json::{Value, json};

use crate::openapi_checker::assert_documented;
use crate::test_app::{Answer, Client, TestApp, TestAppOptions};

const ROUTE: &str = "/v1/scans";

/// A photo of a code alone.
fn png(text: &str) -> Vec<u8> {
    Qr::new(text).unwrap().png(6).unwrap()
}

async fn send(who: &Client<'_>, photo: impl Into<reqwest::Body>) -> Answer {
    let answer = Answer::of(who.request(Method::POST, ROUTE).body(photo).send().await.unwrap()).await;
    assert_documented("POST", ROUTE, answer.status, answer.media_type(), &answer.body);
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_of_a_poster_returns_its_code() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    let answer = send(&ana, png(&app.printed_code("space-1"))).await;
    insta::assert_json_snapshot!(answer.status_and_body(), @r#"
    {
      "body": {
        "code": "P02073536B9WHPYZ",
        "form": "printed",
        "kind": "point"
      },
      "status": 200
    }
    "#);
    let check_in = ana.post("/v1/check-ins", json!({ "code": answer.body["code"] })).await;
    assert_eq!(check_in.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_code_is_named() {
    let app = TestApp::start().await;
    let (ana, wang) = (app.resident("ana").await, app.volunteer("王阿姨", "market-play").await);
    ana.scan_first(3).await;
    let point = app.app.current().carnival.points[0].number;
    let display = app.app.codes.display(point, app.app.now()).text;
    let own = ana.get("/v1/me/code").await.body["code"].as_str().unwrap().to_owned();
    let (voucher, paper) = (ana.claim("postcards").await, app.paper_passports(1).await.remove(0));
    let invitation = app.invitation(Role::Organiser, None, 1).await;
    let bare = |link: &str| link.rsplit('/').next().unwrap().to_owned();
    let kinds = [
        (app.printed_code("space-1"), json!({ "kind": "point", "form": "printed" })),
        (display, json!({ "kind": "point", "form": "display" })),
        (voucher, json!({ "kind": "voucher" })),
        ("000000013".to_owned(), json!({ "kind": "practice" })),
        (own, json!({ "kind": "resident" })),
        (paper, json!({ "kind": "paper" })),
        (invitation, json!({ "kind": "invitation" })),
    ];
    // Expired display and own codes are still decoded; the check-in or look-up rejects them.
    for at in ["2023-04-14T10:00", "2023-04-14T20:00"] {
        app.at(at);
        for (text, expected) in &kinds {
            let mut expected = expected.clone();
            expected["code"] = Value::from(bare(text));
            for who in [&ana, &wang] {
                let answer = send(who, png(text)).await;
                assert_eq!((answer.status, &answer.body), (200, &expected), "{text} at {at}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_without_a_code_of_the_carnival_is_refused_with_a_reason() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    let answer = send(&ana, png("https://elsewhere.example/q/P02073536B9WHPYZ000")).await;
    insta::assert_json_snapshot!(answer.status_and_body(), @r#"
    {
      "body": {
        "code": "no_code_found",
        "detail": "照片里没有找到本次嘉年华的二维码。请对准整个码，光线亮一点，再拍一张。",
        "remedy": "show",
        "status": 422,
        "title": "Unprocessable Entity",
        "type": "urn:carnival:problem:no_code_found"
      },
      "status": 422
    }
    "#);
    let mut grey = Vec::new();
    Encoder::new(&mut grey, 80).encode(&vec![180; 200 * 150], 200, 150, ColorType::Luma).unwrap();
    assert_eq!(send(&ana, grey).await.body, answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn input_that_is_not_a_photo_is_refused_with_a_reason() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    let answer = send(&ana, "<!DOCTYPE html><title>photo.jpg</title>").await;
    insta::assert_json_snapshot!(answer.status_and_body(), @r#"
    {
      "body": {
        "code": "photo_unreadable",
        "detail": "这张照片打不开。请用 JPEG 或 PNG 格式，或再拍一张。",
        "remedy": "show",
        "status": 422,
        "title": "Unprocessable Entity",
        "type": "urn:carnival:problem:photo_unreadable"
      },
      "status": 422
    }
    "#);
    let sound = png("P02073536B9WHPYZ");
    for broken in [
        &b""[..],
        b"\0",
        b"GIF89a\x01\0\x01\0\x80\0\0\xFF\xFF\xFF\0\0\0!\xF9\x04\0\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;",
        b"RIFF\x24\0\0\0WEBPVP8 ",
        b"\x89PNG\r\n\x1a\n",
        b"\xFF\xD8\xFF\xE0\0\x10JFIF\0",
        b"\xFF\xD8\xFF",
        &sound[..sound.len() / 2],
        &sound[..40],
    ] {
        assert_eq!(send(&ana, broken.to_vec()).await.body, answer.body, "{broken:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_with_too_many_pixels_is_refused_by_its_header() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    // A header that declares 48 million pixels, and no data.
    let mut photo = Vec::new();
    Encoder::new(&mut photo, 80).encode(&[180; 16 * 16], 16, 16, ColorType::Luma).unwrap();
    let head = photo.windows(2).position(|two| two == [0xFF, 0xC0]).unwrap();
    photo[head + 5..head + 9].copy_from_slice(&[0x17, 0x70, 0x1F, 0x40]);
    insta::assert_json_snapshot!(send(&ana, photo).await.status_and_body(), @r#"
    {
      "body": {
        "code": "photo_too_large",
        "detail": "照片有8000×6000像素，最多2000万像素。请用小一点的尺寸再拍。",
        "height": 6000,
        "most": 20000000,
        "remedy": "show",
        "status": 422,
        "title": "Unprocessable Entity",
        "type": "urn:carnival:problem:photo_too_large",
        "width": 8000
      },
      "status": 422
    }
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_beyond_four_megabytes_is_not_read() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    let most = 4 << 20;
    assert_eq!(send(&ana, vec![0; most]).await.refusal(), (422, "photo_unreadable"));
    let answer = send(&ana, vec![0; most + 1]).await;
    insta::assert_json_snapshot!(answer.status_and_body(), @r#"
    {
      "body": {
        "code": "body_too_large",
        "detail": "请求无法识别，请更新小程序后再试。",
        "remedy": "show",
        "status": 413,
        "title": "Payload Too Large",
        "type": "urn:carnival:problem:body_too_large"
      },
      "status": 413
    }
    "#);
    // A declared length without a body, and a chunked body without a declared length.
    for (head, body) in
        [(format!("content-length: {}", most + 1), 0), ("transfer-encoding: chunked".to_owned(), most + 1)]
    {
        let mut line = begin(&app, &ana, &head);
        if body > 0 {
            // The server may close the connection before everything is written.
            let _cut = write!(line, "{body:x}\r\n").and_then(|()| line.write_all(&vec![0; body]));
        }
        let mut answer = Vec::new();
        let _reset = line.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with("HTTP/1.1 413"), "{head}: {answer}");
    }
}

/// Opens a connection and sends the beginning of a photo.
fn begin(app: &TestApp, who: &Client<'_>, length: &str) -> TcpStream {
    let mut line = TcpStream::connect(app.base.trim_start_matches("http://")).unwrap();
    line.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let token = who.token.as_ref().unwrap();
    write!(line, "POST {ROUTE} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\n{length}\r\n\r\n").unwrap();
    line
}

#[tokio::test(flavor = "multi_thread")]
async fn unfinished_uploads_are_bounded_in_number() {
    let app = TestApp::start().await;
    let (ana, bo) = (app.resident("ana").await, app.volunteer("王阿姨", "market-play").await);
    let photo = png(&app.printed_code("space-1"));
    let mut uploads: Vec<TcpStream> = (0..24).map(|_| begin(&app, &ana, "content-length: 4000000")).collect();
    let begun = Instant::now();
    let busy = loop {
        assert!(begun.elapsed() < Duration::from_secs(60), "an upload slot is always free");
        // The upload that came while the volunteer's own photo occupied the last slot was refused.
        uploads.push(begin(&app, &ana, "content-length: 4000000"));
        let answer = send(&bo, photo.clone()).await;
        if answer.status != 200 {
            break answer;
        }
    };
    assert_eq!(busy.refusal(), (503, "pictures_busy"));
    assert_eq!(ana.scan("space-1").await.status, 201, "a check-in needs no upload slot");
    drop(uploads);
    let begun = Instant::now();
    while send(&bo, photo.clone()).await.status != 200 {
        assert!(begun.elapsed() < Duration::from_secs(60), "no upload slot is free again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn one_at_a_time(settings: &mut Settings) {
    (settings.pictures.concurrency, settings.pictures.queue_length) = (1, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_concurrent_photos_get_503_with_retry_after() {
    let app = TestApp::start_with(TestAppOptions { settings: Some(one_at_a_time), ..TestAppOptions::default() }).await;
    let ana = app.resident("ana").await;
    let photo = png(&app.printed_code("space-1"));
    let (begun, has_begun) = mpsc::channel();
    let (end, ended) = mpsc::channel::<()>();
    let carnival = std::sync::Arc::clone(&app.app);
    let long = tokio::spawn(async move {
        let work = move |_: &_| {
            begun.send(()).unwrap();
            ended.recv().unwrap();
        };
        carnival.render_pool.run(work).await
    });
    tokio::task::block_in_place(|| has_begun.recv().unwrap());
    let answer = send(&ana, photo.clone()).await;
    assert_eq!(answer.header("retry-after"), "2");
    insta::assert_json_snapshot!(answer.status_and_body(), @r#"
    {
      "body": {
        "code": "pictures_busy",
        "detail": "正在处理很多图片，请稍等几秒再试一次。",
        "remedy": "retry",
        "retry_after_s": 2,
        "status": 503,
        "title": "Service Unavailable",
        "type": "urn:carnival:problem:pictures_busy"
      },
      "status": 503
    }
    "#);
    assert_eq!(ana.scan("space-1").await.status, 201, "while pictures are rendered or decoded");
    end.send(()).unwrap();
    long.await.unwrap().unwrap();
    assert_eq!(send(&ana, photo).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn check_ins_are_served_while_photos_are_decoded() {
    let app = TestApp::start().await;
    let (ana, wang) = (app.resident("ana").await, app.volunteer("王阿姨", "market-play").await);
    let photo = png(&app.printed_code("space-1"));
    let scans = futures_util::future::join_all((0..12).map(|_| send(&wang, photo.clone())));
    let (scans, ()) = futures_util::future::join(scans, ana.scan_first(7)).await;
    assert!(scans.iter().all(|answer| answer.status == 200), "{scans:?}");
}

fn low_limits(settings: &mut Settings) {
    settings.http.limits.resident_per_minute = NonZeroU32::new(2).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_count_against_the_rate_limit() {
    let app = TestApp::start_with(TestAppOptions { settings: Some(low_limits), ..TestAppOptions::default() }).await;
    let ana = app.resident("ana").await;
    assert_eq!(send(&ana, "1").await.status, 422);
    assert_eq!(send(&ana, "2").await.status, 422);
    assert_eq!(send(&ana, "3").await.refusal(), (429, "too_many_tries"));
}

fn read(photo: &[u8]) -> Option<String> {
    qr_scan::find(photo, |text| Some(text.to_owned())).ok().flatten()
}

#[test]
fn a_code_is_decoded_from_every_image_format_and_orientation() {
    let text = "https://carnival.example/q/P02073536B9WHPYZ";
    let grey = image::load_from_memory(&png(text)).unwrap().to_luma8();
    let side = u16::try_from(grey.width()).unwrap();
    let night: Vec<u8> = grey.iter().map(|shade| 255 - shade).collect();
    for (shades, light) in [(grey.as_raw(), "day"), (&night, "night")] {
        for colours in [ColorType::Luma, ColorType::Rgb, ColorType::Cmyk] {
            let samples: Vec<u8> = match colours {
                ColorType::Cmyk => shades.iter().flat_map(|shade| [0, 0, 0, 255 - shade]).collect(),
                _ => shades
                    .iter()
                    .flat_map(|shade| vec![*shade; if colours == ColorType::Rgb { 3 } else { 1 }])
                    .collect(),
            };
            for progressive in [false, true] {
                let mut photo = Vec::new();
                let mut encoder = Encoder::new(&mut photo, 90);
                encoder.set_progressive(progressive);
                encoder.encode(&samples, side, side, colours).unwrap();
                assert_eq!(read(&photo).as_deref(), Some(text), "{colours:?} by {light}, progressive: {progressive}");
            }
        }
    }
}

#[test]
fn of_several_codes_the_largest_valid_one_is_returned() {
    let (width, height) = (1300_u16, 480_u16);
    let mut wall = image::GrayImage::from_pixel(width.into(), height.into(), image::Luma([255]));
    for (text, scale, left) in [("near", 12, 0), ("larger, but foreign", 14, 400), ("far", 4, 1000)] {
        let code = image::load_from_memory(&Qr::new(text).unwrap().png(scale).unwrap()).unwrap().to_luma8();
        image::imageops::overlay(&mut wall, &code, left, 0);
    }
    let mut photo = Vec::new();
    Encoder::new(&mut photo, 90).encode(wall.as_raw(), width, height, ColorType::Luma).unwrap();
    let known = |text: &str| ["near", "far"].contains(&text).then(|| text.to_owned());
    assert_eq!(qr_scan::find(&photo, known).unwrap().as_deref(), Some("near"));
    let known = |text: &str| (text == "far").then(|| text.to_owned());
    assert_eq!(qr_scan::find(&photo, known).unwrap().as_deref(), Some("far"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn corrupted_photos_cause_no_panic(
        jpeg in any::<bool>(),
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        end in any::<prop::sample::Index>(),
    ) {
        let mut photo = png("P02073536B9WHPYZ");
        if jpeg {
            let grey = image::load_from_memory(&photo).unwrap().to_luma8();
            let side = u16::try_from(grey.width()).unwrap();
            photo.clear();
            Encoder::new(&mut photo, 60).encode(grey.as_raw(), side, side, ColorType::Luma).unwrap();
        }
        for (place, byte) in places {
            let place = place.index(photo.len());
            photo[place] = byte;
        }
        photo.truncate(end.index(photo.len() * 2).max(1));
        // Decoded or refused; it returns.
        let _found = qr_scan::find(&photo, |text| Some(text.to_owned()));
    }
}
