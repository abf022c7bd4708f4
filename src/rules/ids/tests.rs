//! Ids are trusted everywhere after parsing, so invalid text must be rejected here.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use super::*;

#[test]
fn an_id_has_lower_case_letters_digits_and_single_hyphens() {
    for text in ["play", "space-1", "7", &"a".repeat(40)] {
        assert_eq!(text.parse::<PointId>().unwrap().as_str(), text);
    }
    for text in ["", "Play", "-play", "play-", "space--1", "space 1", "玩", &"a".repeat(41)] {
        assert!(text.parse::<PointId>().is_err(), "{text}");
    }
}

#[test]
fn a_number_has_a_range_and_only_digits() {
    assert_eq!("511".parse::<PointNumber>().unwrap().get(), 511);
    for text in ["", "0", "512", "+1", "-1", "1.0", " 1", "99999999999999999999"] {
        assert!(text.parse::<PointNumber>().is_err(), "{text}");
    }
    assert!(Generation::try_from(0).is_ok());
    assert!(GiftNumber::try_from(100).is_err());
    assert!(CardSerial::try_from(1 << 25).is_err());
}

#[test]
fn generations_end_at_63() {
    assert_eq!(Generation::FIRST.next().map(Generation::get), Some(1));
    assert_eq!(Generation::try_from(63).unwrap().next(), None);
}

#[test]
fn a_resident_id_has_32_lower_case_hexadecimal_digits() {
    let text = "00112233445566778899aabbccddeeff";
    assert_eq!(text.parse::<ResidentId>().unwrap().to_string(), text);
    for text in ["", &text[1..], &text.to_uppercase(), &text.replace('0', "+")] {
        assert!(text.parse::<ResidentId>().is_err(), "{text}");
    }
}

#[test]
fn a_resident_id_never_appears_in_logs_or_errors() {
    assert_eq!(format!("{:?}", ResidentId::new([7; 16])), "ResidentId(..)");
    assert!(!"0011".parse::<ResidentId>().unwrap_err().to_string().contains("0011"));
}

#[test]
fn a_random_id_has_base32_characters_and_a_fixed_length() {
    let text = "0123456789ABCDEF";
    assert_eq!(text.parse::<SessionId>().unwrap().as_str(), text);
    for text in ["", &text[1..], &text.to_lowercase(), "0123456789ABCDEU"] {
        assert!(text.parse::<SessionId>().is_err(), "{text}");
    }
}

#[test]
fn the_low_five_bits_of_any_bytes_yield_an_id() {
    let id = SessionId::from_bytes([0, 31, 32, 255, 10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 30, 29]);
    assert_eq!(id.as_str(), "0Z0ZA123456789YX");
    assert_eq!(id.as_str().parse(), Ok(id));
}

#[test]
fn a_nonce_is_unchanged_and_has_8_to_64_characters() {
    assert_eq!("a1B2-c3_D4".parse::<Nonce>().unwrap().as_str(), "a1B2-c3_D4");
    for text in ["", "1234567", "12345678 ", "12345678é", &"a".repeat(65)] {
        assert!(text.parse::<Nonce>().is_err(), "{text}");
    }
}

#[test]
fn errors_quote_at_most_a_short_excerpt() {
    let message = "X".repeat(1000).parse::<PointId>().unwrap_err().to_string();
    assert!(message.len() < 150, "{message}");
}
