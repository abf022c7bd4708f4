//! Routes for organisers.

pub(in crate::http) mod carnival_edits;
pub(in crate::http) mod code_reissue;
pub(in crate::http) mod edit_views;
pub(in crate::http) mod printables;
pub(in crate::http) mod publish;
pub(in crate::http) mod reports;
pub(in crate::http) mod residents;
pub(in crate::http) mod rosters;
pub(in crate::http) mod staff;
pub(in crate::http) mod staff_devices;
pub(in crate::http) mod staff_list;
pub(in crate::http) mod stock;
pub(in crate::http) mod summary;
pub(in crate::http) mod suspicions;

routes! {
    fixed {
        publish: publish_carnival, get_carnival_file, list_versions;
        carnival_edits: set_notice;
        reports: get_check_ins, get_redemptions, get_movements, get_ledger, get_hours;
        summary: get_summary;
        staff: invite_staff, list_staff;
        rosters: invite_roster, print_roster;
        printables: get_posters, print_passports, get_volunteer_card;
    }
    with_parameters {
        publish: get_version, roll_back_version;
        carnival_edits: close_point, reopen_point, move_route;
        code_reissue: reissue_code;
        stock: put_stock;
        residents: erase_resident;
        suspicions: resolve_suspicion;
        staff: change_invitation, end_staff, renew_staff_link;
        staff_devices: decide_device, correct_hours;
        printables: get_poster;
    }
}
