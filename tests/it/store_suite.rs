//! The failure guarded against: a store that keeps another promise than the trait says, so that a
//! gift is given twice, a stamp is lost, or a retry counts twice, on one kind of store only.
//!
//! Each promise is one function over any store. `suite!(open)` makes a test of each, where `open`
//! is an async function that returns a fresh, empty [`StoreFixture`]. Time is given, never slept.

pub(crate) mod control_and_staff;
pub(crate) mod counters_and_erasure;
pub(crate) mod fixtures;
pub(crate) mod gifts;
pub(crate) mod passports;
pub(crate) mod persistence;
pub(crate) mod redemptions;

use std::sync::Arc;

use async_trait::async_trait;
use carnival::store::Store;

/// A store under test, with what must live as long as it does: its folder, its server.
#[async_trait]
pub(crate) trait StoreFixture: Sized + Send {
    /// The store.
    fn store(&self) -> Arc<dyn Store>;

    /// Closes the store and opens it again on what it kept; a house with a server starts that anew too.
    async fn reopen(self) -> Self;
}

/// Every promise but survival, given to another macro behind `$head`.
macro_rules! promises {
    ($then:ident! $($head:tt)*) => {
        $crate::store_suite::$then! { $($head)*
            passports::an_empty_store_knows_nobody
            passports::writing_no_stamps_changes_nothing_and_tells_what_stands
            passports::first_write_wins_under_fifty_parallel_stampings
            passports::many_points_are_stamped_in_one_step
            passports::a_repeat_changes_neither_log_nor_tallies
            passports::a_step_of_old_and_new_points_writes_only_the_new
            passports::stamps_are_numbered_in_order_though_time_steps_backwards
            passports::stamps_by_hand_carry_session_and_nonce
            passports::a_shard_logs_its_stamps_in_order
            passports::facts_are_read_page_by_page
            passports::tallies_add_up_across_shards
            passports::a_card_and_a_resident_are_different_holders
            passports::companions_never_exceed_their_limit_in_a_race
            passports::companions_are_taken_off_and_listed_by_serial
            gifts::two_hundred_race_for_twenty_gifts
            gifts::lapsed_holds_go_to_whoever_comes_and_never_beyond_the_stock
            gifts::a_claim_is_kept_as_it_was_written
            gifts::claims_are_read_in_the_order_asked_for
            gifts::a_voucher_is_one_claims_alone
            gifts::a_step_on_an_old_record_is_told_the_new_one
            gifts::ones_own_hold_is_not_in_ones_own_way
            gifts::a_gift_that_was_given_back_can_be_claimed_by_another
            gifts::stock_changes_under_load_never_fall_below_what_is_promised
            gifts::the_same_change_of_stock_counts_once
            gifts::stock_stays_within_its_bounds
            gifts::gone_here_is_noted_and_taken_back
            redemptions::two_volunteers_redeem_one_voucher_and_one_succeeds
            redemptions::the_same_nonce_gets_the_same_answer
            redemptions::a_voided_redemption_frees_no_gift_and_is_redeemed_anew
            redemptions::a_lapsed_claim_is_redeemed_only_while_stock_remains
            redemptions::redeemed_never_exceeds_stock_though_the_clock_steps_back
            redemptions::many_volunteers_redeem_many_vouchers_each_once
            redemptions::steps_and_tallies_are_logged_in_order
            control_and_staff::publishing_races_and_one_wins
            control_and_staff::the_first_mark_of_a_name_stands
            control_and_staff::versions_count_up_and_stock_is_seeded_once
            control_and_staff::a_late_publication_changes_nothing
            control_and_staff::reissues_race_and_raise_by_one
            control_and_staff::serials_never_repeat
            control_and_staff::serials_end
            control_and_staff::sessions_never_exceed_the_uses_in_a_race
            control_and_staff::the_same_nonce_opens_the_same_session
            control_and_staff::an_ended_invitation_begins_no_session
            control_and_staff::an_ended_session_is_seen_and_the_first_end_counts
            control_and_staff::invitations_are_listed_newest_first
            control_and_staff::an_invitation_is_kept_once
            counters_and_erasure::people_are_counted_once_for_each_route_day_and_hour
            counters_and_erasure::an_erased_passport_leaves_facts_and_counts_and_begins_anew
            counters_and_erasure::a_held_claim_is_dropped_with_its_voucher_and_frees_the_gift
            counters_and_erasure::a_claim_that_moved_or_was_redeemed_is_not_dropped
            counters_and_erasure::a_redeemed_claim_is_forgotten_and_still_counts
            counters_and_erasure::the_first_stock_and_each_movement_are_logged_and_a_move_changes_no_number
            counters_and_erasure::notes_add_up_and_later_moments_stand
            counters_and_erasure::the_newest_suspicions_are_kept_and_those_that_were_settled
            counters_and_erasure::a_passport_waits_until_it_is_released
            counters_and_erasure::the_last_look_at_a_poster_counts
        }
    };
}
pub(crate) use promises;

/// Makes a test of every promise: `suite!(open)`, with `async fn open() -> impl StoreFixture`.
macro_rules! suite {
    ($open:path) => {
        $crate::store_suite::promises! { suite! @over $open: }

        #[tokio::test(flavor = "multi_thread")]
        async fn everything_survives_closing_and_opening() {
            $crate::store_suite::persistence::everything_survives_closing_and_opening($open().await).await;
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

/// Checks every promise one after the other, within one test: for a store whose servers are slow to
/// start. `in_turn!(open)`, with `open` a closure whose future is a [`StoreFixture`].
macro_rules! in_turn {
    ($open:ident) => {
        $crate::store_suite::promises! { in_turn! @over $open: }
        println!("everything_survives_closing_and_opening");
        $crate::store_suite::persistence::everything_survives_closing_and_opening($open().await).await;
    };
    (@over $open:ident: $($module:ident::$promise:ident)*) => {
        $(
            // The last name printed is the promise that was broken.
            println!(stringify!($promise));
            let fixture = $open().await;
            $crate::store_suite::$module::$promise($crate::store_suite::StoreFixture::store(&fixture)).await;
        )*
    };
}
pub(crate) use in_turn;
