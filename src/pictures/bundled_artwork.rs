//! Artwork compiled into the program: that of the sample carnival, and the day marks.

/// The bundled day mark with this keyword of the carnival file; the star for an unknown keyword.
pub(super) fn day_mark(word: &str) -> &'static str {
    match word {
        "opening" => include_str!("../../config/artwork/marks/opening.svg"),
        "umbrella" => include_str!("../../config/artwork/marks/umbrella.svg"),
        "flag" => include_str!("../../config/artwork/marks/flag.svg"),
        _ => include_str!("../../config/artwork/marks/star.svg"),
    }
}

/// A file of `config/`: its path below that folder, and its bytes.
macro_rules! file {
    ($path:literal) => {
        ($path, include_bytes!(concat!("../../config/", $path)))
    };
}

/// The artwork files of the sample carnival: path and bytes.
pub(super) static FILES: &[(&str, &[u8])] = &[
    file!("artwork/active.svg"),
    file!("artwork/marks/flag.svg"),
    file!("artwork/marks/opening.svg"),
    file!("artwork/marks/star.svg"),
    file!("artwork/marks/umbrella.svg"),
    file!("artwork/play.svg"),
    file!("artwork/stamps/centre-1.svg"),
    file!("artwork/stamps/centre-2.svg"),
    file!("artwork/stamps/centre-3.svg"),
    file!("artwork/stamps/centre-4.svg"),
    file!("artwork/stamps/centre-5.svg"),
    file!("artwork/stamps/centre-6.svg"),
    file!("artwork/stamps/shop-1.svg"),
    file!("artwork/stamps/shop-2.svg"),
    file!("artwork/stamps/shop-3.svg"),
    file!("artwork/stamps/shop-4.svg"),
    file!("artwork/stamps/shop-5.svg"),
    file!("artwork/stamps/shop-6.svg"),
    file!("artwork/stamps/shop-7.svg"),
    file!("artwork/stamps/space-1.svg"),
    file!("artwork/stamps/space-2.svg"),
    file!("artwork/stamps/space-3.svg"),
    file!("artwork/stamps/space-4.svg"),
    file!("artwork/stamps/space-5.svg"),
    file!("artwork/stamps/space-6.svg"),
    file!("artwork/stamps/space-7.svg"),
    file!("artwork/street-life.svg"),
];
