//! Benchmarks rendering and scanning of pictures, relative to the bare encoding of the same pixels in the same run:
//! `scripts/bench-pictures`.
//!
//! Prints ratios and asserts nothing, because machines differ.
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a benchmark prints, and fails loudly")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use carnival::pictures::artwork::ArtworkSource;
use carnival::pictures::paper_passports::{PassportCard, passports_pdf};
use carnival::pictures::postcard::{PostcardRequest, PostcardSize, RenderPlan};
use carnival::pictures::poster::{Poster, PosterCode, posters_pdf};
use carnival::pictures::raster::{self, ImageFormat};
use carnival::pictures::{Qr, Renderer, qr_scan};
use carnival::rules::carnival::Carnival;
use carnival::rules::carnival_file;
use carnival::rules::check_ins::passport::{Passport, Stamp, StampSource};
use carnival::rules::ids::{Generation, PassportNumber};
use carnival::rules::prints::greeting::Greeting;
use carnival::rules::prints::postcard::Postcard;
use peak_alloc::PeakAlloc;
use resvg::tiny_skia::{IntSize, Pixmap};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Repetitions; the fastest counts, because other load only adds time.
const ROUNDS: usize = 9;

/// Cache size, enough for everything that a run renders.
const ROOM: u64 = 256 << 20;

const LINK: &str = "https://carnival.example/q/P02073536B9WHPYZ";

fn main() {
    let text = include_str!("../config/carnival-2023.toml");
    let carnival = carnival_file::parse(text).expect("the sample has no mistakes");
    println!("{:34} {:>9} {:>9} {:>7} {:>9}", "", "it", "encoding", "ratio", "peak MB");
    for (size, format, name) in [
        (PostcardSize::Phone, ImageFormat::Jpeg, "phone postcard, JPEG"),
        (PostcardSize::Print, ImageFormat::Png, "print postcard, PNG"),
    ] {
        postcards(&carnival, size, format, name);
    }
    let point = &carnival.points[0];
    let printed = PosterCode { point, generation: Generation::FIRST, link: LINK };
    let poster = || Poster::of(&carnival, printed).expect("a poster");
    alone("poster PDF, read back", &|| posters_pdf("poster", &[poster()]).expect("a PDF").len());
    let rendered = [poster()];
    alone("  of which the PDF itself", &|| posters_pdf("poster", &rendered).expect("a PDF").len());
    let cards: Vec<PassportCard> = (1..=8_u64)
        .filter_map(|serial| Some(PassportCard { serial: serial.try_into().ok()?, link: format!("{LINK}{serial}") }))
        .collect();
    alone("8 paper passports, PDF", &|| passports_pdf(&carnival, &cards).expect("a PDF").len());
    photos(&poster());
    alone("QR, SVG", &|| Qr::new(LINK).expect("a code").svg().len());
    alone("QR, PNG", &|| Qr::new(LINK).expect("a code").png(10).expect("a PNG").len());
}

fn postcards(carnival: &Carnival, size: PostcardSize, format: ImageFormat, name: &str) {
    let route = &carnival.routes[0];
    let greeting =
        Greeting::parse("妈妈，我们今天走了七站，听了古筝，画了扇面，玩得真开心！下次您来成都，我带您一起走。")
            .ok()
            .flatten();
    let plan = |renderer: &Renderer, minute: usize| -> RenderPlan {
        let passport = passport(carnival, minute);
        let card = Postcard::of(carnival, route, Some(&passport));
        renderer.plan_postcard(PostcardRequest { carnival, card: &card, greeting: greeting.as_ref(), size, format })
    };
    // Cold: nothing is cached; the artwork is read and rendered too.
    let cold = fastest(|| {
        let renderer = Renderer::new(ArtworkSource::Sample, ROOM);
        let plan = plan(&renderer, 0);
        timed(|| renderer.render_postcard(&plan).expect("a postcard").len())
    });
    // Warm: another card with other stamps; its artwork is cached.
    let renderer = Renderer::new(ArtworkSource::Sample, ROOM);
    renderer.render_postcard(&plan(&renderer, 0)).expect("a postcard");
    let mut minute = 0;
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage_as_mb();
    let warm = fastest(|| {
        minute += 1;
        let plan = plan(&renderer, minute);
        timed(|| renderer.render_postcard(&plan).expect("a postcard").len())
    });
    let peak = MEMORY.peak_usage_as_mb() - before;
    // Cached: the same card again.
    let again = plan(&renderer, 1);
    let cached = fastest(|| timed(|| renderer.render_postcard(&again).expect("a postcard").len()));
    let pixels = pixels_of(&renderer.render_postcard(&again).expect("a postcard"));
    let encoding = fastest(|| timed(|| raster::encode(&pixels, format, 300).expect("a picture").len()));
    for (state, time, peak) in [("cold", cold, None), ("warm", warm, Some(peak)), ("kept", cached, None)] {
        let ratio = time.as_secs_f64() / encoding.as_secs_f64();
        let peak = peak.map_or_else(String::new, |peak| format!("{peak:.1}"));
        println!("{:34} {} {} {ratio:7.2} {peak:>9}", format!("{name}, {state}"), ms(time), ms(encoding));
    }
}

fn passport(carnival: &Carnival, minute: usize) -> Passport {
    let route = &carnival.routes[0].id;
    let stamp = |(nth, point): (u16, &carnival::rules::carnival::Point)| Stamp {
        point: point.number,
        at: format!("2023-04-14T03:{:02}:00Z", minute % 60).parse().expect("a time"),
        nth,
        how: StampSource::Printed,
        rain: false,
    };
    let number: PassportNumber = format!("0123456789{:03}", minute % 1_000).parse().expect("a number");
    Passport { number, stamps: (1..).zip(carnival.points_of(route)).map(stamp).collect(), undone: Vec::new() }
}

/// A photo of 12 megapixels with the poster in its centre, and one without a code.
fn photos(poster: &Poster) {
    let page = image::load_from_memory(&poster.png().expect("a PNG")).expect("a picture").into_rgba8();
    for (name, shown) in [("photo of 12 MP with a poster", true), ("photo of 12 MP without a code", false)] {
        let mut photo = image::RgbaImage::from_fn(3_000, 4_000, |x, y| {
            let grain = u8::try_from((x * 31 + y * 17) % 23).unwrap_or_default();
            image::Rgba([150 + grain, 140 + grain, 120 + grain, 255])
        });
        if shown {
            image::imageops::overlay(&mut photo, &page, 900, 1_100);
        }
        let size = IntSize::from_wh(photo.width(), photo.height()).expect("a size");
        let pixels = Pixmap::from_vec(photo.into_raw(), size).expect("pixels");
        let jpeg = raster::encode(&pixels, ImageFormat::Jpeg, 72).expect("a JPEG");
        let encoding = fastest(|| timed(|| raster::encode(&pixels, ImageFormat::Jpeg, 72).expect("a JPEG").len()));
        drop(pixels);
        MEMORY.reset_peak_usage();
        let before = MEMORY.current_usage_as_mb();
        let read = || qr_scan::find(&jpeg, |text| (text == LINK).then_some(())).expect("a photo");
        assert_eq!(read().is_some(), shown, "{name}");
        let time = fastest(|| timed(read));
        let ratio = time.as_secs_f64() / encoding.as_secs_f64();
        let peak = MEMORY.peak_usage_as_mb() - before;
        println!("{name:34} {} {} {ratio:7.2} {peak:>9.1}", ms(time), ms(encoding));
    }
}

/// Decodes a rendered picture into pixels.
fn pixels_of(picture: &[u8]) -> Pixmap {
    let picture = image::load_from_memory(picture).expect("a picture").into_rgba8();
    let size = IntSize::from_wh(picture.width(), picture.height()).expect("a size");
    Pixmap::from_vec(picture.into_raw(), size).expect("pixels")
}

fn alone(name: &str, work: &dyn Fn() -> usize) {
    black_box(work());
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage_as_mb();
    let time = fastest(|| timed(work));
    println!("{name:34} {} {:>9} {:>7} {:>9.1}", ms(time), "", "", MEMORY.peak_usage_as_mb() - before);
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let began = Instant::now();
    black_box(work());
    began.elapsed()
}

fn fastest(mut round: impl FnMut() -> Duration) -> Duration {
    (0..ROUNDS).map(|_| round()).min().unwrap_or_default()
}

fn ms(time: Duration) -> String {
    format!("{:6.2} ms", time.as_secs_f64() * 1_000.0)
}
