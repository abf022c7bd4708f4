//! A code is read in every spelling and only during its lifetime; no other text is.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use proptest::prelude::*;

use super::*;
use crate::tokens::PictureLink;

const KEY: &str = "86bef85fa1c4ff97bf7e8eaf4d6ca34e2b0faa0cb7a1c75cfb05e24bdfc9dcdd";
const ALPHABET: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

fn codes_of(key: &str, carnival: &str) -> Codes {
    Codes::new(&Secret::new(key).unwrap(), &carnival.parse().unwrap(), 180)
}

fn codes() -> Codes {
    codes_of(KEY, "chenghua-2023")
}

/// The start of a time step.
fn now() -> Timestamp {
    "2023-10-21T10:00:00+08:00".parse().unwrap()
}

fn at(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

fn gate() -> PointNumber {
    7.try_into().unwrap()
}

/// One code of each kind that has a MAC.
fn signed() -> [String; 4] {
    [
        codes().printed(gate(), Generation::FIRST),
        codes().display(gate(), now()).text,
        codes().own(ResidentId::new([5; 16]), now()).text,
        codes().paper(99.try_into().unwrap()),
    ]
}

#[test]
fn a_voucher_is_read_as_people_type_it_and_only_with_its_check_digit() {
    let voucher = Code::Voucher(Voucher::new(47.try_into().unwrap(), 382_910));
    for text in
        ["473829106", " 473-829-106\n", "https://stamps.example/q/473829106", "４７３\u{3000}８２９\u{3000}１０６"]
    {
        assert_eq!(codes().read(text, now()), Ok(voucher.clone()), "{text}");
    }
    assert_eq!(codes().read("473829107", now()), Err(UnknownCode));
}

#[test]
fn a_practice_voucher_is_read_like_any_other_and_no_other_of_gift_zero_is() {
    for text in
        ["000000013", " OOO-OOO-OI3\n", "https://stamps.example/q/000000013", "０００\u{3000}０００\u{3000}０１３"]
    {
        assert_eq!(codes().read(text, now()), Ok(Code::Practice(PracticeVoucher::Redeemable)), "{text}");
    }
    let of_gift_zero = (0..10_000_000).step_by(997).chain(0..1_000).map(|n| format!("{n:09}"));
    for text in of_gift_zero.filter(|text| text.parse::<PracticeVoucher>().is_err()) {
        assert_eq!(codes().read(&text, now()), Err(UnknownCode), "{text}");
    }
}

#[test]
fn each_kind_has_a_fixed_length() {
    let lengths = signed().map(|code| code.len());
    assert_eq!(lengths, [16, 19, 45, 18]);
    assert_eq!(codes().invitation().unwrap().text.len(), 17);
}

#[test]
fn a_display_code_is_accepted_in_its_step_and_the_grace_period() {
    let code = codes().display(gate(), now());
    assert_eq!(code.changes_at, at(30));
    let read = |seconds| codes().read(&code.text, at(seconds));
    for (seconds, too_old) in [(0, false), (29, false), (30, false), (210, false), (211, true), (86_400 * 300, true)] {
        assert_eq!(read(seconds), Ok(Code::Display { point: gate(), too_old }), "{seconds} s later");
    }
    assert!(read(-30).is_ok(), "another instance's clock may be one step behind");
    assert_eq!(read(-31), Err(UnknownCode), "two steps ahead");
    assert_eq!(read(30 << 21), Err(UnknownCode), "the low bits repeat, the step does not");
}

#[test]
fn the_tablet_shows_another_code_in_each_step() {
    let code = |seconds| codes().display(gate(), at(seconds)).text;
    assert_eq!(code(0), code(29));
    assert_ne!(code(0), code(30));
}

#[test]
fn a_residents_own_code_is_valid_for_five_minutes() {
    let resident = ResidentId::new([5; 16]);
    let code = codes().own(resident, now());
    assert_eq!(code.changes_at, at(300));
    assert_eq!(codes().read(&code.text, at(299)), Ok(Code::Own { resident, too_old: false }));
    assert_eq!(codes().read(&code.text, at(300)), Ok(Code::Own { resident, too_old: true }));
}

#[test]
fn an_invitation_is_identified_by_its_hash() {
    let invitation = codes().invitation().unwrap();
    assert_eq!(codes().read(&invitation.text, now()), Ok(Code::Invitation(invitation.id.clone())));
    assert!(!invitation.text.contains(invitation.id.as_str()));
    let elsewhere = codes_of(KEY, "chenghua-2024").read(&invitation.text, now());
    assert_ne!(elsewhere, Ok(Code::Invitation(invitation.id)));
}

#[test]
fn another_carnival_or_key_rejects() {
    for code in signed() {
        assert!(codes().read(&code, now()).is_ok());
        assert_eq!(codes_of(KEY, "chenghua-2024").read(&code, now()), Err(UnknownCode));
        let other_key = codes_of("r5gKuGFWkTcc1H4zdWdTHDbWxsD6ePr2TE0uNqR0cF0=", "chenghua-2023");
        assert_eq!(other_key.read(&code, now()), Err(UnknownCode));
    }
}

#[test]
fn one_changed_character_invalidates_the_code() {
    for code in signed() {
        for place in 0..code.len() {
            for other in ALPHABET.chars().filter(|c| !code[place..].starts_with(*c)) {
                let changed = format!("{}{other}{}", &code[..place], &code[place + 1..]);
                assert_eq!(codes().read(&changed, now()), Err(UnknownCode), "{code} as {changed}");
            }
        }
    }
}

#[test]
fn one_character_more_or_less_invalidates_the_code() {
    for code in signed() {
        assert_eq!(codes().read(&code[..code.len() - 1], now()), Err(UnknownCode));
        assert_eq!(codes().read(&format!("{code}0"), now()), Err(UnknownCode));
    }
}

#[test]
fn a_picture_link_is_valid_for_ten_minutes_and_one_text() {
    let signature = codes().sign_picture("postcards/play/7", now());
    let check = |text, signature: &str, seconds| codes().check_picture(text, signature, at(seconds));
    assert_eq!(check("postcards/play/7", &signature, 599), PictureLink::Valid);
    assert_eq!(check("postcards/play/7", &signature, 600), PictureLink::Expired);
    assert_eq!(check("postcards/play/8", &signature, 0), PictureLink::Forged);
    assert_eq!(check("postcards/play/7", "", 0), PictureLink::Forged);
    assert_eq!(check("postcards/play/7", &format!("{signature}0"), 0), PictureLink::Forged);
}

#[test]
fn padding_bits_of_a_signature_must_be_zero() {
    let signature = codes().sign_picture("x", now());
    let (head, last) = signature.split_at(18);
    let value = ALPHABET.find(last).unwrap();
    assert_eq!(value % 8, 0);
    for padding in 1..8 {
        let changed = format!("{head}{}", &ALPHABET[value + padding..=value + padding]);
        assert_eq!(codes().check_picture("x", &changed, now()), PictureLink::Forged);
    }
}

/// A code with the changes that people and programs introduce by accident.
fn spoilt(code: &str, how: &[u8]) -> String {
    let spoil = |(c, how): (char, &u8)| match (c, how % 4) {
        ('0', 1) => "o".to_owned(),
        ('1', 1) => "l".to_owned(),
        ('1', 2) => "I".to_owned(),
        (c, 1) => c.to_ascii_lowercase().to_string(),
        (c, 2) => format!("{c}-"),
        (c, 3) => format!("{c} "),
        (c, _) => c.to_string(),
    };
    code.chars().zip(how.iter().cycle()).map(spoil).collect()
}

proptest! {
    #![proptest_config(crate::rules::samples::property_config())]

    #[test]
    fn what_was_made_is_read(
        point in 1_u64..=511, generation in 0_u64..=63, serial in 1_u64..=0x1FF_FFFF,
        resident: [u8; 16], second in 0_i64..4_000_000_000, how in prop::collection::vec(any::<u8>(), 50),
    ) {
        let now = Timestamp::from_second(second).unwrap();
        let (point, generation) = (point.try_into().unwrap(), generation.try_into().unwrap());
        let (serial, resident) = (serial.try_into().unwrap(), ResidentId::new(resident));
        for (text, code) in [
            (codes().printed(point, generation), Code::Printed { point, generation }),
            (codes().display(point, now).text, Code::Display { point, too_old: false }),
            (codes().own(resident, now).text, Code::Own { resident, too_old: false }),
            (codes().paper(serial), Code::Paper(serial)),
        ] {
            prop_assert_eq!(codes().read(&text, now), Ok(code.clone()));
            prop_assert_eq!(codes().read(&link("https://stamps.example", &text), now), Ok(code.clone()));
            prop_assert_eq!(codes().read(&spoilt(&text, &how), now), Ok(code));
        }
    }

    #[test]
    fn no_text_panics_the_decoder(text in "[PDRCS0-9]?\\PC{0,60}", second in -377_705_023_201_i64..=253_402_207_200) {
        let now = Timestamp::from_second(second).unwrap();
        let _ = codes().read(&text, now);
        let _ = codes().display(gate(), now);
        let _ = codes().own(ResidentId::new([5; 16]), now);
        let _ = codes().check_picture("x", &text, now);
    }

    #[test]
    fn random_letters_are_never_a_signed_code(text in "(P[0-9A-Z]{15}|D[0-9A-Z]{18}|R[0-9A-Z]{44}|C[0-9A-Z]{17})") {
        prop_assert_eq!(codes().read(&text, now()), Err(UnknownCode));
    }
}
