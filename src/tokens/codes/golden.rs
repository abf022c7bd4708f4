//! Golden samples, one per kind of code: a printed poster must work after every upgrade.
//! If one of these tests fails, the change breaks codes that are on walls already; do not adapt the test.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use super::*;
use crate::tokens::PictureLink;

fn codes() -> Codes {
    let key = Secret::new("86bef85fa1c4ff97bf7e8eaf4d6ca34e2b0faa0cb7a1c75cfb05e24bdfc9dcdd").unwrap();
    Codes::new(&key, &"chenghua-2023".parse().unwrap(), 180)
}

fn now() -> Timestamp {
    "2023-10-21T10:00:10+08:00".parse().unwrap()
}

#[test]
fn each_kind_is_made_and_read_as_its_sample() {
    let (point, generation) = (12.try_into().unwrap(), 3.try_into().unwrap());
    let resident = "00112233445566778899aabbccddeeff".parse().unwrap();
    let serial = 123_456.try_into().unwrap();
    let voucher = Voucher::new(47.try_into().unwrap(), 382_910);
    let (display, own) = (codes().display(point, now()), codes().own(resident, now()));
    assert_eq!(display.changes_at.to_string(), "2023-10-21T02:00:30Z");
    assert_eq!(own.changes_at.to_string(), "2023-10-21T02:05:10Z");
    let practice = |voucher: PracticeVoucher| (voucher.grouped(), Code::Practice(voucher));
    let [redeemable, redeemed, elsewhere] =
        [PracticeVoucher::Redeemable, PracticeVoucher::AlreadyRedeemed, PracticeVoucher::WrongBooth].map(practice);
    for (sample, (made, code)) in [
        ("P0R3ZFGXJE98D143", (codes().printed(point, generation), Code::Printed { point, generation })),
        ("D0SZ4NGGQVM966VBGMJ", (display.text, Code::Display { point, too_old: false })),
        ("R008J4CT4ANK7F24SNAXWSQFEZXJK6CEPRGFF5YS01TT0", (own.text, Code::Own { resident, too_old: false })),
        ("C03RJ0Q15V0QA1B23D", (codes().paper(serial), Code::Paper(serial))),
        ("473 829 106", (voucher.grouped(), Code::Voucher(voucher))),
        ("000 000 013", redeemable),
        ("000 000 021", redeemed),
        ("000 000 037", elsewhere),
    ] {
        assert_eq!(made, sample);
        assert_eq!(codes().read(sample, now()), Ok(code));
    }
}

#[test]
fn invitation() {
    let invitation = codes().invitation_of(BitString::default().push_bytes(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
    assert_eq!(invitation.text, "S041061050R3GG28A");
    assert_eq!(invitation.id.as_str(), "V1M5TEG2GXXR9VG9");
    assert_eq!(codes().read("S041061050R3GG28A", now()), Ok(Code::Invitation(invitation.id)));
}

#[test]
fn picture_link() {
    assert_eq!(codes().sign_picture("postcards/play/7", now()), "CMSK60KSFRAGVTXDPKG");
    assert_eq!(codes().check_picture("postcards/play/7", "CMSK60KSFRAGVTXDPKG", now()), PictureLink::Valid);
}
