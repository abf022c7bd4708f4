//! Routes for residents.

pub(in crate::http) mod check_ins;
pub(in crate::http) mod claims;
pub(in crate::http) mod me;
pub(in crate::http) mod personal_data;
pub(in crate::http) mod postcards;
pub(in crate::http) mod sessions;

routes! {
    fixed {
        check_ins: create_check_in;
        me: get_me, get_passport, get_own_code, add_companion;
        claims: create_claim, list_claims;
        sessions: log_in_with_wechat;
        personal_data: export_me, erase_me;
    }
    with_parameters {
        me: remove_companion;
        claims: release_claim;
        postcards: get_postcard;
    }
}
