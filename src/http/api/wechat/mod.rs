//! Routes that WeChat calls.

pub(in crate::http) mod events;

routes! {
    fixed {
        events: verify_push_address, receive_push;
    }
    with_parameters {}
}
