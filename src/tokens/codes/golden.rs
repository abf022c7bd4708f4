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
fn printed() {
    let (point, generation) = (12.try_into().unwrap(), 3.try_into().unwrap());
    assert_eq!(codes().printed(point, generation), "P0R3ZFGXJE98D143");
    assert_eq!(codes().read("P0R3ZFGXJE98D143", now()), Ok(Code::Printed { point, generation }));
}

#[test]
fn display() {
    let point = 12.try_into().unwrap();
    let code = codes().display(point, now());
    assert_eq!(code.text, "D0SZ4NGGQVM966VBGMJ");
    assert_eq!(code.changes_at.to_string(), "2023-10-21T02:00:30Z");
    assert_eq!(codes().read("D0SZ4NGGQVM966VBGMJ", now()), Ok(Code::Display { point, too_old: false }));
}

#[test]
fn voucher() {
    let voucher = Voucher::new(47.try_into().unwrap(), 382_910);
    assert_eq!(voucher.grouped(), "473 829 106");
    assert_eq!(codes().read("473 829 106", now()), Ok(Code::Voucher(voucher)));
}

#[test]
fn practice() {
    for (digits, voucher) in [
        ("000 000 013", PracticeVoucher::Redeemable),
        ("000 000 021", PracticeVoucher::AlreadyRedeemed),
        ("000 000 037", PracticeVoucher::WrongBooth),
    ] {
        assert_eq!(voucher.grouped(), digits);
        assert_eq!(codes().read(digits, now()), Ok(Code::Practice(voucher)));
    }
}

#[test]
fn own() {
    let resident = "00112233445566778899aabbccddeeff".parse().unwrap();
    let code = codes().own(resident, now());
    assert_eq!(code.text, "R008J4CT4ANK7F24SNAXWSQFEZXJK6CEPRGFF5YS01TT0");
    assert_eq!(code.changes_at.to_string(), "2023-10-21T02:05:10Z");
    assert_eq!(
        codes().read("R008J4CT4ANK7F24SNAXWSQFEZXJK6CEPRGFF5YS01TT0", now()),
        Ok(Code::Own { resident, too_old: false })
    );
}

#[test]
fn paper() {
    let serial = 123_456.try_into().unwrap();
    assert_eq!(codes().paper(serial), "C03RJ0Q15V0QA1B23D");
    assert_eq!(codes().read("C03RJ0Q15V0QA1B23D", now()), Ok(Code::Paper(serial)));
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
