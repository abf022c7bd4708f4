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
    publish::publish_carnival,
    publish::get_carnival_file,
    publish::list_versions,
    publish::get_version,
    publish::roll_back_version,
    carnival_edits::close_point,
    carnival_edits::reopen_point,
    carnival_edits::move_route,
    carnival_edits::set_notice,
    code_reissue::reissue_code,
    stock::put_stock,
    reports::get_check_ins,
    reports::get_redemptions,
    reports::get_movements,
    reports::get_ledger,
    residents::erase_resident,
    summary::get_summary,
    suspicions::resolve_suspicion,
    staff::invite_staff,
    staff::list_staff,
    staff::end_staff,
    staff::renew_staff_link,
    printables::get_poster,
    printables::get_posters,
    printables::print_passports,
    printables::get_volunteer_card,
}
