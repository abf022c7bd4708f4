//! Which artwork paths are accepted, and which inks are legible on paper.

use super::{ArtworkKind, ArtworkPath, CardPattern, CardPosition, Colour};

fn kind(path: &str) -> Option<ArtworkKind> {
    path.parse::<ArtworkPath>().ok().map(|path| path.kind())
}

fn colour(text: &str) -> Colour {
    text.parse().unwrap()
}

#[test]
fn the_extension_of_an_artwork_path_gives_its_format() {
    assert_eq!(kind("artwork/play.svg"), Some(ArtworkKind::Svg));
    assert_eq!(kind("artwork/stamps/第1站 大门.PNG"), Some(ArtworkKind::Png));
    assert_eq!(kind("artwork/a.b-c_d/photo.jpg"), Some(ArtworkKind::Jpeg));
    assert_eq!(kind("artwork/photo.JPEG"), Some(ArtworkKind::Jpeg));
    let path = "artwork/marks/雨.svg";
    assert_eq!(path.parse::<ArtworkPath>().unwrap().as_str(), path);
}

#[test]
fn an_artwork_path_cannot_leave_its_folder() {
    let long = format!("artwork/{}.svg", "很".repeat(ArtworkPath::MAX_CHARS - 12));
    assert_eq!(kind(&long), Some(ArtworkKind::Svg));
    let too_long = format!("artwork/{}.svg", "很".repeat(ArtworkPath::MAX_CHARS - 11));
    for elsewhere in [
        "",
        "play.svg",
        "/artwork/play.svg",
        "artwork",
        "artwork/",
        "artwork/.svg",
        "artwork/play",
        "artwork/play.gif",
        "artwork/play.svgz",
        "artwork//play.svg",
        "artwork/../play.svg",
        "artwork/a/../../play.svg",
        "artwork/./play.svg",
        "artwork/.../play.svg",
        "artwork/.hidden/play.svg",
        "artwork/a\\play.svg",
        "artwork\\play.svg",
        "artwork/play.svg/",
        "artwork/svg",
        "artwork/ play.svg",
        "artwork/a /play.svg",
        "artwork/play.svg ",
        "artwork/a./play.svg",
        "artwork/c:play.svg",
        "artwork/play.svg?x.svg",
        "artwork/%2e.svg",
        "artwork/play\n.svg",
        "artwork/play\0.svg",
        "Artwork/play.svg",
        "artwork/play\u{202e}.svg",
        "file:///artwork/play.svg",
        &too_long,
    ] {
        assert_eq!(kind(elsewhere), None, "{elsewhere:?}");
    }
}

#[test]
fn a_colour_round_trips() {
    assert_eq!(colour("#a63d2f"), Colour { red: 0xa6, green: 0x3d, blue: 0x2f });
    assert_eq!(colour("#A63D2F").to_string(), "#a63d2f");
    assert_eq!(colour("#000102").to_string(), "#000102");
    for wrong in ["", "#", "a63d2f", "#a63d2", "#a63d2ff", "#fff", "red", "#+63d2f", "#a63d2g", " #a63d2f", "＃a63d2f"]
    {
        assert!(wrong.parse::<Colour>().is_err(), "{wrong:?}");
    }
}

#[test]
fn contrast_is_as_wcag_defines_it() {
    let contrast = |one: &str, other: &str| (colour(one).contrast(colour(other)) * 100.0).round() / 100.0;
    assert_eq!(contrast("#767676", "#ffffff").to_string(), "4.54");
    assert_eq!(contrast("#ffffff", "#767676").to_string(), "4.54");
    assert_eq!(contrast("#ffd700", "#fdf8ee").to_string(), "1.32");
    assert_eq!(contrast("#fdf8ee", "#fdf8ee").to_string(), "1");
}

#[test]
fn the_six_default_inks_are_legible() {
    let inks: Vec<Colour> = (0..6).map(Colour::default_for_route).collect();
    for (at, ink) in inks.iter().enumerate() {
        assert!(ink.contrast(Colour::PAPER) >= 4.5, "{ink}");
        assert!(!inks[..at].contains(ink), "{ink}");
    }
    assert_eq!(Colour::default_for_route(6), inks[0]);
    let patterns = [CardPattern::Waves, CardPattern::Leaves, CardPattern::Dots, CardPattern::Tiles, CardPattern::Waves];
    assert_eq!([0, 1, 2, 3, 4].map(CardPattern::default_for_route), patterns);
}

#[test]
fn a_darkened_colour_is_legible_and_keeps_its_hue() {
    assert_eq!(colour("#ffd700").darkened().to_string(), "#7f6b00");
    assert_eq!(colour("#a63d2f").darkened().to_string(), "#a63d2f");
    for step in 0..=0xff_u8 {
        let light = Colour { red: 0xff, green: step, blue: 0xff - step };
        assert!(light.darkened().contrast(Colour::PAPER) >= 4.5, "{light}");
    }
}

#[test]
fn distances_between_positions_are_euclidean() {
    let place = |x_mm, y_mm| CardPosition { x_mm, y_mm };
    assert!((place(20.0, 30.0).distance_mm(place(29.0, 42.0)) - 15.0).abs() < 1e-9);
}
