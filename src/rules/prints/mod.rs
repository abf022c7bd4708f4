//! What is printed or drawn: postcards, greetings, and the state of the posters.

pub mod greeting;
pub mod postcard;
pub mod poster_state;
