//! Routes for organisers.

pub(in crate::http) mod carnival_edits;
pub(in crate::http) mod code_reissue;
pub(in crate::http) mod printables;
pub(in crate::http) mod publish;
pub(in crate::http) mod reports;
pub(in crate::http) mod residents;
pub(in crate::http) mod staff;
pub(in crate::http) mod stock;
pub(in crate::http) mod summary;
pub(in crate::http) mod suspicions;

routes! {
    publish: publish_carnival, get_carnival_file, list_versions, get_version, roll_back_version;
    carnival_edits: close_point, reopen_point, move_route, set_notice;
    code_reissue: reissue_code;
    stock: put_stock;
    reports: get_check_ins, get_redemptions, get_movements, get_ledger;
    residents: erase_resident;
    summary: get_summary;
    suspicions: resolve_suspicion;
    staff: invite_staff, list_staff, end_staff, renew_staff_link;
    printables: get_poster, get_posters, print_passports, get_volunteer_card;
}
