//! The tests of the whole house, in one binary.

mod store_embedded;
mod store_suite;
