//! Routes for operators only, which commands call on a private socket. They are not in the API document, and no address
//! serves them.

pub mod codes;
pub mod passports;
pub mod publications;

/// Registers these routes.
pub(in crate::http) fn register(config: &mut actix_web::web::ServiceConfig) {
    config
        .service(codes::list_codes)
        .service(passports::create_passports)
        .service(publications::publish_file)
        .service(publications::publish_version);
}
