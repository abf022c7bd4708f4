//! Routes for volunteers, and the login of staff. Organisers may use them too.

pub(in crate::http) mod desk;
pub(in crate::http) mod lookups;
pub(in crate::http) mod postcards;
pub(in crate::http) mod poster_checks;
pub(in crate::http) mod redemptions;
pub(in crate::http) mod sessions;
pub(in crate::http) mod stamp_undos;

routes! {
    fixed {
        redemptions: redeem_vouchers, redeem_for_paper;
        lookups: look_up_code;
        sessions: accept_invitation, leave_duty;
        desk: record_stamps, get_shift;
        poster_checks: check_poster;
        stamp_undos: undo_stamp;
        postcards: get_booth_postcard;
    }
    with_parameters {
        redemptions: void_redemption;
        desk: set_gift_availability, get_display_code;
    }
}
