//! What is printed or drawn: codes, postcards, posters and cards.

pub mod codes;
pub mod postcard;
pub mod poster_inspection;
pub mod print_documents;
pub mod render_pool;
