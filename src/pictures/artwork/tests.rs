//! Artwork that runs something, refers to something outside the file, or would use up a small server's memory is
//! rejected.

use std::io::Cursor;

use image::{ImageFormat, Rgba, RgbaImage};

use super::*;

fn svg(inside: &str) -> Result<Artwork, ArtworkError> {
    let text = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 100 100">{inside}</svg>"#
    );
    Artwork::read(ArtworkKind::Svg, text.as_bytes())
}

fn message(result: Result<Artwork, ArtworkError>) -> String {
    result.err().map_or_else(|| "fine".to_owned(), |error| error.to_string())
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    RgbaImage::from_pixel(width, height, Rgba([200, 100, 50, 255])).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[test]
fn a_plain_picture_is_accepted() {
    let own = r##"<defs><linearGradient id="g"><stop stop-color="#fff"/></linearGradient><path id="p" d="M0 0h9v9z"/></defs>
        <rect width="9" height="9" fill="url(#g)"/><use xlink:href="#p"/><use href="#p"/>
        <style>rect { fill: url('#g') }</style><text x="1" y="9" font-family="Arial, sans-serif">社区</text>"##;
    assert_eq!(message(svg(own)), "fine");
    assert_eq!(
        message(svg(r#"<rect 备注="底色" x="1" width="9" height="9"/>"#)),
        "fine",
        "attribute names of any script"
    );
}

#[test]
fn active_content_and_external_references_are_rejected() {
    for inside in [
        "<script>alert(1)</script>",
        r#"<rect onclick="x()" width="9" height="9"/>"#,
        r#"<rect ONLOAD="x()" width="9" height="9"/>"#,
        "<foreignObject><p/></foreignObject>",
        r#"<image href="https://example.com/x.png"/>"#,
        r#"<image href="/etc/passwd"/>"#,
        r#"<image xlink:href="file:///etc/passwd"/>"#,
        r#"<image href="other.svg"/>"#,
        r#"<image href="data:image/svg+xml;base64,PHN2Zy8+"/>"#,
        r#"<use href="other.svg#a"/>"#,
        r#"<a href="javascript:x()"><rect width="9" height="9"/></a>"#,
        r#"<rect width="9" height="9" fill="url(http://example.com/#a)"/>"#,
        r#"<rect width="9" height="9" style="fill: url( 'http://example.com/' )"/>"#,
        "<style>@import 'http://example.com/x.css';</style>",
        "<style>rect { fill: url(//example.com/x) }</style>",
        r#"<animate attributeName="x"/>"#,
    ] {
        let message = message(svg(inside));
        assert!(message.contains("must not run anything or refer"), "{inside}: {message}");
    }
}

#[test]
fn missing_fonts_and_glyphs_are_errors() {
    let family = message(svg(r#"<text font-family="Comic Sans MS">hello</text>"#));
    assert!(family.contains("no font family \"Comic Sans MS\""), "{family}");
    let character = message(svg("<text>好\u{1f600}</text>"));
    assert!(character.contains("no font has the character"), "{character}");
}

#[test]
fn exponential_entities_are_rejected() {
    let bomb = r#"<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;"><!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;">]>
        <svg xmlns="http://www.w3.org/2000/svg"><text>&f;&f;&f;&f;&f;</text></svg>"#;
    assert!(Artwork::read(ArtworkKind::Svg, bomb.as_bytes()).is_err());
}

#[test]
fn the_pixel_limit_applies_before_decoding() {
    let mut huge = png(4, 4);
    // Width and height are in the header, followed by its checksum.
    huge[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
    let checksum = crc(&huge[12..29]).to_be_bytes();
    huge[29..33].copy_from_slice(&checksum);
    let message = message(Artwork::read(ArtworkKind::Png, &huge));
    assert!(message.contains("30000 × 30000 pixels"), "{message}");
}

/// CRC-32 of a PNG chunk (ISO 3309).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |mut sum, byte| {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = (sum >> 1) ^ if sum & 1 == 1 { 0xedb8_8320 } else { 0 };
        }
        sum
    })
}

#[test]
fn an_extension_that_does_not_match_the_content_is_rejected() {
    assert!(matches!(Artwork::read(ArtworkKind::Jpeg, &png(4, 4)), Err(ArtworkError::WrongExtension)));
    assert!(Artwork::read(ArtworkKind::Png, b"<html>").is_err());
    assert!(Artwork::read(ArtworkKind::Svg, &png(4, 4)).is_err());
    assert!(Artwork::read(ArtworkKind::Png, &png(40, 40)[..60]).is_err());
}

#[test]
fn cover_fills_the_target_and_contain_stays_inside() {
    let art = Artwork::read(ArtworkKind::Png, &png(40, 10)).unwrap();
    let covered = art.cover(30, 30).unwrap();
    assert!(covered.pixels().iter().all(|pixel| pixel.alpha() == 255));
    let contained = art.contain(40, 40).unwrap();
    let opaque = contained.pixels().iter().filter(|pixel| pixel.alpha() == 255).count();
    assert_eq!(opaque, 400);
    assert_eq!(contained.pixel(20, 2).unwrap().alpha(), 0);
}

#[test]
fn the_bundled_artwork_is_exactly_what_the_sample_names() {
    let text = include_str!("../../../config/carnival-2023.toml");
    let carnival = crate::rules::carnival_file::parse(text).unwrap();
    let mut named: Vec<&str> = carnival.artwork().into_iter().map(ArtworkPath::as_str).collect();
    named.sort_unstable();
    let bundled: Vec<&str> = crate::pictures::bundled_artwork::FILES.iter().map(|(path, _)| *path).collect();
    let own: Vec<&str> = bundled.iter().copied().filter(|path| !path.starts_with("artwork/marks/")).collect();
    assert_eq!(own, named);
    for path in bundled {
        let path: ArtworkPath = path.parse().unwrap();
        assert!(ArtworkSource::Sample.read(&path).is_ok(), "{path}");
        let in_folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
        assert!(ArtworkSource::Folder(in_folder).read(&path).is_ok(), "{path}");
    }
}

#[test]
fn missing_and_oversized_files_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("artwork")).unwrap();
    let source = ArtworkSource::Folder(folder.path().to_path_buf());
    let path: ArtworkPath = "artwork/一.svg".parse().unwrap();
    assert!(matches!(source.read(&path), Err(ArtworkError::NotFound(_))));
    std::fs::write(folder.path().join("artwork/一.svg"), vec![b' '; 1024 * 1024 + 1]).unwrap();
    assert!(matches!(source.read(&path), Err(ArtworkError::TooLarge(_))));
    let before = source.file_version(&path);
    std::fs::write(folder.path().join("artwork/一.svg"), "<svg xmlns='http://www.w3.org/2000/svg'/>").unwrap();
    assert_ne!(source.file_version(&path), before);
}
