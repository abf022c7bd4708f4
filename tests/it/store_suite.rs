//! The contracts of the traits of the store as tests that run over every implementation, one module per trait; of
//! `GiftStore`, redemptions and erasure are apart.
//!
//! Each promise is one function over any store. `suite!(open)` makes a test of each, where `open` is an async function
//! that returns a fresh, empty [`StoreFixture`]. Time is an argument; no test sleeps for it.

pub(crate) mod claim_erasure;
pub(crate) mod control;
pub(crate) mod control_records;
pub(crate) mod counters;
pub(crate) mod fixtures;
pub(crate) mod gifts;
pub(crate) mod hints;
pub(crate) mod passports;
pub(crate) mod persistence;
pub(crate) mod redemptions;
pub(crate) mod staff;

use std::sync::Arc;

use async_trait::async_trait;
use carnival::store::Store;

/// A store under test with the resources that it needs: its folder, its server.
#[async_trait]
pub(crate) trait StoreFixture: Sized + Send {
    /// The store.
    fn store(&self) -> Arc<dyn Store>;

    /// Closes the store and reopens it on the same data; a fixture with a server restarts it too.
    async fn reopen(self) -> Self;
}

/// Passes every promise except persistence to another macro, after `$head`.
macro_rules! promises {
    ($then:ident! $($head:tt)*) => {
        $crate::store_suite::$then! { $($head)*
            claim_erasure::a_held_claim_is_dropped_with_its_voucher_and_frees_the_gift
            claim_erasure::a_changed_or_redeemed_claim_is_not_dropped
            claim_erasure::a_redeemed_claim_is_anonymised_and_still_counts
            claim_erasure::the_voucher_of_an_erased_claim_is_never_used_again
            claim_erasure::stock_movements_are_logged_and_transfers_change_no_total
            control::one_of_several_concurrent_publications_wins
            control::versions_count_up_and_stock_is_seeded_once
            control::a_late_publication_changes_nothing
            control::concurrent_reissues_raise_the_generation_by_one
            control::serials_never_repeat
            control::serials_end
            control_records::relief_periods_are_part_of_the_control_state
            control_records::the_first_value_of_a_marker_wins
            control_records::the_newest_suspicions_and_the_resolved_ones_are_kept
            control_records::a_passport_is_held_until_it_is_released
            control_records::the_last_poster_check_counts
            control_records::each_kind_of_record_is_bounded_as_declared
            control_records::each_kind_of_record_is_erased_and_purged_as_declared
            control_records::a_record_changes_only_as_it_was_read
            control_records::the_first_value_of_a_suspicion_counts
            counters::a_shard_logs_its_stamps_in_order
            counters::log_entries_are_read_page_by_page
            counters::counters_add_up_across_shards
            counters::people_are_counted_once_per_route_day_and_hour
            gifts::two_hundred_concurrent_claims_get_twenty_gifts
            gifts::lapsed_holds_are_reassigned_within_the_stock
            gifts::a_claim_is_read_as_it_was_written
            gifts::claims_are_returned_in_the_requested_order
            gifts::a_voucher_belongs_to_one_claim
            gifts::a_write_on_an_outdated_record_returns_the_current_one
            gifts::a_claimers_own_hold_does_not_block_its_renewal
            gifts::a_released_gift_can_be_claimed_by_another
            gifts::concurrent_stock_changes_never_fall_below_the_promised_gifts
            gifts::a_repeated_stock_change_counts_once
            gifts::stock_stays_within_its_bounds
            gifts::gift_availability_at_a_booth_is_set_and_reset
            hints::hints_add_up_and_later_times_replace_earlier_ones
            passports::an_empty_store_has_no_records
            passports::writing_no_stamps_changes_nothing_and_returns_the_passport
            passports::the_first_of_fifty_concurrent_stamps_wins
            passports::several_points_are_stamped_in_one_call
            passports::a_repeat_changes_neither_log_nor_counters
            passports::a_call_with_old_and_new_points_writes_only_the_new
            passports::stamps_are_numbered_in_order_when_time_goes_backwards
            passports::stamps_keep_whether_it_rained_and_the_named_day
            passports::stamps_by_hand_carry_session_and_nonce
            passports::a_card_and_a_resident_are_different_holders
            passports::concurrent_companions_never_exceed_their_limit
            passports::companions_are_removed_and_listed_by_serial
            passports::erasing_a_passport_keeps_log_and_counters
            passports::an_undone_stamp_counts_nowhere_and_may_be_stamped_again
            passports::a_passport_changes_only_as_it_was_read
            redemptions::one_of_two_concurrent_redemptions_succeeds
            redemptions::the_same_nonce_gets_the_same_answer
            redemptions::a_voided_redemption_is_held_and_can_be_redeemed_again
            redemptions::a_lapsed_claim_is_redeemed_only_while_stock_remains
            redemptions::redemptions_never_exceed_the_stock_when_the_clock_goes_backwards
            redemptions::concurrent_redemptions_of_many_vouchers_count_once_each
            redemptions::claim_steps_are_logged_and_counted_in_order
            staff::the_second_morning_takes_no_use
            staff::concurrent_devices_never_exceed_the_uses
            staff::concurrent_repeats_return_one_session
            staff::no_session_survives_the_end_of_its_invitation
            staff::two_organisers_cannot_end_each_other
            staff::a_waiting_device_is_admitted_while_it_waits
            staff::a_roster_is_invited_once
        }
    };
}
pub(crate) use promises;

/// Makes a test of every promise: `suite!(open)`, with `async fn open() -> impl StoreFixture`.
macro_rules! suite {
    ($open:path) => {
        $crate::store_suite::promises! { suite! @over $open: }

        #[tokio::test(flavor = "multi_thread")]
        async fn all_records_survive_reopening() {
            $crate::store_suite::persistence::all_records_survive_reopening($open().await).await;
        }
    };
    (@over $open:path: $($module:ident::$promise:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $promise() {
                let fixture = $open().await;
                $crate::store_suite::$module::$promise($crate::store_suite::StoreFixture::store(&fixture)).await;
            }
        )*
    };
}
pub(crate) use suite;

/// Runs every promise sequentially within one test, for a store whose servers are slow to start. `in_turn!(open)`, with
/// `open` a closure whose future is a [`StoreFixture`].
macro_rules! in_turn {
    ($open:ident) => {
        $crate::store_suite::promises! { in_turn! @over $open: }
        println!("all_records_survive_reopening");
        $crate::store_suite::persistence::all_records_survive_reopening($open().await).await;
    };
    (@over $open:ident: $($module:ident::$promise:ident)*) => {
        $(
            // The last printed name is the failed promise.
            println!(stringify!($promise));
            let fixture = $open().await;
            $crate::store_suite::$module::$promise($crate::store_suite::StoreFixture::store(&fixture)).await;
        )*
    };
}
pub(crate) use in_turn;
