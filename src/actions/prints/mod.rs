//! What is printed or drawn: codes, postcards, posters and cards.

pub mod postcard;
pub mod poster_checks;
pub mod print_documents;
pub mod printed_codes;
pub mod render_pool;
