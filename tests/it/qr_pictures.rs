//! Checks that an independent decoder reads each rendered code.

mod signed_links;

use carnival::pictures::Qr;
use proptest::prelude::*;

fn read(png: &[u8]) -> Vec<String> {
    let picture = image::load_from_memory(png).unwrap().to_luma8();
    let mut prepared =
        rqrr::PreparedImage::prepare_from_greyscale(picture.width() as usize, picture.height() as usize, |x, y| {
            picture.get_pixel(x.try_into().unwrap(), y.try_into().unwrap()).0[0]
        });
    let codes = prepared.detect_grids();
    codes.iter().map(|code| code.decode().unwrap().1).collect()
}

proptest! {
    // A picture takes milliseconds in an unoptimised build, so there are few cases.
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn links_survive_rendering_and_decoding(
        host in "[a-z]{1,12}(\\.[a-z]{2,10}){1,3}",
        code in "[0-9A-HJKMNP-TV-Z]{12,26}",
        scale in 5_u16..12,
    ) {
        let link = format!("https://{host}/q/{code}");
        prop_assert_eq!(read(&Qr::new(&link).unwrap().png(scale).unwrap()), [link]);
    }

    #[test]
    fn digits_survive_rendering_and_decoding(digits in "[0-9]{9}", scale in 5_u16..12) {
        prop_assert_eq!(read(&Qr::new(&digits).unwrap().png(scale).unwrap()), [digits]);
    }

    #[test]
    fn chinese_text_survives_rendering_and_decoding(text in "[一-龥]{1,40}") {
        prop_assert_eq!(read(&Qr::new(&text).unwrap().png(6).unwrap()), [text]);
    }
}
