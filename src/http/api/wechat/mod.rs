//! Routes that WeChat calls.

pub(in crate::http) mod events;

routes! {
    events: verify_push_address, receive_push;
}
