//! Routes for volunteers, and the login of staff. Organisers may use them too.

pub(in crate::http) mod desk;
pub(in crate::http) mod lookups;
pub(in crate::http) mod postcards;
pub(in crate::http) mod poster_checks;
pub(in crate::http) mod redemptions;
pub(in crate::http) mod sessions;
pub(in crate::http) mod stamp_undos;

routes! {
    sessions: accept_invitation;
    lookups: look_up_code;
    redemptions: redeem_vouchers, void_redemption, redeem_for_paper;
    desk: record_stamps, set_gift_availability, get_display_code, get_shift;
    stamp_undos: undo_stamp;
    poster_checks: check_poster;
    postcards: get_booth_postcard;
}
