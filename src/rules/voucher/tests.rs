//! A number read aloud in a noisy queue is misheard; it must not become somebody else's gift.

use proptest::prelude::*;

use super::super::samples::{gift_number, the};
use super::*;

fn any_voucher() -> impl Strategy<Value = Voucher> {
    (1u64..=99, any::<u32>()).prop_map(|(gift, random)| Voucher::new(gift_number(gift), random))
}

#[test]
fn the_check_digit_is_that_of_damms_own_example() {
    assert_eq!(damm("572"), 4);
    assert_eq!(damm("5724"), 0);
}

#[test]
fn there_is_no_voucher_for_the_gift_without_a_number() {
    let body = "00123456";
    assert!(format!("{body}{}", damm(body)).parse::<Voucher>().is_err());
}

#[test]
fn a_redemption_is_read_only_as_it_is_written() {
    let voucher = Voucher::new(gift_number(47), 382_910);
    let id = RedemptionId { voucher, nth: 2 };
    assert_eq!(id.to_string().parse(), Ok(id));
    for wrong in
        [format!("{voucher}-0"), format!("{voucher}-02"), format!("{voucher}"), format!("{}-2", voucher.grouped())]
    {
        assert!(wrong.parse::<RedemptionId>().is_err(), "{wrong:?}");
    }
}

proptest! {
    #[test]
    fn a_voucher_reads_as_it_is_written_with_spaces_or_without(voucher in any_voucher()) {
        prop_assert_eq!(the::<Voucher>(&voucher.to_string()), voucher);
        prop_assert_eq!(the::<Voucher>(&voucher.grouped()), voucher);
        prop_assert_eq!(voucher.grouped().len(), "473 829 106".len());
    }

    #[test]
    fn one_wrong_digit_is_always_noticed(voucher in any_voucher(), place in 0usize..9, off_by in 1u8..10) {
        let mut digits = voucher.to_string().into_bytes();
        digits[place] = b'0' + (digits[place] - b'0' + off_by) % 10;
        prop_assert!(String::from_utf8_lossy(&digits).parse::<Voucher>().is_err());
    }

    #[test]
    fn two_swapped_neighbours_are_always_noticed(voucher in any_voucher(), place in 0usize..8) {
        let mut digits = voucher.to_string().into_bytes();
        digits.swap(place, place + 1);
        let noticed = String::from_utf8_lossy(&digits).parse::<Voucher>().is_err();
        prop_assert_eq!(noticed, digits[place] != digits[place + 1]);
    }
}
