//! Routes for operators only, which commands call on a private socket. They are not in the API document, and no address
//! serves them.

pub mod codes;
pub mod passports;
pub mod publications;
